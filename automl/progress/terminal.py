"""Lines on a terminal with one that moves, or plain lines in a pipe."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from typing import TextIO

PLAIN_WIDTH = 120
"""Columns of piped output."""

ASCII = str.maketrans(
    {
        "·": "-",
        "×": "x",
        "━": "=",
        "╸": "-",
        "─": ".",
        "…": "...",
        "²": "2",
        "µ": "u",
        "−": "-",
        "✗": "x",
    }
)
"""What stands in for a character that a stream cannot write."""

LABEL = re.compile(
    r"^(Candor|Table|Checks|Plan|Stopped|Winner|Score|Note|Tried|Failed|Saved|Next)(?= )"
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
WARNING_MARK = re.compile(r"^(.{9})([!✗])(?= )")


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person watches the stream as it is written."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def takes_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether colours may be written: on a terminal, and not with NO_COLOR set."""
    understood = os.name != "nt" or "WT_SESSION" in environ
    return is_terminal(stream) and not environ.get("NO_COLOR") and understood


def writable(text: str, encoding: str | None) -> str:
    """Replace what an encoding cannot write, and characters that would steer the terminal.

    Examples
    --------
    >>> writable("2 rows × 3 columns", "ascii")
    '2 rows x 3 columns'
    """
    encoding, text = encoding or "utf-8", CONTROL.sub(" ", text)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    return text


def paint(line: str) -> str:
    """Set the label of a line bold and the mark of a warning yellow."""
    line = WARNING_MARK.sub("\\1\x1b[33m\\2\x1b[0m", line)
    return LABEL.sub("\x1b[1m\\1\x1b[0m", line)


class Terminal:
    """A stream as a screen: live where it is a terminal.

    A stream that goes away in the middle ends the view, not the search.

    Parameters
    ----------
    stream : text stream
        Where lines go.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._live = is_terminal(stream)
        self._colour = takes_colour(stream)
        self._open = True
        self._drawn = 0

    @property
    def width(self) -> int:
        """Columns that a line may take."""
        return shutil.get_terminal_size().columns - 1 if self._live else PLAIN_WIDTH

    @property
    def live(self) -> bool:
        """Whether a line can move in place."""
        return self._live

    def lines(self, lines: Sequence[str]) -> None:
        """Write lines that stay."""
        shown = [writable(line, self._stream.encoding) for line in lines]
        erased = f"\r{' ' * self._drawn}\r" if self._drawn else ""
        self._drawn = 0
        self._write(erased + "".join(f"{paint(x) if self._colour else x}\n" for x in shown))

    def moving(self, line: str) -> None:
        """Write over the line that moves."""
        line = writable(line, self._stream.encoding)
        self._write("\r" + line.ljust(self._drawn))
        self._drawn = len(line)

    def _write(self, text: str) -> None:
        if not self._open:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the reader has gone, or the stream was closed
            self._open = False
