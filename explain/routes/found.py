"""Values of a node against a background: the exact part, the rest, and the errors of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.games import background_error
from explain.players import Players
from explain.protocol import Additive, Floats, Linear, Node, Weighted
from explain.routes.exact import Encoded, exact_values, paired_values
from explain.routes.sampled import sampled_values

MEASURED_ROWS = 50
MEASURED_REFERENCES = 200
"""Rows and references between which exact values are taken pair by pair, for their spread."""

MOST_REFERENCES = 10_000
"""References of an additive node, whose spread is the same for every row."""


@dataclass(frozen=True, eq=False)
class Found:
    """Values with their errors.

    Parameters
    ----------
    values : ndarray of float64, shape (n, p, K)
    base : ndarray of float64, shape (K,)
    errors : ndarray of float64, shape (n, p, K)
        Standard errors against what the whole background would give exactly.
    background_errors : ndarray of float64, shape (n, p, K)
        Standard errors of the whole background as a sample; NaN where not measured.
    importance_errors : ndarray of float64, shape (p, K)
        The same of the mean absolute values.
    exact : ndarray of bool, shape (n,)
        Rows whose values are exact.
    evaluations : int
        Rows that the model predicted.
    n_references : int
        Rows of the background of which every one was used.
    """

    values: Floats
    base: Floats
    errors: Floats
    background_errors: Floats
    importance_errors: Floats
    exact: NDArray[np.bool_]
    evaluations: int
    n_references: int


def find_exact(
    node: Node, rows: Encoded, references: Encoded, players: Players, *, spread: bool = True
) -> Found:
    """Find the values of an exact node, with the spread over references of some rows."""
    values, base = exact_values(node, rows, references, players)
    errors, importance = _unmeasured(values)
    if spread:
        errors, importance = _background(node, rows, references, players, values)
    return Found(
        values,
        base,
        np.zeros_like(values),
        errors,
        importance,
        np.ones(len(values), dtype=bool),
        0,
        len(references.frame),
    )


def _background(
    node: Node, rows: Encoded, references: Encoded, players: Players, values: Floats
) -> tuple[Floats, Floats]:
    """Return the background's standard errors of values and of mean absolute values.

    Each value is a mean over references, so its error is their standard deviation over the root
    of their number; the deviation is measured on some rows and references. Other rows get the
    root mean square of those that were measured. Where no columns interact, the deviation is the
    same for every row, and nearly all references are used.
    """
    n, m = len(rows.frame), len(references.frame)
    errors, importance = _unmeasured(values)
    if m < 2 or not n:
        return errors, importance
    alike = _is_additive(node)
    most_rows, most_references = (
        (1, MOST_REFERENCES) if alike else (MEASURED_ROWS, MEASURED_REFERENCES)
    )
    measured = np.unique(np.linspace(0, n - 1, min(n, most_rows)).astype(np.intp))
    drawn = np.random.default_rng(m).permutation(m)[:most_references]
    x = rows.take(np.repeat(measured, len(drawn)))
    r = references.take(np.tile(drawn, len(measured)))
    each = paired_values(node, x, r, players)
    each = each.reshape(len(measured), len(drawn), *values.shape[1:]).swapaxes(0, 1)
    shrunk = np.sqrt(len(drawn) / m)
    found = background_error(each) * shrunk
    errors[:] = np.sqrt((found**2).mean(axis=0))
    errors[measured] = found
    # A mean absolute value moves with its values' signs.
    if alike:
        signed = each[:, 0] * np.sign(values).mean(axis=0)
    else:
        signed = (each * np.sign(values[measured])).mean(axis=1)
    return errors, background_error(signed) * shrunk


def _unmeasured(values: Floats) -> tuple[Floats, Floats]:
    """Return errors of values and of their mean absolute values that nobody measured."""
    return np.full(values.shape, np.nan), np.full(values.shape[1:], np.nan)


def _is_additive(node: Node) -> bool:
    """Tell whether no two columns of a node interact."""
    if isinstance(node, Weighted):
        return all(_is_additive(part) for part in node.nodes)
    if isinstance(node, Additive):
        return all(len(term.features) == 1 for term in node.terms)
    return isinstance(node, Linear)


def find_sampled(
    node: Node,
    rows: Encoded,
    references: Encoded,
    players: Players,
    *,
    outputs: Floats,
    positions: NDArray[np.int64],
    n_references: int,
    seed: int,
) -> Found:
    """Find the values of any node, on a sample of the background.

    Parameters
    ----------
    node : Node
        K outputs.
    rows, references : Encoded
        n rows; the whole background.
    players : Players
        p of them.
    outputs : ndarray of float64, shape (m, K)
        Of the whole background.
    positions : ndarray of int64, shape (n,)
        Positions of the rows in what the caller gave.
    n_references : int
        References that are used; all, where there are no more.
    seed : int
        Of all draws.
    """
    n_all, mean, whole = len(references.frame), outputs.mean(axis=0), references
    if n_references < n_all:
        drawn = np.random.default_rng([seed, 0xBAC]).permutation(n_all)[:n_references]
        references = references.take(np.sort(drawn))
    m = len(references.frame)
    found = sampled_values(node, rows, references, players, positions=positions, seed=seed)
    spread = np.nan_to_num(found.background_errors)
    missing = np.sqrt(1 - m / n_all)
    errors = np.hypot(found.errors, spread * missing)
    if m < n_all:
        unseen = _unseen(rows.frame, whole.frame, references.frame, players)
        errors = np.maximum(errors, unseen[:, :, None] * outputs.std(axis=0))
    values = found.values
    if m < n_all:  # else the two differ by rounding, which is no column's own
        values = _closed(values, found.base - mean, errors)
    background = found.background_errors * np.sqrt(m / n_all)
    return Found(
        values,
        mean,
        errors,
        background,
        background.mean(axis=0),
        found.exact & (m == n_all),
        found.evaluations,
        m,
    )


def _unseen(
    rows: pd.DataFrame, whole: pd.DataFrame, used: pd.DataFrame, players: Players
) -> Floats:
    """Return the share of the background that differs where no used reference does, (n, p).

    There a player changes nothing in the sample, and its spread is 0. Its value is that share
    times an effect that nobody saw; one standard deviation of the output stands in for it.
    """
    n, n_all = len(rows), len(whole)
    pool = pd.concat([rows, whole, used], ignore_index=True)
    found = np.zeros((n, len(players.names)))
    for place, columns in enumerate(players.columns):
        codes = pool.groupby(list(columns), dropna=False, observed=True, sort=False).ngroup()
        code = codes.to_numpy()
        own, of_whole, of_used = code[:n], code[n : n + n_all], code[n + n_all :]
        size = int(code.max()) + 1
        equal = np.bincount(of_whole, minlength=size)[own]
        equal_used = np.bincount(of_used, minlength=size)[own]
        found[:, place] = np.where(equal_used == len(used), 1 - equal / n_all, 0.0)
    return found


def _closed(values: Floats, excess: Floats, errors: Floats) -> Floats:
    """Make values sum to the prediction less the whole background's mean.

    With a sample of the background they sum to the prediction less the sample's mean. That gap is
    known, so it is shared out in proportion to the values' variances, which is the least change
    in units of their errors.
    """
    weights = errors**2
    total = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1 / max(1, weights.shape[1]))
    shares = np.divide(weights, total, out=even, where=total > 0)
    return np.asarray(values + shares * excess)


def added(one: Found, other: Found) -> Found:
    """Add the values of two nodes; both errors come from one background, so they are added up."""
    return Found(
        one.values + other.values,
        one.base + other.base,
        np.hypot(one.errors, other.errors),
        one.background_errors + other.background_errors,
        one.importance_errors + other.importance_errors,
        one.exact & other.exact,
        one.evaluations + other.evaluations,
        min(one.n_references, other.n_references),
    )
