"""Whether `automl.search` keeps its time budget, from the call and from the process's start."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.job import CORES
from benchmarks.machine import describe
from benchmarks.protocol import Dataset, read_datasets
from benchmarks.runner import append_line, run_process

DATASETS = ("adult", "madelon", "sms_spam", "hflights", "kddcup99_10pct")
BUDGETS = (5.0, 10.0, 30.0, 60.0)
START_SECONDS = 2.0

# The whole file is read by the search itself, as a user would have it do.
SCRIPT = """
import json, sys, time
order = json.loads(sys.argv[1])
from benchmarks.machine import use_cores
use_cores(order["cores"])
import automl
call = time.time()
result = automl.search(
    order["file"], target=order["target"], ignore=order["ignore"], group=order["group"],
    time=order["time"], time_budget=order["budget"], progress=False,
)
end = time.time()
board = result.leaderboard
print(json.dumps({
    "from_call": end - call,
    "from_start": end - order["started"],
    "candidates": len(board),
    "best": str(board.iloc[0]["name"]),
    "timing": json.loads(result.timing.to_json(orient="records")),
}), file=open(order["out"], "w"))
"""


def allowance(budget: float) -> float:
    """Return the seconds from the call to the Result that a budget may take."""
    return budget + max(2.0, 0.03 * budget)


def measure(
    data: Path,
    out: Path,
    report: Callable[[str], None],
    datasets: Sequence[str] = DATASETS,
    budgets: Sequence[float] = BUDGETS,
) -> bool:
    """Measure every dataset at every budget, append a line for each, and say whether all hold."""
    known = read_datasets(data)
    out.parent.mkdir(parents=True, exist_ok=True)
    all_hold = True
    for budget in budgets:
        for name in datasets:
            line = measure_one(known[name], data, budget)
            append_line(out, line)
            all_hold &= line["holds"]
            report(_in_words(line))
    return all_hold


def measure_one(dataset: Dataset, data: Path, budget: float) -> dict[str, Any]:
    """Search one whole file in a fresh process and return what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        order = {
            "file": str((data / dataset.file).resolve()),
            "target": dataset.target,
            "ignore": [name for name in dataset.drop if name != dataset.group],
            "group": dataset.group or None,
            "time": dataset.time or None,
            "budget": budget,
            "cores": CORES,
            "out": str(out),
            "started": time.time(),
        }
        command = [sys.executable, "-c", SCRIPT, json.dumps(order)]
        ended = run_process(command, limit=600 + 3 * budget)
        line: dict[str, Any] = {
            "dataset": dataset.name,
            "budget": budget,
            "peak_mb": round(ended.peak_bytes / 2**20),
            "machine": describe(),
            "holds": False,
        }
        if ended.code != 0 or not out.exists():
            return line | {"errors": ended.errors or "took too long"}
        line |= json.loads(out.read_text(encoding="utf-8"))
    limit = allowance(budget)
    line["holds"] = line["from_call"] <= limit and line["from_start"] <= limit + START_SECONDS
    return line


def _in_words(line: dict[str, Any]) -> str:
    head = f"{line['dataset']:16} {line['budget']:4g} s"
    if "errors" in line:
        last = (line["errors"].strip().splitlines() or [""])[-1]
        return f"{head}  failed: {last}"
    verdict = "holds" if line["holds"] else "BROKEN"
    return (
        f"{head}  {line['from_call']:6.2f} s from the call, {line['from_start']:6.2f} s from the "
        f"start  {verdict}  {line['peak_mb']:,} MB  {line['candidates']} rows, best {line['best']}"
    )
