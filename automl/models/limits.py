"""Time and threads that a fit has."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from automl.models.base import FitLimits


def needs_time(limits: FitLimits, family: str) -> None:
    """Raise where the deadline has passed before the fit began.

    Raises
    ------
    TimeoutError
        There is no time left.
    """
    if time.monotonic() >= limits.deadline:
        raise TimeoutError(f"no time left to fit {family}")


def seconds_left(limits: FitLimits) -> float:
    """Return the seconds until the deadline; infinite without one."""
    return limits.deadline - time.monotonic()


def threads(count: int | None) -> AbstractContextManager[Any]:
    """Hold BLAS and OpenMP to a number of threads, for libraries that take none; None: leave them.

    Looking up the loaded libraries takes some milliseconds.
    """
    if count is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limit: AbstractContextManager[Any] = threadpool_limits(count)
    return limit
