"""The command line in processes of its own, on small tables and the real search."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automl.cli import main
from automl.demo import demo_table, loans

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
QUICK = ["--families", "linear", "--trials", "2", "--jobs", "1"]


def automl(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "automl", *argv],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tables and a finished run."""
    path = tmp_path_factory.mktemp("cli")
    loans(300).to_csv(path / "train.csv", index=False)
    loans(100, seed=1).to_parquet(path / "test.parquet")
    done = automl(path, "search", "train.csv", "--target", "approved", "--out", "run", *QUICK)
    assert done.returncode == 0, done.stderr
    (path / "search.out").write_text(done.stdout)
    (path / "search.err").write_text(done.stderr)
    return path


def test_search_shows_lines_and_a_leaderboard(folder: Path) -> None:
    err = (folder / "search.err").read_text()
    labels = ["Candor 0.1 · train.csv · 300 rows", "Table    approved is binary", "Plan  "]
    labels += ["Winner", "Score    ROC AUC", "Saved    run (", "Next     automl predict run FILE"]
    places = [err.find(label) for label in labels]
    assert -1 not in places
    assert places == sorted(places)
    assert "\r" not in err
    assert "\x1b" not in err
    assert "linear-1" in (folder / "search.out").read_text()


def test_the_leaderboard_can_be_shown_again(folder: Path) -> None:
    done = automl(folder, "leaderboard", "run")
    shown = [line.split() for line in (folder / "search.out").read_text().splitlines()]
    complete = [line for line in shown if line[1] != "more:"]
    assert [line.split() for line in done.stdout.splitlines()][: len(complete)] == complete
    rows = json.loads(automl(folder, "leaderboard", "run", "--json").stdout)
    assert {"ensemble", "linear-1", "baseline"} <= {row["name"] for row in rows}


def test_predict_gives_a_line_for_each_row(folder: Path) -> None:
    done = automl(folder, "predict", "run", "test.parquet")
    assert done.stderr == ""
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 100
    assert list(rows[0]) == ["prediction", "probability_no", "probability_yes"]
    assert {row["prediction"] for row in rows} == {"no", "yes"}
    assert all(
        float(row["probability_no"]) + float(row["probability_yes"]) == pytest.approx(1)
        for row in rows
    )


def test_score_is_better_than_guessing(folder: Path) -> None:
    found = json.loads(automl(folder, "score", "run", "test.parquet", "--json").stdout)
    assert found["metric"] == "roc_auc"
    assert 0.6 < found["score"] < 1


def test_a_regression_with_a_compressed_file(folder: Path) -> None:
    demo_table("diabetes").frame.to_csv(folder / "diabetes.csv.gz", index=False)
    argv = ["diabetes.csv.gz", "--target", "progression", "--quiet", "--json"]
    done = automl(folder, "search", *argv, *QUICK)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["run_dir"] == str(Path("runs/diabetes"))
    assert 40 < found["score"] < 70
    predicted = automl(folder, "predict", found["run_dir"], "diabetes.csv.gz").stdout
    assert predicted.startswith("prediction\n")
    assert len(predicted.splitlines()) == 443


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["search", "train.csv", "--target", "Approved"], "try  --target approved"),
        (["search", "trian.csv", "--target", "approved"], "no file trian.csv"),
        (["search", "train.csv", "--target", "approved", "--time", "0"], "--time must be"),
        (["search", "train.csv", "--target", "approved", "--families", "lgbm"], "family 'lgbm'"),
        (["search", "train.csv", "--target", "sex", "--out", "run", *QUICK], "run"),
        (["predict", "nowhere", "test.parquet"], "no run folder nowhere"),
        (["score", "run", "nothing.csv"], "no file nothing.csv"),
    ],
)
def test_wrong_calls(
    folder: Path,
    argv: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert err.startswith("error: ")
    assert said in err
    assert out == ""


def test_demo_compares_with_the_truth(folder: Path) -> None:
    done = automl(folder, "demo", "--json", "--quiet", "--trials", "1", "--jobs", "1")
    found = json.loads(done.stdout)
    assert found["truth"]["rows"] == 4000
    assert 0.7 < found["truth"]["roc_auc"] <= found["truth"]["best_roc_auc"]


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
def test_ctrl_c_keeps_the_best_so_far(folder: Path) -> None:
    command = [sys.executable, "-m", "automl", "search", "train.csv", "--target", "approved"]
    process = subprocess.Popen(
        [*command, "--time", "60", "--out", "stopped"],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (folder / "stopped" / "plan.json").exists():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Stopped  interrupted: this is the best so far" in err
    assert automl(folder, "score", "stopped", "test.parquet").returncode == 0
