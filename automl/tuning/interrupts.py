"""Ctrl-C as a wish: once there is something to return, the first one ends the search early."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """Turns the first Ctrl-C into a flag as soon as `hold` was called.

    Before that it is the usual `KeyboardInterrupt`, for there is nothing to return yet; so is a
    second one, for somebody who really wants to leave. Only the main thread hears signals, and a
    handler of the caller's own is left alone.

    Examples
    --------
    >>> with Interrupts() as interrupts:
    ...     interrupts.hold()
    ...     interrupts.request()
    >>> interrupts.requested
    True
    """

    def __init__(self) -> None:
        self.requested = False
        self._holding = False
        self._before: Any = None

    def __enter__(self) -> Self:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def hold(self) -> None:
        """From now on there is something to return."""
        self._holding = True

    def request(self) -> None:
        """Ask for the end, as Ctrl-C does.

        Raises
        ------
        KeyboardInterrupt
            There is nothing to return yet, or it is the second wish.
        """
        if self.requested or not self._holding:
            raise KeyboardInterrupt
        self.requested = True

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.request()
