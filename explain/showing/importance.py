"""Mean absolute values by column, with intervals of value and rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from explain.settings import check_share
from explain.showing.rows import check_only_output, place_of_class
from explain.showing.words import records, short, value_text

MOST_LEVELS = 100
"""Distinct texts of a column up to which it is no free text."""

FEW_LEVELS = 10
"""Distinct texts up to which a column has levels, however few rows there are."""

RANKED_AT_ONCE = 200
"""Columns whose ranks are found at once."""

ENOUGH = 5
"""Rows of a level from which on its mean is told."""

if TYPE_CHECKING:
    from explain.explanation import Explanation
    from explain.protocol import Floats


def importance_frame(
    explanation: Explanation, confidence: float, output: Any = None
) -> pd.DataFrame:
    """Return the importance of each column; see `Explanation.importance`."""
    check_share(confidence)
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
    place = place_of_class(explanation, output)
    one = slice(place, place + 1)
    return values[:, :, one], errors[:, :, one], background[:, place]


def _rank_ends(mean: Floats, error: Floats, confidence: float) -> tuple[Any, Any]:
    """Return the best and worst rank of each column.

    A column ranks behind all that are larger by more than the error of their difference allows,
    and before all that are as clearly smaller. Errors of two columns are taken as independent.
    """
    reach = norm.ppf((1 + confidence) / 2)
    n, allowed = len(mean), (reach * error) ** 2
    first, last = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for start in range(0, n, RANKED_AT_ONCE):
        part = slice(start, start + RANKED_AT_ONCE)
        above = mean[None, :] - mean[part, None]
        clear = above * np.abs(above)  # squared with its sign, as roots cost most
        apart = allowed[None, :] + allowed[part, None]
        first[part] = 1 + (clear > apart).sum(axis=1)
        last[part] = n - (-clear > apart).sum(axis=1)
    return first, last


def direction(explanation: Explanation, column: str, place: int | None = None) -> str:
    """Say how a column's values go with the contributions.

    Of numbers and times that they raise or lower, or neither clearly; of categories which levels
    raise and lower most; of free text that its words are not told apart.
    """
    values = explanation.values if place is None else explanation.values[..., place]
    own = values[:, explanation.columns.index(column)]
    names = explanation.groups[column]
    if len(names) != 1 or len(own) < 3:
        return ""
    series = explanation.data[names[0]].reset_index(drop=True)
    types = pd.api.types
    if types.is_datetime64_any_dtype(series.dtype):
        return _along(series, own, "later")
    if types.is_numeric_dtype(series) and not types.is_bool_dtype(series):
        return _along(series, own, "more of it")
    if is_free_text(series):
        return "free text: its words are not told apart"
    return _between_levels(series, own)


def _along(series: pd.Series[Any], own: Floats, more: str) -> str:
    ranks = series.rank().to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(ranks)
    if known.sum() < 3 or np.ptp(ranks[known]) == 0 or np.ptp(own[known]) == 0:
        return ""
    found = np.corrcoef(ranks[known], pd.Series(own[known]).rank())[0, 1]
    if abs(found) < 0.5:
        return "not in one direction"
    return f"{more} {'raises' if found > 0 else 'lowers'} the prediction"


def _between_levels(series: pd.Series[Any], own: Floats) -> str:
    """Name the levels of the highest and the lowest mean contribution, where these are clear."""
    texts = pd.Series([value_text(one) for one in series])
    grouped = pd.DataFrame({"level": texts, "own": own}).groupby("level", as_index=False)["own"]
    table = grouped.agg(["mean", "std", "size"])
    table = table[table["size"] >= min(ENOUGH, len(own) // 3)].sort_values("mean", kind="stable")
    if len(table) < 2:
        return ""
    bottom, *_, top = records(table)
    error = float(np.sqrt(sum(np.nan_to_num(one.std) ** 2 / one.size for one in (top, bottom))))
    if top.mean - bottom.mean <= max(2 * error, 1e-9 * float(np.abs(own).max())):
        return "no level stands out"
    high, low = short(top.level, 24), short(bottom.level, 24)
    if not top.mean > 0 > bottom.mean:
        return f"highest with {high}, lowest with {low}"
    most = " most" if len(table) > 2 else ""
    return f"{high} raises it{most}, {low} lowers it{most}"


def is_free_text(series: pd.Series[Any]) -> bool:
    """Tell texts that hardly repeat from levels, also where only few rows are at hand."""
    if str(series.dtype) not in ("object", "str", "string"):
        return False
    known = series.dropna()
    distinct = known.astype(str).nunique()
    return distinct > MOST_LEVELS or (distinct > FEW_LEVELS and 2 * distinct > len(known))
