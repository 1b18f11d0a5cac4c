"""Adjusted p-values against values by hand, scipy, and the definition of rejection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control

from candor.statistics import benjamini_hochberg, holm

P_VALUES = arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1))


def test_holm_by_hand() -> None:
    given_ = [0.005, 0.011, 0.02, 0.04, 0.13]
    assert holm(given_) == pytest.approx([0.025, 0.044, 0.06, 0.08, 0.13])
    assert holm([0.01, 0.02, 0.9, 0.9]) == pytest.approx([0.04, 0.06, 1, 1])


def test_benjamini_and_hochbergs_own_example() -> None:
    """Benjamini and Hochberg (1995, section 3.2): 15 tests, four rejected at 5 %, Bonferroni 3."""
    given_ = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    given_ += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert (benjamini_hochberg(given_) <= 0.05).sum() == 4
    assert (holm(given_) <= 0.05).sum() == 3
    assert benjamini_hochberg(given_)[3] == pytest.approx(0.0095 * 15 / 4)


@given(P_VALUES)
def test_benjamini_hochberg_equals_scipy(p_values: np.ndarray) -> None:
    expected = false_discovery_control(p_values) if len(p_values) else p_values
    assert benjamini_hochberg(p_values) == pytest.approx(expected)


@given(P_VALUES, st.floats(0.001, 0.5))
def test_holm_rejects_as_its_definition_says(p_values: np.ndarray, alpha: float) -> None:
    rejected = set()
    for step, position in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[position] * (len(p_values) - step) > alpha:
            break
        rejected.add(position)
    assert set(np.flatnonzero(holm(p_values) <= alpha)) == rejected


@pytest.mark.parametrize("method", [holm, benjamini_hochberg])
@given(p_values=P_VALUES)
def test_what_was_not_tested_does_not_count(method, p_values: np.ndarray) -> None:
    tested = method(p_values)
    mixed = method(np.concatenate([[np.nan], p_values, [np.nan, np.nan]]))
    assert np.isnan(mixed[[0, -1, -2]]).all()
    assert mixed[1:-2] == pytest.approx(tested)
    assert (tested >= p_values).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(tested[order]) >= 0).all()


@pytest.mark.parametrize("method", [holm, benjamini_hochberg])
def test_one_test_is_not_corrected(method) -> None:
    assert method([0.03]) == pytest.approx([0.03])
