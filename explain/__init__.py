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
    from explain.card import QualityCard, quality
    from explain.cohorts import Slices, slices
    from explain.comparing import Comparison, compare
    from explain.explanation import Explanation
    from explain.gaps import Disparity, disparity
    from explain.glassbox import Price, price_of_interpretability
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
    from explain.recourse import Counterfactuals, counterfactuals

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ColumnImportance",
    "Comparison",
    "Counterfactuals",
    "Disparity",
    "Effects",
    "ExplainError",
    "Explanation",
    "Interactions",
    "PredictionError",
    "Price",
    "QualityCard",
    "Slices",
    "Surrogate",
    "UnreadableModelError",
    "VerificationError",
    "column_groups",
    "compare",
    "counterfactuals",
    "disparity",
    "drop_column_importance",
    "effects",
    "explain",
    "interactions",
    "permutation_importance",
    "price_of_interpretability",
    "quality",
    "slices",
    "surrogate",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())

# What needs pandas or scipy is imported when it is first used.
_LAZY = {
    "ColumnImportance": "explain.overview",
    "Comparison": "explain.comparing",
    "Counterfactuals": "explain.recourse",
    "Disparity": "explain.gaps",
    "Effects": "explain.overview",
    "Explanation": "explain.explanation",
    "Interactions": "explain.overview",
    "Price": "explain.glassbox",
    "QualityCard": "explain.card",
    "Slices": "explain.cohorts",
    "Surrogate": "explain.overview",
    "column_groups": "explain.grouping",
    "compare": "explain.comparing",
    "counterfactuals": "explain.recourse",
    "disparity": "explain.gaps",
    "drop_column_importance": "explain.overview",
    "effects": "explain.overview",
    "explain": "explain.attribution",
    "interactions": "explain.overview",
    "permutation_importance": "explain.overview",
    "price_of_interpretability": "explain.glassbox",
    "quality": "explain.card",
    "slices": "explain.cohorts",
    "surrogate": "explain.overview",
}

__getattr__, __dir__ = lazy_names(__name__, globals(), _LAZY)
