"""Averages of predictions in margin space and of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, logit, softmax

from automl.ensemble import blend, from_margin, to_margin
from automl.ensemble.blend import CLIP

SHARES = hnp.arrays(np.float64, 7, elements=st.floats(2 * CLIP, 1 - 2 * CLIP))
TASKS = ("binary", "multiclass", "regression")


def form(task: str, values: np.ndarray) -> np.ndarray:
    """Return predictions in the form of the task."""
    if task != "multiclass":
        return values
    wide = np.column_stack([values, 1 - values, np.full(len(values), 0.5)])
    return wide / wide.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("task", TASKS)
@given(values=SHARES)
def test_margins_go_there_and_back(task: str, values: np.ndarray) -> None:
    prediction = form(task, values)
    back = from_margin(to_margin(prediction, task), task)
    np.testing.assert_allclose(back, prediction, atol=3 * CLIP)


def test_margins_are_the_textbooks() -> None:
    p = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(to_margin(p, "binary"), logit(p))
    z = np.array([-800.0, -20.0, 0.0, 20.0, 800.0])
    np.testing.assert_allclose(from_margin(z, "binary"), expit(z), rtol=1e-12)
    rows = np.array([[0.0, 1000.0, -5.0], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(from_margin(rows, "multiclass"), softmax(rows, axis=1))
    assert to_margin(form("multiclass", p), "multiclass").sum(axis=1) == pytest.approx(0)


def test_certainty_is_bounded() -> None:
    assert np.isfinite(to_margin(np.array([0.0, 1.0]), "binary")).all()
    assert np.isfinite(to_margin(np.eye(3), "multiclass")).all()


@pytest.mark.parametrize("link", ["margin", "probability"])
@pytest.mark.parametrize("task", TASKS)
@given(first=SHARES, second=SHARES, share=st.floats(0.01, 0.99))
def test_blends_lie_between_their_members(
    task: str, link: str, first: np.ndarray, second: np.ndarray, share: float
) -> None:
    members = [form(task, first), form(task, second)]
    result = blend(members, [share, 1 - share], link, task)
    assert result.shape == members[0].shape
    if task == "multiclass":
        np.testing.assert_allclose(result.sum(axis=1), 1)
    else:
        assert (result >= np.minimum(*members) - 1e-9).all()
        assert (result <= np.maximum(*members) + 1e-9).all()


@pytest.mark.parametrize("link", ["margin", "probability"])
@pytest.mark.parametrize("task", TASKS)
def test_order_and_scale_of_weights_do_not_matter(task: str, link: str) -> None:
    rng = np.random.default_rng(0)
    members = [form(task, rng.uniform(0.05, 0.95, 9)) for _ in range(3)]
    result = blend(members, [0.5, 0.3, 0.2], link, task)
    np.testing.assert_allclose(blend(members[::-1], [2, 3, 5], link, task), result)
    np.testing.assert_allclose(blend([*members, members[0]], [3, 3, 2, 2], link, task), result)


def test_what_is_averaged_is_what_the_link_says() -> None:
    members = [np.array([0.2]), np.array([0.9])]
    assert blend(members, [0.5, 0.5], "probability", "binary") == pytest.approx(0.55)
    assert blend(members, [0.5, 0.5], "margin", "binary") == pytest.approx(
        expit(np.mean(logit(members)))
    )
    assert blend(members, [0.5, 0.5], "margin", "regression") == pytest.approx(0.55)


def test_a_single_member_stays_as_it_is() -> None:
    certain = np.array([0.0, 1.0, 1e-12])
    other = np.array([0.5, 0.5, 0.5])
    np.testing.assert_array_equal(blend([certain], [0.3], "margin", "binary"), certain)
    np.testing.assert_array_equal(blend([certain, other], [1, 0], "margin", "binary"), certain)


@pytest.mark.parametrize(
    ("members", "weights"),
    [([], []), ([np.ones(2)], [0.5, 0.5]), ([np.ones(2)], [0.0]), ([np.ones(2)] * 2, [1.5, -0.5]),
     ([np.ones(2)], [np.nan]), ([np.ones(2)], [np.inf])],
)  # fmt: skip
def test_unusable_weights_are_errors(members: list, weights: list) -> None:
    with pytest.raises(ValueError, match="weights"):
        blend(members, weights, "margin", "binary")
