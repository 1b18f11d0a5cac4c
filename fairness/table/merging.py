"""Two tables into one: groups, classes and bins are brought together, then cells add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fairness.errors import CountTableError
from fairness.table.cells import Mass, ScoreSums, Sums, add_up, locate, settled
from fairness.table.names import in_order, listed, union_in_order
from fairness.table.scores import level_grid
from fairness.table.values import Attribute, Counts, Floats, Moments, ScoreGrid

if TYPE_CHECKING:
    from fairness.table.table import CountTable

Keys = NDArray[np.int32]


def merge(a: CountTable, b: CountTable) -> CountTable:
    """Add up two tables of different rows."""
    b = _in_same_order(a, b)
    _check_alike(a, b)
    attributes = tuple(_unite(x, y) for x, y in zip(a.attributes, b.attributes, strict=True))
    classes = _unite_classes(a, b)
    grid = _unite_grids(a, b)
    keys = np.concatenate([_translated(part, attributes, classes, grid) for part in (a, b)])
    sizes = [len(attribute.groups) for attribute in attributes]
    n_bins = 0 if grid is None else len(grid.edges) + 1
    n_classes = max(len(classes), 1)
    cell, merged = locate(list(keys.T), [*sizes, n_classes, n_classes, n_bins])
    both = _stacked(a.sums, b.sums)
    sums = add_up(cell, len(merged), both.mass, both.moments.items(), both.scores)
    return with_cells(replace(a, attributes=attributes, classes=classes, grid=grid), merged, sums)


def with_cells(table: CountTable, keys: Keys, sums: Sums) -> CountTable:
    """Return the table with other cells."""
    mass = settled(sums.mass)
    moments = sums.moments
    if mass.plain:
        moments = {name: Moments(m.total, m.total, m.squared) for name, m in moments.items()}
    return replace(
        table,
        keys=keys,
        counts=mass.counts,
        weights=mass.weights,
        weights_squared=mass.weights_squared,
        moments=moments,
        scores=sums.scores,
    )


def _in_same_order(a: CountTable, b: CountTable) -> CountTable:
    """Return b with its attributes in the order of a, if they have the same names."""
    here = [attribute.name for attribute in a.attributes]
    there = [attribute.name for attribute in b.attributes]
    if here == there or sorted(here) != sorted(there):
        return b
    order = [there.index(name) for name in here]
    columns = [*order, *range(len(order), len(order) + 3)]
    return replace(b, attributes=tuple(b.attributes[i] for i in order), keys=b.keys[:, columns])


def _check_alike(a: CountTable, b: CountTable) -> None:
    """Refuse tables whose cells do not mean the same."""
    if a.task != b.task:
        raise _differ("tasks", a.task, b.task, f"task={a.task!r} when both are built")
    names = tuple(tuple(attribute.name for attribute in part.attributes) for part in (a, b))
    if names[0] != names[1]:
        raise _differ("attributes", listed(names[0]), listed(names[1]), "the same names in both")
    for x, y in zip(a.attributes, b.attributes, strict=True):
        if x.control != y.control:
            first, second = ("control" if z.control else "sensitive" for z in (x, y))
            raise _differ(f"roles of {x.name!r}", first, second)
        if x.edges != y.edges:
            first, second = (_edges_text(z) for z in (x, y))
            hint = f"edges={{{x.name!r}: {list(x.edges or y.edges)}}} when both are built"
            raise _differ(f"cut points of {x.name!r}", first, second, hint)
    if a.threshold != b.threshold:
        raise _differ(
            "thresholds", str(a.threshold), str(b.threshold), "the same threshold= in both"
        )
    if a.has_predictions != b.has_predictions:
        raise _differ("predictions", _has(a.has_predictions), _has(b.has_predictions))
    if a.moments.keys() != b.moments.keys() or (a.grid is None) != (b.grid is None):
        first, second = (listed(list(part.moments)) or "none" for part in (a, b))
        raise _differ("scores", first, second)


def _edges_text(attribute: Attribute) -> str:
    return str(list(attribute.edges)) if attribute.edges else "one group for each value"


def _has(there: bool) -> str:
    return "it has them" if there else "none"


def _differ(what: str, first: str, second: str, hint: str | None = None) -> CountTableError:
    return CountTableError(
        f"the tables cannot be added: their {what} differ",
        got=f"first: {first}; second: {second}",
        hint=hint or "build both in the same way",
    )


def _unite(a: Attribute, b: Attribute) -> Attribute:
    if a.groups == b.groups:
        return a
    if a.edges:
        longer = a if len(a.groups) > len(b.groups) else b
        return longer
    return replace(a, groups=union_in_order(a.groups, b.groups))


def _unite_classes(a: CountTable, b: CountTable) -> tuple[str, ...]:
    """Unite the labels; a binary outcome has to have the same positive one."""
    if a.classes == b.classes:
        return a.classes
    if a.task == "multiclass":
        return in_order({*a.classes, *b.classes})
    if a.task == "regression" or a.classes[1] != b.classes[1]:
        raise _differ(
            "classes", listed(a.classes), listed(b.classes), "the same positive= in both"
        )
    # a negative label that no row has is only a guess
    named = sorted({part.classes[0] for part in (a, b) if np.any(part.keys[:, -3:-1] == 0)})
    if not named:
        named = sorted({a.classes[0], b.classes[0]})
    return (named[0] if len(named) == 1 else f"not {a.classes[1]}", a.classes[1])


def _unite_grids(a: CountTable, b: CountTable) -> ScoreGrid | None:
    if a.grid == b.grid or a.grid is None or b.grid is None:
        return a.grid
    levels = [_levels(part) for part in (a, b)]
    if levels[0] is None or levels[1] is None or a.grid.kind != b.grid.kind:
        raise _differ("scores", _grid_text(a), _grid_text(b), "scores on the same scale in both")
    return level_grid(tuple(np.union1d(levels[0], levels[1]).tolist()))


def _grid_text(table: CountTable) -> str:
    if table.grid is None:
        return "none"
    if table.grid.kind == "probability":
        return "probabilities"
    return f"another scale with {len(table.grid.edges):,} cut points"


def _levels(table: CountTable) -> Floats | None:
    """Return the one score of each bin; None where a bin holds several scores."""
    if table.scores is None or table.grid is None or table.grid.kind != "edges":
        return None
    bins = table.keys[:, -1]
    ends = np.full((2, len(table.grid.edges) + 1), np.nan)
    np.fmin.at(ends[0], bins, table.scores.low)
    np.fmax.at(ends[1], bins, table.scores.high)
    present = ends[:, np.isfinite(ends[0])]
    return present[0] if np.array_equal(present[0], present[1]) else None


def _translated(
    table: CountTable,
    attributes: tuple[Attribute, ...],
    classes: tuple[str, ...],
    grid: ScoreGrid | None,
) -> Keys:
    """Return the table's keys in the codes of the united table."""
    keys = table.keys.copy()
    for i, (old, new) in enumerate(zip(table.attributes, attributes, strict=True)):
        if old.groups != new.groups:
            keys[:, i] = _map(old.groups, new.groups)[keys[:, i]]
    if table.task == "multiclass" and table.classes != classes:
        places = _map(table.classes, classes)
        keys[:, -3:-1] = np.where(keys[:, -3:-1] < 0, -1, places[keys[:, -3:-1]])
    if table.grid != grid and grid is not None and table.scores is not None:
        keys[:, -1] = np.searchsorted(np.array(grid.edges), table.scores.low, side="right")
    return keys


