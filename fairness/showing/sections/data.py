"""The data before any model: who is in them, base rates, what is missing, proxies."""

from __future__ import annotations

from candor.report import Block, Section, Text
from fairness.result import Audit
from fairness.showing.asides import proxy_sentences
from fairness.showing.limits import base_rate_sentence
from fairness.showing.sections import titles
from fairness.showing.sections.tables import readable
from fairness.showing.words import plural

_METHOD = (
    "Missing shares are compared between groups by a chi-square "
    "test, exact where expected counts are small, with Benjamini-Hochberg correction.\n\n"
    "How well an attribute can be told from the other columns is the ROC AUC of a cross-fitted "
    "LightGBM classifier: 0.5 is not at all, 1 is perfectly. A column is a proxy when it alone "
    "tells the groups apart better than chance."
)


def data_section(audit: Audit) -> Section:
    """Return the part on the data."""
    return Section(
        titles.DATA,
        _conclusion(audit),
        tuple(_blocks(audit)),
        _METHOD,
    )


def _conclusion(audit: Audit) -> str:
    sentences = list(base_rate_sentence(audit))
    if sentences:
        return "; ".join(sentences) + "."
    groups = int(audit.representation["group"].nunique()) if len(audit.representation) else 0
    return f"{audit.table.n:,} rows in {plural(groups, 'group')}."


def _blocks(audit: Audit) -> list[Block]:
    blocks: list[Block] = [Text(note, tone="note") for note in audit.notes]
    single = audit.representation
    if not single.empty:
        single = single[single["attribute"].isin(audit.table.sensitive)]
        if audit.table.task == "regression":
            single = single.drop(columns=["class", "base_rate", "low", "high"], errors="ignore")
        shares = ("share", "base_rate", "low", "high")
        blocks.append(readable(single, "Rows and base rate of each group", shares=shares))
    found = audit.row_findings
    if not found.missingness.empty:
        uneven = found.missingness.sort_values("p_adjusted", kind="stable")
        caption = "Missing values by group, the most uneven columns first"
        blocks.append(readable(uneven, caption, shares=("share", "low", "high")))
    blocks += _proxies(audit)
    if not audit.missing_bounds.empty:
        blocks.append(
            readable(
                audit.missing_bounds,
                "What the rows with a missing attribute could change",
                shares=("missing_share",),
                heads={"missing": "rows missing", "interval": "bounds"},
                notes=("Bounds over every way to assign those rows to the groups.",),
            )
        )
    return blocks


def _proxies(audit: Audit) -> list[Block]:
    proxies = audit.row_findings.proxies
    if proxies is None:
        return []
    return [
        Text("How well each attribute can be told:", tuple(proxy_sentences(audit))),
        readable(proxies.columns, "Columns that tell the groups apart, one by one"),
    ]
