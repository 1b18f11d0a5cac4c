from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_tables import small

from automl.errors import DataError
from automl.table import Table, read_table

N = 120


def read(labels: object, **call: object) -> Table:
    frame = small(N).assign(y=pd.Series(labels))
    return read_table(frame, target="y", **call)  # type: ignore[arg-type]


AUTO = {
    "strings": (["no", "yes"] * 60, "binary", ("no", "yes")),
    "booleans": ([True, False] * 60, "binary", (False, True)),
    "zero one": ([0, 1] * 60, "binary", (0, 1)),
    "floats": ([0.0, 1.0] * 60, "binary", (0.0, 1.0)),
    "minus one": ([-1, 1] * 60, "binary", (-1, 1)),
    "quoted": (["'1'", "'-1'"] * 60, "binary", ("'-1'", "'1'")),
    "two numbers in strings": (["2", "10"] * 60, "binary", ("10", "2")),
    "three strings": (["a", "b", "c"] * 40, "multiclass", ("a", "b", "c")),
    "few integers": ([3, 1, 2] * 40, "multiclass", (1, 2, 3)),
    "mixed": ([1, "a", "b"] * 40, "multiclass", (1, "a", "b")),
    "declared": (pd.Categorical(["b", "a"] * 60, ["z", "b", "a"]), "binary", ("a", "b")),
    "nullable": (pd.array([1, 0] * 60, dtype="Int64"), "binary", (0, 1)),
    "gaps": ([1.0, 0.0, None] * 40, "binary", (0.0, 1.0)),
    "many floats": (np.linspace(0, 1, N), "regression", ()),
    "many integers": (np.arange(N) * 3, "regression", ()),
    "money": ([f"${i * 7:,}" for i in range(N)], "regression", ()),
    "spans": (pd.to_timedelta(np.arange(N), "s"), "regression", ()),
}


@pytest.mark.parametrize("case", AUTO)
def test_auto_task(case: str) -> None:
    labels, task, classes = AUTO[case]
    target = read(labels).schema.target
    assert target.task == task
    assert [(type(c), c) for c in target.classes] == [(type(c), c) for c in classes]
    assert target.note


def test_class_numbers_follow_the_labels() -> None:
    table = read(["no", "yes", "yes"] * 40)
    assert table.y.dtype == np.int64
    assert table.y[:3].tolist() == [0, 1, 1]
    assert table.schema.target.positive == "yes"
    assert table.schema.target.note == '"yes" 66.7 %'


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        (["setosa", "versicolor", "virginica"] * 40, "3 classes, 33.3 % each"),
        (["a", "b", "b", "c"] * 30, '3 classes, "b" 50.0 % to "a" 25.0 %'),
        ([1, 2, 3] * 39 + [1, 2], "3 classes, 1 33.6 % to 3 32.8 %"),
    ],
)
def test_the_note_of_several_classes(labels: list[object], note: str) -> None:
    frame = pd.DataFrame({"x": np.arange(len(labels)) % 7, "y": labels})
    assert read_table(frame, target="y").schema.target.note == note


def test_the_note_of_nearly_equal_shares() -> None:
    labels = np.array(["a", "b", "c"])[np.arange(30_001) % 3]
    frame = pd.DataFrame({"x": np.arange(30_001) % 7, "y": labels})
    note = read_table(frame, target="y").schema.target.note
    assert note == "3 classes, 33.3 % each or nearly so"


def test_a_target_beyond_the_limit_is_named() -> None:
    with pytest.raises(DataError, match=r"can be learned\n  values beyond ±1e\+100 are left out"):
        read(np.linspace(1, 9, N) * 1e300)


@pytest.mark.parametrize("positive", [0, "0", 0.0, "0.0"])
def test_positive_becomes_class_one(positive: object) -> None:
    table = read([0, 1, 1] * 40, positive=positive)
    assert table.schema.target.classes == (1, 0)
    assert table.y[:3].tolist() == [1, 0, 0]


