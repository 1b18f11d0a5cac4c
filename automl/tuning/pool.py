"""Worker processes that can be killed without taking their neighbours along."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from automl.tuning.resources import resident_memory
from automl.tuning.tasks import Answer, Failed, FitTask
from automl.tuning.worker import Setup, receive, send

_log = logging.getLogger(__name__)

_GRACE_SECONDS, _GRACE_SHARE = 2.0, 0.5
"""How far a fit may overrun its limit before its worker is killed as hung.

The search cancels what still runs when its own time is over, whatever grace is left.
"""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from automl.tuning.worker import main; main()"
)


@dataclass(eq=False)
class _Worker:
    """One process with its pipe and what it is busy with."""

    process: subprocess.Popen[bytes]
    task: FitTask | None = None
    kill_at: float = float("inf")
    killed_for: str = ""
    set_up: bool = field(default=False)

    @property
    def requests(self) -> BinaryIO:
        stream = self.process.stdin
        assert stream is not None
        return stream  # type: ignore[return-value]


class WorkerPool:
    """Runs fits in processes of their own.

    A fit that overruns its limit or its memory is ended with its process; a crash ends only its
    own process. Both come back as `Failed` answers, and a fresh process takes the place.
    Workers are fresh interpreters: they never import the caller's `__main__`, so an unguarded
    script and a notebook both work. Not for use from several threads at once.

    Parameters
    ----------
    n_workers : int
        Number of processes.
    n_threads : int
        Threads of each, also told to OpenMP and BLAS.
    log : Path
        File that collects what workers print.
    """

    def __init__(self, n_workers: int, n_threads: int, log: Path):
        self.n_workers = n_workers
        self.n_threads = n_threads
        self._log = log
        self._setup: Setup | None = None
        self._inbox: queue.Queue[tuple[_Worker, Answer | None]] = queue.Queue()
        self._workers = [self._start() for _ in range(n_workers)]

    def set_up(self, setup: Setup) -> None:
        """Tell every worker where the rows are; fits may be submitted from now on."""
        self._setup = setup
        for number, worker in enumerate(self._workers):
            self._workers[number] = self._deliver_setup(worker)

    def idle(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.task is None for worker in self._workers)

    def running(self) -> tuple[FitTask, ...]:
        """Return the tasks that are being fitted."""
        return tuple(worker.task for worker in self._workers if worker.task is not None)

    def submit(self, task: FitTask) -> None:
        """Give a task to an idle worker."""
        worker = next(worker for worker in self._workers if worker.task is None)
        worker.task = task
        grace = _GRACE_SECONDS + _GRACE_SHARE * task.seconds
        worker.kill_at = time.monotonic() + task.seconds + grace
        worker.killed_for = ""
        try:
            send(worker.requests, task)
        except (BrokenPipeError, OSError):
            _log.debug("worker %d was gone before its task", worker.process.pid)

    def wait(self, timeout: float) -> list[tuple[FitTask, Answer]]:
        """Wait until at least one fit has ended, or the time is over, and return what ended."""
        until = time.monotonic() + timeout
        ended: list[tuple[FitTask, Answer]] = []
        while not ended:
            self._watch()
            left = until - time.monotonic()
            if left <= 0:
                break
            ended.extend(self._collect(min(left, 0.1)))
        while not self._inbox.empty():
            ended.extend(self._collect(0.0))
        return ended

    def cancel(self, *, replace: bool = True) -> list[FitTask]:
        """End every running fit at once and return its task.

        Without `replace` the pool keeps only its idle workers.
        """
        busy = [worker for worker in self._workers if worker.task is not None]
        for worker in busy:
            if replace:
                self._replace(self._workers.index(worker))
            else:
                _end(worker)
                self._workers.remove(worker)
        return [worker.task for worker in busy if worker.task is not None]

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers:
            _end(worker)
        self._workers = []

    def _start(self) -> _Worker:
        threads = str(self.n_threads)
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        # Idle OpenMP threads that spin steal the core from a neighbour that works.
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
        environment |= dict.fromkeys(names, threads)
        path = [str(Path(entry or ".").resolve()) for entry in sys.path]
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, json.dumps(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        worker = _Worker(process)
        threading.Thread(target=_read_answers, args=(worker, self._inbox), daemon=True).start()
        return worker

    def _deliver_setup(self, worker: _Worker) -> _Worker:
        """Send the setup; a worker that died while starting is replaced once."""
        assert self._setup is not None
        try:
            send(worker.requests, self._setup)
        except (BrokenPipeError, OSError):
            _end(worker)
            worker = self._start()
            send(worker.requests, self._setup)
        worker.set_up = True
        return worker

    def _replace(self, number: int) -> None:
        _end(self._workers[number])
        worker = self._start()
        self._workers[number] = self._deliver_setup(worker) if self._setup else worker

    def _collect(self, timeout: float) -> list[tuple[FitTask, Answer]]:
        try:
            worker, answer = (
                self._inbox.get(timeout=timeout) if timeout else self._inbox.get_nowait()
            )
        except queue.Empty:
            return []
        if worker not in self._workers:
            return []  # the last words of a worker that was replaced
        task = worker.task
        if answer is None:
            answer = Failed(worker.killed_for or _ending(worker.process))
            self._replace(self._workers.index(worker))
        elif isinstance(answer, Failed) and "MemoryError" in answer.reason:
            self._replace(self._workers.index(worker))  # its heap may be full of leftovers
        worker.task = None
        worker.kill_at = float("inf")
        return [] if task is None else [(task, answer)]

    def _watch(self) -> None:
        """Kill what has overrun its time or its memory; its end arrives like any other."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.task is None or worker.killed_for:
                continue
            if now > worker.kill_at:
                worker.killed_for = f"hung: its limit was {worker.task.seconds:.1f} s; ended"
            elif self._setup and resident_memory(worker.process.pid) > self._setup.memory:
                limit = self._setup.memory >> 20
                worker.killed_for = f"out of memory: held more than {limit} MiB; ended"
            if worker.killed_for:
                _kill(worker.process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker with whatever its fit has started: it leads a session of its own."""
    if not hasattr(os, "killpg"):
        process.kill()
    elif process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            _log.debug("worker %d ended by itself", process.pid)


def _read_answers(worker: _Worker, inbox: queue.Queue[tuple[_Worker, Answer | None]]) -> None:
    stream: Any = worker.process.stdout
    while True:
        try:
            inbox.put((worker, receive(stream)))
        except (EOFError, OSError, ValueError):
            inbox.put((worker, None))
            return


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return f"crashed: worker ended by signal {name}"
    return f"crashed: worker ended with exit status {code}"


def _end(worker: _Worker) -> None:
    _kill(worker.process)
    worker.process.wait()
    for stream in (worker.process.stdin, worker.process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                _log.debug("pipe of worker %d was broken", worker.process.pid)
