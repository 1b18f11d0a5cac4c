"""Fits in the calling process: no isolation, for tiny tables and for tests of estimators."""

from __future__ import annotations

import time
import traceback

from automl.models.base import Family
from automl.tuning.fitting import Fitter
from automl.tuning.scratch import read_scratch
from automl.tuning.tasks import Answer, Failed, FitTask
from automl.tuning.worker import Setup


class InlineExecutor:
    """The interface of `WorkerPool`, one fit at a time, in this process.

    Limits are best effort here: a fit that hangs cannot be ended, and memory is not limited.

    Parameters
    ----------
    n_threads : int
        Threads of a fit.
    families : dict of str to Family
        Families registered by the user.
    """

    n_workers = 1

    def __init__(self, n_threads: int, families: dict[str, Family]):
        self.n_threads = n_threads
        self._families = families
        self._fitter: Fitter | None = None
        self._task: FitTask | None = None

    def set_up(self, setup: Setup) -> None:
        """Read the rows."""
        from pathlib import Path

        data = read_scratch(Path(setup.scratch))
        self._fitter = Fitter(data, Path(setup.encoders), self._families)

    def idle(self) -> int:
        """Return 1 when nothing waits to be fitted."""
        return int(self._task is None)

    def running(self) -> tuple[FitTask, ...]:
        """Return the task that waits to be fitted."""
        return () if self._task is None else (self._task,)

    def submit(self, task: FitTask) -> None:
        """Keep the task until `wait` fits it."""
        self._task = task

    def wait(self, timeout: float) -> list[tuple[FitTask, Answer]]:
        """Fit what was submitted."""
        task, self._task = self._task, None
        if task is None:
            time.sleep(min(timeout, 0.01))
            return []
        assert self._fitter is not None, "set_up comes first"
        try:
            return [(task, self._fitter.run(task))]
        except Exception as error:  # whatever a fit raises is the answer
            reason = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
            return [(task, Failed(reason[:300], traceback.format_exc()))]

    def cancel(self, *, replace: bool = True) -> list[FitTask]:
        """Forget the waiting task and return it."""
        task, self._task = self._task, None
        return [] if task is None else [task]

    def close(self) -> None:
        """Let go of the rows."""
        self._fitter = None
