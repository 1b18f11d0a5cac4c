"""What the search loop tells the callbacks while it runs."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence

from automl.tuning.candidates import Candidate
from automl.tuning.clock import Clock
from automl.tuning.events import CandidateFinished, Event, Planned, Progress
from automl.tuning.judge import Judge
from automl.tuning.plan import Plan
from automl.tuning.tasks import FitTask

_log = logging.getLogger(__name__)


class Narrator:
    """Turns the loop's state into events.

    Parameters
    ----------
    emit : callable
        Receives events.
    clock : Clock
        The call's clock.
    n_trials : int or None
        Candidates to try at most.
    """

    def __init__(self, emit: Callable[[Event], None], clock: Clock, n_trials: int | None):
        self._emit = emit
        self._clock = clock
        self._n_trials = n_trials

    def planned(self, plan: Plan, reserve: float, n_resumed: int) -> None:
        """Say how the time is shared out."""
        limited = self._clock.limited
        _log.info("plan: %s", plan.scheme)
        search = max(0.0, self._clock.remaining() - reserve) if limited else None
        self._emit(
            Planned(
                scheme=plan.scheme,
                n_sealed=0,
                search_seconds=search,
                finish_seconds=reserve if limited else None,
                n_trials=self._n_trials,
                resumed=n_resumed,
            )
        )

    def progress(self, judge: Judge | None, closed: Iterable[Candidate], now: str) -> None:
        """Say how far the search is."""
        best = judge.best() if judge else None
        counts = [one.status for one in closed]
        self._emit(
            Progress(
                elapsed=self._clock.elapsed(),
                remaining=self._clock.remaining() if self._clock.limited else None,
                n_trials=self._n_trials,
                candidate=now,
                best_name=best.name if best else "",
                best_score=best.score if best else math.nan,
                metric=judge.metric_name if judge else "",
                done=counts.count("complete"),
                pruned=counts.count("pruned"),
                failed=counts.count("failed"),
            )
        )

    def finished(self, candidate: Candidate) -> None:
        """Say how a candidate ended."""
        _log.info("%s %s: %s", candidate.name, candidate.status, candidate.describe())
        self._emit(finished_candidate(candidate))


def finished_candidate(candidate: Candidate) -> CandidateFinished:
    """Return the event of a candidate that ended."""
    return CandidateFinished(
        name=candidate.name,
        family=candidate.family,
        status=candidate.status,
        score=candidate.score,
        low=candidate.low,
        high=candidate.high,
        seconds=candidate.seconds,
        note=candidate.describe(),
    )


def now_fitting(running: Sequence[FitTask], live: dict[int, Candidate], n_folds: int) -> str:
    """Name the first candidate under way with its fold, such as "linear-1, fold 2 of 5"."""
    for task in running:
        candidate = live.get(task.candidate)
        if candidate is not None:
            return f"{candidate.name}, fold {task.fold + 1} of {max(n_folds, task.fold + 1)}"
    return ""
