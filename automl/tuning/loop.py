"""The search loop: which fit comes next, and what its answer means."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from automl.table import Splits
from automl.tuning.candidates import Candidate, FoldRecord, Status
from automl.tuning.clock import Clock
from automl.tuning.events import Event
from automl.tuning.executor import Executor
from automl.tuning.interrupts import Interrupts
from automl.tuning.judge import Judge
from automl.tuning.narration import Narrator, now_fitting
from automl.tuning.plan import (
    Opening,
    Plan,
    opening_rows,
    plan_by_measurement,
    plan_without_clock,
)
from automl.tuning.proposals import SAMPLED, Proposals
from automl.tuning.run_folder import RunFolder
from automl.tuning.scratch import SearchData
from automl.tuning.tasks import Answer, Failed, FitTask, Fitted

_log = logging.getLogger(__name__)

_TICK = 0.5
_OPENING_SHARE = 0.15
_OPENING_SECONDS, _MOST_OF_OPENING = 3.0, 0.6
"""Share of the time left that the opening fit may take; of a short time it may take more, for it
is the first model, and may be the only one."""

_CLOSING_SECONDS = 0.5
"""Without any model so far, so much is kept for returning the baseline."""

_OVERTIME = 2.0
"""A fit may take so many times the seconds that are foreseen for it."""

_DISK_FULL = "No space left on device"


@dataclass
class LoopState:
    """What the loop knows, for whoever finishes the run.

    Parameters
    ----------
    closed : list of Candidate
        Every candidate that ended, whatever its status.
    stopped : str
        Why the loop ended.
    fit_seconds : float
        Seconds spent in fits, over all workers.
    """

    closed: list[Candidate] = field(default_factory=list)
    stopped: str = "done"
    fit_seconds: float = 0.0


@dataclass(frozen=True)
class LoopLimits:
    """Limits of the search.

    Parameters
    ----------
    clock : Clock
        The call's clock.
    n_trials : int or None
        Candidates to try at most.
    memory : int
        Bytes that one fit may use.
    reproducible : bool
        Whether decisions may depend on nothing but the seed: no time limit is set.
    """

    clock: Clock
    n_trials: int | None
    memory: int
    reproducible: bool


class SearchLoop:
    """Fits candidates until time, trials or ideas run out.

    Parameters
    ----------
    data : SearchData
        Rows and folds.
    splits : Splits
        The folds in words.
    executor : Executor
        Runs fits.
    proposals : Proposals
        Proposes candidates.
    make_judge : callable
        Makes the judge once the plan is known.
    folder : RunFolder
        Where everything is kept.
    limits : LoopLimits
        When to stop.
    reserve : callable
        Seconds to keep for ensemble, refit and saving, given the judge.
    emit : callable
        Receives events.
    interrupts : Interrupts
        Says whether Ctrl-C was pressed.
    """

    def __init__(
        self,
        data: SearchData,
        splits: Splits,
        executor: Executor,
        proposals: Proposals,
        make_judge: Callable[[Plan], Judge],
        folder: RunFolder,
        limits: LoopLimits,
        reserve: Callable[[Judge, Plan], float],
        emit: Callable[[Event], None],
        interrupts: Interrupts,
    ):
        self._data = data
        self._splits = splits
        self._executor = executor
        self._proposals = proposals
        self._make_judge = make_judge
        self._folder = folder
        self._limits = limits
        self._reserve = reserve
        self._interrupts = interrupts
        self._narrator = Narrator(emit, limits.clock, limits.n_trials)
        self._live: dict[int, Candidate] = {}
        self._wave: deque[FitTask] = deque()
        self._plan: Plan | None = None
        self.judge: Judge | None = None
        self.state = LoopState()

    @property
    def plan(self) -> Plan:
        """What every candidate goes through, once it is known."""
        assert self._plan is not None, "the plan follows from the opening"
        return self._plan

    def run(self, resumed: list[tuple[Candidate, np.ndarray | None]], plan: Plan | None) -> None:
        """Search. A wish to end it works like a time limit.

        Parameters
        ----------
        resumed : list of (Candidate, ndarray or None)
            Finished candidates of an earlier call, with their out-of-fold predictions.
        plan : Plan or None
            The plan of that earlier call.
        """
        self._begin(resumed, plan)
        while self._step():
            pass
        self._abandon()

    # -- beginning ---------------------------------------------------------------------------

    def _begin(
        self, resumed: list[tuple[Candidate, np.ndarray | None]], plan: Plan | None
    ) -> None:
        if plan is not None:
            self._adopt(plan, len(resumed))
        elif self._limits.reproducible:
            self._adopt(plan_without_clock(self._splits, self._data.n_rows), 0)
        else:
            self._open()
        for candidate, oof in resumed:
            self.state.closed.append(candidate)
            if candidate.status == "complete" and oof is not None and self.judge is not None:
                self.judge.accept(candidate, oof)

    def _adopt(self, plan: Plan, n_resumed: int) -> None:
        self._plan = plan
        try:
            self._folder.save_plan(plan)
        except OSError as error:
            _log.warning("could not save the plan: %s", error)
            self.state.stopped = "disk full"
        self.judge = self._make_judge(plan)
        self._narrator.planned(plan, self._reserve(self.judge, plan), n_resumed)

    def _open(self) -> None:
        """Fit first presets on the first fold until one tells what a fit costs here."""
        left = self._limits.clock.remaining()
        share = max(_OPENING_SHARE * left, min(_OPENING_SECONDS, _MOST_OF_OPENING * left))
        most = opening_rows(self._data.columns.layout.n_columns, self._data.n_classes)
        n_train = len(self._data.folds[0][0])
        while self._plan is None and not self._too_late_to_open():
            candidate = self._proposals.first()
            if candidate is None:
                break
            candidate.max_rows = most if most < n_train else None
            self._live[candidate.number] = candidate
            self._submit_opening(candidate, share)
            while candidate.number in self._live and self._plan is None:
                if self._too_late_to_open():
                    break
                self._absorb_all(self._executor.wait(_TICK / 5))
                self._progress()
                if candidate.folds:
                    self._adopt(self._measured(candidate, n_train), 0)
        if self._plan is None:
            self._adopt(plan_without_clock(self._splits, self._data.n_rows), 0)
        for candidate in list(self._live.values()):
            self._settle(candidate)

    def _too_late_to_open(self) -> bool:
        return self._interrupts.requested or self._limits.clock.remaining() < _CLOSING_SECONDS

    def _submit_opening(self, candidate: Candidate, share: float) -> None:
        folds = range(min(len(self._data.folds), self._executor.idle(), 2))
        for fold in folds:
            candidate.started.add(fold)
            self._executor.submit(self._task(candidate, fold, share, share, None))

    def _measured(self, candidate: Candidate, n_train: int) -> Plan:
        record = next(iter(candidate.folds.values()))
        seconds = max(0.01, record.seconds)
        rounds = max(5, record.rounds_run or 100)
        opening = Opening(seconds, seconds / rounds, record.n_rows)
        return plan_by_measurement(
            self._splits,
            opening,
            n_train=n_train,
            search_seconds=0.85 * self._limits.clock.remaining(),
            n_workers=self._executor.n_workers,
        )

    # -- one step ----------------------------------------------------------------------------

    def _step(self) -> bool:
        """Hand out fits and take answers; return whether there is more to do."""
        if not self._over():
            self._hand_out()
        if not self._executor.running():
            more = not self._over() and bool(self._live)
            if not more and self.state.stopped == "done" and self._limits.clock.limited:
                self.state.stopped = "time"  # nothing more fits in what is left
            return more
        late = self._limits.clock.remaining() < self._reserve_now() - _TICK
        if self._over() and (late or self._interrupts.requested):
            return False
        self._absorb_all(self._executor.wait(min(_TICK, max(0.02, self._search_left()))))
        self._progress()
        return True

    def _over(self) -> bool:
        if self.state.stopped == "disk full":
            return True
        if self._interrupts.requested:
            self.state.stopped = "interrupted"
            return True
        if self._search_left() <= 0:
            self.state.stopped = "time"
            return True
        return False

    def _reserve_now(self) -> float:
        assert self.judge is not None
        return self._reserve(self.judge, self.plan)

    def _search_left(self) -> float:
        if not self._limits.clock.limited:
            return math.inf
        return self._limits.clock.remaining() - self._reserve_now()

    def _hand_out(self) -> None:
        while self._executor.idle():
            task = self._next_task()
            if task is None:
                return
            self._live[task.candidate].started.add(task.fold)
            self._executor.submit(task)
            self._progress()

    def _next_task(self) -> FitTask | None:
        if self._wave:
            return self._wave.popleft()
        if self._limits.reproducible and self._executor.running():
            return None  # decide only when all is known, so that timing decides nothing
        for candidate in list(self._live.values()):
            folds = [f for f in range(self.plan.n_folds) if f not in candidate.started]
            if not folds:
                continue
            if self._limits.reproducible and self._prune(candidate):
                continue
            return self._fold_task(candidate, folds)
        fresh = self._new_candidate()
        return self._fold_task(fresh, [*range(self.plan.n_folds)]) if fresh else None

    def _fold_task(self, candidate: Candidate, folds: list[int]) -> FitTask:
        """Make the task of the first fold; without a clock, of as many as there are workers."""
        together = self._executor.n_workers if self._limits.reproducible else 1
        plan = self.plan
        seconds = math.inf
        if self._limits.clock.limited:
            seconds = max(0.2, min(_OVERTIME * plan.fit_seconds, self._search_left()))
        tasks = [
            self._task(candidate, fold, seconds, plan.fit_seconds, plan.round_seconds)
            for fold in folds[:together]
        ]
        self._wave.extend(tasks[1:])
        return tasks[0]

    def _task(
        self,
        candidate: Candidate,
        fold: int,
        seconds: float,
        fit_seconds: float,
        round_seconds: float | None,
    ) -> FitTask:
        return FitTask(
            candidate.number,
            candidate.family,
            candidate.params,
            fold,
            seconds,
            fit_seconds,
            round_seconds,
            candidate.max_rows,
            None,
            self._executor.n_threads,
            self._data.seed * 1000 + candidate.number * 10 + fold,
            str(self._folder.model_folder(candidate, fold)),
        )

    def _new_candidate(self) -> Candidate | None:
        n_started = len(self.state.closed) + len(self._live)
        if self._limits.n_trials is not None and n_started >= self._limits.n_trials:
            self.state.stopped = "trials"
            return None
        assert self.judge is not None
        for candidate in self._proposals.next(self.judge, n_started, self._fits_in):
            if self._limits.clock.limited and candidate.family in SAMPLED:
                candidate.max_rows = self.plan.max_rows
            self._live[candidate.number] = candidate
            reason = self._proposals.too_large(candidate, self._limits.memory)
            if not reason:
                return candidate
            self._close(candidate, "skipped", reason)
        return None

    def _fits_in(self, family: str) -> bool:
        """Say whether a candidate of this family can be expected to finish in time."""
        if not self._limits.clock.limited:
            return True
        known = [one for one in self.state.closed if one.family == family and one.folds]
        if known:
            fold = float(np.median([one.fold_seconds for one in known]))
        else:
            fold = 0.5 * self.plan.fit_seconds
        waves = math.ceil(self.plan.n_folds / self._executor.n_workers)
        return fold * waves < self._search_left()

    # -- answers -----------------------------------------------------------------------------

    def _absorb_all(self, ended: list[tuple[FitTask, Answer]]) -> None:
        for task, answer in ended:
            candidate = self._live.get(task.candidate)
            if candidate is None:
                continue  # closed while this fit was under way
            if isinstance(answer, Failed):
                self._fail(candidate, answer)
            else:
                self._record(candidate, task.fold, answer)

    def _fail(self, candidate: Candidate, answer: Failed) -> None:
        if _DISK_FULL in answer.reason:
            self.state.stopped = "disk full"
        candidate.traceback = answer.traceback
        late = answer.reason.startswith("TimeoutError") and self._limits.clock.limited
        self._close(candidate, "skipped" if late else "failed", answer.reason)

    def _record(self, candidate: Candidate, fold: int, fitted: Fitted) -> None:
        wrong = self._wrong(fitted.prediction, fold)
        if fitted.prediction is None or wrong:
            self._fail(candidate, Failed(wrong))
            return
        candidate.folds[fold] = FoldRecord.of(fitted)
        candidate.predictions[fold] = fitted.prediction
        self.state.fit_seconds += candidate.folds[fold].seconds
        if self._plan is None:
            return
        self._settle(candidate)
        if candidate.status == "running" and not self._limits.reproducible:
            self._prune(candidate)

    def _wrong(self, prediction: NDArray[np.float64] | None, fold: int) -> str:
        """Say what is wrong with a fold's predictions; empty if nothing is."""
        n_rows = len(self._data.folds[fold][1])
        multiclass = self._data.task == "multiclass"
        expected = (n_rows, self._data.n_classes) if multiclass else (n_rows,)
        shape = None if prediction is None else prediction.shape
        if prediction is None or shape != expected:
            return f"predicted an array of shape {shape}, expected {expected}"
        return "" if np.all(np.isfinite(prediction)) else "predicted values that are not finite"

    def _prune(self, candidate: Candidate) -> bool:
        """Give a candidate up whose folds so far say that it cannot help."""
        if self.judge is None:
            return False
        demand = max(1.0, 2 * candidate.fold_seconds / self.plan.fit_seconds)
        if not self.judge.hopeless(candidate, 1.0 if self._limits.reproducible else demand):
            return False
        self._close(candidate, "pruned", "did not lead and did not improve the ensemble")
        return True

    def _settle(self, candidate: Candidate) -> None:
        """Complete a candidate whose folds are all there."""
        wanted = range(self.plan.n_folds)
        if self.judge is None or not all(fold in candidate.folds for fold in wanted):
            return
        candidate.predictions = {fold: candidate.predictions[fold] for fold in wanted}
        candidate.folds = {fold: candidate.folds[fold] for fold in wanted}
        self.judge.accept(candidate)
        self._close(candidate, "complete", "")

    def _close(self, candidate: Candidate, status: Status, note: str) -> None:
        """End a candidate: keep its record, tell the study, tell the callbacks."""
        candidate.status, candidate.note = status, note
        self._live.pop(candidate.number, None)
        self._wave = deque(task for task in self._wave if task.candidate != candidate.number)
        self.state.closed.append(candidate)
        gain = None
        if self.judge is not None:
            complete = status == "complete"
            gain = self.judge.gain(candidate) if complete else self.judge.gain_so_far(candidate)
        candidate.predictions = {}
        try:
            oof = self.judge.oof.get(candidate.name) if self.judge else None
            self._folder.save_candidate(candidate, oof)
            self._proposals.tell(candidate, gain)
        except OSError as error:
            _log.warning("could not save %s: %s", candidate.name, error)
            self.state.stopped = "disk full"
        self._narrator.finished(candidate)

    def _abandon(self) -> None:
        """End what is still under way when the search is over."""
        self._executor.cancel(replace=self.judge is not None and self.judge.refit)
        for candidate in list(self._live.values()):
            self._close(
                candidate, "skipped", f"unfinished when the search ended ({self.state.stopped})"
            )

    def _progress(self) -> None:
        n_folds = self._plan.n_folds if self._plan else len(self._data.folds)
        now = now_fitting(self._executor.running(), self._live, n_folds)
        self._narrator.progress(self.judge, self.state.closed, now)
