"""What a page is made of: frozen values that know nothing of how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd


@dataclass(frozen=True)
class Text:
    """A paragraph, or a list of short ones.

    Parameters
    ----------
    text : str
        Plain text; nothing in it is read as markup.
    items : tuple of str
        Points of a list under the paragraph.
    tone : {"plain", "warning", "note"}
        How it is set off.

    Examples
    --------
    >>> Text("Counts by group.").tone
    'plain'
    """

    text: str
    items: tuple[str, ...] = ()
    tone: Literal["plain", "warning", "note"] = "plain"


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    frame : DataFrame
        The cells. Numbers are set by `formats`; NaN is shown as "–".
    caption : str
        What the table shows.
    notes : tuple of str
        Footnotes.
    formats : mapping of str to str
        Format specification for columns of numbers, such as ".1%" or ",d" (default ".4g"); "p"
        writes p-values, "value" numbers of any size.
    fold : int
        Rows that are shown before the rest is folded away.

    Examples
    --------
    >>> Table(pd.DataFrame({"group": ["a"], "n": [3]}), "Rows by group").fold
    20
    """

    frame: pd.DataFrame
    caption: str
    notes: tuple[str, ...] = ()
    formats: Mapping[str, str] = field(default_factory=dict)
    fold: int = 20


@dataclass(frozen=True)
class Chart:
    """A chart.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite specification with its data inside it (``altair_chart.to_dict()``).
    caption : str
        What the chart shows, with its main point.
    alt : str
        The same for those who cannot see it.

    Examples
    --------
    >>> Chart({"mark": "bar"}, "Rates by group", "Bars: a 0.2, b 0.3").alt
    'Bars: a 0.2, b 0.3'
    """

    spec: Mapping[str, Any]
    caption: str
    alt: str


@dataclass(frozen=True)
class Option:
    """One of the alternatives of a `Choice`.

    Parameters
    ----------
    name : str
        What the reader picks it by, such as "Row 17" or "threshold 0.35".
    blocks : tuple of Text, Table, Chart or Choice
        What is shown when it is picked.

    Examples
    --------
    >>> Option("Row 17", (Text("Refused."),)).name
    'Row 17'
    """

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Choice:
    """Alternatives of which the reader picks one; without scripts, all are shown.

    Parameters
    ----------
    label : str
        What is picked, such as "Row" or "Decision threshold".
    options : tuple of Option
        The alternatives; at least one.
    kind : {"list", "slider"}
        A list of names to pick from, or a slider over names that have an order.
    start : int
        Position of the option that is shown first; paper shows the one that is picked.

    Examples
    --------
    >>> low, high = Option("0.3", (Text("40 of 100."),)), Option("0.7", (Text("9 of 100."),))
    >>> Choice("Threshold", (low, high), kind="slider", start=1).options[1].name
    '0.7'
    """

    label: str
    options: tuple[Option, ...]
    kind: Literal["list", "slider"] = "list"
    start: int = 0


Block = Text | Table | Chart | Choice


@dataclass(frozen=True)
class Section:
    """A part of a page: its conclusion first, then what it stands on.

    Parameters
    ----------
    title : str
        Heading.
    conclusion : str
        The answer in one sentence.
    blocks : tuple of Text, Table, Chart or Choice
        What the reader looks at.
    method : str
        How it was computed: formula, rows used, source; folded away. Paragraphs are separated by
        an empty line.

    Examples
    --------
    >>> Section("Groups", "Two groups differ.").blocks
    ()
    """

    title: str
    conclusion: str
    blocks: tuple[Block, ...] = ()
    method: str = ""


@dataclass(frozen=True)
class Answer:
    """A sentence of the first screen that opens a part of the page.

    Parameters
    ----------
    text : str
        The answer.
    section : str
        Title of the section that it opens; empty: none.

    Examples
    --------
    >>> Answer("Two groups differ.", "Groups").section
    'Groups'
    """

    text: str
    section: str = ""


@dataclass(frozen=True)
class Page:
    """A whole page.

    Parameters
    ----------
    title : str
        What was asked.
    lead : tuple of str or Answer
        The answers, each a sentence; shown on the first screen. A bare sentence that equals a
        section's conclusion opens that section.
    sections : tuple of Section
        The parts, in the order of a reader's questions.
    blocks : tuple of Text, Table, Chart or Choice
        What stands under the answers, before the first part: a picture, a short table.

    Examples
    --------
    >>> Page("Who is approved?", ("Two groups differ.",)).sections
    ()
    """

    title: str
    lead: tuple[str | Answer, ...]
    sections: tuple[Section, ...] = ()
    blocks: tuple[Block, ...] = ()
