"""Fitted pieces to JSON and arrays, and back; nothing is ever unpickled."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import RunFolderError

FORMAT = 1
"""Version of the files; raise it when an older reader could not understand them."""

Pieces = Mapping[str, type[Any]]


def pack(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Turn a tree of dataclasses, tuples, arrays and scalars into JSON; arrays go to `arrays`."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: pack(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"piece": type(value).__name__, "fields": fields}
    if isinstance(value, tuple):
        return [pack(item, arrays) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"cannot store a {type(value).__name__}")


def unpack(value: Any, arrays: Mapping[str, NDArray[Any]], pieces: Pieces) -> Any:
    """Rebuild what `pack` took apart; only classes named in `pieces` are made."""
    if isinstance(value, list):
        return tuple(unpack(item, arrays, pieces) for item in value)
    if isinstance(value, dict):
        if "array" in value:
            return arrays[f"a{value['array']}"]
        fields = {name: unpack(v, arrays, pieces) for name, v in value["fields"].items()}
        return pieces[value["piece"]](**fields)
    return value


def write(folder: Path, piece: Any) -> None:
    """Write a piece as ``encoder.json`` and ``encoder.npz`` into an existing folder."""
    arrays: list[NDArray[Any]] = []
    tree = {"format": FORMAT, "state": pack(piece, arrays)}
    (folder / "encoder.json").write_text(json.dumps(tree), encoding="utf-8")
    named: dict[str, Any] = {f"a{i}": array for i, array in enumerate(arrays)}
    np.savez(folder / "encoder.npz", **named)


def read(folder: Path, pieces: tuple[type[Any], ...]) -> Any:
    """Read what `write` wrote.

    Raises
    ------
    RunFolderError
        If the files are absent or damaged, or have a newer format.
    """
    try:
        tree = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        version = int(tree["format"])
        if version <= FORMAT:
            known = {piece.__name__: piece for piece in pieces}
            # Opened here, because `np.load` leaves the file of a damaged archive open.
            with (
                (folder / "encoder.npz").open("rb") as stream,
                np.load(stream, allow_pickle=False) as arrays,
            ):
                return unpack(tree["state"], dict(arrays), known)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        got = f"{type(error).__name__}: {error} in {folder}"
        raise RunFolderError("the files of an encoder cannot be read", got=got) from error
    raise RunFolderError(
        "an encoder was saved by a newer version",
        got=f"its format is {version}, this version reads up to {FORMAT}",
        hint="a newer candor-automl",
    )


def digest(piece: Any) -> str:
    """Hash the content of a piece: equal pieces, equal digest."""
    arrays: list[NDArray[Any]] = []
    text = json.dumps(pack(piece, arrays))
    result = hashlib.sha256(text.encode())
    for array in arrays:
        result.update(f"{array.dtype.str}{array.shape}".encode())
        result.update(np.ascontiguousarray(array).tobytes())
    return result.hexdigest()
