"""From a file of predictions to a fairness audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import fairness
from automl.auditing.columns import one_column, sensitive_columns
from automl.errors import ArgumentError
from automl.table import read_frame
from automl.table.names import with_text_names


@dataclass(frozen=True)
class FileColumns:
    """Which column of a file is what, and how predictions are read.

    Parameters
    ----------
    target : str
        True outcomes.
    prediction, score : str or None
        Predicted labels or values, and scores.
    sensitive, control : tuple of str
        Attributes to group by, and features to compare within.
    weight : str or None
        Row weights.
    positive : str or None
        The positive label.
    threshold : float or None
        Scores from here on are predicted positive.
    task : str
        What is predicted.
    """

    target: str
    prediction: str | None
    score: str | None
    sensitive: tuple[str, ...]
    control: tuple[str, ...]
    weight: str | None
    positive: str | None
    threshold: float | None
    task: Literal["auto", "binary", "multiclass", "regression"]


def audit_of_file(
    file: Path, columns: FileColumns, options: Mapping[str, Any], say: Callable[[str], None]
) -> fairness.Audit:
    """Audit a file of predictions; a Parquet file too large to load is counted in batches.

    Raises
    ------
    AutoMLError
        The file cannot be read.
    ColumnNotFoundError
        A column is not in it.
    fairness.FairnessError
        The audit refuses what it is given.
    """
    n_rows = _parquet_rows(file)
    if n_rows > LOADED_ROWS:
        say(f"{n_rows:,} rows: counting them in batches, without proxies and missingness")
        return _streamed(file, columns, options)
    frame, name = read_frame(file)
    frame, _ = with_text_names(frame, name)
    _check_parts(columns)
    chosen = sensitive_columns(frame, columns.sensitive, name)
    control = sensitive_columns(frame, columns.control, name) if columns.control else None
    named = {
        key: one_column(frame, value, name, key)
        for key, value in (
            ("target", columns.target),
            ("prediction", columns.prediction),
            ("score", columns.score),
            ("weight", columns.weight),
        )
        if value is not None
    }
    used = {columns.target, columns.prediction, columns.score, columns.weight}
    used |= {*columns.sensitive, *columns.control}
    rest = frame[[one for one in frame.columns if one not in used]]
    found = fairness.audit(
        named["target"],
        named.get("prediction"),
        y_score=named.get("score"),
        sensitive=chosen,
        features=rest if rest.shape[1] else None,
        control=control,
        weight=named.get("weight"),
        positive=columns.positive,
        threshold=columns.threshold,
        task=columns.task,
        **options,
    )
    return found.described(target=columns.target, rows_used=f"{name}: {found.rows_used}")


def _check_parts(columns: FileColumns) -> None:
    """Refuse a column that plays two parts which exclude each other."""
    said = (("prediction", columns.prediction), ("score", columns.score))
    for part, name in said:
        if name == columns.target:
            raise ArgumentError(
                f"{name!r} is both target and {part}",
                got="a prediction that is the outcome itself never fails",
                hint=f"--{part} COLUMN of what the model said",
            )
    for name in columns.sensitive:
        if name in (columns.target, columns.prediction, columns.score):
            raise ArgumentError(
                f"{name!r} is both sensitive and what is audited",
                got="groups made by an outcome or a prediction tell nothing about people",
                hint="--sensitive COLUMN of a trait of the people",
            )


LOADED_ROWS = 3_000_000
"""Parquet files with more rows are counted in batches instead of being loaded."""


def _parquet_rows(file: Path) -> int:
    if file.suffix != ".parquet" or not file.is_file():
        return 0
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return int(parquet.read_metadata(file).num_rows)
    except (pa.ArrowException, OSError):
        return 0  # reading it will say what is wrong


def _streamed(file: Path, columns: FileColumns, options: Mapping[str, Any]) -> fairness.Audit:
    _check_parts(columns)
    table = fairness.CountTable.from_parquet(
        file,
        target=columns.target,
        prediction=columns.prediction,
        score=columns.score,
        sensitive=columns.sensitive,
        control=columns.control,
        weight=columns.weight,
        positive=columns.positive,
        threshold=columns.threshold,
        task=columns.task,
    )
    found = fairness.audit_table(table, **options)
    return found.described(target=columns.target, rows_used=f"{file.name}: {found.rows_used}")
