"""How class numbers and values are handed to a library, and its predictions back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.models.base import Facts, Rows, Task

_TINY = 1e-15


@dataclass(frozen=True)
class Target:
    """The target of one fit: which classes it saw, or where the values lie.

    Values are standardised for every family: boosters keep labels in single precision, and
    regularisation then means the same on every table. Classes that the training rows lack get
    a small fixed share of the probability, for a zero would make the log loss of a single such
    row infinite.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    n_classes : int
        Number of classes of the problem; 1 for regression.
    present : tuple of int
        Classes in the training rows, ascending; empty for regression.
    share : float
        Probability of each class that is not in `present`: 1 / (n_rows + n_classes).
    centre, scale : float
        Weighted mean and standard deviation of the values; 0 and 1 for classes.
    """

    task: Task
    n_classes: int
    present: tuple[int, ...] = ()
    share: float = 0.0
    centre: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, rows: Rows, facts: Facts) -> Target:
        """Learn the target from training rows."""
        if facts.task == "regression":
            centre = float(np.average(rows.y, weights=rows.weight))
            spread = float(np.sqrt(np.average((rows.y - centre) ** 2, weights=rows.weight)))
            usable = np.isfinite(spread) and spread > 0.0
            return cls("regression", 1, centre=centre, scale=spread if usable else 1.0)
        present = tuple(int(k) for k in np.unique(rows.y))
        share = 1.0 / (len(rows.y) + facts.n_classes)
        return cls(facts.task, facts.n_classes, present, share)

    @property
    def n_outputs(self) -> int:
        """Number of classes that the library sees; 1 for regression."""
        return max(1, len(self.present))

    @property
    def classifies(self) -> bool:
        """Whether classes are predicted."""
        return self.task != "regression"

    def shares(self, rows: Rows) -> NDArray[np.float64]:
        """Return the weighted share of each class present; a single 1 for regression."""
        if not self.classifies:
            return np.ones(1)
        totals = np.bincount(self.encode(rows.y), rows.weight, minlength=self.n_outputs)
        total = totals.sum()
        return totals / total if total > 0 else np.full(self.n_outputs, 1.0 / self.n_outputs)

    def needs_two_classes(self) -> None:
        """Raise where the training rows hold a single class: there is nothing to tell apart."""
        if self.classifies and len(self.present) < 2:
            raise ValueError(f"the training rows hold only class {self.present[0]}")

    def encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return positions in `present` (int64), or standardised values (float64)."""
        if not self.classifies:
            return (np.asarray(y, dtype=np.float64) - self.centre) / self.scale
        return np.searchsorted(np.asarray(self.present), y).astype(np.int64)

    def known(self, rows: Rows | None) -> Rows | None:
        """Return the rows that count and whose class was seen, or None where there are none."""
        if rows is None:
            return None
        keep = np.ones(len(rows.y), dtype=bool) if rows.weight is None else rows.weight > 0.0
        if self.classifies:
            keep &= np.isin(rows.y, np.asarray(self.present))
        if keep.all() and len(keep) > 0:
            return rows
        if not keep.any():
            return None
        kept = replace(rows.X, values=rows.X.values[keep])
        return Rows(kept, rows.y[keep], None if rows.weight is None else rows.weight[keep])

    def decode(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """Return predictions as `FittedModel.predict` gives them.

        Parameters
        ----------
        raw : ndarray
            Regression: standardised values, shape (n_rows,). Classes: probabilities of the
            classes present, shape (n_rows, n_outputs), or of the second of two, shape (n_rows,).
        """
        values = np.asarray(raw, dtype=np.float64)
        if not self.classifies:
            return values * self.scale + self.centre
        if self.task == "binary" and len(self.present) == 2:
            return values if values.ndim == 1 else np.ascontiguousarray(values[:, 1])
        if values.ndim == 1:
            values = np.column_stack([1.0 - values, values])
        return self._spread(values)

    def _spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        values = values / values.sum(axis=1, keepdims=True)
        if len(self.present) == self.n_classes:
            return values
        full = np.full((len(values), self.n_classes), self.share)
        absent = self.n_classes - len(self.present)
        full[:, list(self.present)] = values * (1.0 - absent * self.share)
        return full[:, 1] if self.task == "binary" else full

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON file."""
        return {
            "task": self.task,
            "n_classes": self.n_classes,
            "present": list(self.present),
            "share": self.share,
            "centre": self.centre,
            "scale": self.scale,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Target:
        """Read what `to_json` gave, checking every value."""
        task = state["task"]
        if task not in ("binary", "multiclass", "regression"):
            raise ValueError(f"a saved model has the unknown task {task!r}")
        present = tuple(int(k) for k in state["present"])
        n_classes = int(state["n_classes"])
        if list(present) != sorted(set(present)) or any(not 0 <= k < n_classes for k in present):
            raise ValueError("a saved model has impossible class numbers")
        numbers = [float(state[key]) for key in ("share", "centre", "scale")]
        if not np.isfinite(numbers).all():
            raise ValueError("a saved model has target values that are not finite")
        return cls(task, n_classes, present, *numbers)


def loss(
    target: Target, raw: NDArray[Any], y: NDArray[Any], weight: NDArray[np.float64] | None
) -> float:
    """Return the mean log loss or squared error of raw predictions of encoded targets.

    Parameters
    ----------
    target : Target
        What is predicted.
    raw : ndarray
        Probabilities, shape (n_rows, n_outputs), or standardised values, shape (n_rows,).
    y : ndarray, shape (n_rows,)
        Encoded targets.
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights.
    """
    if target.classifies:
        each = -np.log(np.clip(raw[np.arange(len(y)), y], _TINY, 1.0))
    else:
        each = (np.asarray(raw, dtype=np.float64) - y) ** 2
    return float(np.average(each, weights=weight))
