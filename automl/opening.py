"""How a winner opens itself to explanations: its members, encoders and links as plain parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble import Calibration, to_margin
from automl.ensemble.blend import CLIP, Task
from automl.features import SOURCE_SEPARATOR, Encoded, Encoder
from automl.models import FittedModel
from automl.models.targets import Target
from automl.table import Schema
from automl.tuning.record import Recipe
from explain.parts import n_outputs
from explain.protocol import Encoding, Linked, Node, Opaque, Parts, Weighted

if TYPE_CHECKING:
    import pandas as pd

    from automl.table.columns import Columns

LIMITS = (CLIP, 1 - CLIP)


def winner_parts(
    schema: Schema,
    models: Sequence[tuple[float, str, FittedModel]],
    encoders: Mapping[str, Encoder],
    recipe: Recipe,
) -> Parts:
    """Return what a winner's margin, or value, is made of.

    Parameters
    ----------
    schema : Schema
        How raw rows are read.
    models : sequence of (float, str, FittedModel)
        Share, digest of the encoder, and model.
    encoders : mapping of str to Encoder
        Fitted encoders by digest.
    recipe : Recipe
        How the models are put together.
    """
    task = schema.target.task
    reader = _Reader(schema)
    encodings = {digest: reader.encoding(one) for digest, one in encoders.items()}
    encodings[""] = Encoding(lambda frame: np.zeros((len(frame), 0)), ())
    total = sum(share for share, _, _ in models)
    members = [
        (member_parts(model, encodings[digest], task), share / total)
        for share, digest, model in models
        if share > 0
    ]
    classes = schema.target.classes
    width = len(classes) if task == "multiclass" else 1
    if recipe.link == "probability" and task != "regression" and len(members) > 1:
        chances = tuple(probability(one) for one, _ in members)
        shares = tuple(np.eye(width) * weight for _, weight in members)
        average: Node = margin(Parts(Weighted(chances, shares, np.zeros(width)), "probability"))
        if not _calibrates(recipe):
            return Parts(average, "margin")
        node = _calibrated(average, recipe, task, width)
        return Parts(node, "margin", _clipped(node))
    shares = tuple(np.eye(width) * weight for _, weight in members)
    exact, clipped = (
        _calibrated(_average([way(one) for one, _ in members], shares), recipe, task, width)
        for way in (margin, clipped_margin)
    )
    if task == "regression":
        return Parts(exact, "response")
    # Members clip their probabilities before they are averaged, and the winner its own: rare with
    # two classes, common with many. A single member is clipped once.
    once = len(members) == 1 and not _calibrates(recipe)
    return Parts(exact, "margin", clipped if once else _clipped(clipped))


def _clipped(node: Node) -> Node:
    """Clip the probabilities that a margin stands for."""
    return margin(Parts(probability(Parts(node, "margin")), "probability"))


def _average(nodes: Sequence[Node], shares: tuple[NDArray[np.float64], ...]) -> Node:
    return Weighted(tuple(nodes), shares, np.zeros(len(shares[0])))


def _calibrates(recipe: Recipe) -> bool:
    calibration = recipe.calibration
    return calibration is not None and not Calibration.from_dict(calibration).is_identity


def _calibrated(node: Node, recipe: Recipe, task: Task, width: int) -> Node:
    if recipe.calibration is None or task == "regression":
        return node
    line = Calibration.from_dict(recipe.calibration)
    return Weighted((node,), (np.eye(width) * line.scale,), np.full(width, line.shift))


class _Reader:
    """Reads a frame of raw rows once for all encoders that are asked one after the other."""

    def __init__(self, schema: Schema):
        self.schema = schema
        self._last: tuple[pd.DataFrame, Columns] | None = None

    def read(self, frame: pd.DataFrame) -> Columns:
        """Return the columns of a frame."""
        if self._last is None or self._last[0] is not frame:
            self._last = (frame, self.schema.read(frame))
        return self._last[1]

    def encoding(self, encoder: Encoder) -> Encoding:
        """Return an encoder as it stands in the parts."""
        sources = tuple(
            tuple(name for name in source.split(SOURCE_SEPARATOR) if name)
            for source in encoder.sources
        )
        return Encoding(lambda frame: encoder.transform(self.read(frame)).values, sources)


def member_parts(model: FittedModel, encoding: Encoding, task: Task) -> Parts:
    """Return what a member's prediction is made of."""
    target: Target | None = getattr(model, "target", None)
    opened = None if target is None else model.opened(encoding)
    if opened is None or target is None:
        return _black_box(model, encoding, task)
    if opened.scale == "response":
        scale, centre = np.array([[target.scale]]), np.array([target.centre])
        return Parts(Weighted((opened.node,), (scale,), centre), "response")
    if len(target.present) == target.n_classes:
        return _of_all_classes(opened, task)
    return Parts(_spread(opened, target, task), "probability")


def _of_all_classes(opened: Parts, task: str) -> Parts:
    """Return the parts on their own scale, of two classes the second alone."""
    if task == "binary" and opened.scale == "probability":
        second = Weighted((opened.node,), (np.array([[0.0], [1.0]]),), np.zeros(1))
        return Parts(second, "probability")
    return opened


def _spread(opened: Parts, target: Target, task: str) -> Node:
    """Give classes that the fit did not see their small share, as `Target.decode` does."""
    n_present = target.n_outputs
    node = opened.node
    if opened.scale == "margin" and n_present == 2:
        both = np.array([[-1.0, 1.0]]), np.array([1.0, 0.0])
        node = Weighted((Linked(node, "logistic"),), (both[0],), both[1])
    elif opened.scale == "margin":
        node = Linked(node, "softmax")
    absent = target.n_classes - n_present
    weight = np.zeros((n_present, target.n_classes))
    weight[np.arange(n_present), list(target.present)] = 1.0 - absent * target.share
    shift = np.full(target.n_classes, target.share)
    shift[list(target.present)] = 0.0
    if task == "binary":
        weight, shift = weight[:, 1:], shift[1:]
    return Weighted((node,), (weight,), shift)


def margin(parts: Parts) -> Node:
    """Return a member's margin as it is averaged; of values the value."""
    if parts.scale == "response":
        return parts.node
    width = n_outputs(parts.node)
    if parts.scale == "probability":
        return Linked(parts.node, "logit" if width == 1 else "log_centred", LIMITS)
    if width == 1:
        return parts.node
    centre = np.eye(width) - 1 / width
    return Weighted((parts.node,), (centre,), np.zeros(width))


def clipped_margin(parts: Parts) -> Node:
    """Return a member's margin with its probabilities clipped, as `automl.ensemble` does."""
    if parts.scale == "response":
        return parts.node
    return margin(Parts(probability(parts), "probability"))


def probability(parts: Parts) -> Node:
    """Return a member's probabilities."""
    if parts.scale == "probability":
        return parts.node
    return Linked(parts.node, "logistic" if n_outputs(parts.node) == 1 else "softmax")


def _black_box(model: FittedModel, encoding: Encoding, task: Task) -> Parts:
    """Return a member of which only the predictions are known."""

    def evaluate(matrix: Any) -> NDArray[np.float64]:
        found = to_margin(model.predict(Encoded(matrix, (), (), (), ())), task)
        return found.reshape(len(found), -1)

    width = getattr(getattr(model, "target", None), "n_classes", 1) if task == "multiclass" else 1
    return Parts(
        Opaque(evaluate, width, encoding), "response" if task == "regression" else "margin"
    )
