"""Call a model on hybrid rows and refuse what cannot be explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explain.errors import PredictionError
from explain.games.values import Floats, Outputs

Predict = Callable[[Any], Any]


def predicted(predict: Predict, rows: Any, n: int, where: str) -> tuple[Floats, Floats | None]:
    """Return target (n, K) and channels (n, M), or None, of n rows in float64.

    Raises
    ------
    PredictionError
        If the model raises, or gives another shape, text, NaN or infinity.
    """
    try:
        given = predict(rows)
    except Exception as error:  # a user's model may raise anything; the cause stays attached
        raise PredictionError(
            f"the model raised {type(error).__name__} on {where}",
            got=str(error) or None,
            hint="predict(background) should work first: hybrid rows mix the row's columns "
            "with the background's",
        ) from error
    if isinstance(given, Outputs):
        target = _checked(given.target, n, where, "predictions")
        return target, _checked(given.channels, n, where, "channels")
    return _checked(given, n, where, "predictions"), None


def _checked(given: object, n: int, where: str, name: str) -> Floats:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PredictionError(
            f"the model's {name} are not numbers",
            got=f"{type(given).__name__} on {where}",
            hint="explain a probability or a margin, not labels",
        ) from error
    if array.ndim not in (1, 2) or len(array) != n or array.size == 0:
        raise PredictionError(
            f"the model's {name} have a wrong shape",
            got=f"shape {array.shape} on {where}",
            hint=f"shape ({n},) or ({n}, K) for {n} rows",
        )
    bad = ~np.isfinite(array)
    if bad.any():
        raise PredictionError(
            f"the model's {name} hold NaN or infinity",
            got=f"{int(bad.reshape(n, -1).any(axis=1).sum())} of {n} rows; {where}",
            hint="let the model predict a number for every row, also for mixed ones",
        )
    return array.reshape(n, -1)
