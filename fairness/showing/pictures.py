"""Which picture of an audit is drawn: finds the frame, the attribute and the metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fairness import drawing
from fairness.errors import ArgumentError
from fairness.result import Audit

if TYPE_CHECKING:
    import altair as alt

KINDS = ("groups", "disparities", "sweep", "calibration", "curve", "shrunk")

_FIRST_METRIC = ("fpr", "selection_rate", "mae", "mean_score", "base_rate")
"""Which metric is drawn where none is named: the first that there is."""


def draw(audit: Audit, kind: str, attribute: str | None, metric: str | None) -> alt.LayerChart:
    """Draw a picture; see `Audit.plot`.

    Raises
    ------
    ArgumentError
        There is nothing of that kind, or a name is unknown.
    """
    if kind not in KINDS:
        raise ArgumentError(f"there is no picture {kind!r}", got=f"known: {', '.join(KINDS)}")
    frame = _frame(audit, kind)
    if frame.empty:
        raise ArgumentError(
            f"this audit has nothing for a picture of kind {kind!r}", got=_why(kind)
        )
    attribute = _choose(frame, "attribute", attribute, ()) if kind != "disparities" else ""
    if kind == "disparities":
        return drawing.disparities_chart(_declared_first(frame))
    if kind == "calibration":
        return drawing.calibration_chart(frame, attribute)
    metric = _choose(frame[frame["attribute"] == attribute], "metric", metric, _FIRST_METRIC)
    if kind == "sweep":
        return drawing.sweep_chart(frame, attribute, metric)
    if kind == "curve":
        return drawing.curve_chart(frame, attribute, metric)
    if kind == "shrunk":
        return drawing.shrunk_chart(frame, attribute, metric)
    both = pd.concat([audit.overall, frame], ignore_index=True)
    return drawing.groups_chart(both, metric, attribute)


def _frame(audit: Audit, kind: str) -> pd.DataFrame:
    """Return the rows that a picture is drawn from."""
    if kind == "shrunk":
        return audit.by_group[audit.by_group["shrunk"].notna()]
    return {
        "groups": audit.by_group,
        "disparities": audit.disparities,
        "sweep": audit.sweep,
        "calibration": audit.calibration,
        "curve": audit.curves,
    }[kind]


def _declared_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep to what was declared, where anything was."""
    declared = frame[frame["family"] == "declared"]
    return frame if declared.empty else declared


def _choose(
    frame: pd.DataFrame, column: str, wanted: str | None, preferred: tuple[str, ...]
) -> str:
    known = tuple(dict.fromkeys(frame[column]))
    if wanted is None:
        return next((name for name in preferred if name in known), known[0])
    if wanted not in known:
        raise ArgumentError(
            f"there is no {column} {wanted!r} to draw", got=f"there are {', '.join(known)}"
        )
    return wanted


def _why(kind: str) -> str:
    return {
        "groups": "no group has any rows",
        "disparities": "there is nothing to compare",
        "sweep": "it needs scores: y_score=",
        "calibration": "it needs scores: y_score=",
        "curve": "it needs rows with a numeric sensitive column",
        "shrunk": "it needs two or more sensitive columns",
    }[kind]
