"""Results as text and as JSON, on the standard output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from automl.progress.terminal import writable
from automl.progress.words import brief_text, score_text, seconds_text, size_text

if TYPE_CHECKING:
    import pandas as pd


WORDS = (1, 2, 6)
"""Columns of a leaderboard that hold words: name, score and note."""


def write_text(lines: Iterable[str]) -> None:
    """Write lines, with what the output cannot encode replaced."""
    for line in lines:
        sys.stdout.write(writable(line, sys.stdout.encoding) + "\n")


def write_json(value: Any) -> None:
    """Write a value as JSON, with null for NaN and infinity."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """Turn a value into what JSON knows; frames become lists of rows."""
    if hasattr(value, "to_dict"):
        value = value.to_dict("records")
    elif hasattr(value, "tolist"):  # numpy's arrays and scalars
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def leaderboard_lines(leaderboard: pd.DataFrame, trials: pd.DataFrame) -> list[str]:
    """Lay out a leaderboard, best first.

    Parameters
    ----------
    leaderboard, trials : DataFrame
        As in `Result`; notes are taken from the trials.

    Returns
    -------
    list of str
        A heading and a line a candidate.
    """
    notes = dict(zip(trials["name"], trials["note"], strict=True))
    head = ["", "name", "score [95 % interval]", "fit", "predict a row", "size", ""]
    rows = [
        [str(place), *_cells(row), notes.get(row["name"]) or ""]
        for place, row in enumerate(leaderboard.to_dict("records"), start=1)
    ]
    return align([head, *rows])


def _cells(row: dict[Any, Any]) -> list[str]:
    """Write a candidate's name, score, seconds and size."""
    if row["status"] != "complete":
        return [str(row["name"]), str(row["status"]), "", "", ""]
    score = score_text(row["score"], row["low"], row["high"])
    fit = _unless_missing(row["fit_seconds"], seconds_text)
    predict = _unless_missing(row["predict_seconds"], brief_text)
    return [str(row["name"]), score, fit, predict, _unless_missing(row["size"], size_text)]


def _unless_missing(value: Any, write: Callable[[Any], str]) -> str:
    return "" if value is None or value != value else write(value)


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set cells in columns: places and quantities to the right, words to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if column in WORDS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
