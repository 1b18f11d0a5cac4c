"""Targets on their way into a library and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from model_rows import facts, rows
from sklearn.metrics import log_loss

from automl.features.base import Encoding
from automl.models import Rows
from automl.models.targets import Target, loss

NATIVE = Encoding()


def make(y: np.ndarray, n_classes: int, task: str) -> Target:
    about = replace(facts("multiclass"), task=task, n_classes=n_classes)
    some = rows("binary", NATIVE, n_rows=len(y))
    return Target.of(replace(some, y=y), about)


def test_absent_classes_get_a_small_fixed_share() -> None:
    target = make(np.array([0, 3, 3, 0]), 5, "multiclass")
    assert target.present == (0, 3)
    np.testing.assert_array_equal(target.encode(np.array([3, 0])), [1, 0])
    decoded = target.decode(np.array([[0.25, 0.75]]))
    np.testing.assert_allclose(decoded, [[1 / 6, 1 / 9, 1 / 9, 1 / 2, 1 / 9]])


def test_two_classes_of_many_may_come_as_one_column() -> None:
    target = make(np.array([0, 3, 3, 0]), 4, "multiclass")
    one = target.decode(np.array([0.75]))
    np.testing.assert_allclose(one, target.decode(np.array([[0.25, 0.75]])))


def test_a_binary_target_gives_the_second_class() -> None:
    target = make(np.array([0, 1, 1]), 2, "binary")
    np.testing.assert_array_equal(target.decode(np.array([[0.25, 0.75]])), [0.75])
    np.testing.assert_array_equal(target.decode(np.array([0.75])), [0.75])


@given(
    arrays(np.float64, 12, elements=st.floats(-1e12, 1e12)),
    st.floats(0.5, 10.0),
)
def test_values_come_back(y: np.ndarray, factor: float) -> None:
    target = make(y, 1, "regression")
    np.testing.assert_allclose(
        target.decode(target.encode(y)), y, rtol=1e-9, atol=1e-9 * (1.0 + np.abs(y).max())
    )


def test_constant_values_are_not_divided_by_zero() -> None:
    target = make(np.full(5, 7.0), 1, "regression")
    assert (target.centre, target.scale) == (7.0, 1.0)


def test_values_are_centred_by_weight() -> None:
    some = rows("regression", NATIVE, n_rows=3)
    weighted = replace(some, y=np.array([0.0, 0.0, 9.0]), weight=np.array([1.0, 1.0, 4.0]))
    target = Target.of(weighted, facts("regression"))
    assert target.centre == pytest.approx(6.0)
    assert target.scale == pytest.approx(np.sqrt(18.0))


def test_rows_of_unknown_classes_and_of_no_weight_are_left_out() -> None:
    target = make(np.array([0, 2]), 4, "multiclass")
    some = rows("multiclass", NATIVE, n_rows=4)
    mixed = replace(some, y=np.array([0, 1, 2, 2]), weight=np.array([1.0, 1.0, 0.0, 2.0]))
    known = target.known(mixed)
    assert known is not None
    np.testing.assert_array_equal(known.y, [0, 2])
    np.testing.assert_array_equal(known.weight, [1.0, 2.0])
    np.testing.assert_array_equal(known.X.values, mixed.X.values[[0, 3]])
    assert target.known(replace(some, y=np.array([1, 1, 3, 3]))) is None
    assert target.known(None) is None


def test_the_loss_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 50)
    raw = rng.dirichlet([1.0, 1.0, 1.0], 50)
    weight = rng.random(50)
    target = make(y, 3, "multiclass")
    expected = log_loss(y, raw, sample_weight=weight)
    assert loss(target, raw, y, weight) == pytest.approx(expected)


def test_shares_are_weighted() -> None:
    some = rows("binary", NATIVE, n_rows=3)
    weighted = Rows(some.X, np.array([0, 1, 1]), np.array([2.0, 1.0, 1.0]))
    target = Target.of(weighted, facts("binary"))
    np.testing.assert_allclose(target.shares(weighted), [0.5, 0.5])


def test_json_round_trip() -> None:
    for target in (
        make(np.array([0, 3]), 5, "multiclass"),
        make(np.ones(3) * 0.1, 1, "regression"),
    ):
        assert Target.from_json(target.to_json()) == target


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "ranking"}, "unknown task 'ranking'"),
        ({"present": [1, 9]}, "impossible class numbers"),
        ({"present": [1, 0]}, "impossible class numbers"),
        ({"share": float("nan")}, "not finite"),
    ],
)
def test_impossible_json_is_refused(change: dict[str, object], message: str) -> None:
    state = make(np.array([0, 3]), 5, "multiclass").to_json() | change
    with pytest.raises(ValueError, match=message):
        Target.from_json(state)
