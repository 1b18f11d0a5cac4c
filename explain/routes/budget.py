"""How many rows, references and mixtures sampled values get: counted in predictions, not seconds.

Without a clock the same call gets the same sample on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.games import MOST_PLAYERS, least_coalitions
from explain.protocol import Node
from explain.routes.sampled import EVALUATIONS, MOST_COALITIONS, cost

EXACT_ROWS = 10_000
"""Rows that are explained at most, unless the caller says how many."""

SAMPLED_ROWS = 50
"""Rows that are explained at least where values are sampled."""

FEW_PLAYERS = 8
"""Players up to which all coalitions of a row are evaluated, on fewer references if need be."""

REFERENCES = (10, 100)
"""Least and most references that sampled values are taken against."""


@dataclass(frozen=True)
class Budget:
    """What one node may cost.

    Parameters
    ----------
    evaluations : int
        Rows that the node may predict.
    n_players : int
        Players among whom its output is shared out.
    n_all : int
        Rows of the whole background.
    """

    evaluations: int
    n_players: int
    n_all: int

    @classmethod
    def of(cls, node: Node, n_players: int, n_all: int) -> Budget:
        """Return the budget of a node: the dearer it is, the fewer predictions."""
        return cls(int(EVALUATIONS / max(0.1, cost(node))), n_players, n_all)

    @property
    def least(self) -> int:
        """Coalitions that one row takes at least."""
        if self.n_players <= FEW_PLAYERS:
            return int(2**self.n_players)
        return least_coalitions(self.n_players)

    def references(self, n_rows: int) -> int:
        """Return how many references so many rows are compared with."""
        fewest, most = REFERENCES
        if n_rows * self.least * self.n_all <= self.evaluations:
            return self.n_all
        affordable = self.evaluations // max(1, min(n_rows, SAMPLED_ROWS) * self.least)
        return min(self.n_all, max(fewest, min(most, affordable)))

    def rows(self) -> int:
        """Return how many rows are explained."""
        each = self.references(SAMPLED_ROWS) * self.least
        return min(EXACT_ROWS, max(SAMPLED_ROWS, self.evaluations // each))

    def mixtures(self, n_rows: int) -> int:
        """Return how many mixtures a stand-in may learn from: a small part of all predictions."""
        each = n_rows * self.references(n_rows)
        fewest, most = each * self.least, each * MOST_COALITIONS
        return min(max(self.evaluations, fewest) // 10, most // 4)

    def enumerates(self, n_rows: int) -> bool:
        """Tell whether each row's coalitions are all evaluated, on all references."""
        few = self.n_players <= MOST_PLAYERS and self.references(n_rows) == self.n_all
        return few and n_rows * 2**self.n_players * self.n_all <= self.evaluations


def drawn_rows(n: int, limit: int, seed: int) -> NDArray[np.int64]:
    """Draw the positions of at most so many rows, ascending."""
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    drawn = np.random.default_rng([seed, 0x20]).permutation(n)[:limit]
    return np.sort(drawn).astype(np.int64)
