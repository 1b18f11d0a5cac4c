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
)

if TYPE_CHECKING:
    from explain.attribution import explain
    from explain.explanation import Explanation

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ExplainError",
    "Explanation",
    "PredictionError",
    "UnreadableModelError",
    "explain",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())

# What needs pandas or scipy is imported when it is first used.
_LAZY = {
    "Explanation": "explain.explanation",
    "explain": "explain.attribution",
}

__getattr__, __dir__ = lazy_names(__name__, globals(), _LAZY)
