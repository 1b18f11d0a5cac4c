"""Numbers, values and names as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from explain.protocol import Scale

LONGEST = 40
"""Characters of a name or value that are shown."""

MARKED = 10_000
"""Size from which on thousands are marked."""


def number(value: float) -> str:
    """Write a number with four digits; thousands are marked from 10,000, so that years are not.

    Examples
    --------
    >>> number(0.123456), number(-1234567.0), number(2004.0), number(0.0), number(float("nan"))
    ('0.1235', '−1,234,567', '2004', '0', '–')
    >>> number(6.98e-8)
    '6.98·10⁻⁸'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        text = whole(round(size))
    elif size >= 1e-4:
        text = f"{size:.4g}"
    else:
        digits, _, power = f"{size:.3g}".partition("e")
        text = f"{digits}·10{str(int(power)).translate(RAISED)}"
    return f"−{text}" if value < 0 else text


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def whole(value: int) -> str:
    """Write a whole number, thousands marked from 10,000.

    Examples
    --------
    >>> whole(2004), whole(19300)
    ('2004', '19,300')
    """
    return f"{value:,}" if abs(value) >= MARKED else str(value)


def signed(value: float) -> str:
    """Write a number with its sign.

    Examples
    --------
    >>> signed(2.0), signed(-0.5)
    ('+2', '−0.5')
    """
    return number(value) if value <= 0 else f"+{number(value)}"


def amount(value: float, scale: Scale) -> str:
    """Write a contribution in the units of its scale.

    Examples
    --------
    >>> amount(0.0512, "probability"), amount(-0.3, "margin")
    ('+5.12 points', '−0.3')
    """
    if scale == "probability":
        return f"{signed(float(f'{100 * value:.3g}'))} points"
    return signed(float(f"{value:.3g}"))


def level(value: float, scale: Scale) -> str:
    """Write a prediction or base in the units of its scale.

    Examples
    --------
    >>> level(0.25, "probability"), level(-1.5, "margin")
    ('25.0 %', '−1.5')
    """
    return percent(value) if scale == "probability" else number(float(f"{value:.4g}"))


def percent(share: float) -> str:
    """Write a probability; one that is not sure is not told as sure.

    Examples
    --------
    >>> percent(0.25), percent(0.0004), percent(0.99999), percent(1.0)
    ('25.0 %', 'under 0.1 %', 'over 99.9 %', '100 %')
    """
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{100 * share:.1f} %".replace("-", "−")


def carried(share: float) -> str:
    """Write a share of the attribution: of something it is never 0 %.

    Examples
    --------
    >>> carried(0.62), carried(0.004), carried(0.9999999)
    ('62 %', 'under 1 %', '100 %')
    """
    return "under 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def short(text: object, longest: int = LONGEST) -> str:
    """Shorten a text, on one line.

    Examples
    --------
    >>> short("a" * 50, 10)
    'aaaaaaaaa…'
    """
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def value_text(value: Any) -> str:
    """Write a value of a raw column.

    Examples
    --------
    >>> value_text(3.0), value_text(None), value_text("yes")
    ('3', 'missing', 'yes')
    """
    if value is None or (np.ndim(value) == 0 and pd.isna(value)):
        return "missing"
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return whole(int(value))
    if isinstance(value, float | np.floating):
        return number(float(value))
    return short(value)


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a frame, each with its columns as attributes."""
    yield from frame.itertuples(index=False)


def plural(count: int, noun: str) -> str:
    """Count things.

    Examples
    --------
    >>> plural(1, "row"), plural(2000, "row"), plural(3, "class")
    ('1 row', '2,000 rows', '3 classes')
    """
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{ending}"


def listed(names: Sequence[str], shown: int = 5) -> str:
    """List some names and count the others.

    Examples
    --------
    >>> listed(["a", "b"]), listed(list("abcdefg"))
    ('a and b', 'a, b, c, d, e and 2 more')
    """
    names = [short(name) for name in names]
    if len(names) > shown:
        return f"{', '.join(names[:shown])} and {len(names) - shown:,} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
