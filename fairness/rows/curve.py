"""Metrics along a numeric attribute, without a threshold that cuts it into groups."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import RawColumn
from fairness.errors import ArgumentError
from fairness.inference.values import SMALLEST, State
from fairness.metrics import Estimates, estimates
from fairness.rows.reading import Codes
from fairness.rows.smoothing import smooth
from fairness.rows.trends import Trend, find_trend
from fairness.table.inputs import read_column
from fairness.table.outcomes import TaskArgument
from fairness.table.values import Attribute, Floats

if TYPE_CHECKING:
    from fairness.table import CountTable

CURVE_METRICS = (
    "selection_rate",
    "tpr",
    "fpr",
    "accuracy",
    "base_rate",
    "mean_score",
    "mae",
    "bias",
    "mean_prediction",
)
"""Metrics that are drawn along an attribute, where the table tells them."""

MOST_BINS = 40
FEWEST_ROWS = 50
"""Most bins, and fewest rows in each."""

COLUMNS = (
    "attribute",
    "low_edge",
    "high_edge",
    "position",
    "n",
    "metric",
    "value",
    "low",
    "high",
    "raw",
    "denominator",
    "bandwidth",
    "state",
)


def fine_table(
    name: str,
    values: Any,
    y_true: Any,
    y_pred: Any = None,
    *,
    y_score: Any = None,
    weight: Any = None,
    positive: Any = None,
    threshold: float | None = None,
    task: TaskArgument = "auto",
) -> CountTable | None:
    """Count rows in fine bins of a numeric attribute.

    Parameters
    ----------
    name : str
        Name of the attribute.
    values : array_like of float, shape (n_rows,)
        The attribute, such as ages.
    y_true : array_like, shape (n_rows,)
        True outcomes.
    y_pred : array_like, shape (n_rows,), optional
        Predictions.
    y_score : array_like, shape (n_rows,), optional
        Scores.
    weight : array_like, shape (n_rows,), optional
        Row weights.
    positive : label, optional
        The positive label.
    threshold : float, optional
        Scores from here on are predicted positive.
    task : {"auto", "binary", "multiclass", "regression"}, default "auto"
        What is predicted. All of these are as for `CountTable.from_rows`.

    Returns
    -------
    CountTable or None
        Up to 40 bins with at least 50 rows each, as equal in rows as ties allow, from the smallest
        value to the largest; cut points lie half-way between values. None where there would not
        be three bins.

    Raises
    ------
    ArgumentError
        The attribute holds no numbers, or rows cannot be counted.

    Examples
    --------
    >>> table = fine_table("age", np.arange(1000) % 60 + 18, np.arange(1000) % 2)
    >>> table.attributes[0].name
    'age'
    >>> fine_table("age", [20, 30], [0, 1]) is None
    True
    """
    from fairness.table import CountTable

    raw = read_column(values, f"the sensitive column {name!r}")
    if raw.kind not in ("number", "boolean"):
        raise ArgumentError(f"a curve along {name!r} needs numbers", got=f"it holds {raw.kind}")
    edges = _fine_edges(raw)
    if edges is None:
        return None
    return CountTable.from_rows(
        y_true,
        y_pred,
        y_score=y_score,
        sensitive={name: values},
        weight=weight,
        positive=positive,
        threshold=threshold,
        task=task,
        edges={name: edges},
    )


def curve_frame(
    table: CountTable, confidence: float = 0.95, tolerance: float = 0.1
) -> pd.DataFrame:
    """Return metrics along each binned attribute of a table, smoothed.

    Parameters
    ----------
    table : CountTable
        Counts in fine bins, as `fine_table` makes them.
    confidence : float, default 0.95
        Of the interval at each point by itself.
    tolerance : float, default 0.1
        An interval that is wider makes a rate "weak".

    Returns
    -------
    DataFrame
        A row for each metric and bin: `attribute`, `low_edge`, `high_edge`, `position` (the middle
        of the bin), `n`, `metric`, `value`, `low`, `high` (smoothed), `raw` (of the bin alone),
        `denominator` (its rows), `bandwidth` (half-width of the kernel, as a share of the rows),
        `state`: "undefined" without rows in reach, "not estimable" with fewer than 30 of them in
        the denominator, "weak" where the interval of a rate is wider than the tolerance, else
        "estimable".

    Notes
    -----
    Local-linear regression (Fan and Gijbels 1996) of the bins' values on the share of rows below
    them, with Epanechnikov's kernel, weighted by effective rows in the denominator; the bandwidth
    is 0.7 of the one with the smallest leave-one-out error, so that the bias where the curve bends
    is small beside the error. Intervals are point by point and take the bandwidth as given.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> age = rng.integers(20, 70, 4000)
    >>> said = rng.random(4000) < age / 100
    >>> table = fine_table("age", age, said, said)
    >>> frame = curve_frame(table).query("metric == 'selection_rate'")
    >>> bool(frame["value"].iloc[-1] > frame["value"].iloc[0] + 0.3)
    True
    """
    frames = []
    for attribute in table.attributes:
        bins = _inner_bins(attribute)
        if not bins:
            continue
        counts = table.groups((attribute.name,))
        present = {group: place for place, group in enumerate(counts.groups)}
        kept = [index for index in bins if attribute.groups[index] in present]
        rows = np.array([present[attribute.groups[index]] for index in kept], np.int64)
        frames += [
            _smoothed(attribute, np.array(kept), rows, one, confidence, tolerance)
            for name, one in estimates(counts).items()
            if name in CURVE_METRICS and len(rows)
        ]
    if not frames:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(frames, ignore_index=True)


def trend(table: CountTable, confidence: float = 0.95) -> pd.DataFrame:
    """Return how metrics go along with each binned attribute, as one number without a threshold.

    Parameters
    ----------
    table : CountTable
        Counts in fine bins, as `fine_table` makes them.
    confidence : float, default 0.95
        Of each interval by itself.

    Returns
    -------
    DataFrame
        Columns `attribute`, `metric`, `value`, `low`, `high`, `n`. Of two random rows in different
        bins, `value` is how much larger the metric of the one with the larger attribute is: for a
        selection rate of two ages, the chance that the older is selected and the younger is not
        minus the chance of the reverse. NaN where nothing is left to compare.

    Notes
    -----
    For rates this is Somers' (1962) D of the prediction given the attribute, among the rows of the
    metric's denominator; for means the same with differences in place of signs. Rows in one bin
    count as ties. The standard error is by linearisation (Goodman and Kruskal 1972).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> age = rng.integers(20, 70, 4000)
    >>> said = rng.random(4000) < age / 100
    >>> found = trend(fine_table("age", age, said, said)).set_index("metric")
    >>> bool(0.1 < found.loc["selection_rate", "low"] < found.loc["selection_rate", "high"] < 0.25)
    True
    """
    rows = []
    for attribute in table.attributes:
        bins = _inner_bins(attribute)
        if not bins:
            continue
        counts = table.groups((attribute.name,))
        inner = {attribute.groups[index] for index in bins}
        kept = np.array([group in inner for group in counts.groups])
        rows += [
            _trend_row(attribute.name, name, find_trend(counts, name, kept), confidence, one, kept)
            for name, one in estimates(counts).items()
            if name in CURVE_METRICS
        ]
    return pd.DataFrame(rows, columns=["attribute", "metric", "value", "low", "high", "n"])


def _fine_edges(raw: RawColumn) -> tuple[float, ...] | None:
    """Cut the values so that bins are as equal in rows as ties allow."""
    values = raw.values.astype(np.float64)
    values = np.sort(values[np.isfinite(values)])
    n_bins = min(MOST_BINS, len(values) // FEWEST_ROWS)
    if n_bins < 3:
        return None
    wanted = values[(np.arange(1, n_bins) * len(values)) // n_bins]
    starts = np.unique(np.searchsorted(values, wanted, side="left"))
    cuts = _merge_small(starts.tolist(), len(values))
    if len(cuts) < 2:
        return None
    inner = [float(values[cut - 1] + (values[cut] - values[cut - 1]) / 2) for cut in cuts]
    whole = bool((values == np.round(values)).all()) and abs(values).max() < 2**52
    first, last = float(values[0]), float(values[-1])
    ends = (first - 0.5, last + 0.5) if whole else (first, float(np.nextafter(last, np.inf)))
    edges = (ends[0], *inner, ends[1])
    return edges if all(a < b for a, b in pairwise(edges)) else None


def _merge_small(starts: list[int], n_rows: int) -> list[int]:
    """Drop cuts that would leave a bin with too few rows."""
    kept: list[int] = []
    for start in starts:
        if start - (kept[-1] if kept else 0) >= FEWEST_ROWS:
            kept.append(start)
    while kept and n_rows - kept[-1] < FEWEST_ROWS:
        kept.pop()
    return kept


def _inner_bins(attribute: Attribute) -> list[int]:
    """Return the bins that have a cut point on either side."""
    return list(range(1, len(attribute.edges)))


def _smoothed(
    attribute: Attribute,
    bins: Codes,
    rows: Codes,
    one: Estimates,
    confidence: float,
    tolerance: float,
) -> pd.DataFrame:
    """Smooth one metric along the bins."""
    from scipy.special import ndtri

    n = one.n[rows]
    place = (np.cumsum(n) - n / 2) / n.sum()
    weight = np.where(np.isfinite(one.value[rows]), one.effective[rows], 0.0)
    raw = one.value[rows]
    curve = smooth(place, raw, weight)
    variance = _variances(one, rows, curve.value, weight)
    half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(curve.operator**2 @ variance)
    low, high = one.metric.range
    edges = np.array(attribute.edges)
    lower, upper = edges[bins - 1], edges[bins]
    reach = (curve.operator != 0) @ one.denominator[rows]
    wide = 2 * half > tolerance if one.metric.kind == "proportion" else np.zeros(len(n), bool)
    return pd.DataFrame(
        {
            "attribute": attribute.name,
            "low_edge": lower,
            "high_edge": upper,
            "position": lower + (upper - lower) / 2,
            "n": n,
            "metric": one.metric.name,
            "value": np.clip(curve.value, low, high),
            "low": np.clip(curve.value - half, low, high),
            "high": np.clip(curve.value + half, low, high),
            "raw": raw,
            "denominator": one.denominator[rows],
            "bandwidth": curve.bandwidth,
            "state": _states(curve.value, reach, wide),
        },
        columns=list(COLUMNS),
    )


def _states(value: Floats, reach: Codes, wide: NDArray[np.bool_]) -> list[State]:
    """Say of each point how far it can be relied on."""
    states = np.select(
        [np.isnan(value), reach < SMALLEST, wide],
        ["undefined", "not estimable", "weak"],
        default="estimable",
    )
    return cast("list[State]", states.tolist())


def _variances(one: Estimates, rows: Codes, curve: Floats, weight: Floats) -> Floats:
    """Return each bin's variance; of a share at the smoothed value, where it cannot be 0 or 1."""
    if one.metric.kind == "proportion":
        inside = np.clip(np.nan_to_num(curve, nan=0.5), 0.0, 1.0)
        spread = np.maximum(inside * (1 - inside), 1 / np.maximum(weight.sum(), 4.0))
        return np.where(weight > 0, spread / np.where(weight > 0, weight, 1.0), 0.0)
    return np.where(weight > 0, np.nan_to_num(one.error[rows]) ** 2, 0.0)


def _trend_row(
    attribute: str,
    metric: str,
    found: Trend,
    confidence: float,
    one: Estimates,
    kept: NDArray[np.bool_],
) -> list[object]:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + confidence / 2)) * found.error
    low, high = found.value - half, found.value + half
    if one.metric.kind == "proportion":
        low, high = max(low, -1.0), min(high, 1.0)
    return [attribute, metric, found.value, low, high, int(one.denominator[kept].sum())]
