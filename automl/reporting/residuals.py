"""Residuals of predicted values: point by point, and by tenths of the predictions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reporting.tally import Floats
from candor.statistics import scaled_interval, standard_error

POINTS = 300
TENTHS = 10
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def points(y: NDArray[Any], predicted: Floats) -> pd.DataFrame:
    """Return a thinned cloud: predicted, actual, residual (actual minus predicted).

    Rows are taken evenly in the order of the predictions, and beside them the largest residuals
    of both signs, which a reader looks for.
    """
    residual = y - predicted
    if len(y) > POINTS:
        order = np.argsort(predicted, kind="stable")
        even = order[np.linspace(0, len(order) - 1, POINTS - 20).astype(np.int64)]
        extreme = np.argsort(residual, kind="stable")[[*range(10), *range(-10, 0)]]
        kept = np.union1d(even, extreme)
    else:
        kept = np.arange(len(y))
    return pd.DataFrame(
        {"predicted": predicted[kept], "actual": y[kept], "residual": residual[kept]}
    )


def by_tenths(
    y: NDArray[Any], predicted: Floats, weight: Floats, confidence: float
) -> pd.DataFrame:
    """Return how residuals lie in each tenth of the predictions.

    Returns
    -------
    DataFrame
        Columns tenth (from 1), n, predicted, actual (means), low, high (interval of the mean of
        actual), and quantiles of the residual: q05, q25, q50, q75, q95.
    """
    edges = np.unique(np.quantile(predicted, np.arange(1, TENTHS) / TENTHS))
    place = np.searchsorted(edges, predicted, side="right")
    rows = []
    for number, tenth in enumerate(np.unique(place), 1):
        inside = place == tenth
        true, said, mass = y[inside].astype(np.float64), predicted[inside], weight[inside]
        if not float(mass.sum()) > 0:
            continue
        mean = float(np.average(true, weights=mass))
        low, high = scaled_interval(mean, standard_error(true - mean, mass), confidence)
        spread = weighted_quantiles(true - said, mass, np.array(QUANTILES))
        rows.append(
            {
                "tenth": number,
                "n": int(inside.sum()),
                "predicted": float(np.average(said, weights=mass)),
                "actual": mean,
                "low": low,
                "high": high,
                **{f"q{round(100 * q):02d}": s for q, s in zip(QUANTILES, spread, strict=True)},
            }
        )
    return pd.DataFrame(rows)


def weighted_quantiles(values: Floats, weight: Floats, shares: Floats) -> Floats:
    """Return the smallest values below or at which these shares of the weight lie."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order])
    places = np.searchsorted(below, shares * below[-1] * (1 - 1e-12), side="left")
    found: Floats = values[order][places.clip(0, len(values) - 1)]
    return found


def median_error(
    y: NDArray[Any], predicted: Floats, weight: Floats, confidence: float
) -> tuple[float, float, float]:
    """Return the median absolute error, with an interval between order statistics (Woodruff)."""
    from automl.reporting.tally import critical_value

    errors = np.abs(y - predicted)
    rows = float(weight.sum()) ** 2 / float(np.square(weight).sum())
    half = critical_value(confidence) * math.sqrt(0.25 / rows)
    shares = np.clip(np.array([0.5, 0.5 - half, 0.5 + half]), 0.0, 1.0)
    value, low, high = weighted_quantiles(errors, weight, shares)
    return float(value), float(low), float(high)
