"""Predictions of the ensemble on rows that its weights have not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble.blend import Floats, Link, Task
from automl.ensemble.parts import others_and_own, part_numbers
from automl.ensemble.selection import select
from automl.metrics.metric import Metric
from automl.metrics.rows import take_rows


def honest_predictions(
    predictions: Sequence[Floats],
    y: NDArray[Any],
    fold_of_rows: NDArray[Any],
    metric: Metric,
    *,
    task: Task,
    weight: Floats | None = None,
    max_members: int = 6,
    steps: int = 25,
    link: Link = "margin",
    costs: Sequence[float] | None = None,
    max_cost: float | None = None,
    families: Sequence[str] | None = None,
    max_rows: int = 20_000,
    deadline: float = math.inf,
    frame: Any = None,
    seed: int = 0,
) -> Floats:
    """Predict every row by an ensemble whose weights were chosen on the other folds' rows.

    The score of these predictions estimates what choosing an ensemble in this way achieves; the
    score of the selection itself is optimistic, for its weights have seen the rows.

    Parameters
    ----------
    predictions : sequence of ndarray of float64
        Out-of-fold predictions of each candidate, all on the same rows.
    y : ndarray, shape (n_rows,)
        Class numbers or values.
    fold_of_rows : ndarray, shape (n_rows,)
        The fold that held each row out. With a single fold the rows are dealt into 5 random parts.
    metric, task, weight, max_members, steps, link, costs, max_cost, families
        As in `select`.
    max_rows, deadline, frame, seed
        As in `select`.

    Returns
    -------
    ndarray of float64
        Predictions of the ensembles, in the form of the candidates'.

    Raises
    ------
    SearchFailedError
        If every candidate has predictions that are not finite on some folds' rows.
    """
    parts = part_numbers(fold_of_rows, seed)
    result = np.empty_like(np.asarray(predictions[0], dtype=np.float64))
    for others, own in others_and_own(parts):
        chosen = select(
            [prediction[others] for prediction in predictions],
            y[others],
            metric,
            task=task,
            weight=None if weight is None else weight[others],
            max_members=max_members,
            steps=steps,
            link=link,
            costs=costs,
            max_cost=max_cost,
            families=families,
            max_rows=max_rows,
            deadline=deadline,
            frame=None if frame is None else take_rows(frame, others),
            seed=seed,
        )
        members = dict(chosen.weights)
        # Candidates that are not members are not cut to the fold's rows.
        own_rows = [p[own] if i in members else p for i, p in enumerate(predictions)]
        result[own] = chosen.apply(own_rows, task)
    return result
