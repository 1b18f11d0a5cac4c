"""All data checks of a table that was read."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from automl.table.checks import Check
from automl.table.columns import Columns
from automl.table.findings.duplicates import duplicated_columns, duplicated_rows
from automl.table.findings.labels import imbalance, rare_classes
from automl.table.findings.leakage import target_leakage
from automl.table.findings.repairs import repairs
from automl.table.findings.suspects import (
    group_suspects,
    missingness,
    time_suspects,
    weight_suspects,
)
from automl.table.schema import Schema


def find_all(
    schema: Schema,
    columns: Columns,
    y: NDArray[Any],
    *,
    has_time: bool,
    has_group: bool,
    has_weight: bool,
) -> tuple[Check, ...]:
    """Run every data check.

    Parameters
    ----------
    schema : Schema
        Roles of the columns, and the target.
    columns : Columns
        The features.
    y : ndarray, shape (n_rows,)
        Class numbers or values.
    has_time, has_group, has_weight : bool
        Whether the call names such a column, so that none need be suggested.

    Returns
    -------
    tuple of Check
        Findings; none stops the search.
    """
    return (
        *target_leakage(columns, y, schema.target),
        *(() if has_time else time_suspects(schema, columns)),
        *(() if has_group else group_suspects(schema, columns)),
        *(() if has_weight else weight_suspects(schema, columns)),
        *rare_classes(schema.target, y),
        *imbalance(schema.target, y),
        *duplicated_rows(columns, y),
        *duplicated_columns(columns),
        *missingness(schema),
        *repairs(schema),
    )
