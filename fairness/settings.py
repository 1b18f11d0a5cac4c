"""What an audit was asked for, as a frozen value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.metrics import NOTIONS, metrics_of, notions_of
from fairness.metrics.choose import resolve
from fairness.table import CountTable, GroupCounts
from fairness.table.frozen import FrozenMapping
from fairness.templates import Template, load_template

RATIO_TOLERANCE = 0.8
"""Ratios are held against four fifths and its inverse, 1.25."""

DEFAULT_TOLERANCE = 0.1

MOST_CONFIDENCE = 0.999999
"""Beyond it the tail is smaller than what the quantiles can be computed to."""


@dataclass(frozen=True)
class Settings:
    """Everything besides the rows that an audit's numbers depend on.

    Parameters
    ----------
    reference : mapping of str to str
        Reference group by attribute; attributes that are not in it compare the worst pair.
    tolerance : float
        Largest difference between rates that is tolerated; for a regression in standard
        deviations of the target.
    tolerances : mapping of str to float
        The same for single metrics or notions.
    confidence : float
        Of every interval.
    templates : tuple of Template
        Regulation templates.
    seed : int
        Seed of everything random.
    """

    reference: Mapping[str, str] = field(default_factory=FrozenMapping)
    tolerance: float = DEFAULT_TOLERANCE
    tolerances: Mapping[str, float] = field(default_factory=FrozenMapping)
    confidence: float = 0.95
    templates: tuple[Template, ...] = ()
    seed: int = 0

    def difference_tolerance(self, name: str, spread: float) -> float:
        """Return the tolerance for a difference of a metric or notion.

        Parameters
        ----------
        name : str
            Name of the metric or notion; a class in brackets is left out of account.
        spread : float
            What one unit of tolerance stands for: 1 for rates, the target's standard deviation
            for quantities in its units.
        """
        given = self.tolerances.get(name, self.tolerances.get(name.partition("[")[0]))
        return (self.tolerance if given is None else given) * spread


def check_settings(
    table: CountTable,
    *,
    reference: object,
    tolerance: object,
    confidence: object,
    template: object,
    seed: object,
) -> Settings:
    """Check the options of an audit against its table.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        An option is not allowed, or does not fit the table.
    """
    single, by_metric = _tolerances(tolerance, table)
    if not _is_number(confidence) or not 0.5 <= confidence <= MOST_CONFIDENCE:  # type: ignore[operator]
        raise ArgumentError(
            "confidence must lie between 0.5 and 1",
            got=f"got {confidence!r}",
            hint="confidence=0.95",
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ArgumentError("seed must be a whole number from 0 on", got=f"got {seed!r}")
    return Settings(
        FrozenMapping(_references(reference, table)),
        single,
        FrozenMapping(by_metric),
        float(confidence),  # type: ignore[arg-type]
        _templates(template),
        int(seed),
    )


def _tolerances(tolerance: object, table: CountTable) -> tuple[float, dict[str, float]]:
    if not isinstance(tolerance, Mapping):
        single = _tolerance(tolerance)
        if table.task != "regression":
            _check_share(single, "rates")
        return single, {}
    overall = table.groups(())
    found = {}
    for name, value in tolerance.items():
        found[str(name)] = _tolerance(value)
        if _is_share(str(name), overall):
            _check_share(found[str(name)], str(name))
    return DEFAULT_TOLERANCE, found


def _tolerance(value: object) -> float:
    if not _is_number(value) or value < 0:  # type: ignore[operator]
        raise ArgumentError(
            "a tolerance is a difference from 0 on",
            got=f"got {value!r}"[:80],
            hint="tolerance=0.1",
        )
    return float(value)  # type: ignore[arg-type]


def _check_share(tolerance: float, what: str) -> None:
    """Refuse a tolerance that no disparity could go beyond."""
    if tolerance >= 1:
        raise ArgumentError(
            f"{what} differ by at most 1: every disparity would be tolerated",
            got=f"got {tolerance:g}",
            hint="tolerance=0.1 for 10 points",
        )


def _is_share(name: str, counts: GroupCounts) -> bool:
    """Say whether a metric or notion lies between 0 and 1; refuse what is not measured."""
    if name in _OTHERS:
        return True
    notions = {notion.name: notion.metrics for notion in notions_of(counts)}
    measured = [
        metric
        for metric in metrics_of(counts)
        if name in (metric.name, metric.name.partition("[")[0])
        or metric.name in notions.get(name, ())
    ]
    if not measured:
        _refuse(name, counts)
    return all(metric.range == (0.0, 1.0) for metric in measured)


def _refuse(name: str, counts: GroupCounts) -> None:
    """Say why a metric or notion is not measured."""
    if name in NOTIONS:
        raise ArgumentError(
            f"{name} cannot be told from these counts",
            got=f"there is {', '.join(notion.name for notion in notions_of(counts)) or 'none'}",
        )
    resolve(name, counts)


_OTHERS = ("equal_score",)
"""What has a tolerance besides metrics and notions."""


def _references(reference: object, table: CountTable) -> dict[str, str]:
    if reference is None:
        return {}
    groups = {one.name: one.groups for one in table.attributes if not one.control}
    if isinstance(reference, Mapping):
        chosen = {str(name): str(group) for name, group in reference.items()}
        unknown = [name for name in chosen if name not in groups]
        if unknown:
            raise ArgumentError(
                f"reference names no sensitive column {unknown[0]!r}",
                got=f"there are {', '.join(groups)}",
            )
    else:
        text = str(reference)
        chosen = {name: text for name, known in groups.items() if text in known}
        if not chosen:
            everything = [group for known in groups.values() for group in known]
            raise _no_group(text, everything)
    for name, group in chosen.items():
        if group not in groups[name]:
            raise _no_group(group, list(groups[name]))
    return chosen


def _no_group(group: str, known: list[str]) -> ArgumentError:
    shown = ", ".join(known[:10]) + (", …" if len(known) > 10 else "")
    return ArgumentError(
        f"there is no group {group!r} to refer to",
        got=f"groups: {shown}",
        hint=f"reference={known[0]!r}",
    )


def _templates(template: object) -> tuple[Template, ...]:
    if template is None:
        return ()
    if isinstance(template, str | Path):
        return (load_template(template),)
    if isinstance(template, list | tuple):
        return tuple(load_template(one) for one in template)
    raise ArgumentTypeError(
        "template must be a name, a path or a list of them", got=f"got {template!r}"
    )


def _is_number(value: object) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
