"""Applying a template: its tables, the same in words, and where its evidence is found."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from candor.report.values import Table
from fairness.errors import ArgumentError
from fairness.table.values import TIMES
from fairness.templates.frames import to_table
from fairness.templates.matching import Cross, match
from fairness.templates.rates import Rates
from fairness.templates.ratios import compare
from fairness.templates.reading import WHERE
from fairness.templates.sources import CountsSource, Grouped, Source, TableSource
from fairness.templates.values import RatioTable, Template, TemplateReport
from fairness.templates.words import sentences

COUNTED = frozenset({"data.representation", "by_group", "disparities", "settings"})
"""Parts that an audit of any count table has; which others it has depends on the table."""


def apply_template(
    template: Template,
    table: Grouped,
    *,
    contains: Collection[str] | None = None,
    confidence: float = 0.95,
) -> TemplateReport:
    """Answer a template from a count table.

    Parameters
    ----------
    template : Template
        What is asked, from `load_template`.
    table : CountTable
        Counts of the groups. Attributes are found by their names; where none bears a name of a
        kind that is asked for, those that no other kind claims stand in, and a statement says so.
    contains : collection of str, optional
        Parts that the whole audit has, to say where evidence is found: "data.representation",
        "data.base_rates", "missingness", "proxies", "by_group", "intersections", "disparities",
        "calibration", "sensitivity", "settings". Default: those that the table gives by itself.
    confidence : float
        Of the simultaneous intervals beside impact ratios, between 0 and 1 (default 0.95).

    Returns
    -------
    TemplateReport
        Tables, statements, evidence and limits. What cannot be computed is a statement.

    Raises
    ------
    ArgumentError
        `confidence` is not between 0 and 1, or `contains` names a part that there is not.

    Notes
    -----
    The impact ratio is rate(group) / rate(highest). It is flagged below a/b only where
    ``b * chosen(group) * n(highest) < a * chosen(highest) * n(group)`` in whole numbers; weighted
    rates have to be lower by more than 1e-9 of themselves. Intervals are Koopman's (1984), at
    1 - (1 - confidence) / pairs with all pairs of the table counted, since the data choose which
    group is the highest. Weighted rows enter tests and intervals by Kish's effective number.

    Examples
    --------
    >>> from fairness.table import CountTable
    >>> from fairness.templates import load_template
    >>> table = CountTable.from_rows(
    ...     y_true=[1, 0, 1, 0, 1, 0],
    ...     y_pred=[1, 1, 1, 0, 1, 0],
    ...     sensitive={"sex": ["m", "m", "m", "f", "f", "f"]},
    ... )
    >>> report = apply_template(load_template("nyc_local_law_144"), table)
    >>> report.tables[0].frame[["group", "n", "selected", "impact_ratio"]]
      group  n  selected  impact_ratio
    0     m  3         3          1.00
    1     f  3         1          0.33
    """
    parts = _parts(table) if contains is None else frozenset(contains)
    _check(confidence, parts)
    return _answer(template, TableSource(table), parts, confidence)


def apply_to_counts(
    template: Template, counts: pd.DataFrame, *, confidence: float = 0.95
) -> TemplateReport:
    """Answer a template from counts of people, where there are no rows.

    Parameters
    ----------
    template : Template
        What is asked, from `load_template`.
    counts : DataFrame
        One row a group: a column for each attribute (missing: unknown), "n" (people), and
        "selected" (how many of them were selected), "above_median" (how many have a score above
        the median of all people), or both.
    confidence : float
        Of the simultaneous intervals beside impact ratios, between 0 and 1 (default 0.95).

    Returns
    -------
    TemplateReport
        As `apply_template` returns it.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        The frame is not as described, or `confidence` is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from fairness.templates import load_template
    >>> counts = pd.DataFrame({"sex": ["m", "f"], "n": [92, 76], "above_median": [50, 34]})
    >>> report = apply_to_counts(load_template("nyc_local_law_144"), counts)
    >>> report.tables[0].frame[["group", "n", "scoring_rate", "impact_ratio"]]
      group   n  scoring_rate  impact_ratio
    0     m  92         0.543          1.00
    1     f  76         0.447          0.82
    """
    _check(confidence, frozenset())
    return _answer(template, CountsSource(counts), frozenset(), confidence)


def _check(confidence: float, contains: frozenset[str]) -> None:
    """Check what both calls take."""
    if not 0 < confidence < 1:
        raise ArgumentError(
            "confidence has to be between 0 and 1", got=f"got {confidence}", hint="confidence=0.95"
        )
    unknown = sorted(map(str, contains - set(WHERE[:-1])))
    if unknown:
        raise ArgumentError(
            "an audit has no such part",
            got=f"got {', '.join(unknown)}",
            hint=f"some of {', '.join(WHERE[:-1])}",
        )


def _parts(table: Grouped) -> frozenset[str]:
    """Return the parts that an audit of this table has, whatever else it is given."""
    names = [each.name for each in table.attributes if not each.control]
    if not names:
        return frozenset({"settings"})
    counts = table.groups(names[:1])
    found = {
        "data.base_rates": counts.task != "regression",
        "intersections": len(names) > 1,
        "calibration": counts.histogram is not None and counts.probability,
    }
    return COUNTED | {part for part, there in found.items() if there}


def _answer(
    template: Template, source: Source, contains: frozenset[str], confidence: float
) -> TemplateReport:
    """Build every table that can be built, and say in words what they show and what is missing."""
    matched = match(template, source.names)
    tables: list[Table] = []
    statements: list[str] = list(matched.notes)
    meanings: list[str] = []
    seen: set[tuple[object, ...]] = set()
    for asked in template.tables:
        for names in matched.crosses(asked):
            same = (frozenset(names), asked.rate, asked.flag_below, asked.minimum_share)
            if same in seen:  # two kinds that the same attribute stands in for
                continue
            seen.add(same)
            rates = source.rates(names, asked.rate, template.unknown)
            if isinstance(rates, str):
                statements.append(f"{_caption(asked, names)}: left out, as {rates}.")
                continue
            impact = compare(rates, asked, confidence)
            notes = (*asked.notes, *_notes(asked, rates, confidence))
            tables.append(to_table(rates, impact, asked, _caption(asked, names), notes))
            statements += sentences(rates, impact, asked, TIMES.join(names))
            if rates.meaning not in meanings:
                meanings.append(rates.meaning)
    if template.blanks:
        blank = pd.DataFrame({"field": list(template.blanks), "value": ""})
        tables.append(Table(blank, "To be filled in by hand"))
    return TemplateReport(
        name=template.name,
        title=template.title,
        source=template.source,
        status=template.status,
        tables=tuple(tables),
        statements=(*dict.fromkeys(statements), *map(_advantage, meanings)),
        evidence=_evidence(template, contains),
        limits=template.limits,
    )


def _caption(asked: RatioTable, names: Cross) -> str:
    """Return what a table shows, with its attributes."""
    return f"{asked.caption} by {TIMES.join(names)}"


def _advantage(meaning: str) -> str:
    """Say what was counted, and what a ratio supposes about it."""
    return (
        f"Counted: {meaning}. Ratios to the highest rate suppose that this is an advantage; where "
        "it is a disadvantage, the other outcome has to be the positive one."
    )


def _notes(asked: RatioTable, rates: Rates, confidence: float) -> tuple[str, ...]:
    """Return the footnotes that depend on the data."""
    notes = list(rates.notes)
    if asked.significance is not None:
        notes.append(
            f"low and high: score interval of the ratio (Koopman 1984), at {confidence:.0%} for "
            "all pairs of groups at once (Bonferroni); p_adjusted: p_value times the pairs."
        )
    if rates.weighted:
        notes.append(
            "Rates are weighted and are not the quotient of the counts beside them; tests and "
            "intervals use the effective number of rows, and what one person changes is not said."
        )
    if rates.unknown.any():
        unknown = int(rates.n[rates.unknown].sum())
        notes.append(f"People whose category is unknown, and who are in no ratio: {unknown:,}.")
    return tuple(notes)


def _evidence(template: Template, contains: frozenset[str]) -> pd.DataFrame:
    """Return what is asked for with where it is found."""
    rows = [
        {
            "requirement": item.requirement,
            "article": item.article,
            "where": item.where,
            "status": _status(item.where, contains),
        }
        for item in template.evidence
    ]
    return pd.DataFrame(rows, columns=["requirement", "article", "where", "status"], dtype=object)


def _status(where: str, contains: frozenset[str]) -> str:
    """Say whether this audit has a part."""
    if where == "not covered":
        return "not covered"
    return "evidence in this audit" if where in contains else "not in this audit"
