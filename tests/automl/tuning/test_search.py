"""One call from the table to a usable result, whatever goes wrong on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

import automl
from automl.demo import loans
from automl.tuning.events import CandidateFinished, Finished, Planned, TableRead

QUICK: dict[str, Any] = {"families": ["linear", "lightgbm"], "n_jobs": 2}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return loans(400)


@pytest.fixture(scope="module")
def result(table: pd.DataFrame) -> automl.Result:
    return automl.search(table, target="approved", n_trials=3, **QUICK)


def test_leaderboard_holds_every_candidate_and_the_ensemble_best_first(
    result: automl.Result,
) -> None:
    board = result.leaderboard
    assert list(board.columns) == [
        "name", "family", "status", "score", "low", "high", "fit_seconds", "predict_seconds",
        "size",
    ]  # fmt: skip
    assert {"ensemble", "baseline"} <= set(board["name"])
    scores = board.loc[board["status"] == "complete", "score"]
    assert scores.is_monotonic_decreasing
    inside = board.dropna(subset="low")
    assert ((inside["low"] <= inside["score"]) & (inside["score"] <= inside["high"])).all()


def test_same_seed_gives_the_same_result(table: pd.DataFrame, result: automl.Result) -> None:
    again = automl.search(table, target="approved", n_trials=3, **QUICK)
    assert np.array_equal(result.predict_proba(table), again.predict_proba(table))
    timeless = ["name", "family", "status", "score", "low", "high"]
    pd.testing.assert_frame_equal(result.leaderboard[timeless], again.leaderboard[timeless])


@pytest.mark.slow
def test_same_seed_gives_the_same_result_with_every_family() -> None:
    rows = loans(600)
    first, second = (automl.search(rows, target="approved", n_trials=16) for _ in range(2))
    assert first.members.equals(second.members)
    assert np.array_equal(first.predict_proba(rows), second.predict_proba(rows))


def test_another_seed_gives_another_result(table: pd.DataFrame, result: automl.Result) -> None:
    other = automl.search(table, target="approved", n_trials=3, seed=1, **QUICK)
    assert not np.array_equal(result.predict_proba(table), other.predict_proba(table))


def test_refit_uses_one_model_a_member_and_bagging_one_a_fold(table: pd.DataFrame) -> None:
    refit = automl.search(table, target="approved", n_trials=2, refit=True, **QUICK)
    assert refit.members["refitted"].all()
    assert (refit.members["models"] == 1).all()
    bag = automl.search(table, target="approved", n_trials=2, refit=False, **QUICK)
    assert not bag.members["refitted"].any()
    assert (bag.members["models"] > 1).all()


def test_saved_result_predicts_the_same_in_a_new_process(
    result: automl.Result, table: pd.DataFrame, tmp_path: Path
) -> None:
    folder = result.save(tmp_path / "kept")
    table.to_parquet(tmp_path / "rows.parquet")
    script = (
        "import automl, numpy, sys; "
        "numpy.save(sys.argv[3], automl.load(sys.argv[1]).predict_proba(sys.argv[2]))"
    )
    arguments = [str(folder), str(tmp_path / "rows.parquet"), str(tmp_path / "p.npy")]
    here = {"PYTHONPATH": str(Path(automl.__file__).parents[1])}
    command = [sys.executable, "-c", script, *arguments]
    subprocess.run(command, check=True, timeout=120, env=os.environ | here)
    assert np.array_equal(np.load(tmp_path / "p.npy"), result.predict_proba(table))


def test_any_complete_candidate_can_be_used(result: automl.Result, table: pd.DataFrame) -> None:
    board = result.leaderboard
    for name in board.loc[board["status"] == "complete", "name"]:
        p = result.candidate(name).predict_proba(table)
        assert p.shape == (len(table), 2)
        assert np.allclose(p.sum(axis=1), 1)
    with pytest.raises(automl.ArgumentError, match="no complete candidate 'nobody'"):
        result.candidate("nobody")


def test_threshold_is_settable_and_used(result: automl.Result, table: pd.DataFrame) -> None:
    before = result.threshold
    positive = result.model.classes_[1]
    try:
        result.threshold = 0.0
        assert (result.predict(table) == positive).all()
        with pytest.raises(automl.ArgumentError, match="between 0 and 1"):
            result.threshold = 2.0
    finally:
        result.threshold = before


def test_sealed_rows_are_seen_by_nothing(table: pd.DataFrame) -> None:
    """Rows that are sealed may say anything: neither models nor scores change."""
    arguments: dict[str, Any] = {
        "target": "approved",
        "sensitive": ["sex"],
        "n_trials": 2,
        **QUICK,
    }
    first = automl.search(table, **arguments)
    sealed = first.sealed_rows
    assert len(sealed) == pytest.approx(0.2 * len(table), abs=2)
    poisoned = table.copy()
    numbers = poisoned.select_dtypes("number").columns.drop("approved", errors="ignore")
    order = np.random.default_rng(0).permutation(sealed)
    poisoned.loc[sealed, numbers] = table.loc[order, numbers].to_numpy()
    second = automl.search(poisoned, **arguments)
    assert np.array_equal(second.sealed_rows, sealed)
    seen = np.setdiff1d(np.arange(len(table)), sealed)
    rows = table.iloc[seen]
    assert np.array_equal(first.predict_proba(rows), second.predict_proba(rows))


def test_regression_and_multiclass(table: pd.DataFrame) -> None:
    from sklearn.datasets import load_diabetes, load_iris

    diabetes = load_diabetes(as_frame=True).frame
    values = automl.search(diabetes, target="target", n_trials=2, **QUICK)
    assert values.metric == "rmse"
    assert values.leaderboard["score"].iloc[0] < diabetes["target"].std()
    assert values.score(diabetes) < 65
    iris = load_iris(as_frame=True).frame
    kinds = automl.search(iris, target="target", n_trials=2, **QUICK)
    assert kinds.metric == "log_loss"
    assert kinds.predict_proba(iris).shape == (150, 3)
    assert (kinds.predict(iris) == iris["target"]).mean() > 0.9


def test_weights_reach_fits_and_scores() -> None:
    """Rows of weight zero contradict the others: a search that ignored weights would see it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    lies = np.arange(600) % 2 == 0
    y = np.where(lies, x < 0, x > 0)
    frame = pd.DataFrame({"x": x, "y": y, "w": np.where(lies, 0.0, 1.0)})
    result = automl.search(frame, target="y", weight="w", n_trials=2, **QUICK)
    board = result.leaderboard.set_index("name")
    assert board.loc["ensemble", "score"] > 0.95
    assert result.schema.set_index("column").loc["w", "role"] == "weight"


