"""Signs of life of long calls, on the log: logger "explain.progress", level INFO.

A library is silent until its user sets logging up: ``logging.basicConfig(level=logging.INFO)``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

logger = logging.getLogger(__name__)

SECONDS = 5.0
"""Between two messages at least, and before the first."""

Item = TypeVar("Item")


def steps(
    items: Iterable[Item],
    what: str,
    total: int,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield items, and tell every few seconds how many are done and how long the rest takes.

    Parameters
    ----------
    items : iterable
        Whatever is worked through.
    what : str
        What is counted, such as "rows explained".
    total : int
        How many there are.
    clock : callable, default `time.monotonic`
        Seconds; nothing but the messages depends on it.

    Examples
    --------
    >>> list(steps("abc", "letters read", 3))
    ['a', 'b', 'c']
    """
    begun = last = clock()
    for done, item in enumerate(items):
        now = clock()
        if done and now - last >= SECONDS:
            last = now
            left = (now - begun) * (total - done) / done
            logger.info(
                "%s: %s of %s, about %s left", what, f"{done:,}", f"{total:,}", _time(left)
            )
        yield item


def _time(seconds: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> _time(4.2), _time(200)
    ('4 s', '3 min')
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
