"""How much of everything a report computes, counted in predictions so that runs repeat."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from automl.reporting.source import Run
    from explain.opening import OpenModel
    from explain.protocol import Node

COLUMNS = 8
"""Columns whose effects are drawn."""

GRID = 25
"""Points of an effect."""

PAIRED = 4
"""Columns whose pairs are looked at."""

PAIRS = PAIRED * (PAIRED - 1) // 2
"""Of columns; each is asked on the square of the rows."""

ASKED = 8 * 20 * 4 * 2
"""Predictions of a row by the quality card: numbers of columns, background rows, orders, ways."""

EXPLAINED = 2_000
"""Rows that are explained where values have a closed form."""

EXPLAINED_VALUES = 2_000_000
"""Contributions of rows, columns and classes at most."""

FEWEST = 200
"""Rows that are explained in closed form at least."""

SHARES = {
    "explanation": 15.0,
    "ranking": 5.0,
    "effects": 4.0,
    "interactions": 3.0,
    "quality": 3.0,
    "steadiness": 7.0,
    "changes": 12.0,
}
"""Seconds of predicting that each step may take, at the speed that the search measured."""

APART = 30
"""Columns that are explained one by one at least, where values are sampled."""

SAMPLED = (12, 50)
"""Rows that are explained at least, and wanted, where values are sampled."""

REFERENCES = 10
"""Background rows that a sampled value takes at least."""

UNIT_SECONDS = 20.0
"""What the engine's own budget of predictions takes, whatever the winner."""

READ_SECONDS = 1.5e-4
"""Of reading a column of a batch of rows, however few."""

NODE_SECONDS = 1.5e-4
"""Of a tree's node in closed form, for rows, background and the background's own error."""

AGAIN = 0.6
"""Of that for the quality card: few rows against two halves, without the background's error."""

CHANGES = 6
"""Example rows whose counterfactuals are looked for."""


OTHERWISE = 6.0
"""Seconds of what hardly depends on the table: audit, slices, drawing, writing."""


@dataclass(frozen=True)
class Effort:
    """How many rows each step takes.

    Parameters
    ----------
    explained : int or None
        Rows to explain at most; None: as many as sampling affords.
    apart : int
        Columns that are explained one by one, the others together; 0: all of them.
    ranked : int
        Rows by which these columns are chosen.
    effects, interactions, quality : int
        Rows of each step; 0: left out, since even few rows would take too long.
    changed : int
        Example rows whose counterfactuals are looked for.
    seconds : float
        About how long all of it takes.
    """

    explained: int | None
    apart: int
    ranked: int
    effects: int
    interactions: int
    quality: int
    changed: int
    seconds: float


NOTHING = Effort(None, 0, 0, 0, 0, 0, 0, 2.0)
"""Of a run that keeps no rows."""


@dataclass(frozen=True)
class _Explaining:
    """What explaining takes: rows, columns apart, and seconds, also of doing it again."""

    rows: int | None
    apart: int
    seconds: float
    again: float


def effort_of(run: Run) -> Effort:
    """Choose rows from the size of the table, the winner's speed and its parts."""
    began = time.process_time()
    opened = run.opened
    if run.data is None or opened is None:
        return NOTHING
    opening = time.process_time() - began
    cost = run.predict_seconds
    n, p = run.data.shape
    node = opened.nodes[opened.scale("auto")]
    plan = _in_closed_form(run, node) if is_exact_in(opened) else _sampled(opened, n, cost)
    ranked = _bounded(SHARES["ranking"] / cost / p, 4, min(n, 30)) if plan.apart else 0
    effects = _bounded(SHARES["effects"] / cost / (COLUMNS * GRID), 20, min(n, 1_000))
    interactions = _bounded(np.sqrt(SHARES["interactions"] / cost / PAIRS), 20, min(n, 150))
    quality = _bounded(SHARES["quality"] / cost / ASKED, 10, min(n, 50))
    quality *= plan.again <= SHARES["steadiness"]
    # Dozens of batches of a few rows, some thousand rows in all.
    change = 0.3 + 25 * READ_SECONDS * p + 4_000 * cost
    changed = int(np.clip(SHARES["changes"] / change, 1, CHANGES)) * (opened.task != "regression")
    predicted = ranked * p + effects * COLUMNS * GRID + PAIRS * interactions**2 + ASKED * quality
    seconds = (
        OTHERWISE
        + opening
        + plan.seconds
        + (predicted + 3 * n) * cost
        + plan.again * (quality > 0)
        + change * changed
    )
    return Effort(
        plan.rows, plan.apart, ranked, effects, interactions, quality, changed, float(seconds)
    )


def is_exact_in(opened: OpenModel) -> bool:
    """Tell whether a model's values are computed, not sampled."""
    from explain.parts import is_exact
    from explain.players import Players

    return is_exact(opened.nodes[opened.scale("auto")], Players.of(opened.columns))


def _in_closed_form(run: Run, node: Node) -> _Explaining:
    """Explain as many rows as values are wanted; every tree's every node has its cost."""
    from explain.routes.sampled import n_nodes

    assert run.data is not None
    p = run.data.shape[1]
    classes = len(run.result.model.schema.target.classes)
    outputs = classes if classes > 2 else 1
    rows = int(np.clip(EXPLAINED_VALUES // max(1, p * outputs), FEWEST, EXPLAINED))
    walked = NODE_SECONDS * n_nodes(node)
    return _Explaining(rows, 0, 1.0 + walked, 0.5 + AGAIN * walked)


def _sampled(opened: OpenModel, n: int, cost: float) -> _Explaining:
    """Take fewer columns one by one, then fewer rows, until the predictions are affordable."""
    from explain.games import least_coalitions
    from explain.players import Players
    from explain.routes.sampled import EVALUATIONS, MOST_COALITIONS, n_nodes
    from explain.routes.sampled import cost as units
    from explain.routes.splitting import split

    node, p = opened.nodes[opened.scale("auto")], len(opened.columns)
    closed = split(node, Players.of(opened.columns)).exact
    walked = 0.0 if closed is None else NODE_SECONDS * n_nodes(closed)
    fewest, wanted = SAMPLED
    reading = 2 * READ_SECONDS * p  # of two batches a row

    def seconds_of(players: int) -> float:
        return REFERENCES * least_coalitions(players) * cost + reading

    apart = p
    while apart > APART and wanted * seconds_of(apart + 1) > SHARES["explanation"]:
        apart = max(APART, apart * 3 // 4)
    players = p if apart >= p - 1 else apart + 1
    rows = int(np.clip(SHARES["explanation"] / seconds_of(players), fewest, wanted))
    least = least_coalitions(players)
    enumerated = 2.0 ** min(players, 30) * min(n, wanted) * n * cost
    seconds = max(min(UNIT_SECONDS, enumerated), rows * seconds_of(players))
    of_units = EVALUATIONS / max(0.1, units(node)) / 160
    again = 2 * 160 * max(least, min(MOST_COALITIONS, of_units)) * cost
    return _Explaining(
        rows if rows < wanted else None,
        0 if players == p else apart,
        walked + seconds,
        AGAIN * walked + again,
    )


def _bounded(rows: float, fewest: int, most: int) -> int:
    """Return so many rows, or 0 where fewer are afforded than tell anything."""
    return int(min(rows, most)) if rows >= fewest else 0
