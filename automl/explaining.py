"""From a winner to an explanation: which rows, which background."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.table import Schema, read_frame, typed_frame
from automl.tuning.kept_rows import KeptRows
from automl.winner import Winner

if TYPE_CHECKING:
    import pandas as pd

    from explain import Explanation


def explain_winner(
    winner: Winner,
    schema: Schema,
    kept: KeptRows | None,
    rows: Any,
    *,
    scale: Literal["auto", "margin", "probability", "response"],
    groups: Mapping[str, Iterable[str]] | None,
    max_rows: int | None,
    seed: int,
) -> Explanation:
    """Explain a winner on rows of the caller's, or those that its run keeps.

    Raises
    ------
    DataError
        The run keeps no rows.
    """
    from explain import explain

    if kept is None:
        raise DataError(
            "this run keeps no rows to explain, and no background",
            got="its search never finished, or its rows were removed",
            hint="explain.explain(result.model, rows, background=training_rows)",
        )
    if rows is None:
        frame, used = kept.frame, _words(kept)
        y: NDArray[Any] | None = _labels(kept.y, schema)
    else:
        frame, name = read_frame(rows)
        y = _given_targets(frame, schema)
        used = f"{len(frame):,} row{'' if len(frame) == 1 else 's'} of {name} as given"
    found = explain(
        winner,
        typed_frame(schema, frame),
        y,
        background=typed_frame(schema, kept.frame),
        scale=scale,
        groups=groups,
        max_rows=max_rows,
        seed=seed,
    )
    n = len(found.values)
    if n < len(frame):
        used = f"{n:,} rows, drawn from {used}"
    return replace(found, rows_used=used, model=f"winner for {schema.target.name}")


def _given_targets(frame: pd.DataFrame, schema: Schema) -> NDArray[Any] | None:
    """Return the targets of rows that have them all."""
    if schema.target.name not in {str(name) for name in frame.columns}:
        return None
    y = schema.read_target(frame)
    return None if y is None else _labels(y, schema)


def _labels(y: NDArray[Any], schema: Schema) -> NDArray[Any]:
    if schema.target.task == "regression":
        return y
    return np.asarray(np.array(schema.target.classes, dtype=object)[y])


def _words(kept: KeptRows) -> str:
    n = len(kept.rows)
    part = "" if n == kept.n_all else f", a sample of {kept.n_all:,}"
    if kept.kind == "sealed":
        return f"{n:,} sealed rows{part}, which no fit and no choice has seen"
    return f"{n:,} rows of the search{part}; the winner was fitted on them"
