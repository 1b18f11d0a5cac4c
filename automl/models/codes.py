"""Integer codes of categories as libraries want them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded


def within_levels(values: NDArray[Any], levels: tuple[tuple[int, int], ...]) -> NDArray[Any]:
    """Return the features with codes outside their levels made missing.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_features)
        Features; left as they are.
    levels : tuple of (int, int)
        Position and number of levels of each categorical feature.
    """
    wrong = [
        (position, outside)
        for position, count in levels
        if (outside := (values[:, position] < 0) | (values[:, position] >= count)).any()
    ]
    if not wrong:
        return values
    values = values.copy()
    for position, outside in wrong:
        values[outside, position] = np.nan
    return values


@dataclass(frozen=True)
class Recoding:
    """Features with few categories in front, their codes renumbered without gaps.

    Parameters
    ----------
    n_features : int
        Number of features.
    levels : tuple of (int, tuple of int)
        Position of each categorical feature, and the codes that the training rows hold.
    """

    n_features: int
    levels: tuple[tuple[int, tuple[int, ...]], ...]

    @classmethod
    def of(cls, X: Encoded, most_levels: int) -> Recoding:
        """Learn the codes; features with more than `most_levels` of them count as numbers."""
        levels = []
        for position in X.categorical:
            column = X.values[:, position]
            codes = np.unique(column[np.isfinite(column)]).astype(int)
            if 0 < len(codes) <= most_levels:
                levels.append((int(position), tuple(codes.tolist())))
        return cls(int(X.values.shape[1]), tuple(levels))

    @property
    def n_categorical(self) -> int:
        """Number of features in front that hold codes."""
        return len(self.levels)

    def transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the features in the new order, other codes missing."""
        if values.shape[1] != self.n_features:
            raise ValueError(f"{self.n_features} features were fitted, not {values.shape[1]}")
        front = [position for position, _ in self.levels]
        rest = sorted(set(range(self.n_features)) - set(front))
        result = np.array(values[:, [*front, *rest]], dtype=np.float64, order="C")
        for place, (position, codes) in enumerate(self.levels):
            known = np.asarray(codes, dtype=np.float64)
            column = np.asarray(values[:, position], dtype=np.float64)
            number = np.minimum(np.searchsorted(known, column), len(known) - 1)
            result[:, place] = np.where(known[number] == column, number, np.nan)
        return result

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON file."""
        return {"n_features": self.n_features, "levels": [[p, list(c)] for p, c in self.levels]}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Recoding:
        """Read what `to_json` gave, checking positions."""
        n_features = int(state["n_features"])
        levels = tuple((int(p), tuple(int(code) for code in own)) for p, own in state["levels"])
        positions = {position for position, _ in levels}
        if len(positions) != len(levels) or not positions <= set(range(n_features)):
            raise ValueError("a saved model has categorical features that it cannot have")
        if any(list(codes) != sorted(set(codes)) or not codes for _, codes in levels):
            raise ValueError("a saved model has category codes out of order")
        return cls(n_features, levels)
