"""What must hold for tables of any rows: they add up, and do not care for order or container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairness.table import CountTable

KINDS = (
    "labels",
    "outcomes",
    "probabilities",
    "scores",
    "both",
    "text",
    "multiclass",
    "matrix",
    "regression",
    "quantity",
    "selection",
)


@dataclass(frozen=True)
class Sample:
    """Rows of one kind, and how they are to be read."""

    kind: str
    columns: pd.DataFrame
    weighted: bool

    def table(self, rows: Any = slice(None)) -> CountTable:
        part = self.columns.iloc[rows]
        given: dict[str, Any] = {"sensitive": part[["race", "sex"]], "control": part[["site"]]}
        if self.weighted:
            given["weight"] = part["weight"].to_numpy()
        true, predicted = part["true"].to_numpy(), part["predicted"].to_numpy()
        score, ordered = part["score"].to_numpy(), part["ordered"].to_numpy()
        words = np.array(["no", "yes"], dtype=object)
        if self.kind == "labels":
            return CountTable.from_rows(true, predicted, **given)
        if self.kind == "outcomes":
            return CountTable.from_rows(true, **given)
        if self.kind == "probabilities":
            return CountTable.from_rows(true, y_score=score, threshold=0.3, **given)
        if self.kind == "scores":
            return CountTable.from_rows(true, y_score=ordered, **given)
        if self.kind == "both":
            return CountTable.from_rows(true, predicted, y_score=score, **given)
        if self.kind == "text":
            return CountTable.from_rows(words[true], words[predicted], positive="yes", **given)
        three = part["three"].to_numpy()
        if self.kind == "multiclass":
            return CountTable.from_rows(three, three, task="multiclass", **given)
        if self.kind == "matrix":
            probabilities = np.stack([score / 2, score / 2, 1 - score], axis=1)
            return CountTable.from_rows(three, y_score=probabilities, task="multiclass", **given)
        if self.kind == "quantity":
            return CountTable.from_rows(ordered, task="regression", **given)
        threshold = 4.0 if self.kind == "selection" else None
        return CountTable.from_rows(
            ordered + score, ordered, task="regression", threshold=threshold, **given
        )


@st.composite
def samples(draw: st.DrawFn, least: int = 1) -> Sample:
    n = draw(st.integers(least, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns = pd.DataFrame(
        {
            "race": rng.choice(np.array(["a", "b", "c × d", "(missing)", None], object), n),
            "sex": rng.choice([1.0, 2.0, np.nan], n),
            "site": rng.choice(["x", "y"], n),
            "true": rng.integers(0, 2, n),
            "predicted": rng.integers(0, 2, n),
            "three": rng.choice(["l", "m", "n"], n),
            "score": rng.choice([rng.random(), 0.0, 0.3, 0.5, 1.0], n),
            "ordered": rng.integers(1, 9, n) * 1.5,
            # the last weight is never 0: some row has to count
            "weight": np.append(rng.choice([0.0, 0.5, 1.0, 2.25], n - 1), 1.5),
        }
    )
    return Sample(draw(st.sampled_from(KINDS)), columns, draw(st.booleans()))


def has_all_classes(sample: Sample, rows: Any) -> bool:
    """Say whether a part alone can be read: a matrix needs every class among its rows."""
    part = sample.columns.iloc[rows]
    kept = part[part["weight"] > 0] if sample.weighted else part
    if sample.kind == "matrix":
        return kept["three"].nunique() == 3
    if sample.kind == "text" and not set(kept["predicted"]) <= set(kept["true"]):
        return False
    return len(kept) > 0


@given(samples(2), st.data())
def test_a_table_is_the_sum_of_its_parts(sample: Sample, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(sample.columns) - 1))
    parts = (slice(None, cut), slice(cut, None))
    assume(all(has_all_classes(sample, part) for part in (*parts, slice(None))))
    assert sample.table(parts[0]) + sample.table(parts[1]) == sample.table()


@given(samples(3), st.data())
def test_the_order_of_adding_does_not_matter(sample: Sample, data: st.DataObject) -> None:
    places = st.integers(1, len(sample.columns) - 1)
    ends = sorted(data.draw(st.lists(places, min_size=2, max_size=2, unique=True)))
    parts = (slice(None, ends[0]), slice(ends[0], ends[1]), slice(ends[1], None))
    assume(all(has_all_classes(sample, part) for part in parts))
    a, b, c = (sample.table(part) for part in parts)
    assert (a + b) + c == a + (b + c) == (c + a) + b == sum([b, c, a])


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(sample: Sample, random: Any) -> None:
    assume(has_all_classes(sample, slice(None)))
    order = list(range(len(sample.columns)))
    random.shuffle(order)
    assert sample.table(order) == sample.table()


@given(samples())
def test_frame_and_json_give_the_table_back(sample: Sample) -> None:
    assume(has_all_classes(sample, slice(None)))
    table = sample.table()
    assert CountTable.from_cells(table.to_frame()) == table
    again = CountTable.from_json(table.to_json())
    assert again == table
    assert again.to_json() == table.to_json()


@given(samples())
def test_equal_rows_can_be_given_once(sample: Sample) -> None:
    assume(sample.kind in ("labels", "text") and has_all_classes(sample, slice(None)))
    frame, table = sample.columns, sample.table(slice(None))
    distinct = frame.groupby(["race", "sex", "site", "true", "predicted", "weight"], dropna=False)
    cells = distinct.size().reset_index(name="n")
    words = np.array(["no", "yes"])
    y_true = words[cells["true"]] if sample.kind == "text" else cells["true"]
    y_pred = words[cells["predicted"]] if sample.kind == "text" else cells["predicted"]
    counted = CountTable.from_rows(
        y_true,
        y_pred,
        sensitive=cells[["race", "sex"]],
        control=cells[["site"]],
        weight=cells["weight"] if sample.weighted else None,
        positive="yes" if sample.kind == "text" else None,
        counts=cells["n"],
    )
    assert counted == table


@given(samples())
def test_groups_equal_what_pandas_adds_up(sample: Sample) -> None:
    assume(sample.kind in ("both", "labels") and has_all_classes(sample, slice(None)))
    table = sample.table()
    frame = sample.columns
    if sample.weighted:
        frame = frame[frame["weight"] > 0]
    weight = frame["weight"] if sample.weighted else pd.Series(1.0, frame.index)
    for names in (["race"], ["sex", "race"], ["site", "sex"]):
        grouped = frame.groupby(names, dropna=False)
        assert sorted(table.groups(names).n) == sorted(grouped.size())
    groups = table.groups(["site"])
    for i, site in enumerate(groups.groups):
        rows = frame["site"] == site
        for true in (0, 1):
            for predicted in (0, 1):
                cell = rows & (frame["true"] == true) & (frame["predicted"] == predicted)
                assert groups.counts[i, true, predicted] == cell.sum()
                assert groups.weights[i, true, predicted] == pytest.approx(weight[cell].sum())
                assert groups.weights_squared[i, true, predicted] == pytest.approx(
                    (weight[cell] ** 2).sum()
                )
        if sample.kind == "both":
            error = (frame["score"] - frame["true"])[rows] ** 2
            moments = groups.moments["squared_error"]
            assert moments.total[i] == pytest.approx((weight[rows] * error).sum())
            assert moments.weighted[i] == pytest.approx((weight[rows] ** 2 * error).sum())
            assert moments.squared[i] == pytest.approx((weight[rows] ** 2 * error**2).sum())


CONTAINERS = {
    "list": lambda column: column.tolist(),
    "tuple": lambda column: tuple(column.tolist()),
    "numpy": lambda column: column.to_numpy(dtype=object),
    "pandas": lambda column: column,
    "pandas object": lambda column: column.astype(object),
    "index": pd.Index,
    "polars": pl.from_pandas,
    "arrow": lambda column: pa.array(column.tolist(), from_pandas=True),
    "chunked": lambda column: pa.chunked_array([pa.array(column.tolist(), from_pandas=True)]),
    "category": lambda column: column.astype("category"),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_any_container_gives_the_same_table(name: str) -> None:
    wrap = CONTAINERS[name]
    frame = pd.DataFrame(
        {
            "race": ["b", "a", None, "b"] * 12,
            "y": [0, 1, 1, 0] * 12,
            "p": [1, 1, 0, 0] * 12,
            "w": [1.0, 0.5, 2.0, 1.0] * 12,
            "s": [0.25, 0.5, 0.125, 1.0] * 12,
        }
    )
    expected = CountTable.from_frame(
        frame, target="y", prediction="p", score="s", weight="w", sensitive="race"
    )
    found = CountTable.from_rows(
        wrap(frame["y"]),
        wrap(frame["p"]),
        y_score=wrap(frame["s"]),
        weight=wrap(frame["w"]),
        sensitive={"race": wrap(frame["race"])},
    )
    assert found == expected


@pytest.mark.parametrize(
    "convert",
    [pl.from_pandas, pa.Table.from_pandas, lambda f: pl.from_pandas(f).lazy(), pd.DataFrame],
    ids=["polars", "arrow", "lazy", "pandas"],
)
def test_any_frame_gives_the_same_table(convert: Any) -> None:
    frame = pd.DataFrame(
        {"race": ["b", "a", None], "y": [0, 1, 1], "p": [1, 1, 0], "x": [[], 1, 2]}
    )
    expected = CountTable.from_rows([0, 1, 1], [1, 1, 0], sensitive={"race": ["b", "a", None]})
    frame = convert(frame[["race", "y", "p"]])
    assert CountTable.from_frame(frame, target="y", prediction="p", sensitive="race") == expected
    whole = frame.collect() if hasattr(frame, "collect") else frame
    sensitive = whole.select(["race"]) if hasattr(whole, "select") else whole[["race"]]
    assert CountTable.from_rows([0, 1, 1], [1, 1, 0], sensitive=sensitive) == expected
