"""Rows in, cells out: every row gets its codes, and what is summed is added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.table import scores as scoring
from fairness.table.attributes import encode
from fairness.table.cells import Codes, ScoreSums, Sums, add_up, locate
from fairness.table.design import Design
from fairness.table.outcomes import encode_labels, encode_numbers
from fairness.table.rows import Rows
from fairness.table.values import Attribute, Moments

FARTHEST = 1e6
"""Standard deviations that the mean of a regression's targets may lie from 0."""


@dataclass(frozen=True)
class Counted:
    """Cells of some rows.

    Parameters
    ----------
    design : Design
        How they were counted.
    attributes : tuple of Attribute
        Sensitive ones first.
    keys : ndarray of int32, shape (n_cells, n_attributes + 3)
        Groups, outcome, prediction and bin of each cell.
    sums : Sums
        What its rows add up to.
    """

    design: Design
    attributes: tuple[Attribute, ...]
    keys: NDArray[np.int32]
    sums: Sums


def count(rows: Rows, design: Design) -> Counted:
    """Count rows by group, outcome, prediction and bin, and add up what is summed."""
    encoded = [
        encode(
            part.name,
            part.raw,
            rows.mass.counts,
            control=part.control,
            edges=design.edges.get(part.name),
            keep_order=part.keep_order,
        )
        for part in rows.groupings
    ]
    attributes = tuple(attribute for attribute, _ in encoded)
    with np.errstate(over="ignore", invalid="ignore"):
        read = _read_results(rows, design)
    bins = np.full(len(read.outcome), -1) if read.bins is None else read.bins
    n_classes = max(len(design.outcome.classes), 1)
    sizes = [len(attribute.groups) for attribute in attributes]
    n_bins = 0 if design.grid is None else len(design.grid.edges) + 1
    cell, keys = locate(
        [*(codes for _, codes in encoded), read.outcome, read.prediction, bins],
        [*sizes, n_classes, n_classes, n_bins],
    )
    with np.errstate(over="ignore", invalid="ignore"):
        sums = add_up(cell, len(keys), rows.mass, read.moments, read.scores)
    _check_sums(sums)
    return Counted(design, attributes, keys, sums)


@dataclass(frozen=True)
class _Results:
    """Outcome, prediction and score of each row, coded; moments are computed as they are read."""

    outcome: Codes
    prediction: Codes
    bins: Codes | None
    moments: Iterator[tuple[str, Moments]]
    scores: ScoreSums | None = None


def _read_results(rows: Rows, design: Design) -> _Results:
    if design.outcome.task == "regression":
        return _read_regression(rows, design)
    if design.outcome.task == "multiclass":
        return _read_multiclass(rows, design)
    return _read_binary(rows, design)


def _read_regression(rows: Rows, design: Design) -> _Results:
    true, outcome = encode_numbers(rows.true, design.threshold, "y_true")
    predicted, prediction = None, np.full(len(outcome), -1)
    if rows.predicted is not None:
        predicted, codes = encode_numbers(rows.predicted, design.threshold, "y_pred")
        prediction = prediction if design.threshold is None else codes
    _check_distance_from_zero(true)
    moments = scoring.regression_moments(true, predicted, rows.mass)
    return _Results(outcome, prediction, None, moments)


def _check_distance_from_zero(true: NDArray[np.float64]) -> None:
    """Refuse targets whose variance is lost in the sums of their squares.

    Sums add up over tables, so they are of the raw values; with 16 digits a mean of a million
    standard deviations leaves the variance four.
    """
    spread = float(np.std(true))
    if 0 < spread < abs(float(np.mean(true))) / FARTHEST:
        raise ArgumentError(
            "the targets lie too far from 0 for their spread",
            got=f"mean {np.mean(true):.6g}, standard deviation {spread:.3g}",
            hint="subtract a constant from y_true and y_pred",
        )


def _read_multiclass(rows: Rows, design: Design) -> _Results:
    outcome = encode_labels(rows.true, design.outcome, "y_true")
    prediction = np.full(len(outcome), -1)
    moments: Iterator[tuple[str, Moments]] = iter(())
    if rows.score is not None:
        matrix = scoring.check_matrix(rows.score, design.outcome.columns)
        matrix = scoring.in_class_order(matrix, design.outcome)
        moments = scoring.multiclass_moments(matrix, outcome, rows.mass)
        prediction = matrix.argmax(axis=1)
    if rows.predicted is not None:
        prediction = encode_labels(rows.predicted, design.outcome, "y_pred")
    return _Results(outcome, prediction, None, moments)


def _read_binary(rows: Rows, design: Design) -> _Results:
    outcome = encode_labels(rows.true, design.outcome, "y_true")
    prediction = np.full(len(outcome), -1)
    if rows.predicted is not None:
        prediction = encode_labels(rows.predicted, design.outcome, "y_pred")
    score = rows.score
    if score is None or design.grid is None:
        return _Results(outcome, prediction, None, iter(()))
    if score.ndim == 2:
        matrix = scoring.check_matrix(score, design.outcome.columns)
        score = scoring.positive_column(matrix, design.outcome)
    bins = scoring.to_bins(score, design.grid)
    if rows.predicted is None and design.threshold is not None:
        prediction = (score >= design.threshold).astype(np.intp)
    probability = design.grid.kind == "probability"
    moments = scoring.binary_moments(score, outcome, rows.mass, probability)
    squared = rows.mass.weights * score**2
    return _Results(outcome, prediction, bins, moments, ScoreSums(squared, score, score))


def _check_sums(sums: Sums) -> None:
    """Refuse numbers so large that their squares cannot be added up."""
    for name, moment in sums.moments.items():
        if not (np.isfinite(moment.squared).all() and np.isfinite(moment.total).all()):
            raise ArgumentError(
                f"the numbers are too large to add up ({name})",
                got="their squares are beyond the largest number",
                hint="scale them, such as by dividing by 1,000,000",
            )
