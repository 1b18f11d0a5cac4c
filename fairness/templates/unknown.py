"""Comparing names loosely: columns that mean an attribute, groups that mean "not known"."""

from __future__ import annotations

import re

from fairness.table.values import MISSING


def plain(name: str) -> str:
    """Return the letters and digits of a name in lower case: Race/Ethnicity is raceethnicity."""
    return re.sub(r"[\W_]+", "", name.casefold())


def is_unknown(group: str, words: tuple[str, ...]) -> bool:
    """Say whether a group's name means that nothing is known."""
    return group == MISSING or any(plain(group) == plain(word) for word in words)
