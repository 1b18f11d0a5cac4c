"""Proxies: planted ones are found, noise is not, and nothing odd in a frame stops the search."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from automl.demo import loans
from candor.statistics import roc_auc
from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.rows import Proxies, proxies
from fairness.rows.ranking import one_vs_rest, stratified_folds
from fairness.rows.reading import Column
from fairness.rows.single import bin_column, find_single
from fairness.table import ALL


@pytest.fixture(scope="module")
def applications() -> pd.DataFrame:
    return loans(3000, seed=1)


@pytest.fixture(scope="module")
def found(applications: pd.DataFrame) -> Proxies:
    return proxies(applications.drop(columns="approved"), applications[["sex", "age_group"]])


def test_the_planted_proxy_comes_first(found: Proxies) -> None:
    by_sex = found.columns[found.columns["attribute"] == "sex"]
    first = by_sex.iloc[0]
    assert first["column"] == "account"
    # P(family | f) P(classic | m) + half of the ties = .7 * .7 + (.7 * .3 + .3 * .7) / 2
    assert first["low"] < 0.7 < first["high"]
    assert first["p_adjusted"] < 1e-50
    assert by_sex["auc"].is_monotonic_decreasing
    assert (by_sex["p_adjusted"].iloc[1:] > 0.01).all()
    assert first["importance"] == by_sex["importance"].max()


def test_all_columns_together_tell_no_more_than_the_proxy(found: Proxies) -> None:
    whole = found.attributes.query("attribute == 'sex' and group == @ALL").iloc[0]
    assert whole["low"] < 0.7 < whole["high"]
    assert whole["n"] == found.rows == found.rows_given == 3000


def test_many_groups_have_an_area_each_and_their_mean(found: Proxies) -> None:
    ages = found.attributes.query("attribute == 'age_group'").set_index("group")
    each = ages.drop(index=ALL)
    assert len(each) == 4
    shares = each["n"] / each["n"].sum()
    assert ages.loc[ALL, "auc"] == pytest.approx((shares * each["auc"]).sum())
    assert (each["low"] < each["auc"]).all()
    assert (each["auc"] < each["high"]).all()
    columns = found.columns.query("attribute == 'age_group'")
    # money written as "$45,300" is read as a number
    assert columns["column"].tolist()[:2] == ["employment", "income"]
    assert columns["importance"].sum() == pytest.approx(1)


def test_sensitive_columns_are_no_features(found: Proxies) -> None:
    assert not {"sex", "age_group"} & set(found.columns["column"])


@pytest.mark.parametrize("convert", [pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_every_library_gives_the_same(
    applications: pd.DataFrame, convert: object, found: Proxies
) -> None:
    other = convert(applications.drop(columns="approved"))  # type: ignore[operator]
    again = proxies(other, convert(applications[["sex", "age_group"]]))  # type: ignore[operator]
    pd.testing.assert_frame_equal(again.columns, found.columns)
    pd.testing.assert_frame_equal(again.attributes, found.attributes)


def test_a_sample_is_seeded_and_stated(applications: pd.DataFrame) -> None:
    features, sex = applications[["account", "amount"]], applications["sex"]
    one, same, other = (proxies(features, sex, max_rows=1000, seed=seed) for seed in (0, 0, 1))
    assert (one.rows, one.rows_given) == (1000, 3000)
    pd.testing.assert_frame_equal(one.columns, same.columns)
    assert not one.columns.equals(other.columns)


def hostile_frame(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return columns of every kind, with names that libraries stumble over."""
    day = pd.Timestamp("2024-01-01")
    columns: list[tuple[object, object]] = [
        ('{"json": [1, 2]},:', rng.normal(size=n)),
        ("", np.zeros(n)),
        ("same", rng.integers(0, 3, n)),
        ("same", rng.random(n) < 0.5),
        (7, [dt.date(2024, 1, 1) + dt.timedelta(int(k)) for k in rng.integers(0, 99, n)]),
        ("when", day + pd.to_timedelta(rng.integers(0, 999, n), unit="h")),
        ("took", pd.to_timedelta(rng.integers(0, 999, n), unit="s")),
        ("nothing", np.full(n, np.nan)),
        ("none", [None] * n),
        ("price", [Decimal(int(k)) / 7 for k in rng.integers(0, 500, n)]),
        ("lists", [[1]] * n),
        ("mixed", rng.choice(np.array([1, "a", None, 2.5], dtype=object), n)),
        ("level", pd.Categorical(rng.choice(list("abc"), n), categories=list("dcba"))),
        ("endless", np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n))),
        ("id", [f"row {k}" for k in range(n)]),
        ("whole", pd.array(rng.integers(0, 9, n), dtype="Int64")),
        ("sparse", pd.arrays.SparseArray(rng.integers(0, 2, n))),
    ]
    frame = pd.concat([pd.Series(values) for _, values in columns], axis=1)
    frame.columns = [name for name, _ in columns]
    return frame


