"""An explanation as a frame, as plain values and as shap's own object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from explain.settings import check_share
from explain.showing.words import value_text

if TYPE_CHECKING:
    from explain.explanation import Explanation
    from explain.protocol import Floats

MEASURED = 200
"""References on which the background's errors rest at most."""


def interval(explanation: Explanation, confidence: float) -> tuple[Floats, Floats]:
    """Return the ends of each value's interval; see `Explanation.interval`."""
    check_share(confidence)
    error = np.hypot(explanation.standard_errors, np.nan_to_num(explanation.background_errors))
    degrees = max(1, min(explanation.n_background, MEASURED) - 1)
    reach = stdtrit(degrees, (1 + confidence) / 2) * error
    return explanation.values - reach, explanation.values + reach


def tidy(explanation: Explanation) -> pd.DataFrame:
    """Return one row for each explained row, column and output; see `Explanation.to_frame`."""
    n, p = explanation.values.shape[:2]
    classes = explanation.classes if explanation.values.ndim == 3 else explanation.classes[-1:]
    outputs = list(classes) or [None]
    k = len(outputs)
    low, high = interval(explanation, 0.95)
    cells = np.column_stack([_cells(explanation, column) for column in explanation.columns])
    return pd.DataFrame(
        {
            "row": np.repeat(np.arange(n), p * k),
            "column": np.tile(np.repeat(np.array(explanation.columns, dtype=object), k), n),
            "output": np.tile(np.array(outputs, dtype=object), n * p),
            # An object column whatever it holds: texts alone would become another dtype.
            "data": pd.Series(np.repeat(cells.ravel(), k), dtype=object),
            "value": explanation.values.ravel(),
            "standard_error": explanation.standard_errors.ravel(),
            "background_error": explanation.background_errors.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "label": explanation.labels.ravel(),
        }
    )


def _cells(explanation: Explanation, column: str) -> NDArray[Any]:
    """Return the rows' own values of a player: of several columns together as a tuple."""
    held = [explanation.data[name].tolist() for name in explanation.groups[column]]
    own = held[0] if len(held) == 1 else zip(*held, strict=True)
    return np.fromiter(own, dtype=object, count=len(explanation.data))


def content(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as plain values; see `Explanation.to_json`."""
    checked = explanation.verification
    return {
        "model": explanation.model,
        "task": explanation.task,
        "classes": list(explanation.classes),
        "scale": explanation.scale,
        "unit": explanation.unit,
        "label": explanation.label,
        "exact_on": list(explanation.exact_on),
        "method": explanation.method,
        "route": explanation.route,
        "rows_used": explanation.rows_used,
        "rows": explanation.rows,
        "columns": list(explanation.columns),
        "groups": {name: list(columns) for name, columns in explanation.groups.items()},
        "base_values": explanation.base_values,
        "values": explanation.values,
        "standard_errors": explanation.standard_errors,
        "background_errors": explanation.background_errors,
        "row_labels": explanation.row_labels,
        "predictions": explanation.predictions,
        "y": explanation.y,
        "data": {name: list(column) for name, column in explanation.data.items()},
        "importance": explanation.importance(),
        "n_background": explanation.n_background,
        "background_size": explanation.background_size,
        "evaluations": explanation.evaluations,
        "verification": {
            "gap": checked.gap,
            "base_gap": checked.base_gap,
            "tolerance": checked.tolerance,
            "n_rows": checked.n_rows,
            "fallback_rows": checked.fallback_rows,
            "note": checked.note,
        },
        "seed": explanation.seed,
    }


def to_shap(explanation: Explanation) -> Any:
    """Return shap's own object; see `Explanation.to_shap`."""
    import shap

    n = len(explanation.values)
    base = np.asarray(explanation.base_values, dtype=np.float64)
    several = explanation.values.ndim == 3
    data, display = _columns(explanation)
    return shap.Explanation(
        values=explanation.values.copy(),
        base_values=np.tile(base, (n, 1)) if several else np.full(n, float(base)),
        data=data,
        display_data=display,
        feature_names=list(explanation.columns),
        output_names=[str(one) for one in explanation.classes] if several else None,
    )


def _columns(explanation: Explanation) -> tuple[Floats, Any]:
    """Return numbers to colour by and texts to show, a column for each player."""
    numbers, texts = [], []
    for column in explanation.columns:
        names = explanation.groups[column]
        series = explanation.data[names[0]]
        texts.append(
            [value_text(one) for one in series] if len(names) == 1 else [""] * len(series)
        )
        if len(names) == 1 and pd.api.types.is_numeric_dtype(series):
            numbers.append(series.to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            numbers.append(pd.factorize(series)[0].astype(np.float64))
    return np.column_stack(numbers), np.array(texts, dtype=object).T
