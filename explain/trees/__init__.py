"""Tree models: one form for all of them, and exact Shapley values on it."""

from explain.trees.forest import Forest, Kind
from explain.trees.kernel import interventional
from explain.trees.native import path_dependent
from explain.trees.reading import is_readable, read_forest

__all__ = ["Forest", "Kind", "interventional", "is_readable", "path_dependent", "read_forest"]
