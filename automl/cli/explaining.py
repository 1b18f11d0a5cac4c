"""The command `automl explain`: why a run's winner decides as it does."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import automl
from automl.cli.auditing import check_places
from automl.cli.notes import notes_shown
from automl.cli.output import write_text
from automl.errors import ArgumentError
from automl.table import typed_frame
from candor.errors import CandorError

if TYPE_CHECKING:
    import pandas as pd

    from automl.result import Result
    from candor.report import Page
    from explain import Counterfactuals, Explanation

CURVES = 10
"""Columns whose effects are told."""

EFFECT_ROWS = 500
"""Rows that effects are taken from at most."""

GRID = 20
"""Points of an effect; its ends and its turns are told."""


def explain(args: argparse.Namespace) -> None:
    """Explain, and tell the story."""
    check_places(args)
    result = automl.load(args.run)
    wanted = getattr(args, "row", None)
    rows, used = _asked_rows(result, getattr(args, "rows", None), wanted)
    fixed = _immutable(result, getattr(args, "immutable", None), wanted)
    _say(args, "explaining: seconds where values have a closed form, else up to a few minutes")
    shown = notes_shown(not args.quiet and not args.debug)
    with shown, _told_as_commands(result, getattr(args, "rows", None)):
        found = result.explain(rows, scale=getattr(args, "scale", "auto"))
        if wanted is not None:
            numbers = np.array([wanted], dtype=np.int64)
            found = replace(found, rows_used=used, rows=numbers)
            changes = _changes(result, found, fixed)
            lines, page = list(one_row(found, changes)), _row_page(found, changes)
        else:
            lines, page = list(story(result, found)), None
    _write(found, lines, page, args)


_SCALE = re.compile(r'\bscale="(margin|probability|response)"')
"""A scale as Python's callers ask for it."""

_ROWS = re.compile(r"^(X|pandas frame) ")
"""What the rows of a file are called where they were given as a frame."""


def _as_flags(text: str) -> str:
    """Write a scale to ask for as a flag."""
    return _SCALE.sub(r"--scale \1", text)


@contextmanager
def _told_as_commands(result: Result, rows: Any) -> Iterator[None]:
    """Tell refusals in words of the command: its flags, the file, the winner."""
    try:
        yield
    except CandorError as error:
        what = error.what.replace(type(result.model).__name__, "the winner")
        if rows is not None:
            what = _ROWS.sub(lambda _: f"{rows} ", what)
        got, hint = (_as_flags(text) if text else None for text in (error.got, error.hint))
        raise type(error)(_as_flags(what), got, hint) from error


def _asked_rows(result: Result, rows: Any, wanted: int | None) -> tuple[Any, str]:
    """Return the rows to explain, read and checked, and what a single one is called.

    None stands for all rows that the run keeps.
    """
    from automl.table import read_frame

    if wanted is None:
        if rows is not None:
            read_frame(rows)  # what cannot be read is refused before anything is announced
        return rows, ""
    frame = _rows_of(result, rows)
    if not 0 <= wanted < len(frame):
        raise ArgumentError(
            f"there is no row {wanted}",
            got=f"{len(frame):,} rows, counted from 0",
            hint=f"--row 0 to --row {len(frame) - 1}",
        )
    used = f"row {wanted} of {len(frame):,}" + (f" in {rows}" if rows is not None else "")
    return frame.iloc[[wanted]], used


def _immutable(result: Result, asked: list[str] | None, wanted: int | None) -> list[str]:
    """Return the columns that a row keeps: nobody is advised to be somebody else."""
    features = [column.name for column in result.model.schema.columns if column.is_feature]
    if asked and wanted is None:
        raise ArgumentError("--immutable goes with one row", got="no --row", hint="--row N")
    for name in asked or []:
        if name not in features:
            raise ArgumentError(
                f"there is no column {name!r} to keep",
                got=f"columns: {', '.join(features[:10])}",
                hint="--immutable with names of the table's features",
            )
    kept = [name for name in result.sensitive if name in features]
    return list(dict.fromkeys([*kept, *(asked or [])]))


