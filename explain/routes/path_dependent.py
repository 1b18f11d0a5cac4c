"""Path-dependent values of single tree models: quick, and labelled approximate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.errors import UnreadableModelError, VerificationError
from explain.explanation import Verification
from explain.parts import matrix_of, owners
from explain.protocol import Floats, Node, Trees, Weighted
from explain.routes import gate
from explain.routes.attributing import Attributed, Question
from explain.routes.budget import EXACT_ROWS, drawn_rows
from explain.routes.found import Found
from explain.trees import path_dependent
from explain.trees.native import LIBRARIES, library_of


@dataclass(frozen=True, eq=False)
class _Single:
    """Trees, and the linear map from their outputs to the model's."""

    trees: Trees
    weight: Floats
    shift: Floats


def attribute_by_paths(asked: Question) -> Attributed:
    """Take the values that the library computes along its trees' own branches.

    Raises
    ------
    UnreadableModelError
        The model is no single tree model on this scale, or its library computes no such values.
    VerificationError
        They do not add up to the model's predictions.
    """
    single = _single(asked.opened.nodes[asked.scale])
    if single is None or single.trees.source is None:
        raise UnreadableModelError(
            f"{asked.opened.name} has no path-dependent values on the scale {asked.scale!r}",
            got="they are those of one tree model's own output",
            hint=_instead(asked),
        )
    chosen = drawn_rows(len(asked.frame), asked.max_rows or EXACT_ROWS, asked.seed)
    frame = asked.frame.iloc[chosen]
    matrix = matrix_of(single.trees.encoding, frame, {})
    by_feature, base = path_dependent(single.trees.source, matrix)
    owner = owners(single.trees.encoding, asked.players)
    values = np.zeros((len(chosen), len(asked.players.names), by_feature.shape[2]))
    for feature, player in enumerate(owner):
        if player >= 0:
            values[:, player] += by_feature[:, feature]
    values, base = values @ single.weight, base @ single.weight + single.shift
    predicted = asked.opened.predict(frame, asked.scale)
    gap = np.abs(base + values.sum(axis=1) - predicted).max(axis=1)
    allowed = gate.tolerance(predicted)
    if not (gap <= allowed).all():
        raise VerificationError(
            f"the path-dependent values of {asked.opened.name} do not add up to its predictions",
            got=f"a gap of {gap.max():.3g}, {allowed:.3g} is allowed",
            hint='method="auto"',
        )
    return Attributed(
        _found(values, base),
        chosen,
        predicted,
        "path-dependent values, as the library computes them: the trees' own branch shares take "
        "the background's place",
        Verification(float(gap.max()), 0.0, allowed, len(chosen)),
    )


def _instead(asked: Question) -> str:
    """Say on which scale there are such values; else which method."""
    for scale, node in asked.opened.nodes.items():
        single = _single(node)
        if single is not None and library_of(single.trees.source) in LIBRARIES:
            return f'scale="{scale}"'
    return 'method="auto"'


def _single(node: Node) -> _Single | None:
    """Return the one tree model that a node is, with the map above it."""
    if isinstance(node, Trees):
        n_outputs = node.forest.n_outputs
        return _Single(node, np.eye(n_outputs), np.zeros(n_outputs))
    if not isinstance(node, Weighted) or len(node.nodes) != 1:
        return None
    inner = _single(node.nodes[0])
    if inner is None:
        return None
    weight = node.weights[0]
    return _Single(inner.trees, inner.weight @ weight, inner.shift @ weight + node.shift)


def _found(values: Floats, base: Floats) -> Found:
    return Found(
        values,
        base,
        np.zeros_like(values),
        np.full_like(values, np.nan),
        np.full(values.shape[1:], np.nan),
        np.zeros(len(values), dtype=bool),
        0,
        0,
    )
