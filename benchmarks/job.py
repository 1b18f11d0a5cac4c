"""One run of one system on one dataset: what the runner starts in a process of its own.

``python -m benchmarks.job JOB.json OUT.json`` reads a job and writes what was measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CORES = 2
BATCHES = 3
SINGLE_ROWS = 30


@dataclass(frozen=True)
class Job:
    """What to run.

    Parameters
    ----------
    system, dataset : str
        Names.
    seed : int
        Seed that the system gets.
    budget : float
        Seconds that the system gets.
    """

    system: str
    dataset: str
    seed: int
    budget: float

    @property
    def key(self) -> tuple[str, str, int, float]:
        """What makes the job the same as another."""
        return self.system, self.dataset, self.seed, self.budget

    def to_dict(self) -> dict[str, Any]:
        """Return the job as plain values for JSON."""
        return asdict(self)


def run_job(job: Job, folder: Path, started: float) -> dict[str, Any]:
    """Fit, score and time one system.

    Parameters
    ----------
    job : Job
        What to run.
    folder : Path
        The data folder.
    started : float
        `time.time()` at which the process was started.

    Returns
    -------
    dict
        metric, score, fit_seconds (from the call), process_seconds (from the start of the process,
        without the reading of the data), rows_per_second, one_row_ms, n_train, n_test, note.
    """
    from benchmarks.protocol import load, read_datasets, score
    from benchmarks.systems import SYSTEMS, Spec

    before_reading = time.monotonic()
    dataset = read_datasets(folder)[job.dataset]
    problem = load(dataset, folder)
    reading = time.monotonic() - before_reading
    spec = Spec(dataset.target, dataset.task, job.budget, job.seed, dataset.group, dataset.time)
    start = time.monotonic()
    predictor = SYSTEMS[job.system](problem.train, spec)
    fit_seconds = time.monotonic() - start
    process_seconds = time.time() - started - reading
    rows = problem.test_rows
    prediction = predictor.predict(rows)
    return {
        "metric": dataset.metric,
        "score": score(problem, prediction, predictor.classes),
        "fit_seconds": round(fit_seconds, 3),
        "process_seconds": round(process_seconds, 3),
        "rows_per_second": round(len(rows) / _fastest(lambda: predictor.predict(rows), BATCHES)),
        "one_row_ms": round(1e3 * _one_row(predictor.predict, rows), 2),
        "n_train": len(problem.train),
        "n_test": len(rows),
        "note": predictor.note,
    }


def _fastest(call: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _one_row(predict: Callable[[Any], object], rows: Any) -> float:
    """Return the median seconds of predicting one row, different rows one after the other."""
    taken = []
    for i in range(min(SINGLE_ROWS, len(rows))):
        row = rows.iloc[[i]]
        start = time.perf_counter()
        predict(row)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2]


def main(job_file: Path, out_file: Path) -> None:
    """Run the job of a file and write what was measured."""
    from benchmarks.machine import describe, use_cores

    order = json.loads(job_file.read_text(encoding="utf-8"))
    use_cores(CORES)
    measured = run_job(Job(**order["job"]), Path(order["data"]), order["started"])
    measured["machine"] = describe()
    out_file.write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
