"""Metrics: how predictions are scored, and how sure the score is."""

from automl.metrics.choose import get_metric
from automl.metrics.metric import Metric, Response

__all__ = ["Metric", "Response", "get_metric"]
