"""Outcomes: what is predicted, which labels there are, and which of them each row has."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import RawColumn, as_values
from fairness.errors import ArgumentError
from fairness.table.cells import Codes
from fairness.table.names import in_order, label_text, listed, natural_key, number_text
from fairness.table.numbers import as_floats, check_present
from fairness.table.values import Task

TaskArgument = Literal["auto", "binary", "multiclass", "regression"]

MOST_CLASSES = 100
"""More classes than this make no table."""

FEW_NUMBERS = 20
"""Whole numbers with more distinct values than this are a quantity, not labels."""

_PAIRS = (("0", "1"), ("False", "True"), ("-1", "1"))
"""Labels of which it is clear, without being told, which one is positive."""

_ALIKE = {"0": "False", "1": "True", "False": "0", "True": "1"}
"""Labels that stand for each other when one column holds booleans and the other numbers."""


@dataclass(frozen=True)
class Labels:
    """Which labels a column has; two of them, from two batches, can be united.

    Parameters
    ----------
    texts : frozenset of str
        The distinct labels; where there are more than `MOST_CLASSES`, one more than that.
    numeric : bool
        Whether they are numbers (booleans are not).
    whole : bool
        Whether all numbers are whole.
    """

    texts: frozenset[str]
    numeric: bool
    whole: bool

    def __or__(self, other: Labels) -> Labels:
        both = _few(self.texts | other.texts)
        return Labels(both, self.numeric and other.numeric, self.whole and other.whole)

    @property
    def columns(self) -> tuple[str, ...]:
        """Labels in the order in which scikit-learn gives the columns of probabilities."""
        return tuple(sorted(self.texts, key=natural_key if self.numeric else None))


@dataclass(frozen=True)
class Outcome:
    """What is predicted.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        The task.
    classes : tuple of str
        Labels by code; binary: (negative, positive); regression: below and from the threshold on.
    codes : mapping of str to int
        Code of each label; empty for regression.
    columns : tuple of str
        Labels in the order of the columns of a matrix of scores.
    """

    task: Task
    classes: tuple[str, ...]
    codes: Mapping[str, int]
    columns: tuple[str, ...] = ()


def find_labels(raw: RawColumn, what: str) -> Labels:
    """Return the distinct labels of a column without missing values."""
    if raw.kind in ("time", "duration"):
        raise ArgumentError(
            f"{what} holds dates or times", got="they are neither labels nor numbers"
        )
    check_present(raw, what)
    whole = raw.kind != "number" or _all_whole(raw.values)
    head = raw.values[:10_000]
    if raw.kind != "number" or len(pd.unique(head)) <= MOST_CLASSES:
        values = as_values(raw)
        used = np.unique(np.asarray(values.codes))
        distinct = [values.distinct[code] for code in used]
    else:
        distinct = pd.unique(head).tolist()
    texts = frozenset(label_text(value) for value in distinct)
    return Labels(_few(texts), raw.kind == "number", whole)


def _all_whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iu" or bool(np.all(values == np.floor(values)))


def _few(texts: frozenset[str]) -> frozenset[str]:
    """Keep labels as long as they can all be classes; else as many as show that they cannot."""
    if len(texts) <= MOST_CLASSES:
        return texts
    return frozenset(sorted(texts)[: MOST_CLASSES + 1])


def infer_task(labels: Labels, task: TaskArgument, positive: object) -> Task:
    """Say what is predicted.

    Two labels, or a `positive` one, are binary; text, booleans and at most 20 whole numbers are
    multiclass; other numbers are a regression.
    """
    if task not in ("auto", "binary", "multiclass", "regression"):
        raise ArgumentError(
            f"task={task!r} is unknown", hint='"auto", "binary", "multiclass" or "regression"'
        )
    if positive is not None and task in ("multiclass", "regression"):
        raise ArgumentError(
            f"positive={positive!r} makes the outcome binary, task={task!r} does not",
            hint="one of the two",
        )
    if task != "auto":
        return task
    n_labels = len(labels.texts)
    if positive is not None or n_labels == 2 or (n_labels == 1 and labels.whole):
        return "binary"
    if not labels.numeric or (labels.whole and n_labels <= FEW_NUMBERS):
        return "multiclass"
    return "regression"


def describe_outcome(
    true: Labels,
    predicted: Labels | None,
    *,
    task: TaskArgument,
    positive: object,
    threshold: float | None,
    partial: bool = False,
) -> Outcome:
    """Settle the task and the classes.

    Parameters
    ----------
    true, predicted : Labels
        Labels of y_true and y_pred.
    task : {"auto", "binary", "multiclass", "regression"}
        What the caller says.
    positive : object
        The label that counts as positive, or None.
    threshold : float or None
        For a regression: where its two classes part.
    partial : bool
        Whether more rows are to come, so that labels may be predicted that are not yet seen.

    Returns
    -------
    Outcome
        The task with its classes.
    """
    found = infer_task(true, task, positive)
    if found == "regression":
        if not true.numeric:
            raise ArgumentError(
                "a regression needs numbers in y_true",
                got=f"it holds {listed(sorted(true.texts))}",
            )
        return Outcome(found, threshold_classes(threshold), {})
    if len(true.texts) > MOST_CLASSES:
        raise ArgumentError(
            f"y_true has more than {MOST_CLASSES} different labels",
            got=listed(true.columns, 3),
            hint='task="regression" for a quantity; group labels that belong together',
        )
    texts = set(true.texts)
    if predicted is not None and (partial or _is_other_half(true, predicted, positive)):
        texts |= predicted.texts
    if found == "multiclass":
        classes = in_order(texts)
        return Outcome(found, classes, {c: i for i, c in enumerate(classes)}, true.columns)
    columns = Labels(frozenset(texts), true.numeric, true.whole).columns
    return _binary(texts, positive, columns, true.numeric, partial)


def threshold_classes(threshold: float | None) -> tuple[str, ...]:
    """Name the two classes of a regression; none without a threshold."""
    if threshold is None:
        return ()
    return f"< {number_text(threshold)}", f"≥ {number_text(threshold)}"


def _is_other_half(true: Labels, predicted: Labels, positive: object) -> bool:
    """Say whether y_true has one label only and y_pred the other one of a pair."""
    both = true.texts | predicted.texts
    if len(true.texts) != 1 or len(both) > 2:
        return False
    return positive is not None or any(both <= set(pair) for pair in _PAIRS)


def _binary(
    texts: set[str], positive: object, columns: tuple[str, ...], numeric: bool, partial: bool
) -> Outcome:
    if positive is None:
        pair = next((pair for pair in _PAIRS if texts <= set(pair)), None)
        if pair is None:
            raise _needs_positive(columns, numeric)
        return Outcome("binary", pair, {pair[0]: 0, pair[1]: 1}, pair)
    label = _match(positive, texts)
    if label is None and len(texts) > 1 and not partial:
        raise _unknown_positive(positive, columns)
    label = label_text(positive) if label is None else label
    rest = sorted(texts - {label}, key=natural_key)
    negative = rest[0] if len(rest) == 1 else _complement(label, rest)
    codes = dict.fromkeys(rest, 0) | {negative: 0, label: 1}
    return Outcome("binary", (negative, label), codes, columns)


def _complement(label: str, rest: Sequence[str]) -> str:
    """Name what is not the positive label."""
    pair = next((pair for pair in _PAIRS if label in pair), None)
    if rest or pair is None:
        return f"not {label}"
    return pair[0] if pair[1] == label else pair[1]


def _match(positive: object, texts: set[str]) -> str | None:
    """Find the label that is meant: by its text, or true and 1, false and 0, as one."""
    text = label_text(positive)
    if text in texts:
        return text
    alike = _ALIKE.get(text)
    return alike if alike in texts else None


def _needs_positive(labels: Sequence[str], numeric: bool) -> ArgumentError:
    if len(labels) > 2:
        return ArgumentError(
            f"y_true has {len(labels)} labels, a binary outcome has two",
            got=listed(labels),
            hint=f'positive={labels[-1]!r} for one against the rest, or task="multiclass"',
        )
    shown = " and ".join(repr(label) for label in labels)
    other = ', or task="regression" if it is a quantity' if numeric else ""
    return ArgumentError(
        "it is not clear which label is the positive one",
        got=f"y_true holds {shown}",
        hint=f'positive="{labels[-1]}"{other}',
    )


def _unknown_positive(positive: object, labels: Sequence[str]) -> ArgumentError:
    near = difflib.get_close_matches(label_text(positive).lower(), labels, n=1)
    return ArgumentError(
        f"positive={positive!r} is no label of y_true",
        got=f"it holds {listed(labels)}",
        hint=f'positive="{near[0] if near else labels[-1]}"',
    )


def encode_labels(raw: RawColumn, outcome: Outcome, what: str) -> Codes:
    """Return the code of each row's label."""
    check_present(raw, what)
    values = as_values(raw)
    used = np.unique(np.asarray(values.codes))
    table = np.full(len(values.distinct) + 1, -1, dtype=np.intp)
    unseen = []
    for place in used:
        text = label_text(values.distinct[place])
        code = outcome.codes.get(text, outcome.codes.get(_ALIKE.get(text, ""), -1))
        table[place] = code
        if code < 0:
            unseen.append(values.distinct[place])
    if unseen:
        raise _unseen(raw, unseen, outcome, what)
    codes: Codes = table[values.codes]
    return codes


def _unseen(raw: RawColumn, unseen: list[Any], outcome: Outcome, what: str) -> ArgumentError:
    seen = tuple(outcome.codes) if len(outcome.codes) else outcome.classes
    if raw.kind == "number" and raw.values.dtype.kind == "f":
        values = raw.values
        if np.any(values != np.floor(values)):
            inside = bool(np.all((values >= 0) & (values <= 1)))
            return ArgumentError(
                f"{what} holds numbers that are no labels",
                got=f"{listed(unseen, 3)}; the labels are {listed(seen)}",
                hint="they look like probabilities: give it as y_score="
                if inside
                else 'scores belong into y_score=; for a quantity, task="regression"',
            )
    return ArgumentError(
        f"{what} has labels that y_true does not have",
        got=f"{listed(unseen)}; y_true has {listed(seen)}",
        hint="the same labels in both",
    )


def encode_numbers(raw: RawColumn, threshold: float | None, what: str) -> tuple[Any, Codes]:
    """Return the numbers of a regression, and whether each is below the threshold (0) or not."""
    values = as_floats(raw, what)
    if threshold is None:
        return values, np.zeros(len(values), dtype=np.intp)
    return values, (values >= threshold).astype(np.intp)
