"""The verification gate: values against the deployed model's own predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.opening import OpenModel
from explain.parts import evaluate
from explain.protocol import Floats, Node, Scale

RELATIVE = 1e-5
"""Gap that is allowed, in standard deviations of the predictions."""

SINGLE = 2e-6
"""Gap that is allowed in units of the largest prediction: what adding up in float32 costs."""

HYBRIDS = 200
"""Random hybrids of rows and references on which a structure is compared with its model."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """How far values miss the predictions.

    Parameters
    ----------
    rows : ndarray of float64, shape (n,)
        Largest |base + sum of values - prediction| of each row.
    base : float
        Largest |base - mean prediction of the background|.
    tolerance : float
        What is allowed.
    predicted, mean : ndarray of float64, shapes (n, K) and (K,)
        The predictions, and their mean over the background.
    """

    rows: Floats
    base: float
    tolerance: float
    predicted: Floats
    mean: Floats

    @property
    def missed(self) -> NDArray[np.bool_]:
        """Which rows miss the tolerance: all, where the base does."""
        late = ~(self.rows <= self.tolerance)
        return late if self.base <= self.tolerance else np.ones_like(late)


def tolerance(*predictions: Floats) -> float:
    """Return the gap that is allowed: 1e-5 standard deviations, or float32's rounding."""
    both = np.concatenate(predictions)
    spread = float(both.std(axis=0).max(initial=0.0))
    return max(RELATIVE * spread, SINGLE * float(np.abs(both).max(initial=0.0)), 1e-12)


def gaps(values: Floats, base: Floats, predicted: Floats, mean: Floats, allowed: float) -> Gaps:
    """Compare values (n, p, K) and base (K,) with predictions (n, K) and their mean (K,)."""
    rows = np.abs(base + values.sum(axis=1) - predicted).max(axis=1)
    return Gaps(rows, float(np.abs(base - mean).max()), allowed, predicted, mean)


def structure_holds(
    opened: OpenModel,
    node: Node,
    scale: Scale,
    rows: pd.DataFrame,
    references: pd.DataFrame,
    rng: np.random.Generator,
) -> bool:
    """Tell whether a node gives the model's own predictions of random hybrids.

    A structure that was read wrongly can agree on whole rows that look like the training data,
    and not on the mixtures of a row and a reference of which values are made.
    """
    mixed = hybrids(rows, references, rng)
    ours, theirs = evaluate(node, mixed), opened.predict(mixed, scale)
    return bool((np.abs(ours - theirs) <= tolerance(theirs)).all())


def hybrids(
    rows: pd.DataFrame, references: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows whose columns come from a row or from a reference, at random."""
    pool = pd.concat([rows, references], ignore_index=True)
    mine = rng.integers(len(rows), size=HYBRIDS)
    other = len(rows) + rng.integers(len(references), size=HYBRIDS)
    columns = {
        name: pool[name].take(np.where(rng.random(HYBRIDS) < 0.5, mine, other)).array
        for name in pool.columns
    }
    return pd.DataFrame(columns)
