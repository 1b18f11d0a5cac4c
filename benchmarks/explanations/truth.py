"""Shapley values by brute force, which share no code with what they judge."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def brute_force(
    predict: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, background: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Return values (n_rows, n_columns) and the base, over all coalitions of columns.

    The worth of a coalition is the mean prediction of the background with the coalition's columns
    set to the row's values.
    """
    d, m = rows.shape[1], len(background)
    values = np.zeros((len(rows), d))
    coalitions = [frozenset(c) for k in range(d + 1) for c in combinations(range(d), k)]
    for place in range(len(rows)):
        hybrids = pd.concat([background] * len(coalitions), ignore_index=True)
        for number, coalition in enumerate(coalitions):
            block = slice(number * m, (number + 1) * m)
            for column in coalition:
                value: Any = rows.iat[place, column]
                hybrids.iloc[block, column] = value
        found = np.asarray(predict(hybrids), dtype=np.float64).reshape(len(coalitions), m)
        worth = dict(zip(coalitions, found.mean(axis=1), strict=True))
        values[place] = [_value(worth, column, d) for column in range(d)]
    return values, np.asarray(predict(background), dtype=np.float64).mean()


def _value(worth: dict[frozenset[int], float], column: int, d: int) -> float:
    """Weigh what the column adds to each coalition without it."""
    return sum(
        factorial(len(coalition)) * factorial(d - 1 - len(coalition)) / factorial(d)
        * (worth[coalition | {column}] - worth[coalition])
        for coalition in worth
        if column not in coalition
    )  # fmt: skip
