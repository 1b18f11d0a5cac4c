"""The role of a column of strings or mixed objects."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.table.cells import Cells, spread
from automl.table.column import MANY_LEVELS, Column, Repair, Spelling
from automl.table.convert import number, seconds
from automl.table.dates import duration, infer_date_format
from automl.table.numbers import are_digit_codes, infer_number_format
from automl.table.numeric_roles import infer_numbers
from automl.table.roles import (
    as_identifier,
    category_role,
    constant_column,
    empty_column,
    sorted_levels,
)
from automl.table.words import are_truths, truth
from candor.frames import RawColumn

TOLERATED = 0.02
"""Share of rows that may be unreadable in a column of numbers or dates; they become missing."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_ZONE = re.compile(r"\d\s*(?:Z|[+-]\d{2}:?\d{2})$")


def infer_cells(name: str, raw: RawColumn, cells: Cells) -> Column:
    """Infer role and spelling of a column of distinct values.

    The rules are tried from the narrowest to the widest: yes and no, numbers, dates, spans of
    time, and last text, identifier or category.
    """
    if not cells.values:
        return empty_column(name, cells.n_rows)
    base = _base(name, cells)
    if cells.n_unique == 1 and not cells.n_missing:
        return constant_column(name, base.examples[0])
    if raw.declared:
        return _declared(base, raw, cells)
    for rule in (_truths, _numbers, _dates, _durations):
        column = rule(base, raw, cells)
        if column is not None:
            return column
    return _words(base, cells)


def as_numbers(base: Column, raw: RawColumn, cells: Cells, tolerated: float) -> Column | None:
    """Describe a column as numbers if at most the tolerated share of rows is unreadable."""
    spelling = replace(base.spelling, numbers=infer_number_format(cells.sample))
    sample = spread(cells.values, len(cells.sample))
    if not _promising(sample, lambda value: number(value, spelling)):
        return None
    reading = _read(cells, lambda value: number(value, spelling))
    if reading.unreadable and all(truth(text) is not None for text in reading.unreadable):
        if reading.n_readable < 3:
            return None
        spelling = replace(spelling, truths=True)
        repairs = [Repair("mixed-types", f"{', '.join(reading.unreadable)} read as 0 or 1")]
    elif reading.acceptable(tolerated):
        spelling = replace(spelling, unreadable=reading.unreadable)
        repairs = reading.repairs()
    else:
        return None
    return _from_numbers(base, raw, cells, reading, spelling, repairs)


def as_dates(base: Column, cells: Cells, tolerated: float) -> Column | None:
    """Describe a column as dates if at most the tolerated share of rows is unreadable."""
    dates = infer_date_format(cells.sample)
    spelling = replace(base.spelling, dates=dates)
    if not _promising(spread(cells.values, 100), lambda value: seconds(value, spelling)):
        return None
    reading = _read(cells, lambda value: seconds(value, spelling))
    if not reading.acceptable(tolerated):
        return None
    repairs = reading.repairs()
    if any(_ZONE.search(text) and ":" in text for text in cells.sample[:100]):
        repairs.append(Repair("time-zone", "in strings"))
    order = {"mdy": ", month first", "dmy": ", day first"}.get(dates.order, "")
    return replace(
        base,
        role="datetime",
        reason=f"dates such as {base.examples[0]}{order}",
        spelling=replace(spelling, unreadable=reading.unreadable),
        repairs=(*base.repairs, *repairs),
    )


def as_category(base: Column, cells: Cells, note: str = "") -> Column:
    """Describe a column as categories."""
    role, reason = category_role(cells.n_unique)
    return replace(
        base,
        role=role,
        reason=note + reason,
        levels=sorted_levels(set(cells.texts)),
        repairs=(*base.repairs, *_mixture(cells)),
    )


@dataclass(frozen=True)
class _Reading:
    """How a column reads as numbers or dates: None for what cannot be read."""

    values: tuple[float | None, ...]
    n_readable: int
    unreadable: tuple[str, ...]
    foreign: bool
    bad_rows: int
    share: float

    def acceptable(self, tolerated: float) -> bool:
        """Say whether few enough rows are unreadable, and all of those are plain strings."""
        return self.n_readable > 0 and not self.foreign and self.share <= tolerated

    def repairs(self) -> list[Repair]:
        """State the values that became missing."""
        if not self.unreadable:
            return []
        some = ", ".join(f'"{text}"' for text in self.unreadable[:3])
        rows = f"{self.bad_rows:,} row" + ("s" if self.bad_rows > 1 else "")
        return [Repair("mixed-types", f"{some} in {rows} read as missing")]


def _read(cells: Cells, read: Callable[[Any], float | None]) -> _Reading:
    values = tuple(map(read, cells.values))
    bad = [i for i, value in enumerate(values) if value is None]
    bad_rows = int(cells.counts[bad].sum())
    return _Reading(
        values=values,
        n_readable=len(cells.values) - len(bad),
        unreadable=tuple(str(cells.values[i]) for i in bad),
        foreign=any(not isinstance(cells.values[i], str) for i in bad),
        bad_rows=bad_rows,
        share=bad_rows / cells.n_present,
    )


def _promising(sample: Any, read: Callable[[Any], float | None]) -> bool:
    """Say whether at least half of a sample can be read, before all of it is tried."""
    return 2 * sum(read(value) is not None for value in sample) >= len(sample)


