"""Tree models: one form for all of them, and exact Shapley values on it."""

from explain.trees.forest import Forest, Kind
from explain.trees.kernel import interventional
from explain.trees.native import path_dependent
from explain.trees.paired import paired
from explain.trees.reading import check_forest, is_readable, raw_output, read_forest

__all__ = [
    "Forest",
    "Kind",
    "check_forest",
    "interventional",
    "is_readable",
    "paired",
    "path_dependent",
    "raw_output",
    "read_forest",
]
