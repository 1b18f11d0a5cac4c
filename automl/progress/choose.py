"""Choosing a view by where it would be seen."""

from __future__ import annotations

import sys
from collections.abc import Callable

from automl.errors import ArgumentError
from automl.progress.notebook import Notebook, in_notebook
from automl.progress.terminal import Terminal
from automl.progress.view import View
from automl.tuning.events import Event

NEXT_STEPS = ("result.leaderboard", "result.predict(rows)", "result.score(rows)")


def make_view(progress: str | bool) -> Callable[[Event], None] | None:
    """Choose how a search called from Python shows its progress.

    Parameters
    ----------
    progress : {"auto", True, False}
        "auto" shows a live view in a notebook and on a terminal and nothing elsewhere; True shows
        plain lines on the standard error elsewhere, too; False shows nothing.

    Returns
    -------
    callable or None
        A callback for the events of one search; None: show nothing.

    Raises
    ------
    ArgumentError
        `progress` is none of these.

    Examples
    --------
    >>> make_view(False) is None
    True
    """
    if not (isinstance(progress, bool) or progress == "auto"):
        raise ArgumentError(
            'progress has to be "auto", True or False',
            got=f"got {progress!r}",
            hint="progress=True",
        )
    if progress is False:
        return None
    if in_notebook():
        return View(Notebook(), next_steps=lambda _: NEXT_STEPS)
    stream = sys.stderr
    if stream is None or (progress == "auto" and not stream.isatty()):
        return None  # a process without a console has no standard error
    return View(Terminal(stream), next_steps=lambda _: NEXT_STEPS)
