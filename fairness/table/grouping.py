"""Groups: what cells add up to, over everything but the attributes asked for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fairness.errors import ArgumentError, ColumnNotFoundError, CountTableError
from fairness.table.cells import Codes, add_up, locate, sum_by
from fairness.table.merging import with_cells
from fairness.table.names import crossed, label_text, listed
from fairness.table.values import ALL, GroupCounts, Histogram

if TYPE_CHECKING:
    from fairness.table.table import CountTable

_LARGEST = 100_000_000
"""An array of groups by classes, or by bins, has at most so many elements."""


def group(table: CountTable, names: Sequence[str]) -> GroupCounts:
    """Add up a table's cells to the groups of crossed attributes."""
    names = (names,) if isinstance(names, str) else tuple(names)
    places = [_place(table, name) for name in names]
    if len(set(places)) < len(places):
        raise ArgumentError("an attribute is crossed with itself", got=listed(names))
    of_cell, codes = _locate_groups(table, places)
    n_groups = len(codes)
    n_classes = max(len(table.classes), 1)
    n_predicted = n_classes if table.has_predictions else 1
    shape = (n_groups, n_classes, n_predicted)
    _check_size(shape)
    flat = (of_cell * n_classes + table.keys[:, -3]) * n_predicted
    flat += np.maximum(table.keys[:, -2], 0)
    mass = add_up(flat, int(np.prod(shape)), table.sums.mass).mass
    moments = add_up(of_cell, n_groups, table.sums.mass, table.moments.items()).moments
    return GroupCounts(
        task=table.task,
        attribute=crossed(names) if names else ALL,
        groups=_group_names(table, places, codes),
        classes=table.classes,
        counts=mass.counts.reshape(shape),
        weights=mass.weights.reshape(shape),
        weights_squared=mass.weights_squared.reshape(shape),
        moments=moments,
        histogram=_histogram(table, of_cell, n_groups),
        probability=table.grid is not None and table.grid.kind == "probability",
        weighted=table.weighted,
        codes=codes.astype(np.int64),
        names=names,
    )


def _place(table: CountTable, name: str) -> int:
    names = [attribute.name for attribute in table.attributes]
    if name in names:
        return names.index(name)
    near = difflib.get_close_matches(str(name), names, n=1)
    raise ColumnNotFoundError(
        f"the table has no attribute {name!r}",
        got=f"it has {listed(names)}",
        hint=repr(near[0]) if near else None,
    )


def _locate_groups(table: CountTable, places: list[int]) -> tuple[Codes, np.ndarray]:
    if not places:
        return np.zeros(len(table.keys), dtype=np.intp), np.zeros((1, 0), dtype=np.int32)
    sizes = [len(table.attributes[place].groups) for place in places]
    return locate([table.keys[:, place] for place in places], sizes)


def _group_names(table: CountTable, places: list[int], codes: np.ndarray) -> tuple[str, ...]:
    if not places:
        return (ALL,)
    groups = [table.attributes[place].groups for place in places]
    return tuple(
        crossed([names[code] for names, code in zip(groups, key, strict=True)])
        for key in codes.tolist()
    )


def _histogram(table: CountTable, of_cell: Codes, n_groups: int) -> Histogram | None:
    """Add up scores by group, outcome and bin; bins that hold no row are left out."""
    if table.scores is None:
        return None
    bins, kept = locate([table.keys[:, -1]], [int(table.keys[:, -1].max()) + 1])
    shape = (n_groups, 2, len(kept))
    _check_size(shape)
    flat = (of_cell * 2 + table.keys[:, -3]) * len(kept) + bins
    size = int(np.prod(shape))
    sums = add_up(flat, size, table.sums.mass)
    by_bin = add_up(bins, len(kept), table.sums.mass, (), table.scores)
    assert by_bin.scores is not None
    return Histogram(
        counts=sums.mass.counts.reshape(shape),
        weights=sums.mass.weights.reshape(shape),
        weights_squared=sums.mass.weights_squared.reshape(shape),
        scores=sum_by(flat, size, table.moments["score"].total).reshape(shape),
        scores_squared=sum_by(flat, size, table.scores.squared).reshape(shape),
        low=by_bin.scores.low,
        high=by_bin.scores.high,
    )


def _check_size(shape: tuple[int, ...]) -> None:
    if np.prod(shape, dtype=np.float64) > _LARGEST:
        raise CountTableError(
            f"{shape[0]:,} groups are too many to compare",
            got=f"an array of {' × '.join(f'{size:,}' for size in shape)} numbers",
            hint="fewer attributes crossed at once",
        )


def one_vs_rest(table: CountTable, label: object) -> CountTable:
    """Return the binary table of one class against all others."""
    text = label_text(label)
    if table.task != "multiclass":
        raise ArgumentError(
            "only a table of several classes has one class against the rest",
            got=f"the task is {table.task}",
        )
    if text not in table.classes:
        raise ArgumentError(f"there is no class {text!r}", got=f"there is {listed(table.classes)}")
    place = table.classes.index(text)
    keys = table.keys.copy()
    keys[:, -3] = keys[:, -3] == place
    keys[:, -2] = np.where(keys[:, -2] < 0, -1, keys[:, -2] == place)
    keys[:, -1] = -1
    sizes = [len(attribute.groups) for attribute in table.attributes]
    cell, merged = locate(list(keys.T), [*sizes, 2, 2, 0])
    binary = replace(table, task="binary", classes=(f"not {text}", text), grid=None)
    return with_cells(binary, merged, add_up(cell, len(merged), table.sums.mass))
