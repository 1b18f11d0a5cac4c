"""What nodes give for raw rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explain.parts.links import linked
from explain.protocol import (
    Additive,
    Encoding,
    Floats,
    Linear,
    Linked,
    Node,
    Opaque,
    Trees,
    Weighted,
)

if TYPE_CHECKING:
    import pandas as pd


def n_outputs(node: Node) -> int:
    """Return the number of outputs of a node."""
    if isinstance(node, Trees):
        return node.forest.n_outputs
    if isinstance(node, Linear | Additive):
        return len(node.intercept)
    if isinstance(node, Opaque):
        return node.n_outputs
    if isinstance(node, Linked):
        return n_outputs(node.inner)
    return len(node.shift)


def evaluate(node: Node, frame: pd.DataFrame, encoded: dict[int, Any] | None = None) -> Floats:
    """Return a node's outputs of raw rows, shape (n_rows, n_outputs).

    `encoded` keeps matrices by the identity of their encoding, so that parts which share one
    encode the rows once.
    """
    encoded = {} if encoded is None else encoded
    if isinstance(node, Opaque) and node.encoding is None:
        return node.evaluate(frame)
    if isinstance(node, Linked):
        return linked(evaluate(node.inner, frame, encoded), node.link, node.limits)
    if not isinstance(node, Weighted):
        return on_matrix(node, matrix_of(node.encoding, frame, encoded))
    total = np.repeat(node.shift[None, :], len(frame), axis=0)
    for part, weight in zip(node.nodes, node.weights, strict=True):
        total += evaluate(part, frame, encoded) @ weight
    return total


def matrix_of(encoding: Encoding | None, frame: pd.DataFrame, encoded: dict[int, Any]) -> Any:
    """Encode rows, once for each encoding."""
    if encoding is None:
        return frame
    if id(encoding) not in encoded:
        encoded[id(encoding)] = encoding.transform(frame)
    return encoded[id(encoding)]


def on_matrix(node: Trees | Linear | Additive | Opaque, matrix: Any) -> Floats:
    """Return what a part with an encoding gives for encoded rows."""
    if isinstance(node, Opaque):
        return node.evaluate(matrix)
    if isinstance(node, Trees):
        return node.predict(matrix) if node.predict else node.forest.predict(matrix)
    if isinstance(node, Linear):
        return np.asarray(matrix @ node.coef, dtype=np.float64) + node.intercept
    total = np.repeat(node.intercept[None, :], matrix.shape[0], axis=0)
    for term in node.terms:
        total += term.evaluate(matrix[:, list(term.features)])
    return total
