"""Consistency against its definition, neighbour by neighbour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.rows import consistency


def test_it_is_zemels_formula() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    said = rng.random(120) < 0.4
    frame = pd.DataFrame(x, columns=list("abc"))
    found = consistency(frame, said, n_neighbors=4)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    apart = ((z[:, None] - z[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :4]
    terms = np.abs(said - said[near].mean(axis=1))
    assert found.value == pytest.approx(1 - terms.mean())
    error = terms.std(ddof=1) / np.sqrt(120)
    assert found.high - found.value == pytest.approx(1.980100 * error, rel=1e-5)
    assert (found.n, found.rows, found.n_neighbors, found.scale) == (120, 120, 4, 1.0)


def test_labels_of_any_kind_and_libraries_agree() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=80), "level": rng.choice(list("abc"), 80)})
    said = rng.random(80) < 0.5
    values = {
        consistency(frame, said).value,
        consistency(frame, said.astype(int)).value,
        consistency(frame, np.where(said, 1, 2)).value,
        consistency(frame, np.where(said, "yes", "no")).value,
        consistency(pl.from_pandas(frame), pl.Series(said)).value,
    }
    assert len(values) == 1


def test_many_labels_count_neighbours_with_another_one() -> None:
    frame = pd.DataFrame({"x": np.repeat([0.0, 10.0, 20.0], 6)})
    same = np.repeat(["a", "b", "c"], 6)
    assert consistency(frame, same).value == 1
    mixed = same.copy()
    mixed[0] = "c"
    # that row differs from all 5 neighbours, and they from it in one of 5
    assert consistency(frame, mixed).value == pytest.approx(1 - (1 + 5 / 5) / 18)


def test_numbers_are_divided_by_their_range() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=100)})
    said = rng.normal(size=100)
    found = consistency(frame, said)
    assert found.scale == pytest.approx(np.ptp(said))
    assert consistency(frame, 1000 * said - 7).value == pytest.approx(found.value)
    shares = consistency(frame, rng.random(100))
    assert shares.scale == 1


def test_a_sample_is_seeded_and_stated() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=500)})
    said = rng.random(500) < 0.5
    first, same, other = (consistency(frame, said, max_rows=200, seed=s) for s in (0, 0, 1))
    assert first == same
    assert first != other
    assert (first.n, first.rows) == (200, 500)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(index=range(50)),
        pd.DataFrame({"constant": [1.0] * 50, "gone": [None] * 50, "lists": [[1]] * 50}),
    ],
    ids=["no columns", "nothing usable"],
)
def test_without_usable_columns_nothing_is_said(frame: pd.DataFrame) -> None:
    found = consistency(frame, [0, 1] * 25)
    assert np.isnan([found.value, found.low, found.high]).all()


def test_too_few_rows_for_the_neighbours() -> None:
    assert np.isnan(consistency(pd.DataFrame({"x": [1, 2, 3]}), [0, 1, 0]).value)


def test_missing_values_and_duplicates_are_no_obstacle() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan] * 30, "level": [None, "a"] * 30})
    assert consistency(frame, [0, 1] * 30).value == 1


def test_wrong_arguments_say_so() -> None:
    frame = pd.DataFrame({"x": [1.0] * 10})
    with pytest.raises(ArgumentError, match="n_neighbors must be at least 1"):
        consistency(frame, [0] * 10, n_neighbors=0)
    with pytest.raises(ArgumentError, match="differ in length"):
        consistency(frame, [0] * 9)
    with pytest.raises(ArgumentError, match="y_pred has missing values"):
        consistency(frame, [0, None] * 5)
    with pytest.raises(ArgumentTypeError, match="features has to be a frame"):
        consistency(np.zeros((10, 2)), [0] * 10)
