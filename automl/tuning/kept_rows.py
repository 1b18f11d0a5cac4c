"""Rows that a run folder keeps, for the audit and for explanations: sealed ones, or a sample."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from automl.errors import RunFolderError
from automl.tuning.run_folder import read_json, write_json

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["sealed", "out-of-fold", "held-out"]

FORMAT = 1
_FOLDER = "rows"
_MOST_ROWS = 10_000
_MOST_CELLS = 4_000_000
"""Values that are kept at most: wide tables keep fewer rows."""


@dataclass(frozen=True)
class KeptRows:
    """Raw rows with their true targets.

    Parameters
    ----------
    kind : {"sealed", "out-of-fold", "held-out"}
        sealed: seen by nothing before; otherwise rows of the search, with `predictions` of models
        that were not fitted on them.
    frame : DataFrame, shape (n_rows, n_columns)
        Features and sensitive columns as given.
    rows : ndarray of int64, shape (n_rows,)
        Their positions in the data as given.
    y : ndarray, shape (n_rows,)
        Class numbers, or values.
    weight : ndarray of float64, shape (n_rows,), or None
        Their weights.
    predictions : ndarray of float64, shape (n_rows,) or (n_rows, n_classes), or None
        The ensemble's out-of-fold predictions; None for sealed rows.
    n_all : int
        Rows that these are a part of.
    """

    kind: Kind
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    y: NDArray[Any]
    weight: NDArray[np.float64] | None
    predictions: NDArray[np.float64] | None
    n_all: int


def most_rows(n_columns: int) -> int:
    """Return how many rows are kept of a table with so many columns."""
    return max(1_000, min(_MOST_ROWS, _MOST_CELLS // max(1, n_columns)))


def draw(n_rows: int, n_columns: int, seed: int) -> NDArray[np.int64]:
    """Draw the positions that are kept of `n_rows`, ascending."""
    most = most_rows(n_columns)
    if n_rows <= most:
        return np.arange(n_rows)
    rng = np.random.default_rng([seed, 0x20_35])
    return np.sort(rng.choice(n_rows, most, replace=False))


def save_kept_rows(run: Path, kept: KeptRows) -> None:
    """Write rows into a run folder, so that a reader finds all of them or none."""
    folder = run / _FOLDER
    folder.mkdir(exist_ok=True)
    about = folder / "about.json"
    about.unlink(missing_ok=True)
    _storable(kept.frame).to_parquet(
        folder / "rows.parquet", index=False, write_page_checksum=True
    )
    arrays = {"rows": kept.rows, "y": kept.y}
    if kept.weight is not None:
        arrays["weight"] = kept.weight
    if kept.predictions is not None:
        arrays["predictions"] = kept.predictions
    np.savez(folder / "values.npz", **arrays)  # type: ignore[arg-type]
    columns = [str(name) for name in kept.frame.columns]
    values = {"format": FORMAT, "kind": kept.kind, "n_all": kept.n_all, "columns": columns}
    write_json(about, values)


def load_kept_rows(run: Path) -> KeptRows | None:
    """Read the rows of a run folder; None where it keeps none.

    Raises
    ------
    RunFolderError
        The files are damaged or of a newer format.
    """
    folder = run / _FOLDER
    if not (folder / "about.json").exists():
        return None
    about = read_json(folder / "about.json")
    if about.get("format") != FORMAT or about.get("kind") not in get_args(Kind):
        raise RunFolderError(
            "the rows of this run folder were written by a newer Candor, or are damaged",
            got=f"format {about.get('format')!r}, kind {about.get('kind')!r}",
            hint="a newer Candor",
        )
    try:
        frame, found = _read(folder, about)
        n_all = int(about["n_all"])
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        raise RunFolderError(
            "the rows of this run folder cannot be read", got=str(error), hint="rows of your own"
        ) from error
    weight, predictions = found.get("weight"), found.get("predictions")
    kept = KeptRows(about["kind"], frame, found["rows"], found["y"], weight, predictions, n_all)
    if not _fit(kept):
        raise RunFolderError("the run folder is damaged: its rows do not fit together")
    return kept


def _read(folder: Path, about: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, NDArray[Any]]]:
    """Return the frame and the arrays as they were saved."""
    import pandas as pd

    frame = pd.read_parquet(folder / "rows.parquet", page_checksum_verification=True)
    if not all(isinstance(name, str) for name in about["columns"]):
        raise TypeError("names of columns are texts")
    frame.columns = pd.Index(about["columns"])
    content = io.BytesIO((folder / "values.npz").read_bytes())
    with np.load(content, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name in ("rows", "y"):
        if name not in found:
            raise KeyError(name)
    return frame, found


def _fit(kept: KeptRows) -> bool:
    """Say whether the parts have one row each for every row, and hold numbers."""
    given = (kept.weight, kept.predictions)
    parts = [kept.rows, kept.y, *(part for part in given if part is not None)]
    n = len(kept.frame)
    numbers = all(part.ndim > 0 and len(part) == n and part.dtype.kind in "biuf" for part in parts)
    if not numbers or kept.n_all < n or kept.rows.dtype.kind not in "iu":
        return False
    return kept.kind == "sealed" or kept.predictions is not None


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with columns that Arrow cannot store as they are turned into text."""
    import pandas as pd
    import pyarrow as pa

    columns: list[Any] = []
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        try:
            pa.array(column, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError):
            column = column.astype(object).map(str, na_action="ignore")
        columns.append(column.rename(str(place)))
    return pd.concat(columns, axis=1) if columns else pd.DataFrame(index=frame.index)
