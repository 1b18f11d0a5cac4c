"""Worker processes: a crash, a hang and a memory hog end alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from search_rows import make_rows
from sklearn.base import BaseEstimator, ClassifierMixin

from automl.models import get_family, register_family, unregister_family
from automl.tuning.pool import WorkerPool
from automl.tuning.scratch import write_scratch
from automl.tuning.tasks import Answer, Failed, FitTask, Fitted
from automl.tuning.worker import Setup


class Misbehaving(ClassifierMixin, BaseEstimator):
    """Does what its parameter says instead of fitting."""

    def __init__(self, how: float = 0.0):
        self.how = how

    def fit(self, X: Any, y: Any) -> Misbehaving:
        self.classes_ = np.unique(y)
        if self.how == 1:
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.how == 2:
            while True:
                time.sleep(0.01)
        if self.how == 3:
            self.hoard_ = [bytearray(64 << 20) for _ in range(1000)]
        if self.how == 4:
            raise ArithmeticError("no such luck")
        if self.how == 5:
            sys.stdout.write("a library that prints\n")
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a pool of two workers that know the family "misbehaving"."""
    folder = tmp_path_factory.mktemp("pool")
    space = {"how": FloatDistribution(0, 9)}
    register_family("misbehaving", Misbehaving(), space, presets=[{"how": 0.0}])
    carried = cloudpickle.dumps({"misbehaving": get_family("misbehaving")})
    pool = WorkerPool(2, 1, folder / "worker.log")
    for name in ("rows", "encoders", "models"):
        (folder / name).mkdir()
    write_scratch(make_rows(), folder / "rows")
    pool.set_up(Setup(str(folder / "rows"), str(folder / "encoders"), 1 << 30, carried))
    yield pool
    pool.close()
    unregister_family("misbehaving")


def task(number: int, how: float, folder: Path, *, seconds: float = 60.0) -> FitTask:
    """Return a fit of the misbehaving family, or of the linear one when `how` is negative."""
    if how < 0:
        family, params = "linear", dict(get_family("linear").presets(_facts())[0].params)
    else:
        family, params = "misbehaving", {"how": how}
    place = str(folder / f"model-{number}")
    return FitTask(number, family, params, 0, seconds, 9.0, None, None, None, 1, 0, place)


def _facts() -> Any:
    from automl.models import Facts

    data = make_rows()
    return Facts("binary", 300, 2, data.columns.layout)


def collect(pool: WorkerPool, n_answers: int) -> dict[int, Answer]:
    """Wait for so many answers."""
    found: dict[int, Answer] = {}
    until = time.monotonic() + 90
    while len(found) < n_answers and time.monotonic() < until:
        found.update({task.candidate: answer for task, answer in pool.wait(1.0)})
    return found


@pytest.mark.parametrize(
    ("how", "seconds", "reason"),
    [
        (1.0, 60.0, "crashed: worker ended by signal SIGSEGV"),
        (2.0, 0.5, "hung"),
        (3.0, 60.0, "emory"),
        (4.0, 60.0, "ArithmeticError: no such luck"),
    ],
    ids=["crash", "hang", "memory", "error"],
)
def test_a_fit_that_goes_wrong_leaves_its_neighbour_unharmed(
    pool: WorkerPool, tmp_path: Path, how: float, seconds: float, reason: str
) -> None:
    pool.submit(task(0, how, tmp_path, seconds=seconds))
    pool.submit(task(1, -1, tmp_path))
    answers = collect(pool, 2)
    assert isinstance(answers[0], Failed)
    assert reason in answers[0].reason
    assert isinstance(answers[1], Fitted)
    assert pool.idle() == 2


def test_an_error_brings_its_traceback(pool: WorkerPool, tmp_path: Path) -> None:
    pool.submit(task(0, 4, tmp_path))
    answer = collect(pool, 1)[0]
    assert isinstance(answer, Failed)
    assert "in fit" in answer.traceback


def test_prints_do_not_disturb_the_answers(pool: WorkerPool, tmp_path: Path) -> None:
    pool.submit(task(0, 5, tmp_path))
    answer = collect(pool, 1)[0]
    assert isinstance(answer, Fitted)
    assert answer.prediction is not None
    assert np.allclose(answer.prediction, 0.5)


def test_cancel_ends_what_runs_and_the_pool_goes_on(pool: WorkerPool, tmp_path: Path) -> None:
    pool.submit(task(0, 2, tmp_path))
    assert [cancelled.candidate for cancelled in pool.cancel()] == [0]
    pool.submit(task(1, -1, tmp_path))
    assert isinstance(collect(pool, 1)[1], Fitted)


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent(
        f"""
        import pathlib, time
        from automl.tuning.pool import WorkerPool
        pool = WorkerPool(2, 1, pathlib.Path({str(tmp_path / "log")!r}))
        print(*[worker.process.pid for worker in pool._workers], flush=True)
        time.sleep(60)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(word) for word in parent.stdout.readline().split()]
    assert len(children) == 2
    assert all(_alive(child) for child in children)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 20
    while any(_alive(child) for child in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_alive(child) for child in children)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
