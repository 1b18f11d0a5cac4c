"""From kept rows to predictions that may be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.auditing import kept_audit_rows
from automl.reporting.facts import Predictions

if TYPE_CHECKING:
    from automl.table import Schema
    from automl.tuning.kept_rows import KeptRows
    from automl.winner import Winner


def kept_predictions(kept: KeptRows, winner: Winner, schema: Schema) -> Predictions:
    """Return predictions of the rows that a run keeps.

    Of sealed rows the winner's own; otherwise those that the run kept, of models that were not
    fitted on the row. Rows that a model was fitted on are never predicted by it.
    """
    rows = kept_audit_rows(kept, winner)
    target = schema.target
    return Predictions(
        task=target.task,
        classes=tuple(target.classes),
        y=rows.y,
        predicted=rows.predictions,
        weight=rows.weight,
        threshold=winner.recipe.threshold,
        rows_used=rows.used,
        sealed=kept.kind == "sealed",
    )
