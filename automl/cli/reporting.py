"""The command `automl report`, and `--report` of a search."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import automl
from automl.cli.notes import notes_shown
from automl.cli.output import write_json, write_text
from automl.progress.words import seconds_text
from automl.reporting.gathering import gather
from automl.reporting.page import page
from automl.reporting.writing import ENDINGS, checked_place, write_page

if TYPE_CHECKING:
    from automl.result import Result

USUAL = "report.html"
"""The file where none is named."""

ROUGHLY = "half a minute to a minute"
"""What a report takes, as far as that can be said before there is a winner."""


def report(args: argparse.Namespace) -> None:
    """Write the report of a run."""
    place = checked_place(getattr(args, "out", None) or USUAL, ENDINGS, USUAL)
    result = automl.load(args.run)
    seconds = write_report(
        result,
        place,
        quiet=args.quiet,
        debug=args.debug,
        rows=not getattr(args, "no_rows", False),
        template=getattr(args, "template", None),
    )
    if args.json:
        write_json({"report": str(place), "seconds": round(seconds, 3)})
    elif not args.quiet:
        write_text([f"report {place}, {seconds_text(seconds)}"])


def checked_report(args: argparse.Namespace) -> Path | None:
    """Return where a search's report goes, checked and told of before the search begins."""
    wanted = getattr(args, "report", None)
    if wanted is None:
        return None
    place = checked_place(wanted, ENDINGS, USUAL)
    parts = "audit and report" if getattr(args, "sensitive", None) else "the report"
    _say(f"report: after the search, {ROUGHLY} more for {parts}, {place}", quiet=args.quiet)
    return place


def add_report(result: Result, place: Path, args: argparse.Namespace) -> None:
    """Write the report of a search that has just ended, and say what it took."""
    seconds = write_report(result, place, quiet=args.quiet, debug=args.debug)
    _say(f"report {place}, {seconds_text(seconds)} more", quiet=args.quiet)


def write_report(
    result: Result,
    place: Path,
    *,
    quiet: bool,
    debug: bool,
    rows: bool = True,
    template: Any = None,
) -> float:
    """Gather and write, telling each step; return the seconds that it took."""
    start = time.monotonic()

    def expected(seconds: float) -> None:
        about = seconds_text(seconds)
        _say(f"report: explaining, auditing and drawing, about {about}", quiet=quiet)

    def told(step: str, seconds: float) -> None:
        if seconds >= 0.5:
            _say(f"  {step}  {seconds_text(seconds)}", quiet=quiet)

    with notes_shown(not quiet and not debug):
        facts = gather(result, rows=rows, template=template, told=told, expected=expected)
    write_page(page(facts), place)
    for note in facts.notes:
        _say(f"! {note}", quiet=quiet)
    return time.monotonic() - start


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(text + "\n")
