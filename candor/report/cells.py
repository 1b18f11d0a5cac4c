"""How one cell of a table is written, and by what it is sorted."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Set
from numbers import Integral, Real
from typing import Any

import numpy as np

from candor.frames import is_missing
from candor.report.errors import PageError

MISSING = "–"
P_VALUE = "p"
"""Specification of p-values: below 0.001 only that."""
VALUE = "value"
"""Specification of numbers of any size."""
_MINUS = "\N{MINUS SIGN}"
_NARROW = "\N{NARROW NO-BREAK SPACE}"


def is_number(value: Any) -> bool:
    """Say whether a cell holds a number; a truth value is none."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def cell_text(value: Any, spec: str = "") -> str:
    """Write a cell as people read it.

    Parameters
    ----------
    value : object
        Whatever a frame may hold.
    spec : str
        Format specification of numbers, "p" or "value"; empty: "," for whole numbers, ".4g" for
        others.

    Returns
    -------
    str
        Plain text. Missing is "–", infinity "∞", a truth value "yes" or "no", and several values
        are joined by commas.

    Raises
    ------
    PageError
        If the specification is not one.
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if is_number(value):
        return number_text(value, spec)
    if isinstance(value, Set):
        return ", ".join(sorted(cell_text(part, spec) for part in value))
    if isinstance(value, Collection) and not isinstance(value, str | bytes | dict):
        return ", ".join(cell_text(part, spec) for part in value) or MISSING
    return str(value)


def unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line.

    Examples
    --------
    >>> len(unbroken("95 % intervals").split(" "))
    2
    """
    return re.sub(r"(?<=\d) %", f"{_NARROW}%", text)


def number_text(value: Any, spec: str = "") -> str:
    """Write a number with a true minus sign and a narrow space before "%"."""
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    whole = isinstance(value, Integral)
    spec = spec or ("," if whole else ".4g")
    plain: int | float = int(value) if whole else float(value)
    if spec == P_VALUE:
        return "< 0.001" if plain < 0.001 else f"{plain:.3f}"
    if spec == VALUE:
        spec = _by_size(abs(plain))
    if spec.endswith("d"):
        plain = round(plain)
    try:
        text = format(plain, spec)
    except ValueError as error:
        raise PageError(
            f"{spec!r} is not a format of numbers", got=str(error), hint='".1%", ",d" or ".3f"'
        ) from error
    return _zero_without_sign(text).replace("-", _MINUS).replace("%", f"{_NARROW}%")


def _by_size(size: float) -> str:
    """Return the format of a number of unknown unit: three decimals, fewer the larger it is."""
    return ",.0f" if size >= 1000 else ".1f" if size >= 100 else ".2f" if size >= 10 else ".3f"


def _zero_without_sign(text: str) -> str:
    """Drop the minus of a number that was rounded to zero."""
    digits = text.strip("-%")
    return text.removeprefix("-") if digits and not digits.strip("0.,") else text


def sort_key(value: Any) -> str:
    """Return the number behind a cell, as text that a browser reads; empty for all else."""
    if is_missing(value) or not is_number(value) or math.isnan(value):
        return ""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(int(value) if isinstance(value, Integral) else float(value))
