"""Each report in a process of its own: seconds, memory, size; then what a browser makes of it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.reports.opening import opened
from benchmarks.runner import Finished, append_line, run_process

MOST_SECONDS = 600.0

EXPECTED = re.compile(r"about ([\d,.]+) (s|min)")


def measure(
    out: Path, report: Callable[[str], None], tables: Sequence[str], data: Path, runs: Path
) -> None:
    """Search where there is no run yet, build the reports, open them, and append a line each."""
    out.parent.mkdir(parents=True, exist_ok=True)
    runs.mkdir(parents=True, exist_ok=True)
    for name in tables:
        line = {"table": name, "machine": describe()} | _measured(name, data, runs / name)
        append_line(out, line)
        report(in_words(line))


def _measured(name: str, data: Path, run: Path) -> dict[str, Any]:
    if not (run / "manifest.json").exists():
        found = _run("benchmarks.reports.finding", name, str(data), str(run))
        if found.code != 0:
            return {"errors": found.errors or "the search took too long"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.html"
        ended = _run("automl", "report", str(run), "--out", str(file))
        if ended.code != 0 or not file.exists():
            return {"errors": ended.errors or "took too long"}
        built = {
            "seconds": round(ended.seconds, 1),
            "expected_seconds": expected_seconds(ended.errors),
            "peak_mb": round(ended.peak_bytes / 2**20),
            "file_mb": round(file.stat().st_size / 1e6, 2),
        }
        return built | opened(file)


def _run(module: str, *arguments: str) -> Finished:
    return run_process([sys.executable, "-m", module, *arguments], MOST_SECONDS)


def expected_seconds(told: str) -> float | None:
    """Return the seconds that the command said beforehand."""
    found = EXPECTED.search(told)
    if found is None:
        return None
    return float(found[1].replace(",", "")) * (60 if found[2] == "min" else 1)


def in_words(line: dict[str, Any]) -> str:
    """Say what a line holds: everything but the machine."""
    if "errors" in line:
        return f"{line['table']}: {line['errors']}"
    shown = {name: value for name, value in line.items() if name not in ("table", "machine")}
    return f"{line['table']}\n" + "\n".join(f"  {name}: {value}" for name, value in shown.items())
