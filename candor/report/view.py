"""From the values of a page to what its templates show: only texts and places, no markup."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from candor.frames import is_missing
from candor.report.cells import cell_text, is_number, sort_key
from candor.report.errors import PageError
from candor.report.specs import spec_json
from candor.report.values import Answer, Block, Chart, Page, Section, Table


@dataclass(frozen=True)
class ColumnView:
    """Head of a column; `number` says whether its cells are set to the right."""

    name: str
    number: bool


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


@dataclass(frozen=True)
class ChartView:
    """A chart: its specification as JSON that is safe inside a script element."""

    place: str
    caption: str
    alt: str
    spec: str
    kind: str = "chart"


@dataclass(frozen=True)
class TextView:
    """A paragraph and the points under it."""

    paragraphs: tuple[str, ...]
    items: tuple[str, ...]
    tone: str
    kind: str = "text"


BlockView = TableView | ChartView | TextView


@dataclass(frozen=True)
class SectionView:
    """A section with the name that links point to."""

    place: str
    title: str
    conclusion: str
    blocks: tuple[BlockView, ...]
    method: tuple[str, ...]


@dataclass(frozen=True)
class LeadView:
    """An answer, and the section that it opens (empty: none)."""

    text: str
    place: str


@dataclass(frozen=True)
class PageView:
    """Everything that a template shows."""

    title: str
    lead: tuple[LeadView, ...]
    sections: tuple[SectionView, ...]

    @property
    def has_charts(self) -> bool:
        """Whether anything has to be drawn."""
        return any(block.kind == "chart" for part in self.sections for block in part.blocks)


def page_view(page: Page) -> PageView:
    """Prepare a page for its template.

    An answer of the lead becomes a link to the section that it names, or whose conclusion it is.
    """
    sections = tuple(_section(number, part) for number, part in enumerate(page.sections, 1))
    lead = tuple(_lead(one, sections) for one in page.lead)
    return PageView(page.title, lead, sections)


def _lead(one: str | Answer, sections: tuple[SectionView, ...]) -> LeadView:
    """Find the first section that an answer opens."""
    text = _unbroken(one if isinstance(one, str) else one.text)
    if isinstance(one, str):
        places = (part.place for part in sections if part.conclusion == text)
        return LeadView(text, next(places, ""))
    if not one.section:
        return LeadView(text, "")
    for part in sections:
        if part.title == one.section:
            return LeadView(text, part.place)
    raise PageError(
        f"an answer opens a section that is not there: {one.section!r}",
        got=f"sections: {', '.join(part.title for part in sections) or 'none'}",
    )


def _section(number: int, section: Section) -> SectionView:
    place = "-".join(filter(None, [f"s{number}", _slug(section.title)]))
    blocks = tuple(
        _block(f"s{number}-b{position}", block) for position, block in enumerate(section.blocks, 1)
    )
    return SectionView(
        place, section.title, _unbroken(section.conclusion), blocks, _paragraphs(section.method)
    )


def _slug(title: str) -> str:
    """Return the letters and digits of a title, as far as every browser takes them in a link."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-")


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(_unbroken(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return re.sub(r"(?<=\d) %", "\N{NARROW NO-BREAK SPACE}%", text)


def _block(place: str, block: Block) -> BlockView:
    if isinstance(block, Table):
        return _table(place, block)
    if isinstance(block, Chart):
        return ChartView(place, block.caption, block.alt, spec_json(block.spec))
    items = tuple(_unbroken(item) for item in block.items)
    return TextView(_paragraphs(block.text), items, block.tone)


def _table(place: str, table: Table) -> TableView:
    columns = list(_columns(table.frame))
    heads = tuple(ColumnView(_name(label), _is_numeric(cells)) for label, cells in columns)
    written = [
        [
            CellView(cell_text(cell, table.formats.get(head.name, "")), sort_key(cell))
            for cell in cells
        ]
        for head, (_, cells) in zip(heads, columns, strict=True)
    ]
    rows = tuple(zip(*written, strict=True))
    return TableView(place, table.caption, heads, rows, table.notes, max(table.fold, 0))


def _columns(frame: pd.DataFrame) -> Iterable[tuple[Hashable, list[Any]]]:
    """Yield name and cells of each column; first those of an index that means something."""
    index = frame.index
    if any(name is not None for name in index.names) or not all(map(is_number, index)):
        for level, name in enumerate(index.names):
            yield ("" if name is None else name), list(index.get_level_values(level))
    for position, label in enumerate(frame.columns):
        yield label, frame.iloc[:, position].astype(object).tolist()


def _name(label: Hashable) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    return " · ".join(str(part) for part in parts if str(part))


def _is_numeric(cells: list[Any]) -> bool:
    """Say whether all cells that are not missing are numbers."""
    present = [cell for cell in cells if not is_missing(cell)]
    return bool(present) and all(map(is_number, present))
