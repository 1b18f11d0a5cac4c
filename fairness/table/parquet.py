"""Parquet files, read batch by batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table.batches import Columns, count_batches, scan
from fairness.table.counting import Counted
from fairness.table.design import Options
from fairness.table.inputs import find_columns

_BUFFER = 1 << 20
"""Bytes of a column that are read at once."""

Progress = Callable[[int, int], object]
"""Called with the rows counted so far and the rows there are."""


def count_parquet(
    path: str | os.PathLike[str],
    columns: Columns,
    options: Options,
    batch_rows: int,
    progress: Progress | None,
) -> Iterator[Counted]:
    """Count the rows of a Parquet file, reading only the columns needed.

    The file is read twice: first what was predicted, so that every batch agrees on labels and
    bins, then all columns.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentTypeError("path must name a file", got=repr(path)[:80])
    if type(batch_rows) is not int or batch_rows < 1:
        raise ArgumentTypeError("batch_rows must be a whole number above 0", got=repr(batch_rows))
    where = os.path.basename(os.fspath(path))
    with _open(path, where) as file:
        names = file.schema_arrow.names
        found = find_columns(columns.named, names, where)
        results = find_columns(columns.results().named, names, where)
        facts = scan(_read(_batches(file, results, batch_rows), where), columns, where)
        total = file.metadata.num_rows
        batches = _read(_batches(file, found, batch_rows), where)
        batches = _reported(batches, total, progress)
        yield from count_batches(batches, columns, options, facts)


def _batches(file: Any, names: list[str], batch_rows: int) -> Iterator[Any]:
    """Yield the rows of some columns.

    Arrow keeps what it has read of earlier row groups until its iterator ends: so there is an
    iterator for as many row groups as make a batch.
    """
    group: list[int] = []
    rows = 0
    last = file.metadata.num_row_groups - 1
    for i in range(last + 1):
        group.append(i)
        rows += file.metadata.row_group(i).num_rows
        if rows >= batch_rows or i == last:
            yield from file.iter_batches(batch_rows, row_groups=group, columns=names)
            group, rows = [], 0


def _read(batches: Iterator[Any], where: str) -> Iterator[Any]:
    """Yield batches; say which file it is that is damaged."""
    import pyarrow as pa

    try:
        yield from batches
    except (pa.ArrowException, OSError) as error:
        raise ArgumentError(
            f"{where} cannot be read: it is damaged", got=str(error)[:200]
        ) from error


def _open(path: str | os.PathLike[str], where: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not os.path.isfile(path):
        raise ArgumentError(f"there is no file {where}", got=f"looked for {os.fspath(path)}")
    try:
        # a buffer: a row group of any size is not read at once
        return pq.ParquetFile(path, buffer_size=_BUFFER)
    except pa.ArrowInvalid as error:
        raise ArgumentError(f"{where} is no Parquet file", got=str(error)[:200]) from None


def _reported(batches: Iterator[Any], total: int, progress: Progress | None) -> Iterator[Any]:
    """Yield batches, and tell the caller when each has been counted."""
    done = 0
    for batch in batches:
        yield batch
        done += batch.num_rows
        if progress is not None:
            progress(done, total)
