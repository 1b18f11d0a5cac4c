"""Scaling, imputation and dates against oracles."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from feature_tables import dense, numbers
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import QuantileTransformer

from automl.features import Encoder, Encoding
from automl.features.dates import PARTS, fit_dates
from automl.features.numbers import fit_numbers, merges_in_float32
from automl.table.columns import Columns, Layout


def scaled(values, method, rows=None):
    piece = fit_numbers(values, method, impute=True, seed=0)
    rows = values if rows is None else rows
    out = np.empty((len(rows), piece.width))
    piece.write(rows, out)
    return out


@pytest.mark.parametrize("draw", ["normal", "lognormal", "integers"])
def test_quantile_scaling_is_close_to_scikit_learn(draw):
    rng = np.random.default_rng(0)
    column = {
        "normal": rng.normal(size=5000),
        "lognormal": np.exp(2 * rng.normal(size=5000)),
        "integers": rng.integers(0, 9, 5000).astype(float),
    }[draw][:, None]
    oracle = QuantileTransformer(n_quantiles=256, output_distribution="normal")
    expected = oracle.fit_transform(column)
    # The tails are cut at 3.1, not 5.2, and end values that repeat get their mid-rank.
    inner = np.abs(expected) < 2

    assert np.abs(scaled(column, "quantile") - expected)[inner].max() < 0.02
    assert inner.mean() > 0.7


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=60, unique=True))
def test_quantile_scaling_keeps_order_and_limits(values):
    column = np.sort(np.array(values))[:, None]
    result = scaled(column, "quantile", np.vstack([[[-1e9]], column, [[1e9]]]))[:, 0]

    assert (np.diff(result) >= -1e-12).all()  # an interpolation rounds
    assert np.abs(result).max() < 3.1


def test_standard_scaling_of_plain_numbers():
    column = np.arange(11.0)[:, None]
    result = scaled(column, "standard")[:, 0]

    assert abs(result.mean()) < 1e-9
    assert abs(result.std() - 1) < 0.01


def test_standard_scaling_limits_outliers():
    rng = np.random.default_rng(0)
    column = rng.normal(size=(5000, 1))
    column[:3] = 1e12
    result = scaled(column, "standard")[:, 0]

    assert np.abs(result).max() <= 6
    assert 0.9 < result[3:].std() < 1.1


@pytest.mark.parametrize("method", ["raw", "standard", "quantile"])
def test_missing_numbers_get_the_median_and_a_flag(method):
    column = np.array([1.0, 2.0, 4.0, 9.0, np.nan])[:, None]
    result = scaled(column, method)
    middle = scaled(column, method, np.array([[3.0]]))

    np.testing.assert_allclose(result[4], [middle[0, 0], 1])
    np.testing.assert_array_equal(result[:4, 1], 0)


def test_a_column_that_is_only_sometimes_missing_keeps_its_flag():
    encoder = Encoder(Encoding("onehot"), task="regression", n_classes=1)
    column = np.array([5.0, np.nan, 5.0, np.nan])[:, None]
    encoded = encoder.fit_transform(numbers(column), np.arange(4.0))

    assert encoder.names == ("x0 missing",)
    np.testing.assert_array_equal(dense(encoded)[:, 0], [0, 1, 0, 1])


@pytest.mark.parametrize("kind", ["native", "onehot"])
def test_equal_gaps_are_flagged_once(kind):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 5))
    x[:10, :3] = np.nan
    x[20:, 3] = np.nan
    x[10:, 1] = 1.0
    encoder = Encoder(Encoding(kind), task="regression", n_classes=1)
    encoder.fit_transform(numbers(x), np.arange(50.0))

    values = ("x0", "x2", "x3", "x4")
    flags = ("x0 missing", "x3 missing")
    assert encoder.names == (values + flags if kind == "onehot" else values)


def test_numbers_that_float32_merges():
    assert merges_in_float32(np.array([[16_777_216.0], [16_777_217.0]]), seed=0)
    assert not merges_in_float32(np.array([[16_777_216.0], [16_777_218.0], [np.nan]]), seed=0)
    assert not merges_in_float32(np.array([[0.1], [0.1]]), seed=0)


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)))
def test_date_parts_are_those_of_the_calendar(moment):
    moment = moment.replace(microsecond=0)
    seconds = moment.replace(tzinfo=datetime.UTC).timestamp()
    piece = fit_dates(np.array([[seconds - 86_400.0]]), cyclic=False)
    parts = dict(zip(PARTS, piece.values(np.array([[seconds]]))[0], strict=True))

    assert parts == {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "weekday": moment.weekday(),
        "day of year": moment.timetuple().tm_yday,
        "hour": (moment.hour * 3600 + moment.minute * 60 + moment.second) / 3600,
        "elapsed days": 1.0,
    }


def test_date_features_by_name():
    day = 86_400.0
    times = np.column_stack([np.arange(6) * day, np.arange(6) * 3 * day + 3600])
    times[2, 0] = np.nan
    none = np.empty((6, 0))
    columns = Columns(Layout(times=("a", "b")), none, none.astype(np.int32), times)
    encoder = Encoder(Encoding(), task="regression", n_classes=1)
    values = dense(encoder.fit_transform(columns, np.arange(6.0)))
    by_name = dict(zip(encoder.names, values.T, strict=True))

    assert "a year" not in by_name
    assert "a hour" not in by_name
    np.testing.assert_array_equal(by_name["a elapsed days"], [0, 1, np.nan, 3, 4, 5])
    np.testing.assert_allclose(by_name["b - a days"], 2 * np.arange(6) + 1 / 24 + times[:, 0] * 0)
    assert encoder.sources[encoder.names.index("b - a days")] == "a\x1fb"


def test_cyclic_parts_are_only_for_scaled_encodings():
    times = np.linspace(0, 3e8, 50)[:, None]
    none = np.empty((50, 0))
    columns = Columns(Layout(times=("t",)), none, none.astype(np.int32), times)
    names = {}
    for kind in ("native", "onehot"):
        encoder = Encoder(Encoding(kind), task="regression", n_classes=1)
        encoder.fit_transform(columns, np.arange(50.0))
        names[kind] = encoder.names

    assert "t month sin" in names["onehot"]
    assert "t month sin" not in names["native"]


def test_tiny_and_huge_numbers_have_finite_ranks():
    rng = np.random.default_rng(0)
    tiny = 1e-310 * rng.normal(size=60)
    huge = rng.choice([-1e30, 1e30], size=60)
    mixed = np.where(np.arange(60) % 2, tiny, 1.0)
    values = np.column_stack([tiny, huge, mixed])
    for method in ("quantile", "standard"):
        assert np.isfinite(scaled(values, method)).all()
        assert np.isfinite(scaled(values, method, np.array([[5e-324, 0.0, -1e30]]))).all()
