from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import ArgumentError, DataError
from automl.table import Splits, Table, make_splits, read_table, seal_audit_rows


def table(labels: object, **columns: object) -> Table:
    frame = pd.DataFrame({"a": np.sin(np.arange(len(list(labels)))), "y": labels})  # type: ignore[call-overload]
    roles = {name: name for name in ("group", "time", "weight") if name in columns}
    sensitive = [name for name in columns if name not in roles]
    task = "regression" if frame["y"].dtype.kind == "f" else "auto"
    frame = frame.assign(**columns)
    return read_table(frame, target="y", task=task, sensitive=sensitive, **roles)


def split(of: Table, **call: object) -> Splits:
    return make_splits(of, np.arange(of.n_rows), seed=0, **call)  # type: ignore[arg-type]


LABELS = st.lists(st.sampled_from("aabbbbc"), min_size=4, max_size=60).filter(
    lambda labels: len(set(labels)) > 1 and len(labels) > len(set(labels))
)


@given(LABELS, st.integers(0, 5))
def test_stratified_folds(labels: list[str], seed: int) -> None:
    of = table(labels)
    splits = make_splits(of, np.arange(of.n_rows), seed=seed)
    counts = np.bincount(of.y)
    for train, valid in splits.folds:
        assert len(train)
        assert len(valid)
        assert sorted([*train, *valid]) == list(range(of.n_rows))
        assert set(of.y[train]) == set(range(len(counts)))
    scored = np.concatenate([valid for _, valid in splits.folds])
    expected = np.flatnonzero(counts[of.y] > 1)
    assert sorted(set(scored.tolist())) == expected.tolist()
    assert len({*np.bincount(scored)[expected].tolist()}) == 1  # every row equally often


