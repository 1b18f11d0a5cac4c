"""Slices in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from explain.profiles import Condition
from explain.profiles.columns import exact_text, time_text
from explain.showing.words import number, plural, short

METHOD = (
    "The rows are split in two at random. On the first half, numbers and dates are cut at "
    "quantiles, categories into their levels, and every condition and conjunction of conditions "
    "on different columns is scored by how far its mean loss lies above that of all rows. A "
    "conjunction has to be worse than each of its parts beyond noise. The best slice is kept, "
    "with its best part where that is clearly worse still, its rows are taken away, and so on "
    "while one stands out more than is expected by chance.\n\n"
    "On the second half, which had no part in that, each is tested once: permutation test of "
    "Welch's t (Welch's test itself where both sides have more than 2,000 rows), p being twice "
    "the one-sided value, adjusted by Holm's method, so that the chance of confirming any slice "
    "that is no worse than the rest is at most one less the confidence. Confirmed are those whose "
    "adjusted p is small enough and whose interval lies above 0. Intervals are Welch's with "
    "Hall's correction for skewness (Newcombe's for losses of 0 and 1), simultaneous by "
    "Bonferroni's inequality. Rows are taken as independent.\n\n"
    "Chung, Kraska, Polyzotis, Tae and Whang (2019), Automated data slicing for model "
    "validation; Janssen (1997), Studentized permutation tests for non-i.i.d. hypotheses; Hall "
    "(1992), On the removal of skewness by transformation."
)


def slice_text(conditions: Sequence[Condition]) -> str:
    """Write conditions, both ends of an interval as one.

    Examples
    --------
    >>> ends = [Condition("age", test, "number", at) for test, at in (("from", 30), ("below", 40))]
    >>> slice_text([*ends, Condition("sex", "is", "category", levels=("f",))])
    '30 ≤ age < 40 and sex is "f"'
    """
    told = []
    for _, group in groupby(conditions, key=lambda one: one.column):
        own = list(group)
        told.append(_interval_text(*own) if len(own) == 2 else _condition_text(own[0]))
    return " and ".join(told)


def _interval_text(start: Condition, end: Condition) -> str:
    text = exact_text if start.axis == "number" else time_text
    return f"{text(start.threshold)} ≤ {short(start.column)} < {text(end.threshold)}"


def _condition_text(one: Condition) -> str:
    name = short(one.column)
    if one.axis == "category":
        if not one.levels:
            return f"{name} is missing"
        level = one.levels[0]
        return f'{name} is "{short(level)}"' if isinstance(level, str) else f"{name} is {level}"
    if np.isinf(one.threshold):
        return f"{name} is {'missing' if one.missing else 'not missing'}"
    text = exact_text if one.axis == "number" else time_text
    return f"{name} {'<' if one.test == 'below' else '≥'} {text(one.threshold)}"


def slice_line(row: Any) -> str:
    """Say what one slice is, from its row of the table."""
    size = f"{_percent(row.share)} of rows"
    if not np.isfinite(row.p):
        return f"{row.slice}: not estimable with {plural(row.n_tested, 'row')} to test on; {size}"
    much = f", {_percent(row.loss_share)} of all loss" if np.isfinite(row.loss_share) else ""
    doubt = "not confirmed, since the interval reaches 0, " if row.low <= 0 else "not confirmed, "
    return (
        f"{row.slice}: mean loss {number(row.loss)}, elsewhere {number(row.rest)}, difference "
        f"{number(row.difference)} [{number(row.low)}, {number(row.high)}]; {size}{much} "
        f"({'' if row.confirmed else doubt}{_p_text(row.p)})"
    )


def _percent(share: float) -> str:
    """Write a share with two digits."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def _p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
