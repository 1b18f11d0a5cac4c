"""The distinct values of a column with their counts, as inference looks at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from automl.table.convert import label
from automl.table.words import is_mark
from candor.frames import RawColumn

T = TypeVar("T")

_SAMPLE = 1000


@dataclass(frozen=True)
class Cells:
    """What stands in a column of strings or objects.

    Parameters
    ----------
    positions : tuple of int
        Where each value stands among the distinct values of the raw column.
    values : tuple of object
        Distinct values that do not stand for missing.
    texts : tuple of str
        The same, spelled as level names.
    counts : ndarray of int, shape (n_values,)
        How often each occurs.
    marks : dict of str to int
        Marks of missing values and how often each occurs; blanks are not counted.
    n_rows, n_missing : int
        All rows, and rows without a value.
    none_is_level : bool
        Whether "None" is kept as a value because empty cells exist beside it.
    """

    positions: tuple[int, ...]
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    counts: NDArray[np.int64]
    marks: dict[str, int]
    n_rows: int
    n_missing: int
    none_is_level: bool

    @property
    def n_present(self) -> int:
        """Rows with a value."""
        return self.n_rows - self.n_missing

    @cached_property
    def n_unique(self) -> int:
        """Number of different texts."""
        return len(set(self.texts))

    @cached_property
    def types(self) -> Counter[str]:
        """How many rows hold each kind of Python value: text, boolean, number or other."""
        kinds: Counter[str] = Counter()
        for value, count in zip(self.values, self.counts.tolist(), strict=True):
            kinds[_kind(value)] += count
        return kinds

    @cached_property
    def sample(self) -> tuple[str, ...]:
        """At most a thousand of the texts, evenly spread."""
        return tuple(spread(self.texts, _SAMPLE))


def spread(items: Sequence[T], n: int) -> Sequence[T]:
    """Return at most `n` items, evenly spread."""
    if len(items) <= n:
        return items
    return [items[i * len(items) // n] for i in range(n)]


def examine(raw: RawColumn) -> Cells:
    """Count the distinct values of a "values" column and set missing marks apart."""
    present = raw.codes[raw.codes >= 0]
    counts = np.bincount(present, minlength=len(raw.distinct)).tolist()
    n_rows = raw.n_rows
    nulls = n_rows - len(present)
    texts = [value.strip() if isinstance(value, str) else label(value) for value in raw.distinct]
    none_is_level = _none_is_level(texts, counts, nulls)
    kept: list[int] = []
    marks: dict[str, int] = {}
    missing = nulls
    for i, (text, count) in enumerate(zip(texts, counts, strict=True)):
        if not count:
            continue
        if is_mark(text) and not (none_is_level and text.casefold() == "none"):
            missing += count
            if text:
                marks[text] = marks.get(text, 0) + count
        else:
            kept.append(i)
    return Cells(
        tuple(kept),
        tuple(raw.distinct[i] for i in kept),
        tuple(texts[i] for i in kept),
        np.array([counts[i] for i in kept], dtype=np.int64),
        marks,
        n_rows,
        missing,
        none_is_level,
    )


def _none_is_level(texts: list[str], counts: list[int], nulls: int) -> bool:
    """Say whether "None" means that there is none: other cells are empty beside it."""
    empty = nulls
    none = 0
    for text, count in zip(texts, counts, strict=True):
        if text == "":
            empty += count
        elif text.casefold() == "none":
            none += count
    return bool(empty and none)


def _kind(value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return "text"
    if isinstance(value, (bool, np.bool_)):
        return "boolean"
    if isinstance(value, (int, float, np.number)) or type(value).__name__ == "Decimal":
        return "number"
    return "other"
