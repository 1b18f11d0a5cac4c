"""Which of a path's conditions each row meets, kept once for rows that agree.

Down a path from the root, a row's pattern has one bit for each player on the path: whether the
row meets all of the path's conditions on that player's columns. Thousands of rows share a few
patterns, so each row holds the number of its pattern and the patterns stand in a small table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.bool_]
Ids = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patterns of a set of rows at one node.

    Parameters
    ----------
    rows : ndarray of shape (n_kept,) or None
        Rows that can still matter below; None stands for all.
    ids : ndarray of shape (n_kept,)
        The pattern of each kept row.
    table : ndarray of bool of shape (n_patterns, n_players)
        The patterns; a column for each player on the path.
    """

    rows: Ids | None
    ids: Ids
    table: Table

    def take(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the kept rows' values of a column."""
        return column if self.rows is None else column.take(self.rows)

    def split(self, place: int, left: NDArray[np.bool_]) -> tuple[Patterns, Patterns]:
        """Give the patterns below the left and below the right branch.

        `place` is the player's column in the table, or the number of columns for a new player;
        `left` tells which kept rows go left.
        """
        new = place == self.table.shape[1]
        if not new:  # where a condition failed before, this one changes nothing
            left = left | ~self.table[:, place].take(self.ids)
        codes = self.ids * 2 + left
        present = np.bincount(codes, minlength=2 * len(self.table)) > 0
        found = np.flatnonzero(present)
        number = np.cumsum(present) - 1
        before, went_left = self.table[found >> 1], (found & 1).astype(bool)
        if new:
            ids = number.take(codes)
            return (
                Patterns(self.rows, ids, np.column_stack([before, went_left])),
                Patterns(self.rows, ids, np.column_stack([before, ~went_left])),
            )
        sides = []
        for met in (went_left, ~went_left):
            table = before.copy()
            table[:, place] &= met
            table, merged = _distinct(table)
            sides.append(Patterns(self.rows, merged[number].take(codes), table))
        return sides[0], sides[1]

    def keep(self, alive: NDArray[np.bool_]) -> Patterns:
        """Drop the patterns that cannot matter any more, and their rows."""
        if alive.all():
            return self
        chosen = alive.take(self.ids)
        number = np.cumsum(alive) - 1
        kept = np.flatnonzero(chosen)
        rows = kept if self.rows is None else self.rows.take(kept)
        return Patterns(rows, number.take(self.ids.take(kept)), self.table[alive])


def all_rows(n_rows: int) -> Patterns:
    """Give the patterns at a root: one, with no players."""
    return Patterns(None, np.zeros(n_rows, dtype=np.intp), np.zeros((1, 0), dtype=bool))


def _distinct(table: Table) -> tuple[Table, Ids]:
    """Merge equal patterns and tell where each went."""
    if len(table) == 1:
        return table, np.zeros(1, dtype=np.intp)
    words = _words(table)
    keys = words[:, 0] if words.shape[1] == 1 else words.view(f"V{words.shape[1] * 8}")[:, 0]
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return table[first], inverse.ravel()


def covering(rows: Table, references: Table) -> Table:
    """Tell which pairs of a row and a reference can reach the node together.

    A pair reaches it under some coalition when every player's conditions are met by the one or
    by the other.
    """
    of_rows, of_references = _words(~rows), _words(~references)
    pairs = np.ones((len(rows), len(references)), dtype=bool)
    # Bit by bit and not by a matrix product, whose threads would get into those over the trees.
    for own, other in zip(of_rows.T, of_references.T, strict=True):
        pairs &= (own[:, None] & other[None, :]) == 0
    return pairs


def _words(table: Table) -> NDArray[np.uint64]:
    """Pack each pattern into words of 64 bits."""
    n_bytes = -(-table.shape[1] // 64) * 8
    packed = np.zeros((len(table), n_bytes), dtype=np.uint8)
    bits = np.packbits(table, axis=1)
    packed[:, : bits.shape[1]] = bits
    return packed.view(np.uint64)
