"""The data before any model: who is in them, base rates, what is missing, proxies."""

from __future__ import annotations

from candor.report import Block, Section, Table, Text
from fairness.result import Audit
from fairness.showing.limits import base_rate_sentence
from fairness.showing.words import plural, with_interval
from fairness.table import ALL

_METHOD = (
    "Base rates have Wilson intervals. Missing shares are compared between groups by a chi-square "
    "test, exact where expected counts are small, with Benjamini-Hochberg correction.\n\n"
    "How well an attribute can be told from the other columns is the ROC AUC of a cross-fitted "
    "LightGBM classifier: 0.5 is not at all, 1 is perfectly. A column is a proxy when it alone "
    "tells the groups apart better than chance."
)


def data_section(audit: Audit) -> Section:
    """Return the part on the data."""
    return Section(
        "The data",
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
    blocks: list[Block] = []
    single = audit.representation
    if not single.empty:
        single = single[single["attribute"].isin(audit.table.sensitive)]
        formats = {"n": ",d", "share": ".1%", "base_rate": ".1%", "low": ".1%", "high": ".1%"}
        if audit.table.task == "regression":
            formats = {"n": ",d", "share": ".1%"}
        blocks.append(Table(single, "Rows and base rate of each group", formats=formats))
    found = audit.row_findings
    if not found.missingness.empty:
        blocks.append(
            Table(
                found.missingness,
                "Missing values by group",
                formats={"share": ".1%", "low": ".1%", "high": ".1%", "n": ",d"},
            )
        )
    blocks += _proxies(audit)
    if not audit.missing_bounds.empty:
        blocks.append(
            Table(
                audit.missing_bounds,
                "What the rows with a missing attribute could change",
                ("Bounds over every way to assign those rows to the groups.",),
            )
        )
    blocks += [Text(note, tone="note") for note in audit.notes]
    return blocks


def _proxies(audit: Audit) -> list[Block]:
    proxies = audit.row_findings.proxies
    if proxies is None:
        return []
    sentences = tuple(
        f"{row['attribute']}: ROC AUC {with_interval(row['auc'], row['low'], row['high'])}"
        for row in proxies.attributes.to_dict("records")
        if row["group"] == ALL
    )
    return [
        Text("How well each attribute can be told from the other columns:", sentences),
        Table(
            proxies.columns,
            "Columns that tell the groups apart, one by one",
            formats={
                **dict.fromkeys(("auc", "low", "high", "importance"), ".3f"),
                **dict.fromkeys(("p_value", "p_adjusted"), ".2g"),
            },
        ),
    ]
