"""Columns that predict the target almost alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.table.checks import Check
from automl.table.columns import Columns
from automl.table.target import Target

_CELLS = 600_000
_MOST_ROWS = 20_000
_FEWEST_ROWS = 50
_BINS = 64
_CERTAIN = 0.98
_LIKELY = 0.94
"""Enough for a suspicion where half of the columns say little of the target."""

_LITTLE = {"binary": 0.8, "multiclass": 0.5, "regression": 0.5}
_USUAL = 3
"""If more columns than these predict the target almost alone, it is easy rather than leaked."""


@dataclass(frozen=True)
class _Suspect:
    name: str
    score: float


def target_leakage(columns: Columns, y: NDArray[Any], target: Target) -> tuple[Check, ...]:
    """Find columns that predict the target almost alone.

    Each column is cut into at most 64 bins; each half of a sample of rows is predicted from the
    means of the other half. The score is the area under the ROC curve (binary), the share of
    explained variance of values or ranks (regression), or the share of the largest class's errors
    that is removed (multiclass). A suspect reaches 0.98, or 0.94 where most columns score low.
    """
    n_columns = columns.layout.n_columns
    n_sample = min(columns.n_rows, _MOST_ROWS, max(2_000, _CELLS // max(1, n_columns)))
    if n_sample < _FEWEST_ROWS:
        return ()
    rows = np.sort(np.random.default_rng(0).permutation(columns.n_rows)[:n_sample])
    sample = columns.take(rows.astype(np.int64))
    outcome = _Outcome(y[rows], target)
    found = [_Suspect(name, outcome.score(bins)) for name, bins in _binned(sample)]
    if not found:
        return ()
    scores = [suspect.score for suspect in found]
    typical = float(np.median(scores)) if len(scores) > 3 else sorted(scores)[0]
    bar = _LIKELY if typical < _LITTLE[target.task] else _CERTAIN
    suspects = [suspect for suspect in found if suspect.score >= bar]
    suspects.sort(key=lambda suspect: -suspect.score)
    if not suspects or len(suspects) > max(_USUAL, n_columns // 3):
        return ()
    return tuple(_check(suspect, target) for suspect in suspects)


def _check(suspect: _Suspect, target: Target) -> Check:
    words = {
        "binary": f"ROC AUC {suspect.score:.3f}",
        "multiclass": f"{100 * suspect.score:.1f} % of the errors removed",
        "regression": f"R² {suspect.score:.3f}",
    }
    return Check(
        "target-leakage",
        "warning",
        (suspect.name,),
        f"{suspect.name} predicts {target.name} almost alone ({words[target.task]})",
        f'ignore=["{suspect.name}"] if it is not known at the time of the prediction',
    )


class _Outcome:
    """The target of a sample, and how well bins predict it."""

    def __init__(self, y: NDArray[Any], target: Target):
        self._task = target.task
        self._y = y
        self._half = np.arange(len(y)) % 2
        self._n_classes = target.n_classes
        self._ranks = _ranks(y) if target.task == "regression" else y

    def score(self, bins: NDArray[np.int64]) -> float:
        """Score cross-fitted predictions from the bins alone."""
        if self._task == "multiclass":
            return self._errors_removed(bins)
        if self._task == "binary":
            return _auc(self._y, self._means(bins, self._y.astype(np.float64)))
        return max(self._explained(bins, self._y), self._explained(bins, self._ranks))

    def _explained(self, bins: NDArray[np.int64], y: NDArray[np.float64]) -> float:
        total = float(((y - y.mean()) ** 2).sum())
        missed = float(((y - self._means(bins, y)) ** 2).sum())
        return 1.0 - missed / total if total > 0 else 0.0

    def _means(self, bins: NDArray[np.int64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        n_bins = int(bins.max()) + 1
        cell = bins + n_bins * self._half
        count = np.bincount(cell, minlength=2 * n_bins)
        total = np.bincount(cell, weights=y, minlength=2 * n_bins)
        prior = y.mean()
        means = (total + prior) / (count + 1.0)
        other = bins + n_bins * (1 - self._half)
        return np.asarray(means[other], dtype=np.float64)

    def _errors_removed(self, bins: NDArray[np.int64]) -> float:
        n_bins, k = int(bins.max()) + 1, self._n_classes
        cell = (bins + n_bins * self._half) * k + self._y
        counts = np.bincount(cell, minlength=2 * n_bins * k).reshape(2 * n_bins, k)
        guess = counts.argmax(axis=1)[bins + n_bins * (1 - self._half)]
        wrong = float((guess != self._y).mean())
        base = 1.0 - float(np.bincount(self._y).max()) / len(self._y)
        return 1.0 - wrong / base if base > 0 else 0.0


def _ranks(y: NDArray[Any]) -> NDArray[np.float64]:
    """Rank values from 1; equal values share the mean of their ranks."""
    _, place, count = np.unique(y, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def _auc(y: NDArray[np.int64], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve by ranks (Mann-Whitney)."""
    positives = int(y.sum())
    negatives = len(y) - positives
    if not positives or not negatives:
        return 0.5
    ranks = _ranks(score)
    total = float(ranks[y == 1].sum()) - positives * (positives + 1) / 2
    return total / (positives * negatives)


def _binned(sample: Columns) -> list[tuple[str, NDArray[np.int64]]]:
    """Cut every column but texts into bins; missing values have a bin of their own."""
    layout = sample.layout
    found = [(name, _cut(sample.numeric[:, i])) for i, name in enumerate(layout.numeric)]
    found += [(name, _cut(sample.times[:, i])) for i, name in enumerate(layout.times)]
    for i, name in enumerate(layout.categorical):
        codes = sample.codes[:, i].astype(np.int64) + 1
        if layout.n_levels[i] <= len(codes) // 4:
            found.append((name, np.maximum(codes, 0)))
    return found


def _cut(values: NDArray[np.float64]) -> NDArray[np.int64]:
    missing = np.isnan(values)
    present = np.sort(values[~missing])
    if not len(present):
        return np.zeros(len(values), dtype=np.int64)
    places = np.linspace(0, len(present) - 1, _BINS + 1)[1:-1].astype(np.int64)
    cuts = np.unique(present[places])
    bins = np.searchsorted(cuts, values, side="right") + 1
    bins[missing] = 0
    return bins.astype(np.int64)
