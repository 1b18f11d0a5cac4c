"""Columns of a frame under the names that people read."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def chosen(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns that are there and not empty, renamed, in the order of `columns`."""
    kept = [
        name
        for name in columns
        if name in frame.columns and frame[name].notna().any() and (frame[name] != "").any()
    ]
    return frame[kept].rename(columns=dict(columns)).reset_index(drop=True)
