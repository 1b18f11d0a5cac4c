"""Friedman and Popescu's H² for pairs of columns."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from candor.statistics import StandardError, scaled_interval
from explain.errors import ArgumentError
from explain.profiles.columns import (
    Floats,
    Ints,
    check_columns,
    check_settings,
    checked_frame,
    read_column,
    sample_rows,
    stream,
)
from explain.profiles.swaps import Predict, Swap, batch_rows, swapped
from explain.progress import steps

Pair = tuple[Hashable, Hashable]

BLOCKS = 20
"""Groups of rows that the jackknife leaves out, one after the other."""


@dataclass(frozen=True, eq=False)
class _Sums:
    """Partial dependence at the rows, with the background summed by block.

    Parameters
    ----------
    point : ndarray of int, shape (n_rows,)
        Each row's distinct point.
    sums : ndarray of float64, shape (n_points, n_blocks, n_outputs)
        Predictions at the point, summed over the background rows of a block.
    """

    point: Ints
    sums: Floats


def h_statistic(
    predict: Predict,
    X: pd.DataFrame,
    columns: Sequence[Hashable] | None = None,
    *,
    pairs: Sequence[Pair] | None = None,
    top: int = 5,
    max_rows: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how much of the joint effect of two columns is interaction.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows.
    columns : sequence of hashable, optional
        Columns of which all pairs are looked at. Default: the `top` columns of the largest total
        effect, found by exchanging their values between rows once.
    pairs : sequence of (hashable, hashable), optional
        The pairs themselves, instead of `columns`.
    top : int, default 5
        Number of columns where neither is given.
    max_rows : int, default 200
        With more rows, a random sample of so many is used; each pair asks for at most max_rows²
        predictions.
    confidence : float, default 0.95
        Confidence of the intervals.
    seed : int, default 0
        Seed of the sample, of the exchange and of the jackknife's blocks.

    Returns
    -------
    DataFrame
        Columns a, b, value, low, high, strength, share, n_rows; the strongest first.
        value: H², 0 for additive pairs; strength: root mean square of the interaction, in units of
        the prediction; share: its mean square over the variance of the prediction.

    Raises
    ------
    explain.errors.ArgumentError
        If X has no rows or lacks a column, a pair is not one of two columns, or a setting is out
        of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Notes
    -----
    ``H²_jk = Σ_i (PD_jk(x_i) - PD_j(x_i) - PD_k(x_i))² / Σ_i PD_jk(x_i)²`` (Friedman and Popescu
    2008), each partial dependence centred at its mean over the same rows; with several outputs
    both sums run over outputs, too. Where a pair has hardly any effect, H² may be large and mean
    nothing: read it with `share`. Interval: t, delete-a-group jackknife over 20 blocks of rows,
    each left out as point and as background.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.uniform(-1, 1, (60, 3)), columns=list("abc"))
    >>> table = h_statistic(lambda rows: rows["a"] * rows["b"] + rows["c"], X)
    >>> table[["a", "b"]].iloc[0].tolist()
    ['a', 'b']
    >>> table["value"].round(2).tolist()[1:]
    [0.0, 0.0]
    """
    check_settings(confidence=confidence, max_rows=max_rows, top=top)
    whole = checked_frame(X)
    check_columns(whole, columns or ())
    check_columns(whole, [name for pair in pairs or () for name in pair])
    rows = sample_rows(len(whole), max_rows, seed)
    frame = whole.take(rows).reset_index(drop=True)
    (own,) = swapped(predict, frame, [Swap((), np.arange(len(frame)), np.arange(len(frame)))])
    if pairs is None:
        names = _top(predict, frame, own, top, seed) if columns is None else list(columns)
        pairs = list(combinations(dict.fromkeys(names), 2))
    _check_pairs(pairs)
    block = stream(seed, 3).permutation(len(frame)) % min(BLOCKS, len(frame))
    singles = {
        name: _dependence(predict, frame, (name,), block)
        for name in dict.fromkeys(name for pair in pairs for name in pair)
    }
    table = [
        _pair_row(pair, _dependence(predict, frame, pair, block), singles, own, block, confidence)
        for pair in steps(pairs, "pairs of columns", len(pairs))
    ]
    names = ["a", "b", "value", "low", "high", "strength", "share", "n_rows"]
    result = pd.DataFrame(table, columns=names)
    return result.sort_values("strength", ascending=False, kind="stable", ignore_index=True)


