"""A notebook's cell as a screen."""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from typing import Any


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class Notebook:
    """One output of a notebook's cell, updated in place."""

    width = 110
    live = True

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._output: Any = None

    def lines(self, lines: Sequence[str]) -> None:
        """Show lines that stay."""
        self._lines += lines
        self.moving("")

    def moving(self, line: str) -> None:
        """Show a line that the next call replaces."""
        from IPython.display import HTML, display

        text = html.escape("\n".join([*self._lines, line]))
        page = HTML(f'<pre style="line-height: 1.4">{text}</pre>')
        if self._output is None:
            self._output = display(page, display_id=True)
        else:
            self._output.update(page)
