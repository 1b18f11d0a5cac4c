"""Delimited text in: fast where the file is clean, exact about what is wrong where it is not."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from automl.errors import DataError
from automl.table.checks import Check
from candor.frames import arrow_to_pandas

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BEFORE_CELL = np.zeros(256, dtype=bool)
_BEFORE_CELL[list(b'\n\r,;\t|" ')] = True
_CHUNK = 1 << 22
_LONG = 2**53


def parse(data: bytes, name: str, *, tabs: bool) -> tuple[pd.DataFrame, tuple[Check, ...]]:
    """Read delimited text.

    Types are inferred, but nothing is lost by it: codes with leading zeros and long identifiers
    stay strings, and marks such as ``NA`` stay what they are.

    Parameters
    ----------
    data : bytes
        Content of the file: UTF-8, UTF-16 with its mark, or Latin-1.
    name : str
        Name of the file, for messages.
    tabs : bool
        Whether tabs are expected to separate cells.

    Returns
    -------
    tuple of (pandas.DataFrame, tuple of Check)
        The rows, and which encoding or separator was found where it is not the usual one.

    Raises
    ------
    DataError
        If there is no row, or a line has too many or too few cells; names the line.
    """
    data, checks = _as_utf8(data, name)
    if not data.strip():
        raise DataError(f"{name} is empty", got="no line with column names")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")  # lines of old Macintosh files
    separator = _sniff(data, tabs)
    if separator != ("\t" if tabs else ","):
        message = f"cells in {name} are separated by {_NAMES[separator]}"
        checks = (*checks, Check("separator", "info", (), message))
    table = _typed(data, name, separator)
    if not table.num_rows:
        raise DataError(
            f"{name} has no rows", got=f"column names only: {', '.join(table.column_names[:10])}"
        )
    return arrow_to_pandas(table), checks


def _as_utf8(data: bytes, name: str) -> tuple[bytes, tuple[Check, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        return text.encode(), (_encoding(name, "UTF-16"),)
    if b"\0" in data:
        raise DataError(
            f"{name} is no text: it holds zero bytes", hint="check what kind of file it is"
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
        return data, ()
    except UnicodeDecodeError:
        pass
    try:
        # a superset of printable Latin-1, with the quotes and the euro sign of Windows
        return data.decode("cp1252").encode(), (_encoding(name, "Latin-1 (Windows-1252)"),)
    except UnicodeDecodeError:
        return data.decode("latin-1").encode(), (_encoding(name, "Latin-1"),)


def _encoding(name: str, found: str) -> Check:
    return Check("encoding", "info", (), f"{name} is not UTF-8: it was read as {found}")


def _sniff(data: bytes, tabs: bool) -> str:
    """Find the separator that splits the first lines into equally many cells."""
    head = data[:20_000].decode("utf-8", errors="ignore")
    usual = "\t" if tabs else ","
    best, best_score = usual, (0.0, 0)
    for separator in (usual, *(s for s in _SEPARATORS if s != usual)):
        rows = [row for row in _rows(head, separator) if row][:20]
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        full = rows[:-1] if len(data) > 20_000 and len(rows) > 2 else rows
        agreeing = sum(len(row) == width for row in full) / len(full)
        if (round(agreeing, 2), 0) > (best_score[0] + 0.05, 0) or (
            agreeing >= best_score[0] - 0.05 and width > 3 * max(best_score[1], 1)
        ):
            best, best_score = separator, (agreeing, width)
    return best


def _rows(text: str, separator: str) -> Any:
    """Split text into rows of cells; every kind of line end counts."""
    return csv.reader(io.StringIO(text, newline=None), delimiter=separator)


def _typed(data: bytes, name: str, separator: str) -> Any:
    """Read with inferred types, and read those columns again as strings that types would spoil."""
    import pyarrow as pa

    try:
        table = _read(data, separator, {})
    except pa.ArrowInvalid as error:
        if "conversion error" not in str(error):
            raise _ragged(data, name, separator, error) from error
        return _retyped(_read_as_text(data, name, separator))
    doubtful = _doubtful(table, data)
    if not doubtful:
        return table
    as_text = _read(data, separator, dict.fromkeys(doubtful, pa.string()), doubtful)
    for column in doubtful:
        text = as_text.column(column)
        if not _survives(text):
            table = table.set_column(table.column_names.index(column), column, text)
    return table


def _doubtful(table: Any, data: bytes) -> list[str]:
    """Name number columns whose text may hold more than the number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    counts = Counter(table.column_names)
    zeros = _has_leading_zeros(data)
    doubtful = []
    for field, column in zip(table.schema, table.columns, strict=True):
        if counts[field.name] > 1:
            continue
        if pa.types.is_integer(field.type):
            if zeros:
                doubtful.append(field.name)
        elif pa.types.is_floating(field.type):
            largest = pc.max(pc.abs(column)).as_py()
            if largest is not None and _LONG < largest < 1e25:
                doubtful.append(field.name)
    return doubtful


