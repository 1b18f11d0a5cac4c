"""Frames and files in: whatever holds a table becomes a pandas frame with a name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.errors import ArgumentError, ArgumentTypeError, DataError, TableFileNotFoundError
from automl.table.checks import Check
from automl.table.names import near_miss
from candor.frames import arrow_to_pandas, frame_kind, to_pandas

if TYPE_CHECKING:
    import pandas as pd

KNOWN = (".csv", ".tsv", ".parquet", ".feather", ".jsonl", ".csv.gz", ".tsv.gz", ".jsonl.gz")
"""Endings of files that can be read."""


@dataclass(frozen=True)
class Loaded:
    """A table as it was given.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its rows.
    name : str
        File name or kind of frame.
    checks : tuple of Check
        What had to be repaired to read it.
    """

    frame: pd.DataFrame
    name: str
    checks: tuple[Check, ...] = ()


def read_frame(data: Any) -> tuple[pd.DataFrame, str]:
    """Read a frame or a file into a pandas frame.

    Parameters
    ----------
    data : frame, str or Path
        A pandas, polars or Arrow frame, or a path ending in one of `KNOWN`.

    Returns
    -------
    tuple of (pandas.DataFrame, str)
        The rows, and the file name or the kind of frame.

    Raises
    ------
    ArgumentTypeError
        If `data` is no frame and no path.
    TableFileNotFoundError
        If there is no such file.
    ArgumentError
        If the path is a directory or has an unknown ending.
    DataError
        If the file is empty or damaged.
    """
    loaded = load(data)
    return loaded.frame, loaded.name


def load(data: Any) -> Loaded:
    """Read a frame or a file, and say what had to be repaired; raises as `read_frame`."""
    if isinstance(data, (str, Path)):
        return _load_file(data)
    kind = frame_kind(data)
    if not kind:
        raise _no_frame(data)
    return Loaded(to_pandas(data), kind)


def _no_frame(data: object) -> ArgumentTypeError:
    kind = f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"
    kind = kind.removeprefix("builtins.")
    hint = "a pandas, polars or Arrow frame, or a path"
    if kind == "numpy.ndarray":
        hint = "pandas.DataFrame(array, columns=[…]), so that columns have names"
    elif isinstance(data, (dict, list)):
        hint = "pandas.DataFrame(data)"
    return ArgumentTypeError(
        "data is neither a frame nor a path to a file", got=f"got {kind}", hint=hint
    )


def _load_file(given: str | Path) -> Loaded:
    path = Path(given).expanduser()
    ending = _ending(path)
    try:
        is_directory, exists = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TableFileNotFoundError(
            f"there is no file {str(given)!r:.200}", got=reason
        ) from error
    if is_directory:
        raise ArgumentError(
            f"{path} is a directory, not a table",
            hint=f"a file in it, ending in {', '.join(KNOWN[:5])}",
        )
    if not exists:  # a zero byte ends up here, too, and is shown as one
        shown = path if str(path).isprintable() else repr(str(path))
        raise TableFileNotFoundError(f"there is no file {shown}", got=_neighbour(path))
    if ending not in _READERS:
        raise ArgumentError(
            f'{path.name} has an unknown ending "{ending}"',
            got=f"known endings: {', '.join(KNOWN)}",
        )
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path.name} is empty", got="0 bytes")
        return _READERS[ending](path)
    except PermissionError as error:
        raise DataError(f"{path.name} cannot be read", got=str(error)) from error


def _ending(path: Path) -> str:
    endings = [suffix.lower() for suffix in path.suffixes]
    if endings[-1:] == [".gz"]:
        return "".join(endings[-2:])
    return endings[-1] if endings else ""


def _neighbour(path: Path) -> str | None:
    """Name a file beside it that has nearly the same name."""
    if not path.parent.is_dir():
        return f"there is no directory {path.parent} either"
    near = near_miss(path.name, (other.name for other in path.parent.iterdir()))
    return f"but there is {path.parent / near}" if near else None


def _read_parquet(path: Path) -> Loaded:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, "Parquet", error) from error
    return Loaded(arrow_to_pandas(_without_index(table)), path.name)


def _read_feather(path: Path) -> Loaded:
    import pyarrow as pa
    from pyarrow import feather

    try:
        table = feather.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, "Feather", error) from error
    return Loaded(arrow_to_pandas(_without_index(table)), path.name)


def _without_index(table: Any) -> Any:
    """Drop columns that only store the row labels of a pandas frame."""
    stored = (table.schema.pandas_metadata or {}).get("index_columns", [])
    names = [name for name in stored if isinstance(name, str) and name.startswith("__index_level")]
    return table.drop_columns([name for name in names if name in table.column_names])


def _read_delimited(path: Path) -> Loaded:
    from automl.table.delimited import parse

    frame, checks = parse(_bytes(path), path.name, tabs=".tsv" in path.suffixes)
    return Loaded(frame, path.name, checks)


def _read_jsonl(path: Path) -> Loaded:
    from automl.table.jsonlines import parse

    return Loaded(parse(_bytes(path), path.name), path.name)


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _damaged(path, "gzip", error) from error


def _damaged(path: Path, kind: str, error: Exception) -> DataError:
    return DataError(
        f"{path.name} cannot be read as {kind}: it is truncated or damaged",
        got=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
        hint="write the file again, or check that the copy is complete",
    )


_READERS: dict[str, Callable[[Path], Loaded]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".csv.gz": _read_delimited,
    ".tsv.gz": _read_delimited,
    ".parquet": _read_parquet,
    ".feather": _read_feather,
    ".jsonl": _read_jsonl,
    ".jsonl.gz": _read_jsonl,
}
