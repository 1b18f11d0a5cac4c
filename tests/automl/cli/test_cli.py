"""The command line, against a stand-in for the search."""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import automl
from automl.cli import main
from automl.cli.commands import new_folder
from automl.cli.faults import FLAGS, as_text, exit_status, flags
from automl.cli.options import DEMO_TABLES, build_parser, memory, names
from automl.cli.output import plain
from automl.demo import NAMES
from automl.errors import (
    ArgumentError,
    ColumnNotFoundError,
    RunFolderAccessError,
    RunFolderError,
    SearchFailedError,
    TableFileNotFoundError,
)
from automl.tuning.events import Finished

ROOT = Path(__file__).parents[3]
NAN = float("nan")

LEADERBOARD = pd.DataFrame(
    {
        "name": ["ensemble", "lightgbm-1", "mlp-1"],
        "family": ["ensemble", "lightgbm", "mlp"],
        "status": ["complete", "complete", "failed"],
        "score": [0.93121, 0.92, NAN],
        "low": [0.9289, 0.91, NAN],
        "high": [0.9335, 0.93, NAN],
        "fit_seconds": [NAN, 4.21, 0.1],
        "predict_seconds": [30e-6, 20e-6, NAN],
        "size": [18_400_000, 812_000, NAN],
    }
)
TRIALS = pd.DataFrame({"name": ["mlp-1", "lightgbm-1"], "note": ["out of memory", ""]})
FINISHED = Finished(
    (("lightgbm-1", 1.0),), "roc_auc", 0.93, 0.92, 0.94, "out-of-fold", "runs/t", 812, 3.0, "time"
)


class FakeModel:
    classes_ = np.array(["<=50K", ">50K"])

    def labels(self, probabilities: np.ndarray) -> np.ndarray:
        return self.classes_[(probabilities[:, 1] >= 0.5).astype(int)]


class FakeResult:
    """What the command line asks of a Result."""

    leaderboard = LEADERBOARD
    trials = TRIALS
    members = pd.DataFrame({"name": ["lightgbm-1"], "weight": [1.0]})
    stopped = "time"
    checks = pd.DataFrame({"code": ["duplicate-rows"]})
    timing = pd.DataFrame({"step": ["search"], "seconds": [2.5]})
    task = "binary"
    metric = "roc_auc"
    run_dir = Path("runs/t")
    model: Any = FakeModel()

    def predict_proba(self, rows: Any) -> np.ndarray:
        return np.array([[0.75, 0.25], [0.125, 0.875]])

    def score(self, rows: Any) -> float:
        return 0.9315


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[SimpleNamespace]:
    """Stand in for the public face, and collect the calls of `search`."""
    seen: list[SimpleNamespace] = []

    def search(data: Any, callbacks: Any = (), **options: Any) -> FakeResult:
        for callback in callbacks:
            callback(FINISHED)
        seen.append(SimpleNamespace(data=data, options=options, n_callbacks=len(callbacks)))
        return FakeResult()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(automl, "search", search, raising=False)
    monkeypatch.setattr(automl, "load", lambda folder: FakeResult(), raising=False)
    return seen


def run(*argv: str) -> int:
    return main(argv)


def test_search_passes_only_what_was_given(calls: list[SimpleNamespace]) -> None:
    assert run("search", "data/adult.csv.gz", "--target", "income") == 0
    assert calls[0].data == "data/adult.csv.gz"
    assert calls[0].options == {
        "target": "income",
        "run_dir": str(Path("runs/adult")),
        "progress": False,
    }


