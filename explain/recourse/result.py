"""What `counterfactuals` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from explain.faces import Face
from explain.protocol import Floats, Scale
from explain.recourse import showing
from explain.recourse.limits import Limit
from explain.recourse.words import sentences

if TYPE_CHECKING:
    from candor.report import Page


@dataclass(frozen=True, eq=False)
class Miss:
    """The candidate that came nearest to what is wanted.

    Parameters
    ----------
    changes : DataFrame
        As in `Counterfactuals`, option 0.
    score : float
        On the result's scale; NaN where the model gives labels only.
    needed : float
        About what is needed; NaN where it is not known.
    """

    changes: pd.DataFrame
    score: float
    needed: float


@dataclass(frozen=True, eq=False, repr=False)
class Counterfactuals(Face):
    """Rows near to one row of which the model says something else.

    Parameters
    ----------
    rows : DataFrame
        One row an option, the cheapest first: the model's raw columns in the row's types, as
        ``model.predict`` takes them. Empty where none was found.
    row : DataFrame
        The row in question.
    changes : DataFrame
        One row a change: option (from 1), column, from, to, cost, from_share, to_share (the share
        of the data below, and half of the share that is equal; NaN for levels).
    costs : ndarray of float64, shape (n_options,)
        Sums of the costs of changes: a number or time costs the share of the data between old
        and new value, a level 1.
    predictions : ndarray of float64, shape (n_options,)
        The model's score of each option on `scale`; NaN where it gives labels only.
    prediction : float
        That of the row.
    said : object
        The model's label or value of the row.
    wanted : object
        The label, or (low, high) for values.
    scale : {"probability", "margin", "response"}
        Of scores: of the wanted class, or values. margin where there is no probability.
    binding : tuple of Limit
        Where none was found: the limits that stand in the way.
    together : bool
        Whether none of `binding` was found to leave an option when it alone is lifted.
    unlifted : int
        Where none was found: limits that were not lifted by themselves, there being very many, or
        very many columns.
    nearest : Miss or None
        Where none was found: what came nearest.
    fixed : tuple of str
        Columns that could not have changed with any limits: free text, or one value only.
    free : int
        Columns that may change within the limits.
    left_out : int
        Columns that may change and were not tried: of more than 300, those with which the model's
        scores go least.
    every : bool
        Whether all combinations of the values that occur have been tried.
    tried : int
        Candidates that the model judged.
    model : str
        What was asked.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from explain import counterfactuals
    >>> X = pd.DataFrame({"income": [10, 20, 30, 40] * 5, "age": [20, 30, 40, 50, 60] * 4})
    >>> y = (X["income"] > 25).map({True: "yes", False: "no"})
    >>> model = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> options = counterfactuals(model, X.iloc[[0]], data=X, immutable=("age",))
    >>> options.found, options.rows.to_dict("records")
    (True, [{'income': 30, 'age': 20}])
    >>> print(options.lines()[1])
    1. income 10 → 30 (cost 0.50, probability 100 %)
    >>> options.to_frame()[["option", "column", "from", "to", "cost"]].to_numpy().tolist()
    [[1, 'income', 10, 30, 0.5]]
    >>> chart, page, text = options.plot(), options.page(), options.to_json()
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     options.report(pathlib.Path(folder) / "options.html").exists()
    True
    """

    schema: ClassVar[str] = "candor.counterfactuals/1"

    rows: pd.DataFrame
    row: pd.DataFrame
    changes: pd.DataFrame
    costs: Floats
    predictions: Floats
    prediction: float
    said: Any
    wanted: Any
    scale: Scale
    binding: tuple[Limit, ...]
    together: bool
    unlifted: int
    nearest: Miss | None
    fixed: tuple[str, ...]
    free: int
    left_out: int
    every: bool
    tried: int
    model: str

    @property
    def found(self) -> bool:
        """Whether there is an option."""
        return len(self.rows) > 0

    def to_frame(self) -> pd.DataFrame:
        """Return one row a change.

        Returns
        -------
        DataFrame
            `changes`, and of each option total_cost and prediction.
        """
        places = self.changes["option"].to_numpy(dtype="int64") - 1
        return self.changes.assign(
            total_cost=self.costs[places], prediction=self.predictions[places]
        )

    def lines(self) -> list[str]:
        """Return the options in words, or what stands in the way.

        Returns
        -------
        list of str
            What the model says, one line an option, and what this does not mean.
        """
        return list(sentences(self))

    def page(self) -> Page:
        """Return the options as a page.

        Returns
        -------
        candor.report.Page
            In words, in a picture and a table.
        """
        return showing.page_of(self)

    def _content(self) -> Mapping[str, Any]:
        return showing.content_of(self)

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"changes": lambda: showing.picture_of(self)}
