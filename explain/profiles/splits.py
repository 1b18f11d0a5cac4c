"""Regions in which a column acts alike: one split where individual curves disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.statistics import StandardError, scaled_interval, standard_error
from explain.errors import ArgumentError
from explain.profiles.columns import Floats, Ints, RawColumn, checked_frame, read_column, stream
from explain.profiles.conditions import Condition, cut_points, is_missing
from explain.profiles.dependence import centred_curves, disagreement
from explain.profiles.effect import Effect, t_quantile

CUTS = 20
"""Thresholds tried per number."""

LEVELS = 30
"""Most frequent levels tried per category."""


@dataclass(frozen=True, eq=False)
class Region:
    """The effect among the rows that pass a condition.

    Parameters
    ----------
    condition : Condition
        What the rows have in common.
    n_rows : int
        Rows used that pass it.
    share : float
        Their share of the rows used.
    values, low, high : ndarray of float64, shape (n_points, n_outputs)
        The mean of their centred curves and its t interval.
    heterogeneity : ndarray of float64, shape (n_outputs,)
        As in `Effect`, within the region.

    Examples
    --------
    >>> from explain.profiles import ice
    >>> X = pd.DataFrame({"a": np.arange(80) % 5, "b": np.arange(80) % 2 == 0})
    >>> found = regions(ice(lambda rows: rows["a"] * rows["b"], X, "a"), X)
    >>> found.inside.n_rows, float(found.inside.heterogeneity[0])
    (40, 0.0)
    """

    condition: Condition
    n_rows: int
    share: float
    values: Floats
    low: Floats
    high: Floats
    heterogeneity: Floats


@dataclass(frozen=True, eq=False)
class Regions:
    """One split of the rows that explains why individual curves disagree.

    Parameters
    ----------
    effect : Effect
        The curves that were split.
    inside, outside : Region
        Rows that pass the condition, and the others.
    reduction : float
        Share of the curves' disagreement that the split removes, measured on rows on which it was
        not found.
    low, high : float
        Its interval.
    found_on, confirmed_on : int
        Numbers of rows.

    Examples
    --------
    >>> from explain.profiles import ice
    >>> X = pd.DataFrame({"a": np.arange(80) % 5, "b": np.arange(80) % 2 == 0})
    >>> found = regions(ice(lambda rows: rows["a"] * rows["b"], X, "a"), X)
    >>> found.found_on, found.confirmed_on, len(found.to_frame())
    (40, 40, 10)
    """

    effect: Effect
    inside: Region
    outside: Region
    reduction: float
    low: float
    high: float
    found_on: int
    confirmed_on: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per region, point and output.

        Returns
        -------
        DataFrame
            Columns: column, region, n_rows, position, label, output, value, low, high.
        """
        n_points, n_outputs = self.effect.values.shape
        parts = [
            pd.DataFrame(
                {
                    "column": [self.effect.column] * (n_points * n_outputs),
                    "region": str(region.condition),
                    "n_rows": region.n_rows,
                    "position": np.repeat(self.effect.positions, n_outputs),
                    "label": [label for label in self.effect.labels for _ in range(n_outputs)],
                    "output": np.tile(np.arange(n_outputs), n_points),
                    "value": region.values.ravel(),
                    "low": region.low.ravel(),
                    "high": region.high.ravel(),
                }
            )
            for region in (self.inside, self.outside)
        ]
        return pd.concat(parts, ignore_index=True)


