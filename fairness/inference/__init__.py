"""Inference: intervals of groups, simultaneous disparities, verdicts of three values."""

from fairness.inference.families import adjust
from fairness.inference.intervals import group_intervals
from fairness.inference.pairwise import pairs
from fairness.inference.shrinkage import shrink
from fairness.inference.values import (
    SMALLEST,
    Disparity,
    GroupIntervals,
    Kind,
    Pairs,
    Shrunk,
    State,
    Verdict,
)
from fairness.inference.verdicts import disparity

__all__ = [
    "SMALLEST",
    "Disparity",
    "GroupIntervals",
    "Kind",
    "Pairs",
    "Shrunk",
    "State",
    "Verdict",
    "adjust",
    "disparity",
    "group_intervals",
    "pairs",
    "shrink",
]
