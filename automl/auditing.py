"""From a winner, or a file of predictions, to a fairness audit: which rows, which columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

import fairness
from automl.errors import ArgumentError, ColumnNotFoundError, DataError
from automl.table import Schema, read_frame
from automl.table.names import near_miss
from automl.table.words import is_mark
from automl.tuning.kept_rows import KeptRows
from automl.winner import Winner
from candor.frames import raw_column

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AuditRows:
    """Rows with what was true of them and what the winner says.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Raw rows.
    y : ndarray, shape (n_rows,)
        Class numbers, or values.
    predictions : ndarray of float64
        Probability of class 1, shape (n_rows,); of each class, (n_rows, n_classes); or values.
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights.
    used : str
        Which rows these are, in words.
    """

    frame: pd.DataFrame
    y: NDArray[Any]
    predictions: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    used: str


def kept_audit_rows(kept: KeptRows | None, winner: Winner) -> AuditRows:
    """Take the rows that the run folder keeps.

    Raises
    ------
    DataError
        The run folder keeps no rows.
    """
    if kept is None:
        raise DataError(
            "this run keeps no rows to audit",
            got="its search never finished, or its rows were removed",
            hint='result.audit("rows.csv") with rows that have the target',
        )
    predictions = kept.predictions
    if predictions is None:
        predictions = _predicted(winner, kept.frame)
    return AuditRows(kept.frame, kept.y, predictions, kept.weight, _words(kept))


def given_audit_rows(rows: Any, schema: Schema, winner: Winner) -> AuditRows:
    """Take rows that the caller gives, with their targets.

    Raises
    ------
    DataError
        The target is absent, or missing in a row.
    """
    frame, name = read_frame(rows)
    y = schema.read_target(frame)
    if y is None:
        raise DataError(
            f"there is no target column {schema.target.name!r} in {name}",
            got="an audit needs the true outcomes",
        )
    weight = schema.read_weight(frame)
    used = f"{len(y):,} rows of {name} as given; whether the model was fitted on them is not known"
    return AuditRows(frame, y, _predicted(winner, frame), weight, used)


def audit_rows(
    rows: AuditRows,
    schema: Schema,
    winner: Winner,
    sensitive: Sequence[str],
    options: Mapping[str, Any],
) -> fairness.Audit:
    """Audit the winner on rows.

    Raises
    ------
    ArgumentError
        No sensitive column is named, or a weight or target is.
    ColumnNotFoundError
        A sensitive column is not among the columns.
    """
    target = schema.target
    chosen = sensitive_columns(rows.frame, sensitive, "the rows of this audit")
    control = options.get("control")
    options = dict(options)
    if control is not None:
        names = [control] if isinstance(control, str) else list(control)
        options["control"] = sensitive_columns(rows.frame, names, "the rows of this audit")
    features = rows.frame[[c.name for c in schema.columns if c.name in rows.frame.columns]]
    apart = [name for name in chosen.columns if name in features.columns]
    shared = {
        "sensitive": chosen,
        "features": features.drop(columns=[*apart, *_spare(features, target.name)]),
        "weight": rows.weight,
        "task": target.task,
        **options,
    }
    if target.task == "regression":
        audit = fairness.audit(rows.y, rows.predictions, **shared)
    else:
        labels = np.array([str(one) for one in target.classes])
        predicted = [str(one) for one in winner.labels(_as_matrix(rows.predictions))]
        positive = str(target.classes[1]) if target.task == "binary" else None
        audit = fairness.audit(
            labels[rows.y],
            predicted,
            y_score=rows.predictions,
            positive=positive,
            **shared,
        )
    return audit.described(target=target.name, rows_used=rows.used)


def sensitive_columns(frame: pd.DataFrame, names: Iterable[str], where: str) -> pd.DataFrame:
    """Return columns to group by, with marks of missing values taken for what they are.

    Numbers that stand as text become numbers, so that many different ones are binned.

    Raises
    ------
    ArgumentError
        No column is named.
    ColumnNotFoundError
        A column is not there.
    """
    import pandas as pd

    wanted = [str(name) for name in names]
    if not wanted:
        raise ArgumentError(
            "an audit needs sensitive columns", got="none is named", hint='sensitive=["sex"]'
        )
    known = {str(name): name for name in frame.columns}
    for name in wanted:
        if name not in known:
            near = near_miss(name, list(known))
            raise ColumnNotFoundError(
                f"there is no column {name!r} in {where}",
                got=f"columns: {', '.join(list(known)[:12])}{', …' if len(known) > 12 else ''}",
                hint=f"sensitive=[{near!r}]" if near else None,
            )
    return pd.DataFrame({name: _typed(frame[known[name]]) for name in wanted})


def _typed(series: pd.Series[Any]) -> pd.Series[Any]:
    """Turn text into numbers where it holds nothing else, and marks into missing values."""
    raw = raw_column(series)
    if raw.kind != "values" or raw.declared:
        return series
    import pandas as pd

    values = [None if isinstance(v, str) and is_mark(v) else v for v in raw.distinct]
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, str) for value in present):
        numbers = pd.to_numeric(pd.Series(present), errors="coerce")
        if numbers.notna().all():
            values = [None if value is None else float(value) for value in values]
    lookup = pd.Series([*values, None], dtype=object)
    taken = lookup.iloc[raw.codes].reset_index(drop=True)
    return taken.infer_objects().set_axis(series.index)


def _spare(features: pd.DataFrame, target: str) -> list[str]:
    return [target] if target in features.columns else []


def _predicted(winner: Winner, frame: pd.DataFrame) -> NDArray[np.float64]:
    if winner.schema.target.task == "regression":
        return np.asarray(winner.predict(frame), np.float64)
    probabilities: NDArray[np.float64] = winner.predict_proba(frame)
    return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities


def _as_matrix(predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    if predictions.ndim == 2:
        return predictions
    return np.column_stack([1 - predictions, predictions])


def _words(kept: KeptRows) -> str:
    n = len(kept.rows)
    part = "" if n == kept.n_all else f", a sample of {kept.n_all:,}"
    if kept.kind == "sealed":
        return f"{n:,} sealed rows{part}, which no fit and no choice has seen"
    return f"{kept.kind} predictions on {n:,} rows{part}; these rows also chose the ensemble"


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
    _check_parts(columns)
    chosen = sensitive_columns(frame, columns.sensitive, name)
    control = sensitive_columns(frame, columns.control, name) if columns.control else None
    named = {
        key: _column(frame, value, name, flag)
        for key, value, flag in (
            ("target", columns.target, "target"),
            ("prediction", columns.prediction, "prediction"),
            ("score", columns.score, "score"),
            ("weight", columns.weight, "weight"),
        )
        if value is not None
    }
    used = {columns.target, columns.prediction, columns.score, columns.weight}
    used |= {*columns.sensitive, *columns.control}
    rest = frame[[one for one in frame.columns if str(one) not in used]]
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
    return found.described(target=columns.target, rows_used=f"{len(frame):,} rows of {name}")


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
    return found.described(target=columns.target, rows_used=f"{table.n:,} rows of {file.name}")


def _column(frame: pd.DataFrame, wanted: str, where: str, flag: str) -> pd.Series[Any]:
    """Return one column, numbers that stand as text as numbers."""
    known = {str(name): name for name in frame.columns}
    if wanted not in known:
        near = near_miss(wanted, list(known))
        raise ColumnNotFoundError(
            f"there is no column {wanted!r} in {where}",
            got=f"columns: {', '.join(list(known)[:12])}{', …' if len(known) > 12 else ''}",
            hint=f"{flag}={near!r}" if near else None,
        )
    return _typed(frame[known[wanted]])
