from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from small_tables import small

from automl.errors import (
    ArgumentError,
    ArgumentTypeError,
    AutoMLError,
    ColumnNotFoundError,
    DataError,
)
from automl.table import Table, read_table

N = 60
FRAME = small(N)


def read(frame: pd.DataFrame = FRAME, **call: object) -> Table:
    return read_table(frame, **{"target": "y", **call})  # type: ignore[arg-type]


FRAMES = {
    "empty": (FRAME.iloc[:0], "is empty"),
    "no columns": (pd.DataFrame(), "is empty"),
    "two rows": (FRAME.iloc[:2], "too few rows: 2\n.*at least 3"),
    "target only": (FRAME[["y"]], "one column only: y"),
    "one class": (FRAME.assign(y="no"), "one value only: 'no'"),
    "target all missing": (FRAME.assign(y=np.nan), "missing in every row"),
    "target marks only": (FRAME.assign(y="?"), "missing in every row"),
    "duplicate names": (pd.concat([FRAME, FRAME[["a"]]], axis=1), 'duplicate.*\n.*"a" 2 times'),
    "lists": (FRAME.assign(v=[[1]] * N), 'column "v" cannot be used: it holds lists'),
    "dicts": (FRAME.assign(v=[{}] * N), 'column "v" cannot be used: it holds dicts'),
    "tuples": (FRAME.assign(v=[(1, 2)] * N), 'column "v" cannot be used: it holds tuples'),
    "some lists": (FRAME.assign(v=[*["a"] * 59, [1]]), "it holds lists"),
    "complex": (FRAME.assign(v=1j), "it holds complex numbers"),
    "list target": (FRAME.assign(y=[[1]] * N), 'target "y" cannot be used: it holds lists'),
    "dates": (FRAME.assign(y=pd.date_range("2020", periods=N)), "holds dates"),
    "unique labels": (FRAME.assign(y=[f"k{i}" for i in range(N)]), "every label.*occurs once"),
    "nothing left": (
        FRAME[["y"]].assign(v=1),
        "no column of .* is left to learn from\n.*always 1",
    ),
}


@pytest.mark.parametrize("case", FRAMES)
def test_frames_that_cannot_be_used(case: str) -> None:
    frame, text = FRAMES[case]
    with pytest.raises(DataError, match=text):
        read(frame)


def test_two_thousand_classes() -> None:
    labels = np.arange(4000) % 2000
    frame = pd.DataFrame({"a": np.sin(labels), "y": [f"k{i}" for i in labels]})
    with pytest.raises(DataError, match=r"2,000 different labels\n.*at most 200"):
        read(frame)
    with pytest.raises(DataError, match=r"2,000 different labels(.|\n)*regression"):
        read(frame.assign(y=labels), task="multiclass")


def test_regression_on_strings() -> None:
    with pytest.raises(DataError, match=r'"c" cannot be predicted as a number: it holds .[xyz]'):
        read(target="c", task="regression")


@pytest.mark.parametrize("argument", ["target", "weight", "group", "time", "sensitive", "ignore"])
def test_absent_columns_name_the_near_miss(argument: str) -> None:
    with pytest.raises(ColumnNotFoundError, match=r'no column "A" in pandas frame\n.*it has "a"'):
        read(**{argument: "A"})
    with pytest.raises(KeyError, match=r"4 columns in all: a, b, c, y"):
        read(**{argument: "quite another"})


CALLS = {
    "unknown task": ({"task": "binry"}, ArgumentError, "no task.*\n.*known tasks: auto, binary"),
    "task type": ({"task": 3}, ArgumentTypeError, "task has to be a string"),
    "binary of three": ({"target": "c", "task": "binary"}, ArgumentError, "3 labels"),
    "unknown positive": ({"positive": "5"}, ArgumentError, "not a label.*\n.*its labels: 0, 1"),
    "positive of three": ({"target": "c", "positive": "x"}, ArgumentError, "binary target only"),
    "positive number": ({"target": "a", "positive": 1}, ArgumentError, "is a regression"),
    "target type": ({"target": None}, ArgumentTypeError, "target has to name a column"),
    "sensitive type": ({"sensitive": 5}, ArgumentTypeError, "sensitive has to name columns"),
    "target as group": ({"group": "y"}, ArgumentError, "cannot be group as well"),
    "target ignored": ({"ignore": "y"}, ArgumentError, "cannot be in ignore as well"),
    "weight as group": ({"weight": "b", "group": "b"}, ArgumentError, "cannot be group"),
    "words as time": ({"time": "c"}, DataError, "neither dates nor numbers"),
    "words as weight": ({"weight": "c"}, DataError, "holds no numbers"),
}


@pytest.mark.parametrize("case", CALLS)
def test_calls_that_make_no_sense(case: str) -> None:
    call, error, text = CALLS[case]
    with pytest.raises(error, match=text) as caught:
        read(**call)
    assert isinstance(caught.value, AutoMLError)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        (-1.0, "negative values: 60 of 60\n.*row 0"),
        (np.nan, "missing values"),
        (np.inf, "infinite values"),
        (0.0, "zero in every row"),
        (["1"] * 59 + ["-2"], "negative values: 1 of 60\n.*row 59"),
    ],
)
def test_weights_that_cannot_be(weights: object, text: str) -> None:
    with pytest.raises(DataError, match=text):
        read(FRAME.assign(w=weights), weight="w")


