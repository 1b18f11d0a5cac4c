"""One row: its contributions in words, and rows that are explained alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from explain.errors import ArgumentError
from explain.showing.words import (
    amount,
    level,
    listed,
    percent,
    plural,
    records,
    short,
    value_text,
)
from explain.units import LOG_ODDS, LOG_PROBABILITY

if TYPE_CHECKING:
    from explain.explanation import Explanation
    from explain.protocol import Floats

SHOWN = 8
"""Columns of a row that are told one by one."""


def check_row(explanation: Explanation, row: Any) -> int:
    """Return a position among the explained rows.

    Raises
    ------
    ArgumentError
        There is no such row.
    """
    n = len(explanation.values)
    if isinstance(row, bool) or not isinstance(row, int | np.integer) or not -n <= row < n:
        raise ArgumentError(
            f"there is no row {row!r} among those explained",
            got=plural(n, "row"),
            hint=f"a position from 0 to {n - 1}",
        )
    return int(row) % n


def output_of_row(explanation: Explanation, row: int, output: Any = None) -> int | None:
    """Return the place of the class that is told of; None where there is one output."""
    if explanation.values.ndim == 2:
        check_only_output(explanation, output)
        return None
    if output is not None:
        return place_of_class(explanation, output)
    return int(np.argmax(explanation.predictions[row]))


def place_of_class(explanation: Explanation, output: Any) -> int:
    """Return the place of a class among those of the model.

    Raises
    ------
    ArgumentError
        There is no such class.
    """
    if output not in explanation.classes:
        raise ArgumentError(
            f"there is no class {output!r}", got=f"classes: {listed(explanation.classes, 10)}"
        )
    return explanation.classes.index(output)


def check_only_output(explanation: Explanation, output: Any) -> None:
    """Refuse another output than the only one that there is.

    Raises
    ------
    ArgumentError
        It is another.
    """
    if output is not None and output not in explanation.classes[-1:]:
        raise ArgumentError(
            "these values are of one output only",
            got=f"output={output!r}",
            hint="leave output out",
        )


def contributions(
    explanation: Explanation, row: int, output: Any = None, shown: int = SHOWN
) -> pd.DataFrame:
    """Return one row's contributions, largest first, the smaller ones together.

    Columns: column, text (its value), value, error.
    """
    row = check_row(explanation, row)
    place = output_of_row(explanation, row, output)
    values, errors = (
        (array if place is None else array[..., place])[row]
        for array in (explanation.values, explanation.standard_errors)
    )
    order = np.argsort(-np.abs(values), kind="stable")
    order = order[np.abs(values[order]) > 0]
    kept = order[:shown]
    frame = pd.DataFrame(
        {
            "column": [explanation.columns[j] for j in kept],
            "text": [_text(explanation, row, explanation.columns[j]) for j in kept],
            "value": values[kept],
            "error": errors[kept],
        }
    )
    rest = order[shown:]
    if len(rest):
        others = {
            "column": [plural(len(rest), "other column")],
            "text": [""],
            "value": [values[rest].sum()],
            "error": [np.sqrt((errors[rest] ** 2).sum())],
        }
        frame = pd.concat([frame, pd.DataFrame(others)], ignore_index=True)
    return frame


def row_sentences(
    explanation: Explanation, row: int, output: Any = None, called: str | None = None
) -> list[str]:
    """Tell one row: from the average to its prediction; see `Explanation.row_lines`.

    It is called by its position, unless the caller knows it by another number.
    """
    row = check_row(explanation, row)
    called = f"row {row}" if called is None else called
    place = output_of_row(explanation, row, output)
    base, prediction = (
        float(array if place is None else array[place])
        for array in (explanation.base_values, explanation.predictions[row])
    )
    scale = explanation.scale
    of_what = what_is_predicted(explanation, place)
    lines = [
        f"{of_what}: {level(base, scale)} on average, {level(prediction, scale)} for {called}"
        f"{_as_chance(explanation, row, place)}."
    ]
    found = contributions(explanation, row, output)
    if found.empty:
        lines.append("No column moves it.")
    told = False
    for one in records(found):
        verb = "raises" if one.value > 0 else "lowers"
        if one.column not in explanation.groups and not one.column.startswith("1 "):
            verb = verb[:-1]  # several others together
        held = f" = {one.text}" if one.text else ""
        off = _error(one.value, one.error, scale, told)
        told |= one.error > 0
        lines.append(f"{short(one.column)}{held} {verb} it by {_size(one.value, scale)}{off}")
    return lines


def _error(value: float, error: float, scale: Any, told: bool) -> str:
    """Say how far a contribution may be off; what ± is, once a row."""
    if error <= 0:
        return ""
    meant = "" if told else ", one standard error"
    doubt = ", not told from 0" if error > abs(value) else ""
    return f" (± {_size(error, scale)}{meant}{doubt})"


def what_is_predicted(explanation: Explanation, place: int | None = None) -> str:
    """Name what the values add up to."""
    if explanation.task == "regression":
        return "prediction" if explanation.scale == "response" else explanation.unit
    label = explanation.classes[-1 if place is None else place]
    return f"{explanation.unit} of {short(label)}"


def chances(explanation: Explanation) -> Floats | None:
    """Return the probabilities that the predictions are, or come from; None where none follow.

    Of the second of two classes, or of each class.
    """
    if explanation.scale == "probability":
        return explanation.predictions
    if explanation.unit == LOG_ODDS:
        return np.asarray(expit(explanation.predictions))
    if explanation.unit == LOG_PROBABILITY:
        return np.asarray(softmax(explanation.predictions, axis=1))
    return None


def _as_chance(explanation: Explanation, row: int, place: int | None) -> str:
    """Tell the probability of a prediction that is none itself."""
    found = chances(explanation)
    if found is None or explanation.scale == "probability":
        return ""
    chance = float(found[row] if place is None else found[row, place])
    return f", a probability of {percent(chance) if 0 < chance < 1 else _nearly(chance)}"


def _nearly(chance: float) -> str:
    """Write the chance of a margin so large that it rounds to 0 or 1."""
    return "over 99.9 %" if chance > 0.5 else "under 0.1 %"


def _size(value: float, scale: Any) -> str:
    return amount(abs(value), scale).lstrip("+")


def _text(explanation: Explanation, row: int, player: str) -> str:
    names = explanation.groups[player]
    if len(names) == 1:
        return value_text(explanation.data[names[0]].iloc[row])
    return short(
        ", ".join(f"{name} {value_text(explanation.data[name].iloc[row])}" for name in names), 60
    )


def similar_rows(explanation: Explanation, row: int, k: int) -> pd.DataFrame:
    """Return the rows whose contributions are nearest; see `Explanation.similar`."""
    row = check_row(explanation, row)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ArgumentError("k must be a whole number above 0", got=repr(k))
    flat: Floats = explanation.values.reshape(len(explanation.values), -1)
    distance = np.sqrt(((flat - flat[row]) ** 2).sum(axis=1))
    order = [int(one) for one in np.argsort(distance, kind="stable") if one != row][:k]
    frame = pd.DataFrame({"row": order, "distance": distance[order]})
    if explanation.values.ndim == 2:
        frame["prediction"] = explanation.predictions[order]
    if explanation.y is not None:
        frame["y"] = explanation.y[order]
    return pd.concat([frame, explanation.data.iloc[order].reset_index(drop=True)], axis=1)
