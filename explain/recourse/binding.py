"""Which limits bind: those without which there would be an option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.recourse.batch import Batch, judged
from explain.recourse.columns import Column
from explain.recourse.judging import Judge
from explain.recourse.limits import Kind, Limit, Limits
from explain.recourse.search import search
from explain.recourse.space import Space, build, of_spans, span_of
from explain.recourse.sparing import taken_back

MOST_LIMITS = 40
"""Limits that are lifted one by one."""

MOST_CELLS = 5_000_000
"""Values that the model is shown for that: with very many columns fewer limits are lifted."""

CONFIRMED = 20
"""Candidates of which the labels are asked for."""


@dataclass(frozen=True)
class Binding:
    """Which limits bind.

    Parameters
    ----------
    limits : tuple of Limit
        Each of which leaves an option when it alone is lifted; or, where none does, those that an
        option breaks when all are lifted.
    together : bool
        Whether no limit was found that leaves an option when it alone is lifted.
    unlifted : int
        Limits that were not lifted by themselves, there being very many, or very many columns.
    """

    limits: tuple[Limit, ...] = ()
    together: bool = False
    unlifted: int = 0


def binding(space: Space, columns: Sequence[Column], limits: Limits, judge: Judge) -> Binding:
    """Lift all limits, then each by itself, and look again."""
    everything = build(space.row, columns, limits.lifted())
    found = _found(everything, judge)
    if not len(found):
        return Binding()
    example = taken_back(everything, judge, found.best(1, 1))
    broken = _broken(space, columns, limits, example)
    known = set(broken)
    rest = [one for one in limits.listed() if one not in known]
    alone, start, lifted = [], judge.rows, 0
    for limit in [*broken, *rest][:MOST_LIMITS]:
        if (judge.rows - start) * len(columns) > MOST_CELLS:
            break
        lifted += 1
        if broken == [limit]:  # what was found is what this limit alone forbids
            alone.append(limit)
            continue
        wider = _without(space, columns, limits, limit)
        if _is_same(wider, space):
            continue
        if len(_found(wider, judge)):
            alone.append(limit)
    order = {limit: place for place, limit in enumerate(limits.listed())}
    if alone:
        alone = sorted(alone, key=order.__getitem__)
        return Binding(tuple(alone), unlifted=len(order) - lifted)
    return Binding(tuple(broken), together=True, unlifted=len(order) - lifted)


def _without(space: Space, columns: Sequence[Column], limits: Limits, limit: Limit) -> Space:
    """Return the space without one limit."""
    rest = limits.without(limit)
    if not limit.column:
        return build(space.row, columns, rest, space.pairs)
    # Of very many columns only one is looked at again.
    spans = tuple(
        span_of(column, rest) if column.name == limit.column else span
        for column, span in zip(columns, space.spans, strict=True)
    )
    return of_spans(space.row, columns, spans, rest, space.pairs)


def _found(space: Space, judge: Judge) -> Batch:
    """Return candidates, the cheapest, of which the model says what is wanted."""
    found = search(space, judge, 1, first=True).valid.best(1, CONFIRMED)
    if not len(found):
        return found
    return found.take(judge.goal.met(space.frame(found.codes)))


def _is_same(one: Space, other: Space) -> bool:
    """Tell whether a limit that was lifted makes no difference."""
    if one.most != other.most or one.free != other.free or one.pairs is not other.pairs:
        return False
    return all(
        np.array_equal(a.values, b.values)
        and np.array_equal([a.low, a.high], [b.low, b.high], True)
        for a, b in zip(one.spans, other.spans, strict=True)
    )


def _broken(
    space: Space, columns: Sequence[Column], limits: Limits, example: Batch
) -> list[Limit]:
    """Return the limits that an option breaks."""
    places = np.flatnonzero(example.changed[0]).tolist()
    changed = {columns[place].name: place for place in places}
    found = []
    for limit in limits.listed():
        if limit.kind == "most_changes":
            if len(changed) > space.most:
                found.append(limit)
        elif limit.kind == "combinations":
            if not space.goes_together(example.codes)[0]:
                found.append(limit)
        elif limit.kind in ("percentiles", "usual"):
            if any(_is_unusual(columns[place], limits, limit.kind, example.codes[0, place])
                   for place in changed.values()):  # fmt: skip
                found.append(limit)
        elif limit.column in changed and _breaks(space, columns, limits, limit, example, changed):
            found.append(limit)
    return found


def _is_unusual(column: Column, limits: Limits, kind: Kind, code: float) -> bool:
    """Tell whether a value is beyond the percentiles, or rare, where that counts."""
    if column.name in (limits.ranges or {}):
        return False
    if kind == "usual":
        return bool(column.is_rare(np.array([code]))[0])
    low, high = column.tails if column.is_metric else (-np.inf, np.inf)
    return not low <= code <= high


def _breaks(
    space: Space,
    columns: Sequence[Column],
    limits: Limits,
    limit: Limit,
    example: Batch,
    changed: dict[str, int],
) -> bool:
    """Tell whether an option breaks the limit of one of the columns that it changes."""
    place = changed[limit.column]
    column, code = columns[place], float(example.codes[0, place])
    if limit.kind == "increasing":
        return code < column.origin
    if limit.kind == "decreasing":
        return code > column.origin
    if limit.kind == "range":
        given = (limits.ranges or {})[limit.column]
        return not given.low <= code <= given.high
    return True


def nearest_miss(space: Space, judge: Judge, seen: Batch) -> Batch:
    """Return the candidate that comes nearest to what is wanted, with no change that adds nothing.

    Empty, where none comes nearer than the row itself; a model of labels alone does not tell.
    """
    seen = seen.take(space.goes_together(seen.codes)) if len(seen) else seen
    if not len(seen):
        return seen
    own = np.inf if judge.goal.labels_only else float(judge.goal.gaps(space.row)[0])
    seen = seen.take(seen.gap < own)
    if not len(seen):
        return seen
    best = seen.take(np.lexsort((seen.n_changed, seen.cost, seen.gap))[:1])
    while best.n_changed[0] > 1:
        columns = np.flatnonzero(best.changed[0])
        trial = np.repeat(best.codes, len(columns), axis=0)
        trial[np.arange(len(columns)), columns] = space.origin[columns]
        fewer = judged(space, judge, trial)
        near = fewer.gap <= best.gap[0] + 1e-12
        fewer = fewer.take(near & space.goes_together(fewer.codes))
        if not len(fewer):
            break
        best = fewer.take(np.lexsort((fewer.cost, fewer.n_changed))[:1])
    return best
