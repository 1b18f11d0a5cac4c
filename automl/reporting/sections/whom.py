"""For whom it fails: groups with intervals and verdicts, gaps by column, slices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.reporting.facts import Facts
from automl.reporting.losses import NAMES
from automl.reporting.sections import answers, groups, titles
from automl.reporting.sections.aggregated import (
    aggregated_audit,
    aggregated_gaps,
    hidden_groups,
)
from automl.reporting.sections.templates import template_blocks
from automl.reporting.words import FEWEST, sentence
from candor.report import Block, Chart, Section, Table, Text
from explain.showing.words import listed, plural, records, short

if TYPE_CHECKING:
    from explain import Disparity, Slices
    from fairness import Audit

RATES, SCORES, CROSSED, IN_DATA, CAUSES, SLICES = (
    "Rates by group",
    "Scores by group",
    "Crossed groups",
    "Groups in the data",
    "Where gaps could come from",
    "Where it errs most",
)

SHOWN = 500
"""Rows of a table at most."""

HEADS = {
    "n": "rows",
    "n_tested": "rows tested on",
    "loss": "mean loss",
    "rest": "elsewhere",
    "low": "from",
    "high": "to",
    "loss_share": "share of all loss",
    "p": "adjusted p",
}
"""Heads of the table of slices."""

NAMED = ("column", "attribute", "group", "against")
"""Columns of tables that hold names from the data."""

MOST_GAPS = 6
"""Gaps that are drawn."""

UNNAMED = (
    'Name columns such as sex, age or origin with sensitive=["sex"] in automl.search, or with '
    "--sensitive sex on the command line: a part of the rows is then sealed before the search, "
    "and the audit stands on them. A finished search is audited with "
    'result.audit(sensitive="sex"), on rows that its folder keeps.'
)
CHOSE = (
    "These rows also chose the ensemble: no model behind a prediction was fitted on its row, but "
    "the audit is a little too kind. A search with sensitive columns seals rows for it."
)


def sections(facts: Facts) -> tuple[Section, ...]:
    """Return the audit's parts, the verdicts first, then the parts of the rows with high loss."""
    parts = [_without_audit(facts)] if facts.audit is None else _audited(facts, facts.audit)
    if facts.slices is not None:
        parts.append(_slices(facts, facts.slices))
    return tuple(parts)


def _without_audit(facts: Facts) -> Section:
    """Say that nobody was named, or why there is no audit."""
    if not facts.sensitive:
        said = "No sensitive column was named, so this page does not tell for whom it fails."
        return Section(titles.WHOM, said, (Text(UNNAMED, tone="note"),))
    said = f"The audit by {listed(facts.sensitive)} could not be computed."
    return Section(titles.WHOM, said, (Text("Why:", facts.notes, "note"),))


def _audited(facts: Facts, audit: Audit) -> list[Section]:
    """Return the parts of an audit under titles that fit a larger page."""
    from fairness.showing.sections.causes import causes_section
    from fairness.showing.sections.comparing import disparities_section
    from fairness.showing.sections.data import data_section
    from fairness.showing.sections.groups import crossed_section, groups_section
    from fairness.showing.sections.scores import scores_section

    shown = audit if facts.personal else aggregated_audit(audit)
    compared = disparities_section(shown)
    blocks: list[Block] = [_rows_used(audit), *_hidden(facts, audit)]
    if compared is not None:
        blocks += [Text(compared.conclusion), *_folded(shown, compared.blocks)]
    gaps = facts.gaps
    if gaps is not None and not facts.personal:
        gaps = aggregated_gaps(gaps)
    blocks += _gaps(gaps)
    blocks += template_blocks(audit, personal=facts.personal)
    methods = [compared.method if compared is not None else "", _gaps_method(facts.gaps)]
    first = Section(
        titles.WHOM,
        answers.whom(facts),
        tuple(blocks),
        "\n\n".join(filter(None, methods)),
    )
    positive = answers.positive_label(facts)
    rest = (
        (RATES, groups_section(shown), groups.rates(shown, crossed=False, positive=positive)),
        (SCORES, scores_section(shown), ""),
        (CROSSED, crossed_section(shown), groups.rates(shown, crossed=True, positive=positive)),
        (IN_DATA, data_section(shown), groups.sizes(shown)),
        (CAUSES, causes_section(shown), ""),
    )
    parts = [
        replace(part, title=title, conclusion=said or part.conclusion)
        for title, part, said in rest
        if part is not None
    ]
    return [_fitted(part, audit.rows_used) for part in (first, *parts)]


