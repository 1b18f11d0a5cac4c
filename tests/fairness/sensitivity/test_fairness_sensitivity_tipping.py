"""Tipping points against the change that they speak of, applied to the cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairness.errors import ArgumentError
from fairness.sensitivity import TIPPING_METRICS, tipping_curve, tipping_points
from fairness.table import GroupCounts


def counts_of(*cells: list[list[int]], weight: float = 1.0) -> GroupCounts:
    """Build counts of groups a, b, … from [[TN, FP], [FN, TP]] each."""
    counts = np.array(cells)
    weights = counts * weight
    return GroupCounts(
        "binary",
        "sex",
        tuple("abc"[: len(cells)]),
        ("no", "yes"),
        counts,
        weights,
        weights * weight,
        weighted=weight != 1,
    )


def flipped(cells: np.ndarray, label: str, share: float) -> np.ndarray:
    """Move a share of the rows of one recorded label to the other, cell by cell."""
    own = {"negative": 0, "positive": 1}[label]
    moved = cells.astype(float).copy()
    moved[own] -= share * cells[own]
    moved[1 - own] += share * cells[own]
    return moved


def rate(metric: str, cells: np.ndarray) -> float:
    """Compute a metric from [[TN, FP], [FN, TP]] in the plainest way."""
    (tn, fp), (fn, tp) = cells
    above, below = {
        "base_rate": (tp + fn, cells.sum()),
        "tpr": (tp, tp + fn),
        "fnr": (fn, tp + fn),
        "fpr": (fp, fp + tn),
        "tnr": (tn, fp + tn),
        "ppv": (tp, tp + fp),
        "fdr": (fp, tp + fp),
        "npv": (tn, tn + fn),
        "for": (fn, tn + fn),
        "accuracy": (tp + tn, cells.sum()),
    }[metric]
    return above / below if below > 1e-9 else np.nan


cell = st.lists(st.integers(0, 50), min_size=4, max_size=4).map(lambda four: [four[:2], four[2:]])


@given(cell, cell, st.sampled_from(TIPPING_METRICS))
def test_the_share_removes_the_gap(a: list[list[int]], b: list[list[int]], metric: str) -> None:
    pair = {"a": np.array(a), "b": np.array(b)}
    gap = rate(metric, pair["a"]) - rate(metric, pair["b"])
    assume(sum(map(sum, a)) > 0)
    assume(sum(map(sum, b)) > 0)
    found = tipping_points(counts_of(a, b), metric, "a", "b")
    assert len(found) == 4
    for row in found.itertuples():
        assert row.gap == pytest.approx(gap, nan_ok=True)
        changed = {
            name: flipped(cells, row.label, share) if name == row.whose else cells
            for share in [0.0 if np.isnan(row.share) else row.share]
            for name, cells in pair.items()
        }
        left = rate(metric, changed["a"]) - rate(metric, changed["b"])
        if not np.isnan(row.share):
            assert 0 <= row.share <= 1
            assert left == pytest.approx(0, abs=1e-9)
            recorded = pair[row.whose][{"negative": 0, "positive": 1}[row.label]].sum()
            assert row.rows == pytest.approx(row.share * recorded)
            assert row.note in ("", "there is no gap")
            continue
        assert row.note
        if np.isnan(gap):
            continue
        # no share would do: the gap keeps its sign all the way
        for share in np.linspace(0, 1, 21):
            moved = dict(pair)
            moved[row.whose] = flipped(pair[row.whose], row.label, share)
            still = rate(metric, moved["a"]) - rate(metric, moved["b"])
            assert np.isnan(still) or np.sign(still) in (0, np.sign(gap))


def test_a_worked_example() -> None:
    # of the group's 40 recorded negatives, 10 were selected; its FPR of 1/4 has to reach 3/8
    found = tipping_points(counts_of([[30, 10], [10, 30]], [[25, 15], [10, 30]]), "fpr", "a", "b")
    row = found[(found["whose"] == "a") & (found["label"] == "positive")].iloc[0]
    assert row["share"] == pytest.approx(1 / 3)
    assert row["rows"] == pytest.approx(40 / 3)
    still = found[(found["whose"] == "a") & (found["label"] == "negative")].iloc[0]
    assert np.isnan(still["share"])
    assert still["note"] == "such errors do not move this metric"


def test_weights_count() -> None:
    plain = tipping_points(counts_of([[30, 10], [10, 30]], [[25, 15], [9, 31]]), "fpr", "a", "b")
    heavy = tipping_points(
        counts_of([[30, 10], [10, 30]], [[25, 15], [9, 31]], weight=2.5), "fpr", "a", "b"
    )
    np.testing.assert_allclose(plain["share"], heavy["share"])
    np.testing.assert_allclose(plain["rows"], heavy["rows"])


def test_the_curve_passes_through_the_tipping_point() -> None:
    counts = counts_of([[30, 10], [10, 30]], [[25, 15], [10, 30]])
    curve = tipping_curve(counts, "fpr", "a", "b", points=4)
    assert curve["share"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve["gap"].iloc[0] == pytest.approx(-1 / 8)
    assert curve["gap"].iloc[1] == pytest.approx(0, abs=1e-12)
    error = np.sqrt(0.25 * 0.75 / 40 + 0.375 * 0.625 / 40)
    assert curve["high"].iloc[0] - curve["gap"].iloc[0] == pytest.approx(1.959964 * error)
    other = tipping_curve(counts, "fpr", "a", "b", whose="b", label="negative", points=3)
    assert other["gap"].nunique() == 1 or other["gap"].iloc[:-1].nunique() == 1


@given(cell, cell, st.sampled_from(TIPPING_METRICS), st.sampled_from(["positive", "negative"]))
def test_the_curve_is_the_gap_of_flipped_cells(
    a: list[list[int]], b: list[list[int]], metric: str, label: str
) -> None:
    counts = counts_of(a, b)
    curve = tipping_curve(counts, metric, "a", "b", whose="b", label=label, points=6)
    for row in curve.itertuples():
        expected = rate(metric, np.array(a)) - rate(metric, flipped(np.array(b), label, row.share))
        assert row.gap == pytest.approx(expected, nan_ok=True, abs=1e-9)
        if not np.isnan(row.gap):
            assert row.low <= row.gap <= row.high


def test_base_rates_need_no_predictions() -> None:
    cells = np.array([[[60], [40]], [[50], [50]]])
    counts = GroupCounts(
        "binary", "sex", ("a", "b"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    )
    found = tipping_points(counts, "base_rate", "a", "b")
    shares = found.set_index(["whose", "label"])["share"]
    assert shares["a", "negative"] == pytest.approx(10 / 60)
    assert shares["b", "positive"] == pytest.approx(10 / 50)
    assert np.isnan(shares["a", "positive"])


def test_what_has_no_tipping_point_says_so() -> None:
    counts = counts_of([[30, 10], [10, 30]], [[25, 15], [10, 30]])
    with pytest.raises(ArgumentError, match="does not depend on recorded outcomes"):
        tipping_points(counts, "selection_rate", "a", "b")
    with pytest.raises(ArgumentError, match="sex has no group 'z'"):
        tipping_points(counts, "fpr", "a", "z")
    with pytest.raises(ArgumentError, match="whose must be one of the two groups"):
        tipping_curve(counts, "fpr", "a", "b", whose="c")
    with pytest.raises(ArgumentError, match="is no share of rows"):
        tipping_points(counts, "f1", "a", "b")
    three = np.ones((2, 3, 3), np.int64)
    many = GroupCounts(
        "multiclass", "sex", ("a", "b"), ("x", "y", "z"), three, three * 1.0, three * 1.0
    )
    with pytest.raises(ArgumentError, match="need a binary outcome"):
        tipping_points(many, "accuracy", "a", "b")
