"""A node that has no exact values: its parts that have, and the curves above them.

The exact parts are *channels*. Each hybrid row that the game asks for is evaluated once, and gives
the output and all channels. A channel's values are known for every reference, and the secants of
the curves from reference to row carry them up to the output: a control variate that agrees with
the game at both ends wherever all parts are channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.games import link_secant
from explain.parts import linked, n_outputs, on_matrix
from explain.players import Players
from explain.protocol import Encoding, Floats, Link, Linked, Node, Opaque, Weighted
from explain.routes.splitting import split

Matrix = Callable[[Encoding | None], Any]
"""Gives rows as an encoding has them; as a raw frame where there is none."""

_FLAT = 1e-9
"""Relative distance at which a secant is taken for the slope beside it."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a plan gives for rows.

    Parameters
    ----------
    outputs : ndarray of float64, shape (n, n_outputs)
    inner : tuple of Outcome
        The same of the parts below.
    """

    outputs: Floats
    inner: tuple[Outcome, ...] = ()


@dataclass(frozen=True, eq=False)
class Channel:
    """An exact part. `start` is the place of its first output among all channels' outputs."""

    node: Node
    start: int


@dataclass(frozen=True, eq=False)
class Unknown:
    """A part that is no channel and has none."""

    node: Opaque


@dataclass(frozen=True, eq=False)
class Sum:
    """A weighted sum of plans."""

    parts: tuple[Plan, ...]
    weights: tuple[Floats, ...]
    shift: Floats


@dataclass(frozen=True, eq=False)
class Curve:
    """A link above a plan."""

    inner: Plan
    link: Link
    limits: tuple[float, float]


Plan = Channel | Unknown | Sum | Curve


def make_plan(node: Node, players: Players) -> tuple[Plan, tuple[Node, ...]]:
    """Return the plan of a node, and the nodes of its channels in their order."""
    channels: list[Node] = []
    return _planned(node, players, channels), tuple(channels)


def _planned(node: Node, players: Players, channels: list[Node]) -> Plan:
    halves = split(node, players)
    if halves.rest is None:
        return _channel(node, channels)
    if isinstance(node, Linked):
        return Curve(_planned(node.inner, players, channels), node.link, node.limits)
    if not isinstance(node, Weighted):
        # Trees on features that players share are evaluated, but are no channel.
        return Unknown(node if isinstance(node, Opaque) else _as_opaque(node))
    parts, weights, shift = list(node.nodes), list(node.weights), node.shift
    if halves.exact is not None:
        known = [place for place, one in enumerate(parts) if split(one, players).rest is None]
        others = [place for place in range(len(parts)) if place not in known]
        exact = Weighted(
            tuple(parts[place] for place in known), tuple(weights[place] for place in known), shift
        )
        if known:
            parts = [exact, *(parts[place] for place in others)]
            weights = [np.eye(len(shift)), *(weights[place] for place in others)]
            shift = np.zeros(len(shift))
    return Sum(tuple(_planned(part, players, channels) for part in parts), tuple(weights), shift)


def _channel(node: Node, channels: list[Node]) -> Channel:
    start = sum(n_outputs(one) for one in channels)
    channels.append(node)
    return Channel(node, start)


def _as_opaque(node: Any) -> Opaque:
    return Opaque(lambda matrix: on_matrix(node, matrix), n_outputs(node), node.encoding)


def run(plan: Plan, matrix: Matrix, n_rows: int) -> Outcome:
    """Evaluate a plan for rows."""
    if isinstance(plan, Channel):
        return Outcome(_evaluate(plan.node, matrix, n_rows))
    if isinstance(plan, Unknown):
        return Outcome(on_matrix(plan.node, matrix(plan.node.encoding)))
    if isinstance(plan, Curve):
        inner = run(plan.inner, matrix, n_rows)
        return Outcome(linked(inner.outputs, plan.link, plan.limits), (inner,))
    inside = tuple(run(part, matrix, n_rows) for part in plan.parts)
    total = np.repeat(plan.shift[None, :], n_rows, axis=0)
    for part, weight in zip(inside, plan.weights, strict=True):
        total += part.outputs @ weight
    return Outcome(total, inside)


