"""Small files beside a model: a JSON object and plain arrays, never a pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from automl.models.base import FittedModel
from automl.models.targets import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTES = "model.json"
_ARRAYS = "arrays.npz"

Model = TypeVar("Model", bound=FittedModel)


def write_notes(folder: Path, model: FittedModel, target: Target, **more: Any) -> None:
    """Write what every model knows of itself, and more, as a JSON object."""
    notes = {
        "target": target.to_json(),
        "rounds": model.rounds,
        "note": model.note,
        "changed": dict(model.changed),
        **more,
    }
    (folder / _NOTES).write_text(json.dumps(notes, indent=1), encoding="utf-8")


def read_notes(folder: Path) -> tuple[Target, dict[str, Any]]:
    """Read what `write_notes` wrote: the target, and everything."""
    notes = json.loads((folder / _NOTES).read_text(encoding="utf-8"))
    if not isinstance(notes, dict):
        raise ValueError(f"{folder / _NOTES} holds no object")
    return Target.from_json(notes["target"]), notes


def restore(model: Model, notes: Mapping[str, Any]) -> Model:
    """Give a loaded model what it knew of itself."""
    model.rounds = None if notes["rounds"] is None else int(notes["rounds"])
    model.note = str(notes["note"])
    model.changed = dict(notes["changed"])
    return model


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays of numbers."""
    with (folder / _ARRAYS).open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub sees allow_pickle in them


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Read what `write_arrays` wrote; arrays of objects are refused."""
    with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
