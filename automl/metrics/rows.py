"""Rows of raw frames by position."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def take_rows(frame: Any, rows: NDArray[np.int64]) -> Any:
    """Return rows of a pandas or polars frame, or of an array, by position."""
    return frame.iloc[rows] if hasattr(frame, "iloc") else frame[rows]