def _evaluate(node: Node, matrix: Matrix, n_rows: int) -> Floats:
    """Evaluate an exact node."""
    if not isinstance(node, Weighted):
        assert not isinstance(node, Linked)
        return on_matrix(node, matrix(node.encoding))
    total = np.repeat(node.shift[None, :], n_rows, axis=0)
    for part, weight in zip(node.nodes, node.weights, strict=True):
        total += _evaluate(part, matrix, n_rows) @ weight
    return total


def channel_outputs(plan: Plan, outcome: Outcome) -> Floats:
    """Return the channels' outputs side by side, shape (n, M)."""
    found = list(_channels(plan, outcome))
    return np.concatenate(found, axis=1) if found else np.zeros((len(outcome.outputs), 0))


def _channels(plan: Plan, outcome: Outcome) -> list[Floats]:
    if isinstance(plan, Channel):
        return [outcome.outputs]
    if isinstance(plan, Unknown):
        return []
    below = (plan.inner,) if isinstance(plan, Curve) else plan.parts
    return [
        one
        for part, inside in zip(below, outcome.inner, strict=True)
        for one in _channels(part, inside)
    ]


def coefficients(
    plan: Plan, row: Outcome, at: int, references: Outcome, n_channels: int
) -> Floats:
    """Return how much of each channel each output gets, for one row and every reference.

    Parameters
    ----------
    plan : Plan
        K outputs.
    row : Outcome
        Of the rows, of which the one at position `at` is meant.
    references : Outcome
        Of m references.
    n_channels : int
        Outputs of all channels together: M.

    Returns
    -------
    ndarray of float64, shape (m, M, K)
    """
    m, k = references.outputs.shape
    if isinstance(plan, Unknown):
        return np.zeros((m, n_channels, k))
    if isinstance(plan, Channel):
        own = np.zeros((n_channels, k))
        own[plan.start : plan.start + k] = np.eye(k)
        return np.repeat(own[None], m, axis=0)
    if isinstance(plan, Curve):
        inner = coefficients(plan.inner, row.inner[0], at, references.inner[0], n_channels)
        steps = secants(plan, row.inner[0].outputs[at], references.inner[0].outputs)
        return np.asarray(np.einsum("rmc,rck->rmk", inner, steps))
    total = np.zeros((m, n_channels, k))
    for part, weight, mine, theirs in zip(
        plan.parts, plan.weights, row.inner, references.inner, strict=True
    ):
        total += coefficients(part, mine, at, theirs, n_channels) @ weight
    return total


def secants(curve: Curve, row: Floats, references: Floats) -> Floats:
    """Return the mean slope of a curve from each reference's outputs to the row's: (m, C, K)."""
    if curve.link == "softmax" and curve.limits == (-np.inf, np.inf):
        return link_secant(row, references, "softmax")
    if curve.link == "logistic" and curve.limits == (-np.inf, np.inf):
        slopes = [
            link_secant(row[c : c + 1], references[:, c : c + 1], "logistic")
            for c in range(len(row))
        ]
        return _diagonal(np.stack([one[:, 0, 0] for one in slopes], axis=1))
    link: Link = "log" if curve.link == "log_centred" else curve.link
    if link == "softmax":  # clipped first: no closed form; the slope of the middle will do
        return link_secant(
            np.clip(row, *curve.limits), np.clip(references, *curve.limits), "softmax"
        )
    step = row[None, :] - references
    rise = linked(row[None, :], link, curve.limits) - linked(references, link, curve.limits)
    small = np.abs(step) <= _FLAT * (1 + np.abs(references))
    slopes_ = _diagonal(np.where(small, 0.0, rise / np.where(small, 1.0, step)))
    if curve.link != "log_centred":
        return slopes_
    k = len(row)
    return slopes_ @ (np.eye(k) - 1 / k)


def _diagonal(slopes: Floats) -> Floats:
    """Return square matrices with these diagonals: (m, C) to (m, C, C)."""
    return np.asarray(slopes[:, :, None] * np.eye(slopes.shape[1]))
