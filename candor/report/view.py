"""From the values of a page to what its templates show: only texts and places, no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass

from candor.report.cells import unbroken
from candor.report.errors import PageError
from candor.report.store import Store
from candor.report.table_view import TableView, table_view
from candor.report.values import Answer, Block, Chart, Choice, Page, Section, Table


@dataclass(frozen=True)
class ChartView:
    """A chart: the names of its specification and its data in the page's store."""

    place: str
    caption: str
    alt: str
    spec: str
    data: tuple[str, ...]
    kind: str = "chart"


@dataclass(frozen=True)
class TextView:
    """A paragraph and the points under it."""

    paragraphs: tuple[str, ...]
    items: tuple[str, ...]
    tone: str
    kind: str = "text"


@dataclass(frozen=True)
class OptionView:
    """An alternative and what is shown when it is picked."""

    place: str
    name: str
    blocks: tuple[BlockView, ...]
    picked: bool


@dataclass(frozen=True)
class ChoiceView:
    """Alternatives, one of them picked."""

    place: str
    label: str
    control: str
    start: int
    options: tuple[OptionView, ...]
    kind: str = "choice"


BlockView = TableView | ChartView | TextView | ChoiceView


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
    blocks: tuple[BlockView, ...]
    sections: tuple[SectionView, ...]
    store: tuple[tuple[str, str], ...]

    @property
    def has_charts(self) -> bool:
        """Whether anything has to be drawn."""
        return bool(self.store)


def page_view(page: Page) -> PageView:
    """Prepare a page for its template.

    An answer of the lead becomes a link to the section that it names, or whose conclusion it is.
    """
    store = Store()
    blocks = _blocks("s0", page.blocks, store)
    sections = tuple(_section(number, part, store) for number, part in enumerate(page.sections, 1))
    lead = tuple(_lead(one, sections) for one in page.lead)
    return PageView(page.title, lead, blocks, sections, store.texts)


def _lead(one: str | Answer, sections: tuple[SectionView, ...]) -> LeadView:
    """Find the first section that an answer opens."""
    text = unbroken(one if isinstance(one, str) else one.text)
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


def _section(number: int, section: Section, store: Store) -> SectionView:
    place = "-".join(filter(None, [f"s{number}", _slug(section.title)]))
    blocks = _blocks(f"s{number}", section.blocks, store)
    return SectionView(
        place, section.title, unbroken(section.conclusion), blocks, _paragraphs(section.method)
    )


def _slug(title: str) -> str:
    """Return the letters and digits of a title, as far as every browser takes them in a link."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-")


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(unbroken(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _blocks(place: str, blocks: tuple[Block, ...], store: Store) -> tuple[BlockView, ...]:
    """Prepare blocks; each is named after where it stands."""
    return tuple(
        _block(f"{place}-b{position}", block, store) for position, block in enumerate(blocks, 1)
    )


def _block(place: str, block: Block, store: Store) -> BlockView:
    if isinstance(block, Table):
        return table_view(place, block)
    if isinstance(block, Chart):
        return ChartView(place, unbroken(block.caption), block.alt, *store.keep(block.spec))
    if isinstance(block, Choice):
        return _choice(place, block, store)
    items = tuple(unbroken(item) for item in block.items)
    return TextView(_paragraphs(block.text), items, block.tone)


def _choice(place: str, choice: Choice, store: Store) -> ChoiceView:
    if choice.kind not in ("list", "slider"):
        raise PageError(
            f"a choice cannot be made by {choice.kind!r}", hint='kind="list" or kind="slider"'
        )
    if not 0 <= choice.start < len(choice.options):
        raise PageError(
            f"the choice {choice.label!r} starts with an option that is not there",
            got=f"start={choice.start}, {len(choice.options)} options",
        )
    options = tuple(
        OptionView(
            f"{place}-o{number}",
            option.name,
            _blocks(f"{place}-o{number}", option.blocks, store),
            number - 1 == choice.start,
        )
        for number, option in enumerate(choice.options, 1)
    )
    return ChoiceView(place, choice.label, choice.kind, choice.start, options)
