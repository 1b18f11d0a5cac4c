"""What an estimator's output is made of, as far as it can be read; every structure is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.errors import ExplainError
from explain.opening.outputs import CLIP, Predict, outputs_of, task_of
from explain.parts import evaluate, n_outputs
from explain.protocol import Encoding, Floats, Linked, Node, Opaque, Parts, Scale, Task

GAP = 1e-5
"""Largest difference from the estimator's own output, in standard deviations of it."""

SINGLE = 2e-6
"""The same in units of the largest output: what float32 costs."""


@dataclass(frozen=True, eq=False)
class Reading:
    """An estimator with the rows that it is read on.

    Parameters
    ----------
    model : object
        A fitted estimator.
    task : {"binary", "multiclass", "regression"}
    n_outputs : int
        1, or the number of classes where there are more than two.
    encoding : Encoding
        How raw rows become what the estimator takes.
    frame : DataFrame
        A few raw rows.
    matrix : table
        The same as the estimator takes them.
    """

    model: Any
    task: Task
    n_outputs: int
    encoding: Encoding
    frame: Any
    matrix: Any

    def inside(self, model: Any, encoding: Encoding | None = None) -> Reading:
        """Return the reading of an estimator within this one."""
        task, classes = task_of(model)
        width = len(classes) if task == "multiclass" else 1
        if encoding is None:
            return Reading(model, task, width, self.encoding, self.frame, self.matrix)
        return Reading(model, task, width, encoding, self.frame, encoding.transform(self.frame))


@dataclass(frozen=True, eq=False)
class Structure:
    """Nodes by scale, and what could not be read."""

    nodes: Mapping[Scale, Node]
    outputs: Mapping[Scale, Predict]
    notes: tuple[str, ...]


Reader = Callable[[Reading], Parts | None]


def structure_of(reading: Reading) -> Structure:
    """Read an estimator; what cannot be read, or does not give its output, is a black box."""
    outputs = outputs_of(reading.model, reading.task, reading.matrix)
    wanted = {scale: predict(reading.matrix) for scale, predict in outputs.items()}
    notes: list[str] = []
    parts = _read(reading, notes)
    nodes: dict[Scale, Node] = {}
    for scale, predict in outputs.items():
        node = None if parts is None else on_scale(parts, scale)
        if node is not None and not agrees(node, reading.frame, wanted[scale]):
            notes.append(
                f"what was read of {type(reading.model).__name__} does not give its {scale}; "
                "it is treated as a black box there"
            )
            node = None
        nodes[scale] = node or Opaque(predict, reading.n_outputs, reading.encoding)
    if parts is not None and parts.scale == "margin" and "margin" not in outputs:
        nodes["margin"] = parts.node
        outputs = {**outputs, "margin": _log(outputs["response"])}
        if not agrees(parts.node, reading.frame, outputs["margin"](reading.matrix)):
            del nodes["margin"]
            outputs = {scale: one for scale, one in outputs.items() if scale != "margin"}
    return Structure(nodes, outputs, tuple(notes))


def _log(response: Predict) -> Predict:
    return lambda rows: np.log(response(rows))


def _read(reading: Reading, notes: list[str]) -> Parts | None:
    """Let the first reader that knows the estimator read it."""
    from explain.opening.readers import READERS

    for reader in READERS:
        try:
            parts = reader(reading)
        except (ExplainError, AttributeError, LookupError, TypeError, ValueError) as error:
            # An estimator may look like one that is known and be built otherwise.
            notes.append(
                f"{type(reading.model).__name__} could not be read and is treated as a black box: "
                f"{str(error).splitlines()[0] if str(error) else type(error).__name__}"
            )
            return None
        if parts is not None:
            return parts
    return None


def on_scale(parts: Parts, scale: Scale) -> Node | None:
    """Return the node that gives the output on a scale; None where no link leads there."""
    if parts.scale == scale:
        return parts.node
    wide = n_outputs(parts.node) > 1
    if (parts.scale, scale) == ("margin", "probability"):
        return Linked(parts.node, "softmax" if wide else "logistic")
    if (parts.scale, scale) == ("probability", "margin"):
        return Linked(parts.node, "log_centred" if wide else "logit", (CLIP, 1 - CLIP))
    if (parts.scale, scale) == ("margin", "response"):
        return Linked(parts.node, "exp")
    return None


def agrees(node: Node, frame: Any, wanted: Floats) -> bool:
    """Tell whether a node gives the wanted outputs of the rows."""
    found = evaluate(node, frame)
    if found.shape != wanted.shape:
        return False
    allowed = max(
        GAP * float(wanted.std(axis=0).max()), SINGLE * float(np.abs(wanted).max()), 1e-12
    )
    return bool((np.abs(found - wanted) <= allowed).all())


def node_on(reading: Reading, scale: Scale) -> Node:
    """Return the node of an estimator within another on one scale.

    Raises
    ------
    KeyError
        It has no such scale.
    """
    return structure_of(reading).nodes[scale]
