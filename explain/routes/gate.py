"""The verification gate: values against the deployed model's own predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from explain.opening import OpenModel
from explain.parts import evaluate
from explain.protocol import Encoding, Floats, Linked, Node, Scale, Weighted

RELATIVE = 1e-5
"""Gap that is allowed, in standard deviations of the predictions."""

SINGLE = 2e-6
"""Gap that is allowed in units of the largest prediction: what adding up in float32 costs."""

MOST = 1e-3
"""The same in standard deviations at most, however far from zero the predictions lie."""

NOTHING = 64 * float(np.finfo(np.float64).eps)
"""Value that is only rounding, in units of the largest prediction."""

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
    size = float(np.abs(both).max(initial=0.0))
    single = SINGLE * size
    if spread > NOTHING * size:
        single = min(single, MOST * spread)
    return max(RELATIVE * spread, single, 1e-12)


def without_rounding(values: Floats, *predictions: Floats) -> Floats:
    """Make values that are rounding only exact zeros, so that idle columns do not show up."""
    size = max(float(np.abs(one).max(initial=0.0)) for one in predictions)
    return np.where(np.abs(values) <= NOTHING * size, 0.0, values)


def gaps(values: Floats, base: Floats, predicted: Floats, mean: Floats, allowed: float) -> Gaps:
    """Compare values (n, p, K) and base (K,) with predictions (n, K) and their mean (K,)."""
    rows = np.abs(base + values.sum(axis=1) - predicted).max(axis=1)
    return Gaps(rows, float(np.abs(base - mean).max()), allowed, predicted, mean)


@dataclass(frozen=True, eq=False)
class Mixed:
    """Rows whose columns come from a row or from a reference.

    Parameters
    ----------
    frame, rows, references : DataFrame, each of n rows
        The mixtures, and the row and the reference of each.
    of_row : mapping of str to ndarray of bool, shape (n,)
        Whether a column comes from the row.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    references: pd.DataFrame
    of_row: Mapping[str, NDArray[np.bool_]]


def mixtures(rows: pd.DataFrame, references: pd.DataFrame, rng: np.random.Generator) -> Mixed:
    """Mix rows and references at random."""
    pool = pd.concat([rows, references], ignore_index=True)
    mine = rng.integers(len(rows), size=HYBRIDS)
    other = len(rows) + rng.integers(len(references), size=HYBRIDS)
    of_row = {str(name): rng.random(HYBRIDS) < 0.5 for name in pool.columns}
    columns = {
        name: pool[name].take(np.where(taken, mine, other)).array for name, taken in of_row.items()
    }
    return Mixed(
        pd.DataFrame(columns),
        pool.take(mine).reset_index(drop=True),
        pool.take(other).reset_index(drop=True),
        of_row,
    )


def objection(opened: OpenModel, node: Node, scale: Scale, mixed: Mixed) -> str:
    """Say why a node may not be used; nothing where it may.

    A structure that was read wrongly can agree on whole rows that look like the training data,
    and not on the mixtures of which values are made. And it can give all predictions, but put
    them down to the wrong columns.
    """
    theirs = opened.predict(mixed.frame, scale)  # first: it tells rows that cannot be predicted
    ours = evaluate(node, mixed.frame)
    if not (np.abs(ours - theirs) <= tolerance(theirs)).all():
        return (
            f"the structure that was read of {opened.name} does not give its predictions of mixed "
            "rows"
        )
    for encoding in _encodings(node).values():
        wrong = _misattributed(encoding, mixed)
        if wrong is not None:
            return (
                f"a feature that {opened.name} is said to compute from {wrong} changes with other "
                "columns"
            )
    return ""


def _encodings(node: Node) -> dict[int, Encoding]:
    """Return all encodings of a node by their identity."""
    if isinstance(node, Linked):
        return _encodings(node.inner)
    if isinstance(node, Weighted):
        return {key: one for part in node.nodes for key, one in _encodings(part).items()}
    return {} if node.encoding is None else {id(node.encoding): node.encoding}


def _misattributed(encoding: Encoding, mixed: Mixed) -> str | None:
    """Name the columns of a feature that differs though none of them does; None where none is."""
    found = encoding.transform(mixed.frame)
    everywhere = np.ones(len(mixed.frame), dtype=bool)
    for other, own in ((mixed.rows, True), (mixed.references, False)):
        differ = _differ(found, encoding.transform(other))
        kept: dict[tuple[str, ...], NDArray[np.bool_]] = {}
        for feature, sources in enumerate(encoding.sources):
            if sources not in kept:
                same = [mixed.of_row[name] == own for name in sources]
                kept[sources] = np.logical_and.reduce([everywhere, *same])
            if (differ[:, feature] & kept[sources]).any():
                return ", ".join(sources) or "no column"
    return None


def _differ(one: Any, other: Any) -> NDArray[np.bool_]:
    """Tell where two encoded tables differ by more than rounding."""
    if sparse.issparse(one):
        return _differ(one.toarray(), other.toarray())
    if hasattr(one, "iloc") or one.dtype.kind not in "biuf":
        one, other = pd.DataFrame(one), pd.DataFrame(other)
        codes = [
            pd.factorize(pd.concat([one.iloc[:, j], other.iloc[:, j]]).astype(object))[0]
            for j in range(one.shape[1])
        ]
        both = np.stack(codes, axis=1).reshape(2, len(one), -1)
        return np.asarray(both[0] != both[1])
    one, other = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    size = np.fmax.reduce(np.fmax(np.abs(one), np.abs(other)), axis=0, initial=0.0)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        near = (np.abs(one - other) <= SINGLE * size) & np.isfinite(one)
    return np.asarray(~(near | (one == other) | (np.isnan(one) & np.isnan(other))))
