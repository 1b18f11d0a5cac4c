"""The task of a target, and its classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError, ArgumentTypeError, DataError
from automl.table.column import Spelling
from automl.table.convert import decoded, label, number
from automl.table.names import near_miss
from automl.table.numbers import infer_number_format, plain_number
from automl.table.target import VALUE_LIMIT, Label, Target, Task, is_label_mark
from candor.frames import RawColumn, as_values

TASKS = ("auto", "binary", "multiclass", "regression")
MAX_CLASSES = 200
MIN_ROWS = 3


@dataclass(frozen=True)
class Labels:
    """The distinct labels of a target with their counts, without those that stand for missing."""

    name: str
    values: tuple[Any, ...]
    counts: NDArray[np.int64]
    n_rows: int

    @property
    def n_present(self) -> int:
        """Rows with a label."""
        return int(self.counts.sum())

    @property
    def are_text(self) -> bool:
        """Whether at least one label is a string."""
        return any(isinstance(value, str) for value in self.values)


def check_task(task: object) -> None:
    """Raise if there is no such task."""
    if not isinstance(task, str):
        raise ArgumentTypeError("task has to be a string", got=f"got {task!r}")
    if task not in TASKS:
        near = near_miss(task, TASKS)
        raise ArgumentError(
            f'there is no task "{task}"',
            got=f"known tasks: {', '.join(TASKS)}",
            hint=f'task="{near}"' if near else None,
        )


def infer_target(name: str, raw: RawColumn, task: str, positive: object) -> Target:
    """Decide what is predicted, and how.

    Raises
    ------
    DataError
        If there is nothing to learn: all labels missing, one label, too many labels, dates,
        or strings where numbers are needed.
    ArgumentError
        If the task does not fit the labels, or `positive` is not one of them.
    """
    if raw.kind == "unsupported":
        raise DataError(f'target "{name}" cannot be used: {raw.note}')
    if raw.kind == "time":
        raise DataError(
            f'target "{name}" holds dates: they cannot be predicted',
            hint="predict a number, such as days since a given date",
        )
    found = _labels(name, as_values(raw))
    _check_labels(found)
    spelling = _spelling(found)
    decided = _auto_task(found, spelling, raw) if task == "auto" else _checked(found, task)
    if decided == "regression":
        return _regression(found, spelling, positive)
    return _classification(found, decided, positive)


def _labels(name: str, raw: RawColumn) -> Labels:
    counts = np.bincount(raw.codes[raw.codes >= 0], minlength=len(raw.distinct))
    merged: dict[str, tuple[Any, int]] = {}  # 1, 1.0 and "1" are one label
    for value, count in zip(raw.distinct, counts.tolist(), strict=True):
        plain = _plain_label(value)
        if count and not (isinstance(plain, str) and is_label_mark(plain)) and plain is not None:
            first, before = merged.get(label(plain), (plain, 0))
            merged[label(plain)] = (first, before + count)
    values = tuple(value for value, _ in merged.values())
    counts = np.array([count for _, count in merged.values()], dtype=np.int64)
    return Labels(name, values, counts, raw.n_rows)


def _plain_label(value: Any) -> Any:
    """Return a label as str, bool, int or float; infinities count as missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return decoded(value)
    if isinstance(value, float) and np.isinf(value):
        return None
    if isinstance(value, (str, bool, int, float)):
        return value
    as_number = number(value, Spelling())
    return label(value) if as_number is None else as_number


def _check_labels(found: Labels) -> None:
    if not found.values:
        raise DataError(
            f'target "{found.name}" is missing in every row',
            got=f"{found.n_rows:,} rows, none with a value",
        )
    if len(found.values) == 1:
        raise DataError(
            f'target "{found.name}" has one value only: {found.values[0]!r}',
            got=f"{found.n_present:,} rows, all the same: there is nothing to learn",
        )
    if found.n_present < MIN_ROWS:
        raise DataError(
            f"the table has too few rows: {found.n_present} with a target",
            got=f"at least {MIN_ROWS} are needed, and more than 100 for a model worth having",
        )


def _spelling(found: Labels) -> Spelling:
    """Find how strings spell numbers, for a regression."""
    texts = [value for value in found.values if isinstance(value, str)]
    return Spelling(numbers=infer_number_format(texts[:1000])) if texts else Spelling()


def _auto_task(found: Labels, spelling: Spelling, raw: RawColumn) -> Task:
    n_classes = len(found.values)
    if n_classes == 2:
        return "binary"
    if raw.kind == "duration":
        return "regression"
    if found.are_text:
        numbers = sum(number(value, spelling) is not None for value in found.values)
        return "regression" if n_classes > 20 and numbers == n_classes else "multiclass"
    if any(isinstance(value, bool) for value in found.values):
        return "multiclass"
    floats = any(isinstance(value, float) and not value.is_integer() for value in found.values)
    had_gaps = found.n_present < found.n_rows  # missing values turn stored integers into floats
    whole = not floats and (raw.values.dtype.kind in "iu" or raw.kind == "values" or had_gaps)
    if whole and n_classes <= 20 and found.n_present >= _rows_per_class(found) * n_classes:
        return "multiclass"
    return "regression"