def test_hostile_frames_are_read(capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    frame = hostile_frame(400, rng)
    result = proxies(frame, {"sex": rng.choice(["f", "m"], 400)})
    assert result.left_out_columns == ("lists",)
    columns = result.columns.set_index("column")
    assert len(columns) == frame.shape[1] - 1
    for constant in ("", "nothing", "none"):
        assert columns.loc[constant, ["auc", "p_value"]].tolist() == [0.5, 1.0]
    assert columns["auc"].between(0.5, 0.65).all()
    assert (columns["p_adjusted"] > 0.05).all()
    assert capfd.readouterr() == ("", "")


def test_dates_and_decimals_are_ordered_numbers() -> None:
    rng = np.random.default_rng(0)
    late = rng.random(600) < 0.5
    days = np.where(late, 200, 0) + rng.integers(0, 100, 600)
    frame = pd.DataFrame(
        {
            "day": [dt.date(2024, 1, 1) + dt.timedelta(int(k)) for k in days],
            "price": [Decimal(int(k)) / 7 for k in days],
            "text": [f"{k} %" for k in days],
        }
    )
    result = proxies(frame, {"cohort": np.where(late, "new", "old")})
    assert (result.columns["auc"] > 0.999).all()


def test_copies_are_named_and_not_used() -> None:
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 500)
    frame = pd.DataFrame(
        {
            "gender": np.where(sex == "f", 1, 2),
            "SEX": sex,
            "noise": rng.random(500),
            "refined": np.char.add(sex, rng.choice(["1", "2"], 500)),
        }
    )
    result = proxies(frame, {"sex": sex})
    columns = result.columns.set_index("column")
    assert columns["copy"].to_dict() == {
        "gender": True,
        "SEX": True,
        "refined": False,
        "noise": False,
    }
    assert (columns.loc[["gender", "SEX"], "auc"] == 1).all()
    assert columns.loc[["gender", "SEX"], "importance"].isna().all()
    assert columns.loc["refined", "importance"] > 0.9
    only_noise = proxies(frame[["gender", "noise"]], {"sex": sex})
    assert only_noise.attributes["auc"].iloc[0] < 0.6


