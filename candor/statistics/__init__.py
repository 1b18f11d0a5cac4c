"""Statistics that every package uses: scores with their influence functions, and intervals."""

from candor.statistics.intervals import (
    StandardError,
    jackknife_error,
    scaled_interval,
    standard_error,
)
from candor.statistics.ranking import (
    average_precision,
    average_precision_influence,
    roc_auc,
    roc_auc_influence,
)

__all__ = [
    "StandardError",
    "average_precision",
    "average_precision_influence",
    "jackknife_error",
    "roc_auc",
    "roc_auc_influence",
    "scaled_interval",
    "standard_error",
]
