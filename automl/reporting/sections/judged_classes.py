"""Classes: which are found, and which are taken for which."""

from __future__ import annotations

import pandas as pd

from automl.reporting.classes import MOST_CLASSES, PAIRS
from automl.reporting.drawing import scores as drawing
from automl.reporting.drawing.values import matrix_chart
from automl.reporting.facts import Performance
from automl.reporting.scores import CALIBRATION, score_of
from automl.reporting.sections.personal import parts_of_whole, told, without_small_pairs
from automl.reporting.words import percent
from candor.report import Block, Table, Text
from explain.drawing import as_block
from explain.showing.words import records, short

SHOWN = 200
"""Classes in the table at most; the rest are counted."""

METHOD = (
    "A row's label is its likeliest class. Recall: the share of a class that is found; precision: "
    "the share of a label that is right (Wilson intervals). Calibration: ten bins of equally many "
    "rows by the probability of the likeliest class, against how often that label is right; the "
    "calibration error as root of the mean squared gap over 15 such bins, less what chance alone "
    "puts there (Kumar, Liang and Ma 2019)."
)


def blocks(found: Performance, personal: bool) -> list[Block]:
    """Return pictures and tables of several classes."""
    return [*_matrix(found, personal), *by_class(found, personal), *_calibration(found, personal)]


def by_class(found: Performance, personal: bool) -> list[Block]:
    """Return recall and precision of each class, the one that is found least first."""
    frame = parts_of_whole(found.by_class, "n", personal).sort_values(
        "recall", kind="stable", na_position="last"
    )
    if frame.empty:
        return []
    shown = frame.head(SHOWN)
    table = pd.DataFrame(
        {
            "class": [short(one) for one in shown["class"]],
            "rows": shown["n"],
            "predicted": shown["n_predicted"],
            "recall": _ranges(shown, "recall", "n", personal),
            "precision": _ranges(shown, "precision", "n_predicted", personal),
            "most often taken for": [
                f"{short(row.taken_for, 24)} ({percent(row.taken_share)})"
                if row.taken_for
                else "–"
                for row in records(shown)
            ],
        }
    )
    if not personal:
        table = table.drop(columns=["predicted", "most often taken for"])
    notes = [found.predictions.rows_used]
    if len(frame) > SHOWN:
        notes.append(f"{len(frame) - SHOWN:,} more classes are found better than these.")
    return [Table(table, "By class, the one found least first", tuple(notes), fold=10)]


def _matrix(found: Performance, personal: bool) -> list[Block]:
    """Draw the confusion matrix; of many classes list the pairs that are confused most."""
    cells = without_small_pairs(found.confusion, personal)
    wrong = cells[(cells["true"] != cells["predicted"]) & (cells["n"] > 0)]
    pairs = wrong.sort_values("n", ascending=False, kind="stable").head(PAIRS)
    said = "; ".join(
        f"{short(row.true)} taken for {short(row.predicted)} ({percent(row.share)})"
        for row in records(pairs.head(3))
    )
    n_classes = len(found.predictions.classes)
    parts: list[Block] = []
    if n_classes <= MOST_CLASSES:
        parts.append(
            as_block(
                matrix_chart(cells, [str(one) for one in found.predictions.classes]),
                f"Confusion matrix: {said or 'no two classes are confused'}",
                f"Matrix of true and predicted class. Confused most: {said or 'none'}.",
            )
        )
    else:
        parts.append(
            Text(
                f"{n_classes:,} classes are too many for a matrix; the {len(pairs)} pairs that "
                "are confused most are listed."
            )
        )
    if pairs.empty:
        return parts
    table = pd.DataFrame(
        {
            "true class": [short(one) for one in pairs["true"]],
            "taken for": [short(one) for one in pairs["predicted"]],
            "rows": pairs["n"],
            "share of the true class": pairs["share"],
        }
    )
    formats = {"rows": ",.0f", "share of the true class": ".1%"}
    notes = (found.predictions.rows_used,)
    return [*parts, Table(table, "Classes that are confused most", notes, formats, fold=5)]


def _calibration(found: Performance, personal: bool) -> list[Block]:
    """Draw how often the likeliest class is right, by its probability."""
    frame = found.curves["calibration"]
    frame = frame[told(frame["observed"], frame["n"], personal)]
    if frame.empty:
        return []
    error, low, high = (100 * one for one in score_of(found.scores, CALIBRATION))
    said = (
        f"how often it is right and the probability it was given are {error:.1f} points apart "
        f"beyond chance [{low:.1f}, {high:.1f}]"
    )
    alt = "Points: " + "; ".join(
        f"probability {percent(row.predicted)}, right {percent(row.observed)}"
        for row in records(frame[["predicted", "observed"]])
    )
    caption = f"Calibration of the likeliest class: {said}"
    return [as_block(drawing.calibration_chart(frame), caption, alt)]


def _ranges(frame: pd.DataFrame, name: str, rows: str, personal: bool) -> list[str]:
    """Write a rate and its interval into one cell."""
    shown = told(frame[name], frame[rows], personal) & frame[name].notna()
    ends = zip(frame[name], frame[f"{name}_low"], frame[f"{name}_high"], shown, strict=True)
    return [
        f"{percent(value)} [{percent(low)}, {percent(high)}]" if open_ else "–"
        for value, low, high, open_ in ends
    ]
