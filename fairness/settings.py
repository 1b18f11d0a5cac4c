"""What an audit was asked for, as a frozen value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.metrics import NOTIONS, get_metric
from fairness.table import CountTable
from fairness.templates import Template, load_template

RATIO_TOLERANCE = 0.8
"""Ratios are held against four fifths and its inverse, 1.25."""

DEFAULT_TOLERANCE = 0.1


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

    reference: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tolerance: float = DEFAULT_TOLERANCE
    tolerances: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
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
    if not _is_number(confidence) or not 0.5 <= confidence < 1:  # type: ignore[operator]
        raise ArgumentError(
            "confidence must lie between 0.5 and 1", got=f"got {confidence!r}", hint="0.95"
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ArgumentError("seed must be a whole number from 0 on", got=f"got {seed!r}")
    return Settings(
        MappingProxyType(_references(reference, table)),
        single,
        MappingProxyType(by_metric),
        float(confidence),  # type: ignore[arg-type]
        _templates(template),
        seed,
    )


def _tolerances(tolerance: object, table: CountTable) -> tuple[float, dict[str, float]]:
    if isinstance(tolerance, Mapping):
        for name in tolerance:
            _check_metric(str(name), table)
        found = {str(name): _tolerance(value) for name, value in tolerance.items()}
        return DEFAULT_TOLERANCE, found
    return _tolerance(tolerance), {}


def _tolerance(value: object) -> float:
    if not _is_number(value) or value < 0:  # type: ignore[operator]
        raise ArgumentError(
            "a tolerance is a difference from 0 on", got=f"got {value!r}", hint="tolerance=0.1"
        )
    return float(value)  # type: ignore[arg-type]


def _check_metric(name: str, table: CountTable) -> None:
    """Refuse a tolerance for what is not measured."""
    if name not in NOTIONS and name not in _OTHERS:
        thresholded = table.threshold is not None
        get_metric(name, table.task, threshold=thresholded)


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
    return math.isfinite(float(value))
