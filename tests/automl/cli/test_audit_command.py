"""`automl audit`: of a file, of a run, and what bad calls are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl.auditing.files
import fairness
from automl.cli import main


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    n = 1000
    score = rng.random(n)
    sex = rng.choice(["f", "m"], n)
    frame = pd.DataFrame(
        {
            "hired": np.where(rng.random(n) < score, "yes", "no"),
            "score": score,
            "said": np.where(score + 0.3 * (sex == "m") > 0.6, "yes", "no"),
            "sex": sex,
            "age": rng.integers(18, 70, n),
            "site": rng.choice(["north", "south"], n),
        }
    )
    path = tmp_path_factory.mktemp("audit") / "rows.csv"
    frame.to_csv(path, index=False)
    frame.to_parquet(path.with_suffix(".parquet"))
    return path


def test_a_file_is_audited(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["audit", str(file), "--target", "hired", "--prediction", "said", "--positive", "yes"]
    assert main([*argv, "--sensitive", "sex,age", "--control", "site"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Audit of hired · rows.csv: 1,000 rows as given")
    assert "! Demographic parity" in out
    assert "age is a number" in out


def test_json_out_and_report(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "audit.json", tmp_path / "audit.html"
    argv = ["audit", str(file), "--target", "hired", "--score", "score", "--positive", "yes"]
    argv += ["--sensitive", "sex", "--json", "--out", str(out), "--report", str(page)]
    assert main(argv) == 0
    written = fairness.Audit.from_json(capsys.readouterr().out)
    assert written.to_json() == out.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_large_parquet_files_are_counted_in_batches(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["audit", str(file.with_suffix(".parquet")), "--target", "hired", "--positive", "yes"]
    argv += ["--score", "score", "--sensitive", "sex", "--json"]
    assert main(argv) == 0
    loaded = fairness.Audit.from_json(capsys.readouterr().out)
    monkeypatch.setattr(automl.auditing.files, "LOADED_ROWS", 10)
    assert main(argv) == 0
    captured = capsys.readouterr()
    assert "counting them in batches" in captured.err
    streamed = fairness.Audit.from_json(captured.out)
    pd.testing.assert_frame_equal(streamed.by_group, loaded.by_group)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--target", "hire", "--sensitive", "sex"], 'no column "hire"'),
        (["--target", "hired", "--sensitive", "sx"], 'no column "sx"'),
        (["--target", "hired", "--prediction", "says", "--sensitive", "sex"], 'no column "says"'),
        (["--target", "hired", "--prediction", "said", "--sensitive", "sex"], "--positive"),
        (["--target", "hired"], "needs sensitive columns"),
        (["--sensitive", "sex"], "which column holds the true outcomes?"),
        (["--target", "hired", "--sensitive", "sex", "--rows", "x"], "--rows belongs to a run"),
        (
            ["--target", "hired", "--positive", "yes", "--sensitive", "sex", "--tolerance", "-1"],
            "a tolerance is a difference from 0 on",
        ),
        (
            ["--target", "hired", "--positive", "yes", "--sensitive", "sex", "--template", "no"],
            "template",
        ),
    ],
)
def test_bad_calls(
    file: Path, argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(file), *argv]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path / "none.csv"), "--target", "y", "--sensitive", "a"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert main(["audit", str(tmp_path)]) in (1, 2)
    assert "holds no run" in capsys.readouterr().err


def test_a_run_knows_its_own_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from automl.demo import loans

    loans(400).to_csv(tmp_path / "train.csv", index=False)
    run = str(tmp_path / "run")
    search = ["search", str(tmp_path / "train.csv"), "--target", "approved", "--out", run]
    search += ["--sensitive", "sex", "--trials", "1", "--families", "linear", "--jobs", "1"]
    assert main(search) == 0
    assert f"automl audit {run}" in " ".join(capsys.readouterr().err.split())
    assert main(["audit", run]) == 0
    assert "80 sealed rows" in capsys.readouterr().out
    assert main(["audit", run, "--sensitive", "age_group", "--quiet"]) == 0
    assert "age_group" in capsys.readouterr().out
    assert main(["audit", run, "--target", "approved"]) == 2
    assert "--target belongs to a file" in capsys.readouterr().err


def test_an_audit_file_is_computed_again(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "audit.json"
    argv = ["audit", str(file), "--target", "hired", "--score", "score", "--positive", "yes"]
    assert main([*argv, "--sensitive", "sex", "--out", str(out)]) == 0
    first = capsys.readouterr().out
    assert main(["audit", str(out), "--report", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out == first
    assert (tmp_path / "page.html").stat().st_size > 100_000
    assert main(["audit", str(out), "--tolerance", "0.2"]) == 2
    assert "--tolerance cannot be used with an audit" in capsys.readouterr().err
    out.write_text(
        out.read_text(encoding="utf-8").replace('"rows": 1000', '"rows": 1001'), encoding="utf-8"
    )
    assert main(["audit", str(out)]) == 2
    assert "the counts add up to 1,000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--sensitive", "hired"], "'hired' is both sensitive and what is audited"),
        (["--sensitive", "sex", "--prediction", "hired"], "both target and prediction"),
        (["--sensitive", "sex", "--report", "none/page.html"], "there is no folder none"),
        (["--sensitive", "sex", "--out", "."], "--out is a file"),
        (["--sensitive", "sex", "--score", "said"], "try  a column of numbers"),
    ],
)
def test_bad_parts_and_places(
    file: Path, argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["audit", str(file), "--target", "hired", "--positive", "yes", *argv]
    assert main(call) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert "pandas" not in captured.err


def test_several_templates_at_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["audit", str(file), "--target", "hired", "--prediction", "said", "--positive", "yes"]
    argv += ["--sensitive", "sex", "--template", "eeoc_four_fifths,nyc_local_law_144"]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "Four-fifths rule" in out
    assert "Local Law 144" in out


def test_a_file_with_two_columns_of_one_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "double.csv"
    file.write_text("sex,hired,says,says\n" + "f,0,1,1\nm,1,1,0\n" * 50)
    argv = ["audit", str(file), "--target", "hired", "--prediction", "says", "--sensitive", "sex"]
    assert main(argv) == 2
    assert 'duplicate column names\n  "says" 2 times' in capsys.readouterr().err


def test_rows_of_weight_0_are_said_to_be_left_out(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.read_csv(file)
    weighted = tmp_path / "weighted.csv"
    frame.assign(w=np.where(frame.index < 10, 0, 1)).to_csv(weighted, index=False)
    argv = ["audit", str(weighted), "--target", "hired", "--prediction", "said", "--weight", "w"]
    assert main([*argv, "--sensitive", "sex", "--positive", "yes"]) == 0
    assert "990 of 1,000 rows as given: the others have weight 0" in capsys.readouterr().out
