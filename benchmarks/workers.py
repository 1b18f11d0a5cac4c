"""What worker processes cost, and what waiting threads cost beside a busy neighbour."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.runner import append_line

# The same search twice: fits in worker processes, and in the calling process.
ISOLATION = """
import json, sys, time
import automl
from automl.assembly import run_to_result
from automl.demo import loans
from automl.tuning.events import CandidateFinished
from automl.tuning.settings import check_settings
import pandas, sklearn.linear_model, lightgbm, optuna
table = loans(2000)
seconds = {}
def hear(event):
    if isinstance(event, CandidateFinished) and event.name == "lightgbm-1":
        seconds["first_model"] = time.monotonic() - call
settings = check_settings(
    target="approved", time_budget=None, n_trials=1, task="auto", metric="auto", sensitive=(),
    ignore=(), roles=None, weight=None, group=None, time=None, positive=None,
    families=["lightgbm"], refit="auto", audit_size=0, seed=0, n_jobs=1, memory_limit=None,
    run_dir=None, callbacks=(hear,),
)
call = time.monotonic()
run_to_result(table, settings, call, None, in_process=json.loads(sys.argv[1]))
print(json.dumps(seconds["first_model"]))
"""

# LightGBM on two threads, told or not told how its waiting threads should wait.
WAITING = """
import time, numpy, lightgbm
rng = numpy.random.default_rng(0)
X = rng.normal(size=(30_000, 20))
y = (X[:, 0] + rng.normal(size=30_000) > 0).astype(int)
data = lightgbm.Dataset(X, y).construct()
began = time.monotonic()
lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 2}, data, 200)
print(time.monotonic() - began)
"""

BUSY = "while True: pass"


def measure(out: Path, report: Callable[[str], None], repeats: int = 5) -> None:
    """Measure both in pairs, A B A B, and append one line with the medians."""
    line: dict[str, Any] = {"machine": describe(), "repeats": repeats}
    seconds: dict[str, list[float]] = {}
    for _ in range(repeats):
        for name, in_process in (("workers", "false"), ("in_process", "true")):
            seconds.setdefault(name, []).append(_run([ISOLATION, in_process], {}))
        neighbour = subprocess.Popen([sys.executable, "-c", BUSY])
        try:
            for policy in ("passive", "active"):
                found = _run([WAITING], {"OMP_WAIT_POLICY": policy.upper()})
                seconds.setdefault(policy, []).append(found)
            seconds.setdefault("library default", []).append(_run([WAITING], {}))
        finally:
            neighbour.kill()
            neighbour.wait()
    line |= {name: round(statistics.median(values), 3) for name, values in seconds.items()}
    append_line(out, line)
    report(
        f"first model: {line['workers']} s with workers, {line['in_process']} s in process\n"
        f"LightGBM beside a busy process: {line['passive']} s passive, {line['active']} s active, "
        f"{line['library default']} s by the library's default"
    )


def _run(arguments: list[str], environment: dict[str, str]) -> float:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    time.sleep(0.2)
    return float(json.loads(done.stdout.strip().splitlines()[-1]))