def test_callable_metric_and_registered_family(table: pd.DataFrame) -> None:
    space = {"C": FloatDistribution(0.01, 10, log=True)}
    automl.register_family("mine", LogisticRegression(), space, presets=[{"C": 1.0}])
    try:
        result = automl.search(
            table, target="approved", n_trials=2, families=["mine"], metric=_share_right
        )
        assert result.trials.set_index("name").loc["mine-1", "status"] == "complete"
        assert 0.5 < result.leaderboard["score"].iloc[0] <= 1
    finally:
        automl.unregister_family("mine")


def _share_right(estimator: Any, X: Any, y: Any) -> float:
    return float((estimator.predict(X) == y).mean())


# -- faults --------------------------------------------------------------------------------------


def test_callbacks_hear_everything_and_a_broken_one_costs_nothing(table: pd.DataFrame) -> None:
    heard: list[Any] = []

    def broken(event: Any) -> None:
        raise RuntimeError("a view that fails")

    automl.search(table, target="approved", n_trials=1, callbacks=[broken, heard.append], **QUICK)
    kinds = [type(event) for event in heard]
    assert kinds[0] is TableRead
    assert kinds[-1] is Finished
    assert Planned in kinds
    assert {event.name for event in heard if isinstance(event, CandidateFinished)} >= {"baseline"}


