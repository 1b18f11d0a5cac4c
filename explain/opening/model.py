"""A fitted model with its raw columns, its scales and its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from explain.errors import ArgumentError, ExplainError, PredictionError
from explain.opening.failures import failed
from explain.protocol import Floats, Node, Scale, Task
from explain.units import unit_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class OpenModel:
    """A fitted model as everything in `explain` sees it.

    Parameters
    ----------
    name : str
        What to call it, such as its class.
    columns : tuple of str
        Raw columns that it reads, in its order.
    task : {"binary", "multiclass", "regression"}
        What it predicts.
    classes : tuple
        Its labels; empty for regression.
    natural : {"margin", "probability", "response"}
        The scale that "auto" stands for.
    deployed : mapping of Scale to callable
        The model's own predictions of a frame on each scale that it has: (n_rows, n_outputs).
        One output for regression and two classes (the second), else one a class.
    nodes : mapping of Scale to Node
        What the output on each scale is made of; the same scales.
    reader : callable
        ``reader(X, what)`` gives any table as a checked frame of `columns`.
    label_rows : callable or None
        The model's own ``predict`` of a frame: labels or values. None where it has none.
    notes : mapping of Scale to str
        Why the structure could not be read there; scales of which nothing is to be said are left
        out.
    precise : mapping of Scale to Node
        What gives the output where `nodes` do not, such as where a probability is clipped.
    """

    name: str
    columns: tuple[str, ...]
    task: Task
    classes: tuple[Any, ...]
    natural: Scale
    deployed: Mapping[Scale, Callable[[pd.DataFrame], Floats]]
    nodes: Mapping[Scale, Node]
    reader: Callable[[Any, str], pd.DataFrame]
    label_rows: Callable[[pd.DataFrame], Any] | None = None
    notes: Mapping[Scale, str] = field(default_factory=dict)
    precise: Mapping[Scale, Node] = field(default_factory=dict)

    def read(self, X: Any, what: str = "X") -> pd.DataFrame:
        """Return rows as a frame of the model's columns in its order, with a plain index.

        Raises
        ------
        ArgumentError
            There are no rows, or columns are missing or doubled.
        ArgumentTypeError
            X is no table.
        """
        return self.reader(X, what)

    @property
    def n_outputs(self) -> int:
        """Number of outputs of a row."""
        return len(self.classes) if self.task == "multiclass" else 1

    def unit(self, scale: Scale) -> str:
        """Name what the output on a scale is measured in."""
        chances = "probability" in self.deployed
        return unit_of(scale, self.task, len(self.classes), has_chances=chances)

    def scale(self, asked: str) -> Scale:
        """Return the scale that was asked for.

        Raises
        ------
        ArgumentError
            The model has no such scale.
        """
        if asked == "auto":
            return self.natural
        if not isinstance(asked, str) or asked not in self.deployed:
            raise self._no_scale(asked)
        return cast(Scale, asked)

    def _no_scale(self, asked: str) -> ArgumentError:
        """Say which scales there are, and how probabilities could be had."""
        got = f"scales of this {self.task} model: {', '.join(self.deployed)}"
        hint = f'scale="{self.natural}"'
        if asked == "probability" and self.task != "regression":
            got += ", the decision function; it has no predict_proba"
            hint += ", or probabilities of CalibratedClassifierCV(model).fit(X, y)"
        return ArgumentError(f"{self.name} has no scale {asked!r}", got=got, hint=hint)

    def predict(self, frame: pd.DataFrame, scale: Scale) -> Floats:
        """Return the model's own predictions on a scale, shape (n_rows, n_outputs).

        Raises
        ------
        PredictionError
            The model fails, or gives something else than finite numbers of that shape.
        """
        try:
            found = np.asarray(self.deployed[scale](frame), dtype=np.float64)
        except (ExplainError, MemoryError):
            raise
        except Exception as error:  # whatever a model of the caller's own raises
            raise failed(self.name, frame, error) from error
        self._check(found, len(frame))
        return found

    def predict_labels(self, frame: pd.DataFrame) -> Any:
        """Return what the model's own ``predict`` says of each row.

        Raises
        ------
        ArgumentError
            The model has no ``predict``.
        PredictionError
            The model fails.
        """
        if self.label_rows is None:
            raise ArgumentError(f"{self.name} has no predict")
        try:
            return np.asarray(self.label_rows(frame))
        except (ExplainError, MemoryError):
            raise
        except Exception as error:  # whatever a model of the caller's own raises
            raise failed(self.name, frame, error) from error

    def _check(self, found: Floats, n_rows: int) -> None:
        if found.shape != (n_rows, self.n_outputs):
            raise PredictionError(
                f"{self.name} gives predictions of the wrong shape",
                got=f"shape {found.shape} where ({n_rows}, {self.n_outputs}) is expected",
            )
        wrong = np.flatnonzero(~np.isfinite(found).all(axis=1))
        if len(wrong):
            first = found[wrong[0]]
            raise PredictionError(
                f"{self.name} gives predictions that are not finite",
                got=f"{first[0] if len(first) == 1 else first.tolist()} for row {wrong[0]}, "
                f"and such for {len(wrong):,} of {n_rows:,} rows",
                hint="a model that gives a number for every row",
            )
