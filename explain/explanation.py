"""What `explain.explain` returns: attributions with their errors, and the faces that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from explain.faces import Face
from explain.protocol import Floats, Scale, Task

if TYPE_CHECKING:
    import pandas as pd

    from candor.report import Page

Label = Literal["exact", "estimated", "approximate"]

ARRAYS = (
    "values",
    "base_values",
    "standard_errors",
    "background_errors",
    "row_labels",
    "rows",
    "predictions",
    "importance_errors",
    "y",
)
"""Fields that are arrays."""

WEAKEST_LAST = ("exact", "estimated", "approximate")


@dataclass(frozen=True)
class Verification:
    """How the values were checked against the deployed model's own predictions.

    Parameters
    ----------
    gap : float
        Largest |base + sum of values - prediction| over all rows and outputs.
    base_gap : float
        Largest |base - mean prediction of the background|.
    tolerance : float
        Gap that is allowed.
    n_rows : int
        Rows that were checked: all that are explained.
    fallback_rows : int
        Rows whose values missed the tolerance on a quicker route and were computed again.
    note : str
        What the reader should know of the check; empty where nothing is to be said.
    """

    gap: float
    base_gap: float
    tolerance: float
    n_rows: int
    fallback_rows: int = 0
    note: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Face):
    """Shapley values of a model's output, in raw columns.

    n rows, p columns (players), K classes; K only where there are more than two classes.

    Parameters
    ----------
    values : ndarray of float64, shape (n, p) or (n, p, K)
        For the second of two classes; in units of `scale`.
    base_values : float64 or ndarray of float64, shape (K,)
        Mean output over the background. ``base_values + values.sum(axis=1)`` is the prediction.
    standard_errors : ndarray of float64, shape of `values`
        Of estimating the values that the given background would give exactly; 0 where exact.
    background_errors : ndarray of float64, shape of `values`
        Of the given background being a sample of a population; NaN where not measured.
    row_labels : ndarray of str, shape (n,)
        exact, estimated or approximate.
    columns : tuple of str
        Names of the players: raw columns, or groups of them.
    groups : mapping of str to tuple of str
        Raw columns of each player.
    scale : {"margin", "probability", "response"}
        What the values add up to. margin: log-odds, log-probabilities up to a constant, or, of a
        model without probabilities, its decision function; probability; the predicted value.
    unit : str
        Its unit in words, such as "log-odds" or "score (decision function)".
    task : {"binary", "multiclass", "regression"}
    classes : tuple
        Labels; empty for regression.
    data : DataFrame, shape (n, raw columns)
        The explained rows.
    rows : ndarray of int64, shape (n,)
        Their positions in X as given.
    predictions : ndarray of float64, shape (n,) or (n, K)
        The model's own output on `scale`.
    importance_errors : ndarray of float64, shape (p,) or (p, K)
        Background error of the mean absolute value of each column; NaN where not measured.
    y : ndarray, shape (n,), or None
        True targets, where given.
    model : str
        What was explained.
    route : str
        How the values were computed, in words.
    method : {"interventional", "path_dependent"}
        Which game: absent columns take the background's values, or the trees' own branch shares.
    n_background : int
        Rows of the background that were used.
    background_size : int
        Rows of the background as given.
    evaluations : int
        Rows that the model predicted to get the values.
    rows_used : str
        Which rows these are, in words.
    verification : Verification
        How the values were checked.
    seed : int
        Seed of all sampling.
    exact_on : tuple of Scale
        Other scales, on which values of this model are exact, where these are not.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import explain
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> found = explain(LinearRegression().fit(X, 2 * X["a"] - X["b"]), X)
    >>> found.label, found.labels[3].tolist()
    ('exact', ['exact', 'exact'])
    >>> found.lines()[2]
    'a and b carry 100 % of the attribution.'
    >>> found.importance()[["column", "value"]].round(6).to_numpy().tolist()
    [['a', 2.0], ['b', 0.5]]
    >>> found.row_lines(3)
    ['prediction: 2.5 on average, 6 for row 3.', 'a = 3 raises it by 3', 'b = 0 raises it by 0.5']
    >>> found.similar(3, k=1)["row"].tolist()
    [2]
    >>> low, high = found.interval(confidence=0.9)
    >>> bool((low <= found.values).all() and (found.values <= high).all())
    True
    >>> found.to_frame().shape, found.to_shap().values.shape
    ((8, 10), (4, 2))
    >>> found.to_json()[:34]
    '{"schema": "candor.explanation/1",'
    >>> chart = found.plot("waterfall", row=3)
    >>> [section.title for section in found.page().sections][:2]
    ['What drives the predictions', 'Single rows']
    >>> found.report(tempfile.mkdtemp() + "/explanation.html").name
    'explanation.html'
    """

    schema: ClassVar[str] = "candor.explanation/1"

    values: Floats
    base_values: Any
    standard_errors: Floats
    background_errors: Floats
    row_labels: NDArray[np.str_]
    columns: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    scale: Scale
    unit: str
    task: Task
    classes: tuple[Any, ...]
    data: pd.DataFrame
    rows: NDArray[np.int64]
    predictions: Floats
    importance_errors: Floats
    y: NDArray[Any] | None
    model: str
    route: str
    method: Literal["interventional", "path_dependent"]
    n_background: int
    background_size: int
    evaluations: int
    rows_used: str
    verification: Verification
    seed: int
    exact_on: tuple[Scale, ...] = ()

    def __post_init__(self) -> None:
        """Make the arrays read-only: what was verified stays as it was."""
        for name in ARRAYS:
            array = getattr(self, name)
            if isinstance(array, np.ndarray):
                fixed = array.view()
                fixed.flags.writeable = False
                object.__setattr__(self, name, fixed)

    @property
    def labels(self) -> NDArray[np.str_]:
        """Label of each value, shape of `values` (a read-only view)."""
        spread = self.row_labels.reshape(-1, *[1] * (self.values.ndim - 1))
        return np.broadcast_to(spread, self.values.shape)

    @property
    def label(self) -> Label:
        """The weakest of the labels."""
        present = set(self.row_labels.tolist())
        return max(present, key=WEAKEST_LAST.index)

    def importance(self, confidence: float = 0.95, output: Any = None) -> pd.DataFrame:
        r"""Return the mean absolute value of each column, the largest first.

        Parameters
        ----------
        confidence : float, default 0.95
            Of the intervals.
        output : label, optional
            One class of several; by default the mean over the classes.

        Returns
        -------
        DataFrame
            Columns: column, value, low, high, share (of the sum), rank, rank_low, rank_high.

        Raises
        ------
        ArgumentError
            There is no such class, or the confidence is not between 0 and 1.

        Notes
        -----
        :math:`\frac{1}{n} \sum_i |\phi_{ij}|`, with the upward bias of noisy values taken off.
        The error has three parts: the spread over rows, the values' own errors, and the
        background's.
        """
        from explain.showing.importance import importance_frame

        return importance_frame(self, confidence, output)

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of each value's interval, for both kinds of error together.

        Parameters
        ----------
        confidence : float, default 0.95
            Share of intervals that hold what a background of the whole population would give.

        Returns
        -------
        tuple of ndarray of float64, each of the shape of `values`
            Where the background's error was not measured, the sampling error alone.

        Raises
        ------
        ArgumentError
            The confidence is not between 0 and 1.
        """
        from explain.showing.serial import interval

        return interval(self, confidence)

    def row_lines(self, row: int, output: Any = None) -> list[str]:
        """Tell one row's prediction in sentences, from the average to its own.

        Parameters
        ----------
        row : int
            Position among the explained rows, from 0.
        output : label, optional
            One class of several; by default the row's likeliest.

        Returns
        -------
        list of str
            First the average and the prediction, then one line a column.

        Raises
        ------
        ArgumentError
            There is no such row or class.
        """
        from explain.showing.rows import row_sentences

        return row_sentences(self, row, output)

    def similar(self, row: int, k: int = 5) -> pd.DataFrame:
        """Return the explained rows whose contributions are nearest to one row's.

        Parameters
        ----------
        row : int
            Position among the explained rows, from 0.
        k : int, default 5
            How many.

        Returns
        -------
        DataFrame
            Columns: row, distance (Euclidean, between contributions), prediction and y where
            there are, then the raw columns.

        Raises
        ------
        ArgumentError
            There is no such row.
        """
        from explain.showing.rows import similar_rows

        return similar_rows(self, row, k)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per explained row, column and output.

        Returns
        -------
        DataFrame
            Columns: row, column, output, data (the row's own value; of a group a tuple), value,
            standard_error, background_error, low, high (95 %), label.
        """
        from explain.showing.serial import tidy

        return tidy(self)

    def to_shap(self) -> Any:
        """Return a ``shap.Explanation``, so that shap's plots work.

        Returns
        -------
        shap.Explanation
            Values of shape (n, p) or (n, p, K), base values for each row.
        """
        from explain.showing.serial import to_shap

        return to_shap(self)

    def page(self) -> Page:
        """Return the explanation as a page.

        Returns
        -------
        candor.report.Page
            Sections: what drives the predictions, how each column acts, single rows, trust.
        """
        from explain.showing.sections import page

        return page(self)

    def lines(self) -> list[str]:
        """Return what the explanation says, in plain sentences.

        Returns
        -------
        list of str
            What was explained, the main columns, how exact it is, and bars.
        """
        from explain.showing.summary import story

        return story(self)

    def _content(self) -> Mapping[str, Any]:
        from explain.showing.serial import content

        return content(self)

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        from functools import partial

        from explain.showing import pictures

        return {
            "importance": partial(pictures.importance_chart, self),
            "summary": partial(pictures.summary_chart, self),
            "waterfall": partial(pictures.waterfall_chart, self),
            "dependence": partial(pictures.dependence_chart, self),
        }
