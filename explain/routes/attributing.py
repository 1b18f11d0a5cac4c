"""From an opened model and rows to verified values: which route, which rows, what was checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import VerificationError
from explain.explanation import Verification
from explain.opening import OpenModel
from explain.opening.outputs import CLIP, n_clipped
from explain.parts import evaluate, is_exact
from explain.players import Players
from explain.protocol import Floats, Node, Opaque, Scale, Weighted
from explain.routes import gate
from explain.routes.budget import EXACT_ROWS, Budget, drawn_rows
from explain.routes.exact import Encoded
from explain.routes.found import Found, added, find_exact, find_sampled
from explain.routes.plan import make_plan
from explain.routes.splitting import Split, split
from explain.routes.stand_in import StandIn, fit_stand_in

MOST_MISSED = 0.5
"""Share of rows up to which those that miss their predictions are computed again alone."""


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
    spread : bool, default True
        Whether the background's own errors are measured where values have a closed form.
    """

    opened: OpenModel
    scale: Scale
    frame: pd.DataFrame
    background: pd.DataFrame
    players: Players
    max_rows: int | None
    seed: int
    spread: bool = True

    @cached_property
    def ways(self) -> tuple[Node, ...]:
        """What the output is made of, the quickest first; the last is the model itself."""
        black_box = Opaque(
            lambda rows: self.opened.predict(rows, self.scale), self.opened.n_outputs
        )
        structure, precise = self.opened.nodes[self.scale], self.opened.precise.get(self.scale)
        known = [structure] if precise is None or precise is structure else [structure, precise]
        return (*(one for one in known if not _is_whole(one)), black_box)

    def exact_elsewhere(self) -> tuple[Scale, ...]:
        """Return the other scales on which the values have a closed form."""
        return tuple(
            scale
            for scale, node in self.opened.nodes.items()
            if scale != self.scale and is_exact(node, self.players)
        )


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
    note, missed = asked.opened.notes.get(asked.scale, ""), False
    for node in asked.ways:
        objection = _objection(asked, node)
        if not objection:
            done = _checked(asked, node)
            if done is not None:
                return _noted(done, note, missed)
            objection = "the quick route missed the model's predictions"
        note, missed = f"{objection}, so another route was taken", True
    raise AssertionError("a black box gives its own predictions, or raises")


def _objection(asked: Question, node: Node) -> str:
    """Say why a node may not be used, judged by random mixtures of rows and references."""
    if isinstance(node, Opaque):
        return ""
    rng = np.random.default_rng([asked.seed, 0x6A7E])
    mixed = gate.mixtures(asked.frame, asked.background, rng)
    return gate.objection(asked.opened, node, asked.scale, mixed)


def _noted(done: Attributed, note: str, missed: bool) -> Attributed:
    """Say why no quicker route was taken; missed: whether one was taken and missed."""
    if not note:
        return done
    own = done.verification
    checked = replace(
        own,
        fallback_rows=len(done.rows) if missed else own.fallback_rows,
        note="; ".join(one for one in (note, own.note) if one),
    )
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
    found, stand_in = _find(asked, halves, rows, references, chosen)
    found = replace(found, values=gate.without_rounding(found.values, predicted, mean))
    gaps = gate.gaps(found.values, found.base, predicted, mean.mean(axis=0), allowed)
    route, note, n_again = _words(halves, found, stand_in, asked), "", 0
    if gaps.missed.any():
        if isinstance(node, Opaque):
            raise _unverified(asked, gaps)
        if gaps.missed.mean() > MOST_MISSED:
            return None
        again = asked.ways[asked.ways.index(node) + 1]
        found, gaps, n_again = _mended(asked, again, found, gaps, rows, references, chosen)
        note = _again(n_again)
        route = f"{route}; {note}"
    cut = _cut(asked, predicted)
    note = "; ".join(one for one in (note, cut) if one)
    checked = Verification(
        float(gaps.rows.max(initial=0.0)), gaps.base, allowed, len(chosen), n_again, note
    )
    return Attributed(found, chosen, predicted, route, checked)


def _cut(asked: Question, predicted: Floats) -> str:
    """Say how many log-odds would be infinite."""
    if asked.scale != "margin" or "probability" not in asked.opened.deployed:
        return ""
    cut = n_clipped(predicted)
    if not cut:
        return ""
    return (
        f"of {cut:,} of the {len(predicted):,} rows some class has a probability of 0 or 1, whose "
        f'log-odds are infinite: {CLIP:g} away from it was taken, which scale="probability" '
        "does not need"
    )


def _find(
    asked: Question, halves: Split, rows: Encoded, references: Encoded, chosen: NDArray[np.int64]
) -> tuple[Found, StandIn | None]:
    """Find the values of both halves, and what stood in for the half without a closed form."""
    if halves.rest is None:
        assert halves.exact is not None
        return find_exact(halves.exact, rows, references, asked.players, spread=asked.spread), None
    budget = _budget(asked, halves.rest)
    stand_in = _stand_in(asked, halves.rest, rows, references, budget)
    exact, rest, taught = halves.exact, halves.rest, 0
    if stand_in is not None:
        exact, taught = _together(exact, stand_in.node), stand_in.evaluations
        rest = stand_in.remainder(rest)
    found = find_sampled(
        rest,
        rows,
        references,
        asked.players,
        outputs=evaluate(rest, references.frame, references.matrices),
        positions=chosen,
        n_references=budget.references(len(rows.frame)),
        seed=asked.seed,
    )
    found = replace(found, evaluations=found.evaluations + taught)
    if exact is None:
        return found, None
    closed = find_exact(exact, rows, references, asked.players, spread=asked.spread)
    return added(closed, found), stand_in


def _stand_in(
    asked: Question, node: Node, rows: Encoded, references: Encoded, budget: Budget
) -> StandIn | None:
    """Fit trees that imitate a node, where they would help.

    They do where only a part of the background can be used, or where the node has no parts with
    closed forms that could be its control variate.
    """
    n_rows = len(rows.frame)
    partly = budget.references(n_rows) < len(references.frame)
    if budget.enumerates(n_rows) or not (partly or not make_plan(node, asked.players)[1]):
        return None
    return fit_stand_in(
        node,
        rows.frame,
        references.frame,
        n_players=budget.n_players,
        n_mixed=budget.mixtures(n_rows),
        seed=asked.seed,
    )


def _together(one: Node | None, other: Weighted) -> Weighted:
    """Add two nodes, of which the first may be nothing."""
    if one is None:
        return other
    eye = np.eye(len(other.shift))
    return Weighted((one, other), (eye, eye), np.zeros(len(eye)))


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
    again, _ = _find(asked, split(node, asked.players), own, references, chosen[missed])
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


def _again(n_rows: int) -> str:
    """Say that some rows were computed twice."""
    who, were = f"{n_rows:,} rows missed their predictions", "were"
    if n_rows == 1:
        who, were = "1 row missed its prediction", "was"
    return (
        f"{who} on the quick route, as clipped probabilities do, and {were} computed again on a "
        "slower one"
    )


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
        limit = EXACT_ROWS if halves.rest is None else _budget(asked, halves.rest).rows()
    return drawn_rows(len(asked.frame), limit, asked.seed)


def _budget(asked: Question, node: Node) -> Budget:
    return Budget.of(node, len(asked.players.names), len(asked.background))


def _words(halves: Split, found: Found, stand_in: StandIn | None, asked: Question) -> str:
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
    if stand_in is not None:
        way += (
            f", of what trees that imitate it leave over (R² {stand_in.r_squared:.2f} on "
            f"mixtures of rows; their values are exact against {all_rows})"
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
