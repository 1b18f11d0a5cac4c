"""How rows are counted: task, classes, threshold and bins, settled before the first one is."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table import scores as scoring
from fairness.table.attributes import check_edges
from fairness.table.outcomes import (
    Labels,
    Outcome,
    TaskArgument,
    describe_outcome,
    find_labels,
)
from fairness.table.rows import Rows
from fairness.table.values import ScoreGrid


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
