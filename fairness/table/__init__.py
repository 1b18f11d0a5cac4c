"""Count tables: the additive sufficient statistic of an audit."""

from fairness.table.cells import ScoreSums
from fairness.table.table import CountTable
from fairness.table.values import (
    ALL,
    MISSING,
    TIMES,
    Attribute,
    Counts,
    Floats,
    GroupCounts,
    Histogram,
    Moments,
    ScoreGrid,
    Task,
)

__all__ = [
    "ALL",
    "MISSING",
    "TIMES",
    "Attribute",
    "CountTable",
    "Counts",
    "Floats",
    "GroupCounts",
    "Histogram",
    "Moments",
    "ScoreGrid",
    "ScoreSums",
    "Task",
]
