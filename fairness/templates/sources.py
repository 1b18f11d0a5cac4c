"""Where rates come from: a count table, or a frame of counts that somebody else made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table.values import MISSING, TIMES, Attribute, Counts, GroupCounts
from fairness.templates.rates import Rates, scoring_rates, selection_rates
from fairness.templates.unknown import is_unknown
from fairness.templates.values import Rate

CHOSEN: dict[Rate, str] = {"selection_rate": "selected", "scoring_rate": "above_median"}
"""Columns of a frame of counts that say how many were chosen."""


class Grouped(Protocol):
    """What is asked of a count table."""

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """All attributes, control features among them."""

    def groups(self, names: Sequence[str]) -> GroupCounts:
        """Return the counts of the groups of one attribute, or of several crossed."""


class Source(Protocol):
    """What templates need of either."""

    @property
    def names(self) -> tuple[str, ...]:
        """The sensitive attributes."""

    def rates(self, names: tuple[str, ...], rate: Rate, words: tuple[str, ...]) -> Rates | str:
        """Return rates by group, or why there are none."""


class TableSource:
    """Rates from a count table.

    Parameters
    ----------
    table : CountTable
        The table.
    """

    def __init__(self, table: Grouped):
        self.table = table
        self.names = tuple(each.name for each in table.attributes if not each.control)

    def rates(self, names: tuple[str, ...], rate: Rate, words: tuple[str, ...]) -> Rates | str:
        """Return rates by group, or why there are none."""
        counts = self.table.groups(list(names))
        found = selection_rates if rate == "selection_rate" else scoring_rates
        return found(counts, tuple(self.table.attributes), words)


class CountsSource:
    """Rates from a frame with a column for each attribute, "n", and how many were chosen.

    Parameters
    ----------
    frame : DataFrame
        One row a group (or a combination of groups), with the column "n" and at least one of
        "selected" and "above_median"; every other column is an attribute.

    Raises
    ------
    ArgumentTypeError
        It is no DataFrame.
    ArgumentError
        A column is missing, or counts are not whole numbers with ``0 <= chosen <= n``.
    """

    def __init__(self, frame: pd.DataFrame):
        if not isinstance(frame, pd.DataFrame):
            raise ArgumentTypeError(
                "counts are given as a DataFrame", got=f"got {type(frame).__name__}"
            )
        columns = [str(name) for name in frame.columns]
        self.frame = frame.set_axis(columns, axis=1)
        given = [name for name in CHOSEN.values() if name in columns]
        self.names = tuple(name for name in columns if name not in ("n", *CHOSEN.values()))
        if "n" not in columns or not given or not self.names or len(set(columns)) < len(columns):
            raise ArgumentError(
                'counts need the columns "n", "selected" or "above_median", and attributes',
                got=f"got {', '.join(columns) or 'no column'}",
                hint='a frame such as {"sex": ["f", "m"], "n": [50, 60], "selected": [10, 15]}',
            )
        self.counts = {key: self._whole(key) for key in ("n", *given)}
        for name in given:
            if (self.counts[name] > self.counts["n"]).any():
                row = int(np.flatnonzero(self.counts[name] > self.counts["n"])[0])
                raise ArgumentError(
                    f'more are counted in "{name}" than in "n"',
                    got=f"row {row}: {self.counts[name][row]} of {self.counts['n'][row]}",
                    hint='"n" counts all people of the group',
                )

    def rates(self, names: tuple[str, ...], rate: Rate, words: tuple[str, ...]) -> Rates | str:
        """Return rates by group, or why there are none."""
        if CHOSEN[rate] not in self.counts:
            return f'the counts have no column "{CHOSEN[rate]}"'
        labels = self.frame[list(names)].astype(object)
        parts = labels.where(labels.notna(), MISSING).astype(str).to_numpy()
        joined = pd.Series([TIMES.join(row) for row in parts], dtype=object)
        codes, groups = pd.factorize(joined)
        n, chosen = (_summed(self.counts[key], codes) for key in ("n", CHOSEN[rate]))
        firsts = parts[~joined.duplicated().to_numpy()]
        unknown = [any(is_unknown(part, words) for part in row) for row in firsts]
        there = n > 0
        return Rates(
            groups=tuple(str(group) for group in groups[there]),
            n=n[there],
            chosen=chosen[there],
            weight=n[there].astype(np.float64),
            weight_chosen=chosen[there].astype(np.float64),
            effective=n[there].astype(np.float64),
            unknown=np.array(unknown, dtype=bool)[there],
            weighted=False,
            meaning=f'the column "{CHOSEN[rate]}"',
        )

    def _whole(self, key: str) -> Counts:
        """Return a column of counts."""
        column = self.frame[key]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        good = np.isfinite(values) & (values >= 0) & (values == np.floor(values))
        if not (good & (values < 2**53)).all():
            row = int(np.flatnonzero(~(good & (values < 2**53)))[0])
            raise ArgumentError(
                f'the column "{key}" has to hold counts',
                got=f"row {row}: {column.iloc[row]!r}",
                hint="whole numbers that are 0 or more",
            )
        return values.astype(np.int64)


def _summed(values: Counts, codes: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Counts:
    """Add up counts by group, in whole numbers."""
    total = np.zeros(int(codes.max()) + 1 if len(codes) else 0, np.int64)
    np.add.at(total, codes, values)
    return total
