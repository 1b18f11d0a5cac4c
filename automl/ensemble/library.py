"""Candidates in the space in which they are averaged, with everything that scores an average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble.blend import Floats, Link, Task, from_margin, to_margin
from automl.ensemble.sample import RowSample
from automl.metrics.choose import get_metric
from automl.metrics.metric import Metric
from automl.metrics.rows import take_rows


@dataclass(frozen=True)
class Library:
    """Candidates that an ensemble is chosen from.

    Parameters
    ----------
    parts : tuple of ndarray of float64, or None
        Margins or predictions of each candidate; None where it has values that are not finite.
    y : ndarray, shape (n_rows,)
        Class numbers or values.
    metric : Metric
        What scores an average.
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    in_margins : bool
        Whether the parts are margins that have to be turned back.
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights.
    frame : DataFrame or None
        The raw rows.
    """

    parts: tuple[Floats | None, ...]
    y: NDArray[Any]
    metric: Metric
    task: Task
    in_margins: bool
    weight: Floats | None
    frame: Any

    @classmethod
    def build(
        cls,
        predictions: Sequence[Floats],
        y: NDArray[Any],
        metric: Metric,
        task: Task,
        link: Link,
        sample: RowSample,
        frame: Any,
    ) -> Library:
        """Bring the candidates' predictions on sampled rows into the space of the link."""
        in_margins = link == "margin" and task != "regression"

        def part(prediction: Floats) -> Floats | None:
            sampled = np.asarray(prediction[sample.rows], dtype=np.float64)
            if not np.isfinite(sampled).all():
                return None
            return to_margin(sampled, task) if in_margins else sampled

        return cls(
            tuple(part(prediction) for prediction in predictions),
            y[sample.rows],
            metric,
            task,
            in_margins,
            sample.weight,
            None if frame is None else take_rows(frame, sample.rows),
        )

    def gain(self, average: Floats) -> float:
        """Score an average of parts, higher is better; minus infinity where there is no score."""
        scored = average
        if self.in_margins and not self.metric.order_only:
            scored = from_margin(average, self.task)
        score = self.metric.score(self.y, scored, self.weight, frame=self.frame)
        return -math.inf if math.isnan(score) else self.metric.gain(score)

    def with_loss(self) -> Library:
        """Return the same candidates, scored by a loss that is defined on any rows."""
        metric = get_metric("rmse" if self.task == "regression" else "log_loss", self.task)
        return replace(self, metric=metric, weight=None)

    def single_gains(self) -> list[float]:
        """Score every candidate alone."""
        return [-math.inf if part is None else self.gain(part) for part in self.parts]

    def average(self, weights: Sequence[tuple[int, float]]) -> Floats:
        """Average the parts of some candidates."""
        total = np.zeros_like(self.part(weights[0][0]))
        for index, weight in weights:
            total += weight * self.part(index)
        return total

    def part(self, index: int) -> Floats:
        """Return the part of a usable candidate."""
        part = self.parts[index]
        if part is None:
            raise ValueError(f"candidate {index} has predictions that are not finite")
        return part
