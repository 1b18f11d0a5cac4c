"""Whether an explanation is of the model and the rows that are given with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ArgumentTypeError
from explain.explanation import Explanation
from explain.opening import OpenModel, open_model
from explain.protocol import Floats
from explain.routes.gate import tolerance
from explain.showing.words import listed

CHECKED = 200
"""Rows whose predictions are compared."""


@dataclass(frozen=True, eq=False)
class Judged:
    """An explanation with its model, the table that it was made from and its background.

    Parameters
    ----------
    explanation : Explanation
    model : estimator
        As it was given.
    opened : OpenModel
        The same, open.
    frame, background : DataFrame
        All rows of X, and the references.
    """

    explanation: Explanation
    model: Any
    opened: OpenModel
    frame: pd.DataFrame
    background: pd.DataFrame

    @property
    def values(self) -> Floats:
        """Values with an axis of outputs, shape (n, p, K)."""
        values = self.explanation.values
        return values.reshape(*values.shape[:2], -1)

    def predict(self, rows: pd.DataFrame) -> Floats:
        """Return the model's own predictions on the explanation's scale."""
        return self.opened.predict(rows, self.explanation.scale)

    def drawn(self, most: int, seed: int) -> Any:
        """Return positions of some of the explained rows, ascending."""
        n = len(self.explanation.values)
        order = np.random.default_rng([seed, 0xCA]).permutation(n)
        return np.sort(order[:most])


def match(explanation: Any, model: Any, X: Any, background: Any) -> Judged:
    """Put explanation, model and rows together.

    Raises
    ------
    ArgumentError
        They do not belong together.
    ArgumentTypeError
        What is given as an explanation is none.
    """
    if not isinstance(explanation, Explanation):
        raise ArgumentTypeError(
            "quality needs an explanation",
            got=type(explanation).__name__,
            hint="quality(explain(model, X), model, X)",
        )
    if not len(explanation.values):
        raise ArgumentError("the explanation has no rows", got="0 rows")
    opened = open_model(model, X, parts=False)
    if explanation.scale not in opened.deployed:
        opened = open_model(model, X)
    frame = opened.read(X)
    references = frame if background is None else opened.read(background, "the background")
    judged = Judged(explanation, model, opened, frame, references)
    _check_model(judged)
    _check_rows(judged)
    return judged


def _check_model(judged: Judged) -> None:
    explanation, opened = judged.explanation, judged.opened
    explained = {column for columns in explanation.groups.values() for column in columns}
    if explained != set(opened.columns):
        other = sorted(explained ^ set(opened.columns))
        raise ArgumentError(
            "the explanation is of a model with other columns",
            got=f"{listed(other)} in one of them only",
            hint="the model that was explained",
        )
    if explanation.scale not in opened.deployed:
        raise _other_model(f"{opened.name} has no scale {explanation.scale!r}")
    rows = judged.drawn(CHECKED, 0)
    found = judged.predict(opened.read(explanation.data.iloc[rows]))
    wanted = explanation.predictions[rows].reshape(len(rows), -1)
    if found.shape != wanted.shape:
        raise _other_model(f"{found.shape[1]} outputs instead of {wanted.shape[1]}")
    gap = np.abs(found - wanted).max()
    if gap > tolerance(found, wanted):
        raise _other_model(f"its predictions differ by up to {gap:.4g}")


def _other_model(got: str) -> ArgumentError:
    return ArgumentError(
        "the explanation is of another model",
        got=got,
        hint="the model that was explained, as it was then",
    )


def _check_rows(judged: Judged) -> None:
    explanation, frame = judged.explanation, judged.frame
    rows = judged.drawn(CHECKED, 0)
    places = explanation.rows[rows]
    if explanation.rows.max() >= len(frame):
        got = f"{len(frame):,} rows, and the explanation has row {explanation.rows.max():,}"
    else:
        found = judged.predict(frame.iloc[places].reset_index(drop=True))
        wanted = explanation.predictions[rows].reshape(len(rows), -1)
        if np.abs(found - wanted).max() <= tolerance(found, wanted):
            return
        got = "rows with other predictions"
    raise ArgumentError(
        "X is not the table that was explained",
        got=got,
        hint="the X that explain(model, X) had; background= for a table of references",
    )
