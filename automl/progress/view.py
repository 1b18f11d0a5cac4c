"""What is shown of a search, whatever it is shown on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from automl.progress import words
from automl.progress.bar import bar_line
from automl.tuning.events import (
    CandidateFinished,
    Event,
    Finished,
    Finishing,
    Planned,
    Progress,
    TableRead,
)

REDRAW_SECONDS = 0.2
"""At most five drawings a second."""


class Screen(Protocol):
    """Something that shows lines; when its reader has gone it shows nothing and raises nothing."""

    @property
    def width(self) -> int:
        """Columns that a line may take."""

    @property
    def live(self) -> bool:
        """Whether a line can move in place; elsewhere candidates are listed instead."""

    def lines(self, lines: Sequence[str]) -> None:
        """Show lines that stay."""

    def moving(self, line: str) -> None:
        """Show a line that the next call replaces."""


class View:
    """A callback that shows the events of one search.

    Parameters
    ----------
    screen : Screen
        Where they are shown.
    next_steps : callable (Finished) -> sequence of str
        What to offer when the search has finished.
    translate : callable (str) -> str
        Turns hints in Python into the reader's language.
    clock : callable () -> float
        Seconds, for the rate of drawing.
    """

    def __init__(
        self,
        screen: Screen,
        next_steps: Callable[[Finished], Sequence[str]],
        translate: Callable[[str], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._screen = screen
        self._next_steps = next_steps
        self._translate = translate
        self._clock = clock
        self._drawn_at = float("-inf")
        self._progress: Progress | None = None
        self._ended: list[CandidateFinished] = []

    def __call__(self, event: Event) -> None:
        """Show an event."""
        width = self._screen.width
        match event:
            case TableRead():
                self._screen.lines(words.table_lines(event, width, self._translate))
            case Planned():
                self._screen.lines([*words.plan_lines(event, width), ""])
            case Progress():
                self._move(event)
            case CandidateFinished():
                self._note(event)
            case Finishing():
                self._finishing(event)
            case Finished():
                steps = self._next_steps(event)
                lines = words.finished_lines(event, self._ended, steps, width, self._translate)
                self._screen.lines([*lines, ""])

    def _note(self, event: CandidateFinished) -> None:
        self._ended.append(event)
        if not self._screen.live and event.status != "pruned":
            self._screen.lines([words.candidate_line(event, self._screen.width)])

    def _move(self, event: Progress) -> None:
        self._progress = event
        if self._screen.live and self._clock() - self._drawn_at >= REDRAW_SECONDS:
            self._draw(event)

    def _finishing(self, event: Finishing) -> None:
        if self._screen.live and self._progress is not None:
            self._draw(replace(self._progress, candidate=words.STEPS.get(event.step, event.step)))

    def _draw(self, event: Progress) -> None:
        self._screen.moving(bar_line(event, self._screen.width))
        self._drawn_at = self._clock()
