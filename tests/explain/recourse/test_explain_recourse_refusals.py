"""What makes no sense is refused in words, before the model is asked much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.errors import ArgumentError, ArgumentTypeError, ExplainError, PredictionError
from explain.recourse import counterfactuals


def price(rows: pd.DataFrame) -> Any:
    return rows["age"].to_numpy() * 10.0


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"immutable": ("agee",)}, r"immutable names .* 'agee'\n.*\n  try  'age'"),
        ({"increasing": ("agee",)}, "increasing names a column"),
        ({"decreasing": "agee"}, "decreasing names a column"),
        ({"ranges": {"agee": (1, 2)}}, "ranges names a column"),
        ({"increasing": ("age",), "decreasing": ("age",)}, "'age' cannot be both"),
        ({"increasing": ("job",)}, "for columns with an order, which 'job' has not"),
        ({"ranges": {"age": (60, 20)}}, r"is empty.*\n.*\(60, 20\)\n  try  \(20, 60\)"),
        ({"ranges": {"job": (1, 2)}}, "holds neither numbers nor times"),
        (
            {"ranges": {"age": (500, 600)}},
            "outside the data\n  500 to 600; the data go from 18",
        ),
        ({"most_changes": 0}, "most_changes must be a whole number of at least 1"),
        ({"n": 0}, "n must be a whole number of at least 1\n  n=0"),
        ({"n": 1.5}, "n must be a whole number"),
        ({"wanted": "yse"}, r"knows no class 'yse'\n  classes no and yes\n  try  wanted='yes'"),
        ({"wanted": "no"}, r"already says no of this row\n.*\n  try  wanted one of: yes"),
        ({"wanted": (1, 2)}, "knows no class"),
    ],
)
def test_limits_and_wishes_are_checked(
    asked: dict[str, Any], text: str, people: pd.DataFrame, lender: Any
) -> None:
    row = people[lender.predict(people) == "no"].iloc[[0]]
    with pytest.raises(ArgumentError, match=text):
        counterfactuals(lender, row, data=people, **asked)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"immutable": 3}, "immutable must be names of columns"),
        ({"seed": -1}, "the seed must be a whole number of at least 0\n  -1"),
        ({"seed": True}, "the seed must be a whole number"),
        ({"ranges": {"age": "18"}}, "range of 'age' must be a pair"),
        ({"ranges": {"age": (np.nan, 60)}}, "range of 'age' must be a pair"),
        ({"ranges": {"age": (10**400, None)}}, "range of 'age' must be a pair"),
        ({"ranges": [(1, 2)]}, r"ranges must say \(low, high\) by column"),
        ({"ranges": {"age": 3}}, "range of 'age' must be a pair"),
        ({"ranges": {"age": ("a", "b")}}, "range of 'age' must be a pair"),
        ({"ranges": {"since": ("never", None)}}, "range of 'since' must be a pair"),
    ],
)
def test_types_of_limits_are_checked(
    asked: dict[str, Any], text: str, people: pd.DataFrame, lender: Any
) -> None:
    with pytest.raises(ArgumentTypeError, match=text):
        counterfactuals(lender, people.iloc[[0]], data=people, **asked)


def test_rows_are_checked(people: pd.DataFrame, lender: Any) -> None:
    with pytest.raises(ArgumentError, match=r"row must be one row\n  2 rows\n  try  X.iloc"):
        counterfactuals(lender, people.iloc[:2], data=people)
    with pytest.raises(ArgumentError, match="row has no rows"):
        counterfactuals(lender, people.iloc[:0], data=people)
    with pytest.raises(ArgumentError, match="row lacks columns that the model reads"):
        counterfactuals(lender, people.iloc[[0]].drop(columns="age"), data=people)
    with pytest.raises(ArgumentError, match="row lacks columns"):
        counterfactuals(lender, {"age": 3}, data=people)
    with pytest.raises(ArgumentTypeError, match="row is no table"):
        counterfactuals(lender, "age", data=people)
    with pytest.raises(ArgumentTypeError, match="the row's 'age' is of another type"):
        counterfactuals(lender, people.iloc[0].to_dict() | {"age": "old"}, data=people)
    with pytest.raises(ArgumentTypeError, match="the row's 'job' is of another type"):
        counterfactuals(lender, people.iloc[0].to_dict() | {"job": 3}, data=people)
    with pytest.raises(ArgumentTypeError, match="the row's 'since' is of another type"):
        counterfactuals(lender, people.iloc[0].to_dict() | {"since": "some day"}, data=people)


def test_data_are_checked(people: pd.DataFrame, lender: Any) -> None:
    with pytest.raises(ArgumentError, match="data has no rows"):
        counterfactuals(lender, people.iloc[[0]], data=people.iloc[:0])
    with pytest.raises(ArgumentError, match="data lacks columns that the model reads"):
        counterfactuals(lender, people.iloc[[0]], data=people[["age"]])
    with pytest.raises(ArgumentTypeError, match="data is no table"):
        counterfactuals(lender, people.iloc[[0]], data=None)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (None, "predicts values, so wanted must say which"),
        ((900, 700), "wanted is empty"),
        ((None, None), "the interval wanted has no end"),
        ((0, 10_000), "already lies in the interval wanted"),
    ],
)
def test_intervals_are_checked(wanted: Any, text: str, people: pd.DataFrame) -> None:
    with pytest.raises(ArgumentError, match=text):
        counterfactuals(price, people.iloc[[0]], data=people, wanted=wanted)


def test_an_interval_is_a_pair(people: pd.DataFrame) -> None:
    for wanted in (700, "a lot", ("a", "b")):
        with pytest.raises(ArgumentTypeError, match="wanted must be a pair"):
            counterfactuals(price, people.iloc[[0]], data=people, wanted=wanted)


def test_models_are_checked(people: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    X = people[["age", "rooms"]]
    with pytest.raises(ArgumentError, match="LogisticRegression is not fitted"):
        counterfactuals(LogisticRegression(), X.iloc[[0]], data=X)
    with pytest.raises(ArgumentTypeError, match="the model is a class"):
        counterfactuals(LogisticRegression, X.iloc[[0]], data=X)
    with pytest.raises(ArgumentTypeError, match="cannot predict"):
        counterfactuals(3, X.iloc[[0]], data=X)

    def broken(rows: pd.DataFrame) -> Any:
        raise KeyError("income")

    with pytest.raises(PredictionError, match="failed to predict"):
        counterfactuals(broken, X.iloc[[0]], data=X, wanted=(1, 2))


def test_a_model_that_fails_on_some_rows_says_so(people: pd.DataFrame) -> None:
    def fussy(rows: pd.DataFrame) -> Any:
        if (rows["age"] == 18).any() and len(rows) < 590:
            raise ValueError("no minors")
        return rows["age"].to_numpy() * 1.0

    X = people.loc[people["age"] != 18, ["age", "rooms"]].head(300)
    X = pd.concat([X, X.tail(1).assign(age=18)], ignore_index=True)
    with pytest.raises(ExplainError, match="no minors"):
        counterfactuals(fussy, X.iloc[[0]].assign(age=40), data=X, wanted=(None, 18.5),
                        ranges={"age": (None, None)})  # fmt: skip


def test_one_class_only_is_refused(people: pd.DataFrame) -> None:
    class Lonely:
        classes_ = np.array(["no"])

        def predict_proba(self, rows: Any) -> np.ndarray:
            return np.ones((len(rows), 1))

        def predict(self, rows: Any) -> np.ndarray:
            return np.array(["no"] * len(rows))

    with pytest.raises(ArgumentError, match="knows one class only"):
        counterfactuals(Lonely(), people.iloc[[0]], data=people)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (lambda rows: np.array(["maybe"] * len(rows)), "says maybe, which is none of its classes"),
        (lambda rows: np.array(["no"]), "gives no label or value for each row"),
    ],
)
def test_labels_that_make_no_sense_are_refused(
    labels: Any, text: str, people: pd.DataFrame
) -> None:
    class Odd:
        feature_names_in_ = np.array(["age"], dtype=object)
        classes_ = np.array(["no", "yes"])
        predict = staticmethod(labels)

        def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
            chance = rows["age"].to_numpy() / 100
            return np.column_stack([1 - chance, chance])

    with pytest.raises(PredictionError, match=text):
        counterfactuals(Odd(), people.iloc[[0]], data=people)


def test_a_label_that_is_missing_is_refused(people: pd.DataFrame, lender: Any) -> None:
    with pytest.raises(ArgumentError, match="knows no class <NA>"):
        counterfactuals(lender, people.iloc[[0]], data=people, wanted=pd.NA)
