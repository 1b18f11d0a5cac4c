"""Regulation templates: their tables, statements and evidence."""

from __future__ import annotations

from candor.report import Block, Section, Table, Text
from fairness.result import Audit
from fairness.showing.sections import titles
from fairness.showing.sections.tables import in_words
from fairness.templates import TemplateReport


def templates_section(audit: Audit) -> Section | None:
    """Return the part; None without templates."""
    if not audit.templates:
        return None
    blocks = [block for report in audit.templates for block in _blocks(report)]
    names = ", ".join(report.title for report in audit.templates)
    return Section(titles.TEMPLATES, names, tuple(blocks))


def _blocks(report: TemplateReport) -> list[Block]:
    head = Text(f"{report.title} · {report.source} · {report.status}", report.statements)
    blocks: list[Block] = [head, *(in_words(table) for table in report.tables)]
    if not report.evidence.empty:
        blocks.append(in_words(Table(report.evidence, f"{report.title}: evidence")))
    if report.limits:
        blocks.append(Text("What this does not establish:", report.limits, tone="note"))
    return blocks
