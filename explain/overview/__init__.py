"""The model as a whole: effects of columns, interactions, importance by exchange, imitations."""

from explain.overview.curves import Effects
from explain.overview.exchange import permutation_importance
from explain.overview.imitation import Surrogate, surrogate
from explain.overview.importances import ColumnImportance
from explain.overview.omission import drop_column_importance
from explain.overview.pairing import interactions
from explain.overview.pairs import Interactions
from explain.overview.reactions import effects

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
