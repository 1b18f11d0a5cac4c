"""Exact Shapley values of sums of parts, by linearity: each part in its own closed form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from explain.parts import NOBODY, SHARED, matrix_of, n_outputs, owners
from explain.players import Players
from explain.protocol import Additive, Encoding, Floats, Linear, Linked, Node, Opaque, Term, Trees
from explain.trees import interventional, paired

if TYPE_CHECKING:
    import pandas as pd

CELLS_AT_ONCE = 4_000_000
"""Pairs of a row and a reference at which a term of two columns is evaluated at once."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Rows with what they were encoded to, once for each encoding.

    Parameters
    ----------
    frame : DataFrame
        Raw rows.
    matrices : dict
        Filled by `matrix_of`.
    """

    frame: pd.DataFrame
    matrices: dict[int, Any] = field(default_factory=dict)

    def matrix(self, encoding: Encoding | None) -> Any:
        """Return the rows as a part reads them; the frame where there is no encoding."""
        return matrix_of(encoding, self.frame, self.matrices)

    def take(self, rows: NDArray[Any] | slice) -> Encoded:
        """Return some of the rows, without encoding them again."""
        taken = {
            key: matrix.iloc[rows] if hasattr(matrix, "iloc") else matrix[rows]
            for key, matrix in self.matrices.items()
        }
        return Encoded(self.frame.iloc[rows], taken)


def exact_values(
    node: Node, rows: Encoded, references: Encoded, players: Players
) -> tuple[Floats, Floats]:
    """Return the values of an exact node against all references, and the base.

    Parameters
    ----------
    node : Node
        One for which `features.is_exact` holds.
    rows, references : Encoded
        n rows to explain, m rows of the background.
    players : Players
        p of them.

    Returns
    -------
    values : ndarray of float64, shape (n, p, n_outputs)
    base : ndarray of float64, shape (n_outputs,)
        Mean output of the references.
    """
    if isinstance(node, Trees):
        return _trees(node, rows, references, players)
    if isinstance(node, Linear):
        return _linear(node, rows, references, players)
    if isinstance(node, Additive):
        return _additive(node, rows, references, players)
    assert not isinstance(node, Opaque | Linked), "no exact values pass a curve or a black box"
    values = np.zeros((len(rows.frame), len(players.names), n_outputs(node)))
    base = node.shift.astype(np.float64).copy()
    for part, weight in zip(node.nodes, node.weights, strict=True):
        own, mean = exact_values(part, rows, references, players)
        values += own @ weight
        base += mean @ weight
    return values, base


def _trees(
    node: Trees, rows: Encoded, references: Encoded, players: Players
) -> tuple[Floats, Floats]:
    values, base = interventional(
        node.forest,
        dense(rows.matrix(node.encoding)),
        dense(references.matrix(node.encoding)),
        players=seats(node.encoding, players),
    )
    return seated(values, len(players.names)), base


def dense(matrix: Any) -> Floats:
    """Return a matrix of float64 that trees can read."""
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix, dtype=np.float64)


def seats(encoding: Encoding, players: Players) -> NDArray[np.intp]:
    """Return the player of each feature; features that no tree may split on get one more."""
    owner = owners(encoding, players)
    return np.where((owner == NOBODY) | (owner == SHARED), len(players.names), owner)


def seated(values: Floats, n_players: int) -> Floats:
    """Drop the seat of nobody, and give players without any feature their zeros."""
    kept = values[:, :n_players]
    if kept.shape[1] == n_players:
        return kept
    missing = n_players - kept.shape[1]
    return np.pad(kept, ((0, 0), (0, missing), (0, 0)))


def _linear(
    node: Linear, rows: Encoded, references: Encoded, players: Players
) -> tuple[Floats, Floats]:
    """Give each player coef * (x - mean of the references), summed over its features."""
    matrix = rows.matrix(node.encoding)
    mean = np.asarray(references.matrix(node.encoding).mean(axis=0), dtype=np.float64).ravel()
    values = linear_differences(node, matrix, mean[None, :], players)
    return values, mean @ node.coef + node.intercept


def linear_differences(node: Linear, matrix: Any, from_: Any, players: Players) -> Floats:
    """Return coef * (row - reference) by player, shape (n, p, n_outputs).

    `from_` has one row, or one a row.
    """
    owner = owners(node.encoding, players)
    mine = np.flatnonzero(owner >= 0)
    shape = (len(owner), len(players.names))
    gather = sparse.csr_matrix((np.ones(len(mine)), (mine, owner[mine])), shape=shape)
    outputs = [
        _gathered(matrix, coef, gather) - _gathered(from_, coef, gather) for coef in node.coef.T
    ]
    return np.stack(outputs, axis=2)


def _gathered(matrix: Any, coef: Floats, gather: Any) -> Floats:
    """Weigh the features and add them up by player."""
    product = matrix @ (sparse.diags(coef) @ gather)
    return np.asarray(product.toarray() if sparse.issparse(product) else product)


def _additive(
    node: Additive, rows: Encoded, references: Encoded, players: Players
) -> tuple[Floats, Floats]:
    matrix, background = rows.matrix(node.encoding), references.matrix(node.encoding)
    owner = owners(node.encoding, players)
    values = np.zeros((matrix.shape[0], len(players.names), len(node.intercept)))
    base = node.intercept.astype(np.float64).copy()
    for term in node.terms:
        x, r = columns_of(matrix, term), columns_of(background, term)
        mean = term.evaluate(r).mean(axis=0)
        base += mean
        theirs = [int(owner[feature]) for feature in term.features]
        known = {place for place in theirs if place >= 0}
        if len(known) == 1:
            values[:, known.pop()] += term.evaluate(x) - mean
        elif len(known) == 2:
            first, second = _alone(term, x, r)
            both = term.evaluate(x)
            values[:, theirs[0]] += (first - mean + both - second) / 2
            values[:, theirs[1]] += (second - mean + both - first) / 2
    return values, base


def columns_of(matrix: Any, term: Term) -> Any:
    """Return the columns that a term reads."""
    return matrix[:, list(term.features)]


def _alone(term: Term, x: Any, r: Any) -> tuple[Floats, Floats]:
    """Return the mean of a term with only the first, and only the second column of each row.

    Each distinct value is evaluated once against each distinct value of the references.
    """
    means = []
    for own in (0, 1):
        values, place = np.unique(x[:, own], return_inverse=True)
        others, counts = np.unique(r[:, 1 - own], return_counts=True)
        step = max(1, CELLS_AT_ONCE // len(others))
        found = []
        for start in range(0, len(values), step):
            block = values[start : start + step]
            pairs = np.empty((len(block), len(others), 2), dtype=x.dtype)
            pairs[:, :, own] = block[:, None]
            pairs[:, :, 1 - own] = others[None, :]
            given = term.evaluate(pairs.reshape(-1, 2)).reshape(len(block), len(others), -1)
            found.append(np.einsum("vrk,r->vk", given, counts / counts.sum()))
        means.append(np.concatenate(found)[place.ravel()])
    return means[0], means[1]


def paired_values(node: Node, rows: Encoded, references: Encoded, players: Players) -> Floats:
    """Return the values of an exact node for each row against its own reference.

    Parameters
    ----------
    node : Node
        One for which `is_exact` holds.
    rows, references : Encoded
        As many references as rows.
    players : Players
        p of them.

    Returns
    -------
    ndarray of float64, shape (n, p, n_outputs)
        Sums over players are the differences of the node's outputs.
    """
    n_players = len(players.names)
    if isinstance(node, Trees):
        x, r = (dense(one.matrix(node.encoding)) for one in (rows, references))
        return seated(paired(node.forest, x, r, players=seats(node.encoding, players)), n_players)
    if isinstance(node, Linear):
        x, r = (one.matrix(node.encoding) for one in (rows, references))
        return linear_differences(node, x, r, players)
    if isinstance(node, Additive):
        return _additive_differences(node, rows, references, players)
    assert not isinstance(node, Opaque | Linked), "no exact values pass a curve or a black box"
    values = np.zeros((len(rows.frame), n_players, n_outputs(node)))
    for part, weight in zip(node.nodes, node.weights, strict=True):
        values += paired_values(part, rows, references, players) @ weight
    return values


def _additive_differences(
    node: Additive, rows: Encoded, references: Encoded, players: Players
) -> Floats:
    matrix, others = rows.matrix(node.encoding), references.matrix(node.encoding)
    owner = owners(node.encoding, players)
    values = np.zeros((matrix.shape[0], len(players.names), len(node.intercept)))
    for term in node.terms:
        x, r = columns_of(matrix, term), columns_of(others, term)
        theirs = [int(owner[feature]) for feature in term.features]
        known = {place for place in theirs if place >= 0}
        whole = term.evaluate(x) - term.evaluate(r)
        if len(known) == 1:
            values[:, known.pop()] += whole
        elif len(known) == 2:
            first = np.column_stack([x[:, 0], r[:, 1]])
            second = np.column_stack([r[:, 0], x[:, 1]])
            lead = term.evaluate(first) - term.evaluate(second)
            values[:, theirs[0]] += (whole + lead) / 2
            values[:, theirs[1]] += (whole - lead) / 2
    return values