def _folded(audit: Audit, blocks: tuple[Block, ...]) -> list[Block]:
    """Fold the comparisons away that come to nothing yet; those with a verdict stay in words."""
    from fairness.showing.verdicts import comparisons, notion_names
    from fairness.showing.verdicts import sentence as spoken
    from fairness.showing.words import label

    settled: list[str] = []
    unsettled: list[str] = []
    for one in comparisons(audit, metrics=notion_names(audit)):
        if one.declared and one.group:
            told = f"{one.attribute}, {label(one.metric).lower()}: {spoken(one)}"
            (unsettled if one.verdict == "not enough data" else settled).append(told)
    words: list[Block] = [Text("In words:", tuple(settled))] if settled else []
    if unsettled:
        caption = f"{plural(len(unsettled), 'declared difference')} without enough data to tell"
        words.append(Table(pd.DataFrame({"in words": unsettled}), caption, fold=1))
    shown: list[Block] = []
    for block in blocks:
        shown += words if isinstance(block, Text) else [block]
    return shown


def _fitted(part: Section, rows_used: str) -> Section:
    """Return a part whose tables name groups by what fits into them, and their rows."""

    def fitted(block: Block) -> Block:
        if not isinstance(block, Table):
            return block
        named = [name for name in block.frame.columns if name in NAMED]
        texts = {name: block.frame[name].map(short, na_action="ignore") for name in named}
        notes = (*block.notes, rows_used)
        return replace(block, frame=block.frame.assign(**texts), notes=notes)

    return replace(part, blocks=tuple(map(fitted, part.blocks)))


def _rows_used(audit: Audit) -> Block:
    """Say which rows were audited, and what they had been used for before."""
    items = () if "sealed" in audit.rows_used else (CHOSE,)
    return Text(sentence(f"Rows audited: {audit.rows_used}"), items, "note")


def _hidden(facts: Facts, audit: Audit) -> list[Block]:
    if facts.personal:
        return []
    n = hidden_groups(audit)
    groups = f", {plural(n, 'group')} among them" if n else ""
    return [
        Text(
            f"This page was written without people's rows: counts and cells under {FEWEST} are "
            f"left out{groups}, and so is what depends on single rows.",
            tone="note",
        )
    ]


def _gaps(gaps: Disparity | None) -> list[Block]:
    """Show which columns make the gaps in mean prediction."""
    if gaps is None or gaps.gaps.empty:
        return []
    charts = [one for one in gaps.page().sections[0].blocks if isinstance(one, Chart)]
    told = gaps.gaps[gaps.gaps["state"] == "estimable"].head(MOST_GAPS)
    pairs = zip(charts[:MOST_GAPS], records(told), strict=True)
    drawn = [replace(chart, caption=_way(pair)) for chart, pair in pairs]
    return [
        Text("Which columns the gaps in mean prediction go along with:", tuple(gaps.lines())),
        *drawn,
        _parts(gaps),
    ]


def _way(pair: Any) -> str:
    """Say between whom a gap is drawn; what it comes to stands in the list above."""
    of = f" for {short(pair.output, 24)}" if pair.output else ""
    return (
        f"{short(pair.attribute)}: from the mean prediction{of} of {short(pair.reference, 40)} to "
        f"that of {short(pair.group, 40)}, column by column"
    )


def _parts(gaps: Disparity) -> Table:
    """Return every column's part of every gap, the largest of each gap first."""
    names = ("attribute", "group", "reference", "output", "column")
    frame = gaps.table[gaps.table["state"] == "estimable"]
    order = frame["value"].abs().sort_values(ascending=False).index
    frame = frame.loc[order].sort_values(["attribute", "group"], kind="stable").head(SHOWN)
    frame = frame.assign(**{name: frame[name].map(short) for name in names})
    heads = {"reference": "against", "value": "part of the gap", "low": "from", "high": "to"}
    return Table(
        frame.drop(columns="state").rename(columns=heads),
        "Parts of the gaps",
        formats={"share": ".1%"},
        fold=10,
    )


def _gaps_method(gaps: Disparity | None) -> str:
    return "" if gaps is None else gaps.page().sections[0].method


def _slices(facts: Facts, slices: Slices) -> Section:
    """Return the parts of the rows where the loss is high."""
    part = slices.page().sections[0]
    used = "" if facts.performance is None else facts.performance.predictions.rows_used
    lead = Text(
        sentence(f"Each row's {NAMES[facts.task]}, on {used}") if used else "",
        ("Parts are found on one half of these rows and tested on the other.",),
        "note",
    )
    blocks = tuple(_with_heads(one) for one in part.blocks)
    return Section(SLICES, sentence(part.conclusion), (lead, *blocks), part.method)


def _with_heads(block: Block) -> Block:
    """Return a table of slices with heads in words."""
    if not isinstance(block, Table):
        return block
    names = [str(name) for name in block.frame.columns]
    heads = {name: HEADS.get(name, name.replace("_", " ")) for name in names}
    formats = {heads[name]: form for name, form in block.formats.items() if name in heads}
    return replace(block, frame=block.frame.rename(columns=heads), formats=formats)
