"""Chart specifications cannot leave their element, nor ask for anything outside."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.report import PageError
from candor.report.specs import parted, spec_json


@given(st.dictionaries(st.text(), st.text()))
def test_text_survives_and_stays_inside(values: dict[str, str]) -> None:
    written = spec_json({"width": 1, "data": {"values": [values]}})
    assert json.loads(written)["data"]["values"] == [values]
    assert written.isascii()
    assert not set("<>&") & set(written)


def test_numbers_that_json_does_not_know_are_null() -> None:
    numbers = [math.nan, -math.inf, np.float32(0.5), np.int64(3), np.array([1.0, math.nan])]
    written = json.loads(spec_json({"data": {"values": numbers}}))
    assert written["data"]["values"] == [None, None, 0.5, 3, [1.0, None]]


@pytest.mark.parametrize(
    "spec",
    [
        {"data": {"url": "https://example.org/x.json"}},
        {"layer": [{"mark": "bar"}, {"data": {"url": "x.csv"}}]},
        {"transform": [{"lookup": "a", "from": {"data": {"url": "file:///etc/passwd"}}}]},
    ],
)
def test_data_elsewhere_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(PageError, match="asks for data outside the page"):
        spec_json(spec)


def test_rows_may_have_a_column_named_data() -> None:
    rows = [{"data": {"url": "a value, not an address"}}]
    assert json.loads(spec_json({"data": {"values": rows}}))["data"]["values"] == rows


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(PageError, match="holds what JSON cannot"):
        spec_json({"data": {"values": [object()]}})


def test_a_plot_follows_the_page_and_a_composition_does_not() -> None:
    assert json.loads(spec_json({"mark": "bar", "width": 300}))["width"] == "container"
    assert "width" not in json.loads(spec_json({"hconcat": []}))
    assert json.loads(spec_json({"mark": "bar", "width": {"step": 9}}))["width"] == {"step": 9}


def test_a_specification_cannot_loosen_how_it_is_drawn() -> None:
    spec = {"mark": "bar", "$schema": "https://x.org", "usermeta": {"embedOptions": {"ast": 0}}}
    assert json.loads(spec_json(spec)) == {"mark": "bar", "width": "container"}


def read_rows(text: str) -> list[dict[str, object]]:
    """Return the rows of a table as a page reads them."""
    table = json.loads(text)
    if isinstance(table, list):
        return table
    return [
        dict(zip(table["fields"], row, strict=True)) for row in zip(*table["columns"], strict=True)
    ]


FIELDS = st.dictionaries(st.text(max_size=4), st.integers() | st.text() | st.none(), max_size=3)


@given(st.lists(FIELDS, max_size=5), st.booleans())
def test_rows_survive_being_parted(rows: list[dict[str, object]], alike: bool) -> None:
    rows = [rows[0]] * len(rows) if alike and rows else rows
    frame, tables = parted({"mark": "bar", "data": {"values": rows}})
    assert json.loads(frame) == {"mark": "bar", "data": {"name": "t1"}, "width": "container"}
    assert [read_rows(table) for table in tables] == [rows]


def test_rows_that_layers_share_are_held_once() -> None:
    rows = [{"x": 1}]
    spec = {
        "datasets": {"</b>": rows, "other": [{"y": 2}]},
        "layer": [
            {"data": {"name": "</b>"}},
            {"data": {"name": "</b>"}},
            {"data": {"values": rows}},
            {"transform": [{"lookup": "x", "from": {"data": {"name": "other"}}}]},
            {"data": {"values": "x,y", "format": {"type": "csv"}}},
            {"data": {"sequence": {"start": 0}}},
        ],
    }
    frame, tables = parted(spec)
    layers = json.loads(frame)["layer"]
    assert [layer["data"] for layer in layers[:3]] == [{"name": "t1"}] * 3
    assert layers[3]["transform"][0]["from"]["data"] == {"name": "t2"}
    assert layers[4:] == spec["layer"][4:]
    assert [read_rows(table) for table in tables] == [rows, [{"y": 2}]]
    assert "datasets" in spec


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_seven_digits(number: float) -> None:
    (table,) = parted({"data": {"values": [{"x": number}]}})[1]
    assert json.loads(table)["columns"] == [[pytest.approx(number, rel=1e-6, abs=0)]]


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.1 + 0.2, "0.3"), (1 / 3, "0.3333333"), (2.0, "2"), (1732147200123.5, "1732147200123.5"),
     (math.nan, "null"), (-0.0, "-0.0"), (2**60 + 1, str(2**60 + 1))],
)  # fmt: skip
def test_numbers_are_written_short(number: float, written: str) -> None:
    (table,) = parted({"data": {"values": [{"x": number}]}})[1]
    assert table == f'{{"fields":["x"],"columns":[[{written}]]}}'
