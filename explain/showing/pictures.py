"""Pictures of an explanation, read from its arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from explain.drawing import dependence, interval_bars, strips, waterfall
from explain.drawing.points import MOST
from explain.errors import ArgumentError
from explain.settings import check_count
from explain.showing.levels import in_order
from explain.showing.rows import (
    check_only_output,
    check_row,
    contributions,
    output_of_row,
    place_of_class,
    what_is_predicted,
)
from explain.showing.words import amount, level, records, short, value_text
from explain.units import in_unit

if TYPE_CHECKING:
    import altair as alt

    from explain.explanation import Explanation


def importance_chart(explanation: Explanation, *, top: int = 15) -> alt.LayerChart:
    """Draw mean absolute values with their intervals."""
    check_count(top, "top")
    frame = explanation.importance().head(top)
    unit = in_unit("mean absolute value", explanation.unit)
    return interval_bars(frame, label="column", value="value", low="low", high="high", unit=unit)


def waterfall_chart(
    explanation: Explanation, *, row: int = 0, output: Any = None, called: str | None = None
) -> alt.LayerChart:
    """Draw the way from the average to one row's prediction.

    It is called by its position, unless the caller knows it by another name.
    """
    row = check_row(explanation, row)
    place = output_of_row(explanation, row, output)
    frame = contributions(explanation, row, output)
    frame["label"] = [
        f"{short(one.column, 24)} = {short(one.text, 14)}" if one.text else one.column
        for one in records(frame)
    ]
    base, end = (
        float(array if place is None else array[place])
        for array in (explanation.base_values, explanation.predictions[row])
    )
    return waterfall(
        frame,
        base=base,
        unit=what_is_predicted(explanation, place),
        base_label=f"average {level(base, explanation.scale)}",
        end_label=f"{f'row {row}' if called is None else called}: {level(end, explanation.scale)}",
    )


def summary_chart(explanation: Explanation, *, top: int = 8, output: Any = None) -> alt.Chart:
    """Draw each row's contributions of the top columns as points."""
    check_count(top, "top")
    names = explanation.importance(output=output)["column"].tolist()[:top]
    rows = sampled_rows(explanation, MOST // max(1, len(names)))
    parts = [_strip(explanation, name, rows, output) for name in names]
    unit = in_unit("contribution", explanation.unit)
    return strips(pd.concat(parts, ignore_index=True), order=names, unit=unit)


def dependence_chart(
    explanation: Explanation, *, column: str | None = None, output: Any = None
) -> alt.Chart:
    """Draw a column's contributions against its values."""
    if column is None:
        column = str(explanation.importance(output=output)["column"].iloc[0])
    if column not in explanation.columns or len(explanation.groups[column]) != 1:
        raise ArgumentError(
            f"there is no single column {column!r} to draw",
            got=f"columns: {', '.join(short(one) for one in explanation.columns[:10])}",
        )
    rows = sampled_rows(explanation, MOST)
    series = explanation.data[explanation.groups[column][0]].iloc[rows]
    own = values_of(explanation, column, output)[rows]
    times = pd.api.types.is_datetime64_any_dtype(series)
    categorical = not times and (
        not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)
    )
    x = pd.Series([value_text(one) for one in series]) if categorical else series
    levels = None
    if categorical:
        x = _common(x)
        levels = in_order(x, own, series)
    frame = pd.DataFrame({"x": x.reset_index(drop=True), "value": own})
    frame["said"] = [
        f"{value_text(one.x)}: {amount(one.value, explanation.scale)}" for one in records(frame)
    ]
    unit = in_unit("contribution", explanation.unit)
    return dependence(frame, column=column, unit=unit, levels=levels)


def _common(texts: pd.Series[Any], most: int = 15) -> pd.Series[Any]:
    """Keep the most frequent texts, the others together."""
    kept = texts.value_counts().index[:most]
    return texts.where(texts.isin(kept), "others")


def values_of(explanation: Explanation, column: str, output: Any = None) -> Any:
    """Return one column's values; with several classes those of one, or of the row's likeliest."""
    own = explanation.values[:, explanation.columns.index(column)]
    if own.ndim == 1:
        check_only_output(explanation, output)
        return own
    if output is not None:
        return own[:, place_of_class(explanation, output)]
    return np.take_along_axis(own, explanation.predictions.argmax(axis=1)[:, None], axis=1)[:, 0]


def sampled_rows(explanation: Explanation, most: int) -> Any:
    """Return positions of at most so many rows."""
    n = len(explanation.values)
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(explanation.seed).permutation(n)[:most])


def _strip(explanation: Explanation, name: str, rows: Any, output: Any) -> pd.DataFrame:
    own = values_of(explanation, name, output)[rows]
    names = explanation.groups[name]
    series = explanation.data[names[0]].iloc[rows]
    single = len(names) == 1
    types = pd.api.types
    ordered = types.is_numeric_dtype(series) or types.is_datetime64_any_dtype(series)
    ranks = series.rank(pct=True) if single and ordered else pd.Series(np.nan, index=series.index)
    spread = np.random.default_rng(len(rows)).uniform(-1, 1, len(rows))
    said = [
        f"{short(name)}{' = ' + value_text(held) if single else ''}: "
        f"{amount(value, explanation.scale)}"
        for held, value in zip(series, own, strict=True)
    ]
    return pd.DataFrame(
        {
            "column": name,
            "value": own,
            "level": ranks.to_numpy(dtype=np.float64, na_value=np.nan),
            "place": spread,
            "said": said,
        }
    )