def test_group_and_time_that_cannot_be() -> None:
    with pytest.raises(DataError, match=r"one group only"):
        read(FRAME.assign(g=1), group="g")
    times = [None, *["2020-01-01", "2020-01-02"] * 29, "2020-01-01"]
    with pytest.raises(DataError, match=r"time column.*missing in 1 of 60 rows\n.*row 0"):
        read(FRAME.assign(t=times), time="t")
    with pytest.raises(DataError, match=r"neither dates nor numbers that differ"):
        read(FRAME.assign(t=1), time="t")


REPAIRS = {
    "missing-target": FRAME.assign(y=FRAME["y"].where(FRAME.index % 5 > 0)),
    "infinities": FRAME.assign(a=FRAME["a"].where(FRAME.index % 5 > 0, -np.inf)),
    "extreme-values": FRAME.assign(a=FRAME["a"].where(FRAME.index % 5 > 0, 1e308)),
    "mixed-types": FRAME.assign(v=[1, "a", 2.5, None, True, "3"] * 10),
    "all-missing": FRAME.assign(v=None),
    "constant": FRAME.assign(v="k"),
    "identifier": FRAME.assign(v=[f"u{i}" for i in range(N)]),
    "rare-class": FRAME.assign(y=["x"] * 30 + ["y"] * 27 + ["z"] * 3),
    "timedelta": FRAME.assign(v=pd.to_timedelta(np.arange(N) % 9, "h")),
    "time-zone": FRAME.assign(v=pd.date_range("2020", periods=N, tz="Europe/Berlin")),
    "unused-levels": FRAME.assign(c=pd.Categorical(FRAME["c"], list("wxyz"))),
    "column-names": FRAME.set_axis([1, "1", ("a", "b"), "y"], axis=1),
    "numbers-in-strings": FRAME.assign(v=[f"${i % 9},000" for i in range(N)]),
    "missing-marks": FRAME.assign(v=["a", "b", "?"] * 20),
    "duplicated-rows": pd.concat([FRAME, FRAME]),
    "duplicated-columns": FRAME.assign(v=FRAME["a"] * 3 + 1),
    "missingness": FRAME.assign(v=FRAME["a"].where(FRAME.index % 5 == 0)),
}


@pytest.mark.parametrize("code", REPAIRS)
def test_repairs_are_stated_and_nothing_is_lost(code: str) -> None:
    table = read(REPAIRS[code])
    checks = [check for check in table.checks if check.code == code]
    assert len(checks) == 1
    assert checks[0].severity in ("warning", "info")
    assert len(checks[0].message) > 20
    expected = 48 if code == "missing-target" else len(REPAIRS[code])
    assert table.n_rows == len(table.frame) == len(table.row_numbers) == expected
    assert table.columns.n_rows == expected


def test_repairs_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="automl"):
        read(REPAIRS["infinities"])
    assert "infinite numbers are read as missing in a" in caplog.text


def test_a_class_of_one_row_is_kept() -> None:
    table = read(FRAME.assign(y=["x"] * 30 + ["y"] * 29 + ["z"]))
    assert table.schema.target.classes == ("x", "y", "z")
    assert (table.y == 2).sum() == 1


def test_clean_tables_are_quiet() -> None:
    assert read().checks == ()


def test_odd_names_are_found_by_their_own_name() -> None:
    frame = FRAME.set_axis([1, "1", ("a", "b"), 4], axis=1)
    table = read(frame, target=4, sensitive=[("a", "b")], ignore=["1"])
    assert table.schema.target.name == "4"
    assert [column.name for column in table.schema.columns] == ["1_2", "1", "a.b"]
    reordered = frame[[("a", "b"), "1", 1]]
    np.testing.assert_array_equal(table.schema.read(reordered).numeric, table.columns.numeric)


def test_infinite_and_huge_targets_are_left_out() -> None:
    y = FRAME["a"].copy()
    y.iloc[[3, 4]] = [np.inf, 1e300]
    table = read(FRAME.assign(y=y))
    assert table.row_numbers.tolist() == [i for i in range(N) if i not in (3, 4)]
    assert table.checks[0].code == "missing-target"


def test_columns_named_by_dates_are_found() -> None:
    days = pd.date_range("2020-01-01", periods=FRAME.shape[1], freq="D")
    table = read_table(FRAME.set_axis(days, axis=1), target=days[list(FRAME).index("y")])
    assert table.schema.target.name == str(days[list(FRAME).index("y")])


def test_only_identifiers_say_how_to_keep_one() -> None:
    names = pd.DataFrame({"u": [f"id-{i}" for i in range(N)], "y": np.arange(N) % 2})
    with pytest.raises(DataError, match=r"""left to learn from\n.*\n  try  roles=\{"u": "cat"""):
        read_table(names, target="y")


def test_half_precision_numbers_raise_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = read_table(FRAME.assign(h=np.linspace(-3, 3, N).astype("float16")), target="y")
    assert not [check for check in table.checks if check.code == "extreme-values"]
