"""The words of the command line."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable
from typing import NoReturn

from candor.version import __version__

DEMO_SECONDS = 20.0
DEMO_TABLES = ("loans", "breast_cancer", "diabetes", "digits", "iris", "wine")
"""The names in `automl.demo`, which is not imported for a help text."""

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
REFIT: dict[str, str | bool] = {"auto": "auto", "yes": True, "no": False}


class Parser(argparse.ArgumentParser):
    """A parser that says errors as the rest of the command does."""

    def error(self, message: str) -> NoReturn:
        """Write the error and leave with status 2."""
        sys.stderr.write(f"error: {message}\n  try  {self.prog} --help\n")
        raise SystemExit(2)


def names(text: str) -> list[str]:
    """Read names set apart by commas; quotes keep a comma in a name.

    Examples
    --------
    >>> names('sex,"last, first"')
    ['sex', 'last, first']
    """
    return [name for name in next(csv.reader([text]), []) if name]


def role(text: str) -> tuple[str, str]:
    """Read a column with its role.

    Examples
    --------
    >>> role("zip=categorical")
    ('zip', 'categorical')
    """
    column, equals, name = text.rpartition("=")
    if not (column and equals and name):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form COLUMN=ROLE")
    return column, name


def memory(text: str) -> int:
    """Read an amount of memory.

    Examples
    --------
    >>> memory("4GB"), memory("1.5 mb"), memory("1000")
    (4000000000, 1500000, 1000)
    """
    found = re.fullmatch(r"([\d.]+)\s*([KMGT]?B?)", text.strip(), re.IGNORECASE)
    try:
        amount, unit = float(found[1]), found[2].upper()  # type: ignore[index]
    except (TypeError, ValueError):
        message = f"{text!r} is no amount of memory such as 4GB, 500MB or a number of bytes"
        raise argparse.ArgumentTypeError(message) from None
    return int(amount * UNITS[unit if unit.endswith("B") or not unit else f"{unit}B"])


def audit_size(text: str) -> str | int | float:
    """Read the size of the audit: auto, a number of rows or a share of them.

    Examples
    --------
    >>> audit_size("auto"), audit_size("500"), audit_size("0.2")
    ('auto', 500, 0.2)
    """
    if text == "auto":
        return text
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        message = f"{text!r} is neither auto nor a number of rows nor a share such as 0.2"
        raise argparse.ArgumentTypeError(message) from None


def refit(text: str) -> str | bool:
    """Read whether members are refitted.

    Examples
    --------
    >>> refit("yes")
    True
    """
    if text not in REFIT:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(REFIT)}")
    return REFIT[text]


def build_parser() -> argparse.ArgumentParser:
    """Build the parser; an option that is not given is absent from what it returns."""
    parser = Parser(
        prog="automl",
        description="Find the best model for a table, under a time budget that is kept.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Candor {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (text, add_options) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )
        command.set_defaults(json=False, quiet=False, debug=False)
        add_options(command)
        _add_shared(command)
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress and no notes")
    parser.add_argument("--debug", action="store_true", help="show logs, warnings and tracebacks")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="run folder of a search")


def _add_budget(parser: argparse.ArgumentParser, seconds: str) -> None:
    """Add what limits any search."""
    add = parser.add_argument
    add("--time", dest="time_budget", type=float, metavar="SECONDS", help=seconds)
    add("--trials", dest="n_trials", type=int, metavar="N", help="candidates to try at most")
    add("--seed", type=int, metavar="N", help="seed of everything random (0)")
    add("--jobs", dest="n_jobs", type=int, metavar="N", help="cores to use (all)")
    add("--out", dest="run_dir", metavar="DIR", help="run folder (a new one in runs)")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    tables = ", ".join(DEMO_TABLES)
    parser.set_defaults(data=DEMO_TABLES[0])
    parser.add_argument("--data", metavar="NAME", help=f"one of {tables} ({DEMO_TABLES[0]})")
    _add_budget(parser, f"seconds to a usable model ({DEMO_SECONDS:g}, no limit with --trials)")


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help=".csv, .tsv, .parquet, .feather or .jsonl, also .gz"
    )
    parser.add_argument("--target", required=True, metavar="COL", help="column to predict")
    _add_budget(parser, "seconds to a usable model (60, no limit with --trials)")
    parser.add_argument(
        "--report", metavar="FILE", help="then explain, audit and write .html, .md or .json"
    )
    _add_problem(parser)
    _add_columns(parser)
    _add_models(parser)


def _add_problem(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the problem").add_argument
    add(
        "--task",
        choices=["auto", "binary", "multiclass", "regression"],
        help="what is predicted (auto)",
    )
    add("--metric", metavar="NAME", help="how predictions are scored (by task)")
    add("--positive", metavar="LABEL", help="positive label of a binary target")


def _add_columns(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("columns").add_argument
    add("--sensitive", type=names, action="extend", metavar="A,B", help="columns to audit by")
    add("--ignore", type=names, action="extend", metavar="A,B", help="columns to leave out")
    add(
        "--role",
        dest="roles",
        type=role,
        action="append",
        metavar="COL=ROLE",
        help="what a column is, such as zip=categorical",
    )
    add("--weight", metavar="COL", help="column of row weights")
    add("--group", metavar="COL", help="rows with equal values here stay together")
    add("--time-column", dest="time", metavar="COL", help="validate forward in this time")


def _add_models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("models").add_argument
    add(
        "--families",
        type=names,
        action="extend",
        metavar="A,B",
        help="families to search (all that fit the table)",
    )
    add(
        "--refit",
        type=refit,
        metavar="auto|yes|no",
        help="fit members anew on all rows, or average fold models (auto)",
    )
    add(
        "--audit-size",
        type=audit_size,
        metavar="N",
        help="rows or share sealed for the audit with --sensitive (auto)",
    )
    add("--memory-limit", type=memory, metavar="SIZE", help="such as 4GB (all that is allowed)")


def _add_predict(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("file", metavar="FILE", help="rows to predict")
    parser.add_argument("--out", metavar="FILE", help="write .csv, .csv.gz or .parquet instead")


def _add_score(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("file", metavar="FILE", help="rows with known targets")


def tolerance(text: str) -> float | dict[str, float]:
    """Read a tolerance, or several by metric.

    Examples
    --------
    >>> tolerance("0.05"), tolerance("fpr=0.1,fnr=0.2")
    (0.05, {'fpr': 0.1, 'fnr': 0.2})
    """
    try:
        if "=" not in text:
            return float(text)
        pairs = (one.partition("=") for one in names(text))
        return {name: float(value) for name, _, value in pairs}
    except ValueError:
        message = f"{text!r} is no tolerance such as 0.1 or fpr=0.1,fnr=0.2"
        raise argparse.ArgumentTypeError(message) from None


def reference(text: str) -> str | dict[str, str]:
    """Read a reference group, or one by column.

    Examples
    --------
    >>> reference("Male"), reference("sex=Male,race=White")
    ('Male', {'sex': 'Male', 'race': 'White'})
    """
    parts = [one.partition("=") for one in names(text)]
    if all(equals for _, equals, _ in parts) and parts:
        return {column: group for column, _, group in parts}
    return text


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="run folder")
    add = parser.add_argument
    add("--rows", metavar="FILE", help="rows to explain (those that the run keeps)")
    add("--row", type=int, metavar="N", help="tell one row, counted from 0")
    add(
        "--immutable",
        type=names,
        action="extend",
        metavar="A,B",
        help="columns that stay as they are in what would change --row, beside sensitive ones",
    )
    add(
        "--scale",
        choices=["margin", "probability", "response"],
        help="what contributions add up to (margin, response for regression)",
    )
    add("--report", metavar="FILE", help="write one HTML file that works offline")
    add("--out", metavar="FILE", help="write the values as JSON")


def _add_audit(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("source", metavar="RUN|FILE", help="run of a search, predictions, or what --out wrote")
    add("--sensitive", type=names, action="extend", metavar="A,B", help="columns to audit by")
    add("--rows", metavar="FILE", help="rows for a run to predict (those it sealed)")
    group = parser.add_argument_group("a file of predictions").add_argument
    group("--target", metavar="COL", help="column of true outcomes")
    group("--prediction", metavar="COL", help="column of predicted labels or values")
    group("--score", metavar="COL", help="column of scores")
    group("--threshold", type=float, metavar="X", help="scores from X on are positive (0.5)")
    group("--positive", metavar="LABEL", help="positive label of a binary outcome")
    group("--weight", metavar="COL", help="column of row weights")
    group(
        "--task",
        choices=["auto", "binary", "multiclass", "regression"],
        help="what is predicted (auto)",
    )
    add = parser.add_argument_group("how").add_argument
    add("--control", type=names, action="extend", metavar="A,B", help="columns to compare within")
    add("--reference", type=reference, metavar="GROUP", help="compare with it (the worst pair)")
    add("--tolerance", type=tolerance, metavar="X", help="difference that is tolerated (0.1)")
    add("--confidence", type=float, metavar="X", help="of all intervals (0.95)")
    add("--template", type=names, action="extend", metavar="A,B", help="templates, or files")
    add("--seed", type=int, metavar="N", help="seed of everything random (0)")
    add("--report", metavar="FILE", help="write a page that needs no network")
    add("--out", metavar="FILE", help="write counts and results as JSON")


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    add = parser.add_argument
    add("--out", metavar="FILE", help=".html, .md or .json (report.html)")
    add("--no-rows", action="store_true", help="aggregates only: no value of a single row")
    add("--template", type=names, action="extend", metavar="A,B", help="templates, or files")


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "demo": ("Search on a table that is built in.", _add_demo),
    "search": ("Search for the best model of a table and save it.", _add_search),
    "predict": ("Predict rows with the winner of a run.", _add_predict),
    "score": ("Score the winner of a run on rows with known targets.", _add_score),
    "leaderboard": ("Show all candidates of a run, best first.", _add_run),
    "explain": ("Say why a run's winner decides as it does.", _add_explain),
    "audit": ("Say for whom a model fails, with intervals and verdicts.", _add_audit),
    "report": ("Write everything that is known of a run as one page.", _add_report),
}
