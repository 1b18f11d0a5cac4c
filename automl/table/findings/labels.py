"""Checks of the target's classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.table.checks import Check
from automl.table.target import Target

_RARE = 3
_SMALL_SHARE = 0.05
_TINY_SHARE = 0.01


def rare_classes(target: Target, y: NDArray[Any]) -> tuple[Check, ...]:
    """Find classes of one to three rows."""
    if target.task == "regression":
        return ()
    counts = np.bincount(y, minlength=len(target.classes))
    rare = np.flatnonzero(counts <= _RARE)
    if not len(rare):
        return ()
    some = ", ".join(
        f"{target.classes[i]!r} in {counts[i]} row{'s' if counts[i] > 1 else ''}" for i in rare[:5]
    )
    more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
    return (
        Check(
            "rare-class",
            "warning",
            (target.name,),
            f"rare labels can hardly be learned or scored: {some}{more}",
            "a label of one row is never scored; merge rare labels if you can",
        ),
    )


def imbalance(target: Target, y: NDArray[Any]) -> tuple[Check, ...]:
    """Find a class that is much smaller than the others."""
    if target.task == "regression":
        return ()
    counts = np.bincount(y, minlength=len(target.classes))
    smallest = int(np.argmin(counts))
    share = counts[smallest] / len(y)
    fair = min(_SMALL_SHARE, 0.2 / len(counts))
    if share >= fair:
        return ()
    label = target.classes[smallest]
    message = f"the classes are imbalanced: {label!r} is {_percent(share)} of the rows"
    message += f" ({counts[smallest]:,} of {len(y):,})"
    tiny = target.task == "binary" and share < _TINY_SHARE
    return (
        Check(
            "imbalance",
            "warning" if tiny else "info",
            (target.name,),
            message,
            "accuracy says little here; average precision or log loss say more",
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2g} %"
