"""From counts to an audit: every frame is computed once, here."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from fairness.frames import findings
from fairness.frames.disparities import disparity_frame
from fairness.frames.groups import overall_frame
from fairness.result import Audit
from fairness.row_findings import RowFindings
from fairness.rows import curve_frame, trend
from fairness.settings import Settings
from fairness.table import MISSING, CountTable
from fairness.templates import apply_template


def assemble(
    table: CountTable,
    settings: Settings,
    found: RowFindings,
    *,
    target: str = "outcome",
    rows_used: str | None = None,
) -> Audit:
    """Compute an audit.

    Parameters
    ----------
    table : CountTable
        The counts.
    settings : Settings
        What was asked for.
    found : RowFindings
        What needed the rows.
    target : str
        What is predicted.
    rows_used : str, optional
        Which rows these are, in words. Default: all that were given.

    Returns
    -------
    Audit
        A pure function of the arguments.
    """
    overall = table.groups(())
    sets = findings.estimate_sets(table)
    disparities = disparity_frame(sets, overall, settings)
    reports = tuple(
        apply_template(one, table, contains=_parts(table, found), confidence=settings.confidence)
        for one in settings.templates
    )
    return Audit(
        table=table,
        settings=settings,
        target=target,
        rows_used=rows_used or f"{table.n:,} row{'' if table.n == 1 else 's'} as given",
        overall=overall_frame(table, settings),
        by_group=findings.group_rows(sets, overall, settings),
        disparities=disparities,
        representation=findings.represented(sets, settings),
        calibration=findings.calibration(sets, settings),
        calibration_tests=findings.calibration_tests(sets),
        equal_score=findings.equal_score(sets, settings),
        sweep=findings.sweep(sets, settings),
        abroca=findings.abroca(sets, settings),
        inequality=findings.inequality(sets, settings),
        conditional=findings.conditioned(table, settings),
        missing_bounds=findings.bounds(table),
        tipping=findings.tipping(sets, disparities),
        impossibility=findings.conflict(sets),
        curves=_along(
            found, lambda one: curve_frame(one, settings.confidence, settings.tolerance)
        ),
        trends=_along(found, lambda one: trend(one, settings.confidence)),
        templates=reports,
        row_findings=found,
        notes=_notes(table),
    )


def _along(found: RowFindings, compute: Callable[[CountTable], pd.DataFrame]) -> pd.DataFrame:
    """Compute a frame for each continuous attribute."""
    frames = [compute(table) for table in found.curves.values()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _parts(table: CountTable, found: RowFindings) -> frozenset[str]:
    """Name the parts of this audit that a template may point to as evidence."""
    parts = {"data.representation", "data.base_rates", "settings"}
    overall = table.groups(())
    if overall.has_predictions or table.task == "regression":
        parts |= {"by_group", "disparities"}
    if len(table.sensitive) > 1:
        parts.add("intersections")
    if overall.histogram is not None:
        parts.add("calibration")
    if table.task == "binary" and overall.has_predictions:
        parts.add("sensitivity")
    if found.proxies is not None:
        parts |= {"proxies", "missingness"}
    return frozenset(parts)


def _notes(table: CountTable) -> tuple[str, ...]:
    """Say what a reader has to know about the data as given."""
    notes = []
    for attribute in table.attributes:
        if attribute.edges:
            cuts = len(attribute.edges) + 1
            notes.append(
                f"{attribute.name} is a number: it is cut into {cuts} groups at its quantiles, "
                "and verdicts depend on the cuts; the curve along it does not"
            )
        if MISSING in attribute.groups:
            counts = table.groups((attribute.name,))
            n = int(counts.n[counts.groups.index(MISSING)])
            notes.append(
                f"{attribute.name} is missing in {n:,} of {table.n:,} rows: they are a group of "
                "their own"
            )
    overall = table.groups(())
    if overall.histogram is not None and not overall.probability:
        notes.append(
            "the scores are no probabilities: they count as an ordered score, so that there is no "
            "log loss, Brier score or calibration error"
        )
    if table.task == "binary" and overall.histogram is not None and not overall.has_predictions:
        notes.append(
            "no predictions and no threshold were given: decisions are not audited, only the score"
        )
    return tuple(notes)
