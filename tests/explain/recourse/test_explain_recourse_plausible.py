"""Options are such as the data know: values that occur, not rare, apart from each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.recourse import counterfactuals
from explain.recourse.told import digits_apart, told


def at_least(scored: Any, X: pd.DataFrame, column: str, limit: float) -> Any:
    return scored(X.columns, lambda rows: 0.2 + 0.6 * (rows[column].to_numpy() >= limit))


def test_a_gain_goes_to_one_that_people_have(scored: Any) -> None:
    gain = np.concatenate([np.zeros(900, int), np.full(50, 3_100), np.full(50, 5_000)])
    X = pd.DataFrame({"gain": gain})
    options = counterfactuals(at_least(scored, X, "gain", 0.5), X.iloc[[0]], data=X)
    assert options.rows["gain"].tolist() == [3_100]
    assert options.rows["gain"].dtype == X["gain"].dtype


def test_a_value_of_next_to_nobody_is_not_offered(scored: Any) -> None:
    gain = np.concatenate([np.zeros(3_000, int), [1], np.full(100, 3_100), np.full(100, 5_000)])
    X = pd.DataFrame({"gain": gain})
    model = at_least(scored, X, "gain", 0.5)
    assert counterfactuals(model, X.iloc[[0]], data=X).rows["gain"].tolist() == [3_100]
    given = counterfactuals(model, X.iloc[[0]], data=X, ranges={"gain": (0, None)})
    assert given.rows["gain"].tolist() == [1]


def test_a_rare_level_is_not_offered_and_said_to_bind(scored: Any) -> None:
    job = ["clerk"] * 2_000 + ["cook"] * 500 + ["astronaut"]
    X = pd.DataFrame({"job": job, "age": np.arange(2_501) % 60})
    model = scored(X.columns, lambda rows: (rows["job"] == "astronaut") * 0.9)
    options = counterfactuals(model, X.iloc[[0]], data=X)
    assert not options.found
    assert [one.kind for one in options.binding] == ["usual"]
    assert any("rare: fewer than 1 row in 1,000" in line for line in options.lines())


def test_ages_stay_whole_where_some_were_filled_in(scored: Any) -> None:
    ages = np.random.default_rng(0).integers(18, 80, 600).astype(float)
    ages[:120] = 29.8811345124283
    X = pd.DataFrame({"age": ages})
    row = pd.DataFrame({"age": [29.0]})
    options = counterfactuals(at_least(scored, X, "age", 29.05), row, data=X)
    assert options.rows["age"].tolist() == [30.0]


def test_a_gap_in_a_continuous_column_is_not_filled(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": np.concatenate([rng.random(300), 50 + rng.random(300)])})
    row = pd.DataFrame({"x": [0.5]})
    options = counterfactuals(at_least(scored, X, "x", 2), row, data=X)
    assert 49.5 <= options.rows["x"].iloc[0] <= 51


def test_an_option_does_not_only_add_columns_to_a_cheaper_one(
    people: pd.DataFrame, lender: Any
) -> None:
    several = 0
    for place in range(10):
        options = counterfactuals(lender, people.iloc[[place]], data=people, n=4)
        sets = [set(rows["column"]) for _, rows in options.changes.groupby("option")]
        several += len(sets) > 1
        assert options.costs.tolist() == sorted(options.costs)
        for later, one in enumerate(sets):
            assert not any(other <= one for other in sets[:later])
    assert several > 5


class Edgy:
    """Decides by the type that a number is stored in: what is just enough for one is not."""

    feature_names_in_ = np.array(["age"], dtype=object)
    classes_ = np.array(["no", "yes"])

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        chance = rows["age"].to_numpy() / 100
        return np.column_stack([1 - chance, chance])

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        cut = 50 if rows["age"].dtype == np.float64 else 60
        return self.classes_[(rows["age"].to_numpy() >= cut).astype(int)]


def test_where_no_small_change_is_sound_a_larger_one_is_returned() -> None:
    X = pd.DataFrame({"age": np.arange(20, 80).repeat(5).astype(float)})
    row = pd.DataFrame({"age": np.array([30], dtype="float32")})
    options = counterfactuals(Edgy(), row, data=X)
    assert options.rows["age"].tolist() == [60]
    assert Edgy().predict(options.rows).tolist() == ["yes"]


def test_scores_near_each_other_are_told_apart(scored: Any) -> None:
    X = pd.DataFrame({"age": np.arange(20, 80).repeat(5)})
    flat = scored(X.columns, lambda rows: 0.49996 + 0.00008 * (rows["age"].to_numpy() >= 50))
    head, first, *_ = counterfactuals(flat, X.iloc[[0]], data=X).lines()
    assert "probability of yes 49.996 %" in head
    assert "probability 50.004 %" in first


@pytest.mark.parametrize(
    ("one", "other", "scale"),
    [
        (0.5, 0.50001, "probability"),
        (0.00011, 0.00012, "probability"),
        (0.99991, 0.99992, "probability"),
        (200_000.0, 200_000.4, "response"),
        (-1.23456, -1.23457, "margin"),
    ],
)
def test_digits_tell_scores_apart(one: float, other: float, scale: Any) -> None:
    digits = digits_apart(one, [other], scale)
    assert told(one, scale, digits) != told(other, scale, digits)
    assert digits_apart(one, [one, np.nan], scale) == 0


def test_of_many_limits_some_are_listed_and_the_others_counted(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 5, (200, 120)), columns=[f"c{k}" for k in range(120)])
    model = scored(
        X.columns, lambda rows: 1 / (1 + np.exp(-(rows.to_numpy().mean(axis=1) - 3.0) * 9))
    )
    row = X[model.predict(X) == "no"].iloc[[0]]
    options = counterfactuals(model, row, data=X, immutable=tuple(X.columns))
    assert options.together
    assert options.unlifted > 0
    line = next(line for line in options.lines() if "several limits" in line)
    assert " more. Not all of them were lifted alone." in line
    assert all(len(line) < 400 for line in options.lines())


def test_many_changes_are_counted(scored: Any) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 5, (200, 40)), columns=[f"c{k}" for k in range(40)])
    model = scored(
        X.columns, lambda rows: 1 / (1 + np.exp(-(rows.to_numpy().mean(axis=1) - 3.6) * 9))
    )
    options = counterfactuals(model, X.iloc[[0]], data=X, n=1)
    assert len(options.changes) > 8
    assert f"and {len(options.changes) - 8} changes more (cost" in options.lines()[1]
