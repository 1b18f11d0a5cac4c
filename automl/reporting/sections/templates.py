"""Regulation templates on the page: those that were asked for, or which there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from automl.reporting.sections.personal import FEW_ROWS, counts_told
from automl.reporting.words import FEWEST
from candor.report import Block, Table, Text

if TYPE_CHECKING:
    from fairness import Audit
    from fairness.templates import TemplateReport

COUNTS = ("selected", "above_median")
"""Columns that count a part of a group."""


def template_blocks(audit: Audit, *, personal: bool) -> list[Block]:
    """Show the templates that were asked for; without any, say which there are."""
    from fairness import template_names
    from fairness.showing.sections.templates import templates_section

    if not audit.templates:
        *names, last = template_names()
        known = f"{', '.join(names)} or {last}" if names else last
        return [
            Text(f"No regulation template was asked for; --template {known} adds one.", (), "note")
        ]
    told = audit.templates if personal else tuple(map(_aggregated, audit.templates))
    part = templates_section(replace(audit, templates=told))
    blocks = [] if part is None else list(part.blocks)
    return blocks if personal else [*blocks, *_left_out(audit.templates)]


def _aggregated(report: TemplateReport) -> TemplateReport:
    """Return a template without tables that tell of few rows, and without a row's score.

    A table is left out whole: its other groups and the sizes of all would tell a single one.
    """
    tables = tuple(_without_scores(one) for one in report.tables if _is_told(one))
    # Statements quote the tables' counts and are not marked by table.
    whole = len(tables) == len(report.tables)
    said = tuple(FEW_ROWS.sub(f"fewer than {FEWEST} rows", one) for one in report.statements)
    return replace(report, tables=tables, statements=said if whole else ())


def _is_told(table: Table) -> bool:
    """Say whether no cell of a table counts too few rows."""
    frame = table.frame
    if "n" not in frame.columns:
        return True
    n = frame["n"].astype(float).fillna(0.0)
    parts = [frame[name].astype(float).fillna(0.0) for name in COUNTS if name in frame.columns]
    cells = [*n, *(cell for part in parts for cell in (*part, *(n - part)))]
    return counts_told(*cells, personal=False)


def _without_scores(table: Table) -> Table:
    """Leave out the notes of a table of scores: the median of all is a row's own."""
    if "above_median" in table.frame.columns:
        return replace(table, notes=())
    return table


def _left_out(reports: tuple[TemplateReport, ...]) -> list[Block]:
    """Say which tables of templates are left out, and why."""
    items = tuple(
        f"{report.title}: {'; '.join(one.caption for one in report.tables if not _is_told(one))}"
        for report in reports
        if not all(map(_is_told, report.tables))
    )
    if not items:
        return []
    return [
        Text(
            f"Left out of the regulation templates, because cells count fewer than {FEWEST} rows, "
            "with the statements that quote them; a page with rows shows them:",
            items,
            "note",
        )
    ]