def _rows_of(result: Result, rows: Any) -> Any:
    """Return the rows that --row counts."""
    from automl.table import read_frame

    if rows is not None:
        return read_frame(rows)[0]
    kept = result.kept_rows()
    if kept is None:
        raise ArgumentError(
            "this run keeps no rows", got="nothing for --row to count", hint="--rows FILE"
        )
    return kept


def story(result: Result, found: Explanation) -> Iterator[str]:
    """Yield what an explanation says: globally, of effects, and of single rows."""
    yield from found.lines()
    yield ""
    yield from _effects(result, found)
    yield from _examples(found)
    yield from (f"! {note}" for note in _notes(found))


def one_row(found: Explanation, changes: Counterfactuals | None) -> Iterator[str]:
    """Yield one row's waterfall in words, and what would change its prediction."""
    from explain.showing.rows import row_sentences
    from explain.showing.summary import trust_sentence

    head, *rest = row_sentences(found, 0, called=f"row {found.rows[0]}")
    yield head
    yield from (f"  {line}" for line in rest)
    yield ""
    yield trust_sentence(found)
    if changes is not None:
        yield ""
        yield from changes.lines()


def _row_page(found: Explanation, changes: Counterfactuals | None) -> Page:
    """Return the page of one row, with what would change its prediction."""
    page = found.page()
    if changes is None:
        return page
    more = changes.page()
    return replace(page, lead=(*page.lead, *more.lead), sections=(*page.sections, *more.sections))


def _effects(result: Result, found: Explanation) -> Iterator[str]:
    import explain as engine
    from explain.showing.sections import has_curve
    from explain.showing.words import plural

    top = found.importance()
    kept = _typed_kept(result)
    data = found.data if kept is None else kept
    names = [
        name
        for name in top[top["value"] > 0]["column"]
        if len(found.groups[name]) == 1 and name in data and has_curve(data[name])
    ][:CURVES]
    if not names:
        return
    effects = engine.effects(
        result.model,
        data,
        columns=names,
        scale=found.scale,
        grid=GRID,
        max_rows=EFFECT_ROWS,
    )
    rows = f"over {plural(effects.n_rows, 'row')}"
    yield f"Effects (mean prediction {rows} when the column is set to a value, in {effects.unit})"
    yield from (f"  {line}" for line in effects.sentences())
    yield ""


def _typed_kept(result: Result) -> pd.DataFrame | None:
    """Return the rows that the run keeps, numbers as numbers; None where it keeps none."""
    kept = result.kept_rows()
    return None if kept is None else typed_frame(result.model.schema, kept)


def _examples(found: Explanation) -> Iterator[str]:
    from explain.showing.rows import row_sentences
    from explain.showing.sections import example_rows, rows_title

    yield rows_title(found)
    for row in example_rows(found):
        # The number that --row takes: of all rows, also where some were drawn.
        head, *rest = row_sentences(found, row, called=f"row {found.rows[row]}")
        yield f"  {head}"
        yield from (f"    {line}" for line in rest[:4])
    yield ""


def _notes(found: Explanation) -> Iterator[str]:
    if found.verification.note:
        yield found.verification.note


def _changes(result: Result, found: Explanation, fixed: list[str]) -> Counterfactuals | None:
    """Return what would have to be otherwise for another label."""
    import explain as engine

    data = _typed_kept(result)
    if found.task == "regression" or data is None:
        return None
    return engine.counterfactuals(result.model, found.data, data=data, immutable=fixed)


def _write(
    found: Explanation, lines: list[str], page: Page | None, args: argparse.Namespace
) -> None:
    from candor.report import write_html

    report, out = getattr(args, "report", None), getattr(args, "out", None)
    if out is not None:
        try:
            Path(out).write_text(found.to_json(), encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"{out} cannot be written", got=str(error)) from error
    if report is not None:
        write_html(found.page() if page is None else page, report)
    if args.json:
        text = json.loads(found.to_json())
        sys.stdout.write(json.dumps(text, ensure_ascii=False) + "\n")
    else:
        write_text(_as_flags(line) for line in lines)
    for path, what in ((report, "report"), (out, "values")):
        if path is not None:
            _say(args, f"{what} in {path}")


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.quiet:
        sys.stderr.write(text + "\n")