def test_tasks_can_be_chosen() -> None:
    assert read([1, 2, 3] * 40, task="regression").y[:3].tolist() == [1.0, 2.0, 3.0]
    assert read(np.arange(N) % 30, task="multiclass").schema.target.n_classes == 30
    assert read([0, 1] * 60, task="multiclass").schema.target.task == "binary"
    assert read([0, 1] * 60, task="regression").schema.target.task == "regression"
    money = read([f"${i * 7 % 90:,}" for i in range(N)], task="regression")
    assert money.y[:3].tolist() == [0.0, 7.0, 14.0]


@pytest.mark.parametrize("mark", [None, np.nan, "", " ", "?", "NA", "nan", "null"])
def test_rows_without_a_label_are_left_out(mark: object) -> None:
    table = read([*["no", "yes"] * 59, mark, "yes"])
    assert table.n_rows == N - 1
    assert 118 not in table.row_numbers


@pytest.mark.parametrize("word", ["None", "-", "none"])
def test_words_that_may_be_labels_are_labels(word: str) -> None:
    assert read([word, "mild", "severe"] * 40).schema.target.n_classes == 3


def test_labels_to_score_are_encoded_the_same_way() -> None:
    frame = small(N).assign(y=[0, 1, 1] * 40)
    schema = read_table(frame, target="y", positive=0).schema
    np.testing.assert_array_equal(schema.read_target(frame), np.array([1, 0, 0] * 40))
    for retyped in (frame["y"].astype(str), frame["y"].astype(float), frame["y"].astype(object)):
        np.testing.assert_array_equal(
            schema.read_target(frame.assign(y=retyped)), schema.read_target(frame)
        )
    assert schema.read_target(frame.drop(columns="y")) is None


def test_unknown_labels_and_missing_ones_are_named() -> None:
    frame = small(N).assign(y=["no", "yes"] * 60)
    schema = read_table(frame, target="y").schema
    with pytest.raises(DataError, match=r"unknown label: 'maybe' in row 0\n.*'no', 'yes'"):
        schema.read_target(frame.replace({"y": {"no": "maybe"}}))
    with pytest.raises(DataError, match=r"missing in 60 of 120 rows(.|\n)*first is row 0"):
        schema.read_target(frame.assign(y=frame["y"].where(frame["y"] == "yes")))


def test_values_to_score_are_read_in_the_same_spelling() -> None:
    frame = small(N).assign(y=[f"{i},5 €" for i in range(N)])
    table = read_table(frame, target="y")
    assert table.y[:2].tolist() == [0.5, 1.5]
    np.testing.assert_array_equal(table.schema.read_target(frame), table.y)
    with pytest.raises(DataError, match=r"cannot be read as a number: 'much' in row 5"):
        table.schema.read_target(frame.assign(y=frame["y"].where(frame.index != 5, "much")))


def test_the_smallest_table() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": ["a", "a", "b"]})
    assert read_table(frame, target="y").n_rows == 3
    with pytest.raises(DataError, match=r"occurs once"):
        read_table(frame.assign(y=["a", "b", "c"]), target="y")


def test_booleans_and_zero_and_one_are_the_same_labels_later() -> None:
    numbers = read([0, 1, 1] * 40).schema
    later = pd.DataFrame({"y": [True, False]})
    assert numbers.read_target(later).tolist() == [1, 0]  # type: ignore[union-attr]
    booleans = read([False, True, True] * 40).schema
    for spelled in ([1, 0], [1.0, 0.0], ["1", "0"], ["true", "false"]):
        assert booleans.read_target(pd.DataFrame({"y": spelled})).tolist() == [1, 0]  # type: ignore[union-attr]
    other = read([1, 2, 2] * 40).schema
    with pytest.raises(DataError, match="unknown label: True in row 0"):
        other.read_target(later)
