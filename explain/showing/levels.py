"""The order in which levels of a column stand on an axis."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from explain.showing.words import value_text

LAST = ("others", "missing")
"""Levels that no order has; they stand last."""

SEVERAL = 3
"""Levels with numbers among which one without may be, such as "n/a"; it stands behind them."""

_LEADING = re.compile(r"([<>≤≥+]?)\s*(-?\d[\d,]*(?:\.\d+)?)(\+?)")
"""A number at the beginning of a text, with what makes it an end of a range."""

_SIDE = {"<": -1, "≤": -1, ">": 1, "≥": 1, "+": 1, "": 0}


def in_order(texts: pd.Series[Any], values: Any, series: pd.Series[Any]) -> list[str]:
    """Return a column's levels as they are read from low to high.

    Of an ordered categorical its own order; of texts that begin with numbers, all but one at
    most, that of these; else the level of the largest mean value first.

    Parameters
    ----------
    texts : Series of str
        Each row's level as it is shown.
    values : ndarray of float64
        Each row's contribution.
    series : Series
        Each row's level as it is.

    Examples
    --------
    >>> years = pd.Series(["1 year", "10+ years", "2 years", "missing", "< 1 year"])
    >>> in_order(years, np.zeros(5), years)
    ['< 1 year', '1 year', '2 years', '10+ years', 'missing']
    >>> in_order(pd.Series(["x", "y"]), np.array([1.0, 2.0]), pd.Series(["x", "y"]))
    ['y', 'x']
    """
    means = pd.Series(np.asarray(values), index=pd.Index(texts)).groupby(level=0).mean()
    found = means.sort_values(ascending=False, kind="stable").index.tolist()
    known = [one for one in found if one not in LAST]
    if isinstance(series.dtype, pd.CategoricalDtype) and series.dtype.ordered:
        given = [value_text(one) for one in series.dtype.categories]
        known = sorted(known, key=given.index)
    elif sum(_LEADING.match(one) is None for one in known) <= (len(known) > SEVERAL):
        known = sorted(known, key=_number)
    return [*known, *(one for one in LAST if one in found)]


def _number(text: str) -> tuple[float, int, str]:
    """Return the number that a level begins with, and whether what it means lies around it."""
    match = _LEADING.match(text)
    before, digits, after = match.groups() if match else ("", "inf", "")
    return float(digits.replace(",", "")), _SIDE[before or after], text
