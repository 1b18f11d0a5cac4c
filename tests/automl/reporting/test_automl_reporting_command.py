"""`automl report`, and `automl search --report`: what is written, told and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from automl.cli import main
from automl.demo import loans


def test_a_run_is_reported(
    loan_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    assert main(["report", str(loan_run), "--out", str(out), "--no-rows"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"report {out}, ")
    assert "report: explaining, auditing and drawing, about " in told.err
    text = out.read_text(encoding="utf-8")
    assert "When is approved “yes”?" in text
    assert "aggregates only" in text


def test_a_search_goes_on_to_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "loans.csv", tmp_path / "report.json"
    loans(300).to_csv(table, index=False)
    call = ["search", str(table), "--target", "approved", "--trials", "1", "--jobs", "1"]
    call += ["--families", "linear", "--out", str(tmp_path / "run"), "--report", str(out)]
    assert main(call) == 0
    told = capsys.readouterr()
    assert told.err.startswith("report: after the search, half a minute to a minute more for ")
    assert "linear-1" in told.out
    assert f"report {out}, " in told.err
    assert told.err.rstrip().endswith("more")
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["title"].startswith("When is approved “yes”? loans.csv")


@pytest.mark.parametrize(
    ("place", "words"),
    [(".", "is a folder"), ("no/where.html", "there is no folder"), ("x.pdf", "known endings")],
)
def test_a_wrong_place_is_told_before_the_search(
    place: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    # The table does not exist either: the place is looked at first.
    call = ["search", "absent.csv", "--target", "y", "--report", place, "--out", "run"]
    assert main(call) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_place_is_told_by_report_too(
    loan_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(loan_run), "--out", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "a.html")]) == 2
    assert "holds no run" in capsys.readouterr().err


def test_a_half_written_run_is_refused(
    loan_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(loan_run, run)
    content = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    (run / "manifest.json").write_text(json.dumps({**content, "finished": None}), encoding="utf-8")
    assert main(["report", str(run), "--out", str(tmp_path / "a.html")]) == 2
    assert "never finished" in capsys.readouterr().err
    assert not (tmp_path / "a.html").exists()
