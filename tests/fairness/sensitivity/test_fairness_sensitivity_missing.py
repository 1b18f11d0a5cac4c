"""Bounds for missing attributes against every assignment of the rows; the impossibility."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairness.errors import ArgumentError
from fairness.metrics import estimate
from fairness.sensitivity import impossibility, missing_bounds
from fairness.sensitivity.missing import WORST_PAIR, bounds_of_counts
from fairness.table import MISSING, CountTable, GroupCounts

METRICS = ("selection_rate", "base_rate", "accuracy", "tpr", "fpr", "ppv", "for")


def counts_of(cells: np.ndarray, groups: tuple[str, ...]) -> GroupCounts:
    return GroupCounts("binary", "sex", groups, ("no", "yes"), cells, cells * 1.0, cells * 1.0)


def assignments(known: np.ndarray, missing: np.ndarray) -> list[np.ndarray]:
    """Return the cells of the groups for every way to deal out the missing rows."""
    rows = [place for place, n in enumerate(missing.ravel()) for _ in range(n)]
    found = {}
    for owners in product(range(len(known)), repeat=len(rows)):
        cells = known.reshape(len(known), 4).copy()
        for place, owner in zip(rows, owners, strict=True):
            cells[owner, place] += 1
        found[cells.tobytes()] = cells.reshape(known.shape)
    return list(found.values())


cells_of_groups = st.integers(2, 3).flatmap(
    lambda n: st.lists(st.integers(0, 4), min_size=4 * n, max_size=4 * n).map(
        lambda flat: np.array(flat).reshape(n, 2, 2)
    )
)
missing_cells = st.lists(st.integers(0, 2), min_size=4, max_size=4).map(
    lambda flat: np.array(flat).reshape(2, 2)
)


@settings(max_examples=40)
@given(cells_of_groups, missing_cells, st.sampled_from(METRICS))
def test_every_assignment_lies_inside_and_the_ends_are_attained(
    known: np.ndarray, missing: np.ndarray, metric: str
) -> None:
    if missing.sum() > 5:
        missing = np.minimum(missing, 1)
    names = tuple("abc"[: len(known)])
    given_counts = counts_of(np.concatenate([known, missing[None]]), (*names, MISSING))
    frame = bounds_of_counts(given_counts, metric, smallest=0).set_index("group")
    values = np.array(
        [estimate(metric, counts_of(cells, names)).value for cells in assignments(known, missing)]
    )
    for place, name in enumerate(names):
        column = values[:, place]
        if np.isnan(column).all():
            assert np.isnan(frame.loc[name, ["low", "high"]].to_numpy(float)).all()
            continue
        assert np.nanmin(column) == pytest.approx(frame.loc[name, "low"])
        assert np.nanmax(column) == pytest.approx(frame.loc[name, "high"])
    worst = frame.loc[WORST_PAIR]
    if np.isnan(worst["value"]):
        return
    gaps = values.max(axis=1) - values.min(axis=1)
    assert worst["low"] - 1e-12 <= gaps.min()
    assert gaps.max() == pytest.approx(worst["high"])
    assert worst["low"] <= worst["value"] <= worst["high"] + 1e-12
    if len(known) == 2:
        assert gaps.min() >= worst["low"] - 1e-12


def test_with_two_groups_the_lower_end_is_attained_where_groups_stay_apart() -> None:
    known = np.array([[[1, 9], [0, 0]], [[9, 1], [0, 0]]])
    missing = np.array([[1, 2], [0, 0]])
    frame = bounds_of_counts(
        counts_of(np.concatenate([known, missing[None]]), ("a", "b", MISSING)),
        "selection_rate",
        smallest=0,
    ).set_index("group")
    assert frame.loc[WORST_PAIR, "low"] == pytest.approx(9 / 11 - 3 / 12)
    assert frame.loc[WORST_PAIR, "high"] == pytest.approx(11 / 12 - 1 / 11)
    assert frame["missing"].eq(3).all()
    assert frame["missing_share"].eq(3 / 23).all()


def test_without_missing_rows_there_is_nothing_to_bound() -> None:
    table = CountTable.from_rows(
        [0, 1] * 40, [0, 1, 1, 1] * 20, sensitive={"sex": ["a", "b"] * 40}
    )
    frame = missing_bounds(table, "sex", "accuracy")
    np.testing.assert_allclose(frame["low"], frame["value"])
    np.testing.assert_allclose(frame["high"], frame["value"])


def test_small_groups_do_not_make_the_worst_pair() -> None:
    cells = np.array([[[30, 30], [0, 0]], [[40, 20], [0, 0]], [[0, 3], [0, 0]], [[2, 2], [0, 0]]])
    frame = bounds_of_counts(counts_of(cells, ("a", "b", "c", MISSING)), "selection_rate", 30)
    frame = frame.set_index("group")
    assert frame.loc[WORST_PAIR, "value"] == pytest.approx(1 / 2 - 1 / 3)
    assert frame.loc["c", "value"] == 1


def test_means_have_no_bounds() -> None:
    table = CountTable.from_rows(
        [0, 1] * 40, [0, 1, 1, 1] * 20, sensitive={"sex": ["a", "b"] * 40}
    )
    with pytest.raises(ArgumentError, match="is no share of rows"):
        missing_bounds(table, "sex", "balanced_accuracy")


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 20))
def test_equal_predictive_values_force_the_implied_rate(tp: int, fp: int, scale: int) -> None:
    # both groups have the overall PPV and TPR; only the base rate differs
    fn = tp
    first = np.array([[200, fp], [fn, tp]])
    second = np.array([[200 * scale + 50, fp], [fn, tp]])
    frame = impossibility(counts_of(np.stack([first, second]), ("a", "b")))
    np.testing.assert_allclose(frame["implied_fpr"], frame["fpr"])


def test_unequal_base_rates_force_unequal_error_rates() -> None:
    cells = np.array([[[70, 10], [10, 10]], [[20, 10], [20, 50]]])
    frame = impossibility(counts_of(cells, ("a", "b")))
    assert frame["base_rate"].tolist() == [0.2, 0.7]
    ppv, tpr = 60 / 80, 60 / 90
    expected = [p / (1 - p) * (1 - ppv) / ppv * tpr for p in (0.2, 0.7)]
    np.testing.assert_allclose(frame["implied_fpr"], expected)


def test_a_group_of_positives_only_has_no_implied_rate() -> None:
    frame = impossibility(counts_of(np.array([[[0, 0], [2, 3]], [[5, 1], [1, 5]]]), ("a", "b")))
    assert np.isnan(frame["implied_fpr"].iloc[0])
    assert np.isfinite(frame["implied_fpr"].iloc[1])


def test_the_impossibility_needs_predictions() -> None:
    cells = np.array([[[5], [5]]])
    counts = GroupCounts("binary", "sex", ("a",), ("no", "yes"), cells, cells * 1.0, cells * 1.0)
    with pytest.raises(ArgumentError, match="binary outcome with predictions"):
        impossibility(counts)
