"""What may change, and in which way: limits, each of which can be lifted by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from explain.showing.words import plural, short

Kind = Literal[
    "immutable", "increasing", "decreasing", "range", "percentiles", "usual", "combinations",
    "most_changes",
]  # fmt: skip

PERCENTILES = (
    "numbers without a range may only become values from the 1st to the 99th percentile of the "
    "data"
)
USUAL = "no value is taken that is rare: fewer than 1 row in 1,000 has it, or one near to it"
COMBINATIONS = (
    "only combinations of levels that occur in the data are taken, two columns at a time"
)


@dataclass(frozen=True)
class Limit:
    """One limit on what may change.

    Parameters
    ----------
    kind : {"immutable", "increasing", "decreasing", "range", "percentiles", "usual", \
"combinations", "most_changes"}
        The argument that set it. Two hold where no range is given: "percentiles" for numbers and
        times, and "usual" for all columns. "combinations" always holds.
    column : str
        Whose it is; empty where it is of all columns.
    text : str
        The limit in words.

    Examples
    --------
    >>> str(Limit("immutable", "sex", "sex is immutable"))
    'sex is immutable'
    """

    kind: Kind
    column: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Range:
    """Where the numbers or times of a column may go.

    Parameters
    ----------
    low, high : float
        Codes.
    text : str
        The same in words.
    """

    low: float = -float("inf")
    high: float = float("inf")
    text: str = "values within the data's range"


@dataclass(frozen=True)
class Limits:
    """All limits of a question.

    Parameters
    ----------
    immutable, increasing, decreasing : tuple of str
        Columns that stay, or that only rise or fall.
    ranges : mapping of str to Range
        The caller's ranges of numbers and times.
    most_changes : int or None
        How many columns may change.
    percentiles : bool
        Whether numbers without a range stay within the 1st to 99th percentile of the data.
    usual : bool
        Whether columns without a range get no value that is rare in the data.
    combinations : bool
        Whether new levels go only with levels of other columns that the data have them with.
    """

    immutable: tuple[str, ...] = ()
    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    ranges: Mapping[str, Range] | None = None
    most_changes: int | None = None
    percentiles: bool = True
    usual: bool = True
    combinations: bool = True

    @cached_property
    def kept(self) -> frozenset[str]:
        """The columns that stay."""
        return frozenset(self.immutable)

    @cached_property
    def rising(self) -> frozenset[str]:
        """The columns that may only rise."""
        return frozenset(self.increasing)

    @cached_property
    def falling(self) -> frozenset[str]:
        """The columns that may only fall."""
        return frozenset(self.decreasing)

    def listed(self) -> tuple[Limit, ...]:
        """Return every limit."""
        found = [
            Limit("immutable", name, f"{short(name)} is immutable") for name in self.immutable
        ]
        found += [
            Limit("increasing", name, f"{short(name)} may only rise") for name in self.increasing
        ]
        found += [
            Limit("decreasing", name, f"{short(name)} may only fall") for name in self.decreasing
        ]
        found += [
            Limit("range", name, f"{short(name)} may only become {one.text}")
            for name, one in (self.ranges or {}).items()
        ]
        if self.most_changes is not None:
            most = plural(self.most_changes, "column")
            found.append(Limit("most_changes", "", f"at most {most} may change"))
        if self.percentiles:
            found.append(Limit("percentiles", "", PERCENTILES))
        if self.usual:
            found.append(Limit("usual", "", USUAL))
        if self.combinations:
            found.append(Limit("combinations", "", COMBINATIONS))
        return tuple(found)

    def without(self, limit: Limit) -> Limits:
        """Return the limits but for one."""

        def rest(names: tuple[str, ...], kind: Kind) -> tuple[str, ...]:
            return tuple(one for one in names if (kind, one) != (limit.kind, limit.column))

        ranges = dict(self.ranges or {})
        if limit.kind == "range":
            # As wide as the data: the percentiles would take its place.
            ranges[limit.column] = Range()
        return replace(
            self,
            immutable=rest(self.immutable, "immutable"),
            increasing=rest(self.increasing, "increasing"),
            decreasing=rest(self.decreasing, "decreasing"),
            ranges=ranges,
            most_changes=None if limit.kind == "most_changes" else self.most_changes,
            percentiles=self.percentiles and limit.kind != "percentiles",
            usual=self.usual and limit.kind != "usual",
            combinations=self.combinations and limit.kind != "combinations",
        )

    def lifted(self) -> Limits:
        """Return no limits at all."""
        return Limits(percentiles=False, usual=False, combinations=False)
