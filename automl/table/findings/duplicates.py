"""Duplicated rows, and columns that carry the same information."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.table.checks import Check
from automl.table.columns import Columns

_SAMPLE = 5_000
_MANY = 0.05
_MIX = np.uint64(0x9E3779B97F4A7C15)


def duplicated_rows(columns: Columns, y: NDArray[Any]) -> tuple[Check, ...]:
    """Count rows that are equal to an earlier one in every feature and the target."""
    import pandas as pd

    mixed = _bits(y)
    for values in _all_columns(columns):
        mixed = mixed * _MIX
        mixed ^= mixed >> np.uint64(29)
        mixed ^= _bits(values)
    n_double = len(mixed) - len(pd.unique(mixed * _MIX))
    if not n_double:
        return ()
    share = n_double / len(mixed)
    message = f"{n_double:,} rows ({_percent(share)}) are exact copies of others"
    if share < _MANY:
        return (Check("duplicated-rows", "info", (), message),)
    hint = "copies on both sides of a split make scores look better than they are"
    return (Check("duplicated-rows", "warning", (), message, hint),)


def duplicated_columns(columns: Columns) -> tuple[Check, ...]:
    """Find columns that determine each other: equal, rescaled or recoded."""
    named = _named(columns)
    rows = np.linspace(0, columns.n_rows - 1, min(_SAMPLE, columns.n_rows)).astype(np.int64)
    alike: dict[bytes, list[str]] = {}
    for name, values in named.items():
        alike.setdefault(_signature(values[rows]), []).append(name)
    checks = []
    for names in alike.values():
        if len(names) > 1:
            checks += [_same(group) for group in _confirmed(names, named)]
    return tuple(checks)


def _confirmed(names: list[str], named: dict[str, NDArray[Any]]) -> list[list[str]]:
    """Keep those that agree over all rows."""
    alike: dict[bytes, list[str]] = {}
    for name in names:
        alike.setdefault(_signature(named[name]), []).append(name)
    return [group for group in alike.values() if len(group) > 1]


def _same(names: list[str]) -> Check:
    listed = ", ".join(names[:-1][:8]) + f" and {names[-1]}"
    others = ", ".join(f'"{name}"' for name in names[1:])
    return Check(
        "duplicated-columns",
        "info",
        tuple(names),
        f"{listed} carry the same information",
        f"ignore=[{others}] would lose nothing",
    )


def _signature(values: NDArray[Any]) -> bytes:
    """Hash which rows have equal values, so that a recoded column hashes the same.

    Columns with hardly a repeated value agree in that anyway: they have to be equal up to a
    factor and a shift.
    """
    import hashlib

    import pandas as pd

    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    if len(distinct) > 0.5 * len(values) and values.dtype.kind == "f":
        spread = np.nanstd(values)
        middle = np.nanmean(values)
        scaled = (values - middle) / (spread or 1.0)
        first = scaled[np.flatnonzero(~np.isnan(scaled))[0]] if not np.isnan(middle) else 1.0
        return hashlib.sha1((np.round(scaled * np.sign(first), 6) + 0.0).tobytes()).digest()
    return hashlib.sha1(codes.astype(np.int32).tobytes()).digest()


def _named(columns: Columns) -> dict[str, NDArray[Any]]:
    layout = columns.layout
    named: dict[str, NDArray[Any]] = {
        name: columns.numeric[:, i] for i, name in enumerate(layout.numeric)
    }
    named |= {name: columns.codes[:, i] for i, name in enumerate(layout.categorical)}
    named |= {name: columns.times[:, i] for i, name in enumerate(layout.times)}
    return named | dict(zip(layout.texts, columns.texts, strict=True))


def _all_columns(columns: Columns) -> Iterator[NDArray[Any]]:
    import pandas as pd

    for values in _named(columns).values():
        yield pd.util.hash_array(values) if values.dtype == object else values


def _bits(values: NDArray[Any]) -> NDArray[np.uint64]:
    if values.dtype.kind == "f":
        return (values + 0.0).view(np.uint64)  # -0.0 is 0.0
    return values.astype(np.int64, copy=False).view(np.uint64)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2g} %"
