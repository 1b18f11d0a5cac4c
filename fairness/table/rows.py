"""Rows in, cells out: checks what was handed over, settles a design, and counts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from candor.frames import RawColumn
from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table import scores as scoring
from fairness.table.attributes import check_edges, encode
from fairness.table.cells import Codes, Mass, ScoreSums, Sums, add_up, locate
from fairness.table.inputs import (
    check_attributes,
    is_polars_or_arrow,
    read_attributes,
    read_column,
    read_matrix,
)
from fairness.table.numbers import as_counts, as_floats, read_mass
from fairness.table.outcomes import (
    Labels,
    Outcome,
    TaskArgument,
    describe_outcome,
    encode_labels,
    encode_numbers,
    find_labels,
)
from fairness.table.values import Attribute, Counts, Floats, Moments, ScoreGrid


@dataclass(frozen=True)
class Options:
    """What the caller says about the rows.

    Parameters
    ----------
    positive : object
        The positive label, or None.
    threshold : float or None
        Where predictions are cut.
    task : {"auto", "binary", "multiclass", "regression"}
        What is predicted.
    edges : mapping of str to sequence of float, or None
        Cut points of numeric attributes.
    """

    positive: object = None
    threshold: float | None = None
    task: TaskArgument = "auto"
    edges: Mapping[str, Sequence[float]] | None = None


@dataclass(frozen=True)
class Grouping:
    """One attribute as handed over.

    Parameters
    ----------
    name : str
        Its name.
    raw : RawColumn
        The column.
    control : bool
        Whether it is a control feature.
    keep_order : bool
        Whether declared categories are in an order that somebody chose.
    """

    name: str
    raw: RawColumn
    control: bool
    keep_order: bool


@dataclass(frozen=True)
class Rows:
    """Rows of equal number in every part, none with weight 0.

    Parameters
    ----------
    true, predicted : RawColumn
        Outcomes and predictions.
    score : ndarray of float64, shape (n_rows,) or (n_rows, n_columns), or None
        Scores.
    groupings : tuple of Grouping
        Attributes, sensitive ones first.
    mass : Mass
        How many rows each stands for, and their weights.
    """

    true: RawColumn
    predicted: RawColumn | None
    score: Floats | None
    groupings: tuple[Grouping, ...]
    mass: Mass


@dataclass(frozen=True)
class Facts:
    """What has to be known of all rows before any can be counted.

    Parameters
    ----------
    true, predicted : Labels
        Labels of outcomes and predictions.
    levels : Levels or None
        Scores of one dimension.
    """

    true: Labels
    predicted: Labels | None
    levels: scoring.Levels | None

    def __or__(self, other: Facts) -> Facts:
        predicted, levels = self.predicted, self.levels
        if predicted is not None and other.predicted is not None:
            predicted = predicted | other.predicted
        if levels is not None and other.levels is not None:
            levels = levels | other.levels
        return Facts(self.true | other.true, predicted, levels)


@dataclass(frozen=True)
class Design:
    """How rows are counted; the same for every batch.

    Parameters
    ----------
    outcome : Outcome
        Task and classes.
    threshold : float or None
        Where predictions are cut.
    grid : ScoreGrid or None
        Bins of the scores.
    edges : mapping of str to tuple of float
        Cut points by attribute; empty: a group for each value; absent: not settled yet.
    by_level : bool
        Whether each distinct score has a bin of its own.
    """

    outcome: Outcome
    threshold: float | None
    grid: ScoreGrid | None
    edges: Mapping[str, tuple[float, ...]]
    by_level: bool = False


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
    keys: Any
    sums: Sums


def read_rows(
    y_true: Any, y_pred: Any, y_score: Any, sensitive: Any, control: Any, weight: Any, counts: Any
) -> Rows:
    """Read and check what the caller handed over."""
    by = read_attributes(sensitive, "sensitive")
    within = read_attributes(control, "control")
    check_attributes(by, within)
    true = read_column(y_true, "y_true")
    predicted = None if y_pred is None else read_column(y_pred, "y_pred")
    score = None if y_score is None else _read_score(y_score)
    groupings = tuple(
        Grouping(
            name,
            read_column(column, f"{argument} column {name!r}"),
            argument == "control",
            not is_polars_or_arrow(column),
        )
        for argument, columns in (("sensitive", by), ("control", within))
        for name, column in columns.items()
    )
    weights = None if weight is None else as_floats(read_column(weight, "weight"), "weight")
    rows = None if counts is None else as_counts(read_column(counts, "counts"), "counts")
    optional = {"y_pred": predicted, "weight": weights, "counts": rows, "y_score": score}
    lengths = {"y_true": _length(true)}
    lengths |= {name: _length(part) for name, part in optional.items() if part is not None}
    lengths |= {f"attribute {grouping.name!r}": _length(grouping.raw) for grouping in groupings}
    _check_lengths(lengths)
    mass = read_mass(lengths["y_true"], weights, rows)
    return heavy_rows(Rows(true, predicted, score, groupings, mass))


def _read_score(value: Any) -> Floats:
    matrix = read_matrix(value, "y_score")
    if matrix is None:
        return as_floats(read_column(value, "y_score"), "y_score")
    return scoring.as_matrix(matrix)


def _length(part: RawColumn | Floats | Counts) -> int:
    return part.n_rows if isinstance(part, RawColumn) else len(part)


def _check_lengths(lengths: Mapping[str, int]) -> None:
    n = lengths["y_true"]
    for name, length in lengths.items():
        if length != n:
            raise ArgumentError(
                f"y_true and {name} differ in length",
                got=f"{n:,} and {length:,} rows",
                hint="one value for each row, in the same order",
            )
    if n == 0:
        raise ArgumentError("there are no rows", got="y_true is empty", hint="at least one row")


def heavy_rows(rows: Rows) -> Rows:
    """Leave out rows without weight: they are no part of the audit."""
    heavy = (rows.mass.weights > 0) & (rows.mass.counts > 0)
    if heavy.all():
        return rows
    kept = np.flatnonzero(heavy)
    mass = rows.mass
    weights = mass.weights[kept]
    squared = weights if mass.plain else mass.weights_squared[kept]
    return Rows(
        rows.true.take(kept),
        None if rows.predicted is None else rows.predicted.take(kept),
        None if rows.score is None else rows.score[kept],
        tuple(replace(part, raw=part.raw.take(kept)) for part in rows.groupings),
        Mass(mass.counts[kept], weights, squared),
    )


def find_facts(rows: Rows) -> Facts:
    """Return what has to be known of these rows before they are counted."""
    predicted = None if rows.predicted is None else find_labels(rows.predicted, "y_pred")
    levels = None
    if rows.score is not None and rows.score.ndim == 1:
        levels = scoring.find_levels(rows.score)
    return Facts(find_labels(rows.true, "y_true"), predicted, levels)


def settle(rows: Rows, facts: Facts, options: Options, *, partial: bool = False) -> Design:
    """Settle how rows are counted.

    Parameters
    ----------
    rows : Rows
        All rows, or the first batch.
    facts : Facts
        Of all rows, as far as they are known.
    options : Options
        What the caller says.
    partial : bool
        Whether rows are to come whose labels are not in `facts`.

    Returns
    -------
    Design
        Fits every batch.
    """
    edges = check_edges(options.edges, [grouping.name for grouping in rows.groupings])
    threshold = _check_threshold(options.threshold)
    outcome = describe_outcome(
        facts.true,
        facts.predicted,
        task=options.task,
        positive=options.positive,
        threshold=threshold,
        partial=partial,
    )
    _check_scores(rows, outcome)
    levels, score = facts.levels, rows.score
    if score is not None and score.ndim == 2 and outcome.task == "binary":
        score = scoring.positive_column(scoring.check_matrix(score, outcome.columns), outcome)
        levels = scoring.Levels(0.0, 1.0, None)
    threshold = _settle_threshold(rows, outcome, threshold, levels)
    if outcome.task != "binary" or score is None or levels is None:
        return Design(outcome, threshold, None, edges)
    grid = scoring.choose_grid(levels, score, rows.mass.counts)
    by_level = grid.kind == "edges" and levels.distinct is not None
    return Design(outcome, threshold, grid, edges, by_level)


def _check_threshold(threshold: object) -> float | None:
    if threshold is None:
        return None
    number = isinstance(threshold, (int, float, np.number)) and not isinstance(threshold, bool)
    if not number or not abs(threshold) <= sys.float_info.max:  # type: ignore[arg-type]
        raise ArgumentTypeError(
            "threshold must be a number", got=repr(threshold)[:80], hint="threshold=0.5"
        )
    return float(threshold)  # type: ignore[arg-type]


def _check_scores(rows: Rows, outcome: Outcome) -> None:
    """Refuse scores that the task has no use for."""
    if rows.score is None:
        return
    if outcome.task == "regression":
        raise ArgumentError(
            "a regression has no y_score",
            got="y_true holds a quantity",
            hint='y_pred= for predicted numbers; task="binary" and positive= for classes',
        )
    if outcome.task == "multiclass" and rows.score.ndim == 1:
        raise ArgumentError(
            "one score for each row does not tell several classes apart",
            got=f"y_true has {len(outcome.classes)} classes",
            hint="y_score with a column for each class, or positive= for one class",
        )


def _settle_threshold(
    rows: Rows, outcome: Outcome, threshold: float | None, levels: scoring.Levels | None
) -> float | None:
    if outcome.task == "regression":
        return threshold
    if threshold is not None:
        if rows.predicted is not None:
            raise ArgumentError(
                "y_pred and threshold are both given",
                got="each of them says what was predicted",
                hint="one of the two",
            )
        if outcome.task == "multiclass":
            raise ArgumentError(
                "a threshold does not tell several classes apart",
                got=f"y_true has {len(outcome.classes)} classes",
                hint="y_pred=, or positive= for one class",
            )
        if rows.score is None:
            raise ArgumentError("threshold needs a score", got="no y_score", hint="y_score=")
        return threshold
    cut = rows.predicted is None and outcome.task == "binary" and levels is not None
    return 0.5 if cut and levels is not None and levels.probability else None


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
    moments = scoring.regression_moments(true, predicted, rows.mass)
    return _Results(outcome, prediction, None, moments)


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
