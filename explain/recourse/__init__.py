"""Counterfactuals: what would have to be otherwise for a model to decide otherwise."""

from explain.recourse.entry import counterfactuals
from explain.recourse.limits import Limit
from explain.recourse.result import Counterfactuals

__all__ = ["Counterfactuals", "Limit", "counterfactuals"]
