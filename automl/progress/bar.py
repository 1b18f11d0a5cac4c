"""The one line that moves: how far, how long still, the best so far and what runs now."""

from __future__ import annotations

from automl.progress.words import number, whole_seconds_text
from automl.tuning.events import Progress

MOST_BAR_WIDTH = 28
LEAST_BAR_WIDTH = 6
ORDINARY_TEXT = 111
"""Columns that everything else on the line takes where names are of ordinary length."""


def fraction_done(event: Progress) -> float:
    """Return how much of the budget is spent, by time or by trials, whichever is further."""
    shares = [0.0]
    if event.remaining is not None and event.elapsed + event.remaining > 0:
        shares.append(event.elapsed / (event.elapsed + event.remaining))
    if event.n_trials:
        shares.append((event.done + event.pruned + event.failed) / event.n_trials)
    return min(max(shares), 1.0)


def draw(fraction: float, width: int) -> str:
    """Draw a bar.

    Examples
    --------
    >>> draw(0.5, 9)
    '━━━━╸────'
    """
    halves = round(fraction * 2 * width)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    return filled + "─" * (width - len(filled))


def left_text(event: Progress) -> str:
    """Say what is left: seconds, trials or both."""
    finished = event.done + event.pruned + event.failed
    parts = []
    if event.remaining is not None:
        parts.append(f"{whole_seconds_text(event.remaining)} left")
    if event.n_trials is not None:
        parts.append(f"{min(finished, event.n_trials)} of {event.n_trials} trials")
    return ", ".join(parts)


def width_of_bar(width: int) -> int:
    """Return the columns of the bar, which follow from the line's alone.

    A bar that gave way to longer names would seem to go backwards.

    Examples
    --------
    >>> width_of_bar(139), width_of_bar(119), width_of_bar(79)
    (28, 12, 8)
    """
    return min(max(width - ORDINARY_TEXT, width // 10 + 1, LEAST_BAR_WIDTH), MOST_BAR_WIDTH)


def bar_line(event: Progress, width: int) -> str:
    """Write the line in at most `width` characters, leaving out what matters least first.

    Parameters
    ----------
    event : Progress
        The state of the search.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        One line, without a line end.
    """
    elapsed = f"{whole_seconds_text(event.elapsed):>5} "
    best = f"best {number(event.best_score)} {event.best_name}" if event.best_name else ""
    now = f"now {event.candidate}" if event.candidate else ""
    counts = f"{event.done} done · {event.pruned} pruned · {event.failed} failed"
    left = left_text(event)
    bar_width = width_of_bar(width)
    for parts in ((best, now, counts), (best, counts), (best,), ()):
        tail = "   ".join(part for part in (left, *parts) if part)
        if len(elapsed) + bar_width + 2 + len(tail) <= width:
            bar = draw(fraction_done(event), bar_width)
            return f"{elapsed}{bar}  {tail}".rstrip()
    return f"{elapsed}{left}"[: max(width, 1)]
