"""Readers of estimators: each returns `Parts`, or None for what it does not know."""

from explain.opening.readers.additive import read_additive
from explain.opening.readers.averages import read_average
from explain.opening.readers.calibrated import read_calibrated
from explain.opening.readers.constants import read_constant
from explain.opening.readers.linear import read_linear
from explain.opening.readers.pipelines import read_pipeline
from explain.opening.readers.stacks import read_stack
from explain.opening.readers.trees import read_trees
from explain.opening.readers.wrappers import read_wrapper

READERS = (
    read_wrapper,
    read_pipeline,
    read_constant,
    read_trees,
    read_average,
    read_stack,
    read_calibrated,
    read_additive,
    read_linear,
)
"""In the order in which they are asked."""

__all__ = ["READERS"]
