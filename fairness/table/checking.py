"""Whether cells can be what rows add up to: codes, counts, weights, sums and scores agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairness.table.cells import HEAVIEST, MOST_ROWS, Mass, ScoreSums, Sums
from fairness.table.header import Header, moment_names, refuse
from fairness.table.values import Floats, Moments

_SLACK = 1e-9
"""Share by which sums may miss each other, as the order of adding up differs."""


@np.errstate(over="ignore", invalid="ignore")
def check_cells(header: Header, keys: NDArray[np.int32], sums: Sums) -> None:
    """Refuse cells that contradict their header, each other or themselves."""
    _check_keys(header, keys)
    check_mass(sums.mass)
    regression_predicted = "prediction" in sums.moments
    names = moment_names(header, regression_predicted, bool(sums.moments))
    if set(names) != set(sums.moments):
        refuse("its sums do not fit the task", f"there is {', '.join(sums.moments) or 'none'}")
    for name, moment in sums.moments.items():
        _check_moment(name, moment, sums.mass)
    if (header.grid is None) != (sums.scores is None):
        refuse("scores and their grid do not fit", "one is there without the other")
    if sums.scores is not None:
        _check_scores(header, keys, sums, sums.scores)


def _check_keys(header: Header, keys: NDArray[np.int32]) -> None:
    n_classes = max(len(header.classes), 1)
    n_bins = 0 if header.grid is None else len(header.grid.edges) + 1
    sizes = [*(len(attribute.groups) for attribute in header.attributes), n_classes, n_classes]
    names = [*(f"group of {a.name!r}" for a in header.attributes), "outcome", "prediction", "bin"]
    for column, size, name in zip(keys.T, [*sizes, n_bins], names, strict=True):
        absent = name == "prediction" or (name == "bin" and header.grid is None)
        low = -1 if absent and np.all(column == -1) else 0
        wrong = np.flatnonzero((column < low) | (column >= size))
        if len(wrong):
            refuse(f"cell {wrong[0]:,} has an unknown {name}", f"code {column[wrong[0]]}")
    if header.task == "regression" and not header.classes and np.any(keys[:, -2] >= 0):
        refuse("it has predicted classes without a threshold")
    change = keys[1:] != keys[:-1]
    first = change.argmax(axis=1) if len(change) else np.zeros(0, dtype=int)
    rows = np.arange(len(change))
    ascending = change.any(axis=1) & (keys[1:][rows, first] > keys[:-1][rows, first])
    if not ascending.all():
        place = int(np.flatnonzero(~ascending)[0]) + 1
        refuse("cells must ascend, each once", f"cell {place:,} does not follow the one before it")


def check_mass(mass: Mass) -> None:
    """Refuse cells whose rows and weights cannot belong together."""
    if np.any(mass.counts < 1):
        place = int(np.flatnonzero(mass.counts < 1)[0])
        refuse("a cell must hold at least one row", f"cell {place:,}: {mass.counts[place]:,}")
    if mass.plain:
        return
    for name, values in (("weights", mass.weights), ("squares", mass.weights_squared)):
        if not (np.isfinite(values).all() and np.all(values > 0)):
            refuse(f"the sums of {name} must be above 0")
    # far from where squares of sums leave the floats
    odd = (mass.weights < 1 / HEAVIEST) | (mass.weights > HEAVIEST * MOST_ROWS)
    _refuse_where(odd, "its weights are too large or too small to add up their squares")
    # with weights of 0 or more: Σw² ≤ (Σw)² ≤ n Σw²
    squared = mass.weights**2
    low = squared * (1 + _SLACK) < mass.weights_squared
    high = squared > mass.counts * mass.weights_squared * (1 + _SLACK)
    _refuse_where(low | high, "its weights contradict its counts")


def _check_moment(name: str, moment: Moments, mass: Mass) -> None:
    parts = (moment.total, moment.weighted, moment.squared)
    if not all(np.isfinite(part).all() for part in parts):
        refuse(f"the sums of {name} must be finite")
    squared = np.maximum(moment.squared, 0) * (1 + _SLACK)
    # Cauchy and Schwarz
    wrong = (
        (moment.squared < 0)
        | (np.abs(moment.total) > np.sqrt(mass.counts * squared))
        | (np.abs(moment.weighted) > np.sqrt(mass.weights_squared * squared))
    )
    _refuse_where(wrong, f"its sums of {name} contradict each other")


def _check_scores(header: Header, keys: NDArray[np.int32], sums: Sums, scores: ScoreSums) -> None:
    assert header.grid is not None
    low, high, weights = scores.low, scores.high, sums.mass.weights
    if not all(np.isfinite(part).all() for part in (low, high, scores.squared)):
        refuse("scores must be finite")
    _refuse_where(low > high, "its smallest score is above its largest")
    if header.grid.kind == "probability":
        _refuse_where((low < 0) | (high > 1), "its scores are no probabilities")
    edges = np.array(header.grid.edges)
    for end in (low, high):
        outside = np.searchsorted(edges, end, side="right") != keys[:, -1]
        _refuse_where(outside, "its scores lie outside its bin")
    total = sums.moments["score"].total
    size = weights * np.maximum(np.abs(low), np.abs(high))
    _refuse_where(_beyond(total, weights * low, weights * high, size), "its scores do not add up")
    most = weights * np.maximum(low**2, high**2)
    _refuse_where(
        _beyond(scores.squared, total**2 / weights, most, most), "its scores do not add up"
    )
    if header.threshold is not None:
        wrong = ((low >= header.threshold) != (keys[:, -2] == 1)) | (
            (high >= header.threshold) != (keys[:, -2] == 1)
        )
        _refuse_where(wrong, "its prediction contradicts the threshold")


def _beyond(values: Floats, low: Floats, high: Floats, scale: Floats) -> NDArray[np.bool_]:
    """Say where values lie outside two ends, by more than rounding explains."""
    slack = _SLACK * scale
    outside: NDArray[np.bool_] = (values < low - slack) | (values > high + slack)
    return outside


def _refuse_where(wrong: NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        refuse(f"it contradicts itself in cell {int(np.flatnonzero(wrong)[0]):,}: {what}")
