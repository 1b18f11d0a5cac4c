"""Representation and missing values, against plain counting and known tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from candor.statistics import benjamini_hochberg
from fairness.errors import ArgumentError
from fairness.rows import missingness, representation
from fairness.rows.independence import association_p, independence_p, permutation_moments
from fairness.table import MISSING, CountTable


def test_binary_base_rates_have_the_intervals_of_every_rate() -> None:
    sex = ["f"] * 30 + ["m"] * 50 + [None] * 4
    said = [1] * 6 + [0] * 24 + [1] * 50 + [0] * 4
    table = CountTable.from_rows(said, said, sensitive={"sex": sex})
    frame = representation(table.groups(("sex",)), confidence=0.9).set_index("group")
    assert frame["n"].to_dict() == {"f": 30, "m": 50, MISSING: 4}
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["class"].eq("1").all()
    for group, hits, n in (("f", 6, 30), ("m", 50, 50), (MISSING, 0, 4)):
        # fewer than 10 hits or misses: Clopper and Pearson's
        expected = stats.binomtest(hits, n).proportion_ci(0.9, "exact")
        row = frame.loc[group]
        assert row["base_rate"] == pytest.approx(hits / n)
        assert (row["low"], row["high"]) == pytest.approx(tuple(expected))


def test_weights_make_shares_and_widen_intervals() -> None:
    sex, said = ["f", "m"] * 100, [0, 0, 1, 1] * 50
    weight = [1.0, 3.0] * 100
    uneven = np.where(np.arange(200) % 3 == 0, 9.0, 1.0)
    plain = representation(CountTable.from_rows(said, sensitive={"sex": sex}).groups(("sex",)))
    heavy = representation(
        CountTable.from_rows(said, sensitive={"sex": sex}, weight=weight).groups(("sex",))
    )
    assert heavy["share"].tolist() == [0.25, 0.75]
    np.testing.assert_allclose(heavy[["low", "high"]], plain[["low", "high"]])
    wide = representation(
        CountTable.from_rows(said, sensitive={"sex": sex}, weight=uneven).groups(("sex",))
    )
    assert ((wide["high"] - wide["low"]) > (plain["high"] - plain["low"])).all()


def test_many_classes_have_a_row_each() -> None:
    table = CountTable.from_rows(
        list("abcaab"), list("abcabb"), sensitive={"sex": list("ffmmff")}, task="multiclass"
    )
    frame = representation(table.groups(("sex",)))
    assert frame["group"].tolist() == ["f"] * 3 + ["m"] * 3
    assert frame["class"].tolist() == ["a", "b", "c"] * 2
    np.testing.assert_allclose(frame["base_rate"], [0.5, 0.5, 0, 0.5, 0, 0.5])


def test_a_number_has_a_mean() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(10, 3, 300)
    sex = np.repeat(["f", "m"], [299, 1])
    table = CountTable.from_rows(y, y, sensitive={"sex": sex}, task="regression")
    frame = representation(table.groups(("sex",))).set_index("group")
    women = y[:299]
    error = women.std(ddof=1) / np.sqrt(299)
    assert frame.loc["f", "base_rate"] == pytest.approx(women.mean())
    half = frame.loc["f", "high"] - frame.loc["f", "base_rate"]
    assert half == pytest.approx(stats.t.ppf(0.975, 298) * error, rel=0.005)
    assert frame.loc["m", "base_rate"] == pytest.approx(y[299])
    # one value says nothing about how far the mean is known
    assert frame.loc["m", ["low", "high"]].tolist() == [-np.inf, np.inf]


def people(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    race = pd.Series(rng.choice(["a", "b", "c"], n)).mask(rng.random(n) < 0.05)
    frame = pd.DataFrame(
        {
            "full": rng.random(n),
            "income": pd.Series(rng.random(n)).mask(
                rng.random(n) < np.where(sex == "f", 0.3, 0.1)
            ),
            "text": pd.Series(rng.choice(["x", "y"], n)).mask(rng.random(n) < 0.1),
            "race": race,
        }
    )
    return frame, pd.DataFrame({"sex": sex, "race": race})


def test_missing_values_are_counted() -> None:
    frame, sensitive = people(800, 0)
    found = missingness(frame, sensitive, confidence=0.9)
    assert set(found["column"]) == {"income", "text", "race"}
    # a column is not set against itself
    assert found.query("column == 'race'")["attribute"].unique().tolist() == ["sex"]
    for row in found.itertuples():
        groups = (
            sensitive[row.attribute]
            .astype(object)
            .where(sensitive[row.attribute].notna(), MISSING)
        )
        inside = frame.loc[groups == row.group, row.column].isna()
        assert (row.n, row.missing) == (len(inside), inside.sum())
        expected = stats.binomtest(int(inside.sum()), len(inside)).proportion_ci(0.9, "wilson")
        assert (row.low, row.high) == pytest.approx(tuple(expected))
    table = pd.crosstab(frame["income"].isna(), sensitive["sex"])
    row = found.query("column == 'income' and attribute == 'sex'").iloc[0]
    assert row["p_value"] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    tests = found.drop_duplicates(["column", "attribute"])
    np.testing.assert_allclose(tests["p_adjusted"], benjamini_hochberg(tests["p_value"]))
    assert row["p_adjusted"] < 1e-6


def test_polars_frames_give_the_same() -> None:
    frame, sensitive = people(300, 1)
    expected = missingness(frame, sensitive)
    found = missingness(pl.from_pandas(frame), pl.from_pandas(sensitive))
    pd.testing.assert_frame_equal(found, expected)


def test_nothing_missing_gives_an_empty_frame() -> None:
    found = missingness(pd.DataFrame({"x": [1, 2]}), {"sex": ["f", "m"]})
    assert found.empty
    assert found.columns[-1] == "p_adjusted"


def test_columns_missing_everywhere_cannot_be_tested() -> None:
    found = missingness(pd.DataFrame({"x": [None] * 4}), {"sex": list("ffmm")})
    assert found["share"].tolist() == [1, 1]
    assert found["p_value"].isna().all()


def test_lengths_have_to_agree() -> None:
    with pytest.raises(ArgumentError, match="3 and 2 rows"):
        missingness(pd.DataFrame({"x": [1, 2, None]}), {"sex": ["f", "m"]})


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_two_by_two_tables_are_tested_as_scipy_does(cells: list[int]) -> None:
    table = np.array(cells).reshape(2, 2)
    p = independence_p(table, 0)
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        assert np.isnan(p)
    elif stats.contingency.expected_freq(table).min() >= 5:
        assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    else:
        assert p == pytest.approx(stats.fisher_exact(table).pvalue)


def test_sparse_tables_are_simulated() -> None:
    table = np.array([[4, 0, 1], [2, 9, 7]])
    p = independence_p(table, 0)
    assert p == independence_p(table, 0)
    exact = stats.fisher_exact(table).pvalue
    assert p == pytest.approx(exact, abs=0.02)
    assert independence_p(np.array([[0, 30, 30], [3, 0, 0]]), 0) == pytest.approx(1e-4, abs=2e-4)


def test_moments_of_the_statistic_are_those_of_permutations() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat([0, 1, 2], [5, 12, 23])
    columns = np.repeat([0, 1, 2, 3], [2, 6, 12, 20])
    values = []
    for _ in range(8000):
        table = np.zeros((3, 4), np.int64)
        np.add.at(table, (rows, rng.permutation(columns)), 1)
        values.append(stats.chi2_contingency(table, correction=False).statistic)
    mean, variance = permutation_moments(table)
    assert mean == pytest.approx(np.mean(values), rel=0.02)
    assert variance == pytest.approx(np.var(values), rel=0.08)


def test_large_tables_agree_with_chi_square_and_sparse_ones_hold_their_level() -> None:
    rng = np.random.default_rng(0)
    large = rng.multinomial(50_000, np.full(12, 1 / 12)).reshape(3, 4)
    assert association_p(large) == pytest.approx(
        stats.chi2_contingency(large, correction=False).pvalue, abs=1e-3
    )
    group = np.repeat([0, 1], [30, 970])
    bins = rng.integers(0, 32, 1000)
    p_values = []
    for _ in range(600):
        table = np.zeros((32, 2), np.int64)
        np.add.at(table, (bins, rng.permutation(group)), 1)
        p_values.append(association_p(table))
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.025)
    assert association_p(np.array([[5, 5]])) == 1