def _check_pairs(pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        if len(pair) != 2 or pair[0] == pair[1]:
            raise ArgumentError("a pair is two different columns", got=f"{pair!r}")


def _top(
    predict: Predict, frame: pd.DataFrame, own: Floats, top: int, seed: int
) -> list[Hashable]:
    """Return the columns of the largest total effect (Jansen 1999), in the frame's order."""
    names: list[Hashable] = list(frame.columns)
    if len(names) <= top:
        return names
    order = stream(seed, 4).permutation(len(frame))
    base, donors = order, np.roll(order, 1)
    swaps = (Swap((name,), base, donors) for name in names)
    sizes = [((part - own[base]) ** 2).sum() for part in swapped(predict, frame, swaps)]
    chosen = sorted(range(len(names)), key=lambda k: (-sizes[k], k))[:top]
    return [names[k] for k in sorted(chosen)]


def _dependence(
    predict: Predict, frame: pd.DataFrame, names: tuple[Hashable, ...], block: Ints
) -> _Sums:
    """Return partial dependence at the distinct points of some columns."""
    values = np.column_stack([read_column(frame, name).values for name in names])
    _, first, point = np.unique(
        np.nan_to_num(values, nan=math.inf), axis=0, return_index=True, return_inverse=True
    )
    n_rows, n_blocks = len(frame), int(block.max()) + 1
    order = np.argsort(block, kind="stable")
    starts = np.searchsorted(block[order], np.arange(n_blocks))
    # So many points at once that the frame given to the model stays within its bounds.
    step = max(1, batch_rows(frame) // n_rows)
    swaps = (
        Swap(names, np.tile(order, len(part)), np.repeat(part, n_rows))
        for part in np.split(first, range(step, len(first), step))
    )
    sums = [
        np.add.reduceat(values.reshape(-1, n_rows, values.shape[1]), starts, axis=1)
        for values in swapped(predict, frame, swaps)
    ]
    return _Sums(point.ravel().astype(np.int64), np.concatenate(sums))


def _pair_row(
    pair: Pair,
    joint: _Sums,
    singles: dict[Hashable, _Sums],
    own: Floats,
    block: Ints,
    confidence: float,
) -> tuple[Hashable, Hashable, float, float, float, float, float, int]:
    a, b = singles[pair[0]], singles[pair[1]]
    size = float(np.abs(own).max())
    value, strength = _h_squared(joint, a, b, block, None, size)
    n_blocks = int(block.max()) + 1
    error = StandardError(math.nan, 0.0, 0.0)
    if n_blocks > 2:
        left = np.array([_h_squared(joint, a, b, block, k, size)[0] for k in range(n_blocks)])
        spread = float(((left - left.mean()) ** 2).sum())
        jackknife = math.sqrt((n_blocks - 1) / n_blocks * spread)
        error = StandardError(jackknife, float(len(block)), n_blocks - 1.0)
    low, high = scaled_interval(value, error, confidence)
    variance = float(((own - own.mean(axis=0)) ** 2).mean(axis=0).sum())
    share = strength**2 / variance if variance > (1e-13 * size) ** 2 else 0.0
    low = 0.0 if low < 0 else low
    return (*pair, value, low, high, strength, share, len(block))


def _h_squared(
    joint: _Sums, a: _Sums, b: _Sums, block: Ints, without: int | None, size: float
) -> tuple[float, float]:
    """Return H² and the root mean square of the interaction, without one block of rows."""
    both = _centred(joint, block, without)
    apart = both - _centred(a, block, without) - _centred(b, block, without)
    above, below = float((apart**2).sum()), float((both**2).sum())
    # Sums of rounding errors of outputs of this size are no interaction.
    rounding = both.size * (1e-13 * size) ** 2
    if above <= rounding:
        return 0.0, 0.0
    return above / below if below > rounding else 0.0, math.sqrt(above / len(both))


def _centred(part: _Sums, block: Ints, without: int | None) -> Floats:
    """Return partial dependence at the rows, minus its mean, shape (n_rows, n_outputs)."""
    sums, n_rows, point = part.sums.sum(axis=1), len(block), part.point
    if without is not None:
        sums = sums - part.sums[:, without]
        point = point[block != without]
        n_rows = len(point)
    values = sums[point] / n_rows
    centred: Floats = values - values.mean(axis=0)
    return centred
