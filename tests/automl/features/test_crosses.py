"""Generated features: found where they help, absent where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from feature_tables import dense, messy, numbers
from sklearn.metrics import roc_auc_score

from automl.features import Encoder, Encoding
from automl.features.crosses import MAX_FEATURES, combine
from automl.table.columns import MISSING, UNSEEN, Columns, Layout

CROSSED = Encoding(crosses=True)


def fit(columns, y, task="binary", n_classes=2):
    encoder = Encoder(CROSSED, task=task, n_classes=n_classes)
    return encoder, dense(encoder.fit_transform(columns, y))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("x0 × x1", lambda a, b: a * b > 0),
        ("x0 − x1", lambda a, b: np.abs(a - b) < 0.5),
        ("x0 + x1", lambda a, b: np.abs(a + b) < 0.5),
    ],
)
def test_a_planted_combination_is_found(name, rule):
    x = np.random.default_rng(0).normal(size=(3000, 6))
    y = rule(x[:, 0], x[:, 1]).astype(np.int64)
    encoder, _ = fit(numbers(x), y)

    assert name in encoder.names
    assert encoder.sources[encoder.names.index(name)] == "x0\x1fx1"


def test_noise_gives_next_to_nothing():
    rng = np.random.default_rng(1)
    encoder, _ = fit(numbers(rng.normal(size=(3000, 6))), rng.integers(0, 2, 3000))

    assert len(encoder.names) <= 6 + 3


def pair_table(n_rows, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 6, (n_rows, 2)).astype(np.int32)
    layout = Layout((), ("a", "b"), (6, 6), (False, False))
    none = np.empty((n_rows, 0))
    y = (codes.sum(axis=1) % 2).astype(np.int64)
    return Columns(layout, none, codes, none), y


def test_a_planted_cross_is_found_and_target_encoded_out_of_fold():
    columns, y = pair_table(2000, seed=0)
    encoder, own = fit(columns, y)
    place = encoder.names.index("a & b target")

    assert roc_auc_score(y, own[:, place]) > 0.99
    assert encoder.sources[place] == "a\x1fb"
    other, labels = pair_table(200, seed=1)
    assert roc_auc_score(labels, encoder.transform(other).values[:, place]) > 0.999


def test_pairs_of_levels_that_training_has_not():
    columns, y = pair_table(2000, seed=0)
    codes = columns.codes.copy()
    codes[(codes[:, 0] == 3) & (codes[:, 1] == 3)] = MISSING
    none = np.empty((2000, 0))
    encoder, _ = fit(Columns(columns.layout, none, codes, none), y)
    rows = np.array([[3, 3], [UNSEEN, 0], [0, UNSEEN], [5, MISSING]], dtype=np.int32)
    values = encoder.transform(Columns(columns.layout, none[:4], rows, none[:4])).values

    np.testing.assert_array_equal(values[:, encoder.names.index("a & b target")], 0)
    np.testing.assert_array_equal(values[:, encoder.names.index("a & b count")], 0)


def test_values_relative_to_their_group():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 20, 4000).astype(np.int32)[:, None]
    level = np.exp(rng.normal(size=20) * 2)
    ratio = np.exp(rng.normal(size=4000) * 0.5)
    x = (level[codes[:, 0]] * ratio)[:, None]
    layout = Layout(("x",), ("g",), (20,), (False,))
    columns = Columns(layout, x, codes, np.empty((4000, 0)))
    encoder, values = fit(columns, np.log(ratio), "regression", 1)
    feature = values[:, encoder.names.index("x ÷ mean by g")]

    means = np.array([x[codes[:, 0] == g, 0].mean() for g in range(20)])
    np.testing.assert_allclose(feature, x[:, 0] / means[codes[:, 0]], rtol=1e-5)
    unseen = Columns(layout, x[:1], np.array([[UNSEEN]], np.int32), np.empty((1, 0)))
    place = encoder.names.index("x ÷ mean by g")
    assert np.isnan(encoder.transform(unseen).values[0, place])


def test_the_number_of_generated_features_is_bounded():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 12))
    y = np.sin(3 * x[:, :4] @ x[:, 4:8].T).sum(axis=1) + (x[:, :10] ** 2).prod(axis=1)
    encoder, _ = fit(numbers(x), y, "regression", 1)

    assert len(encoder.names) - 12 <= min(3 * 12, MAX_FEATURES)


def test_arithmetic_that_has_no_result_is_missing():
    left, right = np.array([[1.0, 0.0, 1e308, np.nan]]), np.array([[0.0, 0.0, 1e-10, 1.0]])

    assert np.isnan(combine(3, left, right)).all()
    assert np.isnan(combine(2, np.array([1e200]), np.array([1e200])))[0]
    assert combine(3, np.array([1.0]), np.array([4.0]))[0] == 0.25


def test_crossing_is_deterministic():
    columns, y = messy(300), np.random.default_rng(0).integers(0, 2, 300)
    first, a = fit(columns, y)
    second, b = fit(columns, y)

    assert first.digest() == second.digest()
    np.testing.assert_array_equal(a, b)
