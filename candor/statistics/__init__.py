"""Statistics that every package uses: scores, intervals and corrections for many tests."""

from candor.statistics.intervals import (
    StandardError,
    jackknife_error,
    scaled_interval,
    standard_error,
)
from candor.statistics.multiplicity import benjamini_hochberg, holm
from candor.statistics.proportions import (
    clopper_pearson,
    difference_limit,
    mover_ratio,
    newcombe,
    ratio_limit,
    wilson,
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
    "benjamini_hochberg",
    "clopper_pearson",
    "difference_limit",
    "holm",
    "jackknife_error",
    "mover_ratio",
    "newcombe",
    "ratio_limit",
    "roc_auc",
    "roc_auc_influence",
    "scaled_interval",
    "standard_error",
    "wilson",
]
