"""Why a model decides as it does: the parts that explanations are computed with.

`explain.trees` reads tree models and computes exact interventional Shapley values,
`explain.games` enumerates or samples coalitions of any other model, `explain.profiles` computes
effects, interaction strengths, permutation importance and surrogate trees. One call over all of
them is not built yet.
"""

import logging

from explain.errors import (
    ArgumentError,
    ArgumentTypeError,
    ExplainError,
    PredictionError,
    UnreadableModelError,
)

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ExplainError",
    "PredictionError",
    "UnreadableModelError",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())
