"""Metrics: what they are, and what they come to in each group."""

from fairness.metrics.calibrating import calibration, calibration_test
from fairness.metrics.choose import get_metric, metrics_of, notions_of
from fairness.metrics.curves import abroca
from fairness.metrics.estimating import estimate, estimates
from fairness.metrics.inequality import inequality
from fairness.metrics.registry import METRICS, NOTIONS
from fairness.metrics.replicates import Replicates, bootstrap
from fairness.metrics.stratified import outcome_at_equal_score
from fairness.metrics.sweep import threshold_sweep
from fairness.metrics.values import Estimates, Metric, Notion

__all__ = [
    "METRICS",
    "NOTIONS",
    "Estimates",
    "Metric",
    "Notion",
    "Replicates",
    "abroca",
    "bootstrap",
    "calibration",
    "calibration_test",
    "estimate",
    "estimates",
    "get_metric",
    "inequality",
    "metrics_of",
    "notions_of",
    "outcome_at_equal_score",
    "threshold_sweep",
]
