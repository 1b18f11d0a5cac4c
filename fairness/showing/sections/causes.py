"""Where a gap could come from, and how fragile it is."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Section, Text
from fairness import drawing
from fairness.result import Audit
from fairness.showing.asides import within_strata_sentences
from fairness.showing.limits import base_rate_sentence
from fairness.showing.sections import titles
from fairness.showing.sections.tables import readable
from fairness.showing.words import label, with_interval

_METHOD = (
    "Within strata: gaps pooled over the strata of the control features with Mantel-Haenszel "
    "weights; the raw gap splits exactly into a part from different composition and a part "
    "within strata (Kitagawa 1955). A gap that is smaller within strata is not thereby "
    "justified.\n\n"
    "Wrong labels: the share of a group's recorded positives (or negatives) that would have to be "
    "wrong, independently of the prediction given the label, for the gap to vanish.\n\n"
    "Impossibility: with equal predictive values and equal true positive rates, unequal base "
    "rates force the false positive rates shown (Chouldechova 2017).\n\n"
    "Inequality: generalised entropy of the benefit prediction − outcome + 1 (Speicher et al. "
    "2018). Consistency: how far predictions agree with those of the nearest neighbours (Zemel et "
    "al. 2013); its interval is approximate, since neighbours overlap."
)


_UNMOVED = "such errors do not move this metric"


def causes_section(audit: Audit) -> Section | None:
    """Return the part; None where there is nothing to say."""
    blocks = _blocks(audit)
    if not blocks:
        return None
    return Section(
        titles.CAUSES,
        _conclusion(audit),
        tuple(blocks),
        _METHOD,
    )


def _conclusion(audit: Audit) -> str:
    sentences = (*within_strata_sentences(audit), *base_rate_sentence(audit))
    if sentences:
        return "; ".join(sentences) + "."
    return "What composition, wrong labels and base rates could explain, as far as counts tell."


def _blocks(audit: Audit) -> list[Block]:
    blocks: list[Block] = []
    for attribute in dict.fromkeys(audit.curves["attribute"] if len(audit.curves) else ()):
        rows = audit.curves[audit.curves["attribute"] == attribute]
        metric = str(rows["metric"].iloc[0])
        blocks.append(
            drawing.as_block(
                drawing.curve_chart(audit.curves, attribute, metric),
                f"{label(metric)} along {attribute}, without groups",
                drawing.curve_alt(audit.curves, attribute, metric),
            )
        )
    blocks += _tables(audit)
    consistency = audit.row_findings.consistency
    if consistency is not None:
        size = with_interval(consistency.value, consistency.low, consistency.high)
        blocks.append(
            Text(
                f"Consistency with the {consistency.n_neighbors} nearest neighbours: {size} "
                f"(1 is best; {consistency.n:,} rows, interval approximate)."
            )
        )
    return blocks


def _tables(audit: Audit) -> list[Block]:
    """Return what composition, labels and base rates do to the gaps, as tables."""
    tables = (
        (audit.conditional, "Gaps within strata of the control features", ("rows_share",)),
        (_tipped(audit.tipping), "What share of wrong labels would remove the gap", ("share",)),
        (
            audit.impossibility,
            "False positive rates that unequal base rates would force",
            ("base_rate", "fpr", "ppv", "tpr", "implied_fpr"),
        ),
        (
            audit.inequality.replace({"index": {"theil": "Theil", "ge2": "GE(2)"}}),
            "Inequality of benefits, within and between groups",
            (),
        ),
        (audit.trends, "How rates go along with numbers, as one number each", ()),
    )
    return [
        readable(frame, caption, shares=shares)
        for frame, caption, shares in tables
        if not frame.empty
    ]


def _tipped(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the errors that cannot move a metric."""
    return frame if frame.empty else frame[frame["share"].notna() | (frame["note"] != _UNMOVED)]
