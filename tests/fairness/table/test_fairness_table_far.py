"""Targets far from 0: refused where the sums of squares would lose the variance."""

from __future__ import annotations

import numpy as np
import pytest

import fairness


def audit(shift: float) -> fairness.Audit:
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    group = rng.choice(["a", "b"], 400)
    return fairness.audit(y + shift, y + shift + (group == "a"), sensitive={"g": group})


def test_targets_far_from_0_are_refused() -> None:
    with pytest.raises(fairness.FairnessError, match="too far from 0") as caught:
        audit(1e8)
    assert "subtract a constant" in str(caught.value)


def test_nearer_targets_give_what_centred_ones_give() -> None:
    near, far = (audit(shift).disparities for shift in (0.0, 1e5))
    assert near["metric"].tolist() == far["metric"].tolist()
    np.testing.assert_allclose(near["value"], far["value"], rtol=1e-4, atol=1e-6)
    assert near["verdict"].tolist() == far["verdict"].tolist()
