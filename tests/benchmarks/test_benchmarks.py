"""The benchmark's protocol, runner and tables, on tiny data of our own."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from benchmarks.__main__ import main
from benchmarks.deadline import allowance
from benchmarks.job import Job, run_job
from benchmarks.memory import PeakMemory, memory_of, tree_of
from benchmarks.profiles import PROFILES, Profile
from benchmarks.protocol import Dataset, load, read_datasets, score, split_rows
from benchmarks.runner import append_line, plan, read_lines, run, run_process
from benchmarks.systems import Spec, fit_lightgbm, fit_lightgbm_tuned
from benchmarks.table import write_table

N_ROWS = 240


def tiny_frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    number = rng.normal(size=N_ROWS)
    word = rng.choice(["red", "green", "blue"], N_ROWS)
    return pd.DataFrame(
        {
            "number": number,
            "word {odd}": np.where(rng.random(N_ROWS) < 0.1, None, word),
            "mixed": np.where(rng.random(N_ROWS) < 0.5, "FALSE", number.round(1).astype(str)),
            "day": pd.date_range("2020-01-01", periods=N_ROWS).strftime("%Y-%m-%d"),
            "who": rng.integers(0, 30, N_ROWS),
            "leak": rng.normal(size=N_ROWS),
            "yes": np.where(number + (word == "red") + rng.normal(size=N_ROWS) > 0.3, "y", "n"),
            "kind": np.where(number > 0.5, "a", np.where(word == "red", "b", "c")),
            "value": np.where(rng.random(N_ROWS) < 0.05, np.nan, 3 * number + (word == "red")),
        }
    )


def tiny_dataset(task: str, **changes: object) -> Dataset:
    target, metric, positive = {
        "binary": ("yes", "roc_auc", "y"),
        "multiclass": ("kind", "neg_log_loss", ""),
        "regression": ("value", "rmse", ""),
    }[task]
    split = "random" if task == "regression" else "stratified"
    dropped = tuple({"leak", "yes", "kind", "value"} - {target})
    base = Dataset(task, "tiny.parquet", task, target, positive, metric, split, 0, "", "", dropped)
    return replace(base, **changes)  # type: ignore[arg-type]


TASKS = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    tiny_frame().to_parquet(folder / "tiny.parquet")
    names = {
        "positive": "positive_label",
        "seed": "split_seed",
        "group": "group_col",
        "time": "time_col",
    }
    with (folder / "datasets.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([names.get(field.name, field.name) for field in fields(Dataset)])
        for task in TASKS:
            one = tiny_dataset(task)
            values = [getattr(one, field.name) for field in fields(Dataset)]
            writer.writerow([";".join(v) if isinstance(v, tuple) else v for v in values])
    return folder


# Protocol


def test_datasets_are_read_as_written(data: Path) -> None:
    assert read_datasets(data) == {task: tiny_dataset(task) for task in TASKS}


@pytest.mark.parametrize("task", TASKS)
def test_splits_are_those_of_scikit_learn(task: str) -> None:
    frame = tiny_frame()
    frame = frame[frame[tiny_dataset(task).target].notna()].reset_index(drop=True)
    y = frame[tiny_dataset(task).target]
    train, test = split_rows(tiny_dataset(task), frame)
    expected = train_test_split(
        np.arange(len(y)), test_size=0.25, random_state=0,
        stratify=None if task == "regression" else y.astype(str),
    )  # fmt: skip
    assert (train.tolist(), test.tolist()) == tuple(part.tolist() for part in expected)


def test_time_splits_test_on_the_last_rows() -> None:
    frame = tiny_frame().sample(frac=1, random_state=1).reset_index(drop=True)[:238]
    train, test = split_rows(tiny_dataset("binary", split="time", time="day"), frame)
    assert len(test) == 60
    assert frame["day"].iloc[train].max() < frame["day"].iloc[test].min()


def test_group_splits_share_no_group(data: Path) -> None:
    dropped = ("leak", "kind", "value", "who")
    dataset = tiny_dataset("binary", split="group", group="who", drop=dropped)
    problem = load(dataset, data)
    assert not set(problem.train["who"]) & set(problem.test["who"])
    assert list(problem.train.columns) == ["number", "word {odd}", "mixed", "day", "who", "yes"]


def test_rows_without_a_target_are_removed(data: Path) -> None:
    problem = load(tiny_dataset("regression"), data)
    assert len(problem.train) + len(problem.test) == tiny_frame()["value"].notna().sum()
    assert "value" not in problem.test_rows


def test_scores_follow_the_labels_and_not_the_columns(data: Path) -> None:
    problem = load(tiny_dataset("binary"), data)
    p = np.random.default_rng(0).random(len(problem.test))
    expected = roc_auc_score(problem.test_target == "y", p)
    assert score(problem, np.column_stack([1 - p, p]), ["n", "y"]) == pytest.approx(expected)
    assert score(problem, np.column_stack([p, 1 - p]), ["y", "n"]) == pytest.approx(expected)


def test_labels_are_found_where_a_system_has_changed_their_type(data: Path) -> None:
    problem = load(tiny_dataset("binary", positive="1.0"), data)
    coded = problem.test.assign(yes=(problem.test["yes"] == "y").astype(float))
    problem = replace(problem, test=coded, labels=(0.0, 1.0))
    p = np.random.default_rng(0).random(len(coded))
    expected = roc_auc_score(coded["yes"], p)
    for classes in ([0.0, 1.0], [0, 1], ["0", "1"]):
        assert score(problem, np.column_stack([1 - p, p]), classes) == pytest.approx(expected)


def test_log_loss_is_over_all_classes(data: Path) -> None:
    problem = load(tiny_dataset("multiclass"), data)
    p = np.random.default_rng(0).dirichlet([1, 1, 1], len(problem.test))
    expected = -log_loss(problem.test_target, p, labels=["a", "b", "c"])
    assert score(problem, p, ["a", "b", "c"]) == pytest.approx(expected)
    # A system that never saw one class says nothing about it: clipped, not an error.
    two = p[:, :2] / p[:, :2].sum(axis=1, keepdims=True)
    assert score(problem, two, ["a", "b"]) < -5


def test_rmse_is_the_textbooks(data: Path) -> None:
    problem = load(tiny_dataset("regression"), data)
    assert score(problem, problem.test_target.to_numpy() + 2, ()) == pytest.approx(2)


# Systems


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("fit", [fit_lightgbm, fit_lightgbm_tuned])
def test_systems_beat_a_constant(fit: object, task: str, data: Path) -> None:
    problem = load(tiny_dataset(task), data)
    spec = Spec(problem.dataset.target, task, budget=1.5, seed=0)
    predictor = fit(problem.train, spec)  # type: ignore[operator]
    reached = score(problem, predictor.predict(problem.test_rows), predictor.classes)
    shares = problem.train[problem.dataset.target].value_counts(normalize=True)
    if task == "binary":
        assert reached > 0.6
    elif task == "multiclass":
        prior = np.tile(shares.to_numpy(), (len(problem.test), 1))
        assert reached > score(problem, prior, list(shares.index))
    else:
        mean = np.full(len(problem.test), problem.train["value"].mean())
        assert reached < score(problem, mean, ())


def test_levels_that_are_new_in_the_test_rows_are_missing(data: Path) -> None:
    problem = load(tiny_dataset("binary"), data)
    predictor = fit_lightgbm(problem.train, Spec("yes", "binary", 1.0, 0))
    new, missing = problem.test_rows.copy(), problem.test_rows.copy()
    new["word {odd}"], missing["word {odd}"] = "violet", None
    np.testing.assert_array_equal(predictor.predict(new), predictor.predict(missing))


@pytest.mark.parametrize("changes", [{"time": "day"}, {"group": "who"}])
def test_the_tuned_rival_holds_out_like_the_protocol(changes: dict[str, str], data: Path) -> None:
    from benchmarks.lightgbm_tuned import _holdout

    train = load(tiny_dataset("binary"), data).train
    y = (train["yes"] == "y").to_numpy().astype(int)
    inner, held = _holdout(train, y, Spec("yes", "binary", 1.0, 0, **changes))
    assert sorted([*inner, *held]) == list(range(len(train)))
    if "time" in changes:
        assert train["day"].iloc[inner].max() < train["day"].iloc[held].min()
    else:
        assert not set(train["who"].iloc[inner]) & set(train["who"].iloc[held])


# Runner


def test_a_job_says_all_that_the_table_needs(data: Path) -> None:
    measured = run_job(Job("lightgbm", "binary", 0, 5.0), data, time.time())
    assert measured["metric"] == "roc_auc"
    assert 0.6 < measured["score"] <= 1
    assert measured["rows_per_second"] > 0
    assert measured["one_row_ms"] > 0
    assert measured["n_train"] + measured["n_test"] == N_ROWS
    assert measured["process_seconds"] >= measured["fit_seconds"] > 0


def test_a_run_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "results" / "out.jsonl"
    jobs = [Job("lightgbm", task, 0, 1.0) for task in ("binary", "absent")]
    said: list[str] = []
    run(jobs, data, out, said.append)
    first, second = read_lines(out)
    assert first["status"] == "ok"
    assert first["peak_mb"] > 50 or not Path("/proc").is_dir()
    assert first["wall_seconds"] >= first["process_seconds"]
    assert first["machine"]["cores"] <= 2 or not hasattr(os, "sched_setaffinity")
    assert second["status"] == "failed"
    assert "KeyError: 'absent'" in second["errors"]
    # The finished job is skipped, the failed one is tried anew, a line that was cut off is alone.
    with out.open("a", encoding="utf-8") as file:
        file.write('{"job": {"sys')
    run(jobs, data, out, said.append)
    assert "1 jobs to run, 1 lines finished" in said[3]
    assert [line["status"] for line in read_lines(out)] == ["ok", "failed", "failed"]


def test_processes_that_take_too_long_are_ended_with_all_they_started() -> None:
    inner = "import time; time.sleep(60)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    start = time.monotonic()
    ended = run_process([sys.executable, "-c", script], limit=1.5)
    assert ended.code is None
    assert time.monotonic() - start < 30


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc")
def test_memory_counts_what_a_process_started() -> None:
    inner = "import time; held = bytearray(120_000_000); time.sleep(20)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    process = subprocess.Popen([sys.executable, "-c", script])
    try:
        with PeakMemory(process.pid) as memory:
            waiting_until = time.monotonic() + 15
            while memory.bytes < 120_000_000 and time.monotonic() < waiting_until:
                time.sleep(0.1)
            tree = tree_of(process.pid)
        assert memory.bytes > 120_000_000
        assert len(tree) == 2
    finally:
        for pid in tree_of(process.pid)[::-1]:
            os.kill(pid, 9)
        process.wait()
    assert memory_of(process.pid) == 0


def test_plans_cover_the_profile_unless_told_otherwise() -> None:
    profile = Profile((), (1.0, 2.0), (0, 1))
    jobs = plan(profile, ["a", "b"], ["x", "y", "z"], [])
    assert len(jobs) == len({job.key for job in jobs}) == 2 * 2 * 2 * 3
    assert {job.budget for job in plan(profile, ["a"], ["x"], [9.0])} == {9.0}


def test_profiles_name_datasets_that_exist(real_data: Path) -> None:
    known = read_datasets(real_data)
    assert len(known) == 21
    assert all(set(profile.datasets) <= set(known) for profile in PROFILES.values())


# Tables and command line


def line(system: str, dataset: str, metric: str, value: float, seed: int = 0) -> dict[str, object]:
    return {
        "job": {"system": system, "dataset": dataset, "seed": seed, "budget": 5.0},
        "status": "ok", "when": "2026-01-02T03:04:05+00:00", "metric": metric, "score": value,
        "fit_seconds": 4.0, "peak_mb": 1_234, "rows_per_second": 10_000, "one_row_ms": 2.0,
        "machine": {"cpu": "cpu", "cores": 2, "memory_gb": 8.0, "system": "s", "python": "3.11",
                    "versions": {"lightgbm": "4"}},
    }  # fmt: skip


def test_tables_count_wins_in_the_metrics_direction() -> None:
    lines = [
        line("lightgbm", "x", "roc_auc", 0.8),
        line("candor", "x", "roc_auc", 0.7),
        line("candor", "x", "roc_auc", 0.9),  # run again: the last counts
        line("lightgbm", "y", "rmse", 2.0),
        line("candor", "y", "rmse", 4.0, seed=0),
        line("candor", "y", "rmse", 6.0, seed=1),
        line("lightgbm", "z", "neg_log_loss", -0.5),
        line("candor", "z", "neg_log_loss", -0.5),
        {**line("candor", "w", "rmse", 1.0), "status": "failed", "errors": ""},
    ]
    text = write_table(lines)
    assert "## 5 s, seed 0, 1" in text
    assert "| x | roc_auc | **0.9** | 0.8 |" in text
    assert "| y | rmse | 5 | **2** |" in text
    assert "| z | neg_log_loss | **-0.5** | **-0.5** |" in text
    assert "candor against lightgbm: 1 won, 1 tied, 1 lost." in text
    assert "| peak MB, median and most | 1,234, 1,234 | 1,234, 1,234 |" in text
    assert "- candor on w, 5 s: failed" in text
    assert "2 cores in use" in text


def test_no_lines_no_table() -> None:
    assert write_table([]) == "\n"


def test_command_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    arguments = ["run", "--systems", "lightgbm", "--datasets", "binary", "--time", "1"]
    assert main([*arguments, "--data", str(data), "--out", str(out)]) == 0
    assert "1/1  binary" in capsys.readouterr().out
    assert main(["table", str(out)]) == 0
    assert "| binary | roc_auc | **" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*arguments, "--data", str(data), "--out", str(out), "--systems", "mystery"])
    assert "unknown: mystery; there are candor" in capsys.readouterr().err


def test_lines_survive_each_other(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    append_line(file, {"a": 1})
    file.write_text(file.read_text() + '{"b"', encoding="utf-8")
    append_line(file, {"c": 3})
    assert read_lines(file) == [{"a": 1}, {"c": 3}]
    assert json.loads(file.read_text().splitlines()[-1]) == {"c": 3}


def test_allowance() -> None:
    assert [allowance(budget) for budget in (5, 60, 300)] == [7, 62, 309]


@pytest.mark.parametrize("name", ["binary", "regression"])
def test_choices_are_measured_in_pairs(name: str, data: Path, tmp_path: Path) -> None:
    from benchmarks import choices

    said: list[str] = []
    out = tmp_path / "choices.jsonl"
    choices.measure(data, out, said.append, [name], n_trials=2)
    [found] = read_lines(out)
    assert found["bag"]["rows_per_second"] > 0
    assert found["refit"]["size_mb"] > 0
    # Members and weights differ between links; every score is one of a usable model.
    assert np.isfinite([found["margin"], found["probability"], found["refit"]["score"]]).all()
    assert name in said[0]
