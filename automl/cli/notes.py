"""What reading rows has to say, on the standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from automl.progress.terminal import writable

_ROOM = "automl.table"
"""The loggers below this one speak of rows and columns."""


class _Notes(logging.Handler):
    """Writes each message as a line of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(writable(f"note: {record.getMessage()}", sys.stderr.encoding) + "\n")


@contextmanager
def notes_shown(wanted: bool) -> Iterator[None]:
    """Show what is said about the rows that are read, such as columns that are ignored."""
    logger, handler = logging.getLogger(_ROOM), _Notes()
    level = logger.level
    if wanted:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