def test_a_binned_number_finds_its_copy() -> None:
    age = np.tile(np.arange(18, 68), 20)
    result = proxies(pd.DataFrame({"years": age, "half": age // 2}), {"age": age})
    columns = result.columns.set_index("column")
    assert bool(columns.loc["years", "copy"])
    assert not bool(columns.loc["half", "copy"])
    assert columns.loc["half", "auc"] > 0.95


def test_small_groups_and_missing_attributes_are_left_out() -> None:
    rng = np.random.default_rng(0)
    race = np.array(["a"] * 200 + ["b"] * 150 + ["c"] * 29 + ["d"] * 1, dtype=object)
    race = np.append(race, [None] * 20)
    frame = pd.DataFrame({"x": rng.random(400), "told": race == "b"})
    result = proxies(frame, {"race": race})
    assert result.left_out_groups == ("race: c (29)", "race: d (1)")
    assert result.attributes["n"].tolist() == [350, 200, 150]
    assert bool(result.columns.set_index("column").loc["told", "copy"]) is False


@pytest.mark.parametrize("names", [[], ["sex"]])
def test_without_other_columns_nothing_is_said(names: list[str]) -> None:
    sex = ["f", "m"] * 50
    result = proxies(pd.DataFrame({"sex": sex})[names], {"sex": sex})
    assert result.attributes["auc"].isna().all()
    assert result.columns.empty
    assert "p_adjusted" in result.columns


def test_one_group_tells_nothing() -> None:
    result = proxies(pd.DataFrame({"x": range(100)}), {"sex": ["f"] * 100})
    assert result.attributes["auc"].isna().all()
    assert result.columns.empty


def test_wide_frames_are_sampled_and_scanned_in_part() -> None:
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 2500)
    frame = pd.DataFrame(rng.normal(size=(2500, 2000)), columns=[f"c{k}" for k in range(2000)])
    frame["c1234"] += 2.0 * (sex == "f")
    result = proxies(frame, {"sex": sex})
    assert result.rows == 2000
    assert len(result.columns) == 500
    assert len(result.not_scanned) == 1500
    assert result.columns["column"].iloc[0] == "c1234"


def test_wrong_arguments_say_so() -> None:
    with pytest.raises(ArgumentError, match="features and the other arguments differ in length"):
        proxies(pd.DataFrame({"x": [1, 2]}), {"sex": ["f", "m", "f"]})
    with pytest.raises(ArgumentError, match="the sensitive columns differ in length"):
        proxies(pd.DataFrame({"x": [1, 2]}), {"sex": ["f", "m"], "race": ["a"]})
    with pytest.raises(ArgumentTypeError, match="features has to be a frame"):
        proxies([[1], [2]], {"sex": ["f", "m"]})


def test_areas_are_the_mean_of_the_folds_areas() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 300)
    scores = rng.random((300, 3)) + np.eye(3)[codes] * 0.3
    fold = stratified_folds(codes, rng)
    areas, influence = one_vs_rest(codes, scores, fold, 3)
    for group in range(3):
        each = [
            roc_auc((codes[fold == k] == group).astype(int), scores[fold == k, group])
            for k in range(5)
        ]
        sizes = np.bincount(fold, minlength=5)
        assert areas[group] == pytest.approx(np.average(each, weights=sizes))
    np.testing.assert_allclose(influence.mean(axis=1), 0, atol=1e-12)
    for k in range(5):
        in_fold = np.bincount(codes[fold == k])
        assert in_fold.max() - in_fold.min() <= np.ptp(np.bincount(codes)) / 5 + 2


def test_counts_by_bin_give_what_rows_give() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 2, 500)
    column = Column("x", rng.integers(0, 6, 500) + codes.astype(float), 0)
    fold, bins = stratified_folds(codes, rng), bin_column(column)
    result = find_single(bins, codes, fold, 2, 0.95)
    scores = np.zeros((500, 2))
    share = codes.mean()
    for k in range(5):
        inside, outside = fold == k, fold != k
        for b in np.unique(bins):
            members = codes[outside & (bins == b)]
            scores[inside & (bins == b), 1] = (members.sum() + 2 * share) / (len(members) + 2)
    areas, influence = one_vs_rest(codes, scores, fold, 2)
    assert result.area.value == pytest.approx(areas[1])
    error = np.sqrt((influence[1] ** 2).sum() / 500 / 499)
    z = 1.964729  # of t with 499 degrees of freedom
    logit = np.log(areas[1] / (1 - areas[1]))
    low = 1 / (1 + np.exp(-(logit - z * error / (areas[1] * (1 - areas[1])))))
    assert result.area.low == pytest.approx(low, abs=1e-6)


@pytest.mark.slow
def test_noise_is_rarely_called_a_proxy() -> None:
    rng = np.random.default_rng(0)
    false = 0
    for seed in range(40):
        sex = rng.choice(["f", "m", "x"], 300, p=[0.6, 0.25, 0.15])
        frame = pd.DataFrame(
            {
                "normal": rng.normal(size=300),
                "rare": rng.random(300) < 0.03,
                "level": rng.choice(list("abcdefghijkl"), 300),
                "skewed": rng.lognormal(size=300).round(1),
            }
        )
        result = proxies(frame, {"sex": sex}, seed=seed)
        false += bool((result.columns["p_adjusted"] < 0.05).any())
    assert false <= 6


@pytest.mark.slow
def test_intervals_of_planted_proxies_cover() -> None:
    hits, runs = 0, 200
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        codes = (rng.random(1000) < 0.4).astype(np.int64)
        family = rng.random(1000) < np.where(codes == 1, 0.7, 0.3)
        fold = stratified_folds(codes, rng)
        bins = bin_column(Column("x", family.astype(float), 0))
        area = find_single(bins, codes, fold, 2, 0.95).area
        hits += area.low <= 0.7 <= area.high
    assert 0.91 <= hits / runs <= 0.99


def test_adult_in_whole(real_data: Path) -> None:
    frame = pd.read_parquet(real_data / "adult.parquet")
    result = proxies(frame.drop(columns="income"), frame[["sex"]], max_rows=6000)
    assert result.columns["column"].iloc[0] == "relationship"
    assert result.attributes["low"].iloc[0] > 0.9
