"""What the search asks of whatever runs its fits."""

from __future__ import annotations

from typing import Protocol

from automl.tuning.tasks import Answer, FitTask
from automl.tuning.worker import Setup


class Executor(Protocol):
    """Runs fits: `WorkerPool` in killable processes, `InlineExecutor` in this one."""

    n_workers: int
    n_threads: int

    def set_up(self, setup: Setup) -> None:
        """Say where the rows are; comes before the first `submit`."""

    def idle(self) -> int:
        """Return how many fits can be submitted now."""

    def running(self) -> tuple[FitTask, ...]:
        """Return what is being fitted."""

    def submit(self, task: FitTask) -> None:
        """Start a fit; only while `idle()` is above zero."""

    def wait(self, timeout: float) -> list[tuple[FitTask, Answer]]:
        """Return fits that ended, waiting up to so many seconds for the first."""

    def cancel(self, *, replace: bool = True) -> list[FitTask]:
        """End every running fit and return its task; replace its process if more is to come."""

    def close(self) -> None:
        """End all processes."""
