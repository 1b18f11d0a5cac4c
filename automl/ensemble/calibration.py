"""Calibration of the ensemble's probabilities, where it measurably helps.

Binary margins become ``scale * margin + shift`` (Platt 1999; with shift 0 temperature scaling),
multiclass margins ``scale * margin`` (Guo, Pleiss, Sun and Weinberger 2017). The scale is
positive, so the order of binary predictions, and with it ROC AUC, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble.blend import Floats, Task, from_margin
from automl.ensemble.parts import others_and_own, part_numbers
from automl.ensemble.sample import sample_rows
from candor.statistics import standard_error

MIN_ROWS = 1_000
"""Below this number of rows nothing is calibrated."""

MAX_CELLS = 200_000
"""Upper limit of rows times classes that the calibration is fitted on."""

ERRORS = 2.0
"""Standard errors by which the cross-fitted log loss has to fall."""

SMALLEST = 1e-15
"""Probabilities are clipped here before they become margins, so that hardly any become equal."""

SCALES = (0.05, 20.0)
"""Range of the scale."""


@dataclass(frozen=True)
class Calibration:
    """A monotone map of margins.

    Parameters
    ----------
    scale : float, default 1.0
        Factor of the margin: the inverse of the temperature.
    shift : float, default 0.0
        Added to the scaled margin; binary only.
    loss_before, loss_after : float, optional
        Cross-fitted log loss without and with calibration; None where it was not measured.

    Examples
    --------
    >>> Calibration(scale=2.0).apply(np.array([0.2, 0.5]), "binary").round(4)
    array([0.0588, 0.5   ])
    """

    scale: float = 1.0
    shift: float = 0.0
    loss_before: float | None = None
    loss_after: float | None = None

    @property
    def is_identity(self) -> bool:
        """Whether predictions stay as they are."""
        return self.scale == 1.0 and self.shift == 0.0

    def apply(self, prediction: Floats, task: Task) -> Floats:
        """Calibrate predictions of shape (n_rows,) or (n_rows, n_classes); values stay."""
        if self.is_identity or task == "regression":
            return prediction
        return from_margin(self.scale * _margin(prediction, task) + self.shift, task)

    def to_dict(self) -> dict[str, float | None]:
        """Return the calibration as plain values for JSON."""
        return {
            "scale": self.scale,
            "shift": self.shift,
            "loss_before": self.loss_before,
            "loss_after": self.loss_after,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Calibration:
        """Read what `to_dict` returned."""
        return cls(
            float(state["scale"]), float(state["shift"]), state["loss_before"], state["loss_after"]
        )


def calibrate(
    prediction: Floats,
    y: NDArray[Any],
    fold_of_rows: NDArray[Any],
    *,
    task: Task,
    weight: Floats | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> Calibration:
    """Fit a calibration on out-of-fold predictions, and keep it if it helps.

    Parameters
    ----------
    prediction : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
        Out-of-fold probabilities, best those of `honest_predictions`.
    y : ndarray of int64, shape (n_rows,)
        Class numbers.
    fold_of_rows : ndarray, shape (n_rows,)
        The fold that held each row out.
    task : {"binary", "multiclass", "regression"}
        What is predicted; regression is never calibrated.
    weight : ndarray of float64, shape (n_rows,), optional
        Row weights. Default: all equal.
    groups : ndarray, shape (n_rows,), optional
        Group of each row, for the noise of the comparison.
    seed : int, default 0
        Seed of the row sample on large tables.

    Returns
    -------
    Calibration
        The identity, unless there are 1,000 rows and the log loss, cross-fitted over the folds,
        falls by more than two standard errors of the difference. With a shift only where that is
        better than a scale alone by as much.
    """
    if task == "regression" or len(y) < MIN_ROWS or not np.isfinite(prediction).all():
        return Calibration()
    n_classes = prediction.shape[1] if prediction.ndim == 2 else 1
    limit = max(MIN_ROWS, MAX_CELLS // n_classes)
    sample = sample_rows(y, weight, limit, stratified=True, seed=seed)
    margin, target = _margin(prediction[sample.rows], task), y[sample.rows]
    mass = np.ones(len(target)) if sample.weight is None else sample.weight
    parts = part_numbers(fold_of_rows[sample.rows], seed)
    clusters = None if groups is None else groups[sample.rows]

    before = _losses(margin, target)
    kept, losses = Calibration(), before
    for fit in (_fit_scale,) if task == "multiclass" else (_fit_scale, _fit_scale_and_shift):
        after = _cross_fitted(fit, margin, target, mass, parts)
        if _falls(losses, after, mass, clusters):
            scale, shift = fit(margin, target, mass)
            kept = Calibration(
                scale,
                shift,
                float(np.average(before, weights=mass)),
                float(np.average(after, weights=mass)),
            )
            losses = after
    return kept


_Fit = Callable[[Floats, NDArray[Any], Floats], tuple[float, float]]


def _margin(prediction: Floats, task: Task) -> Floats:
    clipped = np.clip(prediction, SMALLEST, 1.0 - SMALLEST)
    margin: Floats
    if task == "binary":
        margin = np.log(clipped) - np.log1p(-clipped)
        return margin
    logs: Floats = np.log(clipped)
    margin = logs - logs.mean(axis=1, keepdims=True)
    return margin


def _losses(margin: Floats, y: NDArray[Any]) -> Floats:
    """Return the log loss of each row."""
    losses: Floats
    if margin.ndim == 1:
        losses = np.logaddexp(0.0, np.where(y == 1, -margin, margin))
        return losses
    top = margin.max(axis=1)
    sums = np.exp(margin - top[:, None]).sum(axis=1)
    losses = np.log(sums) + top - margin[np.arange(len(y)), y]
    return losses


def _cross_fitted(
    fit: _Fit, margin: Floats, y: NDArray[Any], weight: Floats, parts: NDArray[np.int64]
) -> Floats:
    """Return each row's loss after a calibration fitted on the other parts."""
    losses = np.empty(len(y))
    for others, own in others_and_own(parts):
        scale, shift = fit(margin[others], y[others], weight[others])
        losses[own] = _losses(scale * margin[own] + shift, y[own])
    return losses


