"""Slices: parts of the rows with a higher mean loss, as a frozen result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.report import Answer, Block, Page, Section, Table, Text
from explain.cohorts.finding import holds
from explain.cohorts.wording import METHOD, slice_line
from explain.drawing import as_block, interval_bars
from explain.errors import ArgumentError
from explain.faces import Face
from explain.profiles import Condition
from explain.rows import read_rows
from explain.showing.words import number, plural, records


@dataclass(frozen=True, eq=False, repr=False)
class Slices(Face):
    """Parts of the rows on which the mean loss is higher than on the rest.

    Parameters
    ----------
    table : DataFrame
        slice (its conditions), columns (their names), n (rows of X in it), share (of the rows),
        n_tested (its rows in the second half); then, from the second half alone: loss and rest
        (mean losses inside and outside), difference, low, high (interval, simultaneous over all
        slices), effect (difference in standard deviations of the loss), loss_share (share of the
        sum of losses; NaN where a loss is negative), p (adjusted) and confirmed. The confirmed
        first, of these the one with the highest low end.
    conditions : tuple of tuple of Condition
        What each slice asks of a row; a row is in it where all hold.
    n_rows : int
        Rows of X.
    n_found, n_confirming : int
        Rows that slices were found on, and rows that they were tested on.
    tested : int
        Slices that were tested, with those that another one makes superfluous.
    mean_loss : float
        Over all rows.
    confidence : float
        Of all tests and all intervals together.
    notes : tuple of str
        What was left out.
    seed : int
        Of the split and the permutations.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain.cohorts import slices
    >>> X = pd.DataFrame({"age": np.arange(2000) % 60 + 20, "sex": ["f", "m"] * 1000})
    >>> wrong = (X["age"] < 30) & (np.random.default_rng(0).random(2000) < 0.5)
    >>> found = slices(X, wrong)
    >>> found.table[["slice", "n", "confirmed"]].to_numpy().tolist()
    [['age < 30', 340, True]]
    >>> int(found.mask(0, X).sum())
    340
    >>> print(found.lines()[1].partition(" [")[0])
    age < 30: mean loss 0.5698, elsewhere 0, difference 0.5698

    Its faces:

    >>> found.to_frame().shape, found.to_json()[:28]
    ((1, 14), '{"schema": "candor.slices/1"')
    >>> found.page().title, type(found.plot()).__name__
    ('Where the loss is high', 'LayerChart')
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found.report(pathlib.Path(folder) / "slices.html").exists()
    True
    """

    schema: ClassVar[str] = "candor.slices/1"

    table: pd.DataFrame
    conditions: tuple[tuple[Condition, ...], ...]
    n_rows: int
    n_found: int
    n_confirming: int
    tested: int
    mean_loss: float
    confidence: float
    notes: tuple[str, ...]
    seed: int

    def mask(self, k: int, X: Any) -> NDArray[np.bool_]:
        """Return which rows are in a slice.

        Parameters
        ----------
        k : int
            Position of the slice in `table`, from 0.
        X : table
            Any rows with the slice's columns.

        Returns
        -------
        ndarray of bool, shape (n_rows,)
            True for rows in it.

        Raises
        ------
        ArgumentError
            There is no such slice, or X lacks a column.
        """
        if not 0 <= k < len(self.conditions):
            raise ArgumentError(
                f"there is no slice {k}",
                got=plural(len(self.conditions), "slice"),
                hint="a position in .table, from 0",
            )
        return holds(self.conditions[k], read_rows(X, None))

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a slice.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return what the slices say.

        Returns
        -------
        list of str
            How many are confirmed, a line a slice, and what was left out.
        """
        return [self._head(), *(slice_line(row) for row in records(self.table)), *self.notes]

    def _head(self) -> str:
        n, sure = len(self.table), int(self.table["confirmed"].sum())
        where = f"mean loss {number(self.mean_loss)} on {plural(self.n_rows, 'row')}"
        if not n:
            return f"{where}; no part of them stands out"
        return (
            f"{where}; {plural(n, 'slice')} found on {self.n_found:,} of them, "
            f"{sure or 'none'} confirmed on the other {self.n_confirming:,}"
        )

    def page(self) -> Page:
        """Return the slices as a page.

        Returns
        -------
        candor.report.Page
            The slices in words, in a picture and a table.
        """
        head = self._head()
        said = tuple(slice_line(row) for row in records(self.table))
        blocks: list[Block] = []
        if said:
            caption = "Mean loss inside less mean loss outside, with simultaneous intervals"
            blocks += [
                Text("In words:", said),
                as_block(self._bars(), caption, "; ".join(said[:5])),
                Table(
                    self.table.drop(columns="columns"),
                    "Slices",
                    formats={"share": ".1%", "loss_share": ".1%", "n": ",d", "n_tested": ",d"}
                    | {"p": "p"},
                ),
            ]
        blocks += [Text(note, tone="note") for note in self.notes]
        section = Section("Slices", head, tuple(blocks), METHOD)
        return Page("Where the loss is high", (Answer(head, "Slices"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "n_rows": self.n_rows,
            "n_found": self.n_found,
            "n_confirming": self.n_confirming,
            "tested": self.tested,
            "mean_loss": self.mean_loss,
            "confidence": self.confidence,
            "seed": self.seed,
            "notes": list(self.notes),
            "slices": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        return interval_bars(
            self.table.head(top),
            label="slice",
            value="difference",
            low="low",
            high="high",
            unit="mean loss inside less outside",
        )
