"""JSON holds all values of a page, unrounded."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from candor.report import (
    Answer,
    Chart,
    Choice,
    Option,
    Page,
    PageError,
    ReportError,
    Section,
    Table,
    Text,
    to_json,
    write_json,
)
from candor.version import __version__


def test_a_whole_page() -> None:
    spec = {"data": {"values": [{"x": math.inf, "y": 0.123456789}]}, "mark": "bar", "width": 9}
    blocks = (
        Text("Words.", ("one",), "note"),
        Chart(spec, "c", "a"),
        Choice("Row", (Option("1", (Text("In it."),)), Option("2", ())), "slider", 1),
    )
    page = Page("Who?", ("They.", Answer("So.", "Second")),
                (Section("First", "1"), Section("Second", "2", blocks, "M.")))  # fmt: skip
    written = json.loads(to_json(page))
    text = {"kind": "text", "text": "In it.", "items": [], "tone": "plain"}
    chart = {"data": {"values": [{"x": None, "y": 0.123456789}]}, "mark": "bar"}
    assert written == {
        "schema": "candor.page/1",
        "version": __version__,
        "title": "Who?",
        "lead": [{"text": "They.", "section": None}, {"text": "So.", "section": 1}],
        "blocks": [],
        "sections": [
            {"title": "First", "conclusion": "1", "blocks": [], "method": ""},
            {
                "title": "Second",
                "conclusion": "2",
                "blocks": [
                    {"kind": "text", "text": "Words.", "items": ["one"], "tone": "note"},
                    {"kind": "chart", "caption": "c", "alt": "a",
                     "spec": chart | {"width": "container"}},
                    {"kind": "choice", "label": "Row", "control": "slider", "start": 1,
                     "options": [{"name": "1", "blocks": [text]}, {"name": "2", "blocks": []}]},
                ],
                "method": "M.",
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (0.1 + 0.2, 0.1 + 0.2),
        (math.nan, None),
        (-math.inf, None),
        (None, None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.int64(2**53 + 1), 2**53 + 1),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (False, False),
        ("</script>", "</script>"),
        ("\ud800", "\ufffd"),
        (pd.Timestamp("2024-01-02"), "2024-01-02 00:00:00"),
        ((1, math.inf), [1, None]),
        ({"b", "a"}, ["a", "b"]),
    ],
)
def test_cells(cell: object, written: object) -> None:
    frame = pd.DataFrame({"a": pd.Series([cell], dtype=object)})
    page = json.loads(to_json(Page("t", (), (), (Table(frame, "c", ("n",)),))))
    (block,) = page["blocks"]
    assert block["rows"] == [[written]]
    assert block["notes"] == ["n"]
    assert block["columns"][0]["name"] == "a"


def test_every_row_is_there() -> None:
    frame = pd.DataFrame({"n": range(100)}, index=[f"r{at}" for at in range(100)])
    (block,) = json.loads(to_json(Page("t", (), (), (Table(frame, "c"),))))["blocks"]
    assert block["rows"] == [[f"r{at}", at] for at in range(100)]
    assert [each["number"] for each in block["columns"]] == [False, True]


def test_hostile_strings_survive(hostile_page: Page, hostile: tuple[str, ...]) -> None:
    written = json.loads(to_json(hostile_page))
    assert [section["title"] for section in written["sections"]] == list(hostile)
    assert written["sections"][0]["blocks"][1]["rows"][1][0] == hostile[0]


def test_it_is_written_whole(hostile_page: Page, tmp_path: Path) -> None:
    path = write_json(hostile_page, tmp_path / "report.json")
    assert path.read_text(encoding="utf-8") == to_json(hostile_page)
    with pytest.raises(ReportError, match=r"is a folder\n  try  .*report\.json"):
        write_json(hostile_page, tmp_path)


def test_a_page_that_cannot_be_shown_is_refused() -> None:
    with pytest.raises(PageError, match="a section that is not there"):
        to_json(Page("t", (Answer("So.", "Nowhere"),)))
