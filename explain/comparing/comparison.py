"""How two models' explanations of the same rows differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.errors import ArgumentError, ArgumentTypeError
from explain.explanation import Explanation
from explain.faces import Face
from explain.protocol import Floats, Scale
from explain.settings import check_count, check_share
from explain.showing.words import amount, listed, number, plural, records, short
from explain.units import in_unit


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Face):
    """Two explanations of the same rows, columns and scale.

    Parameters
    ----------
    table : DataFrame
        column, first, second (mean absolute values), difference (second less first), low, high
        (paired over rows), flips (share of rows in which the sign differs); the largest
        difference first.
    rank_correlation : float
        Spearman's, of the two importances.
    same_top : float
        Share of rows with the same strongest column.
    row_correlation : float
        Mean over rows of Spearman's correlation of absolute values.
    farthest : ndarray of int64
        Positions of the rows that differ most, the farthest first.
    models : tuple of str
        What is compared.
    scale : {"margin", "probability", "response"}
        Of both.
    unit : str
        Its unit in words.
    n_rows : int
        Rows that are compared.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import compare, explain
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> models = [LinearRegression().fit(X, k * X["a"] - X["b"]) for k in (2, -2)]
    >>> found = compare(*(explain(model, X) for model in models))
    >>> found.lines()[1]
    'a: 2 and 2, difference 0 [0, 0]; the sign differs in 100 % of rows'
    >>> found.to_frame()["flips"].tolist()
    [1.0, 0.0]
    >>> found.to_json()[:33]
    '{"schema": "candor.comparison/1",'
    >>> chart = found.plot("bars")
    >>> found.page().title
    'Two explanations'
    >>> found.report(tempfile.mkdtemp() + "/comparison.html").name
    'comparison.html'
    """

    schema: ClassVar[str] = "candor.comparison/1"

    table: pd.DataFrame
    rank_correlation: float
    same_top: float
    row_correlation: float
    farthest: np.ndarray[Any, np.dtype[np.int64]]
    models: tuple[str, str]
    scale: Scale
    unit: str
    n_rows: int

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a column.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return how the two differ.

        Returns
        -------
        list of str
            Agreement first, then the columns of the largest difference.
        """
        if not self.table[["first", "second"]].to_numpy().any():
            return [f"{self._named()}: neither reacts to any column"]
        head = (
            f"{self._named()}: rank correlation of importances {number(self.rank_correlation)}, "
            f"the same strongest column in {100 * self.same_top:.0f} % of rows"
        )
        return [
            head,
            *(
                f"{short(row.column)}: {number(row.first)} and {number(row.second)}, difference "
                f"{amount(row.difference, self.scale)} [{amount(row.low, self.scale)}, "
                f"{amount(row.high, self.scale)}]; the sign differs in "
                f"{100 * row.flips:.0f} % of rows"
                for row in records(self.table.head(10))
            ),
        ]

    def _named(self) -> str:
        models = " and ".join(short(one) for one in self.models)
        return f"{models} on {plural(self.n_rows, 'row')}"

    def page(self) -> Page:
        """Return the comparison as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table.
        """
        lines = self.lines()
        alt = "; ".join(lines[1:4]) or lines[0]
        blocks = (
            as_block(self._bars(), "Difference of mean absolute values", alt),
            Table(self.table, "All columns", formats={"flips": ".1%"}),
        )
        section = Section("Comparison", lines[0], blocks)
        return Page("Two explanations", (Answer(lines[0], "Comparison"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "models": list(self.models),
            "scale": self.scale,
            "unit": self.unit,
            "n_rows": self.n_rows,
            "rank_correlation": self.rank_correlation,
            "same_top": self.same_top,
            "row_correlation": self.row_correlation,
            "farthest": self.farthest,
            "columns": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        check_count(top, "top")
        unit = in_unit("difference of mean absolute values", self.unit)
        return interval_bars(
            self.table.head(top),
            label="column",
            value="difference",
            low="low",
            high="high",
            unit=unit,
        )


def compare(first: Explanation, second: Explanation, *, confidence: float = 0.95) -> Comparison:
    r"""Compare two explanations of the same rows.

    Parameters
    ----------
    first, second : Explanation
        With equal columns, scale, classes and rows.
    confidence : float, default 0.95
        Of the intervals.

    Returns
    -------
    Comparison
        Importance side by side, agreement by row, and the rows that differ most.

    Raises
    ------
    ArgumentError
        The two do not explain the same, or the confidence is not between 0 and 1.
    ArgumentTypeError
        One is no explanation.

    Notes
    -----
    The difference of column j is that of the mean absolute values,

    .. math:: d_j = \frac{1}{n} \sum_i |\phi^{(2)}_{ij}| - |\phi^{(1)}_{ij}|

    in units of the scale, of several classes after their mean. Its interval is
    :math:`d_j \pm z s_j / \sqrt n`, s being the standard deviation of the n paired differences;
    the values' own errors are not in it. ``flips`` is the share of rows in which the two values
    have opposite signs. Rank correlations are Spearman's.

    References
    ----------
    Krishna, Han, Gu, Wu, Jabbari and Lakkaraju, "The disagreement problem in explainable machine
    learning: a practitioner's perspective", 2024 (agreement of signs, ranks and top columns).

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import compare, explain
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> models = [LinearRegression().fit(X, k * X["a"] - X["b"]) for k in (2, 1)]
    >>> found = compare(*(explain(model, X) for model in models))
    >>> found.to_frame()[["column", "difference"]].round(6).to_numpy().tolist()
    [['a', -1.0], ['b', 0.0]]
    """
    check_share(confidence)
    _check(first, second)
    a, b = _without_rounding(first.values, second.values)
    sizes, others = _sizes(a), _sizes(b)
    gap = _without_rounding(others - sizes, sizes)[0]
    n = len(gap)
    error = gap.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(gap.shape[1], np.nan)
    reach = norm.ppf((1 + confidence) / 2) * error
    mean = gap.mean(axis=0)
    flips = (np.sign(a) * np.sign(b) < 0).reshape(n, gap.shape[1], -1)
    table = pd.DataFrame(
        {
            "column": list(first.columns),
            "first": sizes.mean(axis=0),
            "second": others.mean(axis=0),
            "difference": mean,
            "low": mean - reach,
            "high": mean + reach,
            "flips": flips.mean(axis=(0, 2)),
        }
    )
    order = np.argsort(-np.abs(mean), kind="stable")
    distance = ((first.values - second.values) ** 2).reshape(n, -1).sum(axis=1)
    return Comparison(
        table.iloc[order].reset_index(drop=True),
        _spearman(sizes.mean(axis=0), others.mean(axis=0)),
        float((sizes.argmax(axis=1) == others.argmax(axis=1)).mean()),
        float(np.mean([_spearman(*pair) for pair in zip(sizes, others, strict=True)])),
        np.argsort(-distance, kind="stable")[:10].astype(np.int64),
        (first.model, second.model),
        first.scale,
        first.unit,
        n,
    )


def _sizes(values: Floats) -> Floats:
    """Return absolute values, the mean over the outputs: shape (n, p)."""
    return np.asarray(np.abs(values).reshape(*values.shape[:2], -1).mean(axis=2))


def _without_rounding(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Set to 0 what is no more than the rounding of the largest value."""
    most = 1e-12 * max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
    return np.where(np.abs(one) > most, one, 0.0), np.where(np.abs(other) > most, other, 0.0)


def _check(first: Any, second: Any) -> None:
    for one in (first, second):
        if not isinstance(one, Explanation):
            raise ArgumentTypeError(
                "two explanations can be compared",
                got=type(one).__name__,
                hint="explain.explain(model, X)",
            )
    for what, a, b in (
        ("columns", first.columns, second.columns),
        ("groups", dict(first.groups), dict(second.groups)),
        ("scale", first.scale, second.scale),
        ("unit", first.unit, second.unit),
        ("classes", first.classes, second.classes),
        ("rows", first.rows.tolist(), second.rows.tolist()),
    ):
        if a != b:
            raise ArgumentError(
                f"the two explanations differ in their {what}",
                got=_difference(a, b),
                hint="explain both models on the same X, with the same scale, max_rows and seed",
            )
    other = next(
        (name for name in first.data if not _same_cells(first.data[name], second.data[name])), None
    )
    if other is not None:
        raise ArgumentError(
            "the two explanations are of different rows",
            got=f"other values of {short(other)}",
            hint="explain both models on the same X",
        )


def _difference(first: Any, second: Any) -> str:
    """Say in what two values differ, of lists which entries one of them lacks."""
    if not isinstance(first, tuple | list | dict):
        return f"{short(first, 60)} and {short(second, 60)}"
    only = [
        f"only in the {which}: {listed([one for one in these if one not in known])}"
        for which, these, known in (("first", first, set(second)), ("second", second, set(first)))
        if set(these) - known
    ]
    if only:
        return "; ".join(only)
    if isinstance(first, dict):
        name = next(one for one in first if first[one] != second[one])
        return f"{short(name)}: {listed(first[name])}, and {listed(second[name])}"
    return f"the same {len(first):,} in another order"


def _same_cells(one: pd.Series[Any], other: pd.Series[Any]) -> bool:
    """Say whether two columns hold the same values, whatever their storage types."""
    a, b = one.to_numpy(dtype=object), other.to_numpy(dtype=object)
    return bool(((a == b) | (pd.isna(a) & pd.isna(b))).all())


def _spearman(one: Floats, other: Floats) -> float:
    """Return the rank correlation; 1 where neither varies, 0 where one does not."""
    a, b = rankdata(one), rankdata(other)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float(np.ptp(a) == np.ptp(b))
    return float(np.corrcoef(a, b)[0, 1])
