"""The target: what is predicted, its classes, and how labels become numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.table.column import Spelling
from automl.table.convert import label, number
from automl.table.dates import DateFormat
from automl.table.numbers import NumberFormat
from automl.table.words import LABEL_MARKS
from candor.frames import RawColumn, as_values

Task = Literal["binary", "multiclass", "regression"]
Label = str | bool | int | float

VALUE_LIMIT = 1e100
"""Larger target values are left out: their squares overflow."""


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Parameters
    ----------
    name : str
        Name of the column.
    task : {"binary", "multiclass", "regression"}
        Kind of prediction.
    classes : tuple of str, bool, int or float
        The labels in the order of their class numbers; empty for regression.
    positive : str, bool, int, float or None
        The label of class 1 of a binary target; None otherwise.
    note : str
        The target in words, such as ``'">50K" 23.9 %'``.
    spelling : Spelling
        How strings spell the values of a regression target.
    """

    name: str
    task: Task
    classes: tuple[Label, ...] = ()
    positive: Label | None = None
    note: str = ""
    spelling: Spelling = field(default_factory=Spelling)

    @property
    def n_classes(self) -> int:
        """Number of classes; 1 for regression."""
        return len(self.classes) or 1

    @cached_property
    def class_numbers(self) -> dict[str, int]:
        """The number of each class, by its label as text."""
        return {label(value): number for number, value in enumerate(self.classes)}

    def encode(self, raw: RawColumn) -> NDArray[Any]:
        """Turn labels or values into numbers.

        Returns
        -------
        ndarray, shape (n_rows,)
            int64 class numbers, -1 where missing; or float64 values, NaN where missing.

        Raises
        ------
        DataError
            If a label is not one of the classes, or a value is no number.
        """
        raw = as_values(raw)
        read = self._value if self.task == "regression" else self._class_number
        lookup = np.array([*map(read, raw.distinct), self._missing])
        unknown = np.isinf(lookup) if self.task == "regression" else lookup == _UNKNOWN
        if unknown.any():
            present = np.isin(raw.codes, np.flatnonzero(unknown))
            if present.any():
                raise self._refusal(raw, int(np.flatnonzero(present)[0]))
        encoded: NDArray[Any] = lookup[raw.codes]
        return encoded

    @property
    def _missing(self) -> float | int:
        return float("nan") if self.task == "regression" else -1

    def _class_number(self, value: Any) -> int:
        text = label(value)
        found = self.class_numbers.get(text)
        if found is None and not isinstance(self.classes[0], str):
            found = self._by_value(text)
        if found is not None:
            return found
        return -1 if is_label_mark(text) else _UNKNOWN

    def _by_value(self, text: str) -> int | None:
        """Find a number or boolean label by another spelling, such as "1.0", "true" or True."""
        try:
            spelled = label(float(text))
        except ValueError:
            spelled = text.capitalize()
        found = self.class_numbers.get(spelled)
        if found is None and set(self.classes) == {0, 1}:  # false and true are equal to these
            found = self.class_numbers.get(_TWINS.get(spelled, ""))
        return found

    def _value(self, value: Any) -> float:
        read = number(value, self.spelling)
        if read is None:
            return float("inf")
        return float("nan") if abs(read) > VALUE_LIMIT else read

    def _refusal(self, raw: RawColumn, row: int) -> DataError:
        value = raw.distinct[int(raw.codes[row])]
        if self.task == "regression":
            what = f'target "{self.name}" cannot be read as a number: {value!r} in row {row}'
            return DataError(what, hint="correct the value or remove the row (rows count from 0)")
        known = ", ".join(repr(known) for known in self.classes[:10])
        more = ", …" if len(self.classes) > 10 else ""
        return DataError(
            f'target "{self.name}" has an unknown label: {value!r} in row {row}',
            got=f"it knows {known}{more}",
            hint="remove the rows with other labels (rows count from 0)",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; labels keep their types."""
        numbers = self.spelling.numbers
        return {
            "name": self.name,
            "task": self.task,
            "classes": list(self.classes),
            "positive": self.positive,
            "note": self.note,
            "numbers": {
                "decimal": numbers.decimal,
                "unit": numbers.unit,
                "currency": numbers.currency,
                "scaled": numbers.scaled,
            },
            "truths": self.spelling.truths,
            "durations": self.spelling.durations,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Target:
        """Restore what `to_dict` gave, also after a round trip through JSON."""
        spelling = Spelling(
            numbers=NumberFormat(**plain["numbers"]),
            dates=DateFormat(),
            truths=plain["truths"],
            durations=plain["durations"],
        )
        return cls(
            plain["name"],
            cast(Task, plain["task"]),
            tuple(plain["classes"]),
            plain["positive"],
            plain["note"],
            spelling,
        )


_UNKNOWN = -2
_TWINS = {"0": "False", "1": "True", "False": "0", "True": "1"}


def is_label_mark(text: str) -> bool:
    """Say whether a text in the target column stands for a missing label."""
    return text.strip().casefold() in LABEL_MARKS
