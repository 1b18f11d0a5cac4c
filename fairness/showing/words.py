"""Numbers, rates and verdicts as people say them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from fairness.metrics import METRICS, NOTIONS
from fairness.table import TIMES

_SHOWN = 3
MILLION = "more than a million"
_MOST_ROWS = 1_000_000
"""Rows up to which a number of them means something to a reader."""


def label(name: str) -> str:
    """Return the name of a metric or notion for people; a class in brackets stays.

    Examples
    --------
    >>> label("fpr")
    'False positive rate'
    """
    base, bracket, rest = name.partition("[")
    known = NOTIONS.get(base) or METRICS.get(base)
    text = known.label if known else base.replace("_", " ")
    return f"{text} of {rest[:-1]}" if bracket else text


def label_within(name: str) -> str:
    """Return the name of a metric as it stands inside a sentence.

    Examples
    --------
    >>> label_within("fpr"), label_within("auc")
    ('false positive rate', 'ROC AUC')
    """
    text = label(name)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


_SHORT = {
    "selection_rate": "selected",
    "base_rate": "base rate",
    "tpr": "TPR",
    "fpr": "FPR",
    "fnr": "FNR",
    "tnr": "TNR",
    "ppv": "PPV",
    "npv": "NPV",
    "auc": "ROC AUC",
    "mae": "MAE",
    "rmse": "RMSE",
}


def short_label(name: str) -> str:
    """Return the short name of a metric for a column head.

    Examples
    --------
    >>> short_label("fpr"), short_label("mean_score"), short_label("tpr[setosa]")
    ('FPR', 'mean score', 'TPR of setosa')
    """
    base, bracket, rest = name.partition("[")
    text = _SHORT.get(base, base.replace("_", " "))
    return f"{text} of {rest[:-1]}" if bracket else text


def number(value: float) -> str:
    """Write a number with three significant digits, and no more decimals than it needs.

    Examples
    --------
    >>> number(0.21393), number(-12345.6), number(math.nan)
    ('0.214', '−12,346', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.3g}" if size >= 1 else f"{size:.3f}"
    return signed(text, value)


def signed(text: str, value: float) -> str:
    """Put a true minus sign before a negative number that is not written as 0."""
    return f"−{text}" if value < 0 and text.strip("0.") else text


def points(value: float) -> str:
    """Write a difference between rates in percentage points, without the word.

    Examples
    --------
    >>> points(0.2139), points(-0.0004), points(-0.02)
    ('21.4', '0.0', '−2.0')
    """
    return "–" if math.isnan(value) else signed(f"{100 * abs(value):.1f}", value)


def percent(value: float) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(0.4485), percent(math.nan)
    ('44.9 %', '–')
    """
    return "–" if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def with_interval(value: float, low: float, high: float) -> str:
    """Write an estimate with its interval.

    Examples
    --------
    >>> with_interval(0.2139, 0.18, 0.2478)
    '0.214 [0.180, 0.248]'
    """
    return f"{number(value)} [{number(low)}, {number(high)}]"


def plural(count: int, noun: str) -> str:
    """Count things.

    Examples
    --------
    >>> plural(1, "group"), plural(2, "group")
    ('1 group', '2 groups')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(names: Sequence[str], shown: int = _SHOWN) -> str:
    """List some names and count the others.

    Examples
    --------
    >>> listed(["a", "b"]), listed(list("abcde"))
    ('a and b', 'a, b, c and 2 more')
    """
    if len(names) > shown:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def about(rows: float) -> str:
    """Round a number of rows as an estimate is said.

    Examples
    --------
    >>> about(913.2), about(1), about(math.inf)
    ('about 920 more rows', 'about 1 more row', 'more rows than can be said')
    >>> about(9_345_678)
    'more than a million rows'
    """
    if not math.isfinite(rows):
        return "more rows than can be said"
    if rows > _MOST_ROWS:
        return f"{MILLION} rows"
    return f"about {plural(rounded_up(rows), 'more row')}"


def rounded_up(rows: float) -> int:
    """Round a finite number of rows up to two digits that matter.

    Examples
    --------
    >>> rounded_up(913.2), rounded_up(40_873)
    (920, 41000)
    """
    step: int = 10 ** max(0, len(str(int(rows))) - 2)
    return math.ceil(rows / step) * step


def rows_cell(rows: float) -> int | str | None:
    """Write a number of rows for a column, where it means something to a reader.

    Examples
    --------
    >>> rows_cell(40_873), rows_cell(9_345_678), rows_cell(math.nan)
    (41000, 'more than a million', None)
    """
    if math.isnan(rows):
        return None
    if math.isinf(rows):
        return "more than can be said"
    return MILLION if rows > _MOST_ROWS else rounded_up(rows)


def group_name(attribute: str, group: str) -> str:
    """Return a group's name for a sentence: one that is a number says of what.

    Examples
    --------
    >>> group_name("race", "Other"), group_name("male", "1"), group_name("age", "[31, 43)")
    ('Other', 'male 1', 'age [31, 43)')
    """
    bare = re.match(r"[-+−\d.\[<≥]|True$|False$", group) and TIMES not in attribute
    return f"{attribute} {group}" if bare else group


def shortened(text: str, width: int) -> str:
    """Cut a name that is too long for its column.

    Examples
    --------
    >>> shortened("African-American", 10), shortened("Other", 10)
    ('African-A…', 'Other')
    """
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
