"""Charts hold their data, in order, with names as text."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from candor.report import Chart
from explain.drawing import as_block, dependence, effect_curve, interval_bars, strips, waterfall
from explain.drawing.data import distinct, inline

BAD = "a.b[0]\\'\"</script>\n" + "x" * 100


def rows_of(chart):
    """Return the rows of a chart's first data set."""
    return next(iter(chart.to_dict()["datasets"].values()))


def test_equal_labels_stay_apart():
    assert distinct(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
    assert distinct([]) == []


def test_what_json_does_not_know_is_null():
    frame = pd.DataFrame({"v": [1.0, np.nan, np.inf], "n": np.array([1, 2, 3], dtype=np.int32)})
    rows = inline(frame).to_dict()["values"]
    assert [row["v"] for row in rows] == [1.0, None, None]
    json.dumps(rows, allow_nan=False)


def test_bars_keep_the_order_and_the_intervals():
    frame = pd.DataFrame(
        {"name": ["z", BAD, "z"], "v": [3.0, 2.0, 1.0], "l": [2.5, 1, 0], "h": [4.0, 3, np.nan]}
    )
    chart = interval_bars(frame, label="name", value="v", low="l", high="h", unit="points")
    rows = rows_of(chart)
    assert [row["label"] for row in rows][::2] == ["z", "z (2)"]
    assert [(row["value"], row["low"], row["high"]) for row in rows] == [
        (3, 2.5, 4),
        (2, 1, 3),
        (1, 0, None),
    ]
    assert rows[0]["said"] == "z: 3 [2.5, 4]"
    assert all(len(row["label"]) <= 44 and "\n" not in row["label"] for row in rows)
    assert '"title": "points"' in json.dumps(chart.to_dict())


def test_a_waterfall_is_a_chain():
    frame = pd.DataFrame({"label": ["up", "down", "up"], "value": [2.0, -3.0, 0.5]})
    chart = waterfall(frame, base=10.0, unit="u", base_label="start", end_label="end")
    rows = rows_of(chart)
    assert [row["label"] for row in rows] == ["start", "up", "down", "up (2)", "end"]
    assert [(row["start"], row["end"]) for row in rows] == [
        (10, 10),
        (10, 12),
        (12, 9),
        (9, 9.5),
        (9.5, 9.5),
    ]
    assert [row["kind"] for row in rows] == ["level", "raises", "lowers", "raises", "level"]
    assert [row["said"] for row in rows][1:4] == ["2", "−3", "0.5"]
    empty = waterfall(frame[:0], base=1.0, unit="u", base_label="start", end_label="end")
    assert len(rows_of(empty)) == 2


def curve(axis, n=3):
    return pd.DataFrame(
        {
            "position": [0.0, 1.0, np.nan][:n],
            "label": ["low", "high", "missing"][:n],
            "value": [1.0, 2.0, 5.0][:n],
            "low": [0.5, 1.5, np.nan][:n],
            "high": [1.5, 2.5, np.nan][:n],
        }
    )


def test_curves_of_numbers_and_times_leave_out_what_has_no_place():
    for axis, factor in (("number", 1.0), ("time", 1000.0)):
        drawn = effect_curve(curve(axis), axis=axis, column=BAD, unit="u")
        rows = rows_of(drawn)
        assert [row["position"] for row in rows] == [0.0, factor]
        assert json.dumps(drawn.to_dict()).count('"type": "temporal"') == (
            0 if axis == "number" else json.dumps(drawn.to_dict()).count('"field": "position"')
        )


def test_categories_are_points_from_the_largest_down():
    rows = rows_of(effect_curve(curve("category"), axis="category", column="c", unit="u"))
    assert [row["label"] for row in rows] == ["missing", "high", "low"]
    assert rows[0]["low"] is None


def test_single_curves_are_drawn_one_by_one():
    single = pd.DataFrame({"position": [0, 1, 0, 1], "value": [1, 2, 3, 4], "row": [0, 0, 1, 1]})
    drawn = effect_curve(curve("number"), axis="number", column="c", unit="u", single=single)
    assert len(rows_of(drawn)) == 4
    assert '"field": "row"' in json.dumps(drawn.to_dict())


def test_strips_and_points_hold_one_mark_a_row():
    frame = pd.DataFrame(
        {
            "column": ["a", BAD, "a"],
            "value": [1.0, 2.0, 3.0],
            "level": [0.1, np.nan, 0.9],
            "place": [0.0, 0.5, -0.5],
            "said": ["x", "y", "z"],
        }
    )
    rows = rows_of(strips(frame, order=[BAD, "a"], unit="u"))
    assert [row["value"] for row in rows] == [1, 2, 3]
    assert rows[1]["level"] is None
    assert "column" not in rows[0]
    for x, kind in (
        ([1.0, 2.0], "quantitative"),
        (["u", "v"], "nominal"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), "temporal"),
    ):
        data = pd.DataFrame({"x": x, "value": [1.0, 2.0], "said": ["a", "b"]})
        drawn = dependence(data, column=BAD, unit="u", levels=["x"] if kind == "nominal" else None)
        assert f'"type": "{kind}"' in json.dumps(drawn.to_dict()["encoding"]["x"])
        assert len(rows_of(drawn)) == 2


@pytest.mark.parametrize(("x", "whole"), [([0, 1, 2], True), ([0.0, 0.5, np.nan], False)])
def test_whole_numbers_have_whole_ticks(x, whole):
    data = pd.DataFrame({"x": x, "value": [1.0, 2.0, 3.0], "said": ["a", "b", "c"]})
    spec = dependence(data, column="c", unit="u").to_dict()
    assert spec["encoding"]["x"].get("axis") == ({"tickMinStep": 1} if whole else None)


def test_a_block_fills_its_page():
    frame = pd.DataFrame({"name": ["a"], "v": [1.0]})
    chart = interval_bars(frame, label="name", value="v", low="v", high="v", unit="u")
    block = as_block(chart, "caption", "words")
    assert isinstance(block, Chart)
    assert (block.caption, block.alt) == ("caption", "words")
    assert block.spec["width"] == "container"


@pytest.mark.parametrize("name", ["a.b", "x:Q", "datum['v']", "", "日本語 🙂"])
def test_names_are_never_fields(name):
    frame = pd.DataFrame({"name": [name], "v": [1.0]})
    spec = interval_bars(frame, label="name", value="v", low="v", high="v", unit="u").to_dict()
    fields = json.dumps(spec).split('"field": "')[1:]
    assert {part.split('"')[0] for part in fields} <= {"label", "value", "low", "high", "said"}
