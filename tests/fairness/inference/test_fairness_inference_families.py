"""Corrections across disparities."""

from __future__ import annotations

import numpy as np
import pytest
from inference_samples import rates

from candor.statistics import benjamini_hochberg, holm
from fairness.errors import ArgumentError
from fairness.inference import Disparity, adjust, disparity


def found(p_value: float, verdict: str = "beyond") -> Disparity:
    return Disparity("m", "difference", "a", "b", 0.2, 0.1, 0.3, 0.2, p_value, 0.1, verdict, 0.1)


def test_declared_by_holm_and_others_by_benjamini_hochberg() -> None:
    p_values = np.array([0.01, 0.02, 0.01, 0.02, np.nan, 0.5])
    declared = [True, True, False, False, False, True]
    adjusted, _ = adjust([found(p) for p in p_values], declared, 0.95)
    mask = np.array(declared)
    assert adjusted[mask] == pytest.approx(holm(p_values[mask]))
    assert adjusted[~mask] == pytest.approx(benjamini_hochberg(p_values[~mask]), nan_ok=True)


def test_what_does_not_survive_is_taken_back() -> None:
    given = [found(0.001), found(0.04), found(0.9, "within"), found(0.2, "not enough data")]
    adjusted, kept = adjust(given, [True] * 4, 0.95)
    assert adjusted == pytest.approx([0.004, 0.12, 0.9, 0.4])
    assert [one.verdict for one in kept] == [
        "beyond",
        "not enough data",
        "within",
        "not enough data",
    ]
    assert (kept[1].low, kept[1].high, kept[1].p_value) == (0.1, 0.3, 0.04)
    assert kept[0] is given[0]


def test_one_disparity_by_itself_is_not_corrected() -> None:
    (one,) = disparity(
        [rates([30, 60], [100, 100])], "difference", name="x", tolerance=0.1, confidence=0.95
    )
    assert one.verdict == "beyond"
    adjusted, kept = adjust([one], [False], 0.95)
    assert (adjusted[0], kept) == (one.p_value, (one,))


def test_nothing_to_adjust() -> None:
    adjusted, kept = adjust([], [], 0.95)
    assert (len(adjusted), kept) == (0, ())


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(ArgumentError, match="got 1 disparities and 2 declarations"):
        adjust([found(0.1)], [True, False], 0.95)
    with pytest.raises(ArgumentError, match="confidence must lie"):
        adjust([], [], 5)
