"""Why a model decides as it does: attributions, effects, counterfactuals, slices, with errors."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from candor.lazy import lazy_names
from explain.errors import (
    ArgumentError,
    ArgumentTypeError,
    ExplainError,
    PredictionError,
    UnreadableModelError,
    VerificationError,
)

if TYPE_CHECKING:
    from explain.attribution import explain
    from explain.comparing import Comparison, compare
    from explain.explanation import Explanation
    from explain.gaps import Disparity, disparity
    from explain.grouping import column_groups
    from explain.overview import (
        ColumnImportance,
        Effects,
        Interactions,
        Surrogate,
        drop_column_importance,
        effects,
        interactions,
        permutation_importance,
        surrogate,
    )

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ColumnImportance",
    "Comparison",
    "Disparity",
    "Effects",
    "ExplainError",
    "Explanation",
    "Interactions",
    "PredictionError",
    "Surrogate",
    "UnreadableModelError",
    "VerificationError",
    "column_groups",
    "compare",
    "disparity",
    "drop_column_importance",
    "effects",
    "explain",
    "interactions",
    "permutation_importance",
    "surrogate",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())

# What needs pandas or scipy is imported when it is first used.
_LAZY = {
    "ColumnImportance": "explain.overview",
    "Comparison": "explain.comparing",
    "Disparity": "explain.gaps",
    "Effects": "explain.overview",
    "Explanation": "explain.explanation",
    "Interactions": "explain.overview",
    "Surrogate": "explain.overview",
    "column_groups": "explain.grouping",
    "compare": "explain.comparing",
    "disparity": "explain.gaps",
    "drop_column_importance": "explain.overview",
    "effects": "explain.overview",
    "explain": "explain.attribution",
    "interactions": "explain.overview",
    "permutation_importance": "explain.overview",
    "surrogate": "explain.overview",
}

__getattr__, __dir__ = lazy_names(__name__, globals(), _LAZY)
