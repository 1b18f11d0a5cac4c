"""Numeric features: raw, standardised or rank-normal, with missing values kept or imputed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 3e38
"""Values are limited to what float32 can hold, since the libraries compute in it."""

SAMPLE_ROWS = 50_000
N_QUANTILES = 256
TAIL = 1e-3
MAX_Z = 6.0

TINIEST = 1e-290
"""Smaller quantiles count as 0: between closer ones a slope would overflow."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """How numeric columns become features; columns that are constant in training are left out.

    Parameters
    ----------
    method : {"raw", "standard", "quantile"}
        The scaling.
    keep : ndarray of int64
        Positions of the columns that are kept.
    flagged : ndarray of int64
        Positions of the columns that get a missing indicator, after all values.
    low, high, centre, scale : ndarray of float64
        For each kept column: limits, and what is subtracted and divided by.
    knots, normals : ndarray of float64, shape (n_kept, n_quantiles)
        Quantiles in training and their normal scores; empty unless the method is "quantile".
    fill : ndarray of float64, shape (n_kept,)
        Scaled value for missing ones: NaN where they are kept missing.
    """

    method: str
    keep: NDArray[np.int64]
    flagged: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    knots: NDArray[np.float64]
    normals: NDArray[np.float64]
    fill: NDArray[np.float64]

    @property
    def width(self) -> int:
        """Number of features."""
        return len(self.keep) + len(self.flagged)

    def write(self, numeric: NDArray[np.float64], out: NDArray[np.floating]) -> None:
        """Write the features of rows into `out`, shape (n_rows, width)."""
        n_kept = len(self.keep)
        values = numeric if n_kept == numeric.shape[1] else numeric[:, self.keep]
        kept = out[:, :n_kept]
        if self.method == "quantile":
            for j in range(n_kept):
                kept[:, j] = np.interp(values[:, j], self.knots[j], self.normals[j])
        else:
            np.clip(values, self.low, self.high, out=kept, casting="unsafe")
        if self.method == "standard":
            clipped = np.clip(values, self.low, self.high)
            kept[:] = np.clip((clipped - self.centre) / self.scale, -MAX_Z, MAX_Z)
        if n_kept and not np.isnan(self.fill[0]):
            np.copyto(kept, self.fill, where=np.isnan(values), casting="unsafe")
        if len(self.flagged):
            out[:, n_kept:] = np.isnan(numeric[:, self.flagged])


def fit_numbers(numeric: NDArray[np.float64], method: str, *, impute: bool, seed: int) -> Numbers:
    """Learn limits, scales and medians from training rows, large tables from a sample of rows."""
    lowest, highest = np.fmin.reduce(numeric, axis=0), np.fmax.reduce(numeric, axis=0)
    n_missing = np.count_nonzero(np.isnan(numeric), axis=0)
    partly = (n_missing > 0) & (n_missing < len(numeric))
    varies = lowest < highest
    keep, flagged = np.flatnonzero(varies), np.empty(0, dtype=np.int64)
    if impute:
        flagged = _new_patterns(numeric, np.flatnonzero(partly))
    elif np.any(partly & ~varies):
        # A column with one value and gaps says where the gaps are, if no other column does.
        known = np.flatnonzero(partly & varies)
        gaps = _new_patterns(numeric, np.flatnonzero(partly & ~varies), known)
        keep = np.sort(np.concatenate([keep, gaps]))
    if method == "raw" and not impute:
        return _plain(keep, flagged)
    rows = np.sort(sample_rows(len(numeric), SAMPLE_ROWS, seed))
    ordered = np.sort(np.clip(numeric[np.ix_(rows, keep)], -LARGEST, LARGEST), axis=0)
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    columns = [ordered[: counts[j], j] for j in range(len(keep))]
    return _scaled(method, keep, flagged, columns, impute=impute)


def _new_patterns(
    numeric: NDArray[np.float64],
    columns: NDArray[np.int64],
    known: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return those columns that are the first to be missing in their rows."""
    # Sums of random integers stand for the sets of rows; that wraps round without harm.
    tags = np.random.default_rng(0).integers(1 << 62, size=len(numeric))
    known = columns[:0] if known is None else known
    seen = {int(tags[np.isnan(numeric[:, j])].sum()) for j in known}
    new = []
    for j in columns:
        pattern = int(tags[np.isnan(numeric[:, j])].sum())
        if pattern not in seen:
            new.append(j)
            seen.add(pattern)
    return np.array(new, dtype=np.int64)


