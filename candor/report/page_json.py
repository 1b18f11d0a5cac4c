"""A page as JSON: every value that it shows, for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from candor.frames import is_missing
from candor.report.cells import is_number
from candor.report.html import showable
from candor.report.specs import plain, spec_json
from candor.report.table_view import column_name, frame_columns, is_numeric
from candor.report.values import Answer, Block, Chart, Choice, Page, Section, Table
from candor.report.view import page_view
from candor.report.writing import write_whole
from candor.version import __version__

SCHEMA: Final = "candor.page/1"
"""Name and number of the format; the number grows when a reader of older files would fail."""


def to_json(page: Page) -> str:
    """Return a page as JSON with all its values, unrounded.

    Parameters
    ----------
    page : Page
        What to write.

    Returns
    -------
    str
        An object with ``schema`` ("candor.page/1"), ``version`` (of Candor), ``title``, ``lead``
        (each ``text`` and ``section``, an index or null), ``blocks`` and ``sections`` (each
        ``title``, ``conclusion``, ``blocks`` and ``method``). A block's ``kind`` is "text",
        "table" (``columns``, ``rows``), "chart" (``spec``: Vega-Lite with its data) or "choice"
        (``options``). Missing values and numbers that are not finite are null.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.

    Examples
    --------
    >>> import json
    >>> json.loads(to_json(Page("Who is approved?", ())))["schema"]
    'candor.page/1'
    """
    view = page_view(page)
    places = [section.place for section in view.sections]
    lead = [
        {
            "text": one.text if isinstance(one, Answer) else one,
            "section": places.index(shown.place) if shown.place else None,
        }
        for one, shown in zip(page.lead, view.lead, strict=True)
    ]
    whole = {
        "schema": SCHEMA,
        "version": __version__,
        "title": page.title,
        "lead": lead,
        "blocks": _blocks(page.blocks),
        "sections": [_section(section) for section in page.sections],
    }
    return json.dumps(_showable(whole), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def write_json(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write a page as JSON; a file that was there is replaced at once or not at all.

    Parameters
    ----------
    page : Page
        What to write.
    path : str or path
        The file; its folder has to be there.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.
    ReportError
        If the path is a folder or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(Page("Empty", ()), Path(folder, "report.json")).name
    'report.json'
    """
    return write_whole(Path(path), to_json(page).encode("utf-8"), "report.json")


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "conclusion": section.conclusion,
        "blocks": _blocks(section.blocks),
        "method": section.method,
    }


def _blocks(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Chart):
        spec = json.loads(spec_json(block.spec))
        return {"kind": "chart", "caption": block.caption, "alt": block.alt, "spec": spec}
    if isinstance(block, Choice):
        options = [{"name": one.name, "blocks": _blocks(one.blocks)} for one in block.options]
        return {
            "kind": "choice",
            "label": block.label,
            "control": block.kind,
            "start": block.start,
            "options": options,
        }
    return {"kind": "text", "text": block.text, "items": list(block.items), "tone": block.tone}


def _table(table: Table) -> dict[str, Any]:
    columns = list(frame_columns(table.frame))
    heads = [{"name": column_name(label), "number": is_numeric(cells)} for label, cells in columns]
    written = [[_cell(cell) for cell in cells] for _, cells in columns]
    return {
        "kind": "table",
        "caption": table.caption,
        "columns": heads,
        "rows": [list(row) for row in zip(*written, strict=True)],
        "notes": list(table.notes),
    }


def _cell(value: Any) -> Any:
    """Return a cell as JSON has it; what JSON has no form for is written as text."""
    if is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if is_number(value):
        return plain(value if isinstance(value, int | np.generic) else float(value))
    if isinstance(value, list | tuple | np.ndarray):
        return [_cell(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted(str(part) for part in value)
    return str(value)


def _showable(value: Any) -> Any:
    """Return a value whose texts UTF-8 can hold."""
    if isinstance(value, dict):
        return {showable(key): _showable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_showable(inner) for inner in value]
    return showable(value) if isinstance(value, str) else value
