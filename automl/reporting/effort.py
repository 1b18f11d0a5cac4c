"""How much of everything a report computes, counted in predictions so that runs repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from automl.reporting.source import Run

COLUMNS = 8
"""Columns whose effects are drawn."""

GRID = 25
"""Points of an effect."""

PAIRED = 4
"""Columns whose pairs are looked at."""

EXPLAINED = 2_000
"""Rows that are explained where values have a closed form."""

EXPLAINED_VALUES = 2_000_000
"""Contributions of rows, columns and classes at most."""

FEWEST = 200
"""Rows that are explained in closed form at least."""

SHARES = {"effects": 5.0, "interactions": 3.0, "quality": 3.0}
"""Seconds of predicting that each step may take, at the speed that the search measured."""


@dataclass(frozen=True)
class Effort:
    """How many rows each step takes.

    Parameters
    ----------
    explained : int or None
        Rows to explain at most; None: as many as sampling affords.
    effects, interactions, quality : int
        Rows of each step; 0: left out, since even few rows would take too long.
    seconds : float
        About how long all of it takes.
    """

    explained: int | None
    effects: int
    interactions: int
    quality: int
    seconds: float


def effort_of(run: Run) -> Effort:
    """Choose rows from the size of the table and the winner's speed."""
    if run.data is None:
        return Effort(None, 0, 0, 0, 2.0)
    cost = run.predict_seconds
    n, p = run.data.shape
    classes = len(run.result.model.schema.target.classes)
    outputs = classes if classes > 2 else 1
    exact = has_closed_form(run)
    most = int(np.clip(EXPLAINED_VALUES // max(1, p * outputs), FEWEST, EXPLAINED))
    afforded = {step: seconds / cost for step, seconds in SHARES.items()}
    effects = _bounded(afforded["effects"] / (COLUMNS * GRID), 20, min(n, 1_000))
    # A pair is asked on the square of the rows.
    pairs = PAIRED * (PAIRED - 1) // 2
    interactions = _bounded(np.sqrt(afforded["interactions"] / pairs), 20, min(n, 150))
    # Eight numbers of columns, twenty background rows, four orders, forth and back.
    quality = _bounded(afforded["quality"] / (8 * 20 * 4 * 2), 10, min(n, 50))
    predicted = (
        effects * COLUMNS * GRID + pairs * interactions**2 + 1_280 * quality + 3 * n
    ) * cost
    rows = min(n, most)
    trees = run.result.members["models"].sum()
    explaining = 2.0 + 4e-8 * rows * n * outputs * trees if exact else 30.0
    return Effort(
        most if exact else None,
        effects,
        interactions,
        quality,
        float(4.0 + explaining + predicted),
    )


def has_closed_form(run: Run) -> bool:
    """Tell whether the winner's values are computed, not sampled."""
    from explain.opening import open_model
    from explain.parts import is_exact
    from explain.players import Players

    opened = open_model(run.result.model, run.data)
    return is_exact(opened.nodes[opened.scale("auto")], Players.of(opened.columns))


def _bounded(rows: float, fewest: int, most: int) -> int:
    """Return so many rows, or 0 where fewer are afforded than tell anything."""
    return int(min(rows, most)) if rows >= fewest else 0
