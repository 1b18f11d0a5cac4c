"""Names of metrics, scores and durations as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from candor.report.cells import VALUE
from explain.showing.words import number

FEWEST = 10
"""Rows of a cell below which a page without people's rows does not show it."""

METRICS: Mapping[str, str] = {
    "roc_auc": "ROC AUC",
    "roc_auc_ovr": "ROC AUC, one against the rest",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "f1": "F1",
    "rmse": "RMSE",
    "mae": "MAE",
    "median_absolute_error": "median absolute error",
    "mape": "MAPE",
    "rmsle": "RMSLE",
    "mse": "MSE",
    "r2": "R²",
}


def metric_label(metric: str) -> str:
    """Write the name of a metric as people do.

    Examples
    --------
    >>> metric_label("roc_auc"), metric_label("balanced_accuracy")
    ('ROC AUC', 'balanced accuracy')
    """
    return METRICS.get(metric, metric.replace("_", " "))


def score(value: float) -> str:
    """Write a score with about four digits that matter.

    Examples
    --------
    >>> score(0.92831), score(21449.2), score(0.5)
    ('0.9283', '21,449', '0.5000')
    """
    size = abs(value)
    if not math.isfinite(value) or not 1e-3 <= size < 1000:
        return number(value)
    digits = next((d for limit, d in ((1, 4), (10, 3), (100, 2), (1000, 1)) if size < limit), 0)
    text = f"{size:.{digits}f}"
    return f"−{text}" if value < 0 else text


def score_format(values: Iterable[float]) -> str:
    """Return how a table writes scores: four decimals of small ones, fewer of large ones.

    Examples
    --------
    >>> score_format([0.93, 0.5]), score_format([21449.2, 0.9])
    ('.4f', 'value')
    """
    sizes = [abs(one) for one in values if math.isfinite(one)]
    return ".4f" if max(sizes, default=0.0) < 10 and max(sizes, default=1.0) >= 0.01 else VALUE


def interval(low: float, high: float) -> str:
    """Write an interval; empty where there is none.

    Examples
    --------
    >>> interval(0.92, 0.94), interval(float("nan"), 0.9)
    (' (95 % interval 0.9200 to 0.9400)', '')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f" (95 % interval {score(low)} to {score(high)})"


def percent(value: float, digits: int = 1) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(0.4485), percent(float("nan")), percent(0.00004), percent(1.0)
    ('44.9 %', '–', '< 0.1 %', '100 %')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value in (0.0, 1.0):
        return f"{100 * value:.0f} %"
    smallest = 10.0**-digits
    if 0 < 100 * value < smallest / 2:
        return f"< {smallest:g} %"
    return f"{100 * value:.{digits}f} %"


def seconds(value: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> seconds(0.0000214), seconds(0.031), seconds(3.24), seconds(59.7), seconds(725)
    ('21 µs', '31 ms', '3.2 s', '60 s', '12 min 5 s')
    """
    if not math.isfinite(value):
        return "–"
    if value < 1e-6:
        return "under 1 µs"
    if value < 0.9995e-3:
        return f"{value * 1e6:.0f} µs"
    if value < 0.0995:
        return f"{value * 1e3:.1f} ms" if value < 0.00995 else f"{value * 1e3:.0f} ms"
    if value < 119.5:
        return f"{value:.1f} s" if value < 9.95 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def is_present(value: Any) -> bool:
    """Say whether a value is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop.

    Examples
    --------
    >>> sentence("two columns are alike")
    'Two columns are alike.'
    """
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}" + ("" if text[-1] in ".!?…" else ".")
