"""One monotonic clock for the whole call."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clock:
    """Seconds since the call, and what is left of the budget.

    Parameters
    ----------
    budget : float
        Seconds of wall clock; infinite without a limit.
    start : float
        `time.monotonic()` of the call.
    """

    budget: float = math.inf
    start: float = field(default_factory=time.monotonic)

    @property
    def limited(self) -> bool:
        """Whether there is a time limit at all."""
        return math.isfinite(self.budget)

    @property
    def deadline(self) -> float:
        """`time.monotonic()` by which a usable result has to stand."""
        return self.start + self.budget

    def elapsed(self) -> float:
        """Return the seconds since the call."""
        return time.monotonic() - self.start

    def remaining(self) -> float:
        """Return the seconds left, never below zero."""
        return max(0.0, self.deadline - time.monotonic())


def start_of_call() -> float:
    """Return the moment of the call, before anything heavy is imported."""
    return time.monotonic()