def _falls(before: Floats, after: Floats, weight: Floats, groups: NDArray[Any] | None) -> bool:
    fall = before - after
    mean = float(np.average(fall, weights=weight))
    error = standard_error(fall - mean, weight, groups).value
    return mean > ERRORS * error


def _fit_scale(margin: Floats, y: NDArray[Any], weight: Floats) -> tuple[float, float]:
    """Minimise the log loss over the scale by Newton steps; it is convex."""
    scale = 1.0
    for _ in range(30):
        slope, curvature = _scale_derivatives(margin, y, weight, scale)
        step = slope / max(curvature, 1e-12)
        # Half-way at most to a limit, so that a flat start cannot throw the scale out.
        moved = float(np.clip(scale - step, scale / 2, scale * 2))
        moved = float(np.clip(moved, *SCALES))
        if abs(moved - scale) < 1e-9:
            break
        scale = moved
    return scale, 0.0


def _scale_derivatives(
    margin: Floats, y: NDArray[Any], weight: Floats, scale: float
) -> tuple[float, float]:
    """Return the first two derivatives of the mean log loss with respect to the scale."""
    if margin.ndim == 1:
        p = from_margin(scale * margin, "binary")
        slope = np.average(margin * (p - y), weights=weight)
        return float(slope), float(np.average(margin**2 * p * (1 - p), weights=weight))
    p = from_margin(scale * margin, "multiclass")
    mean = np.einsum("ij,ij->i", p, margin)
    square = np.einsum("ij,ij->i", p, margin**2)
    slope = np.average(mean - margin[np.arange(len(y)), y], weights=weight)
    return float(slope), float(np.average(square - mean**2, weights=weight))


def _fit_scale_and_shift(margin: Floats, y: NDArray[Any], weight: Floats) -> tuple[float, float]:
    """Minimise the binary log loss over scale and shift by damped Newton steps."""
    design = np.column_stack([margin, np.ones(len(margin))])
    share = weight / weight.sum()
    beta = np.array([_fit_scale(margin, y, weight)[0], 0.0])

    def loss(values: Floats) -> float:
        return float(share @ _losses(design @ values, y))

    current = loss(beta)
    for _ in range(30):
        p = from_margin(design @ beta, "binary")
        slope = design.T @ (share * (p - y))
        curvature = (design * (share * p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), slope)
        moved = beta - step
        moved[0] = np.clip(moved[0], *SCALES)
        while (reached := loss(moved)) > current and np.abs(step).max() > 1e-9:
            step = step / 2
            moved = beta - step
            moved[0] = np.clip(moved[0], *SCALES)
        if current - reached < 1e-12:
            break
        beta, current = moved, reached
    return float(beta[0]), float(beta[1])
