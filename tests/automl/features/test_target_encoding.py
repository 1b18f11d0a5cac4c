"""Target encoding against the formula, and that no row sees its own target."""

from __future__ import annotations

import numpy as np
import pytest
from feature_tables import ENCODINGS, coded, dense, messy, target
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from automl.features import Encoder, Encoding
from automl.features.targets import N_FOLDS, SMOOTHING, encode_targets, make_targets


def brute_force(index, values, weight, rows, level):
    """Compute the smoothed deviation of a level from the given rows, one by one."""
    if not rows:
        return 0.0
    total = sum(weight[r] for r in rows)
    prior = sum(weight[r] * values[r] for r in rows) / total if total else 0.0
    inside = [r for r in rows if index[r] == level]
    excess = sum(weight[r] * (values[r] - prior) for r in inside)
    return excess / (sum(weight[r] for r in inside) + SMOOTHING)


@given(data=st.data(), n_rows=st.integers(1, 25), n_levels=st.integers(1, 5))
def test_formula(data, n_rows, n_levels):
    draw = data.draw
    index = np.array(
        draw(st.lists(st.integers(0, n_levels - 1), min_size=n_rows, max_size=n_rows))
    )
    y = np.array(draw(st.lists(st.floats(-9, 9), min_size=n_rows, max_size=n_rows)))
    raw = np.array(draw(st.lists(st.integers(0, 3), min_size=n_rows, max_size=n_rows)), float)
    targets = make_targets(y, raw, "regression", 1, seed=3)
    table, own = encode_targets(index, n_levels, targets)

    weight = raw * np.count_nonzero(raw) / raw.sum() if raw.sum() else raw
    np.testing.assert_allclose(targets.weight, weight)
    everyone = list(range(n_rows))
    for level in range(n_levels):
        expected = brute_force(index, y, weight, everyone, level)
        np.testing.assert_allclose(table[level, 0], expected, atol=1e-9)
    for r in everyone:
        others = [s for s in everyone if targets.folds[s] != targets.folds[r]]
        expected = brute_force(index, y, weight, others, index[r])
        np.testing.assert_allclose(own[r, 0], expected, atol=1e-9)


def test_multiclass_has_a_component_for_each_class_and_ten_at_most():
    y = np.repeat(np.arange(14), np.arange(14, 0, -1))
    targets = make_targets(y, None, "multiclass", 14, seed=0)

    assert targets.labels == tuple("0123456789")
    np.testing.assert_array_equal(targets.values[:, 3], y == 3)
    assert make_targets(y % 3, None, "multiclass", 3, seed=0).values.shape[1] == 3


def test_folds_are_of_equal_size_and_do_not_depend_on_the_target():
    a = make_targets(np.zeros(53), None, "regression", 1, seed=0).folds
    b = make_targets(np.arange(53.0), None, "regression", 1, seed=0).folds

    np.testing.assert_array_equal(a, b)
    assert set(np.bincount(a)) == {10, 11}
    assert len(np.bincount(a)) == N_FOLDS


PLAIN = [e for e in ENCODINGS if not e.crosses]
TARGETED = [("binary", 2), ("multiclass", 4), ("regression", 1)]


@pytest.mark.parametrize("encoding", PLAIN, ids=str)
@pytest.mark.parametrize(("task", "n_classes"), TARGETED)
def test_changing_the_target_of_a_row_never_changes_its_own_features(encoding, task, n_classes):
    columns, y = messy(90), target(task, n_classes, 90)
    full = columns.take(np.arange(90))
    full = type(full)(
        full.layout.__class__(*(v for k, v in vars(full.layout).items() if k != "texts")),
        full.numeric,
        full.codes,
        full.times,
    )
    before = dense(Encoder(encoding, task=task, n_classes=n_classes).fit_transform(full, y))
    for row in range(0, 90, 7):
        changed = y.copy()
        changed[row] = y[row] * 3 + 1 if task == "regression" else (y[row] + 1) % n_classes
        encoder = Encoder(encoding, task=task, n_classes=n_classes)
        after = dense(encoder.fit_transform(full, changed))
        np.testing.assert_array_equal(after[row], before[row])
        if any(" target" in name for name in encoder.names):
            assert not np.array_equal(after, before, equal_nan=True)


@pytest.mark.parametrize(
    "encoding", [Encoding(), Encoding("ordinal"), Encoding("onehot")], ids=str
)
@pytest.mark.parametrize("n_levels", [40, 300, 1500])
def test_random_levels_say_nothing_about_random_labels(encoding, n_levels):
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, n_levels, 4000), rng.integers(0, 2, 4000)
    encoder = Encoder(encoding, task="binary", n_classes=2)
    own = dense(encoder.fit_transform(coded(codes, n_levels), y))
    naive = dense(encoder.transform(coded(codes, n_levels)))
    column = encoder.names.index("c target")

    assert abs(roc_auc_score(y, own[:, column]) - 0.5) < 0.05
    assert roc_auc_score(y, naive[:, column]) > 0.55


def test_a_telling_column_keeps_its_signal():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 300, 6000)
    y = (rng.random(6000) < rng.random(300)[codes]).astype(np.int64)
    encoder = Encoder(Encoding(), task="binary", n_classes=2)
    own = dense(encoder.fit_transform(coded(codes, 300), y))

    assert roc_auc_score(y, own[:, 0]) > 0.75


def test_weights_count_rows():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, 30, 200), rng.normal(size=200)
    weight = rng.integers(1, 4, 200)
    repeated = np.repeat(np.arange(200), weight)
    weighted = make_targets(y, weight.astype(float), "regression", 1, seed=0)
    single = make_targets(y[repeated], None, "regression", 1, seed=0)
    table, _ = encode_targets(codes, 30, weighted)
    expected, _ = encode_targets(codes[repeated], 30, single)
    # Weights have mean 1, so the prior weighs as much against 200 rows as without weights.
    mass = np.bincount(codes, weight, 30)
    scale = 200 / weight.sum()
    unshrunk = expected[:, 0] * (mass + SMOOTHING)

    np.testing.assert_allclose(table[:, 0], unshrunk * scale / (mass * scale + SMOOTHING))


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_the_unit_of_weights_does_not_matter(encoding):
    columns, y = messy(100), target("binary", 2, 100)
    weight = np.random.default_rng(0).random(100) + 0.5
    one, other = (
        dense(Encoder(encoding, task="binary", n_classes=2).fit_transform(columns, y, w))
        for w in (weight, weight * 1024)
    )

    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_rows_of_weight_zero_do_not_count():
    codes, y = np.arange(60) % 6, np.arange(60.0) ** 2
    weight = (np.arange(60) < 40).astype(float)
    table, _ = encode_targets(codes, 6, make_targets(y, weight, "regression", 1, seed=0))
    expected, _ = encode_targets(
        codes[:40], 6, make_targets(y[:40], None, "regression", 1, seed=0)
    )

    np.testing.assert_allclose(table, expected)
