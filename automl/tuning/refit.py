"""Members fitted once more on all rows, while the parent process does something else."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from automl.tuning.candidates import Candidate
from automl.tuning.executor import Executor
from automl.tuning.interrupts import Interrupts
from automl.tuning.record import Member
from automl.tuning.run_folder import RunFolder
from automl.tuning.tasks import REFIT, Answer, Failed, FitTask

_LEAST_SECONDS = 0.1
_ENOUGH_ROUNDS = 0.9
"""A refit that the deadline stopped is kept with this share of the rounds that it should have."""


class Refit:
    """Refits members in the executor; those that fail or come late keep their fold models.

    Parameters
    ----------
    chosen : list of (Candidate, Member)
        Candidates, costliest refit first, as members of fold models.
    wanted : bool
        Whether to refit at all; if not, the members are returned as they are.
    executor : Executor
        Runs the fits; nothing else may be running.
    folder : RunFolder
        Where models go.
    seconds_left : callable
        Seconds that refits may still take.
    interrupts : Interrupts
        Says whether Ctrl-C was pressed: then no refit is waited for.
    seed : int
        Seed of the run.
    """

    def __init__(
        self,
        chosen: list[tuple[Candidate, Member]],
        wanted: bool,
        executor: Executor,
        folder: RunFolder,
        seconds_left: Callable[[], float],
        interrupts: Interrupts,
        seed: int,
    ):
        again = [candidate for candidate, _ in chosen if candidate.family != "baseline"]
        self._waiting = again if wanted else []
        self._members = {candidate.number: member for candidate, member in chosen}
        self._executor = executor
        self._folder = folder
        self._clock_left = seconds_left
        self._interrupts = interrupts
        self._seed = seed
        self._open = {candidate.number: candidate for candidate in self._waiting}
        self.notes: list[str] = []
        self._hand_out()

    def collect(self) -> tuple[Member, ...]:
        """Wait for the refits as long as there is time, and return the members."""
        while self._executor.running() and self._seconds_left() > 0:
            for task, answer in self._executor.wait(max(0.02, min(0.5, self._seconds_left()))):
                if task.fold == REFIT and task.candidate in self._open:
                    self._take(self._open.pop(task.candidate), task, answer)
            self._hand_out()
        self._executor.close()  # nothing is fitted after the refits
        why = "interrupted" if self._interrupts.requested else "no time left"
        late = [candidate.name for candidate in self._open.values()]
        self.notes.extend(f"{name} was not refitted: {why}" for name in late)
        return tuple(self._members.values())

    def _seconds_left(self) -> float:
        return 0.0 if self._interrupts.requested else self._clock_left()

    def _hand_out(self) -> None:
        while self._waiting and self._executor.idle():
            if self._seconds_left() < _LEAST_SECONDS:
                return
            self._executor.submit(self._task(self._waiting.pop(0)))

    def _take(self, candidate: Candidate, task: FitTask, answer: Answer) -> None:
        if isinstance(answer, Failed):
            self.notes.append(f"{candidate.name} was not refitted: {answer.reason}")
        elif (answer.rounds or 0) < _ENOUGH_ROUNDS * (task.rounds or 0):
            self.notes.append(f"{candidate.name} was not refitted: {answer.note}")
        else:
            self._members[candidate.number] = replace(
                self._members[candidate.number],
                models=(f"winner/{candidate.name}",),
                encoders=(answer.encoder,),
                refitted=True,
            )

    def _task(self, candidate: Candidate) -> FitTask:
        return FitTask(
            candidate=candidate.number,
            family=candidate.family,
            params=candidate.params_of_refit(),
            fold=REFIT,
            seconds=max(_LEAST_SECONDS, self._seconds_left()),
            fit_seconds=math.inf,
            round_seconds=None,
            max_rows=candidate.max_rows,
            rounds=candidate.rounds,
            n_threads=self._executor.n_threads,
            seed=self._seed * 1000 + candidate.number * 10 + 9,
            folder=str(self._folder.refit_folder(candidate.name)),
        )
