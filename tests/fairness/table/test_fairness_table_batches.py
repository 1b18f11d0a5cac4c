"""Rows in batches, and tables that are added up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairness.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnNotFoundError,
    CountTableError,
    FairnessError,
)
from fairness.table import CountTable

N = 1_000


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    score = rng.random(N)
    y = (rng.random(N) < score).astype(int)
    return pd.DataFrame(
        {
            "race": rng.choice(np.array(["a", "b", None], object), N),
            "site": np.sort(rng.choice(list("xyz"), N)),
            "age": rng.integers(18, 80, N),
            "y": y,
            "word": np.where(y == 1, "yes", "no"),
            "kind": np.sort(rng.choice(list("klm"), N)),
            "p": rng.integers(0, 2, N),
            "score": score,
            "decile": np.sort(rng.integers(1, 11, N)),
            "logit": rng.normal(size=N),
            "w": rng.choice([0.0, 1.0, 2.5], N),
            "unused": [[1]] * N,
        }
    )


@pytest.fixture(scope="module")
def file(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    rows.to_parquet(path)
    return path


BY = {"sensitive": ["race"], "control": "site"}
USES: dict[str, dict[str, Any]] = {
    "labels": {"target": "y", "prediction": "p"},
    "weights": {"target": "y", "prediction": "p", "weight": "w"},
    "probabilities": {"target": "y", "score": "score", "weight": "w", "threshold": 0.4},
    "ordered": {"target": "y", "score": "decile"},
    "words": {"target": "word", "positive": "yes"},
    "classes": {"target": "kind", "prediction": "kind", "task": "multiclass"},
    "rest": {"target": "kind", "prediction": "kind", "positive": "m"},
    "regression": {"target": "logit", "prediction": "score", "threshold": 0.5},
}


@pytest.mark.parametrize("use", USES)
def test_parquet_equals_rows(rows: pd.DataFrame, file: Path, use: str) -> None:
    expected = CountTable.from_frame(rows, **USES[use], **BY)
    for batch_rows in (137, N):
        assert CountTable.from_parquet(file, **USES[use], **BY, batch_rows=batch_rows) == expected


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("convert", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_batches_equal_rows(rows: pd.DataFrame, use: str, convert: Any) -> None:
    expected = CountTable.from_frame(rows, **USES[use], **BY)
    parts = [rows.iloc[begin : begin + 250] for begin in range(0, N, 250)]
    batches = (convert(part) for part in (parts[0].iloc[:0], *parts))
    assert CountTable.from_batches(batches, **USES[use], **BY) == expected


def test_cut_points_come_from_the_first_batch(rows: pd.DataFrame, file: Path) -> None:
    table = CountTable.from_parquet(
        file, target="y", score="logit", sensitive="age", batch_rows=600
    )
    first = CountTable.from_frame(rows.iloc[:600], target="y", score="logit", sensitive="age")
    assert table.attributes[0].edges == first.attributes[0].edges
    assert table.grid == first.grid
    edges = {"age": [30, 50]}
    given = CountTable.from_parquet(file, target="y", sensitive="age", edges=edges, batch_rows=99)
    assert given == CountTable.from_frame(rows, target="y", sensitive="age", edges=edges)


def test_progress_is_told(file: Path) -> None:
    heard: list[tuple[int, int]] = []
    CountTable.from_parquet(
        file, target="y", batch_rows=400, progress=lambda a, b: heard.append((a, b)), **BY
    )
    assert heard == [(400, N), (800, N), (N, N)]


@pytest.mark.parametrize("group_rows", [90, 100, 400, N])
def test_row_groups_of_any_size_are_read(
    rows: pd.DataFrame, tmp_path: Path, group_rows: int
) -> None:
    rows.to_parquet(tmp_path / "rows.parquet", row_group_size=group_rows)
    heard: list[tuple[int, int]] = []
    table = CountTable.from_parquet(
        tmp_path / "rows.parquet",
        target="y",
        score="decile",
        batch_rows=250,
        progress=lambda a, b: heard.append((a, b)),
        **BY,
    )
    assert table == CountTable.from_frame(rows, target="y", score="decile", **BY)
    assert heard[-1] == (N, N)


def test_only_named_columns_are_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[list[str]] = []
    plain = pq.ParquetFile.iter_batches

    def spy(self: Any, batch_size: int, row_groups: list[int], columns: list[str]) -> Any:
        read.append(columns)
        return plain(self, batch_size, row_groups=row_groups, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    CountTable.from_parquet(file, target="y", sensitive="race")
    assert read == [["y"], ["y", "race"]]


def test_an_error_says_in_which_batch_it_is(rows: pd.DataFrame, tmp_path: Path) -> None:
    bad = rows[["y", "race", "score"]].copy()
    bad.loc[777, "score"] = np.nan
    message = r"the first in row 77 \(counted from 0\) \(in batch 7, which begins at row 700\)"
    parts = [bad.iloc[begin : begin + 100] for begin in range(0, N, 100)]
    with pytest.raises(ArgumentError, match=message):
        CountTable.from_batches(parts, target="y", score="score", sensitive="race")
    pq.write_table(pa.Table.from_pandas(bad, preserve_index=False), tmp_path / "bad.parquet")
    pl.from_pandas(bad).write_parquet(tmp_path / "polars.parquet")
    for name in ("bad.parquet", "polars.parquet"):
        with pytest.raises(ArgumentError, match=message):
            CountTable.from_parquet(
                tmp_path / name, target="y", score="score", sensitive="race", batch_rows=100
            )


def test_bad_files_are_refused(rows: pd.DataFrame, file: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"there is no file none.parquet"):
        CountTable.from_parquet(tmp_path / "none.parquet", target="y", sensitive="race")
    (tmp_path / "text.parquet").write_text("race,y\n")
    with pytest.raises(ArgumentError, match=r"text.parquet is no Parquet file"):
        CountTable.from_parquet(tmp_path / "text.parquet", target="y", sensitive="race")
    with pytest.raises(ColumnNotFoundError, match=r"no column 'Race' in rows.parquet"):
        CountTable.from_parquet(file, target="y", sensitive="Race")
    with pytest.raises(ArgumentTypeError, match="batch_rows must be a whole number above 0"):
        CountTable.from_parquet(file, target="y", sensitive="race", batch_rows=0)
    rows.iloc[:0].drop(columns="unused").to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(ArgumentError, match=r"there are no rows\n  empty.parquet is empty"):
        CountTable.from_parquet(tmp_path / "empty.parquet", target="y", sensitive="race")


def test_bad_batches_are_refused(rows: pd.DataFrame) -> None:
    halves = [rows.iloc[:500], rows.iloc[500:]]
    with pytest.raises(ArgumentError, match="there are no rows\n  every batch is empty"):
        CountTable.from_batches([], target="y", sensitive="race")
    with pytest.raises(ArgumentError, match="there are no rows\n  every batch is empty"):
        CountTable.from_batches([rows.assign(w=0)], target="y", sensitive="race", weight="w")
    with pytest.raises(ColumnNotFoundError, match=r"no column 'y' in batch 1\n.*in batch 1"):
        CountTable.from_batches([halves[0], halves[1][["race"]]], target="y", sensitive="race")
    with pytest.raises(ArgumentTypeError, match="batch 0 is no frame"):
        CountTable.from_batches([3], target="y", sensitive="race")
    with pytest.raises(ArgumentError, match="leaves the range from 0 to 1 in which it began"):
        CountTable.from_batches(
            [halves[0], halves[1].assign(score=2)], target="y", score="score", sensitive="race"
        )
    few = rows.assign(logit=rows["logit"].where(rows.index >= 500, 3.0))
    many = few.loc[np.repeat(few.index[500:], 2)].assign(logit=np.arange(1000.0))
    with pytest.raises(
        ArgumentError, match="more than 512 different values, the first batch less"
    ):
        CountTable.from_batches(
            [few.iloc[:500], many], target="y", score="logit", sensitive="race"
        )
    odd = halves[1].assign(p="other")
    with pytest.raises(
        ArgumentError, match="y_pred has labels that y_true does not have\n  'other'"
    ):
        CountTable.from_batches(
            [halves[0].assign(p="k"), odd],
            target="kind",
            prediction="p",
            sensitive="race",
            task="multiclass",
        )
    with pytest.raises(ArgumentError, match="positive='n' is no label of y_true\n  no batch"):
        CountTable.from_batches(halves, target="kind", sensitive="race", positive="n")


def simple(**changes: Any) -> CountTable:
    arguments: dict[str, Any] = {
        "y_true": [1, 0, 1, 0],
        "y_pred": [1, 1, 0, 0],
        "sensitive": {"sex": ["f", "m", "f", "m"], "race": ["a", "a", "b", "b"]},
    }
    arguments |= changes
    return CountTable.from_rows(arguments.pop("y_true"), arguments.pop("y_pred"), **arguments)


AGES = {"age": list(range(4))}
UNLIKE: dict[str, tuple[CountTable, CountTable, str]] = {
    "task": (
        simple(),
        simple(task="multiclass"),
        "their tasks differ\n  first: binary; second: mu",
    ),
    "names": (simple(), simple(sensitive=["f", "m", "f", "m"]), "their attributes differ"),
    "roles": (
        simple(sensitive={"a": list("xyxy")}, control={"b": list("xyxy")}),
        simple(sensitive={"b": list("xyxy")}, control={"a": list("xyxy")}),
        "their roles of 'a' differ\n  first: sensitive; second: control",
    ),
    "edges": (
        simple(sensitive=AGES, edges={"age": [2]}),
        simple(sensitive=AGES),
        r"their cut points of 'age' differ\n  first: \[2.0\]; second: one group for each value"
        r"\n  try  edges=\{'age': \[2.0\]\} when both",
    ),
    "threshold": (
        simple(y_pred=None, y_score=[0.1, 0.2, 0.3, 0.4]),
        simple(y_pred=None, y_score=[0.1, 0.2, 0.3, 0.4], threshold=0.3),
        "their thresholds differ\n  first: 0.5; second: 0.3",
    ),
    "predictions": (
        simple(),
        simple(y_pred=None),
        "their predictions differ\n  first: it has them",
    ),
    "scores": (
        simple(),
        simple(y_score=[0.1, 0.2, 0.3, 0.4]),
        "their scores differ\n  first: none",
    ),
    "scale": (
        simple(y_score=[0.1, 0.2, 0.3, 0.4]),
        simple(y_score=[1, 2, 3, 4]),
        "their scores differ",
    ),
    "positive": (simple(positive=1), simple(positive=0), "their classes differ"),
}


@pytest.mark.parametrize("case", UNLIKE)
def test_tables_that_mean_different_things_do_not_add_up(case: str) -> None:
    a, b, message = UNLIKE[case]
    with pytest.raises(CountTableError, match=message):
        a + b
    with pytest.raises(CountTableError, match="the tables cannot be added"):
        b + a


def test_quantile_bins_of_two_tables_do_not_add_up() -> None:
    rng = np.random.default_rng(0)
    y, g = rng.integers(0, 2, 600), ["g"] * 600
    a, b = (CountTable.from_rows(y, y_score=rng.normal(size=600), sensitive=g) for _ in "ab")
    with pytest.raises(
        CountTableError, match=r"their scores differ\n.*another scale with 511 cut points"
    ):
        a + b
    assert (a + a).n == 1200


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([3, 7], [2, 7]),
        ([7.5, 7.5], [9, 9]),
        ([3, 7], [5, 9]),
        ([3, 7], [3, 7]),
        ([-1, 5], [7, 8]),
    ],
)
def test_each_ordered_score_keeps_a_bin_of_its_own(
    first: list[float], second: list[float]
) -> None:
    a, b = (CountTable.from_rows([0, 1], y_score=s, sensitive=["g", "g"]) for s in (first, second))
    both = CountTable.from_rows([0, 1, 0, 1], y_score=[*first, *second], sensitive=["g"] * 4)
    assert a + b == b + a == both
    histogram = (a + b).groups().histogram
    assert histogram is not None
    assert histogram.low.tolist() == histogram.high.tolist() == sorted({*first, *second})


def test_attributes_in_another_order_add_up() -> None:
    turned = simple(sensitive={"race": ["a", "a", "b", "b"], "sex": ["f", "m", "f", "m"]})
    assert simple() + turned == simple() + simple()


def test_groups_and_classes_are_united() -> None:
    a = CountTable.from_rows(["k", "m"], ["k", "k"], sensitive=["10", None], task="multiclass")
    b = CountTable.from_rows(["l", "k"], ["l", "l"], sensitive=["9", "z"], task="multiclass")
    both = CountTable.from_rows(
        ["k", "m", "l", "k"], ["k", "k", "l", "l"], sensitive=["10", None, "9", "z"]
    )
    assert a + b == b + a == both
    assert both.classes == ("k", "l", "m")
    assert both.attributes[0].groups == ("9", "10", "z", "(missing)")


def test_a_declared_order_survives() -> None:
    def table(values: list[str], order: list[str]) -> CountTable:
        return CountTable.from_rows([1] * len(values), sensitive=pd.Categorical(values, order))

    order = ["low", "mid", "high"]
    a, b = table(["low", "mid"], order), CountTable.from_rows([1, 0], sensitive=["high", None])
    assert (a + b).attributes == (b + a).attributes
    assert (a + b).attributes[0].groups == (*order, "(missing)")
    assert (a + table(["high"], order)).attributes[0].groups == tuple(order)
    with_new = a + CountTable.from_rows([1], sensitive=["new"])
    assert with_new.attributes[0].groups == ("high", "low", "mid", "new")


def test_other_things_do_not_add_up() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        simple() + 1
    with pytest.raises(TypeError, match="unsupported operand"):
        1 + simple()
    assert sum([simple()]) == simple()
    assert simple() != 3
    assert issubclass(CountTableError, FairnessError)
