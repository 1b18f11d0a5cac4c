"""Chart specifications cannot leave their element, nor ask for anything outside."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.report import PageError
from candor.report.specs import spec_json


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
