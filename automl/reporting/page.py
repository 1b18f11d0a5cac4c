"""The whole page: the parts in the order of a reader's questions."""

from __future__ import annotations

from dataclasses import replace

from automl.reporting.facts import Facts
from automl.reporting.sections import (
    answers,
    data,
    limits,
    performance,
    reproduce,
    search,
    tradeoffs,
    whom,
    why,
)
from candor.report import Page, Text


def page(facts: Facts) -> Page:
    """Return everything that is known of a search as a page."""
    sections = (
        data.section(facts),
        search.section(facts),
        performance.section(facts),
        why.section(facts),
        *whom.sections(facts),
        tradeoffs.section(facts),
        reproduce.section(facts),
        limits.section(facts),
    )
    glance = answers.section(facts)
    there = {one.title for one in sections}
    lead = tuple(
        one if one.section in there else replace(one, section="") for one in answers.answers(facts)
    )
    return Page(
        answers.title(facts),
        lead,
        sections,
        (Text(glance.conclusion), *glance.blocks),
    )
