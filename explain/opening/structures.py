"""What an estimator's output is made of, as far as it can be read; every structure is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.errors import ExplainError
from explain.opening.failures import said, told
from explain.opening.outputs import CLIP, Predict, name_of, outputs_of, task_of
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
    """Nodes and predictions by scale, and what could not be read."""

    nodes: Mapping[Scale, Node]
    outputs: Mapping[Scale, Predict]
    notes: Mapping[Scale, str]


Reader = Callable[[Reading], Parts | Structure | None]
"""Gives parts on one scale, or the whole structure of an estimator that does all the work."""


def structure_of(reading: Reading) -> Structure:
    """Read an estimator; what cannot be read, or does not give its output, is a black box."""
    outputs = outputs_of(reading.model, reading.task, reading.matrix)
    wanted = {scale: predict(reading.matrix) for scale, predict in outputs.items()}
    found, failed = _read(reading)
    nodes: dict[Scale, Node] = {}
    notes: dict[Scale, str] = {}
    for scale, predict in outputs.items():
        node, note = _node_of(found, scale), failed
        if isinstance(found, Structure):
            note = found.notes.get(scale, "")
        if node is not None and not agrees(node, reading.frame, wanted[scale]):
            note = (
                f"what was read of {name_of(reading.model)} does not give its {scale}; "
                "it is treated as a black box there"
            )
            node = None
        nodes[scale] = node or _opaque(predict, reading)
        if note:
            notes[scale] = note
    margin = None if "margin" in outputs else _node_of(found, "margin")
    if margin is not None:
        log = _log(outputs["response"])
        if agrees(margin, reading.frame, log(reading.matrix)):
            nodes["margin"], outputs = margin, {**outputs, "margin": log}
    return Structure(nodes, outputs, notes)


def black_box_of(reading: Reading) -> Structure:
    """Return an estimator's predictions, without reading what they are made of."""
    outputs = outputs_of(reading.model, reading.task, reading.matrix)
    nodes: dict[Scale, Node] = {
        scale: _opaque(predict, reading) for scale, predict in outputs.items()
    }
    return Structure(nodes, outputs, {})


def _opaque(predict: Predict, reading: Reading) -> Opaque:
    return Opaque(told(predict, name_of(reading.model)), reading.n_outputs, reading.encoding)


def _node_of(found: Parts | Structure | None, scale: Scale) -> Node | None:
    """Return what was read on one scale."""
    if isinstance(found, Structure):
        return found.nodes.get(scale)
    return None if found is None else on_scale(found, scale)


def _log(response: Predict) -> Predict:
    def log(rows: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):  # told as predictions not finite
            return np.asarray(np.log(response(rows)))

    return log


def _read(reading: Reading) -> tuple[Parts | Structure | None, str]:
    """Let the first reader that can read the estimator do so; say why none could."""
    from explain.opening.readers import READERS

    failed = ""
    for reader in READERS:
        try:
            found = reader(reading)
        except (ExplainError, AttributeError, LookupError, TypeError, ValueError) as error:
            # An estimator may look like one that is known and be built otherwise.
            failed = (
                f"{name_of(reading.model)} could not be read and is treated as a black box: "
                f"{_reason(error)}"
            )
            continue
        if found is not None:
            return found, ""
    return None, failed


def _reason(error: Exception) -> str:
    """Say why a model was not read; what libraries raise on the way is quoted."""
    if isinstance(error, ExplainError):
        return str(error).splitlines()[0]
    return f"its structure is not one that is known ({said(error)})"


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
