"""How the time is shared out: how many folds a candidate gets, and how long each may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.table import Splits

_HOLDOUT_ROWS = 100_000
"""Above so many rows one held-out part is precise enough to choose by."""

_OPENING_CELLS = 3_000_000
"""Rows x columns x classes that the opening fit may train on: about a second on one slow core."""

_ENOUGH = ((1_000, 2), (3_000, 3), (10_000, 5), (30_000, 6))
_ENOUGH_OF_MANY_ROWS = 8
"""A scheme with more folds is only taken where so many candidates can be finished in it.

The fewer the rows, the noisier a holdout is, and the more a fold is worth against a candidate.
"""

_STANDARD_COST = 2.5
"""A portfolio fit costs about so many times the opening fit."""

_LEAST_ROUNDS = 80
"""Boosters draw fewer rows rather than stop after fewer rounds than these."""


@dataclass(frozen=True)
class Plan:
    """What every candidate goes through.

    Parameters
    ----------
    n_folds : int
        Folds of a candidate, out of those that the split has.
    fit_seconds : float
        Seconds that one fit should take; infinite without a time limit.
    round_seconds : float or None
        Measured seconds of one boosting round on the rows that `max_rows` leaves.
    max_rows : int or None
        Boosters draw at most so many training rows.
    scheme : str
        The split in words.
    train_share : float
        Share of the rows that one fold trains on.
    """

    n_folds: int
    fit_seconds: float
    round_seconds: float | None
    max_rows: int | None
    scheme: str
    train_share: float


@dataclass(frozen=True)
class Opening:
    """What the first fit measured.

    Parameters
    ----------
    fit_seconds : float
        Seconds of the fit, encoding included.
    round_seconds : float
        Seconds of one boosting round.
    n_rows : int
        Rows that it was fitted on.
    """

    fit_seconds: float
    round_seconds: float
    n_rows: int


def opening_rows(n_columns: int, n_classes: int) -> int:
    """Return how many rows the opening fit draws at most."""
    return max(2_000, _OPENING_CELLS // max(4, n_columns) // max(1, n_classes))


def cap_held_out(splits: Splits, n_rows: int, n_classes: int, movable: bool, seed: int) -> Splits:
    """Keep the held-out part of large folds at a size that is quick to predict.

    Rows that leave the held-out part join the training part where the split allows it
    (`movable`: no groups, no time order).
    """
    most = 20_000 if n_classes > 5 else 50_000
    if n_rows <= _HOLDOUT_ROWS or all(len(valid) <= most for _, valid in splits.folds):
        return splits
    folds = []
    for number, (train, valid) in enumerate(splits.folds):
        shuffled = np.random.default_rng([seed, number]).permutation(valid)
        kept, freed = np.sort(shuffled[:most]), shuffled[most:]
        folds.append((_joined(train, freed) if movable else train, kept))
    note = f"{splits.note}; " if splits.note else ""
    return Splits(tuple(folds), splits.scheme, f"{note}{most:,} held-out rows are scored")


def _joined(train: NDArray[np.int64], more: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.sort(np.concatenate([train, more]))


def plan_without_clock(splits: Splits, n_rows: int) -> Plan:
    """Plan by the size of the table alone, so that the same call always plans the same."""
    available = len(splits.folds)
    n_folds = 1 if n_rows > _HOLDOUT_ROWS else available
    scheme = scheme_in_words(splits, n_folds)
    return Plan(n_folds, math.inf, None, None, scheme, train_share(splits))


def plan_by_measurement(
    splits: Splits,
    opening: Opening,
    *,
    n_train: int,
    search_seconds: float,
    n_workers: int,
) -> Plan:
    """Take the most folds that still let enough candidates finish."""
    work = search_seconds * n_workers
    growth = max(1.0, n_train / max(1, opening.n_rows))
    standard = _STANDARD_COST * opening.fit_seconds * growth**0.8
    available = len(splits.folds)
    enough = next((few for rows, few in _ENOUGH if n_train <= rows), _ENOUGH_OF_MANY_ROWS)
    n_folds = 1
    for wanted in (available, 5, 3):
        if wanted <= available and work / (wanted * standard) >= enough:
            n_folds = wanted
            break
    fit_seconds = max(0.2, work / (enough * n_folds))
    round_seconds = opening.round_seconds * growth**0.8
    max_rows = None
    affordable = fit_seconds / max(1e-6, round_seconds * _LEAST_ROUNDS)
    if affordable < 1:
        max_rows = max(2_000, int(n_train * affordable ** (1 / 0.8)))
        round_seconds *= (max_rows / n_train) ** 0.8 if max_rows < n_train else 1.0
    return Plan(
        n_folds,
        fit_seconds,
        round_seconds,
        max_rows if max_rows and max_rows < n_train else None,
        scheme_in_words(splits, n_folds),
        train_share(splits),
    )


def train_share(splits: Splits) -> float:
    """Return the share of a fold's rows that it trains on."""
    train, valid = splits.folds[0]
    return len(train) / (len(train) + len(valid))


def scheme_in_words(splits: Splits, n_folds: int) -> str:
    """Say which of the split's folds are used."""
    available = len(splits.folds)
    if n_folds == available:
        return splits.scheme
    if n_folds == 1:
        n_valid = len(splits.folds[0][1])
        return f"one holdout of {n_valid:,} rows (of {splits.scheme}: folds are slow here)"
    return f"{n_folds} of {splits.scheme}"
