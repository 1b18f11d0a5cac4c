"""Importance of columns as a result: how much worse a model does without what they tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.faces import Face
from explain.settings import check_count
from explain.showing.words import number, plural, records, short


@dataclass(frozen=True, eq=False, repr=False)
class ColumnImportance(Face):
    """How much the loss rises, or the score falls, without what columns tell.

    Parameters
    ----------
    table : DataFrame
        column, value, low, high (95 % by default), and for exchanges rank, rank_low, rank_high;
        the most important first.
    method : {"permutation", "drop-column"}
        Columns exchanged between rows, or the model refitted without them.
    score : str
        The loss or score.
    base : float
        It, of the model as it is.
    n_rows : int
        Rows that it was measured on.
    model : str
        Whose columns these are.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import permutation_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
    >>> found = permutation_importance(lambda rows: 2 * rows["a"], X, 2 * X["a"])
    >>> found.lines()[0]
    'Function · permutation importance in squared error on 400 rows; 0 as it is'
    >>> found.to_frame()["column"].tolist()
    ['a', 'b']
    >>> found.to_json()[:40]
    '{"schema": "candor.column_importance/1",'
    >>> chart = found.plot("bars", top=1)
    >>> found.page().title
    'What Function cannot do without'
    >>> found.report(tempfile.mkdtemp() + "/importance.html").name
    'importance.html'
    """

    schema: ClassVar[str] = "candor.column_importance/1"

    table: pd.DataFrame
    method: str
    score: str
    base: float
    n_rows: int
    model: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a column or group.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return what the importance says.

        Returns
        -------
        list of str
            A heading and a line for each of the top columns.
        """
        head = (
            f"{self.model} · {self.method} importance in {self.score} on "
            f"{plural(self.n_rows, 'row')}; {number(self._base())} as it is"
        )
        return [
            head,
            *(_line(row) for row in records(self.table.head(10))),
        ]

    def _base(self) -> float:
        """Return the loss as it is; 0 where it is the rounding of what it rises by."""
        largest = float(self.table["value"].abs().max())
        return 0.0 if abs(self.base) <= 1e-12 * largest else self.base

    def page(self) -> Page:
        """Return the importance as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table.
        """
        lines = self.lines()
        alt = "; ".join(lines[1:5])
        blocks = (as_block(self._bars(), lines[0], alt), Table(self.table, "All columns"))
        section = Section("Importance", alt, blocks, METHOD)
        title = f"What {short(self.model)} cannot do without"
        return Page(title, (Answer(lines[0], "Importance"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "method": self.method,
            "score": self.score,
            "base": self.base,
            "n_rows": self.n_rows,
            "columns": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        check_count(top, "top")
        frame = self.table.head(top)
        unit = f"change of {self.score}"
        return interval_bars(
            frame, label="column", value="value", low="low", high="high", unit=unit
        )


def _line(row: Any) -> str:
    if row.value == row.low == row.high == 0:
        return f"{short(row.column)}: no effect"
    return f"{short(row.column)}: {number(row.value)} [{number(row.low)}, {number(row.high)}]"


METHOD = (
    "Permutation: the mean rise of the loss when a column is exchanged between rows (Breiman "
    "2001; Fisher, Rudin and Dominici 2019). Drop-column: the rise of the held-out loss when the "
    "model is fitted again without the column (Lei et al. 2018). Correlated columns stand in for "
    "each other: give them as a group."
)
