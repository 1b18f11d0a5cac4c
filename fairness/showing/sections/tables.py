"""Frames as tables that people read: heads in words, intervals in one column, fit formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from candor.report import Table
from candor.report.cells import cell_text
from fairness.showing.words import label

FOLD = 12
"""Rows that a table shows before it folds the rest away."""

_HEADS = {
    "n": "rows",
    "reference": "against",
    "base_rate": "base rate",
    "auc": "ROC AUC",
    "copy": "is a copy",
    "p_value": "p",
    "p_adjusted": "adjusted p",
    "denominator": "rows counted",
    "score_low": "score from",
    "score_high": "score to",
    "high_edge": "below",
    "low_edge": "from",
    "all_groups": "among all groups",
    "needs": "needs rows of",
    "needs_rows": "about",
    "left_out": "no verdict on",
    "method": "interval by",
    "ppv": "PPV of all",
    "tpr": "TPR of all",
    "fpr": "FPR",
    "implied_fpr": "FPR that base rates force",
    "rows_share": "share of rows",
    "missing_share": "share missing",
    "whose": "wrong labels in",
    "smaller": "rows of the smaller",
}
_INTERVALS = (("low", "high", "interval"), ("shrunk_low", "shrunk_high", "shrunk interval"))
_COUNTS = ("rows", "smaller")
"""Columns of counts that may hold fractions, as of weights or of shares of a group."""
_P_VALUES = ("p_value", "p_adjusted")


def readable(
    frame: pd.DataFrame,
    caption: str,
    *,
    columns: tuple[str, ...] | None = None,
    shares: tuple[str, ...] = (),
    heads: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    fold: int = FOLD,
) -> Table:
    """Return a frame as a table; columns that hold nothing are left out.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    caption : str
        What the table shows.
    columns : tuple of str, optional
        Which columns, in which order. Default: all.
    shares : tuple of str
        Columns that are written in percent.
    heads : mapping of str to str, optional
        Heads beside the usual ones.
    notes : tuple of str
        Footnotes.
    fold : int
        Rows shown at first.
    """
    named = dict(_HEADS) | dict(heads or {})
    kept = _filled(frame[[one for one in columns or frame.columns if one in frame.columns]])
    formats = {name: _format(name, kept[name], shares) for name in kept.columns}
    kept = _with_intervals(kept, formats)
    if "metric" in kept.columns:
        kept = kept.assign(metric=kept["metric"].map(label))
    titles = {name: named.get(str(name), str(name).replace("_", " ")) for name in kept.columns}
    return Table(
        kept.rename(columns=titles).reset_index(drop=True),
        caption,
        notes,
        {titles[name]: spec for name, spec in formats.items() if name in titles},
        fold,
    )


def in_words(table: Table) -> Table:
    """Return a table with the usual heads and p-values."""
    names = [str(name) for name in table.frame.columns]
    titles = {name: _HEADS.get(name, name.replace("_", " ")) for name in names}
    formats = dict(table.formats) | {name: "p" for name in names if name in _P_VALUES}
    return replace(
        table,
        frame=table.frame.rename(columns=titles),
        formats={titles.get(name, name): spec for name, spec in formats.items()},
    )


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are not empty."""
    return frame[[n for n in frame.columns if frame[n].notna().any() and (frame[n] != "").any()]]


def _format(name: str, values: pd.Series[float], shares: tuple[str, ...]) -> str:
    if name in _P_VALUES:
        return "p"
    if name in shares:
        return ".1%"
    if name in _COUNTS or not pd.api.types.is_float_dtype(values):
        return ",.0f" if pd.api.types.is_numeric_dtype(values) else ""
    return "value"


def _with_intervals(frame: pd.DataFrame, formats: Mapping[str, str]) -> pd.DataFrame:
    """Write both ends of an interval into one column, where the lower end stood."""
    for low, high, name in _INTERVALS:
        if low not in frame.columns or high not in frame.columns:
            continue
        texts = [
            f"{cell_text(first, formats[low])} to {cell_text(last, formats[high])}"
            if pd.notna(first) and pd.notna(last)
            else ""
            for first, last in zip(frame[low], frame[high], strict=True)
        ]
        frame = frame.assign(**{low: texts}).drop(columns=high).rename(columns={low: name})
    return frame
