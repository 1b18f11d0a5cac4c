"""Profiles of a model as a whole: effects, regions, interactions, importance and a surrogate.

Everything here needs nothing of a model but its predictions for a frame of raw columns.
"""

from explain.profiles.accumulated import accumulated_local_effects
from explain.profiles.conditions import Condition
from explain.profiles.dependence import ice, partial_dependence
from explain.profiles.effect import Effect
from explain.profiles.imitation import surrogate_tree
from explain.profiles.pairs import h_statistic
from explain.profiles.rules import Node, Rule, SurrogateTree
from explain.profiles.shuffling import Importance, permuted
from explain.profiles.splits import Region, Regions, regions

__all__ = [
    "Condition",
    "Effect",
    "Importance",
    "Node",
    "Region",
    "Regions",
    "Rule",
    "SurrogateTree",
    "accumulated_local_effects",
    "h_statistic",
    "ice",
    "partial_dependence",
    "permuted",
    "regions",
    "surrogate_tree",
]
