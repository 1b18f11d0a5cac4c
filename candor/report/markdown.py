"""A page as Markdown, its charts as pictures beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from candor.report.errors import ReportError
from candor.report.escaping import escaped
from candor.report.html import showable
from candor.report.pictures import svg
from candor.report.table_view import TableView
from candor.report.values import Block, Chart, Choice, Page
from candor.report.view import BlockView, ChoiceView, PageView, SectionView, TextView, page_view
from candor.report.writing import check_place, write_whole
from candor.version import __version__

USUAL_NAME: Final = "report.md"

_OURS = re.compile(r"s\d+(-[bo]\d+)+\.svg")
"""Names of the pictures that a page leaves behind."""


def to_markdown(page: Page) -> str:
    """Return a page as Markdown; each chart is told in words.

    Parameters
    ----------
    page : Page
        What to show. Nothing in it is read as markup, as a link or as HTML.

    Returns
    -------
    str
        GitHub-flavoured Markdown. All options of a list are shown, one after the other; of a
        slider the stop that it starts at, and of a long table the rows before its fold.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.

    Examples
    --------
    >>> to_markdown(Page("Who is approved?", ("1 < 2 groups differ.",))).splitlines()[2]
    '- 1 &lt; 2 groups differ.'
    """
    return _document(page_view(page), pictures="")


def write_markdown(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write a page as Markdown, and its charts as SVG files into a folder beside it.

    Parameters
    ----------
    page : Page
        What to show.
    path : str or path
        The file; its folder has to be there. The pictures of "report.md" go to "report_files";
        those of an earlier page are removed from there.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.
    ReportError
        If the path is a folder, or the file or a picture cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_markdown(Page("Empty", ()), Path(folder, "report.md")).read_text()[:7]
    '# Empty'
    """
    path = Path(path)
    check_place(path, USUAL_NAME)
    folder = path.with_name(f"{path.stem}_files")
    text = _document(page_view(page), pictures=quote(folder.name))
    drawn = {f"{place}.svg": svg(chart.spec) for place, chart in _charts(page)}
    _replace_pictures(folder, drawn)
    return write_whole(path, text.encode("utf-8"), USUAL_NAME)


def _replace_pictures(folder: Path, drawn: dict[str, str]) -> None:
    """Leave exactly these pictures of pages in a folder; whatever else is there stays."""
    try:
        if drawn:
            folder.mkdir(exist_ok=True)
        for old in folder.glob("*.svg"):
            if _OURS.fullmatch(old.name) and old.name not in drawn:
                old.unlink()
    except OSError as error:
        raise ReportError(f"{folder} cannot be written", got=str(error)) from error
    for name, content in drawn.items():
        write_whole(folder / name, content.encode("utf-8"), "picture.svg")


def _charts(page: Page) -> Iterator[tuple[str, Chart]]:
    """Yield every chart and where it stands, named as in the page's view."""
    yield from _charts_of("s0", page.blocks)
    for number, section in enumerate(page.sections, 1):
        yield from _charts_of(f"s{number}", section.blocks)


def _charts_of(place: str, blocks: tuple[Block, ...]) -> Iterator[tuple[str, Chart]]:
    for position, block in enumerate(blocks, 1):
        here = f"{place}-b{position}"
        if isinstance(block, Chart):
            yield here, block
        elif isinstance(block, Choice):
            for number, option in enumerate(block.options, 1):
                if block.kind == "slider" and number - 1 != block.start:
                    continue
                yield from _charts_of(f"{here}-o{number}", option.blocks)


def _document(page: PageView, pictures: str) -> str:
    lead = "\n".join(f"- {escaped(answer.text)}" for answer in page.lead)
    parts = [f"# {escaped(page.title)}", lead, *_blocks(page.blocks, pictures)]
    for section in page.sections:
        parts += _section(section, pictures)
    parts += ["---", f"Candor {__version__}"]
    return showable("\n\n".join(filter(None, parts)) + "\n")


def _section(section: SectionView, pictures: str) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield escaped(section.conclusion)
    yield from _blocks(section.blocks, pictures)
    if section.method:
        yield "**How this was computed**"
        yield from map(escaped, section.method)


def _blocks(blocks: tuple[BlockView, ...], pictures: str) -> Iterator[str]:
    """Yield blocks of Markdown, to be separated by empty lines."""
    for block in blocks:
        if isinstance(block, TableView):
            yield from _table(block)
        elif isinstance(block, TextView):
            yield from _text(block)
        elif isinstance(block, ChoiceView):
            yield from _choice(block, pictures)
        else:
            yield f"**{escaped(block.caption)}**"
            alt = escaped(block.alt)
            yield f"![{alt}]({pictures}/{block.place}.svg)" if pictures else alt


def _choice(choice: ChoiceView, pictures: str) -> Iterator[str]:
    """Yield every option of a list; of a slider's many stops the one that it starts at."""
    n_options = len(choice.options)
    for number, option in enumerate(choice.options, 1):
        if choice.control == "slider" and not option.picked:
            continue
        of = f" ({number} of {n_options})" if choice.control == "slider" else ""
        yield f"### {escaped(choice.label)}: {escaped(option.name)}{of}"
        yield from _blocks(option.blocks, pictures)


def _text(text: TextView) -> Iterator[str]:
    paragraphs = [escaped(paragraph) for paragraph in text.paragraphs]
    if text.tone == "warning":
        paragraphs[:1] = [f"**Careful:** {''.join(paragraphs[:1])}"]
    items = "\n".join(f"- {escaped(item)}" for item in text.items)
    whole = "\n\n".join(filter(None, [*paragraphs, items]))
    yield whole if text.tone == "plain" else re.sub("^", "> ", whole, flags=re.MULTILINE)


def _table(table: TableView) -> Iterator[str]:
    yield f"**{escaped(table.caption)}**"
    if table.columns:
        heads = [escaped(column.name) or "row" for column in table.columns]
        rule = ["---:" if column.number else ":---" for column in table.columns]
        shown = table.rows[: table.fold] if table.folded else table.rows
        body = [[escaped(cell.text) for cell in row] for row in shown]
        yield "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *body))
    if not table.rows:
        yield "No rows"
    if table.folded:
        yield f"The first {table.fold:,} of {len(table.rows):,} rows."
    yield from map(escaped, table.notes)
