"""Frozen values of the templates: what a file asks for, and what an audit answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import pandas as pd

from candor.report.values import Table

Rate = Literal["selection_rate", "scoring_rate"]
Test = Literal["fisher", "z"]


@dataclass(frozen=True)
class AttributeKind:
    """One kind of attribute that a template asks for.

    Parameters
    ----------
    name : str
        Such as "race/ethnicity".
    columns : tuple of str
        Names that such a column bears; compared by their letters and digits alone, in any case.
    """

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RatioTable:
    """One table of rates with their ratios to the highest.

    Parameters
    ----------
    attributes : tuple of str
        Kinds of attributes; several are crossed.
    rate : {"selection_rate", "scoring_rate"}
        Share of rows that are selected, or whose score is above the median.
    baseline : {"highest"}
        Whose rate the others are divided by.
    caption : str
        What the table shows.
    flag_below : Fraction or None
        Ratios below it are flagged; one that is exactly it is not. None: nothing is flagged.
    flag_name : str
        What that threshold is called in words.
    minimum_share : Fraction
        Groups with a smaller share of the rows have no ratio, and are listed.
    significance : {"fisher", "z"} or None
        Test beside each ratio; None: no test, and no interval.
    alpha : float
        Level of that test.
    show_unknown : bool
        Whether rows whose group is unknown are listed.
    round_rate, round_ratio : int or None
        Decimals in the table; None: all.
    notes : tuple of str
        Footnotes.
    """

    attributes: tuple[str, ...]
    rate: Rate
    baseline: Literal["highest"]
    caption: str
    flag_below: Fraction | None = None
    flag_name: str = ""
    minimum_share: Fraction = Fraction(0)
    significance: Test | None = None
    alpha: float = 0.05
    show_unknown: bool = True
    round_rate: int | None = None
    round_ratio: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvidenceItem:
    """One thing that a regulation wants to see.

    Parameters
    ----------
    article : str
        Where it is asked for.
    requirement : str
        What is asked for, in our words.
    where : str
        Part of the audit that speaks to it, or "not covered".
    """

    article: str
    requirement: str
    where: str


@dataclass(frozen=True)
class Template:
    """What one regulation or guideline asks of an audit, as read from a file.

    Parameters
    ----------
    name : str
        Its short name.
    title, source, status : str
        Its full name, where its text is, and how far our reading of it can be trusted.
    tables : tuple of RatioTable
        Tables that it asks for.
    evidence : tuple of EvidenceItem
        Evidence that it asks for.
    attributes : tuple of AttributeKind
        Kinds of attributes that it asks for.
    unknown : tuple of str
        Names of groups that mean that nothing is known, besides missing values.
    blanks : tuple of str
        What has to be filled in by hand.
    limits : tuple of str
        What an audit after this template does not establish.
    text : str
        The file itself, so that a report can carry it.

    Examples
    --------
    >>> from fairness.templates import load_template
    >>> load_template("eeoc_four_fifths").tables[0].flag_below
    Fraction(4, 5)
    """

    name: str
    title: str
    source: str
    status: str
    tables: tuple[RatioTable, ...]
    evidence: tuple[EvidenceItem, ...]
    attributes: tuple[AttributeKind, ...]
    unknown: tuple[str, ...]
    blanks: tuple[str, ...]
    limits: tuple[str, ...]
    text: str = field(repr=False)


@dataclass(frozen=True)
class TemplateReport:
    """What an audit says to a template.

    Parameters
    ----------
    name, title, source, status : str
        Those of the template.
    tables : tuple of candor.report.values.Table
        Each with its frame, caption and notes.
    statements : tuple of str
        The same in words, and what could not be computed.
    evidence : DataFrame
        Columns requirement, article, where, status; without rows where none is asked for.
    limits : tuple of str
        What this does not establish.

    Examples
    --------
    >>> import pandas as pd
    >>> from fairness.templates import apply_to_counts, load_template
    >>> counts = pd.DataFrame({"sex": ["f", "m"], "n": [100, 100], "selected": [40, 50]})
    >>> report = apply_to_counts(load_template("eeoc_four_fifths"), counts)
    >>> report.tables[0].frame[["group", "impact_ratio", "reading"]]
      group  impact_ratio                reading
    0     m           1.0           highest rate
    1     f           0.8  not below four fifths
    """

    name: str
    title: str
    source: str
    status: str
    tables: tuple[Table, ...]
    statements: tuple[str, ...]
    evidence: pd.DataFrame
    limits: tuple[str, ...]
