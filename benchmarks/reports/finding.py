"""``python -m benchmarks.reports.finding TABLE DATA RUN``: the search that is reported later."""

from __future__ import annotations

import sys
from pathlib import Path

import automl
from benchmarks.job import CORES
from benchmarks.machine import use_cores
from benchmarks.reports.tables import task_of

SECONDS = 60.0
"""Time budget of the search."""


def main(arguments: list[str]) -> None:
    """Search once and keep the run folder."""
    name, folder, run = arguments
    use_cores(CORES)
    task = task_of(name, Path(folder))
    automl.search(
        task.data,
        target=task.target,
        time_budget=SECONDS,
        ignore=task.ignore,
        sensitive=task.sensitive,
        run_dir=run,
        progress=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
