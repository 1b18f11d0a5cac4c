"""The definition itself: all coalitions of the interventional game, one prediction each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Any]


def brute_force(
    predict: Predict,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    players: Sequence[Sequence[str]] | None = None,
) -> Floats:
    """Return Shapley values (n, p, K) of the mean prediction over the background."""
    teams = [[name] for name in rows.columns] if players is None else [list(p) for p in players]
    coalitions = [
        frozenset(members)
        for size in range(len(teams) + 1)
        for members in combinations(range(len(teams)), size)
    ]
    pool = pd.concat([rows, background], ignore_index=True)
    n, m, k = len(rows), len(background), len(coalitions)
    own = np.repeat(np.arange(n), k * m)
    other = n + np.tile(np.arange(m), n * k)
    hybrids = {}
    for name in rows.columns:
        inside = [any(name in teams[player] for player in members) for members in coalitions]
        taken = np.where(np.tile(np.repeat(inside, m), n), own, other)
        hybrids[name] = pool[name].take(taken).reset_index(drop=True)
    given = np.asarray(predict(pd.DataFrame(hybrids)), dtype=np.float64)
    worth = given.reshape(n, k, m, -1).mean(axis=2)
    place = {members: at for at, members in enumerate(coalitions)}
    p = len(teams)
    values = np.zeros((n, p, worth.shape[2]))
    for members in coalitions:
        for player in set(range(p)) - members:
            weight = factorial(len(members)) * factorial(p - len(members) - 1) / factorial(p)
            step = worth[:, place[members | {player}]] - worth[:, place[members]]
            values[:, player] += weight * step
    return values


def logit(p: Any) -> Floats:
    """Return log-odds of clipped probabilities."""
    p = np.clip(np.asarray(p, dtype=np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)))


def centred_log(p: Any) -> Floats:
    """Return logarithms of clipped probabilities less their mean over the classes."""
    logs = np.log(np.clip(np.asarray(p, dtype=np.float64), 1e-7, 1 - 1e-7))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def three(values: Floats) -> Floats:
    """Return values with an axis of outputs."""
    return values[..., None] if values.ndim == 2 else values


def off(values: Floats, truth: Floats) -> float:
    """Return the largest error in units of the mean absolute true value."""
    return float(np.abs(three(values) - truth).max() / max(np.abs(truth).mean(), 1e-12))
