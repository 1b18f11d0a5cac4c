"""A half-written run folder: an error that says what is wrong, or a page that says what lacks."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import automl
from automl.cli import main
from automl.demo import loans


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run folder of the smallest search."""
    folder = tmp_path_factory.mktemp("small") / "run"
    automl.search(
        loans(300),
        target="approved",
        n_trials=1,
        families=["linear"],
        refit=True,
        run_dir=folder,
        progress=False,
        n_jobs=1,
    )
    return folder


@pytest.fixture
def run(small_run: Path, tmp_path: Path) -> Path:
    """Return a copy that may be damaged."""
    return Path(shutil.copytree(small_run, tmp_path / "run"))


def remove(file: Path) -> None:
    file.unlink()


def halve(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def replace(file: Path) -> None:
    file.write_text('{"a": [1, 2]}', encoding="utf-8")


NEEDED = [
    "manifest.json",
    "schema.json",
    "rows/rows.parquet",
    "rows/values.npz",
    "winner/linear-1/about.json",
    "winner/linear-1/arrays.npz",
    "encoders/*/encoder.json",
    "encoders/*/encoder.npz",
]


@pytest.mark.parametrize("damage", [remove, halve, replace])
@pytest.mark.parametrize("pattern", NEEDED)
def test_what_is_needed_and_damaged_is_named(
    pattern: str,
    damage: Callable[[Path], None],
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = sorted(run.glob(pattern))
    assert files
    for file in files:
        damage(file)
    assert main(["report", str(run), "--out", str(tmp_path / "page.html")]) == 2
    told = capsys.readouterr().err
    assert "error: " in told
    assert "run" in told
    assert "Traceback" not in told
    assert "fault in Candor" not in told
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("damage", [halve, replace])
@pytest.mark.parametrize("name", ["trials/linear-1/candidate.json", "rows/about.json"])
def test_records_that_cannot_be_read_are_named(
    name: str,
    damage: Callable[[Path], None],
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damage(run / name)
    assert main(["report", str(run), "--out", str(tmp_path / "page.html")]) == 2
    told = capsys.readouterr().err
    assert "damaged" in told
    assert "fault in Candor" not in told


@pytest.mark.parametrize("finished", [{}, {"score": 0.5}, [], "yes", 3])
def test_a_record_without_its_parts_is_refused(
    finished: object, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = run / "manifest.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**content, "finished": finished}), encoding="utf-8")
    assert main(["report", str(run), "--out", str(tmp_path / "page.html")]) == 2
    told = capsys.readouterr().err
    assert "fault in Candor" not in told
    assert "finished" in told or "damaged" in told


def test_what_a_report_does_not_need_may_be_gone(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("journal.log", "plan.json", "run.lock", "worker.log"):
        (run / name).unlink()
    shutil.rmtree(run / "trials" / "linear-1")
    shutil.rmtree(run / "rows")  # without rows nothing is explained
    page = tmp_path / "page.json"
    assert main(["report", str(run), "--out", str(page)]) == 0
    told = capsys.readouterr().err
    assert "! Left out, explanation: this run keeps no rows to explain." in told
    assert "this run keeps no rows to explain" in page.read_text(encoding="utf-8")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_place_without_permission_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert main(["report", str(run), "--out", str(closed / "page.html")]) == 2
    assert "no permission to write there" in capsys.readouterr().err
