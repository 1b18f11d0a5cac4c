"""The page as a whole: title, answers, parts."""

from __future__ import annotations

from candor.report import Page, Section
from fairness.result import Audit
from fairness.showing.limits import WHAT_IT_DOES_NOT_ESTABLISH
from fairness.showing.sections.causes import causes_section
from fairness.showing.sections.comparing import disparities_section
from fairness.showing.sections.data import data_section
from fairness.showing.sections.groups import crossed_section, groups_section
from fairness.showing.sections.scores import scores_section
from fairness.showing.sections.templates import templates_section
from fairness.showing.verdicts import Comparison, comparisons, notion_names, sentence
from fairness.showing.words import label, listed, plural


def page(audit: Audit) -> Page:
    """Return the audit as a page."""
    title = f"For whom? Audit of {audit.target}, {audit.table.n:,} rows"
    return Page(title, lead(audit), sections(audit))


def lead(audit: Audit) -> tuple[str, ...]:
    """Return the answers: the worst verdict of each attribute, what is open, what is unsaid."""
    answers = [f"Rows used: {audit.rows_used}."]
    for attribute in audit.table.sensitive:
        found = [
            one
            for one in comparisons(audit, attribute=attribute, metrics=notion_names(audit))
            if one.group
        ]
        beyond = [one for one in found if one.verdict == "beyond"]
        if beyond:
            worst = max(beyond, key=lambda one: abs(one.value) / max(one.tolerance, 1e-9))
            answers.append(f"{attribute}: {sentence(worst)}")
        elif found:
            answers.append(f"{attribute}: {_nothing_beyond(found)}")
    return (*answers, *WHAT_IT_DOES_NOT_ESTABLISH)


def _nothing_beyond(found: list[Comparison]) -> str:
    """Say how the notions of an attribute stand, where none is beyond the tolerance."""
    unsettled = [label(one.metric).lower() for one in found if one.verdict == "not enough data"]
    settled = [label(one.metric).lower() for one in found if one.verdict == "within"]
    parts = []
    if settled:
        parts.append(f"equivalent within the tolerance in {listed(settled, 5)}")
    if unsettled:
        parts.append(f"not enough data to tell for {listed(unsettled, 5)}")
    return "; ".join(parts) + "."


def sections(audit: Audit) -> tuple[Section, ...]:
    """Return the parts that have something to say."""
    parts = (
        data_section(audit),
        disparities_section(audit),
        groups_section(audit),
        crossed_section(audit),
        scores_section(audit),
        causes_section(audit),
        templates_section(audit),
        _reproduce(audit),
    )
    return tuple(part for part in parts if part is not None)


def _reproduce(audit: Audit) -> Section:
    from candor.report import Text
    from candor.version import __version__

    settings = audit.settings
    lines = (
        f"Candor {__version__}, seed {settings.seed}, confidence {100 * settings.confidence:g} %",
        f"Tolerance {settings.tolerance:g} for differences, 0.8 for ratios"
        + (f"; by name: {dict(settings.tolerances)}" if settings.tolerances else ""),
        f"{plural(len(audit.table.counts), 'cell')} hold all {audit.table.n:,} rows",
    )
    return Section(
        "How to reproduce it",
        "Every number but those that need rows follows from the table of counts in the JSON.",
        (
            Text(
                "audit.to_json() writes the counts; fairness.Audit.from_json(text) computes every "
                "number again and refuses counts that do not add up.",
                lines,
            ),
        ),
    )
