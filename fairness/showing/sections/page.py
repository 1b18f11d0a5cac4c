"""The page as a whole: title, answers, parts."""

from __future__ import annotations

from candor.report import Answer, Page, Section, Text
from candor.version import __version__
from fairness.result import Audit
from fairness.showing.limits import WHAT_IT_DOES_NOT_ESTABLISH
from fairness.showing.scores import calibrated_but_unequal
from fairness.showing.sections import titles
from fairness.showing.sections.causes import causes_section
from fairness.showing.sections.comparing import declared_section, disparities_section
from fairness.showing.sections.data import data_section
from fairness.showing.sections.groups import crossed_section, groups_section
from fairness.showing.sections.scores import scores_section
from fairness.showing.sections.templates import templates_section
from fairness.showing.verdicts import (
    Comparison,
    comparisons,
    is_rate,
    notion_names,
    sentence,
)
from fairness.showing.words import group_name, label, listed, plural

_MOST_ANSWERS = 4


def page(audit: Audit) -> Page:
    """Return the audit as a page."""
    parts = sections(audit)
    return Page(page_title(audit), lead(audit, frozenset(part.title for part in parts)), parts)


def brief_page(audit: Audit) -> Page:
    """Return what fits beside a cell of a notebook: the answers and the declared comparisons."""
    parts = tuple(part for part in (declared_section(audit),) if part is not None)
    return Page(page_title(audit), lead(audit, frozenset(part.title for part in parts)), parts)


def page_title(audit: Audit) -> str:
    """Return what was asked."""
    return f"For whom does it fail? {audit.target}, {audit.table.n:,} rows"


def lead(audit: Audit, there: frozenset[str]) -> tuple[Answer, ...]:
    """Return the answers: who, how sure, what is open, which rows, and what to be careful with.

    Parameters
    ----------
    audit : Audit
        The audit.
    there : frozenset of str
        Titles of the parts that can be linked to.
    """
    answers = [*_verdicts(audit), *_calibration(audit), *_small(audit)]
    answers.append(Answer(f"Rows used: {audit.rows_used}.", titles.REPRODUCE))
    answers += [Answer(text, titles.CAUSES) for text in WHAT_IT_DOES_NOT_ESTABLISH]
    return tuple(one if one.section in there else Answer(one.text) for one in answers)


def _verdicts(audit: Audit) -> list[Answer]:
    """Say the worst verdict of each attribute, and how the others stand."""
    answers = []
    for attribute in audit.table.sensitive[:_MOST_ANSWERS]:
        every = comparisons(audit, attribute=attribute, metrics=notion_names(audit))
        found = [one for one in every if one.group]
        if found:
            answers.append(Answer(f"{attribute}: {_of_attribute(found)}", titles.DISPARITIES))
    more = len(audit.table.sensitive) - _MOST_ANSWERS
    if more > 0:
        answers.append(Answer(f"{plural(more, 'more attribute')} below.", titles.DISPARITIES))
    return answers


def _of_attribute(found: list[Comparison]) -> str:
    beyond = [one for one in found if one.verdict == "beyond"]
    if not beyond:
        return _standing(found)
    worst = max(beyond, key=lambda one: abs(one.value) / max(one.tolerance, 1e-9))
    others = [one for one in found if one is not worst and one.metric != worst.metric]
    rest = _standing(others)
    return sentence(worst) + (f" Otherwise {rest}" if rest else "")


def _standing(found: list[Comparison]) -> str:
    """Say how notions stand, by verdict."""
    words = {
        "beyond": "beyond the tolerance in",
        "within": "within the tolerance in",
        "not enough data": "not enough data to tell for",
    }
    parts = []
    for verdict, text in words.items():
        names = list(
            dict.fromkeys(label(one.metric).lower() for one in found if one.verdict == verdict)
        )
        if names:
            parts.append(f"{text} {listed(names, 5)}")
    return "; ".join(parts) + "." if parts else ""


def _calibration(audit: Audit) -> list[Answer]:
    """Say where the score means the same for groups whose error rates differ."""
    names = [name for name in audit.table.sensitive if calibrated_but_unequal(audit, name)]
    if not names:
        return []
    return [
        Answer(
            f"{listed(names, 5)}: at equal score the outcomes of the two largest groups agree "
            "within the tolerance, although error rates do not.",
            titles.SCORES,
        )
    ]


def _small(audit: Audit) -> list[Answer]:
    """Name the groups that are too small in something."""
    frame = audit.by_group[audit.by_group["attribute"].isin(audit.table.sensitive)]
    counted = frame["metric"].map(is_rate) | frame["metric"].eq("mean_prediction")
    small = frame[counted & frame["state"].isin(["not estimable", "undefined"])].drop_duplicates(
        ["attribute", "group"]
    )
    if small.empty:
        return []
    named = [
        f"{group_name(row['attribute'], row['group'])} ({plural(int(row['n']), 'row')})"
        for row in small.sort_values("n").to_dict("records")
    ]
    return [
        Answer(
            f"Not estimable in some or all rates, for fewer than 30 rows in a denominator: "
            f"{listed(named, 4)}.",
            titles.GROUPS,
        )
    ]


def sections(audit: Audit) -> tuple[Section, ...]:
    """Return the parts that have something to say: verdicts first, then where they come from."""
    parts = (
        disparities_section(audit),
        templates_section(audit),
        groups_section(audit),
        scores_section(audit),
        crossed_section(audit),
        data_section(audit),
        causes_section(audit),
        _reproduce(audit),
    )
    return tuple(part for part in parts if part is not None)


def _reproduce(audit: Audit) -> Section:
    settings = audit.settings
    named = ", ".join(f"{label(name)} {one:g}" for name, one in settings.tolerances.items())
    references = ", ".join(f"{name}: {one}" for name, one in settings.reference.items())
    lines = (
        f"Candor {__version__}, seed {settings.seed}, confidence {100 * settings.confidence:g} %",
        f"Tolerance {settings.tolerance:g} for differences, 0.8 for ratios"
        + (f"; by name: {named}" if named else ""),
        *([f"Reference groups: {references}"] if references else []),
        f"Rows: {audit.rows_used}",
        f"{plural(len(audit.table.counts), 'cell')} hold all {audit.table.n:,} rows",
    )
    return Section(
        titles.REPRODUCE,
        "Every number but those that need rows follows from the table of counts in the JSON.",
        (
            Text(
                "audit.to_json() and automl audit --out FILE write the counts; "
                "fairness.Audit.from_json(text) computes every number again and refuses counts "
                "that do not add up.",
                lines,
            ),
        ),
    )
