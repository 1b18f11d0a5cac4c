"""From a frame to the cells that a page shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from candor.frames import is_missing
from candor.report.cells import cell_text, is_number, sort_key, unbroken
from candor.report.values import Table

FILTERED_FROM = 16
"""Rows from which on a table has a field to filter it by."""


BRIEF = 24
"""Characters up to which the cells of a column stand on one line."""

LONG = 40
"""Characters from which on a column is given room, and wraps."""


ABREAST = 9
"""Columns that paper shows beside each other in letters that can be read."""


PRINTED = 60
"""Rows up to which paper shows a folded table whole."""


@dataclass(frozen=True)
class ColumnView:
    """Head of a column.

    Parameters
    ----------
    name : str
    number : bool
        Whether its cells are set to the right.
    size : {"brief", "middle", "long"}
        How long its texts are.
    """

    name: str
    number: bool
    size: str

    @property
    def kind(self) -> str:
        """Class of its cells."""
        return "number" if self.number else self.size


@dataclass(frozen=True)
class CellView:
    """A cell as people read it, and the number it is sorted by."""

    text: str
    key: str


@dataclass(frozen=True)
class TableView:
    """A table, cell by cell."""

    place: str
    caption: str
    columns: tuple[ColumnView, ...]
    rows: tuple[tuple[CellView, ...], ...]
    notes: tuple[str, ...]
    fold: int
    kind: str = "table"

    @property
    def folded(self) -> int:
        """Rows beyond the fold; a single one is not worth a button."""
        beyond = len(self.rows) - self.fold
        return beyond if beyond > 1 else 0

    @property
    def filtered(self) -> bool:
        """Whether it is long enough to look for rows in it."""
        return len(self.rows) >= FILTERED_FROM

    @property
    def breadth(self) -> str:
        """How paper sets it, by the number of columns: as usual, smaller, or row by row."""
        return "wide stacked" if self.stacked else "wide" if len(self.columns) > 7 else ""

    @property
    def stacked(self) -> bool:
        """Whether paper is too narrow for it, and shows each row as heads with their values."""
        return len(self.columns) > ABREAST

    @property
    def classes(self) -> str:
        """Its classes: how small paper sets it, and whether paper shows all of its rows."""
        unfolds = "unfolds" if self.folded and len(self.rows) <= PRINTED else ""
        return " ".join(filter(None, (self.breadth, unfolds)))


def table_view(place: str, table: Table) -> TableView:
    """Write the cells of a table."""
    columns = list(frame_columns(table.frame))
    written = [
        [CellView(cell_text(cell, _format(table, label)), sort_key(cell)) for cell in cells]
        for label, cells in columns
    ]
    heads = tuple(
        ColumnView(column_name(label), is_numeric(cells), _size(shown))
        for (label, cells), shown in zip(columns, written, strict=True)
    )
    rows = tuple(zip(*written, strict=True))
    notes = tuple(map(unbroken, table.notes))
    return TableView(place, unbroken(table.caption), heads, rows, notes, max(table.fold, 0))


def _format(table: Table, label: Hashable) -> str:
    return table.formats.get(column_name(label), "")


def _size(cells: list[CellView]) -> str:
    """Say whether a column's texts stay on one line, or need room to wrap."""
    longest = max((len(cell.text) for cell in cells), default=0)
    return "brief" if longest <= BRIEF else "middle" if longest < LONG else "long"


def frame_columns(frame: pd.DataFrame) -> Iterable[tuple[Hashable, list[Any]]]:
    """Yield name and cells of each column; first those of an index that means something."""
    index = frame.index
    if any(name is not None for name in index.names) or not all(map(is_number, index)):
        for level, name in enumerate(index.names):
            yield ("" if name is None else name), list(index.get_level_values(level))
    for position, label in enumerate(frame.columns):
        yield label, frame.iloc[:, position].astype(object).tolist()


def column_name(label: Hashable) -> str:
    """Return a column's label as one line; the parts of several levels stand side by side."""
    parts = label if isinstance(label, tuple) else (label,)
    return " · ".join(str(part) for part in parts if str(part))


def is_numeric(cells: list[Any]) -> bool:
    """Say whether all cells that are not missing are numbers."""
    present = [cell for cell in cells if not is_missing(cell)]
    return bool(present) and all(map(is_number, present))
