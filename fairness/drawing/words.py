"""Numbers and names as a chart says them."""

from __future__ import annotations

import math

from fairness.metrics import METRICS, NOTIONS


def metric_label(name: str) -> str:
    """Return the name of a metric or notion for people; of a class, with the class."""
    base, bracket, rest = name.partition("[")
    known = NOTIONS.get(base) or METRICS.get(base)
    text = known.label if known else base.replace("_", " ")
    return f"{text} of {rest.removesuffix(']')}" if bracket else text


def number(value: float) -> str:
    """Write a number to three decimals, a large one to three digits or whole."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    text = f"{value:,.0f}" if size >= 1000 else f"{value:.3g}" if size >= 1 else f"{value:.3f}"
    return text.replace("-", "−") if value <= -0.0005 else text.removeprefix("-")


def percent(value: float) -> str:
    """Write a share in percent."""
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def plural(count: int, noun: str) -> str:
    """Count things."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