def regions(
    effect: Effect, X: pd.DataFrame, *, min_reduction: float = 0.2, seed: int = 0
) -> Regions | None:
    """Return the one split of the rows that best explains why individual curves disagree.

    Parameters
    ----------
    effect : Effect
        From `ice`.
    X : DataFrame
        The rows that `ice` was given.
    min_reduction : float, default 0.2
        Smallest share of the disagreement that a split has to remove.
    seed : int, default 0
        Seed of the halves on which a split is found and confirmed.

    Returns
    -------
    Regions or None
        None where curves do not disagree, where no split removes `min_reduction`, or where there
        are fewer than 20 rows.

    Raises
    ------
    explain.errors.ArgumentError
        If the effect has no individual curves, or X is another frame.

    Notes
    -----
    Curves are centred and weighted by `share`. A split (another column below a threshold, among
    some levels, or missing) removes the sum of squares between its two sides' mean curves; the
    best is chosen on one half of the rows and its reduction measured on the other, so that the
    best of many splits is not flattered. Each side holds at least a tenth of the rows. The idea of
    regional effects: Herbinger, Bischl and Casalicchio (2022).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"a": rng.uniform(-1, 1, 200), "b": rng.choice(["x", "y"], 200)})
    >>> from explain.profiles import ice
    >>> effect = ice(lambda rows: rows["a"] * np.where(rows["b"] == "x", 1, -1), X, "a")
    >>> found = regions(effect, X)
    >>> sorted([str(found.inside.condition), str(found.outside.condition)])
    ['b is "y"', 'b is not "y"']
    >>> round(found.reduction, 2)
    1.0
    """
    frame = _used_rows(effect, X, min_reduction)
    curves = effect.individual
    n_rows = len(frame)
    if curves is None or n_rows < 20 or not disagreement(curves, effect.share).any():
        return None
    flat = _weighted(curves, effect.share)
    order = stream(seed, 2).permutation(n_rows)
    finding, confirming = np.sort(order[: n_rows // 2]), np.sort(order[n_rows // 2 :])
    condition = _best(frame, effect, flat, finding)
    if condition is None:
        return None
    inside = condition.holds(frame)
    reduction, error = _reduction(flat[confirming], inside[confirming])
    if not reduction >= min_reduction:
        return None
    low, high = scaled_interval(reduction, error, effect.confidence, "log_complement")
    return Regions(
        effect,
        _region(effect, curves, condition, inside),
        _region(effect, curves, condition.negated(), ~inside),
        reduction,
        low,
        high,
        len(finding),
        len(confirming),
    )


def _used_rows(effect: Effect, X: pd.DataFrame, min_reduction: float) -> pd.DataFrame:
    frame = checked_frame(X)
    if effect.individual is None:
        raise ArgumentError(
            "regions need the individual curves",
            got=f"an effect of kind {effect.kind!r} without them",
            hint="ice(predict, X, column)",
        )
    if effect.column not in frame.columns or effect.rows.max() >= len(frame):
        raise ArgumentError(
            "X is not the frame from which the effect was computed",
            got=f"{len(frame)} rows, {frame.shape[1]} columns",
            hint="the X that was given to ice",
        )
    if not 0 < min_reduction < 1:
        raise ArgumentError("min_reduction must lie between 0 and 1", got=f"{min_reduction}")
    return frame.take(effect.rows).reset_index(drop=True)


def _weighted(curves: Floats, share: Floats) -> Floats:
    """Return centred curves whose plain squares are weighted by share, a row each."""
    own = centred_curves(curves, share) * np.sqrt(share / share.sum())[:, None]
    flat: Floats = own.reshape(len(curves), -1)
    return flat


def _best(frame: pd.DataFrame, effect: Effect, flat: Floats, finding: Ints) -> Condition | None:
    """Return the condition whose sides' mean curves lie farthest apart on the finding half."""
    part = frame.take(finding).reset_index(drop=True)
    curves = flat[finding] - flat[finding].mean(axis=0)
    smallest = max(5, -(-len(part) // 10))
    best: tuple[float, Condition | None] = (0.0, None)
    for name in frame.columns:
        if name == effect.column:
            continue
        tried = list(_candidates(read_column(part, name), curves))
        if not tried:
            continue
        masks = np.array([mask for _, mask in tried], dtype=np.float64)
        gains = _between(masks, curves, smallest)
        top = int(np.argmax(gains))
        if gains[top] > best[0] * (1 + 1e-9):
            best = (float(gains[top]), tried[top][0])
    return best[1]


def _between(masks: Floats, curves: Floats, smallest: int) -> Floats:
    """Return each split's sum of squares between sides; 0 where a side is too small."""
    n_rows = len(curves)
    counts = masks.sum(axis=1)
    allowed = (counts >= smallest) & (n_rows - counts >= smallest)
    squares = ((masks @ curves) ** 2).sum(axis=1)
    below = np.where(allowed, counts * (n_rows - counts), 1.0)
    return np.where(allowed, squares * n_rows / below, 0.0)


def _candidates(raw: RawColumn, curves: Floats) -> Iterator[tuple[Condition, NDArray[np.bool_]]]:
    """Yield conditions on a column with the rows that pass them."""
    missing = raw.missing
    if missing.any() and not missing.all():
        yield is_missing(raw.name, raw.axis), missing
    if raw.axis == "category":
        yield from _level_candidates(raw, curves)
        return
    for cut in cut_points(raw.values[np.isfinite(raw.values)], CUTS, raw.axis):
        below = raw.values < cut
        says = bool(missing.any())
        yield Condition(raw.name, "below", raw.axis, float(cut), says_missing=says), below
        if missing.any():
            condition = Condition(raw.name, "below", raw.axis, float(cut), missing=True)
            yield condition, below | missing


def _level_candidates(
    raw: RawColumn, curves: Floats
) -> Iterator[tuple[Condition, NDArray[np.bool_]]]:
    """Yield the first k levels in the order of their curves along the direction they differ in."""
    counts = np.bincount(raw.values[~raw.missing].astype(np.int64), minlength=len(raw.levels))
    kept = np.sort(np.argsort(-counts, kind="stable")[:LEVELS])
    if len(kept) < 2 and not raw.missing.any():
        return
    means = np.array([curves[raw.values == code].mean(axis=0) for code in kept])
    _, _, directions = np.linalg.svd(np.sqrt(counts[kept])[:, None] * means, full_matrices=False)
    order = kept[np.argsort(means @ directions[0], kind="stable")]
    if raw.ordered:
        order = kept
    for size in range(1, len(order)):
        first, rest = order[:size], order[size:]
        some = first if len(first) <= len(rest) or len(kept) < len(raw.levels) else rest
        levels = tuple(raw.levels[code] for code in np.sort(some))
        condition = Condition(
            raw.name, "is", raw.axis, levels=levels, says_missing=bool(raw.missing.any())
        )
        yield condition, np.isin(raw.values, some)


def _reduction(curves: Floats, inside: NDArray[np.bool_]) -> tuple[float, StandardError]:
    """Return the share of the sum of squares that lies between two sides, and its error."""
    if inside.all() or not inside.any():
        return 0.0, standard_error([])
    whole = ((curves - curves.mean(axis=0)) ** 2).sum(axis=1)
    if not whole.sum():
        return 0.0, standard_error([])
    sides = np.where(inside[:, None], curves[inside].mean(axis=0), curves[~inside].mean(axis=0))
    within = ((curves - sides) ** 2).sum(axis=1)
    left = within.sum() / whole.sum()
    influence = -(within - left * whole) / whole.mean()
    return float(1 - left), standard_error(influence)


def _region(
    effect: Effect, curves: Floats, condition: Condition, inside: NDArray[np.bool_]
) -> Region:
    part = curves[inside]
    own = centred_curves(part, effect.share)
    values = own.mean(axis=0)
    error = own.std(axis=0, ddof=1) / np.sqrt(len(own))
    half = t_quantile(effect.confidence, len(own) - 1) * error
    return Region(
        condition,
        len(part),
        len(part) / len(curves),
        values,
        values - half,
        values + half,
        disagreement(part, effect.share),
    )
