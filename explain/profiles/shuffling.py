"""Permutation importance of columns and groups of columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError
from explain.profiles.columns import (
    Floats,
    Ints,
    check_columns,
    check_settings,
    checked_frame,
    sample_rows,
    stream,
)
from explain.profiles.effect import t_quantile
from explain.profiles.losses import (
    LossName,
    Score,
    checked_target,
    class_codes,
    log_losses,
    score_name,
    scored,
    squared_errors,
)
from explain.profiles.swaps import Predict, Swap, swapped
from explain.progress import steps

BLOCKS = 20
"""Groups of rows that the jackknife of a score leaves out, one after the other."""


@dataclass(frozen=True, eq=False)
class Importance:
    """How much worse a model does without what some columns tell.

    Parameters
    ----------
    names : tuple of hashable
        Columns, or names of groups of columns.
    groups : tuple of tuple of hashable
        The columns of each.
    values : ndarray of float64, shape (n_names,)
        Rise of the mean loss, or fall of the score, when the columns are exchanged between rows.
    low, high : ndarray of float64, shape (n_names,)
        Its interval; NaN where the score cannot be computed without some of the rows.
    ranks : ndarray of int, shape (n_names,)
        1 for the largest value; equal values share a rank.
    rank_low, rank_high : ndarray of int, shape (n_names,)
        Ranks that cannot be ruled out: columns whose difference is clear count as above or below.
    repeats : ndarray of float64, shape (n_names, n_repeats)
        Value of each exchange.
    base : float
        Mean loss, or score, on the rows as they are.
    score : str
        Name of the loss or score.
    n_rows : int
        Rows used.
    confidence : float
        Confidence of the intervals.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
    >>> result = permuted(lambda rows: rows["a"], X, X["a"], "squared_error")
    >>> result.to_frame()[["column", "value", "rank"]].to_numpy().tolist()
    [['a', 2.0, 1], ['b', 0.0, 2]]
    """

    names: tuple[Hashable, ...]
    groups: tuple[tuple[Hashable, ...], ...]
    values: Floats
    low: Floats
    high: Floats
    ranks: Ints
    rank_low: Ints
    rank_high: Ints
    repeats: Floats
    base: float
    score: str
    n_rows: int
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per column or group, the most important first.

        Returns
        -------
        DataFrame
            Columns: column, value, low, high, rank, rank_low, rank_high.
        """
        table = pd.DataFrame(
            {
                "column": pd.Series(list(self.names), dtype=object),
                "value": self.values,
                "low": self.low,
                "high": self.high,
                "rank": self.ranks,
                "rank_low": self.rank_low,
                "rank_high": self.rank_high,
            }
        )
        return table.sort_values("rank", kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Spread:
    """Deviations from which standard errors of values and of their differences follow.

    Parameters
    ----------
    deviations : ndarray of float64, shape (n_units, n_names)
        Influence of each row, or deviation of each jackknife replicate.
    scale : float
        Standard error over the root of the deviations' sum of squares.
    degrees : float
        Degrees of freedom.
    """

    deviations: Floats
    scale: float
    degrees: float


def permuted(
    predict: Predict,
    X: pd.DataFrame,
    y: ArrayLike,
    score: Score | LossName,
    *,
    groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    classes: Sequence[Any] | None = None,
    n_repeats: int = 5,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Importance:
    """Return how much a model's score falls when columns are exchanged between rows.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows, best those on which the model was not fitted.
    y : array_like, shape (n_rows,)
        The target.
    score : {"log_loss", "squared_error"} or callable
        A loss of rows, or ``(y, prediction) -> float``, higher is better, where a single output is
        given as a vector.
    groups : mapping of name to columns, optional
        Columns that are exchanged together. Others stand alone.
    classes : sequence, optional
        With "log_loss": the classes in the order of predict's columns. Default: y holds 0, 1, ….
    n_repeats : int, default 5
        Exchanges per column; at most n_rows - 1.
    max_rows : int, default 1000
        With more rows, a random sample of so many is used.
    confidence : float, default 0.95
        Confidence of the intervals.
    seed : int, default 0
        Seed of sample, exchanges and jackknife blocks.

    Returns
    -------
    Importance
        With a loss, the mean of ``loss(y_i, f(x_i with columns of row i')) - loss(y_i, f(x_i))``
        over rows and exchanges (Breiman 2001; Fisher, Rudin and Dominici 2019).

    Raises
    ------
    explain.errors.ArgumentError
        If there are fewer than 2 rows, y does not fit X or holds one class only, a column is
        unknown or in two groups, or a setting is out of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Notes
    -----
    Rows are put in random order and each takes the columns of the row some places before it, so no
    row keeps its own value and the mean is without bias; all columns share the same exchanges.
    Interval of a loss: t, from what each row adds as receiver and as donor (the two projections of
    a U-statistic); rows alone as receivers would leave out half of the variance. Interval of a
    callable score: t, jackknife over 20 blocks of rows, left out as receivers and as donors.
    Ranks: paired differences between columns with Bonferroni's correction.

    Correlated columns stand in for each other: each may seem useless while both matter. Give them
    as one group.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(500, 3)), columns=["a", "b", "c"])
    >>> y = X["a"] + 2 * X["b"]
    >>> result = permuted(lambda rows: rows["a"] + 2 * rows["b"], X, y, "squared_error")
    >>> result.to_frame()["column"].tolist()
    ['b', 'a', 'c']
    >>> result.values[2]
    np.float64(0.0)
    """
    check_settings(confidence=confidence, n_repeats=n_repeats, max_rows=max_rows)
    whole = checked_frame(X)
    target = checked_target(y, len(whole))
    rows = sample_rows(len(whole), max_rows, seed)
    if len(rows) < 2:
        raise ArgumentError("exchanging values needs at least 2 rows", got=f"{len(rows)} row")
    players = _players(whole, groups)
    frame, target = whole.take(rows).reset_index(drop=True), target[rows]
    donors = _donors(len(rows), n_repeats, seed)
    every = np.arange(len(rows))
    (own,) = swapped(predict, frame, [Swap((), every, every)])
    swaps = (Swap(columns, every, given) for columns in players.values() for given in donors)
    watched = steps(swaps, "exchanges of columns", len(players) * len(donors))
    predictions = swapped(predict, frame, watched)
    if callable(score):
        outcome = _by_score(score, target, own, predictions, donors, seed)
        name = score_name(score)
    else:
        loss = _loss(score, target, classes)
        outcome = _by_loss(loss, own, predictions, donors)
        name = score
    return _importance(players, *outcome, name, len(rows), confidence)


def _players(
    frame: pd.DataFrame, groups: Mapping[Hashable, Sequence[Hashable]] | None
) -> dict[Hashable, tuple[Hashable, ...]]:
    """Return the columns of each player: groups first, then every other column alone."""
    players = {name: tuple(columns) for name, columns in (groups or {}).items()}
    grouped = [column for columns in players.values() for column in columns]
    check_columns(frame, grouped)
    twice = [column for column in grouped if grouped.count(column) > 1]
    if twice:
        raise ArgumentError("a column can be in one group only", got=f"{twice[0]!r} twice")
    taken = set(grouped)
    for column in frame.columns:
        if column in taken:
            continue
        if column in players:
            raise ArgumentError(
                "a group has the name of a column outside it",
                got=repr(column),
                hint="another name for the group",
            )
        players[column] = (column,)
    return players


def _donors(n_rows: int, n_repeats: int, seed: int) -> list[Ints]:
    """Return each row's donor in each exchange, never itself and never the same one twice."""
    rng = stream(seed, 5)
    order = rng.permutation(n_rows)
    shifts = rng.permutation(np.arange(1, n_rows))[:n_repeats]
    donors = []
    for shift in shifts:
        given = np.empty(n_rows, dtype=np.int64)
        given[order] = np.roll(order, shift)
        donors.append(given)
    return donors


def _loss(
    name: str, target: NDArray[Any], classes: Sequence[Any] | None
) -> Callable[[Floats], Floats]:
    if name == "log_loss":
        codes = class_codes(target, classes)
        return lambda prediction: log_losses(codes, prediction)
    if name != "squared_error":
        raise ArgumentError(
            f"there is no loss {name!r}",
            got="log_loss and squared_error are built in",
            hint="a callable (y, prediction) -> float, higher is better",
        )
    if target.dtype.kind not in "biuf":
        raise ArgumentError(
            "squared error needs a target of numbers", got=f"such as {target[:1].tolist()[0]!r}"
        )
    numbers = target.astype(np.float64)
    return lambda prediction: squared_errors(numbers, prediction)


def _by_loss(
    loss: Callable[[Floats], Floats],
    own: Floats,
    predictions: Iterator[Floats],
    donors: list[Ints],
) -> tuple[float, Floats, _Spread]:
    """Return mean loss, value of each exchange, and the rows' influences."""
    base = loss(own)
    n_rows = len(base)
    repeats, influences = [], []
    while parts := list(islice(predictions, len(donors))):
        rises = [loss(part) - base for part in parts]
        values = np.array([rise.mean() for rise in rises])
        influence = np.full(n_rows, -2 * values.mean())
        for rise, given in zip(rises, donors, strict=True):
            influence += rise / len(donors)
            influence[given] += rise / len(donors)
        repeats.append(values)
        influences.append(influence)
    scale = math.sqrt(n_rows / (n_rows - 1)) / n_rows
    spread = _Spread(np.column_stack(influences), scale, n_rows - 1.0)
    return float(base.mean()), np.array(repeats), spread


def _by_score(
    score: Score,
    target: NDArray[Any],
    own: Floats,
    predictions: Iterator[Floats],
    donors: list[Ints],
    seed: int,
) -> tuple[float, Floats, _Spread]:
    """Return score, value of each exchange, and deviations of jackknife replicates."""
    n_rows = len(target)
    n_blocks = min(BLOCKS, n_rows)
    block = stream(seed, 6).permutation(n_rows) % n_blocks
    kept = [block != k for k in range(n_blocks)]
    base = scored(score, target, own)
    if not math.isfinite(base):
        raise ArgumentError(
            "the score is not a finite number on the rows as they are", got=f"{base}"
        )
    base_without = [_replicate(score, target, own, keep) for keep in kept]
    repeats, replicates = [], []
    while parts := list(islice(predictions, len(donors))):
        falls = [base - scored(score, target, part) for part in parts]
        if not np.isfinite(falls).all():
            raise ArgumentError(
                "the score is not a finite number on rows with exchanged columns",
                got=f"{base - falls[0]}",
                hint="a callable (y, prediction) -> float that any prediction has a score of",
            )
        repeats.append(falls)
        without = [
            [
                base_without[k] - _replicate(score, target, part, keep & keep[given])
                for part, given in zip(parts, donors, strict=True)
            ]
            for k, keep in enumerate(kept)
        ]
        replicates.append(np.mean(without, axis=1))
    table = np.column_stack(replicates)
    scale = math.sqrt((n_blocks - 1) / n_blocks)
    spread = _Spread(table - table.mean(axis=0), scale, n_blocks - 1.0)
    return base, np.array(repeats), spread


def _replicate(
    score: Score, target: NDArray[Any], prediction: Floats, keep: NDArray[np.bool_]
) -> float:
    """Return the score on some rows; NaN where it does not exist on them (one class left)."""
    try:
        return scored(score, target[keep], prediction[keep])
    except ArgumentError as error:
        if isinstance(error.__cause__, ValueError):  # so scores refuse a single class
            return math.nan
        raise


def _importance(
    players: dict[Hashable, tuple[Hashable, ...]],
    base: float,
    repeats: Floats,
    spread: _Spread,
    name: str,
    n_rows: int,
    confidence: float,
) -> Importance:
    values = repeats.mean(axis=1)
    error = spread.scale * np.sqrt((spread.deviations**2).sum(axis=0))
    half = t_quantile(confidence, spread.degrees) * error
    above, below = _clear_differences(values, spread, confidence)
    ordered = np.sort(values)
    ranks = len(values) - np.searchsorted(ordered, values, side="right") + 1
    return Importance(
        names=tuple(players),
        groups=tuple(players.values()),
        values=values,
        low=values - half,
        high=values + half,
        ranks=ranks.astype(np.int64),
        rank_low=1 + above,
        rank_high=len(values) - below,
        repeats=repeats,
        base=base,
        score=name,
        n_rows=n_rows,
        confidence=confidence,
    )


def _clear_differences(values: Floats, spread: _Spread, confidence: float) -> tuple[Ints, Ints]:
    """Return how many others are clearly above, and clearly below, each value."""
    n_names = len(values)
    corrected = 1 - (1 - confidence) / max(1, n_names - 1)
    quantile = t_quantile(corrected, spread.degrees)
    squares = (spread.deviations**2).sum(axis=0)
    above = np.zeros(n_names, dtype=np.int64)
    below = np.zeros(n_names, dtype=np.int64)
    for start in range(0, n_names, 500):
        part = slice(start, start + 500)
        cross = spread.deviations[:, part].T @ spread.deviations
        apart = np.maximum(squares[part, None] + squares[None, :] - 2 * cross, 0.0)
        margin = quantile * spread.scale * np.sqrt(apart)
        difference = values[None, :] - values[part, None]
        above[part] = (difference > margin).sum(axis=1)
        below[part] = (-difference > margin).sum(axis=1)
    return above, below
