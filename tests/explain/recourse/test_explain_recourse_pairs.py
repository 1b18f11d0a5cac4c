"""New levels go only with levels that the data have together with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.recourse import counterfactuals
from explain.recourse.columns import read
from explain.recourse.pairs import MOST_LEVELS, pairs_of


def homes(n: int = 600) -> pd.DataFrame:
    """Return people of whom no man is a wife and no woman a husband."""
    rng = np.random.default_rng(0)
    sex = rng.choice(["man", "woman"], n)
    spouse = np.where(sex == "man", "husband", "wife")
    role = np.where(rng.random(n) < 0.5, spouse, "single")
    married = np.where(role == "single", rng.choice(["never", "divorced"], n), "married")
    age = rng.integers(18, 80, n)
    return pd.DataFrame({"sex": sex, "role": role, "married": married, "age": age})


SINGLE = pd.DataFrame({"sex": ["man"], "role": ["single"], "married": ["never"], "age": [30]})


def of_role(scored: Any, X: pd.DataFrame, *roles: str) -> Any:
    """Say yes of some roles."""
    return scored(X.columns, lambda rows: 0.1 + 0.8 * rows["role"].isin(roles).to_numpy())


def test_no_man_becomes_a_wife(scored: Any) -> None:
    X = homes()
    model = of_role(scored, X, "husband", "wife")
    options = counterfactuals(model, SINGLE, data=X, immutable=("sex",))
    assert options.rows[["sex", "role", "married"]].to_numpy().tolist() == [
        ["man", "husband", "married"]
    ]


def test_where_the_levels_may_change_they_do_so_together(scored: Any) -> None:
    X = homes()
    options = counterfactuals(of_role(scored, X, "wife"), SINGLE, data=X)
    assert options.rows[["sex", "role", "married"]].to_numpy().tolist() == [
        ["woman", "wife", "married"]
    ]
    assert options.costs.tolist() == [3.0]


def test_what_goes_together_is_found_among_many_columns(scored: Any) -> None:
    rng = np.random.default_rng(1)
    X = homes().assign(**{f"c{k}": rng.integers(0, 90, 600) for k in range(6)})
    row = SINGLE.assign(**{f"c{k}": 40 for k in range(6)})
    options = counterfactuals(of_role(scored, X, "wife"), row, data=X)
    assert not options.every
    assert options.rows[["sex", "role", "married"]].to_numpy().tolist() == [
        ["woman", "wife", "married"]
    ]


def test_the_limit_is_said_to_bind(scored: Any) -> None:
    X = homes()
    options = counterfactuals(of_role(scored, X, "wife"), SINGLE, data=X, immutable=("sex",))
    assert not options.found
    assert [one.kind for one in options.binding] == ["immutable", "combinations"]
    line = next(line for line in options.lines() if line.startswith("Limits that bind"))
    assert "only combinations of levels that occur in the data are taken" in line
    assert options.nearest is None


def test_few_rows_say_nothing_of_pairs(scored: Any) -> None:
    X = homes(40)
    options = counterfactuals(of_role(scored, X, "wife"), SINGLE, data=X, immutable=("sex",))
    assert options.rows["role"].tolist() == ["wife"]


@pytest.mark.parametrize(("times", "found"), [(2, False), (3, True)])
def test_of_many_rows_a_pair_has_to_occur_three_times(
    times: int, found: bool, scored: Any
) -> None:
    odd = pd.DataFrame({"sex": "man", "role": "wife", "married": "never", "age": [30] * times})
    X = pd.concat([homes(2_000), odd], ignore_index=True)
    model = of_role(scored, X, "wife")
    assert counterfactuals(model, SINGLE, data=X, immutable=("sex",)).found == found


def test_a_row_that_the_data_do_not_know_is_no_obstacle(scored: Any) -> None:
    X = homes()
    odd = SINGLE.assign(role="wife", married="married")
    options = counterfactuals(
        of_role(scored, X, "single"), odd, data=X, immutable=("sex", "married")
    )
    assert [one.kind for one in options.binding] == ["immutable", "combinations"]
    options = counterfactuals(of_role(scored, X, "single"), odd, data=X, immutable=("sex",))
    assert options.rows["role"].tolist() == ["single"]
    stranger = SINGLE.assign(sex="other")
    options = counterfactuals(of_role(scored, X, "wife"), stranger, data=X, immutable=("sex",))
    assert options.rows["role"].tolist() == ["wife"]


def by_hand(table: pd.DataFrame, row: list[Any], least: int) -> bool:
    """Tell from counts of pairs whether a changed row goes together."""
    data, own = table.iloc[1:], table.iloc[0].tolist()

    def often(j: int, k: int, one: Any, other: Any) -> bool:
        a, b = data.iloc[:, j], data.iloc[:, k]
        first = a.isna() if one is None else a == one
        second = b.isna() if other is None else b == other
        return int((first & second).sum()) >= least

    own = [None if pd.isna(one) else one for one in own]
    for j, k in [(j, k) for j in range(len(row)) for k in range(len(row)) if j != k]:
        if row[j] == own[j] or often(j, k, row[j], row[k]):
            continue
        if row[k] == own[k] and not often(j, k, own[j], own[k]):
            continue
        return False
    return True


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([60, 1_100]))
def test_pairs_are_counted_as_by_hand(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    odds = rng.dirichlet([0.15] * 4, 3)
    levels = ["a", "b", "c", None]
    table = pd.DataFrame(
        {f"c{j}": pd.Series(rng.choice(levels, n, p=odds[j]), dtype=object) for j in range(3)}
    )
    table.iloc[:4] = [[level] * 3 for level in levels]
    columns = [read(table, name) for name in table]
    pairs = pairs_of(columns)
    assert pairs is not None
    origin = np.array([one.origin for one in columns])
    codes = np.array(
        [[rng.choice(one.distinct) if rng.random() < 0.6 else one.origin for one in columns]
         for _ in range(12)]
    )  # fmt: skip
    same = (codes == origin) | (np.isnan(codes) & np.isnan(origin))
    names = {
        (j, code): table.iloc[:, j][np.append(one.origin, one.codes) == code].iloc[0]
        for j, one in enumerate(columns)
        for code in one.distinct
    }
    rows = [
        [None if np.isnan(code) else names[j, code] for j, code in enumerate(one)] for one in codes
    ]
    expected = [by_hand(table, row, 1 if n < 1_000 else 3) for row in rows]
    assert pairs.have(codes, origin, ~same).tolist() == expected


def test_columns_of_many_levels_and_numbers_are_left_out() -> None:
    n = 4_000
    table = pd.DataFrame(
        {
            "many": pd.Categorical([f"l{k % (MOST_LEVELS + 1)}" for k in range(n)]),
            "few": ["a", "b"] * (n // 2),
            "number": np.arange(n) % 3,
            "flag": np.arange(n) % 3 == 0,
        }
    )
    columns = [read(table, name) for name in table]
    pairs = pairs_of(columns)
    assert pairs is not None
    assert sorted(pairs.places.tolist()) == [1, 3]
    assert pairs_of(columns[:3]) is None


def test_on_a_public_table_no_man_becomes_a_wife(real_data: Path) -> None:
    booster = pytest.importorskip("lightgbm")
    frame = pd.read_parquet(real_data / "adult.parquet").head(8_000)
    texts = frame.select_dtypes(["object", "string"]).columns
    frame = frame.astype(dict.fromkeys(texts, "category"))
    X, y = frame.drop(columns="income"), frame["income"].astype(str)
    model = booster.LGBMClassifier(n_estimators=60, n_jobs=1, verbose=-1).fit(X, y)
    rejected = X[(model.predict(X) == "<=50K") & (X["relationship"] == "Not-in-family")]
    numbers = [name for name in X if name not in texts]
    roles = []
    for place in range(0, 80, 10):
        row = rejected.iloc[[place]]
        options = counterfactuals(model, row, data=X, immutable=("sex", *numbers))
        roles += list(zip(options.rows["sex"], options.rows["relationship"], strict=True))
    assert {role for _, role in roles} & {"Husband", "Wife"}
    assert not {("Female", "Husband"), ("Male", "Wife")} & set(roles)
