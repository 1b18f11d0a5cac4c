"""What a search tells its callbacks: frozen values, in the order in which they happen."""

from __future__ import annotations

from dataclasses import dataclass

from automl.table.checks import Check


@dataclass(frozen=True)
class TableRead:
    """The table is read, its columns have roles and its checks are done.

    Parameters
    ----------
    name : str
        File name, or the kind of frame.
    n_rows, n_columns : int
        Usable rows, and columns that serve as features.
    target, task, metric : str
        What is predicted, and how predictions are scored.
    target_note : str
        The target in words, such as ``">50K" 23.9 %``.
    roles : dict of str to int
        Number of columns by role.
    checks : tuple of Check
        What the data checks found.
    n_jobs, seed : int
        Cores in use and the seed.
    elapsed : float
        Seconds since the call.
    """

    name: str
    n_rows: int
    n_columns: int
    target: str
    task: str
    metric: str
    target_note: str
    roles: dict[str, int]
    checks: tuple[Check, ...]
    n_jobs: int
    seed: int
    elapsed: float


@dataclass(frozen=True)
class Planned:
    """The split is made and the time is shared out.

    Parameters
    ----------
    scheme : str
        The split in words, such as ``"5 folds, stratified"``.
    n_sealed : int
        Rows sealed for an audit.
    search_seconds, finish_seconds : float or None
        Seconds foreseen for the search, and for ensemble, refit and saving; None without a time
        limit.
    n_trials : int or None
        Limit of trials, if there is one.
    resumed : int
        Finished candidates taken over from an earlier call on the same run folder.
    """

    scheme: str
    n_sealed: int
    search_seconds: float | None
    finish_seconds: float | None
    n_trials: int | None
    resumed: int


@dataclass(frozen=True)
class Progress:
    """A fold began or ended, or half a second has passed.

    Parameters
    ----------
    elapsed : float
        Seconds since the call.
    remaining : float or None
        Seconds left of the budget; None without a time limit.
    n_trials : int or None
        Limit of trials, if there is one.
    candidate : str
        What runs now, such as ``"lightgbm-3, fold 2 of 5"``; empty when idle.
    best_name : str
        The best candidate so far.
    best_score : float
        Its score, in the metric's own units.
    metric : str
        Name of the metric.
    done, pruned, failed : int
        Candidates so far.
    """

    elapsed: float
    remaining: float | None
    n_trials: int | None
    candidate: str
    best_name: str
    best_score: float
    metric: str
    done: int
    pruned: int
    failed: int


@dataclass(frozen=True)
class CandidateFinished:
    """A candidate is complete, pruned, failed or skipped.

    Parameters
    ----------
    name, family : str
        Which candidate, such as ``"lightgbm-3"``.
    status : str
        "complete", "pruned", "failed" or "skipped".
    score, low, high : float
        Score with its 95 % interval in the metric's own units; NaN where there is none.
    seconds : float
        Seconds of fitting, over all folds.
    note : str
        The reason for a status other than "complete".
    """

    name: str
    family: str
    status: str
    score: float
    low: float
    high: float
    seconds: float
    note: str


@dataclass(frozen=True)
class Finishing:
    """The search is over.

    Parameters
    ----------
    step : str
        "ensemble", "refit" or "save".
    """

    step: str


@dataclass(frozen=True)
class Finished:
    """The result is usable.

    Parameters
    ----------
    members : tuple of (str, float)
        Candidates in the winner with their weights, heaviest first.
    metric : str
        Name of the metric.
    score, low, high : float
        The winner's out-of-fold score with its 95 % interval.
    scored_on : str
        On which rows, in words, and whether members were refitted.
    run_dir : str
        The run folder.
    size : int
        Bytes of the winner on disk.
    seconds : float
        Wall clock since the call.
    stopped : str
        Why the search ended: "time", "trials", "interrupted", "disk full" or "done".
    notes : tuple of str
        What the reader should know of the winner, such as members that were not refitted.
    """

    members: tuple[tuple[str, float], ...]
    metric: str
    score: float
    low: float
    high: float
    scored_on: str
    run_dir: str
    size: int
    seconds: float
    stopped: str
    notes: tuple[str, ...] = ()


Event = TableRead | Planned | Progress | CandidateFinished | Finishing | Finished