def _rows_per_class(found: Labels) -> int:
    """How often whole numbers have to repeat to be taken for classes."""
    low, high = min(found.values), max(found.values)
    consecutive = low in (0, 1) and high - low + 1 == len(found.values) <= 10
    return 5 if consecutive else 20


def _checked(found: Labels, task: str) -> Task:
    if task == "regression":
        return "regression"
    if task == "binary":
        if len(found.values) != 2:
            some = ", ".join(map(repr, found.values[:5]))
            more = ", …" if len(found.values) > 5 else ""
            raise ArgumentError(
                f'task is "binary", but target "{found.name}" has {len(found.values):,} labels',
                got=f"its labels: {some}{more}",
                hint='task="multiclass"' if len(found.values) <= MAX_CLASSES else "another target",
            )
        return "binary"
    return "binary" if len(found.values) == 2 else "multiclass"


def _regression(found: Labels, spelling: Spelling, positive: object) -> Target:
    if positive is not None:
        raise ArgumentError(
            f"positive={positive!r} makes sense for a binary target only",
            got=f'target "{found.name}" is a regression',
        )
    values = [number(value, spelling) for value in found.values]
    for value, read in zip(found.values, values, strict=True):
        if read is None:
            raise DataError(
                f'target "{found.name}" cannot be predicted as a number: it holds {value!r}',
                got=f"{len(values):,} different values, and not all are numbers",
                hint='task="multiclass", or correct the values',
            )
    usable = np.array([value for value in values if value is not None], dtype=np.float64)
    kept = np.abs(usable) <= VALUE_LIMIT
    if not kept.any() or np.unique(usable[kept]).size < 2:
        raise DataError(
            f'target "{found.name}" has no two different values that can be learned',
            got=f"values beyond ±{VALUE_LIMIT:g} are left out: their squares overflow",
            hint="divide the target by a constant",
        )
    mean = float(np.average(usable[kept], weights=found.counts[kept]))
    low, high = float(usable[kept].min()), float(usable[kept].max())
    note = f"{_short(low)} to {_short(high)}, mean {_short(mean)}"
    return Target(found.name, "regression", note=note, spelling=spelling)


def _classification(found: Labels, task: Task, positive: object) -> Target:
    if len(found.values) > MAX_CLASSES:
        numbers = not found.are_text
        raise DataError(
            f'target "{found.name}" has {len(found.values):,} different labels',
            got=f"at most {MAX_CLASSES} classes can be learned",
            hint='task="regression"' if numbers else "group rare labels, or choose another target",
        )
    if found.counts.max() == 1:
        raise DataError(
            f'every label of target "{found.name}" occurs once: nothing can be learned from it',
            got=f"{len(found.values):,} labels in {found.n_present:,} rows",
            hint='task="regression"' if not found.are_text else "another target",
        )
    order = sorted(range(len(found.values)), key=lambda i: _sort_key(found.values[i]))
    classes = [found.values[i] for i in order]
    shares = {i: found.counts[j] / found.n_present for i, j in enumerate(order)}
    if positive is not None:
        chosen = _find_positive(found, classes, task, positive)
        if task == "binary" and chosen == 0:
            classes, shares = classes[::-1], {0: shares[1], 1: shares[0]}
    if task == "binary":
        note = f"{_quoted(classes[1])} {100 * shares[1]:.1f} %"
        return Target(found.name, task, tuple(classes), classes[1], note)
    return Target(found.name, task, tuple(classes), None, _shares_note(classes, shares))


def _shares_note(classes: list[Label], shares: dict[int, float]) -> str:
    """Say how many classes there are and how far apart their shares lie."""
    common, rare = max(shares, key=lambda i: shares[i]), min(shares, key=lambda i: shares[i])
    most, least = _percent(shares[common]), _percent(shares[rare])
    if most == least:
        each = "each" if shares[common] == shares[rare] else "each or nearly so"
        return f"{len(classes)} classes, {most} {each}"
    return (
        f"{len(classes)} classes, {_quoted(classes[common])} {most}"
        f" to {_quoted(classes[rare])} {least}"
    )


def _find_positive(found: Labels, classes: list[Label], task: Task, positive: object) -> int:
    for i, known in enumerate(classes):
        if type(known) is type(positive) and known == positive:
            return _binary_only(found, i, task)
    wanted = {label(positive), label(plain_number(str(positive)))}  # 1 is also "1" and "1.0"
    for i, known in enumerate(classes):
        if label(known) in wanted:
            return _binary_only(found, i, task)
    near = near_miss(str(positive), [str(known) for known in classes])
    raise ArgumentError(
        f'positive={positive!r} is not a label of target "{found.name}"',
        got=f"its labels: {', '.join(map(repr, classes[:10]))}",
        hint=f"positive={next(c for c in classes if str(c) == near)!r}" if near else None,
    )


def _binary_only(found: Labels, chosen: int, task: Task) -> int:
    if task != "binary":
        raise ArgumentError(
            "positive makes sense for a binary target only",
            got=f'target "{found.name}" has {len(found.values):,} labels',
        )
    return chosen


def _sort_key(value: Label) -> tuple[int, Any]:
    return (1, value) if isinstance(value, str) else (0, value)


def _quoted(value: Label) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2g} %"


def _short(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
