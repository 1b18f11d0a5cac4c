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
        What the values add up to: log-odds (log-probabilities up to a constant), probability, or
        the predicted value.
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

    def to_frame(self) -> pd.DataFrame:
        """Return one row per explained row, column and output."""
        raise NotImplementedError

    def page(self) -> Page:
        """Return the explanation as a page."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return what the explanation says, in plain sentences."""
        raise NotImplementedError

    def _content(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        raise NotImplementedError
