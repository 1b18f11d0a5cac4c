"""Candidates with known strengths for the tests of the ensemble."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sigmoid(margin: NDArray) -> NDArray:
    return 1 / (1 + np.exp(-margin))


def candidates(
    task: str,
    n_rows: int = 400,
    noises: tuple[float, ...] = (0.6, 0.8, 1.0, 1.5, 3.0),
    seed: int = 0,
) -> tuple[list[NDArray], NDArray]:
    """Return predictions of one candidate a noise level, and the targets."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        y = rng.normal(size=n_rows)
        return [y + noise * rng.normal(size=n_rows) for noise in noises], y
    if task == "binary":
        truth = 1.5 * rng.normal(size=n_rows)
        y = (rng.random(n_rows) < sigmoid(truth)).astype(np.int64)
        return [sigmoid(truth + noise * rng.normal(size=n_rows)) for noise in noises], y
    truth = 1.5 * rng.normal(size=(n_rows, 3))
    y = np.array([rng.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in truth])
    raw = [np.exp(truth + noise * rng.normal(size=truth.shape)) for noise in noises]
    return [powers / powers.sum(axis=1, keepdims=True) for powers in raw], y
