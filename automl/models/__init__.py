"""Model families: what can be searched, and how each is fitted, saved and loaded."""

from automl.models.base import (
    Facts,
    Family,
    FitLimits,
    FittedModel,
    Params,
    Preset,
    Rows,
    Task,
)
from automl.models.registered import register_family, unregister_family
from automl.models.registry import (
    get_family,
    is_registered,
    known_families,
    model_class,
    trusted_types,
)

__all__ = [
    "Facts",
    "Family",
    "FitLimits",
    "FittedModel",
    "Params",
    "Preset",
    "Rows",
    "Task",
    "get_family",
    "is_registered",
    "known_families",
    "model_class",
    "register_family",
    "trusted_types",
    "unregister_family",
]
