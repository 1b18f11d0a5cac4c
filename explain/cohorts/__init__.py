"""Cohorts: parts of the rows on which a model does worse than on the others."""

from explain.cohorts.result import Slices
from explain.cohorts.slicing import slices

__all__ = ["Slices", "slices"]
