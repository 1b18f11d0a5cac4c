"""Calibration: outcomes by bin of predictions, and how far they are apart beyond noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reporting.tally import Floats, Share, divide

BINS = 10
"""Bins of the curve."""

ERROR_BINS = 15
"""Bins of the calibration error."""


def calibration_curve(
    y: NDArray[Any], p: Floats, weight: Floats, confidence: float, n_bins: int = BINS
) -> pd.DataFrame:
    """Return outcomes by bin of predictions.

    Bins hold equally many rows; equal predictions are never split.

    Returns
    -------
    DataFrame
        Columns predicted (mean), observed (share), low, high (Wilson), error (standard error of
        observed minus predicted), weight, n.
    """
    edges = np.unique(np.quantile(p, np.arange(1, n_bins) / n_bins)) if len(p) else np.zeros(0)
    _, place = np.unique(np.searchsorted(edges, p, side="right"), return_inverse=True)
    count = int(place.max(initial=-1)) + 1

    def summed(part: Floats) -> Floats:
        return np.bincount(place, weights=part, minlength=count).astype(np.float64)

    mass = summed(weight)
    observed = Share.of(summed(weight * y), mass, summed(weight**2))
    low, high = observed.interval(confidence)
    gap = divide(summed(weight * (y - p)), mass)
    spread = divide(summed(weight**2 * (y - p - gap[place]) ** 2), mass**2)
    correction = divide(observed.rows, observed.rows - 1)
    return pd.DataFrame(
        {
            "predicted": divide(summed(weight * p), mass),
            "observed": observed.value,
            "low": low,
            "high": high,
            "error": np.sqrt(spread * correction),
            "weight": mass,
            "n": np.bincount(place, minlength=count),
        }
    )


def calibration_error(
    y: NDArray[Any], p: Floats, weight: Floats, confidence: float
) -> tuple[float, float, float]:
    """Return the calibration error with its interval.

    The root of the mean squared gap between outcomes and predictions over 15 bins of equally many
    rows, less what chance alone puts there (Kumar, Liang and Ma 2019, "Verified uncertainty
    calibration"); 0 where chance explains all of it. The mean squared gap is a multiple of a
    noncentral chi-square variable (scale and degrees of freedom by Satterthwaite's moments); the
    interval holds the noncentralities that do not make it too large or too small.
    """
    bins = calibration_curve(y, p, weight, confidence, ERROR_BINS)
    bins = bins[bins["error"] > 0]
    if bins.empty:
        return math.nan, math.nan, math.nan
    share = bins["weight"].to_numpy() / float(bins["weight"].sum())
    noise = bins["error"].to_numpy() ** 2
    square = float(share @ (bins["observed"] - bins["predicted"]).to_numpy() ** 2)
    value = max(square - float(share @ noise), 0.0)
    scale = float(share**2 @ noise**2) / float(share @ noise)
    degrees = float(share @ noise) / scale
    tail = (1 - confidence) / 2
    low = scale * _noncentrality(square / scale, degrees, 1 - tail)
    # Gaps smaller than chance makes them say no more than gaps as large as that.
    high = scale * _noncentrality(max(square / scale, degrees), degrees, tail)
    return math.sqrt(value), math.sqrt(min(low, value)), math.sqrt(max(high, value))


def _noncentrality(x: float, degrees: float, probability: float) -> float:
    """Return the noncentrality at which so much of a chi-square variable lies below x."""
    from scipy.special import chndtr, chndtrinc

    if float(chndtr(x, degrees, 0.0)) <= probability:
        return 0.0
    return float(chndtrinc(x, degrees, probability))