@given(st.integers(5, 80), st.integers(0, 5))
def test_plain_folds_cover_every_row_and_balance_values(n: int, seed: int) -> None:
    of = table(np.random.default_rng(seed).normal(size=n))
    splits = make_splits(of, np.arange(n), seed=seed, n_folds=5)
    valid = [fold[1] for fold in splits.folds]
    assert sorted(np.concatenate(valid)) == list(range(n))
    assert max(map(len, valid)) - min(map(len, valid)) <= 1
    ranks = np.argsort(np.argsort(of.y))
    for rows in valid:  # one of each five neighbours
        assert len(set(ranks[rows] // 5)) == len(rows)


def test_schemes_in_words() -> None:
    assert split(table(["a", "b"] * 100)).scheme == "5 folds twice, stratified"
    assert split(table(["a", "b"] * 500)).scheme == "8 folds, stratified"
    assert split(table(["a", "b"] * 1000)).scheme == "5 folds, stratified"
    assert split(table(np.random.default_rng(0).normal(size=2000))).scheme == (
        "5 folds, stratified by value"
    )
    assert split(table(["a", "b"] * 1000), n_folds=3).scheme == "3 folds, stratified"


def test_tiny_classes_and_tiny_tables_get_a_scheme_that_works() -> None:
    tiny = split(table(["a", "a", "b"]))
    assert "1 row whose label occurs once is always in the training part" in tiny.note
    assert all(2 in train for train, _ in tiny.folds)
    pair = table(["a"] * 50 + ["b"] * 2)
    for train, _ in split(pair).folds:
        assert set(pair.y[train]) == {0, 1}
    assert len(split(table([1.5, 2.5, 4.0])).folds) == 6  # leave one out, twice


def test_same_seed_same_folds() -> None:
    of = table(["a", "b", "c"] * 30)
    again = [make_splits(of, np.arange(90), seed=3) for _ in range(2)]
    for (a, b), (c, d) in zip(again[0].folds, again[1].folds, strict=True):
        assert a.tolist() == c.tolist()
        assert b.tolist() == d.tolist()
    other = make_splits(of, np.arange(90), seed=4)
    assert other.folds[0][1].tolist() != again[0].folds[0][1].tolist()


def test_only_the_given_rows_are_split() -> None:
    of = table(["a", "b"] * 100)
    rows = np.arange(0, 200, 3)
    for train, valid in make_splits(of, rows, seed=0).folds:
        assert {*train, *valid} == set(rows.tolist())


@given(st.lists(st.integers(0, 8), min_size=12, max_size=80), st.integers(0, 3))
def test_groups_are_never_on_both_sides(groups: list[int], seed: int) -> None:
    if len(set(groups)) < 2:
        groups[0] = 9
    y = np.random.default_rng(seed).normal(size=len(groups))
    of = table(y, group=groups)
    assert of.group is not None
    try:
        splits = make_splits(of, np.arange(of.n_rows), seed=seed)
    except DataError:
        assert min(np.bincount(of.group).sum() - np.bincount(of.group)) < 2
        return
    assert len(splits.folds) <= min(5, len(set(groups)))
    for train, valid in splits.folds:
        assert not set(of.group[train]) & set(of.group[valid])
        assert len(train) + len(valid) == of.n_rows


def test_group_folds_are_balanced() -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 300, 3000)
    of = table(np.where(rng.random(3000) < 0.1 + 0.3 * (group % 3 == 0), "yes", "no"), group=group)
    splits = split(of)
    assert splits.scheme == "5 folds, by group (300 groups)"
    sizes = [len(valid) for _, valid in splits.folds]
    shares = [of.y[valid].mean() for _, valid in splits.folds]
    assert max(sizes) - min(sizes) < 60
    assert max(shares) - min(shares) < 0.03


def test_groups_that_hold_one_label_each() -> None:
    of = table(["a"] * 30 + ["b"] * 30, group=[0] * 30 + [1] * 30)
    with pytest.raises(DataError, match="no split is possible"):
        split(of)


@given(st.lists(st.integers(0, 30), min_size=10, max_size=80), st.integers(2, 6))
def test_time_goes_forward_only(times: list[int], n_folds: int) -> None:
    y = np.random.default_rng(0).normal(size=len(times))
    if len(set(times)) < 3:
        times[:3] = [40, 41, 42]
    of = table(y, time=times)
    assert of.time is not None
    splits = split(of, n_folds=n_folds)
    assert 1 <= len(splits.folds) <= n_folds
    for train, valid in splits.folds:
        assert of.time[train].max() < of.time[valid].min()
    firsts = [of.time[valid].min() for _, valid in splits.folds]
    assert firsts == sorted(firsts, reverse=True)  # the fold with most to learn from comes first
    for (_, later), (_, earlier) in pairwise(splits.folds):
        assert not set(later.tolist()) & set(earlier.tolist())


def test_time_and_groups_together() -> None:
    of = table(np.sin(np.arange(200.0)), time=np.arange(200), group=np.arange(200) // 15)
    assert of.group is not None
    splits = split(of)
    assert splits.scheme == "5 folds, forward in time and group"
    for train, valid in splits.folds:
        assert train.max() < valid.min()
        assert not set(of.group[train]) & set(of.group[valid])


def test_times_in_strings() -> None:
    days = [f"2020-{i % 12 + 1:02}-01" for i in range(120)]
    of = table(np.cos(np.arange(120.0)), time=days)
    assert "time" in of.columns.layout.times  # time stays a feature
    assert split(of).scheme == "5 folds, forward in time"


@pytest.mark.parametrize("n_folds", [0, 1, -3, True])
def test_numbers_of_folds_that_cannot_be(n_folds: int) -> None:
    with pytest.raises(ArgumentError, match="n_folds has to be at least 2"):
        split(table(["a", "b"] * 10), n_folds=n_folds)


def test_sealed_rows_hold_every_label_and_group_in_proportion() -> None:
    rng = np.random.default_rng(0)
    n = 5000
    sex = np.where(rng.random(n) < 0.3, "F", "M")
    of = table(np.where(rng.random(n) < np.where(sex == "F", 0.1, 0.3), "yes", "no"), sex=sex)
    sealed = seal_audit_rows(of, "auto", seed=0)
    assert len(sealed) == 1000 == len(set(sealed.tolist()))
    assert of.sensitive is not None
    cells = pd.Series(of.y).astype(str) + of.sensitive["sex"].astype(str)
    share = cells.iloc[sealed].value_counts(normalize=True) - cells.value_counts(normalize=True)
    assert share.abs().max() < 0.002


def test_sealed_rows_are_in_no_fold() -> None:
    of = table(["a", "b"] * 100, sex=["F", "M", "M", "F"] * 50)
    sealed = seal_audit_rows(of, "auto", seed=1)
    rest = np.setdiff1d(np.arange(200), sealed)
    for train, valid in make_splits(of, rest, seed=1).folds:
        assert not {*train, *valid} & set(sealed.tolist())


def test_sizes_of_sealed_rows() -> None:
    of = table(["a", "b"] * 100, sex=["F", "M"] * 100)
    assert len(seal_audit_rows(of, "auto", 0)) == 40
    assert len(seal_audit_rows(of, 0.3, 0)) == 60
    assert len(seal_audit_rows(of, 25, 0)) == 25
    assert len(seal_audit_rows(of, 0, 0)) == 0
    assert len(seal_audit_rows(table(["a", "b"] * 100), "auto", 0)) == 0


@pytest.mark.parametrize("size", ["some", -1, 1.5, 200, float("nan"), True, None])
def test_sizes_that_cannot_be(size: object) -> None:
    with pytest.raises(ArgumentError, match="audit_size"):
        seal_audit_rows(table(["a", "b"] * 100, sex=["F", "M"] * 100), size, 0)  # type: ignore[arg-type]


def test_rare_labels_are_not_sealed_away() -> None:
    of = table(["a"] * 60 + ["b"] * 36 + ["c"] * 4, sex=["F", "M"] * 50)
    sealed = seal_audit_rows(of, "auto", 0)
    assert 2 not in of.y[sealed]
    assert len(sealed) == 20


@given(st.lists(st.integers(0, 9), min_size=20, max_size=60))
def test_whole_groups_are_sealed(groups: list[int]) -> None:
    groups[:3] = [10, 11, 12]
    y = np.random.default_rng(0).normal(size=len(groups))
    of = table(y, group=groups, sex=["F", "M"] * (len(groups) // 2) + ["F"] * (len(groups) % 2))
    assert of.group is not None
    sealed = seal_audit_rows(of, "auto", 0)
    rest = np.setdiff1d(np.arange(of.n_rows), sealed)
    assert len(sealed)
    assert not set(of.group[sealed]) & set(of.group[rest])
    assert len(set(of.group[rest])) >= 2


def test_the_last_rows_are_sealed() -> None:
    time = np.random.default_rng(0).permutation(100)
    of = table(np.sin(time.astype(float)), time=time, sex=["F", "M"] * 50)
    sealed = seal_audit_rows(of, "auto", 0)
    assert sorted(time[sealed]) == list(range(80, 100))