def _has_leading_zeros(data: bytes) -> bool:
    """Say whether some cell may begin with a zero and a digit: quick, with false alarms."""
    content = np.frombuffer(data, dtype=np.uint8)
    for start in range(0, len(content), _CHUNK):
        part = content[start : start + _CHUNK + 2]
        zeros = np.flatnonzero(part[1:-1] == ord("0"))
        after = part[zeros + 2]
        zeros = zeros[(after >= ord("0")) & (after <= ord("9"))]
        if _BEFORE_CELL[part[zeros]].any():
            return True
    return False


def _survives(text: Any) -> bool:
    """Say whether numbers keep everything that a column of text says."""
    import pyarrow.compute as pc

    codes = pc.any(pc.match_substring_regex(text, r"^\s*-?0\d\d*$")).as_py()
    long = pc.any(pc.match_substring_regex(text, r"^\s*-?\d{17,}$")).as_py()
    return not codes and not long


def _read(
    data: bytes, separator: str, types: dict[str, Any], only: list[str] | None = None
) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        pa.BufferReader(data),
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=b'"' in data),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=only,
            null_values=[""],
            strings_can_be_null=False,
        ),
        read_options=arrow_csv.ReadOptions(block_size=1 << 24),
    )


def _read_as_text(data: bytes, name: str, separator: str) -> Any:
    import pyarrow as pa

    header = next(_rows(data.decode("utf-8"), separator))
    try:
        return _read(data, separator, dict.fromkeys(header, pa.string()))
    except pa.ArrowInvalid as error:
        raise _ragged(data, name, separator, error) from error


def _retyped(table: Any) -> Any:
    """Turn columns of text into numbers where every cell is one and nothing is lost."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for i, name in enumerate(table.column_names):
        text = table.column(i)
        if not _survives(text):
            continue
        cells = pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)
        for kind in (pa.int64(), pa.float64()):
            try:
                table = table.set_column(i, name, pc.cast(cells, kind))
                break
            except pa.ArrowInvalid:
                continue
    return table


def _ragged(data: bytes, name: str, separator: str, error: Exception) -> DataError:
    """Find the first line that has too many or too few cells."""
    reader = _rows(data.decode("utf-8"), separator)
    try:
        header = next(reader)
        line = reader.line_num + 1
        for row in reader:
            if row and len(row) != len(header):
                cells = f"{len(row)} cell" + ("s" if len(row) != 1 else "")
                several = reader.line_num > line  # most often a quote that nobody closed
                close = "close the quote that opens there"
                return DataError(
                    f"{name} is ragged: line {line} has {cells}, the first line has {len(header)}",
                    got=repr(separator.join(row)[:120])[1:-1],
                    hint=close
                    if several
                    else "put cells that hold the separator in double quotes",
                )
            line = reader.line_num + 1
    except csv.Error as problem:
        return DataError(f"{name} cannot be read: line {reader.line_num}: {problem}")
    return DataError(f"{name} cannot be read as delimited text", got=str(error)[:200])
