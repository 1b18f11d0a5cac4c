"""What reading rows and long explanations have to say, on the standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from automl.progress.terminal import writable

_ROOMS = ("automl.table", "explain.progress")
"""The loggers below the first speak of rows and columns, the other says how far a call is."""


class _Notes(logging.Handler):
    """Writes each message as a line of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(writable(f"note: {record.getMessage()}", sys.stderr.encoding) + "\n")


@contextmanager
def notes_shown(wanted: bool) -> Iterator[None]:
    """Show what is said about the rows that are read, such as columns that are ignored."""
    loggers, handler = [logging.getLogger(room) for room in _ROOMS], _Notes()
    levels = [logger.level for logger in loggers]
    if wanted:
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
