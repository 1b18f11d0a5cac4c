"""A row picker: each example row with its waterfall, in words, and what would change its label."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from automl.reporting.examples import chosen_rows
from automl.reporting.facts import Why
from candor.report import Block, Choice, Option, Text
from explain.drawing import as_block
from explain.showing import pictures
from explain.showing.rows import contributions, output_of_row, row_sentences
from explain.showing.words import level, listed, percent, short, value_text

if TYPE_CHECKING:
    from explain import Explanation


def row_picker(why: Why, unchanged: tuple[str, ...]) -> list[Block]:
    """Return rows along the predictions, of which the reader picks one."""
    found = why.explanation
    rows = chosen_rows(found)
    options = tuple(Option(_name(found, row), _blocks(why, row)) for row in rows)
    fixed = [name for name in dict.fromkeys(unchanged) if name in found.data.columns]
    stay = (
        f" {listed(fixed)} {'stays as it is' if len(fixed) == 1 else 'stay as they are'}."
        if fixed and why.changes
        else ""
    )
    changes = " what would change their label, and" if why.changes else ""
    lead = Text(
        f"Single rows from the highest to the lowest prediction:{changes} how each column moves "
        f"their prediction away from the average.{stay} They describe the model, not what making "
        "a change would bring about. Rows are counted from 0 among those that the run keeps.",
    )
    return [lead, Choice("Row", options)]


def called(found: Explanation, row: int) -> str:
    """Name a row by the number that `automl explain --row` takes."""
    return f"row {int(found.rows[row])}"


def _name(found: Explanation, row: int) -> str:
    place = output_of_row(found, row)
    value = float(found.predictions[row] if place is None else found.predictions[row][place])
    label = (
        "" if not found.classes else f" of {short(found.classes[-1 if place is None else place])}"
    )
    if found.task == "binary" and found.scale == "margin":
        said = percent(_chance(value))
    else:
        said = level(value, found.scale)
    kind = (
        "predicted"
        if found.task == "regression"
        else "score"
        if place is not None
        else "probability"
    )
    return f"R{called(found, row)[1:]}: {kind}{label} {said}"


def _chance(margin: float) -> float:
    """Return the probability of log-odds: never 0 or 1, whatever rounding makes of it."""
    return min(max(1 / (1 + math.exp(min(-margin, 700.0))), 1e-9), 1 - 1e-9)


def _blocks(why: Why, row: int) -> tuple[Block, ...]:
    """Return one row's picture, words and changes."""
    found = why.explanation
    name = called(found, row)
    lines = row_sentences(found, row, called=name)
    chart = pictures.waterfall_chart(found, row=row, called=name)
    blocks: list[Block] = [
        as_block(chart, lines[0], f"{lines[0]} {'; '.join(lines[1:4])}"),
    ]
    place = output_of_row(found, row)
    moved = contributions(found, row, None if place is None else found.classes[place])
    if len(moved):
        blocks.append(Text("In words:", tuple(lines[1:])))
    if found.y is not None:
        blocks.append(Text(f"What was true of it: {value_text(found.y[row])}."))
    if row in why.changes:
        # The warning at the end is the same for all rows, and stands above the picker.
        blocks += why.changes[row].page().sections[0].blocks[:-1]
    return tuple(blocks)
