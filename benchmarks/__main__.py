"""Commands: run, table, deadline, choices, workers, fairness, explanations, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import choices, deadline, explanations, fairness, reports, workers
from benchmarks.profiles import PROFILES
from benchmarks.protocol import read_datasets
from benchmarks.runner import plan, read_lines, run
from benchmarks.systems import SYSTEMS
from benchmarks.table import write_table


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run systems on datasets; goes on where it was")
    one.add_argument("--profile", choices=PROFILES, default="small")
    one.add_argument("--systems", type=_names, default=list(SYSTEMS), help=",".join(SYSTEMS))
    one.add_argument("--datasets", type=_names, default=[], help="default: those of the profile")
    one.add_argument("--time", type=_seconds, default=[], help="seconds, such as 60 or 60,300")
    one.add_argument("--data", type=Path, required=True, help="folder with datasets.csv")
    one.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    table = commands.add_parser("table", help="write the Markdown table of a results file")
    table.add_argument("file", type=Path)
    late = commands.add_parser("deadline", help="measure whether the time budget is kept")
    late.add_argument("--datasets", type=_names, default=list(deadline.DATASETS))
    late.add_argument("--time", type=_seconds, default=list(deadline.BUDGETS))
    late.add_argument("--data", type=Path, required=True, help="folder with datasets.csv")
    late.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    pairs = commands.add_parser("choices", help="bag or refit, margins or probabilities")
    pairs.add_argument("--datasets", type=_names, default=list(choices.DATASETS))
    pairs.add_argument("--trials", type=int, default=10)
    pairs.add_argument("--data", type=Path, required=True, help="folder with datasets.csv")
    pairs.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    cost = commands.add_parser("workers", help="the cost of isolation and of waiting threads")
    cost.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    audits = commands.add_parser("fairness", help="what an audit's counting costs")
    audits.add_argument("--parts", type=_names, default=list(fairness.PARTS))
    audits.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    whys = commands.add_parser("explanations", help="how exact and how quick explanations are")
    whys.add_argument("--parts", type=_names, default=list(explanations.PARTS))
    whys.add_argument("--data", type=Path, help="folder with datasets.csv, for the part winner")
    whys.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    pages = commands.add_parser("report", help="what reports take to build and to open")
    pages.add_argument("--tables", type=_names, default=list(reports.TABLES))
    pages.add_argument("--data", type=Path, required=True, help="folder with datasets.csv")
    pages.add_argument("--runs", type=Path, required=True, help="run folders, searched if missing")
    pages.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 where a time budget was not kept."""
    whole = parser()
    said = whole.parse_args(arguments)
    if said.command == "table":
        print(write_table(read_lines(said.file)), end="")
        return 0
    if said.command == "workers":
        workers.measure(said.out, _report)
        return 0
    if said.command == "fairness":
        _check(whole, said.parts, fairness.PARTS)
        fairness.measure(said.out, _report, said.parts)
        return 0
    if said.command == "explanations":
        _check(whole, said.parts, explanations.PARTS)
        explanations.measure(said.out, _report, said.parts, said.data)
        return 0
    if said.command == "report":
        _check(whole, said.tables, reports.TABLES)
        reports.measure(said.out, _report, said.tables, said.data, said.runs)
        return 0
    known = read_datasets(said.data)
    if said.command == "choices":
        _check(whole, said.datasets, known)
        choices.measure(said.data, said.out, _report, said.datasets, said.trials)
        return 0
    if said.command == "deadline":
        _check(whole, said.datasets, known)
        held = deadline.measure(said.data, said.out, _report, said.datasets, said.time)
        return 0 if held else 1
    profile = PROFILES[said.profile]
    datasets = said.datasets or profile.datasets or tuple(known)
    _check(whole, said.systems, SYSTEMS)
    _check(whole, datasets, known)
    run(plan(profile, said.systems, datasets, said.time), said.data, said.out, _report)
    print(write_table(read_lines(said.out)), end="")
    return 0


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _seconds(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _check(whole: argparse.ArgumentParser, names: Sequence[str], known: object) -> None:
    unknown = [name for name in names if name not in list(known)]  # type: ignore[call-overload]
    if unknown:
        whole.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")  # type: ignore[arg-type]


def _report(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
