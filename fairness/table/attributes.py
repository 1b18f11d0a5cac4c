"""Attributes: which group each row belongs to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from candor.frames import RawColumn, as_values
from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table.cells import Codes
from fairness.table.names import bin_labels, group_text, in_order, rounded
from fairness.table.numbers import quantiles
from fairness.table.values import MISSING, Attribute, Counts, Floats

MOST_VALUES = 10
"""Numbers with more distinct values than this are binned."""

MOST_GROUPS = 100
"""More groups than this are not compared."""

BINS = 5
"""Bins of a number."""


def check_edges(
    edges: Mapping[str, Sequence[float]] | None, names: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Return the cut points by attribute; refuse ones that are no cut points."""
    checked: dict[str, tuple[float, ...]] = {}
    if edges is not None and not isinstance(edges, Mapping):
        raise ArgumentTypeError(
            "edges must map attributes to cut points",
            got=type(edges).__name__,
            hint='edges={"age": [25, 40, 60]}',
        )
    for name, points in (edges or {}).items():
        if name not in names:
            raise ArgumentError(
                f"edges are given for {name!r}, which is no attribute",
                got=f"the attributes are {', '.join(names)}",
            )
        checked[name] = _cut_points(name, points)
    return checked


def _cut_points(name: str, points: Sequence[float]) -> tuple[float, ...]:
    try:
        cuts = tuple(float(point) for point in points)
    except (TypeError, ValueError):
        cuts = (math.nan,)
    ascending = all(low < high for low, high in pairwise(cuts))
    if not ascending or not all(math.isfinite(cut) for cut in cuts):
        raise ArgumentError(
            f"the edges of {name!r} must be ascending numbers",
            got=repr(points),
            hint=f"edges={{{name!r}: [25, 40, 60]}}",
        )
    return cuts


def encode(
    name: str,
    raw: RawColumn,
    counts: Counts,
    *,
    control: bool,
    edges: tuple[float, ...] | None,
    keep_order: bool,
) -> tuple[Attribute, Codes]:
    """Group the rows by one column.

    Parameters
    ----------
    name : str
        Name of the attribute.
    raw : RawColumn
        The column.
    counts : ndarray of int64, shape (n_rows,)
        Rows that each row stands for.
    control : bool
        Whether it is a control feature.
    edges : tuple of float or None
        Cut points; empty: a group for each value; None: binned where there are many numbers.
    keep_order : bool
        Whether the order of declared categories is the order of the groups.

    Returns
    -------
    tuple
        The attribute, and the group of each row, shape (n_rows,).
    """
    if raw.kind in ("time", "duration"):
        raise ArgumentError(
            f"the {_role(control)} column {name!r} holds dates or times",
            got="they make no groups by themselves",
            hint="a year, an age or a period instead",
        )
    if raw.kind == "number" and edges is None:
        edges = _choose_edges(raw, counts)
    if edges:
        return _binned(name, raw, edges, control)
    values = as_values(raw)
    return _by_value(name, values, control, keep_order)


def _role(control: bool) -> str:
    return "control" if control else "sensitive"


def _choose_edges(raw: RawColumn, counts: Counts) -> tuple[float, ...]:
    """Cut numbers with many values at their quintiles, rounded as far as that moves little."""
    present = raw.values == raw.values
    finite = present & np.isfinite(raw.values) if raw.values.dtype.kind == "f" else present
    head = pd.unique(raw.values[:1000][finite[:1000]])
    if len(head) <= MOST_VALUES and len(pd.unique(raw.values[finite])) <= MOST_VALUES:
        return ()
    points, distinct = quantiles(raw.values[finite], counts[finite], BINS)
    return _round_edges(points, distinct)


def _round_edges(points: Floats, distinct: Floats) -> tuple[float, ...]:
    """Round cut points to the coarsest sensible unit that keeps every bin filled."""
    spread = points[-1] - points[0] if len(points) > 1 else distinct[-1] - distinct[0]
    exponent = math.floor(math.log10(spread / BINS)) if spread > 0 else 0
    for finer in range(4):
        unit = 10.0 ** (exponent - finer)
        edges = [rounded(float(point), unit) for point in points]
        places = np.searchsorted(distinct, edges)
        if np.all(np.diff([0, *places, len(distinct)]) > 0):
            return tuple(edges)
    return tuple(float(point) for point in points)


def _binned(
    name: str, raw: RawColumn, edges: tuple[float, ...], control: bool
) -> tuple[Attribute, Codes]:
    if raw.kind != "number":
        raise ArgumentError(
            f"edges are given for {name!r}, which does not hold numbers",
            got=f"it holds {raw.kind}",
            hint=f"edges without {name!r}",
        )
    codes = np.searchsorted(np.array(edges), raw.values, side="right")
    groups = bin_labels(edges)
    missing = raw.values != raw.values
    if missing.any():
        codes[missing] = len(groups)
        groups = (*groups, MISSING)
    return Attribute(name, groups, edges, control), codes


def _by_value(
    name: str, values: RawColumn, control: bool, keep_order: bool
) -> tuple[Attribute, Codes]:
    occurs = np.zeros(len(values.distinct) + 1, dtype=bool)
    occurs[values.codes] = True
    has_missing = bool(occurs[-1])
    n_values = int(occurs[:-1].sum())
    if n_values > MOST_GROUPS:
        raise _too_many(name, n_values, values, control)
    declared = values.declared and (keep_order or values.ordered)
    # declared groups without a row stay, so that batches and sites agree on the order
    listed = declared and len(values.distinct) <= MOST_GROUPS
    texts = [
        group_text(value) if listed or used else ""
        for value, used in zip(values.distinct, occurs[:-1], strict=True)
    ]
    used_texts = texts if listed else [t for t, used in zip(texts, occurs, strict=False) if used]
    groups = tuple(dict.fromkeys(used_texts)) if declared else in_order(used_texts)
    if has_missing:
        groups = (*groups, MISSING)
    position = {group: i for i, group in enumerate(groups)}
    lookup = np.array([*(position.get(text, -1) for text in texts), len(groups) - 1])
    return Attribute(name, groups, (), control), lookup[values.codes]


def _too_many(name: str, n_values: int, values: RawColumn, control: bool) -> ArgumentError:
    some = ", ".join(repr(value) for value in values.distinct[:3])
    return ArgumentError(
        f"the {_role(control)} column {name!r} has {n_values:,} different values",
        got=f"such as {some}; groups that small tell nothing",
        hint=f"group them into at most {MOST_GROUPS} first",
    )
