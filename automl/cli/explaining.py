"""The command `automl explain`: why a run's winner decides as it does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import automl
from automl.cli.auditing import check_places
from automl.cli.notes import notes_shown
from automl.cli.output import write_text
from automl.errors import ArgumentError
from automl.table import typed_frame

if TYPE_CHECKING:
    from automl.result import Result
    from explain import Explanation

CURVES = 5
"""Columns whose effects are told."""

EFFECT_ROWS = 500
"""Rows that effects and permutation importance are taken from."""


def explain(args: argparse.Namespace) -> None:
    """Explain, and tell the story."""
    check_places(args)
    result = automl.load(args.run)
    _say(args, "explaining: seconds where values have a closed form, else up to a few minutes")
    with notes_shown(not args.quiet and not args.debug):
        options = {"scale": getattr(args, "scale", "auto")}
        found = _explained(result, args, options)
        lines = list(story(result, found, getattr(args, "row", None)))
    _write(found, lines, args)


def _explained(result: Result, args: argparse.Namespace, options: dict[str, Any]) -> Explanation:
    """Return the explanation of all rows, or of the one that was asked for."""
    rows, wanted = getattr(args, "rows", None), getattr(args, "row", None)
    if wanted is None:
        return result.explain(rows, **options)
    frame = _rows_of(result, rows)
    if not 0 <= wanted < len(frame):
        raise ArgumentError(
            f"there is no row {wanted}",
            got=f"{len(frame):,} rows, counted from 0",
            hint=f"--row 0 to --row {len(frame) - 1}",
        )
    one = result.explain(frame.iloc[[wanted]], **options)
    used = f"row {wanted} of {len(frame):,}" + (f" in {rows}" if rows is not None else "")
    return replace(one, rows_used=used)


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


def story(result: Result, found: Explanation, wanted: int | None) -> Iterator[str]:
    """Yield what an explanation says: globally, of effects, and of single rows.

    With a row that was wanted, the explanation is of that row alone.
    """
    if wanted is not None:
        yield from one_row(result, found, wanted)
        return
    yield from found.lines()
    yield ""
    yield from _effects(result, found)
    yield from _examples(found)
    yield from (f"! {note}" for note in _notes(found))


def one_row(result: Result, found: Explanation, wanted: int) -> Iterator[str]:
    """Yield one row's waterfall in words, and what would change its prediction."""
    from explain.showing.rows import row_sentences
    from explain.showing.summary import trust_sentence

    head, *rest = row_sentences(found, 0, called=f"row {wanted}")
    yield head
    yield from (f"  {line}" for line in rest)
    yield ""
    yield trust_sentence(found)
    yield from _changes(result, found)


def _effects(result: Result, found: Explanation) -> Iterator[str]:
    import explain as engine
    from explain.showing.sections import has_curve

    top = found.importance()
    names = [
        name
        for name in top[top["value"] > 0]["column"]
        if len(found.groups[name]) == 1 and has_curve(found.data[name])
    ][:CURVES]
    if not names:
        return
    effects = engine.effects(
        result.model, found.data, columns=names, scale=found.scale, max_rows=EFFECT_ROWS
    )
    yield "Effects (mean prediction when the column is set to a value for all rows)"
    yield from (f"  {line}" for line in effects.sentences())
    yield ""


def _examples(found: Explanation) -> Iterator[str]:
    from explain.showing.rows import row_sentences
    from explain.showing.sections import example_rows

    yield "Three rows: the highest, a middling and the lowest prediction"
    for row in example_rows(found):
        # The number that --row takes: of all rows, also where some were drawn.
        head, *rest = row_sentences(found, row, called=f"row {found.rows[row]}")
        yield f"  {head}"
        yield from (f"    {line}" for line in rest[:4])
    yield ""


def _notes(found: Explanation) -> Iterator[str]:
    if found.verification.note:
        yield found.verification.note


def _changes(result: Result, found: Explanation) -> Iterator[str]:
    """Yield what would have to be otherwise for another label."""
    import explain as engine

    if found.task == "regression":
        return
    kept = result.kept_rows()
    if kept is None:
        return
    # Nobody is advised to be somebody else.
    fixed = [name for name in result.sensitive if name in found.columns]
    data = typed_frame(result.model.schema, kept)
    options = engine.counterfactuals(result.model, found.data, data=data, immutable=fixed)
    yield ""
    yield from options.lines()


def _write(found: Explanation, lines: list[str], args: argparse.Namespace) -> None:
    report, out = getattr(args, "report", None), getattr(args, "out", None)
    if out is not None:
        try:
            Path(out).write_text(found.to_json(), encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"{out} cannot be written", got=str(error)) from error
    if report is not None:
        found.report(report)
    if args.json:
        text = json.loads(found.to_json())
        sys.stdout.write(json.dumps(text, ensure_ascii=False) + "\n")
    else:
        write_text(lines)
    for path, what in ((report, "report"), (out, "values")):
        if path is not None:
            _say(args, f"{what} in {path}")


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.quiet:
        sys.stderr.write(text + "\n")
