"""The search's parts, each alone: arguments, plan, study, run folder, resources, rows on disk."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_rows import make_rows

import automl
from automl.errors import ArgumentError, ArgumentTypeError, RunFolderAccessError, RunFolderError
from automl.models import Facts
from automl.table import Splits
from automl.tuning.candidates import Candidate, FoldRecord
from automl.tuning.clock import Clock
from automl.tuning.fitting import sample_rows
from automl.tuning.plan import Opening, cap_held_out, plan_by_measurement, plan_without_clock
from automl.tuning.portfolio import make_portfolio
from automl.tuning.resources import usable_cores, usable_memory
from automl.tuning.run_folder import FORMAT, RunFolder
from automl.tuning.scratch import read_scratch, write_scratch
from automl.tuning.settings import check_settings
from automl.tuning.study import Study

DEFAULTS: dict[str, Any] = {
    "target": "y", "time_budget": None, "n_trials": None, "task": "auto", "metric": "auto",
    "sensitive": (), "ignore": (), "roles": None, "weight": None, "group": None, "time": None,
    "positive": None, "families": "auto", "refit": "auto", "audit_size": "auto", "seed": 0,
    "n_jobs": None, "memory_limit": None, "run_dir": None, "callbacks": (),
}  # fmt: skip


def settings(**changed: Any) -> Any:
    return check_settings(**(DEFAULTS | changed))


# -- arguments -----------------------------------------------------------------------------------


def test_a_minute_by_default_and_no_clock_with_trials() -> None:
    assert settings().time_budget == 60
    assert not settings().reproducible
    assert settings(n_trials=3).reproducible
    assert not settings(n_trials=3, time_budget=9).reproducible


@pytest.mark.parametrize(
    ("argument", "value", "text"),
    [
        ("time_budget", 0, "positive number of seconds"),
        ("time_budget", -1, "got -1"),
        ("time_budget", math.nan, "got nan"),
        ("time_budget", math.inf, "n_trials=20 for no time limit"),
        ("n_trials", 0, "at least 1"),
        ("task", "ranking", "known: auto, binary, multiclass, regression"),
        ("families", ["lightgmb"], "'lightgbm'"),
        ("families", [], "at least one family"),
        ("refit", "maybe", 'known: "auto", True, False'),
        ("audit_size", -0.1, "a share below 1"),
        ("audit_size", "all", "a share below 1"),
        ("seed", -1, "between 0 and"),
        ("n_jobs", 0, "at least 1"),
        ("memory_limit", 1000, "too small for any fit"),
    ],
)
def test_a_wrong_value_is_named(argument: str, value: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        settings(**{argument: value})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("time_budget", "60"),
        ("time_budget", True),
        ("n_trials", 2.5),
        ("metric", 3),
        ("sensitive", 3),
        ("roles", ["a"]),
        ("weight", ["w"]),
        ("seed", "0"),
        ("run_dir", 3),
        ("callbacks", ["print"]),
    ],
)
def test_a_wrong_type_is_named(argument: str, value: Any) -> None:
    with pytest.raises(
        ArgumentTypeError, match="callback" if argument == "callbacks" else argument
    ):
        settings(**{argument: value})


# -- resources -----------------------------------------------------------------------------------


def test_resources_are_what_the_system_allows() -> None:
    import os

    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    assert usable_memory() >= 256 << 20


def test_cgroup_limits_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from automl.tuning import resources

    (tmp_path / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "memory.max").write_text(f"{900 << 20}\n")
    (tmp_path / "memory.current").write_text(f"{100 << 20}\n")
    monkeypatch.setattr(resources, "_CGROUP", tmp_path)
    monkeypatch.setattr(resources, "_cgroup_folders", lambda: [tmp_path])
    assert resources._cgroup_quota() == 1.5
    assert usable_cores() <= 2
    assert usable_memory() <= 800 << 20


def test_a_clock_never_runs_below_zero() -> None:
    assert Clock(0.0).remaining() == 0
    assert not Clock().limited
    assert Clock().remaining() == math.inf


# -- rows ----------------------------------------------------------------------------------------


def test_rows_survive_the_way_through_the_disk(tmp_path: Path) -> None:
    data = make_rows()
    write_scratch(data, tmp_path)
    back = read_scratch(tmp_path)
    assert np.array_equal(back.columns.numeric, data.columns.numeric)
    assert np.array_equal(back.columns.codes, data.columns.codes)
    assert back.columns.texts[0].tolist() == data.columns.texts[0].tolist()
    assert back.columns.layout == data.columns.layout
    assert np.array_equal(back.y, data.y)
    for (train, valid), (train_back, valid_back) in zip(data.folds, back.folds, strict=True):
        assert np.array_equal(train, train_back)
        assert np.array_equal(valid, valid_back)


@given(st.integers(30, 399), st.integers(0, 5))
def test_drawn_rows_are_rows_and_keep_every_class(n_wanted: int, seed: int) -> None:
    data = make_rows()
    rows = np.arange(400)
    drawn = sample_rows(data, rows, n_wanted, seed)
    assert len(np.unique(drawn)) == len(drawn)
    assert n_wanted <= len(drawn) <= n_wanted + 40
    assert set(np.unique(data.y[drawn])) == {0, 1}


# -- plan ----------------------------------------------------------------------------------------


def splits_of(n_rows: int, n_folds: int = 5) -> Splits:
    rows = np.arange(n_rows)
    parts = np.array_split(rows, n_folds)
    return Splits(tuple((np.setdiff1d(rows, part), part) for part in parts), "5 folds", "")


@given(st.floats(0.01, 100), st.floats(1, 1000), st.integers(1, 8))
def test_slower_fits_never_get_more_folds(fit: float, search: float, workers: int) -> None:
    splits = splits_of(2000)

    def folds(seconds: float) -> int:
        opening = Opening(seconds, seconds / 100, 1600)
        return plan_by_measurement(
            splits, opening, n_train=1600, search_seconds=search, n_workers=workers
        ).n_folds

    assert folds(fit) >= folds(2 * fit)
    assert folds(fit) in (1, 3, 5)


def test_without_a_clock_the_plan_depends_on_rows_alone() -> None:
    assert plan_without_clock(splits_of(2000), 2000).n_folds == 5
    assert plan_without_clock(splits_of(150_000), 150_000).n_folds == 1


def test_large_holdouts_are_cut_and_their_rows_train_where_they_may() -> None:
    splits = splits_of(400_000)
    cut = cap_held_out(splits, 400_000, 2, True, 0)
    for train, valid in cut.folds:
        assert len(valid) == 50_000
        assert len(train) == 350_000
        assert len(np.intersect1d(train, valid)) == 0
    fixed = cap_held_out(splits, 400_000, 2, False, 0)
    assert all(len(train) == 320_000 for train, _ in fixed.folds)


# -- study ---------------------------------------------------------------------------------------


def open_study(journal: Path, seed: int = 0) -> Study:
    facts = Facts("binary", 400, 2, make_rows().columns.layout)
    return Study(journal, make_portfolio(("linear", "lightgbm"), facts), facts, seed)


def test_presets_come_as_they_are_then_tpe_goes_on(tmp_path: Path) -> None:
    facts = Facts("binary", 400, 2, make_rows().columns.layout)
    presets = make_portfolio(("linear", "lightgbm"), facts).presets
    study = open_study(tmp_path / "journal.log")
    first = study.propose_preset(study.presets_left[0])
    assert (first.family, first.params) == (presets[0][0], dict(presets[0][1].params))
    first.status = "complete"
    study.tell(first, 0.5)
    drawn = study.propose("lightgbm")
    assert drawn.origin == "search"
    assert set(drawn.params) == set(
        next(preset.params for name, preset in presets if name == "lightgbm")
    )


def test_a_reopened_study_goes_on_where_it_was(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    study = open_study(journal)
    done = study.propose_preset(0)
    done.status = "complete"
    study.tell(done, 0.7)
    study.propose_preset(1)  # and the process is killed
    again = open_study(journal)
    assert 0 not in again.presets_left
    assert 1 in again.presets_left
    retried = again.propose_preset(1)
    assert retried.name != done.name


def test_suggestions_depend_on_the_seed_alone(tmp_path: Path) -> None:
    def suggested(name: str, seed: int) -> dict[str, Any]:
        return open_study(tmp_path / name, seed).propose("lightgbm").params

    assert suggested("a", 1) == suggested("b", 1)
    assert suggested("a2", 1) != suggested("c", 2)


# -- run folder ----------------------------------------------------------------------------------


def finished(name: str = "linear-1") -> Candidate:
    candidate = Candidate(3, name, "linear", {"C": 1.0}, "portfolio", status="complete", score=0.8)
    record = FoldRecord("ab12", 7, 9, {"learning_rate": 0.1}, 300, 0.5, 1e-6, 1234, "a note")
    candidate.folds = {0: record}
    return candidate


def test_candidates_survive_the_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open_for_search()
    candidate = finished()
    folder.model_folder(candidate, 0).mkdir(parents=True)
    (folder.model_folder(candidate, 0) / "model.txt").write_text("a model")
    folder.save_candidate(candidate, np.arange(4.0))
    folder.close()
    [back] = folder.load_candidates()
    oof = folder.load_oof(back)
    assert (back.name, back.params, back.folds) == (
        candidate.name,
        candidate.params,
        candidate.folds,
    )
    assert math.isnan(back.low)
    assert oof is not None
    assert oof.tolist() == [0, 1, 2, 3]


def test_a_second_process_is_refused_while_the_folder_is_in_use(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open_for_search()
    with pytest.raises(RunFolderAccessError, match="in use by another process"):
        RunFolder(tmp_path / "run").open_for_search()
    folder.close()
    again = RunFolder(tmp_path / "run")
    again.open_for_search()
    again.close()


def test_leftovers_of_a_killed_process_go(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open_for_search()
    half = folder.model_folder(finished(), 0)
    half.mkdir(parents=True)
    folder.close()
    folder.open_for_search()
    assert not half.exists()
    folder.close()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from automl.demo import loans

    folder = tmp_path_factory.mktemp("saved")
    result = automl.search(
        loans(300), target="approved", n_trials=1, families=["linear"], n_jobs=1
    )
    return result.save(folder)


def spoil(saved: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(saved, tmp_path / "spoilt"))


def test_a_newer_format_is_refused(saved: Path, tmp_path: Path) -> None:
    folder = spoil(saved, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": FORMAT + 1}))
    with pytest.raises(RunFolderError, match="of a newer format"):
        automl.load(folder)


def test_a_changed_model_is_noticed(saved: Path, tmp_path: Path) -> None:
    folder = spoil(saved, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    place = folder / next(iter(manifest["files"]))
    place.write_bytes(place.read_bytes() + b" ")
    with pytest.raises(RunFolderError, match="has changed"):
        automl.load(folder)
    place.unlink()
    with pytest.raises(RunFolderError, match="is missing"):
        automl.load(folder)


@pytest.mark.parametrize("place", ["../../etc", "trials/../../x/fold-0", "/etc/passwd"])
def test_a_place_outside_the_folder_is_refused(saved: Path, tmp_path: Path, place: str) -> None:
    folder = spoil(saved, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["finished"]["recipe"]["members"][0]["models"] = [place]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunFolderError, match="outside its folder"):
        automl.load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "one"}'])
def test_a_damaged_manifest_is_named(saved: Path, tmp_path: Path, content: str) -> None:
    folder = spoil(saved, tmp_path)
    (folder / "manifest.json").write_text(content)
    with pytest.raises(RunFolderError, match=r"manifest\.json"):
        automl.load(folder)


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("trials/linear-1/candidate.json", '{"a": 1}'),
        ("schema.json", "{}"),
        ("manifest.json", '{"format": 1}'),
    ],
)
def test_a_damaged_file_is_named_on_load(
    saved: Path, tmp_path: Path, place: str, content: str
) -> None:
    folder = spoil(saved, tmp_path)
    (folder / place).write_text(content)
    with pytest.raises(RunFolderError, match="damaged"):
        automl.load(folder)


@pytest.mark.parametrize("place", ["plan.json", "trials/linear-1/oof.npy", "journal.log"])
def test_a_damaged_file_is_named_on_resume(tmp_path: Path, place: str) -> None:
    from automl.demo import loans

    arguments: dict[str, Any] = {
        "target": "approved", "families": ["linear"], "n_jobs": 1, "run_dir": tmp_path / "run",
    }  # fmt: skip
    automl.search(loans(300), n_trials=1, **arguments)
    (tmp_path / "run" / place).write_text("{}\n")
    with pytest.raises(RunFolderError, match="damaged"):
        automl.search(loans(300), n_trials=2, **arguments)


def test_a_torn_journal_line_is_dropped(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    study = open_study(journal)
    done = study.propose_preset(0)
    done.status = "complete"
    study.tell(done, 0.7)
    with journal.open("a") as file:
        file.write('{"op_code": 4, "worker')
    assert 0 not in open_study(journal).presets_left


def test_what_holds_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no run"):
        automl.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no run folder"):
        automl.load(tmp_path / "nowhere")
