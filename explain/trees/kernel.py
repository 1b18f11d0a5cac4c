"""Exact interventional Shapley values of a forest, over every row of a background."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError
from explain.trees.columns import Columns
from explain.trees.forest import Forest, as_matrix
from explain.trees.leafgame import leaf_values
from explain.trees.patterns import Patterns, all_rows, covering

ACCUMULATOR_BYTES = 1 << 27
"""Memory that the sums may take."""
ROWS_AT_ONCE = 16_384
REFERENCES_AT_ONCE = 65_536
PRUNE_PAIRS = 1 << 16
"""Up to this many pairs of patterns it pays to look for those that matter no more."""

FEW_PATTERNS = 32
"""With up to this many, a leaf sees as quickly for itself which patterns meet."""


def interventional(
    forest: Forest,
    X: ArrayLike,
    background: ArrayLike,
    *,
    players: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Compute exact interventional Shapley values of the forest's output.

    Parameters
    ----------
    forest : Forest
        The model, from `read_forest`.
    X : array-like of shape (n, n_features)
        Rows to explain, as the model reads them.
    background : array-like of shape (m, n_features)
        Reference rows; every one is used.
    players : array-like of int of shape (n_features,), optional
        The player of each column, numbered from 0. Columns with one number act together as one
        player, exactly: they are taken from the row, or from the reference, all at once. By
        default every column is a player.
    weights : array-like of shape (m,), optional
        Weights of the reference rows, at least 0; they are divided by their sum.

    Returns
    -------
    values : ndarray of shape (n, n_players, n_outputs)
        On the forest's scale. ``base + values.sum(axis=1)`` equals ``forest.predict(X)``. A
        player on whose columns no tree decides has exactly 0.
    base : ndarray of shape (n_outputs,)
        The weighted mean of ``forest.predict(background)``.

    Raises
    ------
    explain.errors.ArgumentError
        The background has no rows, or an argument has the wrong shape or holds impossible
        numbers.

    Notes
    -----
    The value function is :math:`v(S) = \sum_r w_r f(x_S, r_{\bar S})`. Each leaf needs the
    patterns of the path's conditions that the rows and the references meet, once for each, and
    a table over distinct patterns; so the cost grows with n + m and not with n · m. Where the
    rows are the background, the patterns of both are the same and found once.

    One thread works: steps of some 10 µs each, which two threads do slower than one.

    References
    ----------
    Lundberg et al. (2020), "From local explanations to global understanding with explainable AI
    for trees", Nature Machine Intelligence 2, 56-67 (the game of one leaf).
    Nadel and Wettenstein (2026), "From decision trees to Boolean logic: a fast and unified SHAP
    algorithm", AAAI (patterns of a path, counted over the background).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from explain.trees import read_forest
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = DecisionTreeRegressor().fit(X, [0.0, 0.0, 0.0, 80.0])
    >>> values, base = interventional(read_forest(model), X[3:], X)
    >>> values[0, :, 0].tolist(), base.tolist()
    ([30.0, 30.0], [20.0])
    """
    rows = as_matrix(X, forest.n_features, "rows")
    references = as_matrix(background, forest.n_features, "background rows")
    if not len(references):
        raise ArgumentError("the background has no rows", hint="at least one row")
    player_of = player_of_features(forest, players)
    shares = _shares(weights, len(references))
    base = (shares @ (forest.predict(references) - forest.base)) / shares.sum() + forest.base
    values = np.zeros((len(rows), int(player_of.max(initial=-1)) + 1, forest.n_outputs))
    playing = np.unique(player_of[forest.used])
    for chunk in _chunks(len(rows), len(playing) * forest.n_outputs):
        columns = Columns.of(forest, rows[chunk])
        for job in _jobs(forest, references, shares, np.searchsorted(playing, player_of)):
            sums = _over_trees(job, columns, len(playing))
            values[chunk][:, playing] += sums.transpose(2, 1, 0)
    return values, base


@dataclass(frozen=True, eq=False)
class _Job:
    """What all trees share: a block of references, their weights, each column's seat.

    A seat is the place of the column's player among the players whose columns are used.
    """

    forest: Forest
    references: Columns
    shares: NDArray[np.float64]
    total: float
    seat: NDArray[np.intp]


def _jobs(
    forest: Forest,
    references: NDArray[np.float64],
    shares: NDArray[np.float64],
    seat: NDArray[np.intp],
) -> Iterator[_Job]:
    """Cut the background into blocks, whose values add up, without rows of weight 0."""
    weighty = np.flatnonzero(shares)
    total = float(shares.sum())
    for start in range(0, len(weighty), REFERENCES_AT_ONCE):
        block = weighty[start : start + REFERENCES_AT_ONCE]
        columns = Columns.of(forest, references[block])
        yield _Job(forest, columns, shares[block], total, seat)


