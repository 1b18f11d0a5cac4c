"""Scores: calibration by group, outcomes at equal score, rates by threshold, ROC curves."""

from __future__ import annotations

from candor.report import Block, Section, Table
from fairness import drawing
from fairness.frames.rows import top_row
from fairness.result import Audit
from fairness.showing.words import label, with_interval

_SWEPT = ("selection_rate", "tpr", "fpr")

_METHOD = (
    "Outcome rates by score band with Wilson intervals; bands are common to all groups. At equal "
    "score: differences in outcome rate pooled over the bands with Mantel-Haenszel weights; "
    "intervals hold for all pairs of an attribute (Bonferroni). Within a group the cumulative "
    "difference between outcomes and scores is tested (Arrieta-Ibarra et al., JMLR 2022).\n\n"
    "Scores are binned: ROC AUC carries the largest error that this can have caused, by which its "
    "interval is widened. ABROCA is the area between two groups' ROC curves (Gardner, Brooks and "
    "Baker 2019); it is never negative, so that equal groups do not give 0."
)


def scores_section(audit: Audit) -> Section | None:
    """Return the part on scores; None without scores."""
    if audit.calibration.empty:
        return None
    blocks: list[Block] = []
    for attribute in audit.table.sensitive:
        blocks += _of_attribute(audit, attribute)
    if not audit.equal_score.empty:
        blocks.append(
            Table(audit.equal_score, "Difference in outcome rate at equal score", formats=_RATES)
        )
    if not audit.calibration_tests.empty:
        blocks.append(Table(audit.calibration_tests, "Is the score calibrated within each group?"))
    if not audit.abroca.empty:
        blocks.append(Table(audit.abroca, "Area between ROC curves", formats=_RATES))
    return Section("Scores", _conclusion(audit), tuple(blocks), _METHOD)


_RATES = dict.fromkeys(("value", "low", "high", "error"), ".3f")


def _of_attribute(audit: Audit, attribute: str) -> list[Block]:
    blocks: list[Block] = []
    frame = audit.calibration
    if attribute in set(frame["attribute"]):
        blocks.append(
            drawing.as_block(
                drawing.calibration_chart(frame, attribute),
                f"Outcome rate by score, by {attribute}",
                drawing.calibration_alt(frame, attribute),
            )
        )
    for metric in _SWEPT:
        rows = audit.sweep[audit.sweep["attribute"] == attribute]
        if metric in set(rows["metric"]):
            blocks.append(
                drawing.as_block(
                    drawing.sweep_chart(audit.sweep, attribute, metric),
                    f"{label(metric)} by threshold, by {attribute}",
                    drawing.sweep_alt(audit.sweep, attribute, metric),
                )
            )
    return blocks


def _conclusion(audit: Audit) -> str:
    frame = audit.equal_score
    if frame.empty or frame["value"].isna().all():
        return "Outcome rates by score, for each group."
    worst = top_row(frame, "value")
    size = with_interval(worst["value"], worst["low"], worst["high"])
    return (
        f"At equal score the outcome rate of {worst['group']} differs from that of "
        f"{worst['reference']} by {size}: {worst['verdict']}"
        + ("." if worst["verdict"] == "not enough data" else " the tolerance.")
    )
