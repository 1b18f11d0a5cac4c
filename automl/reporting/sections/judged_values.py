"""Predicted values: against the true ones, and how far they are off."""

from __future__ import annotations

import pandas as pd

from automl.reporting.drawing import values as drawing
from automl.reporting.facts import Performance
from automl.reporting.scores import score_of
from automl.reporting.sections.personal import without_small
from automl.reporting.words import FEWEST
from candor.report import Block, Table
from explain.drawing import as_block
from explain.showing.words import number, records, short

METHOD = (
    "A residual is the true value minus the predicted one. Tenths hold equally many rows, by "
    "prediction. Interval of a tenth's mean: Student's t. Clouds show at most 300 rows, evenly "
    "along the predictions, and beside them the ten largest residuals of each sign."
)


def blocks(found: Performance, target: str, personal: bool) -> list[Block]:
    """Return pictures and tables of predicted values."""
    tenths = without_small(found.curves["residual_quantiles"], "n", personal)
    if not personal:  # fewer than ten rows lie beyond the outer quantiles of a small tenth
        tenths = tenths.assign(
            **{name: tenths[name].where(0.05 * tenths["n"] >= FEWEST) for name in ("q05", "q95")}
        )
    parts: list[Block] = []
    if personal:
        cloud = found.curves["predicted_actual"]
        r2, low, high = score_of(found.scores, "r2")
        said = f"R² {number(r2)} [{number(low)}, {number(high)}]"
        parts.append(
            as_block(
                drawing.predicted_actual_chart(cloud, target),
                f"True against predicted {short(target)}; on the dashed line they agree: {said}",
                f"Cloud of {len(cloud)} rows around the line of agreement; {said}.",
            )
        )
    if not tenths.empty:
        parts += _tenths(found, tenths)
    if personal:
        cloud = found.curves["residuals"]
        place = int(cloud["residual"].abs().to_numpy().argmax())
        worst = next(records(cloud.iloc[place : place + 1]))
        said = (
            f"the largest miss is {number(worst.residual)} at a prediction of "
            f"{number(worst.predicted)}"
        )
        parts.append(
            as_block(
                drawing.residual_points_chart(cloud, target),
                f"Residuals against predictions: {said}",
                f"Cloud of {len(cloud)} rows around zero; {said}.",
            )
        )
    return parts


def _tenths(found: Performance, tenths: pd.DataFrame) -> list[Block]:
    """Show residuals by tenth of the predictions."""
    wide = (tenths["q75"] - tenths["q25"]).to_numpy()
    most, least = (
        next(records(tenths.iloc[place : place + 1]))
        for place in (int(wide.argmax()), int(wide.argmin()))
    )
    said = (
        f"half of the residuals lie within {number(wide.max())} of each other where predictions "
        f"are around {number(most.predicted)}, and within {number(wide.min())} around "
        f"{number(least.predicted)}"
    )
    table = tenths.rename(
        columns={
            "n": "rows",
            "predicted": "mean predicted",
            "actual": "mean true",
            "low": "true from",
            "high": "true to",
            "q05": "5 %",
            "q25": "25 %",
            "q50": "median residual",
            "q75": "75 %",
            "q95": "95 %",
        }
    )
    formats = {name: "value" for name in table.columns if name not in ("tenth", "rows")}
    return [
        as_block(
            drawing.residual_tenths_chart(tenths),
            f"Residuals by tenth of the predictions (tick: median, bar: half, line: nine tenths): "
            f"{said}",
            f"Ten columns of residual quantiles; {said}.",
        ),
        Table(
            table,
            "Predictions and residuals by tenth of the predictions",
            (found.predictions.rows_used,),
            formats,
            fold=10,
        ),
    ]
