"""Every way to hand over rows that cannot be used says what is wrong, what was got, what to do."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairness.errors import ArgumentError, ArgumentTypeError, ColumnNotFoundError, FairnessError
from fairness.table import CountTable

Y, P, S, G = [1, 0, 1, 0], [1, 1, 0, 0], [0.9, 0.6, 0.3, 0.1], ["a", "a", "b", "b"]
MANY = [str(i) for i in range(101)]

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "lengths": ({"y_pred": [1, 0, 1]}, "y_true and y_pred differ in length\n  4 and 3 rows"),
    "length of weight": ({"weight": [1.0]}, "y_true and weight differ in length\n  4 and 1 rows"),
    "length of group": ({"sensitive": G[:2]}, "attribute 'sensitive' differ in length"),
    "no rows": ({"y_true": [], "y_pred": [], "sensitive": []}, "there are no rows"),
    "matrix": ({"y_true": np.ones((4, 1))}, r"y_true must have one dimension\n  it has the shape"),
    "nested list": ({"y_pred": [[1], [0], [1], [0]]}, "y_pred must have one dimension"),
    "frame": ({"y_true": pd.DataFrame({"y": Y})}, "y_true is a frame, one column is needed"),
    "text as a column": ({"sensitive": "sex"}, "sensitive is a name, not a column"),
    "number as a column": ({"y_pred": 1}, "y_pred is no column"),
    "dict as a column": ({"y_pred": {"a": 1}}, "y_pred is no column"),
    "NaN in y_true": (
        {"y_true": [1, 0, None, 0]},
        r"y_true has missing values\n  1 of 4, the first in row 2 \(counted from 0\)",
    ),
    "NaN in y_pred": ({"y_pred": [1, math.nan, 0, 0]}, "y_pred has missing values\n  1 of 4"),
    "None in labels": (
        {"y_true": ["a", None, "b", "a"], "y_pred": list("aaba"), "positive": "a"},
        "y_true has missing values\n  1 of 4, the first in row 1",
    ),
    "NaN in scores": (
        {"y_pred": None, "y_score": [0.1, math.nan, 0.2, 0.3]},
        "y_score has missing values",
    ),
    "infinite score": (
        {"y_pred": None, "y_score": [0.1, math.inf, 0.2, math.nan]},
        "y_score has missing or infinite values\n  2 of 4, the first in row 1",
    ),
    "infinite weight": ({"weight": [1, math.inf, 1, 1]}, "weight has missing or infinite values"),
    "negative weight": ({"weight": [1, -2.5, 1, 1]}, "weight has negative values\n  1 of 4.*-2.5"),
    "no weight": ({"weight": [0, 0, 0, 0]}, "weight is 0 in every row"),
    "text as weight": ({"weight": list("1234")}, "weight must hold numbers\n  it holds '1'"),
    "text as score": ({"y_pred": None, "y_score": ["a", "b", "c", "d"]}, "y_score must hold numb"),
    "unseen label": (
        {"y_pred": [1, 0, 7, 8]},
        "y_pred has labels that y_true does not have\n  7, 8; y_true has '0', '1'",
    ),
    "probabilities as labels": (
        {"y_pred": S},
        "y_pred holds numbers that are no labels\n.*\n.*: give it as y_score=",
    ),
    "numbers as labels": ({"y_pred": [1.5, 2, 3, 4]}, "scores belong into y_score="),
    "labels without positive": (
        {"y_true": ["yes", "no", "yes", "no"], "y_pred": None},
        "not clear which label is the positive one\n  y_true holds 'no' and 'yes'\n"
        '  try  positive="yes"',
    ),
    "1 and 2 without positive": (
        {"y_true": [1, 2, 1, 2], "y_pred": None},
        "'1' and '2'\n  try  positive=\"2\", or task=\"regression\" if it is a quantity",
    ),
    "positive that is no label": (
        {"y_true": ["yes", "no", "yes", "no"], "y_pred": None, "positive": "Yes"},
        "positive='Yes' is no label of y_true\n  it holds 'no', 'yes'\n  try  positive=\"yes\"",
    ),
    "positive of a regression": (
        {"positive": 1, "task": "regression"},
        "positive=1 makes the outcome binary, task='regression' does not",
    ),
    "three labels are not binary": (
        {"y_true": list("abca"), "y_pred": None, "task": "binary"},
        "y_true has 3 labels, a binary outcome has two",
    ),
    "unknown task": ({"task": "ranking"}, "task='ranking' is unknown"),
    "regression of text": (
        {"y_true": list("abca"), "y_pred": None, "task": "regression"},
        "a regression needs numbers in y_true",
    ),
    "dates as outcome": (
        {"y_true": pd.Series(pd.to_datetime(["2020-01-01"] * 4)), "y_pred": None},
        "y_true holds dates or times",
    ),
    "too many classes": (
        {"y_true": MANY, "y_pred": None, "sensitive": MANY},
        "y_true has more than 100 different labels",
    ),
    "prediction and threshold": ({"threshold": 0.5}, "y_pred and threshold are both given"),
    "threshold without score": (
        {"y_pred": None, "threshold": 0.5},
        "threshold needs a score",
    ),
    "threshold of classes": (
        {"y_true": list("abca"), "y_pred": None, "threshold": 0.5},
        "a threshold does not tell several classes apart",
    ),
    "threshold as text": ({"y_pred": None, "y_score": S, "threshold": "x"}, "threshold must be a"),
    "score of a regression": (
        {"y_true": [1.5, 2.5, 3.5, 4], "y_pred": None, "y_score": S},
        "a regression has no y_score",
    ),
    "one score of several classes": (
        {"y_true": list("abca"), "y_pred": None, "y_score": S},
        "one score for each row does not tell several classes apart",
    ),
    "columns of scores": (
        {"y_pred": None, "y_score": np.ones((4, 3)) / 3},
        "y_score has 3 columns for 2 classes\n  y_true has 0, 1",
    ),
    "scores that do not add up": (
        {"y_pred": None, "y_score": np.full((4, 2), 0.4)},
        r"must add up to 1 in each row\n  row 0 \(counted from 0\) adds up to 0.8",
    ),
    "columns that are no probabilities": (
        {"y_pred": None, "y_score": np.array([[1.5, -0.5]] * 4)},
        "columns of y_score must be probabilities",
    ),
    "no sensitive": ({"sensitive": {}}, "sensitive names no attribute"),
    "sensitive without names": ({"sensitive": np.ones((4, 2))}, "columns of sensitive have no na"),
    "same attribute twice": (
        {"sensitive": {"a": G}, "control": {"a": G}},
        "'a' is both sensitive and a control feature",
    ),
    "same name twice": (
        {"sensitive": pd.DataFrame([[1, 2]] * 4, columns=["a", "a"])},
        "two attributes are named 'a'",
    ),
    "reserved name": ({"sensitive": {"(all)": G}}, r"an attribute cannot be named '\(all\)'"),
    "lists as groups": (
        {"sensitive": {"a": pd.Series([[1], [2], [3], [4]])}},
        "sensitive column 'a' cannot be used\n  it holds lists",
    ),
    "dates as groups": (
        {"sensitive": {"born": pd.Series(pd.to_datetime(["2020-01-01"] * 4))}},
        "the sensitive column 'born' holds dates or times",
    ),
    "days as groups": (
        {"sensitive": {"zip": MANY}, "y_true": [0, 1] * 50 + [0], "y_pred": None},
        "the sensitive column 'zip' has 101 different values\n  such as '0', '1', '2'",
    ),
    "edges of nothing": ({"edges": {"age": [1]}}, "edges are given for 'age', which is no attri"),
    "edges of text": (
        {"edges": {"sensitive": [1]}},
        "edges are given for 'sensitive', which does",
    ),
    "edges that fall": (
        {"edges": {"sensitive": [2, 1]}},
        "edges of 'sensitive' must be ascending",
    ),
    "edges as list": ({"edges": [1, 2]}, "edges must map attributes to cut points"),
    "counts with a part": ({"counts": [1, 1.5, 1, 1]}, "counts must hold whole numbers of rows\n"),
    "negative counts": ({"counts": [1, -1, 1, 1]}, r"counts must hold.*\n  -1 in row 1"),
    "huge numbers": (
        {"y_true": [1e200, 2e200, 3e200, 4.5e199], "y_pred": None, "task": "regression"},
        "the numbers are too large to add up",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_rows_are_refused_with_reasons(case: str) -> None:
    changes, message = CASES[case]
    arguments = {"y_true": Y, "y_pred": P, "sensitive": G} | changes
    with pytest.raises(FairnessError, match=message) as caught:
        CountTable.from_rows(arguments.pop("y_true"), arguments.pop("y_pred"), **arguments)
    assert isinstance(caught.value, (ArgumentError, ArgumentTypeError))


def test_a_missing_column_is_named_with_its_neighbour() -> None:
    frame = pd.DataFrame({"Income": Y, "sex": G})
    with pytest.raises(ColumnNotFoundError, match="no column 'income' in the frame") as caught:
        CountTable.from_frame(frame, target="income", sensitive="sex")
    assert caught.value.got == "it has 'Income', 'sex'"
    assert caught.value.hint == "target='Income'"


def test_a_column_named_twice_is_refused() -> None:
    frame = pd.DataFrame([[1, "a", "b"], [0, "a", "b"]], columns=["y", "sex", "sex"])
    with pytest.raises(ArgumentError, match="2 columns of the frame are named 'sex'"):
        CountTable.from_frame(frame, target="y", sensitive="sex")


def test_an_attribute_named_twice_is_refused() -> None:
    frame = pd.DataFrame({"y": Y, "sex": G})
    with pytest.raises(ArgumentError, match="'sex' is named twice"):
        CountTable.from_frame(frame, target="y", sensitive=["sex", "sex"])
    with pytest.raises(ArgumentError, match="both sensitive and a control"):
        CountTable.from_frame(frame, target="y", sensitive="sex", control="sex")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": None}, "target has to name a column"),
        ({"target": "y", "score": 3}, "score has to name a column"),
        ({"target": "y", "control": 3}, "control has to name columns"),
    ],
)
def test_what_is_no_name_is_refused(arguments: dict[str, Any], message: str) -> None:
    frame = pd.DataFrame({"y": Y, "sex": G})
    with pytest.raises(ArgumentTypeError, match=message):
        CountTable.from_frame(frame, sensitive="sex", **arguments)


def test_a_list_is_no_frame() -> None:
    with pytest.raises(ArgumentTypeError, match="the frame is no frame\n  list"):
        CountTable.from_frame([1, 2], target="y", sensitive="sex")


def test_objects_of_a_strange_type_are_refused() -> None:
    with pytest.raises(ArgumentError, match="a regression needs numbers"):
        CountTable.from_rows([date(2020, 1, 1)] * 4, sensitive=G, task="regression")
