"""The main drivers in plain words: which columns move predictions most, and which way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from automl.reporting.facts import Why
from explain.showing.summary import main_sentence
from explain.showing.words import carried, listed, short

if TYPE_CHECKING:
    from explain.profiles import Effect

DRIVERS = 4
"""Columns that are named."""

BACK = 0.05
"""Share of the whole way that a curve may go back and still be told as going one way."""


def sentences(found: Why) -> str:
    """Say which columns matter most, and which way the first one with a direction goes."""
    frame = found.explanation.importance()
    top = frame[frame["value"] > 0].head(DRIVERS)
    if top.empty:
        return main_sentence(found.explanation)
    share = carried(float(top["share"].sum()))
    makes = "that alone makes" if len(top) == 1 else "together they make"
    text = f"It goes mostly by {listed(list(top['column']), DRIVERS)}: {makes} up {share} of what"
    return f"{text} moves its predictions. {direction(found)}".strip()


def direction(found: Why) -> str:
    """Say which way predictions go with the strongest column whose curve goes one way."""
    explanation = found.explanation
    if found.effects is None or explanation.task == "multiclass":
        return ""
    curves = dict(zip(found.effects.columns, found.effects.effects, strict=False))
    for name in explanation.importance()["column"].head(DRIVERS):
        way = _way(curves.get(name))
        if way:
            verb = "raise" if way > 0 else "lower"
            return f"On average, higher values of {short(name)} {verb} {_what(found)}."
    return ""


def _way(curve: Effect | None) -> int:
    if curve is None or curve.axis != "number":
        return 0
    return one_way(curve.values[np.isfinite(curve.positions), 0])


def _what(found: Why) -> str:
    if found.explanation.task == "regression":
        return "the prediction"
    return f"the probability of “{short(found.explanation.classes[-1], 40)}”"


def one_way(values: NDArray[np.float64]) -> int:
    """Return 1 for a curve that rises, -1 for one that falls, 0 for one that does neither.

    Examples
    --------
    >>> import numpy as np
    >>> one_way(np.array([0.0, 1.0, 0.99, 3.0])), one_way(np.array([0.0, 1.0, 0.0]))
    (1, 0)
    """
    if len(values) < 2 or not np.ptp(values) > 0:
        return 0
    steps, most = np.diff(values), BACK * float(np.ptp(values))
    if -float(steps.clip(max=0.0).sum()) <= most:
        return 1
    return -1 if float(steps.clip(min=0.0).sum()) <= most else 0