def player_of_features(forest: Forest, players: ArrayLike | None) -> NDArray[np.intp]:
    """Check the players' numbers."""
    if players is None:
        return np.arange(forest.n_features, dtype=np.intp)
    numbers = np.asarray(players)
    if numbers.shape != (forest.n_features,) or numbers.dtype.kind not in "iu":
        raise ArgumentError(
            "players must give a whole number for each column",
            got=f"shape {numbers.shape}, {numbers.dtype}",
            hint=f"an integer array of shape ({forest.n_features},)",
        )
    if len(numbers) and numbers.min() < 0:
        raise ArgumentError("players are numbered from 0", got=f"{numbers.min()}")
    return numbers.astype(np.intp)


def _shares(weights: ArrayLike | None, n_references: int) -> NDArray[np.float64]:
    """Check the background's weights."""
    if weights is None:
        return np.ones(n_references)
    shares = np.asarray(weights, dtype=np.float64)
    if shares.shape != (n_references,):
        raise ArgumentError(
            "weights must give a number for each background row",
            got=f"shape {shares.shape} for {n_references} rows",
        )
    if not np.all(np.isfinite(shares)) or shares.min() < 0 or shares.sum() <= 0:
        raise ArgumentError(
            "weights must be finite, at least 0, and not all 0",
            got=f"from {shares.min()} to {shares.max()}",
        )
    return shares


def _chunks(n_rows: int, n_sums: int) -> Iterator[slice]:
    """Cut the rows so that the sums stay within their memory."""
    step = max(1, min(ROWS_AT_ONCE, ACCUMULATOR_BYTES // (8 * max(n_sums, 1))))
    for start in range(0, n_rows, step):
        yield slice(start, start + step)


def _over_trees(job: _Job, columns: Columns, n_playing: int) -> NDArray[np.float64]:
    """Add all trees' values, shape (n_outputs, n_playing, n)."""
    sums = np.zeros((job.forest.n_outputs, n_playing, len(columns)))
    rows = all_rows(len(columns))
    # One object stands for both sides where they are the same rows.
    same = np.array_equal(columns.matrix, job.references.matrix, equal_nan=True)
    references = rows if same else all_rows(len(job.references))
    for root in job.forest.root:
        _add_tree(job, int(root), columns, (rows, references), sums)
    return sums


def _add_tree(
    job: _Job,
    root: int,
    columns: Columns,
    sides: tuple[Patterns, Patterns],
    sums: NDArray[np.float64],
) -> None:
    """Walk down one tree and add its leaves' values."""
    forest = job.forest
    waiting: list[tuple[int, list[int], Patterns, Patterns]] = [(root, [], *sides)]
    while waiting:
        node, path, rows, references = waiting.pop()
        if forest.left[node] < 0:
            _add_leaf(job, node, path, rows, references, sums)
            continue
        seat = int(job.seat[forest.feature[node]])
        path = path if seat in path else [*path, seat]
        place = path.index(seat)
        own = others = rows.split(place, columns.go_left(node, rows))
        if references is not rows:
            others = references.split(place, job.references.go_left(node, references))
        children = (int(forest.left[node]), int(forest.right[node]))
        for child, of_rows, of_references in zip(children, own, others, strict=True):
            if forest.left[child] >= 0 or len(of_rows.table) > FEW_PATTERNS:
                of_rows, of_references = _pruned(of_rows, of_references)
            if len(of_rows.ids) and len(of_references.ids):
                waiting.append((child, path, of_rows, of_references))


def _pruned(rows: Patterns, references: Patterns) -> tuple[Patterns, Patterns]:
    """Drop patterns with which no partner can reach the node; below it they stay so."""
    if len(rows.table) * len(references.table) > PRUNE_PAIRS:
        return rows, references
    pairs = covering(rows.table, references.table)
    kept = rows.keep(np.any(pairs, axis=1))
    if references is rows:
        return kept, kept
    return kept, references.keep(np.any(pairs, axis=0))


def _add_leaf(
    job: _Job,
    leaf: int,
    path: list[int],
    rows: Patterns,
    references: Patterns,
    sums: NDArray[np.float64],
) -> None:
    """Add one leaf's values to the sums of its path's players."""
    value = job.forest.value[leaf]
    outputs = np.flatnonzero(value)
    if not path or not len(outputs):
        return
    shares = references.take(job.shares)
    counts = np.bincount(references.ids, weights=shares, minlength=len(references.table))
    unit = leaf_values(rows.table, references.table, counts.astype(np.float64)) / job.total
    for place, seat in enumerate(path):
        of_pattern = unit[:, place]
        for output in outputs:
            gained = (of_pattern * value[output]).take(rows.ids)
            if rows.rows is None:
                sums[output, seat] += gained
            else:
                sums[output, seat, rows.rows] += gained
