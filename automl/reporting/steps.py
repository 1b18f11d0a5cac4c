"""Steps of a report: each is told, and what cannot be done is noted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from candor.errors import CandorError

T = TypeVar("T")
Told = Callable[[str, float], None]

_log = logging.getLogger(__name__)


class Steps:
    """Takes steps one after the other, tells each, and notes what cannot be done.

    Parameters
    ----------
    told : callable (str, float) -> None, optional
        Told each step and its seconds.
    values : bool, default True
        Whether notes may say what was found: errors quote values of rows.
    """

    def __init__(self, told: Told | None, *, values: bool = True):
        self.notes: list[str] = []
        self._told = told
        self._values = values

    def take(self, name: str, step: Callable[[], T]) -> T | None:
        """Return what a step finds; None, with a note, where Candor refuses."""
        start = time.monotonic()
        try:
            found = step()
        except CandorError as error:
            self.refuse(name, error)
            return None
        finally:
            seconds = time.monotonic() - start
            _log.debug("%s took %.1f s", name, seconds)
            if self._told is not None:
                self._told(name, seconds)
        return found

    def refuse(self, name: str, error: CandorError) -> None:
        """Note what Candor refuses."""
        reason = f" ({error.got})" if error.got and self._values else ""
        self.leave(name, f"{error.what}{reason}")

    def leave(self, name: str, reason: str) -> None:
        """Note what is left out."""
        self.notes.append(f"Left out, {name}: {reason}.")
