"""What a result says, in words, as JSON, as a chart and on a page."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from candor.report import fragment
from explain.errors import ArgumentError
from explain.recourse import Counterfactuals, counterfactuals

HOSTILE = "</script><b>" + "x" * 200


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"age": rng.integers(18, 80, 400), "job": rng.choice(["a", "b"], 400)})


@pytest.fixture(scope="module")
def options(scored: Any, table: pd.DataFrame) -> Counterfactuals:
    model = scored(
        table.columns, lambda rows: rows["age"].to_numpy() / 100 + 0.2 * (rows["job"] == "b")
    )
    return counterfactuals(model, pd.DataFrame({"age": [32], "job": ["a"]}), data=table)


@pytest.fixture(scope="module")
def nothing(scored: Any, table: pd.DataFrame) -> Counterfactuals:
    model = scored(table.columns, lambda rows: rows["age"].to_numpy() / 100)
    row = pd.DataFrame({"age": [32], "job": ["a"]})
    return counterfactuals(model, row, data=table, ranges={"age": (None, 40)})


def test_lines_say_what_would_have_to_be_otherwise(options: Counterfactuals) -> None:
    head, first, second, cost, warning = options.lines()
    assert head == "The model says no (probability of yes 32.0 %). It would say yes if:"
    assert first == f"1. age 32 → 50 (cost {options.costs[0]:.2f}, probability 50.0 %)"
    assert second.startswith("2. job a → b") or second.startswith("2. age")
    assert cost.startswith("Cost: of a number or time, the share of the data between")
    assert "not the world" in warning
    assert str(options) == "\n".join(options.lines())


def test_lines_say_what_stands_in_the_way(nothing: Counterfactuals) -> None:
    lines = nothing.lines()
    assert lines[0].startswith("The model says no (probability of yes 32.0 %). No change within")
    assert lines[1] == "Nearest: age 32 → 40: probability of yes 40.0 %; about 50.0 % is needed."
    assert lines[2] == (
        "One limit binds; without it there is an option: age may only become 40 or less."
    )


def test_json_is_plain_and_whole(options: Counterfactuals, nothing: Counterfactuals) -> None:
    found = json.loads(options.to_json())
    assert found["schema"] == "candor.counterfactuals/1"
    assert found["found"] is True
    assert found["row"] == {"age": 32, "job": "a"}
    assert [one["row"] for one in found["options"]] == options.rows.to_dict("records")
    assert found["changes"][0]["column"] == "age"
    none = json.loads(nothing.to_json())
    assert none["found"] is False
    assert none["options"] == []
    assert none["binding"] == [
        {"kind": "range", "column": "age", "text": "age may only become 40 or less"}
    ]
    assert none["nearest"]["changes"][0]["to"] == 40


def test_the_frame_has_a_row_a_change(options: Counterfactuals, nothing: Counterfactuals) -> None:
    frame = options.to_frame()
    assert list(frame.columns[:5]) == ["option", "column", "from", "to", "cost"]
    assert len(frame) == len(options.changes)
    assert frame["total_cost"].iloc[0] == options.costs[0]
    assert list(nothing.to_frame().columns) == list(frame.columns)
    assert len(nothing.to_frame()) == 0


def test_the_chart_goes_from_share_to_share(options: Counterfactuals, table: pd.DataFrame) -> None:
    spec = options.plot().to_dict()
    rows = spec["data"]["values"] if "values" in spec["data"] else spec["datasets"]
    values = rows if isinstance(rows, list) else next(iter(rows.values()))
    first = values[0]
    assert first["label"] == "1 · age 32 → 50"
    assert first["start"] == pytest.approx(
        (table["age"] < 32).mean() + (table["age"] == 32).mean() / 2
    )
    assert first["said"] == "32 → 50"
    level = next(one for one in values if one["label"].endswith("job"))
    assert level["metric"] is False
    with pytest.raises(ArgumentError, match="there is no picture 'bars'"):
        options.plot("bars")


def test_the_page_says_it_in_words_picture_and_table(
    options: Counterfactuals, nothing: Counterfactuals
) -> None:
    page = options.page()
    assert page.title == "What would make Scored say yes?"
    text = fragment(page)
    assert "age 32 → 50" in text
    chart = next(one for one in page.sections[0].blocks if hasattr(one, "alt"))
    assert "option 1: age 32 → 50" in chart.alt
    other = fragment(nothing.page())
    assert "age may only become 40 or less" in other
    assert "nearest miss" in other


def test_hostile_names_and_values_are_escaped(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({HOSTILE: rng.integers(0, 9, 200), "🎉": rng.choice([HOSTILE, "b"], 200)})
    model = scored(X.columns, lambda rows: rows[HOSTILE] / 20 + (rows["🎉"] == HOSTILE) * 0.3)
    row = pd.DataFrame({HOSTILE: [1], "🎉": ["b"]})
    options = counterfactuals(model, row, data=X)
    assert options.found
    text = options._repr_html_()
    assert "</script><b>" not in text
    assert all(len(line) < 400 for line in options.lines())
    json.loads(options.to_json())
    assert options.plot().to_dict()


def test_a_small_difference_is_written_with_all_digits(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": np.round(1000 + rng.random(300), 3)})
    model = scored(X.columns, lambda rows: (rows["a"].to_numpy() > 1000.4) * 0.8)
    row = pd.DataFrame({"a": [1000.399]})
    line = counterfactuals(model, row, data=X, n=1).lines()[1]
    before, after = line.split("a ")[1].split(" (")[0].split(" → ")
    assert before != after
