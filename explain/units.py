"""What numbers on a scale are called."""

from __future__ import annotations

from collections.abc import Mapping

from explain.protocol import Scale, Task

LOG_ODDS = "log-odds"
LOG_PROBABILITY = "log-probability (up to a constant)"
SCORE = "score (decision function)"
"""Of a model without probabilities: its size has no unit, and no probability follows from it."""

LOG_RESPONSE = "log of the prediction"

UNITS: Mapping[Scale, str] = {
    "margin": LOG_ODDS,
    "probability": "probability",
    "response": "units of the prediction",
}
"""What values add up to, by scale."""


def unit_of(scale: Scale, task: Task, n_classes: int, *, has_chances: bool) -> str:
    """Name the units of a scale of a model; `has_chances`: it gives probabilities.

    Of several classes a margin is no log-odds.

    Examples
    --------
    >>> unit_of("margin", "binary", 2, has_chances=True)
    'log-odds'
    >>> unit_of("margin", "multiclass", 3, has_chances=True)
    'log-probability (up to a constant)'
    >>> unit_of("margin", "binary", 2, has_chances=False)
    'score (decision function)'
    >>> unit_of("margin", "regression", 0, has_chances=False)
    'log of the prediction'
    """
    if scale != "margin":
        return UNITS[scale]
    if task == "regression":
        return LOG_RESPONSE
    if not has_chances:
        return SCORE
    return LOG_PROBABILITY if n_classes > 2 else LOG_ODDS


def in_unit(what: str, unit: str) -> str:
    """Write a quantity with its unit, without brackets in brackets.

    Examples
    --------
    >>> in_unit("contribution", LOG_ODDS), in_unit("contribution", SCORE)
    ('contribution (log-odds)', 'contribution, score (decision function)')
    """
    return f"{what}, {unit}" if unit.endswith(")") else f"{what} ({unit})"
