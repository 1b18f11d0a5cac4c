"""Names of groups and labels: text that sorts, joins and reads the same on every machine."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from fairness.table.values import MISSING, TIMES

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def label_text(value: Any) -> str:
    """Return the text of a label or group: whole floats as integers, the rest as `str` does."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        whole = float(value)
        return str(int(whole)) if whole.is_integer() and abs(whole) < 1e16 else str(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return readable(str(value))


def readable(text: str) -> str:
    """Return text that every file and page can hold: half of a surrogate pair is spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def group_text(value: Any) -> str:
    """Return the text of a group; text that reads like the missing group is quoted.

    A column may hold the word "(missing)": those rows are not missing, so that their group is
    named "'(missing)'".
    """
    text = label_text(value)
    return f"'{text}'" if text.strip("'") == MISSING else text


def number_text(value: float) -> str:
    """Return a number in the fewest digits that tell it apart."""
    return label_text(float(value))


def natural_key(text: str) -> tuple[int, float, str]:
    """Return a sort key that puts numbers first, in numeric order."""
    if _NUMBER.fullmatch(text):
        return 0, float(text), text
    return 1, 0.0, text


def in_order(texts: Iterable[str]) -> tuple[str, ...]:
    """Sort names naturally; the missing group goes last."""
    names = set(texts)
    last = (MISSING,) if MISSING in names else ()
    return (*sorted(names - {MISSING}, key=natural_key), *last)


def union_in_order(a: Sequence[str], b: Sequence[str]) -> tuple[str, ...]:
    """Unite the groups of two tables.

    An order that somebody declared (a categorical column) is kept where it covers the groups of
    both; otherwise names are sorted.
    """
    groups = set(a) | set(b)
    present = groups - {MISSING}
    declared = {
        tuple(name for name in names if name != MISSING)
        for names in (a, b)
        if present <= set(names) and tuple(names) != in_order(names)
    }
    if len(declared) != 1:
        return in_order(groups)
    return (*declared.pop(), *((MISSING,) if MISSING in groups else ()))


def crossed(parts: Sequence[str]) -> str:
    """Join the names of crossed groups so that different groups never get the same name.

    A part that itself holds the joining sign is quoted.
    """
    if len(parts) == 1:
        return parts[0]
    return TIMES.join(
        json.dumps(part, ensure_ascii=False) if TIMES in part or part.startswith('"') else part
        for part in parts
    )


def bin_labels(edges: Sequence[float]) -> tuple[str, ...]:
    """Name the bins between cut points, such as "< 25", "[25, 34)" and "≥ 34"."""
    texts = [number_text(edge) for edge in edges]
    inner = [f"[{low}, {high})" for low, high in pairwise(texts)]
    return (f"< {texts[0]}", *inner, f"≥ {texts[-1]}")


def listed(names: Sequence[Any], most: int = 5) -> str:
    """List some names for a message."""
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown}, … ({len(names):,} in all)"


def rounded(value: float, unit: float) -> float:
    """Round to a multiple of a power of ten, without the dust of binary fractions."""
    return round(value, -round(math.log10(unit)))
