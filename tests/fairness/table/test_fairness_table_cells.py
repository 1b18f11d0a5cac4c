"""Frames of cells: our own, and those that other engines counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from fairness.errors import ArgumentError, ArgumentTypeError, CountTableError, FairnessError
from fairness.table import CountTable


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 400
    score = np.round(rng.random(n), 2)
    return pd.DataFrame(
        {
            "race": rng.choice(np.array(["a", "b", None], object), n),
            "age": rng.integers(18, 60, n),
            "y_true": (rng.random(n) < score).astype(int),
            "y_pred": rng.integers(0, 2, n),
            "score": score,
            "quantity": np.round(rng.normal(size=n), 1),
            "guess": np.round(rng.normal(size=n), 1),
            "w": rng.choice([0.5, 1.0, 4.0], n),
        }
    )


def aggregated(rows: pd.DataFrame, names: list[str], *, weighted: bool) -> pd.DataFrame:
    """Return what SELECT names, COUNT(*), SUM(w), SUM(w * w) GROUP BY ALL gives."""
    grouped = rows.assign(w2=rows["w"] ** 2).groupby(names, dropna=False)
    sums = {"count": ("w", "size")}
    if weighted:
        sums |= {"weight": ("w", "sum"), "weight_squared": ("w2", "sum")}
    return grouped.agg(**sums).reset_index()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("convert", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_counts_of_an_engine_equal_rows(rows: pd.DataFrame, weighted: bool, convert: Any) -> None:
    weight = rows["w"] if weighted else None
    by = {"sensitive": rows[["race"]], "control": rows[["age"]], "weight": weight}
    labels = aggregated(rows, ["race", "age", "y_true", "y_pred"], weighted=weighted)
    expected = CountTable.from_rows(rows["y_true"], rows["y_pred"], **by)
    assert CountTable.from_cells(convert(labels), control="age") == expected
    scores = aggregated(rows, ["age", "race", "y_true", "score"], weighted=weighted)
    expected = CountTable.from_rows(rows["y_true"], y_score=rows["score"], threshold=0.3, **by)
    assert CountTable.from_cells(convert(scores), control=["age"], threshold=0.3) == expected


def test_distinct_numbers_of_a_regression_equal_rows(rows: pd.DataFrame) -> None:
    cells = aggregated(rows, ["race", "quantity", "guess"], weighted=True)
    cells = cells.rename(columns={"quantity": "y_true", "guess": "y_pred"})
    expected = CountTable.from_rows(
        rows["quantity"], rows["guess"], sensitive=rows[["race"]], weight=rows["w"]
    )
    assert CountTable.from_cells(cells) == expected


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_of_a_regression_equal_rows(rows: pd.DataFrame, weighted: bool) -> None:
    w = rows["w"] if weighted else pd.Series(1.0, rows.index)
    error = rows["guess"] - rows["quantity"]
    quantities = {
        "outcome": rows["quantity"],
        "outcome_squared": rows["quantity"] ** 2,
        "prediction": rows["guess"],
        "error": error,
        "absolute_error": error.abs(),
        "squared_error": error**2,
    }
    columns = {"count": 1, "race": rows["race"]}
    if weighted:
        columns |= {"weight": w, "weight_squared": w**2}
    for name, x in quantities.items():
        columns |= {f"{name}.total": w * x, f"{name}.squared": w**2 * x**2}
        if weighted:
            columns[f"{name}.weighted"] = w**2 * x
    cells = pd.DataFrame(columns).groupby("race", dropna=False).sum().reset_index()
    expected = CountTable.from_rows(
        rows["quantity"],
        rows["guess"],
        sensitive=rows[["race"]],
        weight=rows["w"] if weighted else None,
    )
    assert CountTable.from_cells(cells) == expected
    with pytest.raises(ArgumentError, match=r"no column 'error.squared' in the frame of cells"):
        CountTable.from_cells(cells.drop(columns="error.squared"))
    with pytest.raises(CountTableError, match="sums of error contradict each other"):
        CountTable.from_cells(cells.assign(**{"error.total": 1e9}))


def test_reserved_names_come_back(rows: pd.DataFrame) -> None:
    by = {"weight": rows["race"], "score": rows["age"], "attribute.x": rows["race"]}
    table = CountTable.from_rows(rows["y_true"], sensitive=by, weight=rows["w"])
    frame = table.to_frame()
    assert {"attribute.weight", "attribute.score", "attribute.attribute.x"} <= set(frame.columns)
    assert CountTable.from_cells(frame) == table


def test_frames_of_two_sites_add_up(rows: pd.DataFrame) -> None:
    table = CountTable.from_rows(
        rows["y_true"], y_score=rows["score"], sensitive=rows[["race"]], weight=rows["w"]
    )
    frame = table.to_frame()
    shuffled = pd.concat([frame, frame]).sample(frac=1, random_state=0)
    assert CountTable.from_cells(shuffled) == table + table


def test_a_saved_frame_without_scores_can_be_read_anew(rows: pd.DataFrame) -> None:
    table = CountTable.from_rows(rows["y_true"], rows["y_pred"], sensitive=rows[["race"]])
    assert CountTable.from_cells(pl.from_pandas(table.to_frame())) == table
    scored = CountTable.from_rows(rows["y_true"], y_score=rows["score"], sensitive=rows[["race"]])
    with pytest.raises(ArgumentError, match="has sums \\('score_bin'\\) but lost what its table"):
        CountTable.from_cells(pl.from_pandas(scored.to_frame()))


GOOD = pd.DataFrame({"sex": ["f", "m"], "y_true": [1, 0], "y_pred": [1, 1], "count": [3, 4]})

BAD: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "no count": (
        GOOD.rename(columns={"count": "Counts"}),
        {},
        "no column 'count'.*\n.*\n  try  ren",
    ),
    "no y_true": (GOOD.drop(columns="y_true"), {}, "no column 'y_true' in the frame of cells"),
    "half a row": (
        GOOD.assign(count=[1.5, 2]),
        {},
        "count must hold whole numbers of rows\n  1.5",
    ),
    "negative": (
        GOOD.assign(count=[-1, 2]),
        {},
        "count must hold whole numbers of rows\n  -1 in ro",
    ),
    "missing": (GOOD.assign(count=[None, 2]), {}, "count has missing values"),
    "nothing": (GOOD.assign(count=0), {}, "count adds up to 0 rows"),
    "empty": (GOOD.iloc[:0], {}, "there are no rows\n  the frame of cells is empty"),
    "no attribute": (
        GOOD.drop(columns="sex"),
        {},
        "the frame of cells has no sensitive attribute",
    ),
    "only controls": (GOOD, {"control": "sex"}, "the frame of cells has no sensitive attribute"),
    "reserved control": (GOOD, {"control": ["y_pred"]}, "'y_pred' is a reserved column"),
    "unknown control": (GOOD, {"control": ["age"]}, "no attribute 'age' in the frame of cells"),
    "same name": (
        GOOD.set_axis(["sex", "y_true", "sex", "count"], axis=1),
        {},
        "two columns are nam",
    ),
    "one weight": (GOOD.assign(weight=1.5), {}, "'weight' but no 'weight_squared'"),
    "other weight": (GOOD.assign(weight_squared=1.5), {}, "'weight_squared' but no 'weight'"),
    "weight": (GOOD.assign(weight=-1.0, weight_squared=1.0), {}, "weight has negative values"),
    "weights": (
        GOOD.assign(weight=9.0, weight_squared=1.0),
        {},
        "its weights contradict its counts",
    ),
    "labels": (GOOD.assign(y_true=["a", "b"]), {}, "not clear which label is the positive one"),
    "both": (GOOD.assign(**{"score": 1, "attribute.sex": "x"}), {}, "two columns|named 'sex'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_cells_are_refused(case: str) -> None:
    frame, arguments, message = BAD[case]
    with pytest.raises(FairnessError, match=message):
        CountTable.from_cells(frame, **arguments)


def test_a_list_is_no_frame_of_cells() -> None:
    with pytest.raises(ArgumentTypeError, match="cells are read from a frame\n  list"):
        CountTable.from_cells([1])


def test_arguments_do_not_contradict_a_table() -> None:
    frame = CountTable.from_cells(GOOD).to_frame()
    with pytest.raises(ArgumentError, match="the frame already says what its cells mean"):
        CountTable.from_cells(frame, positive=0)
    frame.attrs.clear()
    assert CountTable.from_cells(frame, positive=0).classes == ("1", "0")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda f: f.assign(sex=["x", "y"]), "'sex' holds a name that the table does not have"),
        (lambda f: f.drop(columns="sex"), "there is no column 'sex' in the frame of cells"),
        (lambda f: f.assign(score_bin=[5000, 1]), "score_bin holds unknown bins"),
        (lambda f: f.assign(score_bin=[0.5, 1]), "score_bin must hold whole numbers"),
        (lambda f: f.drop(columns="score_low"), "there is no column 'score_low'"),
        (lambda f: f.assign(score_low=0.0), "its scores lie outside its bin"),
        (lambda f: f.assign(count=[0, 5]), "count must be at least 1"),
    ],
)
def test_edited_cells_of_a_table_are_refused(edit: Any, message: str) -> None:
    frame = CountTable.from_rows(
        [1, 0], y_score=[0.7, 0.2], sensitive={"sex": ["f", "m"]}
    ).to_frame()
    changed = edit(frame)
    changed.attrs = frame.attrs
    with pytest.raises(FairnessError, match=message):
        CountTable.from_cells(changed)
