"""Mean absolute values by column, with intervals of value and rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from explain.errors import ArgumentError
from explain.showing.rows import check_only_output

if TYPE_CHECKING:
    from explain.explanation import Explanation
    from explain.protocol import Floats


def importance_frame(
    explanation: Explanation, confidence: float, output: Any = None
) -> pd.DataFrame:
    """Return the importance of each column; see `Explanation.importance`."""
    if not 0 < confidence < 1:
        raise ArgumentError("the confidence must lie between 0 and 1", got=f"{confidence}")
    values, errors, background = _of_output(explanation, output)
    sizes = np.abs(values).mean(axis=2)
    # |x + noise| is larger than |x| on the average; near 0 by much, elsewhere by little.
    noise = errors.mean(axis=2)
    mean = np.sqrt(np.maximum(sizes**2 - noise**2, 0.0)).mean(axis=0)
    n = len(sizes)
    over_rows = sizes.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(len(mean))
    sampling = np.sqrt((noise**2).sum(axis=0)) / n
    error = np.sqrt(over_rows**2 + sampling**2 + np.nan_to_num(background) ** 2)
    reach = norm.ppf((1 + confidence) / 2) * error
    order = np.argsort(-mean, kind="stable")
    low, high = np.maximum(mean - reach, 0.0), mean + reach
    rank = np.empty(len(mean), dtype=np.int64)
    rank[order] = np.arange(1, len(mean) + 1)
    first, last = _rank_ends(mean, error, confidence)
    total = mean.sum()
    frame = pd.DataFrame(
        {
            "column": list(explanation.columns),
            "value": mean,
            "low": low,
            "high": high,
            "share": mean / total if total > 0 else np.zeros(len(mean)),
            "rank": rank,
            "rank_low": first,
            "rank_high": last,
        }
    )
    return frame.iloc[order].reset_index(drop=True)


def _of_output(explanation: Explanation, output: Any) -> tuple[Floats, Floats, Floats]:
    """Return values, their errors and the background's errors with an axis of outputs."""
    values, errors = explanation.values, explanation.standard_errors
    background = explanation.importance_errors
    if values.ndim == 2:
        check_only_output(explanation, output)
        return values[:, :, None], errors[:, :, None], background
    if output is None:
        return values, errors, background.mean(axis=-1)
    if output not in explanation.classes:
        raise ArgumentError(
            f"there is no class {output!r}",
            got=f"classes: {', '.join(map(str, explanation.classes[:10]))}",
        )
    place = explanation.classes.index(output)
    one = slice(place, place + 1)
    return values[:, :, one], errors[:, :, one], background[:, place]


def _rank_ends(mean: Floats, error: Floats, confidence: float) -> tuple[Any, Any]:
    """Return the best and worst rank of each column.

    A column ranks behind all that are larger by more than the error of their difference allows,
    and before all that are as clearly smaller. Errors of two columns are taken as independent.
    """
    reach = norm.ppf((1 + confidence) / 2)
    order = np.argsort(-mean, kind="stable")
    first, last = np.empty(len(mean), dtype=np.int64), np.empty(len(mean), dtype=np.int64)
    for place in order:
        apart = reach * np.hypot(error, error[place])
        first[place] = 1 + int((mean - mean[place] > apart).sum())
        last[place] = len(mean) - int((mean[place] - mean > apart).sum())
    return first, last


def direction(explanation: Explanation, column: str, place: int | None = None) -> str:
    """Say how a number's values go with the contributions: raises, lowers, or neither clearly."""
    values = explanation.values if place is None else explanation.values[..., place]
    own = values[:, explanation.columns.index(column)]
    names = explanation.groups[column]
    if len(names) != 1 or len(own) < 3:
        return ""
    series = explanation.data[names[0]]
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        return ""
    ranks = series.rank().to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(ranks)
    if known.sum() < 3 or np.ptp(ranks[known]) == 0 or np.ptp(own[known]) == 0:
        return ""
    found = np.corrcoef(ranks[known], pd.Series(own[known]).rank())[0, 1]
    if abs(found) < 0.5:
        return "not in one direction"
    return "more of it raises the prediction" if found > 0 else "more of it lowers the prediction"
