"""Numbers with two digits that matter: cuts and ends of groups are then no row's own values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DIGITS = 2


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose numbers have two digits of their spread, and whose times are months."""
    return pd.DataFrame({name: _rounded(frame[name]) for name in frame.columns})


def _rounded(series: pd.Series[Any]) -> pd.Series[Any]:
    types = pd.api.types
    if types.is_datetime64_any_dtype(series):
        months: pd.Series[Any] = series.dt.to_period("M").dt.to_timestamp()
        return months
    if types.is_bool_dtype(series) or not types.is_numeric_dtype(series):
        return series
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(_coarse(values), index=series.index)


def _coarse(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to steps that leave about a hundred values."""
    known = values[np.isfinite(values)]
    if len(np.unique(known)) <= 10:
        return values
    spread = float(np.subtract(*np.quantile(known, [0.95, 0.05])))
    if not spread > 0:
        spread = float(np.ptp(known))
    step = 10.0 ** (np.floor(np.log10(spread)) - (DIGITS - 1))
    coarse: NDArray[np.float64] = np.round(values / step) * step
    return coarse
