"""Options are valid, within their limits, and of the data; whatever is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.recourse import counterfactuals

RISING = ("age", "grade", "since", "income", "rooms")
ALL = ("age", "income", "ratio", "rooms", "job", "grade", "owner", "since")


def differs(one: Any, other: Any) -> bool:
    return not (one == other or (pd.isna(one) and pd.isna(other)))


@st.composite
def limits(draw: Any) -> dict[str, Any]:
    immutable = draw(st.sets(st.sampled_from(ALL), max_size=5))
    rising = draw(st.sets(st.sampled_from(RISING), max_size=2))
    falling = draw(st.sets(st.sampled_from(RISING), max_size=2)) - rising
    ranges = {"age": (25, 60)} if draw(st.booleans()) else None
    return {
        "immutable": tuple(sorted(immutable)),
        "increasing": tuple(sorted(rising)),
        "decreasing": tuple(sorted(falling)),
        "ranges": ranges,
        "most_changes": draw(st.sampled_from([None, 1, 2, 3])),
    }


@settings(max_examples=40)
@given(place=st.integers(0, 599), asked=limits())
def test_every_option_keeps_every_limit(
    people: pd.DataFrame, lender: Any, place: int, asked: dict[str, Any]
) -> None:
    row = people.iloc[[place]]
    said = lender.predict(row)[0]
    options = counterfactuals(lender, row, data=people, **asked)
    wanted = "no" if said == "yes" else "yes"
    assert options.wanted == wanted
    assert options.found == (len(options.rows) > 0)
    if options.found:
        assert (lender.predict(options.rows) == wanted).all()
    assert options.rows.dtypes.to_dict() == row.dtypes.to_dict()
    sets = []
    for _, new in options.rows.iterrows():
        old = row.iloc[0]
        changed = {name for name in people if differs(old[name], new[name])}
        sets.append(changed)
        assert "note" not in changed
        assert not changed & set(asked["immutable"])
        assert len(changed) <= (asked["most_changes"] or len(ALL))
        for name in changed:
            check_value(people, name, old[name], new[name], asked)
    assert len(sets) == len({frozenset(one) for one in sets})


def check_value(
    people: pd.DataFrame, name: str, old: Any, new: Any, asked: dict[str, Any]
) -> None:
    seen = people[name].dropna()
    assert not pd.isna(new)
    if name in ("job", "grade", "owner", "since"):
        assert new in set(seen)
    else:
        low, high = np.quantile(seen, [0.01, 0.99], method="inverted_cdf")
        if name == "age" and asked["ranges"]:
            low, high = asked["ranges"]["age"]
        assert low <= new <= high
    if name in ("age", "rooms"):
        assert float(new).is_integer()
    if name == "income":
        assert round(float(new), 2) == float(new)
    if not pd.isna(old):
        code = {"low": 0, "middle": 1, "high": 2}
        before, after = (code.get(one, one) if name == "grade" else one for one in (old, new))
        assert name not in asked["increasing"] or after > before
        assert name not in asked["decreasing"] or after < before


def test_the_same_question_has_the_same_answer(people: pd.DataFrame, lender: Any) -> None:
    one, other = (
        counterfactuals(lender, people.iloc[[4]], data=people, seed=3).to_json() for _ in range(2)
    )
    assert one == other


def test_no_change_can_be_taken_back_and_no_number_comes_nearer(
    people: pd.DataFrame, lender: Any
) -> None:
    checked = 0
    for place in range(12):
        row = people.iloc[[place]]
        options = counterfactuals(lender, row, data=people, immutable=("ratio", "income"))
        for option in range(len(options.rows)):
            new = options.rows.iloc[[option]]
            changes = options.changes[options.changes["option"] == option + 1]
            for change in changes.to_dict("records"):
                name = change["column"]
                back = new.assign(**{name: row[name].to_numpy()}).astype(new.dtypes)
                assert len(changes) == 1 or lender.predict(back)[0] != options.wanted
                if name in ("age", "rooms"):
                    step = np.sign(change["from"] - change["to"])
                    nearer = new.assign(**{name: change["to"] + step}).astype(new.dtypes)
                    assert lender.predict(nearer)[0] != options.wanted
                    checked += 1
    assert checked > 5


def test_costs_are_shares_of_the_data_and_one_for_a_level(
    people: pd.DataFrame, lender: Any
) -> None:
    for place in (1, 2, 3, 5):
        options = counterfactuals(lender, people.iloc[[place]], data=people)
        for change in options.changes.to_dict("records"):
            seen = people[change["column"]].dropna()
            if change["column"] in ("job", "grade", "owner") or pd.isna(change["from"]):
                assert change["cost"] == 1
            elif change["column"] in ("age", "rooms", "since"):
                shares = [
                    (seen < one).mean() + (seen == one).mean() / 2
                    for one in (change["from"], change["to"])
                ]
                assert change["cost"] == pytest.approx(abs(shares[1] - shares[0]))
        assert options.costs.tolist() == sorted(options.costs)
        sums = options.changes.groupby("option")["cost"].sum()
        np.testing.assert_allclose(options.costs, sums)


def test_changes_tell_what_the_rows_hold(people: pd.DataFrame, lender: Any) -> None:
    options = counterfactuals(lender, people.iloc[[7]], data=people)
    for change in options.changes.to_dict("records"):
        new = options.rows[change["column"]].iloc[change["option"] - 1]
        assert new == change["to"]
        assert not differs(people[change["column"]].iloc[7], change["from"])


def test_scores_are_the_models_own(people: pd.DataFrame, lender: Any) -> None:
    options = counterfactuals(lender, people.iloc[[7]], data=people)
    place = 1 if options.wanted == "yes" else 0
    np.testing.assert_allclose(
        options.predictions, lender.predict_proba(options.rows)[:, place], atol=1e-12
    )
    assert options.prediction == pytest.approx(lender.predict_proba(people.iloc[[7]])[0, place])


def test_scores_of_the_first_class_are_its_own(people: pd.DataFrame, scored: Any) -> None:
    model = scored(people.columns, lambda rows: rows["age"].to_numpy() / 100)
    row = people[people["age"] == 70].iloc[[0]]
    options = counterfactuals(model, row, data=people)
    assert options.wanted == "no"
    assert options.prediction == pytest.approx(0.3)
    assert options.rows["age"].tolist() == [49]
    assert options.predictions.tolist() == pytest.approx([0.51])


def test_the_models_own_threshold_counts(people: pd.DataFrame, scored: Any) -> None:
    strict = scored(people.columns, lambda rows: rows["age"].to_numpy() / 100, cut=0.65)
    options = counterfactuals(strict, people[people["age"] == 30].iloc[[0]], data=people, n=1)
    assert options.rows["age"].tolist() == [65]


def test_no_more_options_than_asked_for(people: pd.DataFrame, lender: Any) -> None:
    for n in (1, 2, 5):
        assert len(counterfactuals(lender, people.iloc[[7]], data=people, n=n).rows) == n


def test_a_missing_value_may_be_filled_and_none_appears(people: pd.DataFrame, scored: Any) -> None:
    known = scored(people.columns, lambda rows: rows["income"].notna() * 0.9)
    row = people[people["income"].isna()].iloc[[0]]
    options = counterfactuals(known, row, data=people, n=1)
    assert options.rows["income"].notna().all()
    assert options.costs.tolist() == [1.0]
    other = people[people["income"].notna()].iloc[[0]]
    assert not counterfactuals(known, other, data=people).found


def test_a_label_that_does_not_follow_from_the_score_is_still_met(people: pd.DataFrame) -> None:
    class Odd:
        feature_names_in_ = np.array(people.columns, dtype=object)
        classes_ = np.array(["no", "yes"])

        def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
            chance = rows["age"].to_numpy() / 100
            return np.column_stack([1 - chance, chance])

        def predict(self, rows: pd.DataFrame) -> np.ndarray:
            odd = (rows["age"].to_numpy() % 7 == 0) & (rows["age"].to_numpy() > 40)
            return self.classes_[odd.astype(int)]

    row = people[people["age"] == 30].iloc[[0]]
    options = counterfactuals(Odd(), row, data=people, n=1)
    assert options.rows["age"].tolist() == [42]
