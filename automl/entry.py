"""`automl.search` and `automl.load`: the one call, and its result from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from automl.result import Result

Metric = str | Callable[..., float]


def search(
    data: Any,
    target: str,
    time_budget: float | None = None,
    n_trials: int | None = None,
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto",
    metric: Metric = "auto",
    sensitive: Iterable[str] = (),
    ignore: Iterable[str] = (),
    roles: Mapping[str, str] | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    positive: Any = None,
    families: str | Iterable[str] = "auto",
    refit: Literal["auto"] | bool = "auto",
    audit_size: Literal["auto"] | int | float = "auto",
    seed: int = 0,
    n_jobs: int | None = None,
    memory_limit: int | None = None,
    run_dir: str | Path | None = None,
    progress: Literal["auto"] | bool = "auto",
    callbacks: Iterable[Callable[[Any], None]] = (),
) -> Result:
    """Find the best model for a table.

    Reads the table, tries a portfolio of configurations and then what Optuna suggests, keeps
    every candidate's out-of-fold predictions, and ensembles the best.

    Parameters
    ----------
    data : frame, str or Path
        A pandas, polars or Arrow frame, or a path: .csv, .tsv, .parquet, .feather or .jsonl
        (the text formats also .gz).
    target : str
        The column to predict. Rows where it is missing are dropped.
    time_budget : float, optional
        Seconds of wall clock from the call to a usable result, everything included. Default: 60,
        or no limit where `n_trials` is given.
    n_trials : int, optional
        Candidates to try at most, instead of or beside the time. Without a time limit the same
        seed, `n_jobs` and library versions give the same result.
    task : {"auto", "binary", "multiclass", "regression"}, default "auto"
        What is predicted; "auto" infers it from the target's values.
    metric : str or callable, default "auto"
        What is optimised: "auto" (roc_auc, log_loss or rmse by task), one of Candor's names, the
        name of a scikit-learn scorer, or a callable (estimator, X, y) -> float, higher is better.
    sensitive : iterable of str, default ()
        Columns to audit by. They stay features unless they are in `ignore`. With any, audit rows
        are sealed before anything is fitted.
    ignore : iterable of str, default ()
        Columns that are not to be used as features.
    roles : mapping of str to str, optional
        Roles that override what was inferred, such as ``{"zip": "categorical"}``. Known: numeric,
        boolean, categorical, high_cardinality, datetime, text, constant, identifier.
    weight : str, optional
        Column of row weights; they reach every fit and every score. It is not a feature.
    group : str, optional
        Column of groups that must not be on both sides of a split. It is not a feature.
    time : str, optional
        Column that orders the rows; splits go forward in time only.
    positive : object, optional
        The positive label of a binary target. Default: ``classes_[1]``.
    families : "auto" or iterable of str, default "auto"
        Model families to search; "auto" means all that are installed or registered.
    refit : {"auto", True, False}, default "auto"
        True: each member is fitted once more on all rows; False: its fold models are averaged;
        "auto": refits, unless a single small holdout has left nearly all rows for training.
    audit_size : "auto", float or int, default "auto"
        With `sensitive`: share or number of rows to seal; "auto": 20 %, at most 10,000; 0: none.
    seed : int, default 0
        Seed of everything random.
    n_jobs : int, optional
        Cores to use. Default: what affinity and cgroup allow.
    memory_limit : int, optional
        Bytes that the search may use in all. Default: what is free, within the cgroup's limit.
    run_dir : str or Path, optional
        Folder that keeps the run; created where absent. The same call on the same folder resumes
        it. Default: a temporary folder that goes with the result.
    progress : {"auto", True, False}, default "auto"
        Whether to show progress; "auto": in a terminal or a notebook.
    callbacks : iterable of callable, default ()
        Each is called with every event of `automl.tuning.events`. One that raises is logged and
        not called again.

    Returns
    -------
    Result
        Leaderboard, winner, checks, schema, timing; `predict`, `predict_proba`, `score`, `save`.

    Raises
    ------
    AutoMLError
        Nothing else. Before the search: an argument, the table or the run folder cannot be used;
        each error is also the builtin that a caller would catch (`ValueError`, `KeyError`,
        `TypeError`, `FileNotFoundError`, `OSError`).

    Notes
    -----
    Scores are computed on rows that the scored model was not fitted on. For boosted models the
    number of rounds is chosen on those same rows. The ensemble's score is cross-fitted: each
    fold's rows are scored with weights chosen on the other folds.

    Under a time limit the members together also stay under a prediction time (40 microseconds a
    row when refitted, 80 when fold models are averaged, or four times the best candidate's). That
    is measured, so a reproducible search leaves it out.

    References
    ----------
    R. Caruana et al., "Ensemble selection from libraries of models", ICML 2004.
    N. Erickson et al., "AutoGluon-Tabular", arXiv:2003.06505, 2020.
    D. Salinas and N. Erickson, "TabRepo", AutoML 2024.

    Examples
    --------
    >>> import automl
    >>> from automl.demo import loans
    >>> result = automl.search(loans(300), target="approved", n_trials=2, families=["linear"])
    >>> result.predict_proba(loans(2)).shape
    (2, 2)
    """
    from automl.tuning.clock import start_of_call

    start = start_of_call()
    from automl.progress import make_view
    from automl.tuning.settings import check_settings

    settings = check_settings(
        target=target,
        time_budget=time_budget,
        n_trials=n_trials,
        task=task,
        metric=metric,
        sensitive=sensitive,
        ignore=ignore,
        roles=roles,
        weight=weight,
        group=group,
        time=time,
        positive=positive,
        families=families,
        refit=refit,
        audit_size=audit_size,
        seed=seed,
        n_jobs=n_jobs,
        memory_limit=memory_limit,
        run_dir=run_dir,
        callbacks=callbacks,
    )
    view = make_view(progress)
    from automl.assembly import run_to_result

    return run_to_result(data, settings, start, view)


def load(path: str | Path, trusted: Iterable[str] = ()) -> Result:
    """Open a run folder.

    Reads no pickle and runs no code from the folder. A run that was ended before it finished
    gives its best candidate so far.

    Parameters
    ----------
    path : str or Path
        A folder that `automl.search(run_dir=...)` or `Result.save` wrote.
    trusted : iterable of str, default ()
        Full names of your own estimator classes that may be loaded, such as
        ``"my_package.MyClassifier"``.

    Returns
    -------
    Result
        As `automl.search` returned it.

    Raises
    ------
    RunFolderError
        If the folder holds no run, is damaged, or is of a newer format.
    TableFileNotFoundError
        If there is no such folder.
    ArgumentTypeError
        If `path` is no path.

    Examples
    --------
    >>> import automl, tempfile
    >>> from automl.demo import loans
    >>> folder = tempfile.mkdtemp()
    >>> result = automl.search(
    ...     loans(300), target="approved", n_trials=1, families=["linear"], run_dir=folder
    ... )
    >>> bool((automl.load(folder).predict(loans(9)) == result.predict(loans(9))).all())
    True
    """
    from automl.assembly import load_result
    from automl.errors import ArgumentTypeError

    if not isinstance(path, str | Path):
        raise ArgumentTypeError("a run folder is a path", got=f"got {type(path).__name__}")
    return load_result(Path(path), tuple(trusted))
