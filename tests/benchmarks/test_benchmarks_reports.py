"""What a report's benchmark says of a page, and of a browser that is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.__main__ import main
from benchmarks.reports import TABLES, in_words
from benchmarks.reports import opening as room
from benchmarks.reports.measuring import expected_seconds
from benchmarks.reports.opening import opened, together
from benchmarks.reports.tables import task_of, wide


def test_the_wide_table_has_2000_columns_of_all_kinds() -> None:
    frame = wide(60)
    assert frame.shape == (60, 2_001)
    kinds = {dtype.kind for dtype in frame.dtypes.drop("y")}
    assert {"f", "b", "M"} <= kinds
    assert 400 < frame.isna().any().sum() < 500
    assert set(frame["y"]) == {"yes", "no"}
    pd.testing.assert_frame_equal(frame, wide(60))
    assert task_of("wide", Path()).sensitive == ("sex",)


def test_what_was_said_beforehand_is_read() -> None:
    said = "report: explaining, auditing and drawing, about 47 s\n  audit  8.4 s\n"
    assert expected_seconds(said) == 47
    assert expected_seconds("about 1.5 min") == 90
    assert expected_seconds("nothing") is None


def visit(**given: Any) -> dict[str, Any]:
    usual = {"width": 390, "paint": 80, "charts": [4, 4], "print": [5, 6], "axe": []}
    return {**usual, "asked": [], "said": [], **given}


def test_visits_are_put_together() -> None:
    found = together(
        [
            visit(width=1280, paint=120, axe=["b"], asked=["http://a"]),
            visit(said=["x", "y"], axe=["a", "b"]),
        ]
    )
    assert found == {
        "requests": 1,
        "console_errors": 2,
        "first_paint_ms": 120,
        "charts": {"1280": "4/4", "390": "4/4", "print": "5/6"},
        "axe": ["a", "b"],
    }
    skipped = "skipped: CANDOR_AXE names no axe.min.js"
    assert together([visit(axe=skipped, paint=None)])["axe"] == skipped


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "BROWSERS", ("no-such-browser",))
    assert opened(tmp_path / "a.html") == {"browser": "skipped: no Chromium on the path"}


def test_a_line_in_words() -> None:
    line = {"table": "adult", "machine": {}, "seconds": 30.1, "charts": {"390": "4/4"}}
    assert in_words(line) == "adult\n  seconds: 30.1\n  charts: {'390': '4/4'}"
    assert in_words({"table": "adult", "machine": {}, "errors": "no"}) == "adult: no"


def test_unknown_tables_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--tables", "x", "--data", ".", "--runs", "r", "--out", "o"])
    assert f"there are {', '.join(TABLES)}" in capsys.readouterr().err
