"""Numbers, rates and verdicts as people say them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fairness.metrics import METRICS, NOTIONS

POINTS = ("proportion",)
"""Kinds of metrics whose values are said in percent."""

_SHOWN = 3


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
    >>> number(0.21393), number(12345.6), number(math.nan)
    ('0.214', '12,346', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:.3g}"
    return f"{value:.3f}"


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
    >>> about(913.2), about(12), about(math.inf)
    ('about 920 more rows', 'about 12 more rows', 'more rows than can be said')
    """
    if not math.isfinite(rows):
        return "more rows than can be said"
    digits = max(0, len(str(int(rows))) - 2)
    step = 10**digits
    return f"about {math.ceil(rows / step) * step:,} more rows"
