"""Scores: calibration by group, outcomes at equal score, rates by threshold, ROC curves."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Section
from fairness import drawing
from fairness.inference import SMALLEST
from fairness.result import Audit
from fairness.showing.scores import equal_score_sentences
from fairness.showing.sections import titles
from fairness.showing.sections.tables import readable
from fairness.showing.words import label, listed

_MOST_DRAWN = 4
"""Attributes whose scores are drawn; the tables hold all."""
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
    for attribute in audit.table.sensitive[:_MOST_DRAWN]:
        blocks += _of_attribute(audit, attribute)
    blocks += _tables(audit)
    return Section(titles.SCORES, _conclusion(audit), tuple(blocks), _METHOD)


def _tables(audit: Audit) -> list[Block]:
    rates = ("value", "low", "high", "error")
    calibration = audit.calibration.rename(columns={"value": "outcome rate"})
    abroca = audit.abroca
    if not abroca.empty:
        few = abroca["denominator"] < SMALLEST
        abroca = abroca.assign(state=few.map({True: "not estimable", False: ""}))
    parts = (
        (audit.equal_score, "Difference in outcome rate at equal score", rates),
        (calibration, "Outcome rate by score band", ("outcome rate", "low", "high")),
        (audit.calibration_tests, "Is the score calibrated within each group?", ()),
        (abroca, "Area between ROC curves", ()),
    )
    return [
        readable(frame, caption, shares=shares)
        for frame, caption, shares in parts
        if not frame.empty
    ]


def _of_attribute(audit: Audit, attribute: str) -> list[Block]:
    blocks: list[Block] = []
    frame, small = _drawable(audit.calibration, attribute)
    if not frame.empty:
        blocks.append(
            drawing.as_block(
                drawing.calibration_chart(frame, attribute),
                f"Outcome rate by score, by {attribute}"
                + (f" (in the table only: {listed(small)})" if small else ""),
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
    sentences = list(equal_score_sentences(audit))
    return "; ".join(sentences) + "." if sentences else "Outcome rates by score, for each group."


def _drawable(frame: pd.DataFrame, attribute: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the groups with enough rows for a line, and the names of the others."""
    rows = frame[frame["attribute"] == attribute]
    sizes = rows.groupby("group", sort=False)["n"].mean()
    small = tuple(str(group) for group in sizes.index[sizes < SMALLEST])
    if len(small) == len(sizes):
        return rows, ()
    return rows[~rows["group"].isin(small)], small