@pytest.fixture
def heard_sigint() -> Iterator[None]:
    """Let Ctrl-C be heard: a shell starts background jobs with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_sigint")
@pytest.mark.parametrize("by_signal", [False, True], ids=["raised", "signal"])
@pytest.mark.parametrize(
    ("moment", "winner"),
    [
        (lambda event: getattr(event, "name", "") == "baseline", "baseline"),
        (lambda event: getattr(event, "name", "") == "linear-1", "linear-1"),
        (lambda event: getattr(event, "step", "") == "ensemble", "linear"),
        (lambda event: getattr(event, "step", "") == "refit", "linear"),
        (lambda event: getattr(event, "step", "") == "save", "linear"),
        (lambda event: isinstance(event, Finished), "linear"),
    ],
    ids=["baseline", "search", "ensemble", "refit", "save", "finished"],
)
def test_ctrl_c_returns_the_best_so_far(
    table: pd.DataFrame, moment: Callable[[Any], bool], winner: str, by_signal: bool
) -> None:
    def interrupt(event: Any) -> None:
        if isinstance(event, TableRead) or not moment(event):
            return
        if by_signal:
            signal.raise_signal(signal.SIGINT)
        else:
            raise KeyboardInterrupt

    result = automl.search(
        table,
        target="approved",
        n_trials=3,
        families=["linear"],
        refit=True,
        callbacks=[interrupt],
    )
    if winner in ("baseline", "linear-1"):
        assert result.stopped == "interrupted"
    assert result.members["name"].str.startswith(winner).any()
    assert len(result.predict(table)) == len(table)


@pytest.mark.usefixtures("heard_sigint")
def test_ctrl_c_before_there_is_anything_is_the_callers(table: pd.DataFrame) -> None:
    def interrupt(event: Any) -> None:
        if isinstance(event, TableRead):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        automl.search(table, target="approved", callbacks=[interrupt])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class WrongShape(ClassifierMixin, BaseEstimator):
    """Predicts three rows, whatever it is asked."""

    def fit(self, X: Any, y: Any) -> WrongShape:
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.full((3, 2), 0.5)


def test_predictions_of_a_wrong_shape_fail_their_candidate_alone(table: pd.DataFrame) -> None:
    automl.register_family("wrong", WrongShape(), {}, presets=[{}])
    try:
        result = automl.search(table, target="approved", n_trials=1, families=["wrong"], n_jobs=1)
    finally:
        automl.unregister_family("wrong")
    trials = result.trials.set_index("name")
    assert trials.loc["wrong-1", "status"] == "failed"
    assert "shape" in trials.loc["wrong-1", "note"]
    assert result.members["name"].tolist() == ["baseline"]


def test_files_in_the_working_folder_do_not_shadow_libraries(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "random.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n")
    monkeypatch.chdir(tmp_path)
    result = automl.search(table, target="approved", n_trials=1, families=["linear"], n_jobs=1)
    assert result.members["name"].tolist() == ["linear-1"]


def test_a_budget_too_small_for_any_model_gives_the_baseline(table: pd.DataFrame) -> None:
    result = automl.search(table, target="approved", time_budget=0.05)
    assert result.members["name"].tolist() == ["baseline"]
    assert "no-model" in set(result.checks["code"])
    assert len(result.predict(table)) == len(table)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tiny disk needs root")
def test_a_disk_that_fills_up_leaves_the_best_so_far(table: pd.DataFrame, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        result = automl.search(
            table, target="approved", time_budget=20, run_dir=disk / "run", **QUICK
        )
        assert result.stopped == "disk full"
        assert "disk-full" in set(result.checks["code"])
        assert len(result.predict(table)) == len(table)
        again = automl.load(disk / "run")
        assert np.array_equal(again.predict_proba(table), result.predict_proba(table))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


_UNGUARDED = """
import automl, sys
from automl.demo import loans
result = automl.search(
    loans(400), target="approved", n_trials=int(sys.argv[2]), run_dir=sys.argv[1],
    families=["linear", "lightgbm"], n_jobs=2, sensitive=["sex"],
)
print(len(result.trials), flush=True)
"""


def _run_script(folder: Path, n_trials: int, script: Path) -> subprocess.Popen[str]:
    script.write_text(textwrap.dedent(_UNGUARDED))
    command = [sys.executable, str(script), str(folder), str(n_trials)]
    here = {"PYTHONPATH": str(Path(automl.__file__).parents[1])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | here)


def test_an_unguarded_script_works_and_resumes_after_kill(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = _run_script(folder, 500, tmp_path / "unguarded.py")
    until = time.monotonic() + 90
    while len(list(folder.glob("trials/*/candidate.json"))) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    before = {file.parent.name for file in folder.glob("trials/*/candidate.json")}
    unfinished = automl.load(folder)
    assert unfinished.members["name"].iloc[0] in before
    assert len(unfinished.predict(loans(7))) == 7
    assert len(unfinished.sealed_rows) == 80
    assert len(unfinished.checks) > 0
    n_trials = len(before) + 2
    resumed = _run_script(folder, n_trials, tmp_path / "unguarded.py")
    output, _ = resumed.communicate(timeout=120)
    assert resumed.returncode == 0
    assert int(output) == n_trials + 1  # the baseline is no trial
    assert before <= set(automl.load(folder).trials["name"])


def test_run_folder_rules(table: pd.DataFrame, tmp_path: Path) -> None:
    run = tmp_path / "run"
    arguments: dict[str, Any] = {"target": "approved", "run_dir": run, **QUICK}
    first = automl.search(table, n_trials=2, **arguments)
    again = automl.search(table, n_trials=2, **arguments)
    assert len(again.trials) == len(first.trials)
    more = automl.search(table, n_trials=3, **arguments)
    assert len(more.trials) == len(first.trials) + 1
    with pytest.raises(automl.RunFolderError, match="another table"):
        automl.search(table.iloc[:300], n_trials=2, **arguments)
    with pytest.raises(automl.RunFolderError, match="seed was 0 there and is 5 now"):
        automl.search(table, n_trials=2, seed=5, **arguments)


def test_no_pickle_is_in_a_run_folder(result: automl.Result) -> None:
    suffixes = {file.suffix for file in result.run_dir.rglob("*") if file.is_file()}
    plain = {".json", ".npy", ".npz", ".log", ".txt", ".parquet"}
    assert suffixes <= plain | {".ubj", ".skops", ".lock", ".cbm"}