def _map(old: tuple[str, ...], new: tuple[str, ...]) -> NDArray[Any]:
    position = {name: i for i, name in enumerate(new)}
    return np.array([position[name] for name in old], dtype=np.int32)


def _stacked(a: Sums, b: Sums) -> Sums:
    """Return the sums of the cells of both, one after the other."""
    counts: Counts = np.concatenate([a.mass.counts, b.mass.counts])
    weights = np.concatenate([a.mass.weights, b.mass.weights])
    squared = weights
    if not (a.mass.plain and b.mass.plain):
        squared = np.concatenate([a.mass.weights_squared, b.mass.weights_squared])
    moments = {name: _stack(a.moments[name], b.moments[name]) for name in a.moments}
    scores = None
    if a.scores is not None and b.scores is not None:
        scores = ScoreSums(
            np.concatenate([a.scores.squared, b.scores.squared]),
            np.concatenate([a.scores.low, b.scores.low]),
            np.concatenate([a.scores.high, b.scores.high]),
        )
    return Sums(Mass(counts, weights, squared), moments, scores)


def _stack(a: Moments, b: Moments) -> Moments:
    total = np.concatenate([a.total, b.total])
    same = a.weighted is a.total and b.weighted is b.total
    weighted = total if same else np.concatenate([a.weighted, b.weighted])
    return Moments(total, weighted, np.concatenate([a.squared, b.squared]))