def test_every_option_reaches_the_search(calls: list[SimpleNamespace]) -> None:
    command = (
        "search f.csv --target y --time 5 --trials 3 --task binary --metric f1 --positive yes "
        "--sensitive sex,race --sensitive age --ignore id --role zip=categorical --role n=numeric "
        "--weight w --group g --time-column t --families linear,knn --refit no --audit-size 0.1 "
        "--seed 7 --jobs 2 --memory-limit 2GB --out here"
    )
    assert run(*command.split()) == 0
    assert calls[0].options == {
        "target": "y",
        "time_budget": 5.0,
        "n_trials": 3,
        "task": "binary",
        "metric": "f1",
        "positive": "yes",
        "sensitive": ["sex", "race", "age"],
        "ignore": ["id"],
        "roles": {"zip": "categorical", "n": "numeric"},
        "weight": "w",
        "group": "g",
        "time": "t",
        "families": ["linear", "knn"],
        "refit": False,
        "audit_size": 0.1,
        "seed": 7,
        "n_jobs": 2,
        "memory_limit": 2_000_000_000,
        "run_dir": "here",
        "progress": False,
    }


def test_results_go_to_stdout_and_progress_to_stderr(
    calls: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    run("search", "f.csv", "--target", "y")
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "   name        score [95 % interval]      fit  predict a row    size",
        "1  ensemble    0.9312 [0.9289, 0.9335]                 30 µs   18 MB",
        "2  lightgbm-1  0.9200 [0.9100, 0.9300]  4.2 s          20 µs  812 kB",
        "   1 more: automl leaderboard runs/t",
    ]
    assert "Winner   lightgbm-1" in err
    assert "automl predict runs/t FILE" in err


