"""From an opened model and rows to verified values: which route, which rows, what was checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import VerificationError
from explain.explanation import Verification
from explain.games import least_coalitions
from explain.opening import OpenModel
from explain.parts import evaluate
from explain.players import Players
from explain.protocol import Floats, Node, Opaque, Scale, Weighted
from explain.routes import gate
from explain.routes.exact import Encoded
from explain.routes.found import Found, added, find_exact, find_sampled
from explain.routes.sampled import EVALUATIONS, cost
from explain.routes.splitting import Split, split

EXACT_ROWS = 10_000
"""Rows that are explained at most on exact routes, unless the caller says how many."""

MOST_MISSED = 0.5
"""Share of rows up to which those that miss their predictions are computed again alone."""

SAMPLED_ROWS = 50
"""Rows that are explained at least where values are sampled."""

REFERENCES = (10, 100)
"""Least and most references that sampled values are taken against."""


@dataclass(frozen=True, eq=False)
class Attributed:
    """Verified values of some rows.

    Parameters
    ----------
    found : Found
        The values.
    rows : ndarray of int64, shape (n,)
        Positions of the explained rows, ascending.
    predictions : ndarray of float64, shape (n, K)
        The model's own.
    route : str
        How the values were computed.
    verification : Verification
        How they were checked.
    """

    found: Found
    rows: NDArray[np.int64]
    predictions: Floats
    route: str
    verification: Verification


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    Parameters
    ----------
    opened : OpenModel
        The model.
    scale : Scale
        What the values shall add up to.
    frame, background : DataFrame
        All rows that may be explained, and the whole background.
    players : Players
        Who shares the prediction out.
    max_rows : int or None
        Rows to explain at most.
    seed : int
        Of all draws.
    """

    opened: OpenModel
    scale: Scale
    frame: pd.DataFrame
    background: pd.DataFrame
    players: Players
    max_rows: int | None
    seed: int

    @cached_property
    def ways(self) -> tuple[Node, ...]:
        """What the output is made of, the quickest first; the last is the model itself."""
        black_box = Opaque(
            lambda rows: self.opened.predict(rows, self.scale), self.opened.n_outputs
        )
        structure, precise = self.opened.nodes[self.scale], self.opened.precise.get(self.scale)
        known = [structure] if precise is None or precise is structure else [structure, precise]
        return (*(one for one in known if not _is_whole(one)), black_box)


def _is_whole(node: Node) -> bool:
    """Tell whether a node is the whole model as a black box."""
    return isinstance(node, Opaque) and node.encoding is None


def attribute(asked: Question) -> Attributed:
    """Compute values by the cheapest route that gives the model's own predictions.

    Raises
    ------
    VerificationError
        No route's values add up to the predictions.
    """
    note = ""
    for node in asked.ways:
        if not _holds(asked, node):
            note = (
                f"the structure that was read of {asked.opened.name} does not give its "
                "predictions of mixed rows, so another route was taken"
            )
            continue
        done = _checked(asked, node)
        if done is not None:
            return _noted(done, note)
        note = "the quick route missed the model's predictions, so another one was taken"
    raise AssertionError("a black box gives its own predictions, or raises")


def _holds(asked: Question, node: Node) -> bool:
    """Tell whether a node gives the predictions of random mixtures of rows and references."""
    if isinstance(node, Opaque):
        return True
    rng = np.random.default_rng([asked.seed, 0x6A7E])
    return gate.structure_holds(
        asked.opened, node, asked.scale, asked.frame, asked.background, rng
    )


def _noted(done: Attributed, note: str) -> Attributed:
    """Say that another route was taken first."""
    if not note:
        return done
    checked = replace(done.verification, fallback_rows=len(done.rows), note=note)
    return replace(done, route=f"{done.route}; {note}", verification=checked)


def _checked(asked: Question, node: Node) -> Attributed | None:
    """Compute the values of a node, and again those of rows that miss their predictions.

    None where too many rows miss them.
    """
    halves = split(node, asked.players)
    chosen = _chosen(asked, halves)
    rows = Encoded(asked.frame.iloc[chosen])
    references = Encoded(asked.background)
    predicted = asked.opened.predict(rows.frame, asked.scale)
    mean = asked.opened.predict(asked.background, asked.scale)
    allowed = gate.tolerance(predicted, mean)
    found = _find(asked, halves, rows, references, chosen)
    gaps = gate.gaps(found.values, found.base, predicted, mean.mean(axis=0), allowed)
    route, note, n_again = _words(halves, found, asked), "", 0
    if gaps.missed.any():
        if isinstance(node, Opaque):
            raise _unverified(asked, gaps)
        if gaps.missed.mean() > MOST_MISSED:
            return None
        again = asked.ways[asked.ways.index(node) + 1]
        found, gaps, n_again = _mended(asked, again, found, gaps, rows, references, chosen)
        note = (
            f"{n_again:,} rows missed their predictions on the quick route, as clipped "
            "probabilities do, and were computed again on a slower one"
        )
        route = f"{route}; {note}"
    checked = Verification(
        float(gaps.rows.max(initial=0.0)), gaps.base, allowed, len(chosen), n_again, note
    )
    return Attributed(found, chosen, predicted, route, checked)


