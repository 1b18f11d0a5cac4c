"""Draw what a command shows on a terminal as an SVG picture.

Usage: python docs/make_terminal_picture.py PICTURE.svg COMMAND [ARGUMENT ...]

The command runs in a pseudo-terminal of 120 columns, so that the picture is real output. Of the
progress bar, which is written over and over, the drawing from the middle of the run is kept.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from html import escape
from pathlib import Path

COLUMNS = 120
SIZE = 14
CHARACTER = 8.4
LINE = 20
MARGIN = 18
BACKGROUND, TEXT, DIM, YELLOW = "#16181d", "#d8dee9", "#7f8896", "#ebcb8b"
STYLES = {
    "0": "",
    "1": ' font-weight="bold" fill="#ffffff"',
    "33": f' fill="{YELLOW}" font-weight="bold"',
}
COLOUR = re.compile(r"\x1b\[(\d+)m")


def capture(command: list[str]) -> str:
    """Run a command in a pseudo-terminal and return everything that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    written = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # Linux reports the end of a pseudo-terminal as an error
            break
        if not block:
            break
        written += block
    if process.wait() != 0:
        raise SystemExit(f"the command failed:\n{written.decode()}")
    return written.decode().replace("\r\n", "\n")


def lines_of(written: str) -> list[str]:
    """Return the lines that stay, and the middle one of the longest movement."""
    drawings = [line.split("\r") for line in written.rstrip("\n").split("\n")]
    longest = max(drawings, key=len)
    lines = []
    for line in drawings:
        moved = [drawing.rstrip() for drawing in line[:-1] if drawing.strip()]
        if line is longest and moved:
            lines += [moved[len(moved) // 2], ""]
        lines.append(line[-1])
    return lines


def spans(line: str) -> str:
    """Turn a line with colours into SVG text spans."""
    style, parts = "", []
    for i, part in enumerate(COLOUR.split(line)):
        if i % 2:
            style = STYLES.get(part, "")
        elif part:
            parts.append(f"<tspan{style}>{escape(part)}</tspan>")
    return "".join(parts)


def picture(command: list[str], lines: list[str]) -> str:
    """Draw a terminal with a command and its output."""
    rows = [(f"$ {shlex.join(command)}", DIM), ("", TEXT), *((line, TEXT) for line in lines)]
    longest = max(len(COLOUR.sub("", line)) for line, _ in rows)
    width = round(longest * CHARACTER + 2 * MARGIN)
    height = len(rows) * LINE + 2 * MARGIN
    texts = []
    for i, (line, colour) in enumerate(rows):
        length = len(COLOUR.sub("", line))
        if length:
            texts.append(
                f'<text x="{MARGIN}" y="{MARGIN + (i + 0.75) * LINE:.0f}" fill="{colour}" '
                f'textLength="{length * CHARACTER:.1f}" lengthAdjust="spacingAndGlyphs">'
                f"{spans(line)}</text>"
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" xml:space="preserve" '
        f'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" '
        f'font-size="{SIZE}">\n<title>Output of {escape(shlex.join(command))}</title>\n'
        f'<rect width="100%" height="100%" rx="10" fill="{BACKGROUND}"/>\n'
        + "\n".join(texts)
        + "\n</svg>\n"
    )


def main() -> None:
    """Run the command and write the picture."""
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    path, command = Path(sys.argv[1]), sys.argv[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(picture(command, lines_of(capture(command))), encoding="utf-8")


if __name__ == "__main__":
    main()
