"""The caller's limits, checked against the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from explain.errors import ArgumentError, ArgumentTypeError
from explain.profiles.columns import time_text
from explain.recourse.asking import interval_of
from explain.recourse.columns import Column
from explain.recourse.limits import Limits, Range
from explain.recourse.told import interval_text
from explain.settings import check_count
from explain.showing.words import listed, number, short


def limits_of(
    columns: Sequence[Column],
    immutable: Any,
    increasing: Any,
    decreasing: Any,
    ranges: Any,
    most_changes: Any,
) -> Limits:
    """Return the limits.

    Raises
    ------
    ArgumentError
        A column is unknown, both increasing and decreasing, or has no order; a range is empty or
        holds nothing; fewer than one change is allowed.
    ArgumentTypeError
        Something is no list of names, or no mapping.
    """
    known = {column.name: column for column in columns}
    still = _names(immutable, "immutable", known)
    rising = _ordered(_names(increasing, "increasing", known), "increasing", known)
    falling = _ordered(_names(decreasing, "decreasing", known), "decreasing", known)
    both = [name for name in rising if name in falling]
    if both:
        raise ArgumentError(
            f"{short(both[0])!r} cannot be both increasing and decreasing",
            got="the same column in both",
            hint=f"immutable=({both[0]!r},) if it must stay",
        )
    return Limits(still, rising, falling, _ranges(ranges, known), _most(most_changes))


def _most(value: Any) -> int | None:
    if value is None:
        return None
    check_count(value, "most_changes")
    return int(value)


def _names(given: Any, what: str, known: Mapping[str, Column]) -> tuple[str, ...]:
    if isinstance(given, str):
        given = (given,)
    try:
        names = [str(one) for one in given]
    except TypeError as error:
        raise ArgumentTypeError(
            f"{what} must be names of columns", got=short(repr(given)), hint=f'{what}=("age",)'
        ) from error
    for name in names:
        _check_known(name, what, known)
    return tuple(dict.fromkeys(names))


def _check_known(name: str, what: str, known: Mapping[str, Column]) -> None:
    if name in known:
        return
    near = get_close_matches(name, list(known), n=1)
    raise ArgumentError(
        f"{what} names a column that the model does not read: {short(name)!r}",
        got=f"{len(known):,} columns: {listed(list(known), 3)}",
        hint=repr(near[0]) if near else None,
    )


def _ordered(names: tuple[str, ...], what: str, known: Mapping[str, Column]) -> tuple[str, ...]:
    for name in names:
        if not known[name].has_order:
            raise ArgumentError(
                f"{what} is for columns with an order, which {short(name)!r} has not",
                got="levels or text",
                hint="an ordered category, or immutable",
            )
    return names


def _ranges(given: Any, known: Mapping[str, Column]) -> dict[str, Range]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "ranges must say (low, high) by column",
            got=short(repr(given)),
            hint='ranges={"age": (18, 65)}',
        )
    found = {}
    for key, ends in given.items():
        name = str(key)
        _check_known(name, "ranges", known)
        found[name] = _range(known[name], ends)
    return found


def _range(column: Column, ends: Any) -> Range:
    what = f"the range of {short(column.name)!r}"
    if not column.is_metric:
        raise ArgumentError(
            f"{what} makes no sense: it holds neither numbers nor times",
            got=short(repr(ends)),
            hint="immutable, if it must stay",
        )
    is_time = column.axis == "time"
    low, high = interval_of(ends, what, "(18, 65), or None for an open end", is_time)
    seen = column.distinct
    told = time_text if is_time else number
    said = _in_words(low, high, is_time)
    if len(seen) and (low > seen[-1] or high < seen[0]):
        raise ArgumentError(
            f"{what} lies outside the data",
            got=f"{said}; the data go from {told(seen[0])} to {told(seen[-1])}",
            hint="a range that the data reach: nothing is said beyond them",
        )
    return Range(low, high, said)


def _in_words(low: float, high: float, is_time: bool) -> str:
    if not is_time or not (np.isfinite(low) or np.isfinite(high)):
        return interval_text(low, high)
    if not np.isfinite(high):
        return f"{time_text(low)} or later"
    if not np.isfinite(low):
        return f"{time_text(high)} or earlier"
    return f"{time_text(low)} to {time_text(high)}"
