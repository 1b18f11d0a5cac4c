"""A table as JSON: what was edited, damaged or forged is refused, and says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fairness.errors import ArgumentTypeError, CountTableError
from fairness.table import CountTable

Edit = Callable[[dict[str, Any]], object]


def tables(n: int) -> dict[str, CountTable]:
    rng = np.random.default_rng(3)
    score = rng.random(n)
    y = (rng.random(n) < score).astype(int)
    by = {"race": rng.choice(list("abc"), n), "age": rng.integers(18, 80, n)}
    weight = rng.choice([0.5, 1.0, 3.0], n)
    matrix = np.stack([score / 2, score / 2, 1 - score], axis=1)
    return {
        "plain": CountTable.from_rows(y, 1 - y, sensitive=by),
        "weighted": CountTable.from_rows(y, 1 - y, sensitive=by, weight=weight),
        "scores": CountTable.from_rows(y, y_score=score, sensitive=by, weight=weight),
        "ordered": CountTable.from_rows(y, y_score=np.round(score * 9), sensitive=by),
        "quantiles": CountTable.from_rows(
            np.tile(y, 3), y_score=rng.normal(size=3 * n), sensitive=list(by["race"]) * 3
        ),
        "classes": CountTable.from_rows(rng.choice(list("xyz"), n), y_score=matrix, sensitive=by),
        "regression": CountTable.from_rows(score * 9, score * 8, sensitive=by, weight=weight),
        "selection": CountTable.from_rows(
            score * 9, score * 8, sensitive=by["race"], control=by["age"], threshold=4.5
        ),
    }


TABLES = tables(300)
SMALL = tables(25)


def edited(table: CountTable, edit: Edit) -> str:
    document = json.loads(table.to_json())
    edit(document)
    return json.dumps(document)


def put(*path: Any, value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return edit


def more(*path: Any, by: float = 1) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] += by

    return edit


def both(*edits: Edit) -> Edit:
    return lambda document: [edit(document) for edit in edits]


def remove_cell(document: dict[str, Any]) -> None:
    cells = document["cells"]
    for column in (*cells["groups"], cells["outcomes"], cells["predictions"], cells["counts"]):
        del column[0]


def swap_cells(document: dict[str, Any]) -> None:
    cells = document["cells"]
    for column in (*cells["groups"], cells["outcomes"], cells["predictions"], cells["counts"]):
        column[0], column[1] = column[1], column[0]


EDITS: dict[str, tuple[str, Edit, str]] = {
    "a count": (
        "plain",
        more("cells", "counts", 0),
        "the counts add up to 301, the table says 30",
    ),
    "the total": ("plain", more("total", "rows"), "the counts add up to 300, the table says 301"),
    "total as float": ("plain", put("total", "rows", value=300.0), "the table says 300.0"),
    "total of weights": (
        "weighted",
        more("total", "weight"),
        "the weights add up to [0-9.]+, the table says",
    ),
    "count and total": (
        "plain",
        both(more("cells", "counts", 0), more("total", "rows"), more("total", "weight")),
        "its content was changed after it was written",
    ),
    "a cell removed": ("plain", remove_cell, "the counts add up to 2.., the table says 300"),
    "cells swapped": ("plain", swap_cells, "cells must ascend, each once"),
    "count and digest": (
        "plain",
        both(more("cells", "counts", 0), put("digest", value="sha256:" + "0" * 64)),
        "the counts add up to 301",
    ),
    "digest": ("plain", put("digest", value="sha256:" + "0" * 64), "says sha256:000000000000"),
    "no digest": ("plain", lambda d: d.pop("digest"), "the table says None"),
    "a name": ("plain", put("attributes", 0, "groups", 0, value="z"), "its content was changed"),
    "rows moved": (
        "plain",
        both(more("cells", "counts", 0), more("cells", "counts", 1, by=-1)),
        "its content was changed|must hold at least one row",
    ),
    "half a row": ("plain", put("cells", "counts", 0, value=1.5), "counts must be whole numbers"),
    "true as count": ("plain", put("cells", "counts", 0, value=True), "counts must be whole"),
    "negative count": (
        "plain",
        put("cells", "counts", 0, value=-1),
        "counts must be whole numbers",
    ),
    "huge count": (
        "plain",
        put("cells", "counts", 0, value=10**30),
        "counts must be whole numbers",
    ),
    "count of 0": (
        "plain",
        lambda d: d["cells"]["counts"].__setitem__(slice(2), [0, sum(d["cells"]["counts"][:2])]),
        "a cell must hold at least one row\n  cell 0: 0",
    ),
    "unknown group": ("plain", put("cells", "groups", 0, -1, value=9), "unknown group of 'race'"),
    "unknown outcome": (
        "plain",
        put("cells", "outcomes", 0, value=2),
        "unknown outcome\n  code 2",
    ),
    "unknown prediction": (
        "plain",
        put("cells", "predictions", 0, value=-1),
        "unknown prediction",
    ),
    "length": ("plain", lambda d: d["cells"]["outcomes"].pop(), "codes and counts differ in len"),
    "groups missing": ("plain", lambda d: d["cells"]["groups"].pop(), "codes for each attribute"),
    "no cells": ("plain", put("cells", "counts", value=[]), "it has no cells"),
    "cells as list": ("plain", put("cells", value=[]), "cells must be an object"),
    "counts as text": ("plain", put("cells", "counts", value="1"), "counts must be a list"),
    "schema": ("plain", put("schema", value="x/1"), "it is no count table\n  its schema is 'x/1'"),
    "newer": ("plain", put("schema", value="candor.count_table/2"), "written by a newer version"),
    "no schema": ("plain", lambda d: d.pop("schema"), "its schema is None"),
    "task": ("plain", put("task", value="ranking"), "the task is unknown"),
    "task and classes": ("plain", put("task", value="regression"), "classes do not fit the task"),
    "threshold": ("plain", put("threshold", value="x"), "threshold must be a finite number"),
    "too many classes": (
        "classes",
        put("classes", value=[str(i) for i in range(101)]),
        "classes do not fit the task multiclass",
    ),
    "same name": (
        "plain",
        put("attributes", 1, "name", value="race"),
        "must have different names",
    ),
    "no name": ("plain", put("attributes", 1, value=3), "an attribute has no name"),
    "all control": (
        "plain",
        both(
            put("attributes", 0, "control", value=True),
            put("attributes", 1, "control", value=True),
        ),
        "no attribute is sensitive",
    ),
    "control as text": (
        "plain",
        put("attributes", 0, "control", value="no"),
        "must be true or fal",
    ),
    "groups twice": ("plain", put("attributes", 0, "groups", value=["a", "a"]), "different texts"),
    "missing first": (
        "plain",
        put("attributes", 0, "groups", value=["(missing)", "a", "b"]),
        "must have groups, '\\(missing\\)' the last",
    ),
    "edges": ("plain", more("attributes", 1, "edges", 0), "groups of 'age' do not fit its edges"),
    "edges that fall": ("plain", lambda d: d["attributes"][1]["edges"].reverse(), "must ascend"),
    "weight": (
        "weighted",
        put("cells", "weights", 0, value=1e9),
        "its weights contradict its count",
    ),
    "negative weight": ("weighted", put("cells", "weights", 0, value=-1), "must be above 0"),
    "weight as text": (
        "weighted",
        put("cells", "weights", 0, value="1"),
        "must be a finite number",
    ),
    "weights lost": ("weighted", put("cells", "weights", value=None), "weights must be a list"),
    "weight too large": (
        "weighted",
        put("cells", "weights", 0, value=10**400),
        "must be a finite",
    ),
    "grid": ("scores", put("grid", value=None), "unknown bin|do not fit"),
    "kind of grid": ("scores", put("grid", "kind", value="x"), "the kind of grid is unknown"),
    "score": (
        "scores",
        put("cells", "scores", "low", 0, value=0.99999),
        "contradicts itself in ce",
    ),
    "score above bin": (
        "ordered",
        put("cells", "scores", "high", 0, value=9.0),
        "its scores lie outside its bin",
    ),
    "sum of scores": ("scores", more("cells", "moments", "score", "total", 0), "contradict"),
    "squares": ("scores", put("cells", "scores", "squared", 0, value=1e9), "do not add up"),
    "loss": (
        "scores",
        put("cells", "moments", "log_loss", "squared", 0, value=0),
        "sums of log_los",
    ),
    "moment lost": ("scores", lambda d: d["cells"]["moments"].pop("log_loss"), "sums do not fit"),
    "scores lost": ("scores", put("cells", "scores", value=None), "do not fit|unknown bin"),
    "cut": ("scores", put("threshold", value=0.4), "its prediction contradicts the threshold"),
    "sum": (
        "regression",
        put("cells", "moments", "error", "total", 0, value=1e9),
        "sums of error c",
    ),
    "sum by a little": (
        "regression",
        more("cells", "moments", "error", "total", 0, by=1e-9),
        "its content was changed",
    ),
    "more fields": ("plain", put("note", value="x"), "something that is no part of a table"),
    "negative square": (
        "regression",
        put("cells", "moments", "error", "squared", 0, value=-1.0),
        "sums of error contradict",
    ),
    "threshold of selection": ("selection", put("threshold", value=4.0), "classes do not fit"),
}


@pytest.mark.parametrize("name", TABLES)
def test_json_gives_the_table_back_to_the_last_digit(name: str) -> None:
    table = TABLES[name]
    again = CountTable.from_json(table.to_json())
    assert again == table
    assert again.to_json() == table.to_json()
    assert CountTable.from_json(table.to_json().encode()) == table
    for moment, other in zip(table.moments.values(), again.moments.values(), strict=True):
        assert np.array_equal(moment.total, other.total)


@pytest.mark.parametrize("name", TABLES)
def test_the_layout_of_the_text_does_not_matter(name: str) -> None:
    document = json.loads(TABLES[name].to_json())
    text = json.dumps(dict(reversed(document.items())), indent=1)
    # other writers leave the fraction of a whole float out
    assert CountTable.from_json(text.replace(".0,", ",").replace(".0\n", "\n")) == TABLES[name]


@pytest.mark.parametrize("case", EDITS)
def test_edited_tables_are_refused(case: str) -> None:
    name, edit, message = EDITS[case]
    with pytest.raises(CountTableError, match=message) as caught:
        CountTable.from_json(edited(TABLES[name], edit))
    assert caught.value.what.startswith("the table cannot be read")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is no JSON"),
        ("[1]", "it is no object"),
        ("{", "it is no JSON"),
        ('{"a": NaN}', "NaN is no number in JSON"),
        ('{"a": 1, "a": 2}', "a name occurs twice in one object"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a": ' + "9" * 5_000 + "}", "it is no JSON"),
        (b"\xff\xfe\x00", "it is no JSON"),
        ("{}", "its schema is None"),
    ],
)
def test_what_is_no_table_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(CountTableError, match=message):
        CountTable.from_json(text)


def test_only_text_is_read() -> None:
    with pytest.raises(ArgumentTypeError, match="a table is read from JSON text\n  dict"):
        CountTable.from_json({})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TABLES)
def test_no_field_can_be_anything(name: str) -> None:
    """Replace every field by values of every type: an error of ours, or the same table."""

    def places(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if isinstance(value, dict):
            parts = list(value.items())
        else:
            parts = list(enumerate(value))[:2] if isinstance(value, list) else []
        return [path, *(place for key, part in parts for place in places(part, (*path, key)))]

    document = json.loads(SMALL[name].to_json())
    for path in places(document, ())[1:]:
        for value in (None, True, -1, 2.5, 10**400, "x", [], [[]], {}, ["x"], [None]):
            text = edited(SMALL[name], put(*path, value=value))
            if json.loads(text) == document:
                continue
            with pytest.raises(CountTableError):
                CountTable.from_json(text)
