"""Sensitive attributes: read from whatever they are given as, one label a row."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from candor.frames import frame_kind, to_pandas
from explain.errors import ArgumentError
from explain.profiles.columns import number_text
from explain.showing.words import plural

if TYPE_CHECKING:
    from explain.explanation import Explanation

MISSING = "missing"
MOST_GROUPS = 50


def read_attributes(explanation: Explanation, sensitive: Any) -> dict[str, pd.Series[Any]]:
    """Return each attribute's label for every explained row.

    Raises
    ------
    ArgumentError
        There are none, they have another length, or too many groups.
    """
    found: dict[str, pd.Series[Any]] = {}
    for name, values in _named(explanation, sensitive).items():
        if np.ndim(values) != 1:
            raise ArgumentError(
                f"the attribute {name!r} does not have one value for each row",
                got=f"shape {np.shape(values)}",
                hint="a list, an array or a series; several attributes as a frame",
            )
        series = pd.Series(np.asarray(values, dtype=object) if _is_plain(values) else values)
        found[name] = _labels(_at_rows(explanation, series, name), name)
    if not found:
        raise ArgumentError("no sensitive attribute is given", hint='sensitive="sex"')
    return found


def _is_plain(values: Any) -> bool:
    return isinstance(values, list | tuple)


def _named(explanation: Explanation, sensitive: Any) -> dict[str, Any]:
    if sensitive is None:
        return {}
    if isinstance(sensitive, str):
        sensitive = [sensitive]
    if isinstance(sensitive, list | tuple) and all(isinstance(one, str) for one in sensitive):
        known = set(explanation.data.columns)
        if set(sensitive) <= known:
            return {name: explanation.data[name] for name in sensitive}
        if len(sensitive) != len(explanation.values):
            wrong = next(one for one in sensitive if one not in known)
            raise ArgumentError(
                f"there is no column {wrong!r} among those explained",
                got=f"{len(known):,} columns",
                hint="the attribute's values, one for each row",
            )
    if isinstance(sensitive, Mapping):
        return {str(name): values for name, values in sensitive.items()}
    if frame_kind(sensitive):
        frame = to_pandas(sensitive)
        return {str(name): frame[name] for name in frame.columns}
    name = getattr(sensitive, "name", None)
    return {str(name) if name is not None else "group": sensitive}


def _at_rows(explanation: Explanation, series: pd.Series[Any], name: str) -> pd.Series[Any]:
    n = len(explanation.values)
    if len(series) == n:
        return series.reset_index(drop=True)
    drawn = not np.array_equal(explanation.rows, np.arange(n))
    if drawn and len(series) > int(explanation.rows.max(initial=-1)):
        return series.iloc[explanation.rows].reset_index(drop=True)
    raise ArgumentError(
        f"the attribute {name!r} does not have one value for each row",
        got=f"{plural(len(series), 'value')} for {plural(n, 'explained row')}",
    )


def _quarters(series: pd.Series[Any]) -> pd.Series[Any]:
    """Cut numbers at their quartiles, each part called by its ends."""
    parts, ends = pd.qcut(series, 4, labels=False, retbins=True, duplicates="drop")
    texts = [number_text(float(end)) for end in ends]
    names = [f"{low} to {high}" for low, high in pairwise(texts)]
    return parts.map(dict(enumerate(names)))


def _labels(series: pd.Series[Any], name: str) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(series) and series.nunique() > 10:
        series = _quarters(series)
    labels = series.astype(object).where(series.notna(), MISSING).map(str)
    if labels.nunique() > MOST_GROUPS:
        raise ArgumentError(
            f"the attribute {name!r} has too many groups",
            got=f"{labels.nunique():,} groups; at most {MOST_GROUPS}",
        )
    return labels
