"""A node as a sum of what has exact values and the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.parts import is_exact, n_outputs
from explain.players import Players
from explain.protocol import Floats, Node, Weighted


@dataclass(frozen=True, eq=False)
class Split:
    """Two nodes that add up to one.

    Parameters
    ----------
    exact : Node or None
        The sum of all that has exact values; None where nothing has.
    rest : Node or None
        All else; None where there is nothing.
    """

    exact: Node | None
    rest: Node | None


def split(node: Node, players: Players) -> Split:
    """Split a node; Shapley values are linear, so those of both halves add up."""
    if is_exact(node, players):
        return Split(node, None)
    if not isinstance(node, Weighted):
        return Split(None, node)
    exact: list[tuple[Node, Floats]] = []
    rest: list[tuple[Node, Floats]] = []
    for part, weight in zip(node.nodes, node.weights, strict=True):
        halves = split(part, players)
        if halves.exact is not None:
            exact.append((halves.exact, weight))
        if halves.rest is not None:
            rest.append((halves.rest, weight))
    if not exact:
        return Split(None, node)
    return Split(_sum(exact, node.shift), _sum(rest, np.zeros(n_outputs(node))))


def _sum(parts: list[tuple[Node, Floats]], shift: Floats) -> Weighted:
    nodes, weights = zip(*parts, strict=True)
    return Weighted(nodes, weights, shift)
