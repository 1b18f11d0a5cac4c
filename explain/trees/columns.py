"""The columns of many rows, for asking node by node which way the rows go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.trees.forest import Forest, Kind
from explain.trees.patterns import Ids, Patterns


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows column by column; those with categories also as levels and the level of each row.

    Categories are looked up in a list, so it pays to do that once for each level.
    """

    forest: Forest
    matrix: NDArray[np.float64]
    levels: dict[int, tuple[NDArray[np.float64], Ids]]

    @classmethod
    def of(cls, forest: Forest, rows: NDArray[np.float64]) -> Columns:
        """Lay rows out."""
        listed = np.unique(forest.feature[(forest.left >= 0) & (forest.kind >= Kind.TRUNCATED)])
        levels = {}
        for column in listed.tolist():
            known, level = np.unique(rows[:, column], return_inverse=True)
            levels[column] = (known, level.astype(np.intp, copy=False))
        return cls(forest, np.asfortranarray(rows), levels)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.matrix)

    def go_left(self, node: int, patterns: Patterns) -> NDArray[np.bool_]:
        """Tell which of the rows that the patterns keep go left at a node."""
        column = int(self.forest.feature[node])
        if column not in self.levels:
            return self.forest.goes_left(node, patterns.take(self.matrix[:, column]))
        known, level = self.levels[column]
        kept = level if patterns.rows is None else level.take(patterns.rows)
        return self.forest.goes_left(node, known).take(kept)
