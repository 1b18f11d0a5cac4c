"""Settings that many calls share, checked at the border."""

from __future__ import annotations

from typing import Any

import numpy as np

from explain.errors import ArgumentError, ArgumentTypeError


def check_seed(seed: Any) -> None:
    """Raise for a seed that is no whole number of at least 0."""
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ArgumentTypeError("the seed must be a whole number of at least 0", got=repr(seed))


def check_share(value: Any, what: str = "confidence") -> None:
    """Raise for a number that does not lie between 0 and 1."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 0 < value < 1:
        raise ArgumentError(f"the {what} must lie between 0 and 1", got=f"{value!r}")


def check_count(value: Any, name: str, least: int = 1) -> None:
    """Raise for a count that is no whole number, or too small."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ArgumentError(
            f"{name} must be a whole number of at least {least}", got=f"{name}={value!r}"
        )