def _find(
    asked: Question, halves: Split, rows: Encoded, references: Encoded, chosen: NDArray[np.int64]
) -> Found:
    """Find the values of both halves."""
    parts = []
    if halves.exact is not None:
        parts.append(find_exact(halves.exact, rows, references, asked.players))
    if halves.rest is not None:
        parts.append(_sampled(asked, halves.rest, rows, references, chosen))
    return parts[0] if len(parts) == 1 else added(*parts)


def _sampled(
    asked: Question, node: Node, rows: Encoded, references: Encoded, chosen: NDArray[np.int64]
) -> Found:
    mean = evaluate(node, references.frame, references.matrices).mean(axis=0)
    return find_sampled(
        node,
        rows,
        references,
        asked.players,
        mean=mean,
        positions=chosen,
        n_references=_n_references(asked, _budget(node), len(rows.frame), len(references.frame)),
        seed=asked.seed,
    )


def _mended(
    asked: Question,
    node: Node,
    found: Found,
    gaps: gate.Gaps,
    rows: Encoded,
    references: Encoded,
    chosen: NDArray[np.int64],
) -> tuple[Found, gate.Gaps, int]:
    """Compute the rows that missed again, by the next way."""
    missed = np.flatnonzero(gaps.missed)
    own = Encoded(rows.frame.iloc[missed])
    again = _find(asked, split(node, asked.players), own, references, chosen[missed])
    values, errors = found.values.copy(), found.errors.copy()
    background, exact = found.background_errors.copy(), found.exact.copy()
    values[missed] = again.values + (again.base - found.base) / values.shape[1]
    errors[missed], background[missed] = again.errors, again.background_errors
    exact[missed] = again.exact
    mended = replace(
        found,
        values=values,
        errors=errors,
        background_errors=background,
        exact=exact,
        evaluations=found.evaluations + again.evaluations,
    )
    after = gate.gaps(values, found.base, gaps.predicted, gaps.mean, gaps.tolerance)
    if after.missed.any():
        raise _unverified(asked, after)
    return mended, after, len(missed)


def _unverified(asked: Question, gaps: gate.Gaps) -> VerificationError:
    return VerificationError(
        f"the values of {asked.opened.name} do not add up to its predictions",
        got=f"a gap of {max(gaps.rows.max(initial=0.0), gaps.base):.3g}, "
        f"{gaps.tolerance:.3g} is allowed",
        hint="a model that gives the same prediction each time it sees the same row",
    )


def _chosen(asked: Question, halves: Split) -> NDArray[np.int64]:
    """Choose the rows to explain, ascending."""
    limit = asked.max_rows
    if limit is None:
        limit = EXACT_ROWS
        if halves.rest is not None:
            budget = _budget(halves.rest)
            references = _n_references(asked, budget, SAMPLED_ROWS, len(asked.background))
            limit = min(EXACT_ROWS, max(SAMPLED_ROWS, budget // (references * _least(asked))))
    return drawn_rows(len(asked.frame), limit, asked.seed)


def drawn_rows(n: int, limit: int, seed: int) -> NDArray[np.int64]:
    """Draw the positions of at most so many rows, ascending."""
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    drawn = np.random.default_rng([seed, 0x20]).permutation(n)[:limit]
    return np.sort(drawn).astype(np.int64)


def _budget(node: Node) -> int:
    """Return how many rows a node may predict."""
    return int(EVALUATIONS / max(0.1, cost(node)))


def _least(asked: Question) -> int:
    return least_coalitions(len(asked.players.names))


def _n_references(asked: Question, budget: int, n_rows: int, n_all: int) -> int:
    """Return how many references sampled values are taken against."""
    fewest, most = REFERENCES
    least = _least(asked)
    if n_rows * least * n_all <= budget:
        return n_all
    affordable = budget // max(1, min(n_rows, SAMPLED_ROWS) * least)
    return min(n_all, max(fewest, min(most, affordable)))


def _words(halves: Split, found: Found, asked: Question) -> str:
    """Say how the values were computed."""
    rows, references = len(found.values), len(asked.background)
    all_rows = f"{references:,} background row{'' if references == 1 else 's'}"
    exact = f"interventional values in closed form against {all_rows}"
    if halves.rest is None:
        return f"{exact}: {_parts_of(halves.exact)}"
    used = (
        f"all {found.n_references:,} background rows"
        if found.n_references == references
        else f"{found.n_references:,} of {all_rows}"
    )
    if found.exact.all():
        way = f"all coalitions, against {used}"
    else:
        way = (
            f"a sample of coalitions against {used}, {found.evaluations // max(1, rows):,} "
            "predictions a row"
        )
    if halves.exact is None:
        return way
    return f"{exact} for {_parts_of(halves.exact)}; for the rest {way}"


def _parts_of(node: Node | None) -> str:
    """Name the parts of an exact node."""
    counted: dict[str, int] = {}

    def walk(one: Node) -> None:
        if isinstance(one, Weighted):
            for part in one.nodes:
                walk(part)
            return
        name = {"Trees": "tree model", "Linear": "linear model"}.get(
            type(one).__name__, "additive model"
        )
        counted[name] = counted.get(name, 0) + 1

    if node is not None:
        walk(node)
    return (
        " and ".join(
            f"{number} {name}{'' if number == 1 else 's'}" for name, number in counted.items()
        )
        or "a constant"
    )
