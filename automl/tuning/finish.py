"""After the search: choose members, refit them where that pays, calibrate, set the threshold."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.ensemble import (
    Link,
    calibrate,
    honest_predictions,
    select,
    tune_threshold,
)
from automl.metrics import Metric
from automl.tuning.candidates import Candidate
from automl.tuning.clock import Clock
from automl.tuning.executor import Executor
from automl.tuning.interrupts import Interrupts
from automl.tuning.judge import Judge
from automl.tuning.plan import Plan
from automl.tuning.record import Member, Recipe
from automl.tuning.refit import Refit
from automl.tuning.run_folder import RunFolder
from automl.tuning.scratch import SearchData

_log = logging.getLogger(__name__)

RefitChoice = Literal["auto"] | bool

_NEARLY_ALL = 0.9
"""A holdout that leaves so much for training makes a refit needless."""

_SAVE_SECONDS = 0.45
_LOADED_BYTES = 40e6
"""Bytes of models that are surely read and checked within a second."""

_MOST_SELECTING = 5.0
_SELECT_SHARE, _HONEST_SHARE = 0.3, 0.9
"""Shares of the time left that the choice of members, and their honest score, may take."""

_REFIT_MARGIN = 1.5
_RESTART_SECONDS, _RESTART_SHARE = 1.5, 0.03
"""Workers that are busy when the search ends are started anew before they can refit."""


def refits(refit: RefitChoice, plan: Plan) -> bool:
    """Say whether members are fitted once more on all rows instead of averaging fold models.

    "auto" refits: in the paired benchmark (benchmarks/results/choices.jsonl) refits score better
    on most tables and predict several times as fast. It does not where a single holdout is so
    small a part that its rows cannot matter.
    """
    if isinstance(refit, bool):
        return refit
    return plan.n_folds > 1 or plan.train_share < _NEARLY_ALL


def finish_seconds(
    judge: Judge,
    plan: Plan,
    refit: RefitChoice,
    data: SearchData,
    n_workers: int,
    budget: float = math.inf,
) -> float:
    """Estimate the seconds that ensemble, refit and saving will take, given what is known now."""
    seconds = save_seconds(judge, data) + min(judge.selection_seconds(), _MOST_SELECTING)
    if not judge.complete or not refits(refit, plan):
        return seconds
    costs = sorted((refit_seconds(one, data) for one in judge.members_so_far()), reverse=True)
    if not costs:
        return seconds
    restart = min(_RESTART_SECONDS, _RESTART_SHARE * budget)
    return seconds + restart + _REFIT_MARGIN * max(costs[0], sum(costs) / n_workers)


def save_seconds(judge: Judge, data: SearchData) -> float:
    """Estimate the seconds of opening the winner, timing it and writing the manifest."""
    size = sum(one.size * (1 if judge.refit else len(one.folds)) for one in judge.members_so_far())
    return _SAVE_SECONDS + 2e-7 * data.n_rows + size / _LOADED_BYTES


def refit_seconds(candidate: Candidate, data: SearchData) -> float:
    """Estimate the seconds of one refit from the candidate's folds.

    A refit has more rows than a fold, and does not run the rounds that a fold waits in vain.
    """
    if not candidate.folds:
        return 0.0
    n_rows = min(data.n_rows, candidate.max_rows or data.n_rows)
    records = list(candidate.folds.values())
    growth = n_rows / max(1.0, float(np.mean([record.n_rows for record in records])))
    kept = [one.rounds / one.rounds_run for one in records if one.rounds and one.rounds_run]
    return candidate.fold_seconds * growth * (float(np.mean(kept)) if kept else 1.0)


@dataclass(frozen=True)
class Finish:
    """The winner and its honest score.

    Parameters
    ----------
    recipe : Recipe
        The winner.
    score, low, high : float
        Score on predictions whose weights, calibration and threshold came from other folds.
    refit_notes : tuple of str
        What went wrong in refits; their members keep their fold models.
    predictions : ndarray of float64, shape (n_scored,) or (n_scored, n_classes)
        Those predictions, in the order of the judge's rows.
    """

    recipe: Recipe
    score: float
    low: float
    high: float
    refit_notes: tuple[str, ...]
    predictions: NDArray[np.float64]


class Finisher:
    """Turns a judge's candidates into a winner.

    Parameters
    ----------
    judge : Judge
        Candidates with their out-of-fold predictions.
    plan : Plan
        What the candidates went through.
    data : SearchData
        The rows.
    metric : Metric
        What is optimised.
    refit : "auto" or bool
        Whether to refit members on all rows.
    link : {"margin", "probability"}
        What is averaged.
    clock : Clock
        The call's clock.
    interrupts : Interrupts
        Says whether Ctrl-C was pressed.
    """

    def __init__(
        self,
        judge: Judge,
        plan: Plan,
        data: SearchData,
        metric: Metric,
        refit: RefitChoice,
        link: Link,
        clock: Clock,
        interrupts: Interrupts,
    ):
        self._judge = judge
        self._plan = plan
        self._data = data
        self._metric = metric
        self._refit = refits(refit, plan)
        self._link = link
        self._clock = clock
        self._interrupts = interrupts

    def run(
        self, executor: Executor, folder: RunFolder, announce: Callable[[str], None]
    ) -> Finish:
        """Choose, refit, calibrate."""
        announce("ensemble")
        pool = self._judge.pool()
        predictions = [self._judge.oof[one.name] for one in pool]
        options = self._judge.options(pool)
        options["deadline"] = self._deadline(_SELECT_SHARE)
        chosen = select(predictions, self._judge.y, self._metric, **options)
        picked = [(pool[index], share) for index, share in chosen.weights]
        if self._refit:
            announce("refit")
        refit = self._begin_refit(picked, executor, folder)
        # The workers refit while this process computes the honest score.
        options["deadline"] = self._deadline(_HONEST_SHARE)
        parts = self._judge.parts_of_rows()
        honest = honest_predictions(predictions, self._judge.y, parts, self._metric, **options)
        honest, calibration, threshold, score = self._corrections(honest)
        members = refit.collect()
        recipe = Recipe(_heaviest_first(members), self._link, calibration, threshold)
        return Finish(recipe, *score, tuple(refit.notes), honest)

    def _begin_refit(
        self, picked: list[tuple[Candidate, float]], executor: Executor, folder: RunFolder
    ) -> Refit:
        members = [(one, fold_member(one, share)) for one, share in picked]
        members.sort(key=lambda pair: -refit_seconds(pair[0], self._data))
        seed = self._data.seed
        return Refit(
            members, self._refit, executor, folder, self._time_left, self._interrupts, seed
        )

    def _deadline(self, share: float) -> float:
        """Return when a step has to end that may take a share of the time left."""
        if not self._clock.limited:
            return math.inf
        return time.monotonic() + share * max(0.0, self._time_left())

    def _corrections(
        self, honest: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], dict[str, Any] | None, float, tuple[float, float, float]]:
        """Fit calibration and threshold on predictions that no weight has seen, and score them."""
        judge = self._judge
        parts = judge.parts_of_rows()
        shared: dict[str, Any] = {
            "task": judge.task,
            "weight": judge.weight,
            "groups": judge.groups,
            "seed": self._data.seed,
        }
        calibration = calibrate(honest, judge.y, parts, **shared)
        state = None
        if not calibration.is_identity:
            honest, state = calibration.apply(honest, judge.task), calibration.to_dict()
        tuned = tune_threshold(
            honest,
            judge.y,
            parts,
            self._metric,
            frame=judge.frame,
            deadline=self._deadline(_HONEST_SHARE),
            **shared,
        )
        score = judge.score(honest, threshold=tuned.value)
        if tuned.score is not None and tuned.value != 0.5:
            # The rows that chose the threshold flatter it: shift to the cross-fitted score.
            flattery = score[0] - tuned.score
            score = (score[0] - flattery, score[1] - flattery, score[2] - flattery)
        return honest, state, tuned.value, score

    def _time_left(self) -> float:
        if not self._clock.limited:
            return math.inf
        return self._clock.remaining() - save_seconds(self._judge, self._data)


def fold_member(candidate: Candidate, share: float) -> Member:
    """Make a member of a candidate's fold models, or of the baseline's single one."""
    if candidate.family == "baseline":
        return Member(candidate.name, "baseline", share, ("winner/baseline",), (), True)
    folds = sorted(candidate.folds)
    return Member(
        candidate.name,
        candidate.family,
        share,
        tuple(f"trials/{candidate.name}/fold-{fold}" for fold in folds),
        tuple(candidate.folds[fold].encoder for fold in folds),
        False,
    )


def _heaviest_first(members: tuple[Member, ...]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: -member.weight))
