"""Which player each feature of an encoding belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.players import Players
from explain.protocol import Additive, Encoding, Linear, Linked, Node, Opaque, Trees, Weighted

SHARED = -2
"""A feature that several players make together."""
NOBODY = -1
"""A constant feature."""


def owners(encoding: Encoding, players: Players) -> NDArray[np.intp]:
    """Return the player of each feature, `SHARED` or `NOBODY`: shape (n_features,)."""
    place = players.of_column
    found = np.empty(encoding.n_features, dtype=np.intp)
    for feature, sources in enumerate(encoding.sources):
        theirs = {place[source] for source in sources}
        found[feature] = NOBODY if not theirs else theirs.pop() if len(theirs) == 1 else SHARED
    return found


def used_features(node: Trees | Linear | Additive) -> NDArray[np.intp]:
    """Return the features that a part reads."""
    if isinstance(node, Trees):
        return node.forest.used
    if isinstance(node, Linear):
        return np.flatnonzero(np.any(node.coef != 0, axis=1))
    return np.unique([place for term in node.terms for place in term.features]).astype(np.intp)


def is_exact(node: Node, players: Players | None = None) -> bool:
    """Tell whether a node is a sum of parts in which each feature has one player.

    Without players every raw column is one.
    """
    if isinstance(node, Opaque | Linked):
        return False
    if isinstance(node, Weighted):
        return all(is_exact(part, players) for part in node.nodes)
    if players is None:
        sources = node.encoding.sources
        return all(len(sources[feature]) <= 1 for feature in used_features(node))
    return not (owners(node.encoding, players)[used_features(node)] == SHARED).any()
