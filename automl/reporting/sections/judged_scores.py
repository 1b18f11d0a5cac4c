"""Two classes: curves, calibration and what each threshold would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.reporting.drawing import scores as drawing
from automl.reporting.facts import Performance
from automl.reporting.scores import CALIBRATION, score_of
from automl.reporting.sections.personal import labels_told, thinned, told, without_small_cells
from automl.reporting.words import percent, score
from candor.report import Block, Choice, Option, Table, Text
from explain.drawing import as_block
from explain.showing.words import records, short

STOPS = 19
"""Thresholds of the slider."""

METHOD = (
    "ROC band: pointwise, Wilson's interval of the true positive rate together with how far the "
    "curve moves over Wilson's interval of the false positive rate (Zou and Donner 2008). "
    "Calibration: ten bins of equally many rows. Calibration error: root of the mean squared gap "
    "between outcome and prediction over 15 bins of equally many rows, less what chance alone "
    "puts there (Kumar, Liang and Ma 2019); 0 where chance explains all of it; gaps inside a bin "
    "are not seen. A threshold is compared to the probability: at or above it the row is called "
    "positive."
)


def blocks(found: Performance, target: str, personal: bool) -> list[Block]:
    """Return pictures and tables of a score of two classes."""
    given = found.predictions
    positive = short(given.classes[1])
    parts: list[Block] = []
    if not found.curves["roc"].empty:
        parts += _ranking(found, positive, personal)
    parts += _thresholds(found, personal)
    parts += _calibration(found, positive, personal)
    if not found.curves["lift"].empty:
        parts += _selection(found, positive, personal)
    return parts


def _ranking(found: Performance, positive: str, personal: bool) -> list[Block]:
    """Draw the ROC curve."""
    curve = _told(found.curves["roc"], found, personal)
    used = in_use(found) if labels_told(found, personal) else None
    point = None if used is None else (float(used["fpr"]), float(used["recall"]))
    area, low, high = score_of(found.scores, "roc_auc")
    text = f"ROC AUC {score(area)} [{score(low)}, {score(high)}]"
    alt = f"Curve of true against false positive rate. {text}."
    if point is not None:
        alt += (
            f" The threshold in use finds {percent(point[1])} at {percent(point[0])} false alarms."
        )
    caption = (
        f"ROC curve of {positive}, with a pointwise band: {text}; the dashed line is chance, the "
        "diamond the threshold in use"
    )
    return [as_block(drawing.roc_chart(curve, point), caption, alt)]


def _told(curve: pd.DataFrame, found: Performance, personal: bool) -> pd.DataFrame:
    """Return the points of a curve that lie apart and tell of no small cell."""
    curve = thinned(curve, personal)
    n_rows, hits = len(found.predictions.y), int((found.predictions.y == 1).sum())
    counted = {"tpr": hits, "recall": hits, "gain": hits, "fpr": n_rows - hits}
    for name in curve.columns.intersection(list(counted)):
        rows = pd.Series(counted[name], index=curve.index)
        curve = curve[told(curve[name], rows, personal)]
    return curve


def _selection(found: Performance, positive: str, personal: bool) -> list[Block]:
    """Draw precision against recall, and gain."""
    share = float((found.thresholds["tp"] + found.thresholds["fn"]).iloc[0])
    share /= len(found.predictions.y)
    area, low, high = score_of(found.scores, "average_precision")
    text = f"average precision {score(area)} [{score(low)}, {score(high)}]"
    gains = _told(found.curves["lift"], found, personal)
    parts: list[Block] = [
        as_block(
            drawing.precision_recall_chart(
                _told(found.curves["precision_recall"], found, personal), share
            ),
            f"Precision against recall of {positive}: {text}; the dashed line is a random choice",
            f"Curve of precision against recall; {text}; a random choice has {percent(share)}.",
        )
    ]
    tenth = gains[np.isclose(gains["share"], 0.1)]
    if tenth.empty:
        return parts
    row = next(records(tenth))
    said = (
        f"the tenth of the rows with the highest scores holds {percent(row.gain)} of all "
        f"{positive}: {row.lift:.3g} times as many as a random tenth"
    )
    caption = f"Gain: {said}"
    return [*parts, as_block(drawing.gain_chart(gains), caption, f"Rising curve: {said}.")]


def _calibration(found: Performance, positive: str, personal: bool) -> list[Block]:
    """Draw outcomes against predictions."""
    frame = found.curves["calibration"]
    frame = frame[told(frame["observed"], frame["n"], personal)]
    if frame.empty:
        return []
    error, low, high = (100 * one for one in score_of(found.scores, CALIBRATION))
    said = (
        f"probabilities of {positive} are off by {error:.1f} points beyond chance "
        f"[{low:.1f}, {high:.1f}]"
    )
    alt = "Points: " + "; ".join(
        f"predicted {percent(row.predicted)}, observed {percent(row.observed)}"
        for row in records(frame[["predicted", "observed"]])
    )
    caption = f"Calibration, ten bins of equally many rows: {said}"
    return [as_block(drawing.calibration_chart(frame), caption, alt)]


def _thresholds(found: Performance, personal: bool) -> list[Block]:
    """Return the confusion matrix to slide through, and the whole sweep."""
    sweep = without_small_cells(found.thresholds, personal)
    if sweep.empty:
        return [Text("Every threshold leaves fewer than ten rows in some cell.")]
    given = found.predictions
    stops = slider_stops(sweep["threshold"].to_numpy(), given.threshold)
    options = tuple(_option(sweep.iloc[stop], found) for stop in stops)
    nearest = np.abs(sweep["threshold"].to_numpy()[stops] - given.threshold).argmin()
    positive = short(given.classes[1])
    return [
        Choice("Decision threshold", options, kind="slider", start=int(nearest)),
        as_block(
            drawing.thresholds_chart(sweep, given.threshold),
            f"What each threshold does; {given.threshold:.3g} is in use",
            f"Lines of recall, precision, false positive rate and share selected as {positive}, "
            f"by threshold; {given.threshold:.3g} is in use.",
        ),
        Table(
            _with_ranges(sweep),
            "What each threshold does, with 95 % intervals",
            (given.rows_used,),
            dict.fromkeys(("tp", "fp", "tn", "fn"), ",.0f") | {"threshold": ".3g"},
            fold=6,
        ),
    ]


def in_use(found: Performance) -> pd.Series[Any] | None:
    """Return the row of the threshold in use."""
    sweep = found.thresholds
    same = sweep[np.isclose(sweep["threshold"], found.predictions.threshold)]
    return None if same.empty else same.iloc[0]


def slider_stops(thresholds: np.ndarray[Any, Any], used: float) -> list[int]:
    """Choose the positions of thresholds to slide through, with the one in use."""
    even = np.linspace(0, len(thresholds) - 1, min(STOPS - 1, len(thresholds)))
    nearest = int(np.abs(thresholds - used).argmin())
    return sorted({*(int(one) for one in even.round()), nearest})


def _option(row: pd.Series[Any], found: Performance) -> Option:
    """Say what one threshold does, in words and as a matrix."""
    given = found.predictions
    other, positive = (short(one, 24) for one in given.classes)
    name = f"{row['threshold']:.3g}"
    in_all = row["tp"] + row["fp"] + row["tn"] + row["fn"]
    called = row["tp"] + row["fp"]
    mark = " (in use)" if np.isclose(row["threshold"], given.threshold) else ""
    text = (
        f"From {name} on{mark}, {called:,.0f} of {in_all:,.0f} rows are called {positive}. "
        f"{_rate(row, 'precision')} of these are right; {_rate(row, 'recall')} of all {positive} "
        f"are found; {_rate(row, 'fpr')} of all {other} are called {positive} by mistake."
    )
    if called == 0:
        text = f"From {name} on, no row is called {positive}."
    frame = pd.DataFrame(
        {
            "true class": [positive, other],
            f"called {positive}": [row["tp"], row["fp"]],
            f"called {other}": [row["fn"], row["tn"]],
            "in all": [row["tp"] + row["fn"], row["fp"] + row["tn"]],
        }
    )
    formats = dict.fromkeys(frame.columns[1:], ",.0f")
    table = Table(frame, f"Confusion matrix at {name}", (given.rows_used,), formats)
    return Option(name, (Text(text), table))


def _rate(row: pd.Series[Any], name: str) -> str:
    """Write a rate with its interval."""
    low, high = (percent(row[f"{name}_{end}"]) for end in ("low", "high"))
    return f"{percent(row[name])} [{low}, {high}]"


def _with_ranges(sweep: pd.DataFrame) -> pd.DataFrame:
    """Write each rate and its interval into one cell."""
    frame = sweep[["threshold", "tp", "fp", "tn", "fn"]].copy()
    for name, (said, _, _) in drawing.RATES.items():
        frame[f"{said}, %"] = [
            "–" if value != value else f"{100 * value:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
            for value, low, high in zip(
                sweep[name], sweep[f"{name}_low"], sweep[f"{name}_high"], strict=True
            )
        ]
    return frame
