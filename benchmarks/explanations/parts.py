"""The parts, each in a process of its own, and what is said of them."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.runner import append_line, run_process

PARTS = ("exactness", "oracles", "coverage", "speed", "evaluations", "winner")
MOST_SECONDS = 7_200.0


def measure(
    out: Path, report: Callable[[str], None], parts: Sequence[str], data: Path | None
) -> None:
    """Measure the parts one after the other and append a line for each."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for part in parts:
            line = _measure_one(part, Path(folder) / "out.json", data)
            append_line(out, line)
            report(in_words(line))


def _measure_one(part: str, out: Path, data: Path | None) -> dict[str, Any]:
    line = {"part": part, "machine": describe()}
    if part == "winner" and data is None:
        return line | {"errors": "needs --data, the folder with datasets.csv"}
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.explanations", part, str(out)]
    ended = run_process([*command, *([str(data)] if data else [])], limit=MOST_SECONDS)
    if ended.code != 0 or not out.exists():
        return line | {"errors": ended.errors or "took too long"}
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return line | found | {"peak_mb": round(ended.peak_bytes / 2**20)}


def in_words(line: dict[str, Any]) -> str:
    """Say what a line holds: everything but machine and single comparisons."""
    if "errors" in line:
        return f"{line['part']}: {line['errors']}"
    hidden = ("part", "machine", "comparisons")
    shown = {name: value for name, value in line.items() if name not in hidden}
    return f"{line['part']}\n" + "\n".join(f"  {name}: {value}" for name, value in shown.items())
