"""Curves of a score of two classes: ROC, precision and recall, lift; thinned for drawing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reporting.tally import Floats, Tally

POINTS = 300
"""Points of a curve at most; more cannot be told apart on a page."""

STEPS = 100
"""Shares of the rows at which lift is told."""


def roc(tally: Tally, confidence: float) -> pd.DataFrame:
    """Return the ROC curve: fpr, tpr, low, high (of tpr at this fpr), threshold, n.

    The band is pointwise: Wilson's interval of the rate of true positives, and how far the curve
    itself moves over Wilson's interval of the rate of false ones, put together as independent
    parts (Zou and Donner 2008). No kept point of the whole curve is farther than one 150th from
    the next.
    """
    tpr, fpr = tally.recall, tally.fall_out
    below, above = tpr.interval(confidence)
    left, right = fpr.interval(confidence)
    at_left, at_right = _lowest_at(fpr.value, tpr.value, left), _at(fpr.value, tpr.value, right)
    low = tpr.value - np.hypot(tpr.value - below, np.maximum(tpr.value - at_left, 0.0))
    high = tpr.value + np.hypot(above - tpr.value, np.maximum(at_right - tpr.value, 0.0))
    frame = pd.DataFrame(
        {
            "fpr": fpr.value,
            "tpr": tpr.value,
            "low": np.clip(low, 0.0, 1.0),
            "high": np.clip(high, 0.0, 1.0),
            "threshold": tally.score,
            "n": tally.rows,
        }
    )
    return frame.iloc[along(fpr.value + tpr.value)].reset_index(drop=True)


def precision_recall(tally: Tally, confidence: float) -> pd.DataFrame:
    """Return the curve of precision: recall, precision, low, high (Wilson), threshold, n."""
    precision = tally.precision
    low, high = precision.interval(confidence)
    frame = pd.DataFrame(
        {
            "recall": tally.recall.value,
            "precision": precision.value,
            "low": low,
            "high": high,
            "threshold": tally.score,
            "n": tally.rows,
        }
    ).iloc[1:]
    reached = frame["n"].to_numpy(dtype=np.float64)
    chosen = np.union1d(
        along(frame["recall"].to_numpy(), POINTS // 2), along(np.log(reached), POINTS // 2)
    )
    return frame.iloc[chosen].reset_index(drop=True)


def lift(tally: Tally, confidence: float) -> pd.DataFrame:
    """Return what the highest scores hold: share, gain, lift, each with low and high, and n.

    gain: the share of all positives among this share of the rows; lift: gain by share. Rows of
    one score are reached together, so between two scores the gain goes on in a straight line.
    """
    n_rows = int(tally.rows[-1])
    shares = np.arange(1, STEPS + 1) / STEPS
    shares = shares[shares * n_rows >= 1]
    selected, gained = tally.selected.value, tally.recall
    low, high = gained.interval(confidence)
    gain, least, most = (np.interp(shares, selected, part) for part in (gained.value, low, high))
    return pd.DataFrame(
        {
            "share": shares,
            "gain": gain,
            "gain_low": least,
            "gain_high": most,
            "lift": gain / shares,
            "lift_low": least / shares,
            "lift_high": most / shares,
            "n": np.round(shares * n_rows).astype(np.int64),
        }
    )


def along(position: Floats, points: int = POINTS) -> NDArray[np.int64]:
    """Choose entries of an ascending sequence that are evenly far apart, with both ends."""
    if len(position) <= points:
        return np.arange(len(position))
    wanted = np.linspace(position[0], position[-1], points - 1)
    places = np.searchsorted(position, wanted).clip(0, len(position) - 1)
    return np.unique(np.concatenate([[0], places, [len(position) - 1]]))


def apart(reached: NDArray[np.int64], rows: int) -> NDArray[np.bool_]:
    """Say which entries to keep so that neighbours differ in at least so many rows."""
    kept = np.zeros(len(reached), dtype=bool)
    previous = -rows
    for place, count in enumerate(reached):
        if count - previous >= rows:
            kept[place] = True
            previous = int(count)
    return kept


def _at(x: Floats, y: Floats, wanted: Floats) -> Floats:
    """Return the highest y of a step curve up to each x."""
    places = np.searchsorted(x, wanted, side="right") - 1
    found: Floats = y[places.clip(0)]
    return found


def _lowest_at(x: Floats, y: Floats, wanted: Floats) -> Floats:
    """Return the lowest y of a step curve from each x on."""
    places = np.searchsorted(x, wanted, side="left")
    found: Floats = y[places.clip(0, len(y) - 1)]
    return found


def thresholds(
    tally: Tally, scores: Floats, used: float, confidence: float, count: int = 50
) -> pd.DataFrame:
    """Return what every threshold of a sweep would do.

    Half of the thresholds are spread evenly over probabilities and half over the rows, rounded,
    so that rare classes have some too; the one in use is among them.

    Returns
    -------
    DataFrame
        Columns threshold, n (rows that are selected), tp, fp, tn, fn (weights that add up to the
        rows), and precision, recall, fpr, selection_rate, each with _low and _high (Wilson).
    """
    even = np.arange(1, 20) / 20
    spread = np.quantile(scores, np.linspace(0.0, 1.0, count - len(even) + 1)[1:-1])
    sweep = np.union1d(np.append(even, used), np.round(spread, 3))
    sweep = sweep[(sweep > 0) & (sweep < 1) | (sweep == used)]
    at = tally.reached_by(sweep)
    tp, fp = tally.hits[at], tally.false[at]
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        "threshold": sweep,
        "n": tally.rows[at],
        "tp": tp,
        "fp": fp,
        "tn": np.maximum(tally.false[-1] - fp, 0.0),
        "fn": np.maximum(tally.hits[-1] - tp, 0.0),
    }
    rates = {
        "precision": tally.precision,
        "recall": tally.recall,
        "fpr": tally.fall_out,
        "selection_rate": tally.selected,
    }
    for name, rate in rates.items():
        low, high = rate.interval(confidence)
        columns |= {name: rate.value[at], f"{name}_low": low[at], f"{name}_high": high[at]}
    return pd.DataFrame(columns)
