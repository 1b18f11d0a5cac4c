"""The rows under search, laid out on disk so that worker processes share them without copies."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.models.base import Task
from automl.table.columns import Columns, Layout

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class SearchData:
    """The rows that a search may see: never a sealed one.

    Parameters
    ----------
    columns : Columns
        Features.
    y : ndarray, shape (n_rows,)
        Class numbers or values.
    weight : ndarray or None
        Row weights.
    folds : tuple of (ndarray, ndarray)
        Training and held-out positions of each fold.
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    n_classes : int
        Number of classes; 1 for regression.
    seed : int
        Seed of the run.
    """

    columns: Columns
    y: NDArray[Any]
    weight: NDArray[np.float64] | None
    folds: tuple[Fold, ...]
    task: Task
    n_classes: int
    seed: int

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.columns.n_rows


def write_scratch(data: SearchData, folder: Path) -> None:
    """Write the data as plain arrays."""
    columns = data.columns
    for name, array in (
        ("numeric", columns.numeric),
        ("codes", columns.codes),
        ("times", columns.times),
        ("y", data.y),
    ):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    if data.weight is not None:
        np.save(folder / "weight.npy", data.weight, allow_pickle=False)
    for number, text in enumerate(columns.texts):
        _write_text(text, folder / f"text-{number}")
    for number, (train, valid) in enumerate(data.folds):
        np.save(folder / f"train-{number}.npy", train, allow_pickle=False)
        np.save(folder / f"valid-{number}.npy", valid, allow_pickle=False)
    facts = {
        "layout": asdict(columns.layout),
        "n_folds": len(data.folds),
        "task": data.task,
        "n_classes": data.n_classes,
        "seed": data.seed,
    }
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def read_scratch(folder: Path) -> SearchData:
    """Read what `write_scratch` wrote; large arrays stay memory-mapped."""
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    layout = Layout(**{key: tuple(value) for key, value in facts["layout"].items()})
    weight = folder / "weight.npy"
    columns = Columns(
        layout,
        _map(folder / "numeric.npy"),
        _map(folder / "codes.npy"),
        _map(folder / "times.npy"),
        tuple(_read_text(folder / f"text-{number}") for number in range(len(layout.texts))),
    )
    folds = tuple(
        (_map(folder / f"train-{number}.npy"), _map(folder / f"valid-{number}.npy"))
        for number in range(facts["n_folds"])
    )
    return SearchData(
        columns,
        _map(folder / "y.npy"),
        _map(weight) if weight.exists() else None,
        folds,
        facts["task"],
        facts["n_classes"],
        facts["seed"],
    )


def _map(path: Path) -> NDArray[Any]:
    array = np.load(path, allow_pickle=False)
    if array.nbytes < 1 << 20:
        return array  # type: ignore[no-any-return]
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def _write_text(text: NDArray[np.object_], stem: Path) -> None:
    encoded = [value.encode("utf-8", "surrogatepass") for value in text]
    ends = np.cumsum([len(value) for value in encoded], dtype=np.int64)
    np.save(stem.with_suffix(".npy"), ends, allow_pickle=False)
    stem.with_suffix(".bytes").write_bytes(b"".join(encoded))


def _read_text(stem: Path) -> NDArray[np.object_]:
    ends = np.load(stem.with_suffix(".npy"), allow_pickle=False).tolist()
    content = stem.with_suffix(".bytes").read_bytes()
    text = np.empty(len(ends), dtype=object)
    start = 0
    for row, end in enumerate(ends):
        text[row] = content[start:end].decode("utf-8", "surrogatepass")
        start = end
    return text
