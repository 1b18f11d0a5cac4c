"""Bootstrap replicates of metrics, drawn from the cells alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.metrics.binning import merged
from fairness.metrics.cells import Floats, Ratios, divide, ratios_of
from fairness.metrics.choose import metrics_of, resolve
from fairness.metrics.ranking import auc
from fairness.metrics.values import Metric
from fairness.table.values import GroupCounts, Histogram

MOST_BINS = 256
"""Bins that scores are merged into before AUC is resampled."""

_CHUNK = 4_000_000
"""Numbers drawn at once: bounds the memory."""


@dataclass(frozen=True)
class Replicates:
    """Metrics in resampled tables.

    Never form a percentile interval of a largest minus a smallest value from these: it covers the
    truth 0 to 4 % of the time where groups do not differ, for resampling adds spread that the
    estimate's own extremes already hold.

    Parameters
    ----------
    metrics : tuple of str
        Names of the metrics.
    groups : tuple of str
        Names of the groups.
    values : ndarray of float64, shape (n_replicates, n_groups, n_metrics)
        The metrics in each replicate; NaN where a denominator came out as 0.

    Examples
    --------
    >>> Replicates(("tpr",), ("f",), np.array([[[0.5]], [[0.75]]])).values.shape
    (2, 1, 1)
    """

    metrics: tuple[str, ...]
    groups: tuple[str, ...]
    values: Floats


def bootstrap(
    counts: GroupCounts,
    metrics: Sequence[Metric | str] | None = None,
    *,
    n_replicates: int = 1000,
    seed: int = 0,
) -> Replicates:
    """Resample rows by resampling cells, and compute metrics in every replicate.

    Parameters
    ----------
    counts : GroupCounts
        Counts of the groups of one attribute.
    metrics : sequence of Metric or str, optional
        Metrics that are ratios of cells, or "auc". Default: all of the former that apply.
    n_replicates : int, default 1000
        Number of replicates.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    Replicates
        The values; do not form percentile intervals of extremes from them (see there).

    Raises
    ------
    ArgumentError
        If a metric does not apply or is neither made of cells nor "auc", or there are no rows.

    Notes
    -----
    Resampling rows with replacement is one multinomial draw of the cells of all groups together.
    With weights, rows are drawn so, and the weight of a cell's rows is then drawn from the gamma
    distribution whose mean and variance are those of as many rows of the cell. "auc" is drawn
    apart from the cells, by Poisson draws of the binned scores, merged to at most 256 bins.

    Examples
    --------
    >>> cells = np.array([[[30, 10], [20, 40]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f",), ("0", "1"), cells, w, w)
    >>> bootstrap(counts, ["tpr", "fpr"], n_replicates=5).values.shape
    (5, 1, 2)
    """
    if n_replicates < 1:
        raise ArgumentError("n_replicates has to be at least 1", got=f"got {n_replicates}")
    if counts.counts.sum() == 0:
        raise ArgumentError("there are no rows to resample")
    chosen = _chosen(counts, metrics)
    streams = np.random.default_rng(seed).spawn(2)
    values = np.empty((n_replicates, len(counts.groups), len(chosen)))
    made = [(k, ratios) for k, (_, ratios) in enumerate(chosen) if ratios is not None]
    if made:
        _fill_from_cells(values, counts, made, streams[0])
    rest = [k for k, (_, ratios) in enumerate(chosen) if ratios is None]
    if rest and counts.histogram is not None:
        areas = _areas(counts.histogram, n_replicates, streams[1])
        values[..., rest] = areas[..., None]
    return Replicates(tuple(metric.name for metric, _ in chosen), counts.groups, values)


def resampled(
    rng: np.random.Generator,
    drawn: NDArray[np.int64],
    counts: NDArray[np.int64],
    weights: Floats,
    squares: Floats,
) -> Floats:
    """Return the weight of cells of which `drawn` rows were drawn.

    The last axes of `drawn` are those of the others. Weights that are equal within a cell need
    no randomness; others get a gamma distribution with the right mean and variance.
    """
    mean = np.nan_to_num(divide(weights, counts.astype(np.float64)))
    spread = np.nan_to_num(divide(squares, counts.astype(np.float64))) - mean**2
    # Sums of equal weights differ in their last digits: that is no spread.
    varied = spread > 1e-9 * mean**2
    total = drawn * mean
    if varied.any():
        ratio = np.where(varied, divide(mean**2, np.where(varied, spread, 1.0)), 0.0)
        scale = np.nan_to_num(divide(spread, mean))
        total = np.where(varied, rng.standard_gamma(drawn * ratio) * scale, total)
    return total


def _chosen(
    counts: GroupCounts, metrics: Sequence[Metric | str] | None
) -> list[tuple[Metric, Ratios | None]]:
    """Pair each metric with its declaration by cells; None for the area under the curve."""
    if metrics is None:
        found = [(metric, ratios_of(metric, counts)) for metric in metrics_of(counts)]
        return [(metric, ratios) for metric, ratios in found if ratios is not None]
    chosen = []
    for asked in metrics:
        metric = resolve(asked, counts)
        ratios = ratios_of(metric, counts)
        if ratios is None and metric.name != "auc":
            raise ArgumentError(
                f"{metric.name} cannot be resampled from cells",
                got="only ratios of cells, and auc, can",
                hint="its standard error: estimate(...).error",
            )
        chosen.append((metric, ratios))
    return chosen


def _fill_from_cells(
    values: Floats,
    counts: GroupCounts,
    made: list[tuple[int, Ratios]],
    rng: np.random.Generator,
) -> None:
    """Fill the metrics that are ratios of cells, a chunk of replicates at a time."""
    n_replicates, n_groups, _ = values.shape
    shape = (n_groups, -1)
    cells = counts.counts.reshape(shape)
    total = int(cells.sum())
    shares = cells.ravel() / total
    weights, squares = counts.weights.reshape(shape), counts.weights_squared.reshape(shape)
    step = max(1, _CHUNK // cells.size)
    for start in range(0, n_replicates, step):
        size = min(step, n_replicates - start)
        drawn = rng.multinomial(total, shares, size=size).reshape(size, *cells.shape)
        weight = resampled(rng, drawn, cells, weights, squares)
        for k, ratios in made:
            parts = divide(weight @ ratios.above.T, weight @ ratios.below.T)
            values[start : start + size, :, k] = parts.mean(axis=2)


def _areas(histogram: Histogram, n_replicates: int, rng: np.random.Generator) -> Floats:
    """Return areas under the curve of resampled scores, shape (n_replicates, n_groups)."""
    binned = merged(histogram, MOST_BINS)
    areas = np.empty((n_replicates, len(binned.counts)))
    step = max(1, _CHUNK // binned.counts.size)
    for start in range(0, n_replicates, step):
        size = min(step, n_replicates - start)
        drawn = rng.poisson(binned.counts, size=(size, *binned.counts.shape))
        weight = resampled(rng, drawn, binned.counts, binned.weights, binned.weights_squared)
        areas[start : start + size] = auc(weight[:, :, 1], weight[:, :, 0])
    return areas
