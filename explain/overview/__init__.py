"""The model as a whole: effects of columns, interactions, importance by exchange, imitations."""

from explain.overview.curves import Effects, effects
from explain.overview.exchange import (
    ColumnImportance,
    drop_column_importance,
    permutation_importance,
)
from explain.overview.imitation import Surrogate, surrogate
from explain.overview.pairs import Interactions, interactions

__all__ = [
    "ColumnImportance",
    "Effects",
    "Interactions",
    "Surrogate",
    "drop_column_importance",
    "effects",
    "interactions",
    "permutation_importance",
    "surrogate",
]
