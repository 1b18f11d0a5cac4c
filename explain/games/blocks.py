"""Blocks of predicted (coalition, reference) pairs, and how they add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError, PredictionError
from explain.games.hybrids import folded
from explain.games.values import Evaluation, Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """References that are the same to all players, merged."""

    different: Ints  # (g, n_players)
    first: Ints  # (g,) one reference of each group
    group: Ints  # (m,) group of each reference
    weights: Floats  # (g,)
    shares: Floats  # (m,)

    @classmethod
    def of(cls, different: Ints, shares: Floats) -> Groups:
        """Merge references with the same codes; shares are their weights."""
        key = folded(list(different.T), len(different))
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        weights = np.bincount(group, weights=shares).astype(np.float64)
        return cls(different[first], first, group, weights, shares)

    def mean(self, coefficients: Floats) -> Floats:
        """Return each group's weighted mean of per-reference coefficients."""
        if len(coefficients) != len(self.group):
            raise ArgumentError(
                "a LinkControl needs coefficients for each background row",
                got=f"{len(coefficients)} for {len(self.group)} rows",
            )
        sums = np.zeros((len(self.weights), *coefficients.shape[1:]))
        np.add.at(sums, self.group, coefficients * self.shares[:, None, None])
        return sums / self.weights[:, None, None]


@dataclass(frozen=True)
class Block:
    """Predictions of some coalitions and references; `n_rows` of them were distinct."""

    target: Floats  # (k, g, K)
    channels: Floats | None  # (k, g, M)
    n_rows: int


class Sums:
    """Adds blocks up to worths, control worths and what an operator makes of each reference."""

    def __init__(self, k: int, n_groups: int, operator: Floats | None):
        self.k, self.n_groups, self.operator = k, n_groups, operator
        self.n_rows = 0
        self.worth: Floats | None = None
        self.control: Floats | None = None
        self.by_group: Floats | None = None

    def add(
        self,
        block: Block,
        which: slice,
        references: slice,
        weights: Floats,
        mixture: Floats | None,
    ) -> None:
        """Add the predictions of some coalitions and references."""
        own = block.target
        worth = self._started(own.shape[-1])
        worth[which] += np.einsum("kgo,g->ko", own, weights[references])
        if mixture is not None and block.channels is not None:
            mixed = _mixed(block.channels, mixture[references], own.shape[-1])
            control = np.zeros_like(worth) if self.control is None else self.control
            control[which] += np.einsum("kgo,g->ko", mixed, weights[references])
            self.control = control
            own = own - mixed
        if self.operator is not None and self.by_group is not None:
            made = np.tensordot(self.operator[:, which], own, axes=1)
            self.by_group[references] += made.transpose(1, 0, 2)
        self.n_rows += block.n_rows

    def evaluation(self, groups: Groups) -> Evaluation:
        """Return the sums, with one entry for each reference again."""
        if self.worth is None:
            raise ArgumentError("there are no coalitions to evaluate", got="0 coalitions")
        by_reference = None if self.by_group is None else self.by_group[groups.group]
        return Evaluation(self.worth, self.n_rows, self.control, by_reference, groups.shares)

    def _started(self, n_outputs: int) -> Floats:
        if self.worth is None:
            self.worth = np.zeros((self.k, n_outputs))
            if self.operator is not None:
                self.by_group = np.zeros((self.n_groups, len(self.operator), n_outputs))
        if self.worth.shape[1] != n_outputs:
            raise PredictionError(
                "the model's predictions change their shape from call to call",
                got=f"{self.worth.shape[1]} outputs, then {n_outputs}",
            )
        return self.worth


def _mixed(channels: Floats, mixture: Floats, n_outputs: int) -> Floats:
    """Mix channels (k, g, M) by (g, M, K) into (k, g, K)."""
    if mixture.shape[1:] != (channels.shape[2], n_outputs):
        raise ArgumentError(
            "the LinkControl does not fit the channels and outputs of predict",
            got=f"coefficients {mixture.shape[1:]} for {channels.shape[2]} channels "
            f"and {n_outputs} outputs",
            hint="coefficients of shape (m, M, K)",
        )
    return np.asarray(np.einsum("kgm,gmo->kgo", channels, mixture))