def test_quiet_says_nothing_beside_the_result(
    calls: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    run("search", "f.csv", "--target", "y", "--quiet")
    assert capsys.readouterr().err == ""
    assert calls[0].n_callbacks == 0


def test_search_as_json(calls: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]) -> None:
    run("search", "f.csv", "--target", "y", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["members"] == [{"name": "lightgbm-1", "weight": 1.0}]
    assert found["score"] == 0.93121
    assert found["leaderboard"][2]["score"] is None
    assert found["checks"] == [{"code": "duplicate-rows"}]


def test_a_search_without_a_folder_is_a_new_one(tmp_path: Path) -> None:
    for expected in ("t", "t-2", "t-3"):
        folder = new_folder(tmp_path, "t")
        assert folder == tmp_path / expected
        folder.mkdir()


@pytest.fixture
def rows(tmp_path: Path, calls: list[SimpleNamespace]) -> str:
    path = tmp_path / "rows.csv"
    path.write_text("age\n31\n42\n")
    return str(path)


def test_predict_writes_csv(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("predict", "runs/t", rows) == 0
    assert capsys.readouterr().out == (
        "prediction,probability_<=50K,probability_>50K\n<=50K,0.75,0.25\n>50K,0.125,0.875\n"
    )


def test_predict_writes_values_alone_for_a_regression(
    rows: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeResult, "task", "regression")
    values = np.array([1.5, 2.0])
    monkeypatch.setattr(FakeResult, "predict", lambda self, rows: values, raising=False)
    run("predict", "runs/t", rows)
    assert capsys.readouterr().out == "prediction\n1.5\n2.0\n"


@pytest.mark.parametrize(
    ("suffix", "read"),
    [("csv", pd.read_csv), ("csv.gz", pd.read_csv), ("parquet", pd.read_parquet)],
)
def test_predict_writes_a_file(
    suffix: str, read: Any, rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"predictions.{suffix}"
    run("predict", "runs/t", rows, "--out", str(out))
    assert read(out)["probability_>50K"].tolist() == [0.25, 0.875]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"2 predictions in {out}\n"


def test_predict_refuses_formats_that_it_cannot_write(
    rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("predict", "runs/t", rows, "--out", "p.xlsx") == 2
    assert "known formats: .csv, .csv.gz, .parquet" in capsys.readouterr().err


def test_predict_as_json(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("predict", "runs/t", rows, "--json")
    assert json.loads(capsys.readouterr().out)[1] == {
        "prediction": ">50K",
        "probability_<=50K": 0.125,
        "probability_>50K": 0.875,
    }


class NotingResult(FakeResult):
    """A result whose reading of rows has something to say."""

    def predict_proba(self, rows: Any) -> np.ndarray:
        logging.getLogger("automl.table.schema").info("1 extra column in rows.csv ignored: id")
        return super().predict_proba(rows)


def test_what_is_said_about_rows_goes_to_stderr_unless_quiet(
    rows: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automl, "load", lambda folder: NotingResult())
    run("predict", "runs/t", rows)
    shown = capsys.readouterr()
    assert shown.err == "note: 1 extra column in rows.csv ignored: id\n"
    assert shown.out.startswith("prediction,")
    run("predict", "runs/t", rows, "--quiet")
    assert capsys.readouterr().err == ""
    assert logging.getLogger("automl.table").handlers == []


def test_rows_are_read_by_the_result_so_that_errors_name_the_file(
    rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    answer = FakeResult().predict_proba(None)
    monkeypatch.setattr(FakeResult, "predict_proba", lambda self, x: given.append(x) or answer)
    run("predict", "runs/t", rows)
    assert given == [rows]


def test_score(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("score", "runs/t", rows)
    assert capsys.readouterr().out == "ROC AUC 0.9315\n"
    run("score", "runs/t", rows, "--json")
    assert json.loads(capsys.readouterr().out) == {"metric": "roc_auc", "score": 0.9315}


def test_leaderboard_shows_all(
    calls: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    run("leaderboard", "runs/t")
    assert re.search(r"^3  mlp-1 +failed +out of memory$", capsys.readouterr().out, re.MULTILINE)
    run("leaderboard", "runs/t", "--json")
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_a_search_shows_its_best_ten(
    calls: list[SimpleNamespace],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeResult, "leaderboard", pd.concat([LEADERBOARD] * 6))
    run("search", "f.csv", "--target", "y")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert lines[-1] == "   8 more: automl leaderboard runs/t"


def test_demo_searches_a_built_in_table(
    calls: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    run("demo", "--data", "wine")
    assert calls[0].options["target"] == "cultivar"
    assert calls[0].options["time_budget"] == 20
    assert calls[0].data.shape == (178, 14)
    assert "automl search FILE --target COLUMN" in capsys.readouterr().out


def test_demo_takes_trials_instead_of_time(calls: list[SimpleNamespace]) -> None:
    run("demo", "--data", "iris", "--trials", "2")
    assert calls[0].options["n_trials"] == 2
    assert "time_budget" not in calls[0].options


def test_demo_names_are_those_of_the_demo_package() -> None:
    assert DEMO_TABLES == NAMES


# --- wrong calls -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "COMMAND"),
        (["serve", "runs/t"], "invalid choice: 'serve'"),
        (["search", "f.csv"], "the following arguments are required: --target"),
        (["search", "f.csv", "--targ", "y"], "required: --target"),
        (["search", "f.csv", "--target", "y", "--time", "soon"], "invalid float value: 'soon'"),
        (["search", "f.csv", "--target", "y", "--role", "zip"], "not of the form COLUMN=ROLE"),
        (["search", "f.csv", "--target", "y", "--memory-limit", "much"], "no amount of memory"),
        (["search", "f.csv", "--target", "y", "--refit", "maybe"], "not one of auto, yes, no"),
        (["search", "f.csv", "--target", "y", "--audit-size", "x"], "neither auto nor a number"),
    ],
)
def test_wrong_calls_end_with_status_2(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert said in err
    assert err.splitlines()[-1].startswith("  try  automl")


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def search(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(automl, "search", search, raising=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ArgumentError("x"), 2),
        (ColumnNotFoundError("x"), 2),
        (TableFileNotFoundError("x"), 2),
        (RunFolderError("x"), 2),
        (RunFolderAccessError("x"), 1),
        (SearchFailedError("x"), 1),
        (OSError("x"), 1),
        (ZeroDivisionError("x"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_status(
    error: BaseException, status: int, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, error)
    assert run("search", "f.csv", "--target", "y") == status


def test_an_error_says_what_is_wrong_what_was_got_and_what_to_do(
    calls: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(
        monkeypatch,
        ColumnNotFoundError(
            'there is no column "Income" in adult.csv',
            got='it has "income"',
            hint='target="income"',
        ),
    )
    run("search", "adult.csv", "--target", "Income")
    assert capsys.readouterr().err.splitlines() == [
        'error: there is no column "Income" in adult.csv',
        '  it has "income"',
        "  try  --target income",
    ]


def test_an_error_as_json(
    calls: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ArgumentError("time_budget must be positive", got="got -1"))
    assert run("search", "f.csv", "--target", "y", "--json") == 2
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "type": "ArgumentError",
            "what": "--time must be positive",
            "got": "got -1",
            "hint": None,
        }
    }


def test_tracebacks_are_shown_with_debug_alone(
    calls: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ZeroDivisionError("secret"))
    run("search", "f.csv", "--target", "y")
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "this is a fault in Candor\n  ZeroDivisionError: secret" in err
    run("search", "f.csv", "--target", "y", "--debug")
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('target="the income"', "--target 'the income'"),
        ("weight='w'", "--weight w"),
        ('ignore=["id", "row"]', "--ignore id,row"),
        ("roles={'zip': 'categorical', 'n': 'text'}", "--role zip=categorical --role n=text"),
        ("refit=True", "--refit yes"),
        ("time_budget=60", "--time 60"),
        ('metric="f1" or positive="yes"', "--metric f1 or --positive yes"),
        ("run_dir is in use", "--out is in use"),
        ("result.predict(rows)", "automl predict RUN FILE"),
        ("the time has come", "the time has come"),
        ("the target is missing", "the target is missing"),
        ("target=column", "target=column"),
        ("mytarget='x'", "mytarget='x'"),
    ],
)
def test_python_words_become_flags(text: str, expected: str) -> None:
    assert flags(text) == expected


@given(st.text())
def test_any_text_can_be_translated(text: str) -> None:
    assert isinstance(flags(text), str)


def search_options() -> Iterator[argparse.Action]:
    parser = build_parser()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    yield from commands.choices["search"]._actions


def test_every_flag_of_the_translation_exists() -> None:
    known = {action.dest: action.option_strings for action in search_options()}
    assert all(flag in known[name] for name, flag in FLAGS.items())


def test_the_flags_are_the_arguments_of_the_search() -> None:
    if not hasattr(automl, "search"):
        pytest.skip("there is no search yet")
    known = set(inspect.signature(automl.search).parameters)
    assert known - set(FLAGS) == {"data", "progress", "callbacks"}
    assert set(FLAGS) <= known


# --- the process -----------------------------------------------------------------------------


def automl_process(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "automl", *argv],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_and_version() -> None:
    done = automl_process("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("demo", "search", "predict", "score"))
    assert automl_process("--version").stdout.startswith("Candor 0.1")


def test_help_loads_no_heavy_module() -> None:
    code = (
        "import sys, automl.cli\n"
        "try: automl.cli.main(['search', '--help'])\n"
        "except SystemExit: pass\n"
        "print({'pandas', 'numpy', 'sklearn', 'optuna', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    code = (
        "import sys, automl.cli.commands as c\n"
        "c.COMMANDS['score'] = lambda args: [c.write_text(['x' * 1000]) for _ in range(1000)]\n"
        "from automl.cli import main\n"
        "sys.exit(main(['score', 'a', 'b']))"
    )
    command = f'{sys.executable} -c "$CODE" | head -n 1 > {tmp_path / "out"}; echo $PIPESTATUS'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "CODE": code},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "141"


# --- small parts -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "GB", "4XB", "1.2.3", "-1GB", "4 G B"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no amount of memory"):
        memory(text)


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters='",\r\n'), min_size=1)))
def test_names_are_read_as_written(given_names: list[str]) -> None:
    assert names(",".join(f'"{name}"' for name in given_names)) == given_names


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_anything_becomes_strict_json(value: Any) -> None:
    json.loads(json.dumps(plain(value), allow_nan=False))


def test_numpy_and_pandas_become_json() -> None:
    value = {"a": np.float64("nan"), "b": np.arange(2), "c": pd.Timestamp("2024-01-02"), 3: NAN}
    assert plain(value) == {"a": None, "b": [0, 1], "c": "2024-01-02 00:00:00", "3": None}


def test_errors_without_text_still_say_something() -> None:
    assert as_text(ArgumentError()) == "error: ArgumentError"
    assert exit_status(ArgumentError()) == 2
