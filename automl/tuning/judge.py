"""Scores of candidates, the ensemble so far, and whether a candidate is worth its next fold."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble import Link, blend, select
from automl.metrics import Metric
from automl.models.base import Task
from automl.tuning.candidates import Candidate
from automl.tuning.scratch import SearchData

_INTERIM_ROWS = 5_000
_INTERIM_STEPS = 10
_FINAL_ROWS, _FINAL_STEPS = 20_000, 25
"""What `select` takes by default."""
_BLEND_WEIGHTS = (0.15, 0.3, 0.5)

MAX_MEMBERS = 6

_REFIT_COST = 40e-6
_BAG_COST = 80e-6
"""Seconds per predicted row, on one thread, that all members together should stay under."""

_COST_OF_BEST = 4.0
"""Where the best candidate alone is slow, all members may cost so many times its cost."""

_ENOUGH_ROWS = 2_000
"""Fewer held-out rows than these, and than half of all, are too noisy to give up a candidate."""

_LEAST_GAIN = 3e-4
"""Share of the way from the baseline to the best that a candidate has to add to the ensemble."""


class Judge:
    """Knows the out-of-fold predictions of everything that finished.

    Parameters
    ----------
    data : SearchData
        Rows and folds.
    n_folds : int
        Folds that every candidate goes through.
    metric : Metric
        What is optimised.
    groups : ndarray or None
        Group of each row, for intervals.
    refit : bool
        Whether members will be one refitted model each, or all their fold models.
    capped : bool
        Whether members have to stay under a prediction time. It is measured, so a run that has to
        be reproducible cannot ask for it.
    link : {"margin", "probability"}
        Space in which members are averaged.
    frame : DataFrame or None
        Raw rows, for metrics that want to see them.
    """

    def __init__(
        self,
        data: SearchData,
        n_folds: int,
        metric: Metric,
        groups: NDArray[np.int64] | None,
        *,
        refit: bool,
        capped: bool,
        link: Link = "margin",
        frame: Any = None,
    ):
        self._data = data
        self._metric = metric
        self._groups = groups
        self.refit = refit
        self._capped = capped
        self._link: Link = link
        self._frame = frame
        self._valid = [data.folds[fold][1] for fold in range(n_folds)]
        self.rows = np.unique(np.concatenate(self._valid))
        self.complete: list[Candidate] = []
        self.oof: dict[str, NDArray[np.float64]] = {}
        self._blend: NDArray[np.float64] | None = None
        self._members: list[Candidate] = []
        self._baseline_gain = 0.0
        self._interim_seconds = 0.0

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self._data.task

    @property
    def y(self) -> NDArray[np.float64]:
        """Targets of the scored rows."""
        return np.asarray(self._data.y[self.rows])

    @property
    def weight(self) -> NDArray[np.float64] | None:
        """Weights of the scored rows."""
        return None if self._data.weight is None else np.asarray(self._data.weight[self.rows])

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """Groups of the scored rows."""
        return None if self._groups is None else self._groups[self.rows]

    def parts_of_rows(self) -> NDArray[np.int64]:
        """Return, for each scored row, the number of the last fold that held it out."""
        part = np.zeros(self._data.n_rows, dtype=np.int64)
        for fold, valid in enumerate(self._valid):
            part[valid] = fold
        return part[self.rows]

    @property
    def frame(self) -> Any:
        """Raw scored rows, for metrics that want to see them; None for the others."""
        return self._rows_of_frame(self.rows)

    def score(
        self, prediction: NDArray[np.float64], threshold: float = 0.5
    ) -> tuple[float, float, float]:
        """Return the score of predictions for the scored rows, with its interval."""
        frame = self.frame
        value = self._metric.score(
            self.y, prediction, self.weight, threshold=threshold, frame=frame
        )
        low, high = self._metric.interval(
            self.y, prediction, self.weight, self.groups, threshold=threshold, frame=frame
        )
        return float(value), float(low), float(high)

    @property
    def metric_name(self) -> str:
        """Name of the metric."""
        return self._metric.name

    def gain(self, candidate: Candidate) -> float:
        """Return a candidate's score, turned so that higher is better."""
        return float(self._metric.gain(candidate.score))

    def best(self) -> Candidate | None:
        """Return the complete candidate with the best score."""
        scored = [candidate for candidate in self.complete if np.isfinite(candidate.score)]
        return max(scored, key=lambda one: self._metric.gain(one.score), default=None)

    def assemble(self, candidate: Candidate) -> NDArray[np.float64]:
        """Lay a candidate's fold predictions over the scored rows; repeated rows are averaged."""
        first = next(iter(candidate.predictions.values()))
        total = np.zeros((self._data.n_rows, *first.shape[1:]))
        count = np.zeros(self._data.n_rows)
        for fold, prediction in candidate.predictions.items():
            total[self._valid[fold]] += prediction
            count[self._valid[fold]] += 1
        count = count[self.rows]
        return total[self.rows] / count.reshape(-1, *([1] * (total.ndim - 1)))

    def accept(self, candidate: Candidate, oof: NDArray[np.float64] | None = None) -> None:
        """Score a candidate whose folds are all there, and blend it into the ensemble so far."""
        if oof is None:
            oof = self.assemble(candidate)
        candidate.score, candidate.low, candidate.high = self.score(oof)
        candidate.predictions = {}
        if candidate.family == "baseline":
            self._baseline_gain = self.gain(candidate)
        self.oof[candidate.name] = oof
        self.complete.append(candidate)  # last, so that an interrupt leaves nothing half known
        self._update_blend()

    def hopeless(self, candidate: Candidate, demand: float = 1.0) -> bool:
        """Say whether a candidate's folds so far neither lead nor improve the ensemble.

        The comparison is on the same held-out rows, once there are enough of them. The blending
        weight is chosen in the candidate's favour: only one that cannot help at any is given up.

        Parameters
        ----------
        candidate : Candidate
            With at least one fold.
        demand : float, default 1
            How many times the least gain it has to bring: slow candidates have to bring more.
        """
        best = self.best()
        if best is None or self._blend is None or not candidate.predictions:
            return False
        rows, own = self._so_far(candidate)
        if len(rows) < min(_ENOUGH_ROWS, len(self.rows) / 2):
            return False
        places = np.searchsorted(self.rows, rows)

        def gain(prediction: NDArray[np.float64]) -> float:
            return self._gain_on(rows, prediction)

        if gain(own) > gain(self.oof[best.name][places]):
            return False
        ours = self._blend[places]
        reached = gain(ours)
        lead = abs(gain(self.oof[best.name][places]) - self._baseline_gain)
        least = _LEAST_GAIN * demand * lead
        return all(
            not gain(blend([ours, own], [1 - share, share], self._link, self.task))
            > reached + least
            for share in _BLEND_WEIGHTS
        )

    def members_so_far(self) -> list[Candidate]:
        """Return the members of the ensemble so far."""
        return self._members

    def pool(self) -> list[Candidate]:
        """Return what may become a member: the baseline only where there is nothing else.

        A constant changes no order within a fold, but it differs between folds, so it must not
        take part in an average that is scored over all of them.
        """
        scored = [one for one in self.complete if np.isfinite(one.score)] or self.complete
        return [one for one in scored if one.family != "baseline"] or scored

    def gain_so_far(self, candidate: Candidate) -> float | None:
        """Return a candidate's score on the folds that it has, higher is better."""
        return self._gain_on(*self._so_far(candidate)) if candidate.predictions else None

    def _gain_on(self, rows: NDArray[np.int64], prediction: NDArray[np.float64]) -> float:
        y = np.asarray(self._data.y[rows])
        weight = None if self._data.weight is None else np.asarray(self._data.weight[rows])
        frame = self._rows_of_frame(rows)
        return float(self._metric.gain(self._metric.score(y, prediction, weight, frame=frame)))

    def _rows_of_frame(self, rows: NDArray[np.int64]) -> Any:
        return None if self._frame is None else self._frame.iloc[rows].reset_index(drop=True)

    def _so_far(self, candidate: Candidate) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        rows = np.concatenate([self._valid[fold] for fold in candidate.predictions])
        values = np.concatenate(list(candidate.predictions.values()))
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values[order]
        first = np.r_[True, rows[1:] != rows[:-1]]
        return rows[first], values[first]

    def selection_seconds(self) -> float:
        """Estimate the seconds of the final choice of members from the last interim one."""
        n_rows = len(self.rows)
        growth = min(n_rows, _FINAL_ROWS) / max(1, min(n_rows, _INTERIM_ROWS))
        return self._interim_seconds * growth * _FINAL_STEPS / _INTERIM_STEPS

    def _update_blend(self) -> None:
        began = time.monotonic()
        pool = self.pool()
        predictions = [self.oof[candidate.name] for candidate in pool]
        options = self.options(pool) | {"steps": _INTERIM_STEPS, "max_rows": _INTERIM_ROWS}
        chosen = select(predictions, self.y, self._metric, **options)
        self._members = [pool[index] for index, _ in chosen.weights]
        self._blend = chosen.apply(predictions, self.task)
        self._interim_seconds = time.monotonic() - began

    def options(self, pool: list[Candidate]) -> dict[str, Any]:
        """Return what every choice of members is asked with."""
        options = {
            "task": self.task,
            "weight": self.weight,
            "max_members": MAX_MEMBERS,
            "link": self._link,
            "families": [one.family for one in pool],
            "frame": self.frame,
            "seed": self._data.seed,
        }
        if not self._capped:
            return options
        costs = [self.cost(one) for one in pool]
        best = max(range(len(pool)), key=lambda i: self.gain(pool[i]))
        limit = _REFIT_COST if self.refit else _BAG_COST
        return options | {"costs": costs, "max_cost": max(limit, _COST_OF_BEST * costs[best])}

    def cost(self, candidate: Candidate) -> float:
        """Return the seconds per predicted row that a candidate costs as a member."""
        if candidate.family == "baseline" or not candidate.folds:
            return 0.0
        return candidate.predict_seconds * (1 if self.refit else len(candidate.folds))