def _base(name: str, cells: Cells) -> Column:
    marks = ", ".join(f'"{mark}" {count:,} times' for mark, count in cells.marks.items())
    return Column(
        name,
        "categorical",
        "",
        missing=cells.n_missing / cells.n_rows,
        n_unique=cells.n_unique,
        examples=tuple(text[:60] for text in cells.texts[:5]),
        spelling=Spelling(none_is_level=cells.none_is_level),
        repairs=(Repair("missing-marks", marks),) if marks else (),
    )


def _declared(base: Column, raw: RawColumn, cells: Cells) -> Column:
    """Keep a column that the frame declares categorical, and its order if that has a meaning."""
    column = as_category(base, cells, "declared categorical, ")
    unused = len(raw.distinct) - len(cells.values) - len(cells.marks)
    repairs = column.repairs
    if unused > 0:
        repairs = (*repairs, Repair("unused-levels", f"{unused:,}"))
    levels = tuple(dict.fromkeys(cells.texts)) if raw.ordered else column.levels
    return replace(column, levels=levels, repairs=repairs)


def _truths(base: Column, raw: RawColumn, cells: Cells) -> Column | None:
    if cells.n_unique > 12 or not are_truths(cells.texts):
        return None
    if not any(text.isalpha() for text in cells.texts):
        return None  # "0" and "1" are numbers
    shown = " / ".join(sorted(set(cells.texts), key=lambda text: -(truth(text) or 0)))
    spelling = replace(base.spelling, truths=True)
    return replace(base, role="boolean", reason=shown, spelling=spelling)


def _numbers(base: Column, raw: RawColumn, cells: Cells) -> Column | None:
    if are_digit_codes(cells.texts):
        return _words(base, cells, "digits that are a code, ")
    return as_numbers(base, raw, cells, TOLERATED)


def _from_numbers(
    base: Column,
    raw: RawColumn,
    cells: Cells,
    reading: _Reading,
    spelling: Spelling,
    repairs: list[Repair],
) -> Column:
    """Decide the role by the numbers that the strings stand for."""
    lookup = np.full(len(raw.distinct) + 1, np.nan)
    for place, text, value in zip(cells.positions, cells.texts, reading.values, strict=True):
        read = truth(text) if value is None and spelling.truths else value
        lookup[place] = np.nan if read is None else read
    column = infer_numbers(base.name, RawColumn("number", lookup[raw.codes], raw.codes[:0]), False)
    if column.role == "constant":
        return replace(column, repairs=(*base.repairs, *repairs, *column.repairs))
    texts = cells.types["text"]
    if texts == cells.n_present:
        marks = ", ".join(f'"{mark}"' for mark in spelling.numbers.marks)
        repairs.insert(0, Repair("numbers-in-strings", marks or "plain numbers"))
    elif len(cells.types) > 1 and not repairs:
        repairs.append(Repair("mixed-types", "numbers and other types, read as numbers"))
    strings = ", in strings" if 2 * texts > cells.n_present else ""
    dates = column.spelling.dates
    return replace(
        column,
        reason=column.reason + strings,
        missing=base.missing if not spelling.unreadable else column.missing,
        examples=base.examples,
        spelling=replace(spelling, dates=dates),
        repairs=(*base.repairs, *repairs, *column.repairs),
    )


def _dates(base: Column, raw: RawColumn, cells: Cells) -> Column | None:
    return as_dates(base, cells, TOLERATED)


def _durations(base: Column, raw: RawColumn, cells: Cells) -> Column | None:
    if any(duration(value) is None for value in spread(cells.values, 100)):
        return None
    spelling = replace(base.spelling, durations=True)
    reading = _read(cells, lambda value: number(value, spelling))
    if not reading.acceptable(TOLERATED):
        return None
    return replace(
        base,
        role="numeric",
        reason=f"spans of time such as {base.examples[0]}, in seconds",
        spelling=replace(spelling, unreadable=reading.unreadable),
        repairs=(*base.repairs, *reading.repairs(), Repair("timedelta", "read as seconds")),
    )


def _words(base: Column, cells: Cells, note: str = "") -> Column:
    """Tell text from identifiers from categories by words and repetition."""
    sample = spread(cells.texts, 500)
    words = [_WORD.findall(text) for text in sample]
    per_text = sum(map(len, words)) / len(words)
    share = cells.n_unique / cells.n_present
    # strings that differ in their digits only, such as "user 17", name rows and say nothing
    phrases = len({tuple(found) for found in words})
    rich = phrases > 1 and cells.n_unique >= (20 if per_text < 3 else 5)
    if rich and ((per_text >= 2 and share >= 0.6) or (per_text >= 5 and share >= 0.2)):
        reason = f"{cells.n_unique:,} different strings of {per_text:.0f} words on average"
        repairs = (*base.repairs, *_mixture(cells))
        return replace(base, role="text", reason=reason, repairs=repairs)
    if share >= 0.98 and cells.n_present > 2 and base.missing <= 0.5:
        different = "in every row" if share == 1 else "in nearly every row"
        return as_identifier(base, f"strings, different {different}")
    column = as_category(base, cells, note)
    if cells.n_unique > MANY_LEVELS and per_text >= 2:
        return replace(column, reason=f"{column.reason}, repeated too often for text")
    return column


def _mixture(cells: Cells) -> list[Repair]:
    """State that levels are of several types."""
    kinds = {kind: count for kind, count in cells.types.items() if count}
    if len(kinds) > 1:
        shares = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
        return [Repair("mixed-types", f"kept as levels: {shares}")]
    numbers = infer_number_format(cells.sample)
    readable = sum(numbers.parse(text) is not None for text in cells.sample)
    if 0.8 * len(cells.sample) <= readable < len(cells.sample):
        return [Repair("mixed-types", "numbers and words, kept as levels")]
    return []
