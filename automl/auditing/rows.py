"""From a winner to a fairness audit: which rows, which columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import fairness
from automl.auditing.columns import sensitive_columns
from automl.errors import DataError
from automl.table import Schema, read_frame
from automl.tuning.kept_rows import KeptRows
from automl.winner import Winner

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
    shared = {
        "sensitive": chosen,
        "features": features.drop(columns=target.name, errors="ignore"),
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
