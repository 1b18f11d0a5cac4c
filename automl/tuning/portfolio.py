"""Which families take part, and the order in which their presets are tried."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from automl.models.base import Facts, Family, Preset

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Portfolio:
    """The families of a run and their presets, best first.

    Parameters
    ----------
    families : mapping of str to Family
        Families that take part.
    presets : tuple of (str, Preset)
        Family name and preset, in the order in which they are tried.
    absent : tuple of str
        Why each other family sits out, in words.
    """

    families: Mapping[str, Family]
    presets: tuple[tuple[str, Preset], ...]
    absent: tuple[str, ...]


def make_portfolio(names: tuple[str, ...], facts: Facts) -> Portfolio:
    """Ask the named families for their presets; one that cannot take part says why."""
    from automl.models import get_family

    families: dict[str, Family] = {}
    absent: list[str] = []
    presets: list[tuple[str, Preset]] = []
    for name in names:
        family = get_family(name)
        reason = family.check(facts)
        if reason:
            absent.append(reason)
            continue
        families[name] = family
        presets.extend((name, preset) for preset in family.presets(facts))
    presets.sort(key=lambda entry: entry[1].priority)
    return Portfolio(families, tuple(presets), tuple(absent))
