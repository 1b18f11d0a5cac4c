"""The tables whose runs are reported: two public ones, and one of 2,000 columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.protocol import read_datasets

TABLES = ("adult", "kddcup99_10pct", "wide")
SENSITIVE = {"adult": ("sex", "race"), "wide": ("sex",)}
"""Columns to audit by: their rows are sealed."""

WIDE_ROWS = 1_500
NUMBERS, CATEGORIES, FLAGS, TIMES = 1_400, 500, 60, 39
"""Columns of each kind, beside one of two groups of people."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is searched.

    Parameters
    ----------
    data : Path or DataFrame
    target : str
    ignore, sensitive : tuple of str
    """

    data: Path | pd.DataFrame
    target: str
    ignore: tuple[str, ...]
    sensitive: tuple[str, ...]


def task_of(name: str, folder: Path) -> Task:
    """Return a table with its target."""
    sensitive = SENSITIVE.get(name, ())
    if name == "wide":
        return Task(wide(), "y", (), sensitive)
    about = read_datasets(folder)[name]
    return Task(folder / about.file, about.target, about.drop, sensitive)


def wide(n: int = WIDE_ROWS, seed: int = 0) -> pd.DataFrame:
    """Make a table of 2,000 columns of all kinds, a quarter of them with gaps.

    Four numbers and the group decide, two of the numbers only together.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, NUMBERS))
    group = rng.choice(["f", "m"], n)
    margin = numbers[:, 0] + numbers[:, 1] - numbers[:, 2] * numbers[:, 3] + 0.8 * (group == "m")
    columns: dict[str, Any] = {f"n{j}": numbers[:, j] for j in range(NUMBERS)}
    for j in range(CATEGORIES):
        levels = np.array([f"level {k}" for k in range(2 + j % 12)], dtype=object)
        columns[f"c{j}"] = rng.choice(levels, n)
    for j in range(FLAGS):
        columns[f"b{j}"] = rng.random(n) < 0.5
    for j in range(TIMES):
        days = pd.to_timedelta(rng.integers(0, 1_000, n), unit="D")
        columns[f"t{j}"] = pd.Timestamp("2020-01-01") + days
    for j in range(0, NUMBERS, 4):
        columns[f"n{j}"] = np.where(rng.random(n) < 0.1, np.nan, columns[f"n{j}"])
    for j in range(0, CATEGORIES, 4):
        columns[f"c{j}"] = np.where(rng.random(n) < 0.15, None, columns[f"c{j}"])
    label = np.where(margin + rng.normal(size=n) > 0, "yes", "no")
    return pd.DataFrame({**columns, "sex": group, "y": label})
