"""Single rows of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def top_row(frame: pd.DataFrame, column: str) -> dict[Any, Any]:
    """Return the row with the largest absolute value in a column that has one.

    Examples
    --------
    >>> top_row(pd.DataFrame({"value": [0.1, -0.3, float("nan")], "group": list("abc")}), "value")
    {'value': -0.3, 'group': 'b'}
    """
    place = int(np.nanargmax(np.abs(frame[column].to_numpy(np.float64))))
    return dict(frame.iloc[place].to_dict())
