"""What is measured: names, definitions, directions, and intervals over rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from candor.statistics import scaled_interval, standard_error
from explain.protocol import Floats

RESAMPLES = 200
"""Draws of rows behind an interval."""


@dataclass(frozen=True)
class Definition:
    """What a number means.

    Parameters
    ----------
    text : str
        In one sentence.
    better : {"higher", "lower"}
        Which way is better.
    """

    text: str
    better: Literal["higher", "lower"]


DEFINITIONS = {
    "deletion": Definition(
        "Columns are replaced by background values, those with the largest |value| first; mean "
        "change of the prediction on the way, less the same in random order, as a share of the "
        "change when all are replaced. 0: no better than random order.",
        "higher",
    ),
    "insertion": Definition(
        "The row's columns are put into background rows, those with the largest |value| first; "
        "mean distance to the prediction on the way in random order, less the same in this order, "
        "as a share of the distance at the start. 0: no better than random order.",
        "higher",
    ),
    "stability": Definition(
        "Rank correlation of the columns' importance between explanations with two disjoint "
        "halves of the background.",
        "higher",
    ),
    "disagreement": Definition(
        "Mean |difference| of single values between the two halves, as a share of their mean "
        "|value|; it falls with the square root of their size. The note says how large they were.",
        "lower",
    ),
    "sparsity": Definition(
        "Columns that carry 90 % of the sum of all mean |values|.",
        "lower",
    ),
    "row_sparsity": Definition(
        "Columns that carry 90 % of the sum of |values| of one row; the median row.",
        "lower",
    ),
    "sampling_error": Definition(
        "Mean standard error of estimated values as a share of the mean |value|; 0 where all are "
        "exact.",
        "lower",
    ),
    "background_error": Definition(
        "Mean standard error from the background being a sample, as a share of the mean |value|.",
        "lower",
    ),
    "additivity_gap": Definition(
        "Largest |base + sum of values - the model's own prediction|, in units of the scale.",
        "lower",
    ),
    "surrogate_fidelity": Definition(
        "R² of a tree with 8 leaves to the model's predictions, on rows that it was not fitted "
        "on.",
        "higher",
    ),
    "randomisation": Definition(
        "Rank correlation of the columns' importance with that of the same model refitted to "
        "permuted labels. Near 1: the explanation does not depend on what the model learned.",
        "lower",
    ),
}
"""Every measure by name, in the order in which the card shows them."""


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % interval; NaN where there is none.

    Parameters
    ----------
    value, low, high : float
    note : str
        Why it could not be measured, or on what it was.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def unmeasured(note: str) -> Measure:
    """Return a measure that could not be taken."""
    return Measure(math.nan, note=note)


def ratio(above: Floats, below: Floats) -> Measure:
    """Return the ratio of two means over rows with its interval, by the delta method."""
    whole = float(below.mean())
    if whole <= 0:
        return unmeasured("all predictions are the same")
    value = float(above.mean()) / whole
    error = standard_error((above - value * below) / whole)
    return Measure(value, *scaled_interval(value, error))


def resampled(statistic: Callable[[NDArray[np.int64]], float], n_rows: int, seed: int) -> Measure:
    """Return a statistic of row positions, with the percentiles of its bootstrap over rows."""
    rng = np.random.default_rng([seed, 0xB5])
    value = statistic(np.arange(n_rows))
    if n_rows < 2:
        return Measure(value)
    drawn = [statistic(rng.integers(n_rows, size=n_rows)) for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    return Measure(value, min(float(low), value), max(float(high), value))