def sample_rows(n_rows: int, limit: int, seed: int) -> NDArray[np.int64]:
    """Return all row numbers, or a random sample of them."""
    if n_rows <= limit:
        return np.arange(n_rows)
    return np.random.default_rng(seed).choice(n_rows, limit, replace=False)


def merges_in_float32(numeric: NDArray[np.float64], seed: int) -> bool:
    """Tell whether distinct values of a column would become equal in float32."""
    rows = sample_rows(len(numeric), 10_000, seed)
    ordered = np.sort(numeric[rows], axis=0)
    rounded = np.clip(ordered, -LARGEST, LARGEST).astype(np.float32)
    return bool(np.any((ordered[1:] != ordered[:-1]) & (rounded[1:] == rounded[:-1])))


def _plain(keep: NDArray[np.int64], flagged: NDArray[np.int64]) -> Numbers:
    n = len(keep)
    none = np.empty((n, 0))
    return Numbers(
        "raw", keep, flagged, np.full(n, -LARGEST), np.full(n, LARGEST),
        np.zeros(n), np.ones(n), none, none, np.full(n, np.nan),
    )  # fmt: skip


def _scaled(
    method: str,
    keep: NDArray[np.int64],
    flagged: NDArray[np.int64],
    columns: list[NDArray[np.float64]],
    *,
    impute: bool,
) -> Numbers:
    """Learn the scaling from the sorted, present values of each kept column."""
    n = len(columns)
    low, high = np.full(n, -LARGEST), np.full(n, LARGEST)
    centre, scale, fill = np.zeros(n), np.ones(n), np.full(n, np.nan)
    size = N_QUANTILES if method == "quantile" else 0
    knots, normals = np.zeros((n, size)), np.zeros((n, size))
    for j, column in enumerate(columns):
        # A sample can miss the few present values of a column.
        present = column if len(column) else np.zeros(1)
        middle = float(np.median(present))
        if method == "standard":
            low[j], high[j], centre[j], scale[j] = _standard(present)
            middle = (middle - centre[j]) / scale[j]
        elif method == "quantile":
            knots[j], normals[j] = _rank_normal(present)
            middle = float(np.interp(middle, knots[j], normals[j]))
        if impute:
            fill[j] = middle
    return Numbers(method, keep, flagged, low, high, centre, scale, knots, normals, fill)


def _standard(ordered: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return limits at the outermost 0.1 %, and mean and deviation between them."""
    low, high = np.quantile(ordered, [TAIL, 1 - TAIL])
    if low == high:
        low, high = ordered[0], ordered[-1]
    clipped = np.clip(ordered, low, high)
    spread = float(clipped.std())
    return float(low), float(high), float(clipped.mean()), spread if spread > 0 else 1.0


def _rank_normal(
    ordered: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return quantiles and the normal scores of their mid-ranks; ties share one score."""
    from scipy.special import ndtri

    levels = np.linspace(0, 1, N_QUANTILES)
    knots = np.quantile(ordered, levels)
    knots[np.abs(knots) < TINIEST] = 0.0
    first = np.searchsorted(knots, knots, side="left")
    last = np.searchsorted(knots, knots, side="right") - 1
    middle = (levels[first] + levels[last]) / 2
    return knots, ndtri(np.clip(middle, TAIL, 1 - TAIL))
