"""The result of a search: what was tried, what won, and the winner to predict with."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.errors import ArgumentError, ArgumentTypeError, DataError, RunFolderAccessError
from automl.metrics import get_metric
from automl.tuning.candidates import Candidate
from automl.tuning.record import Member, Recipe, RunRecord
from automl.tuning.run_folder import RunFolder, read_json
from automl.tuning.settings import is_number
from automl.winner import Winner, load_winner

if TYPE_CHECKING:
    from automl.table import Schema
    from explain import Explanation
    from fairness import Audit

_ENSEMBLE = "ensemble"


class Result:
    """What `automl.search` and `automl.load` return.

    Nothing in it changes but the decision threshold, which may be set. Models live in the run
    folder and are loaded from there; no pickle is involved.

    Parameters
    ----------
    folder : RunFolder
        The run folder.
    record : RunRecord
        The finished run in plain values.
    candidates : tuple of Candidate
        Everything that was tried.
    schema : Schema
        How raw rows are read.
    n_jobs : int
        Threads for prediction.
    trusted : tuple of str
        Full names of the user's own classes that may be loaded.
    metric : str or callable
        What `score` computes.
    temporary : bool
        Whether the run folder is removed together with this object.
    model : estimator, optional
        The winner, where it is open already.

    Examples
    --------
    >>> import automl
    >>> from automl.demo import loans
    >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
    >>> result.leaderboard["name"].tolist()[0]
    'ensemble'
    >>> result.predict(loans(3)).shape
    (3,)

    What was found, as frames:

    >>> sorted(result.trials["status"].unique())
    ['complete']
    >>> list(result.members.columns)
    ['name', 'family', 'weight', 'models', 'refitted']
    >>> list(result.timing.columns), list(result.checks.columns)[:3]
    (['phase', 'seconds'], ['code', 'severity', 'columns'])
    >>> result.schema.set_index("column").loc["approved", "role"]
    'target'
    >>> len(result.pareto) >= 1
    True

    And as plain values:

    >>> result.task, result.metric, result.stopped
    ('binary', 'roc_auc', 'trials')
    >>> result.scored_on
    'out-of-fold on 300 rows; members then refitted on all 300'
    >>> result.sealed_rows.shape, result.sensitive, result.run_dir.is_dir()
    ((0,), (), True)
    >>> type(result.model).__name__
    'WinnerClassifier'
    >>> result.threshold = 0.4
    >>> result.threshold
    0.4
    """

    def __init__(
        self,
        folder: RunFolder,
        record: RunRecord,
        candidates: tuple[Candidate, ...],
        schema: Schema,
        *,
        n_jobs: int = 1,
        trusted: tuple[str, ...] = (),
        metric: str | Callable[..., float] | None = None,
        temporary: bool = False,
        model: Winner | None = None,
    ):
        self._folder = folder
        self._record = record
        self._candidates = candidates
        self._schema = schema
        self._n_jobs = n_jobs
        self._trusted = trusted
        self._metric = metric if metric is not None else record.metric
        if model is None:
            model = load_winner(folder.path, schema, record.recipe, n_jobs, trusted)
        self._model: Winner = model.set_params(n_jobs=n_jobs)
        self._disparities: pd.Series[float] | None = None
        if temporary:
            weakref.finalize(self, shutil.rmtree, folder.path, ignore_errors=True)

    # -- what was found ----------------------------------------------------------------------

    @property
    def model(self) -> Winner:
        """The winner as a scikit-learn estimator on raw rows.

        It has `predict`, `predict_proba` and `classes_` (classification), and `margin`.
        """
        return self._model

    @property
    def leaderboard(self) -> pd.DataFrame:
        """Every candidate and the ensemble, best first.

        Columns: name, family, status, score, low, high (95 % interval), in the metric's own
        units; fit_seconds; predict_seconds (per row, one thread: a candidate's fold models alone,
        the ensemble whole, with reading and encoding); size (bytes). An ensemble of one member can
        score otherwise than that member: its score counts the choice among candidates, too.
        """
        record = self._record
        ensemble = {
            "name": _ENSEMBLE,
            "family": _ENSEMBLE,
            "status": "complete",
            "score": record.score,
            "low": record.low,
            "high": record.high,
            "fit_seconds": self._seconds_of_members(),
            "predict_seconds": record.score_seconds,
            "size": record.size,
        }
        rows = [ensemble, *(_row(candidate) for candidate in self._candidates)]
        frame = pd.DataFrame(rows)
        gain = frame["score"] if record.greater_is_better else -frame["score"]
        finished = frame["status"] == "complete"
        order = gain.where(finished).sort_values(
            ascending=False, kind="stable", na_position="last"
        )
        return frame.loc[order.index].reset_index(drop=True)

    @property
    def trials(self) -> pd.DataFrame:
        """Everything that was tried, in order.

        Columns: number, name, family, origin ("portfolio" or "search"), status ("complete",
        "pruned", "failed" or "skipped"), score, folds, rounds, seconds, note, traceback, params.
        """
        rows = [
            {
                "number": one.number,
                "name": one.name,
                "family": one.family,
                "origin": one.origin,
                "status": one.status,
                "score": one.score,
                "folds": len(one.folds),
                "rounds": one.rounds,
                "seconds": one.seconds,
                "note": one.describe(),
                "traceback": one.traceback,
                "params": one.params,
            }
            for one in self._candidates
        ]
        frame = pd.DataFrame(rows).astype({"rounds": "Int64"})
        return frame.sort_values("number", kind="stable").reset_index(drop=True)

    @property
    def checks(self) -> pd.DataFrame:
        """What was found in the table and during the run, gravest first.

        Columns: code, severity ("error", "warning" or "info"), columns, message, hint.
        """
        names = ["code", "severity", "columns", "message", "hint"]
        rows = [[getattr(check, name) for name in names] for check in self._record.checks]
        frame = pd.DataFrame(rows, columns=names)
        rank = frame["severity"].map({"error": 0, "warning": 1, "info": 2})
        return frame.loc[rank.sort_values(kind="stable").index].reset_index(drop=True)

    @property
    def schema(self) -> pd.DataFrame:
        """Every column with its role and the reason for it."""
        return self._schema.to_frame()

    @property
    def timing(self) -> pd.DataFrame:
        """Where the time went: columns phase and seconds, in order."""
        return pd.DataFrame(self._record.timing, columns=["phase", "seconds"])

    @property
    def pareto(self) -> pd.DataFrame:
        """The candidates that no other beats in score, time and, where known, disparity.

        Columns: name, family, score, predict_seconds, size; best score first. With sensitive
        columns and sealed rows also disparity, on these rows: the largest difference between two
        groups of one column in true or false positive rates, or in mean errors (in standard
        deviations of the target). It is computed when it is first asked for, since all candidates
        have to predict.
        """
        from automl.reporting.pareto import unbeaten

        board = self.leaderboard
        board = board[(board["status"] == "complete") & board["score"].notna()]
        columns = ["name", "family", "score", "predict_seconds", "size"]
        board = board[columns].reset_index(drop=True)
        if self._disparities is None:
            self._disparities = self._measured_disparities(board)
        if len(self._disparities):
            board = board.assign(disparity=self._disparities)
        return unbeaten(board, self._record.greater_is_better)

    @property
    def members(self) -> pd.DataFrame:
        """The winner's members: columns name, family, weight, models, refitted."""
        rows = [
            (one.name, one.family, one.weight, len(one.models), one.refitted)
            for one in self._record.recipe.members
        ]
        return pd.DataFrame(rows, columns=["name", "family", "weight", "models", "refitted"])

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return self._record.metric

    @property
    def task(self) -> str:
        """What is predicted: "binary", "multiclass" or "regression"."""
        return self._schema.target.task

    @property
    def run_dir(self) -> Path:
        """The run folder."""
        return self._folder.path

    @property
    def sealed_rows(self) -> NDArray[np.int64]:
        """Positions, in the data as given, of the rows that no fit and no choice has seen."""
        return np.array(self._record.sealed, dtype=np.int64)

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The columns to audit by that the search was given."""
        arguments = (self._folder.read_manifest() or {}).get("arguments", {})
        return tuple(str(name) for name in arguments.get("sensitive", ()))

    @property
    def scored_on(self) -> str:
        """Which rows the scores come from, in words."""
        return self._record.scored_on

    @property
    def stopped(self) -> str:
        """Why the search ended: "time", "trials", "done", "interrupted" or "disk full"."""
        return self._record.stopped

    @property
    def threshold(self) -> float:
        """Probability from which on a binary prediction is the positive class; may be set."""
        return self._model.recipe.threshold

    @threshold.setter
    def threshold(self, value: float) -> None:
        if self.task != "binary":
            raise ArgumentError(
                "only binary classification has a threshold", got=f"the task is {self.task}"
            )
        if not is_number(value):
            raise ArgumentTypeError(
                "the threshold must be a number", got=f"got {value!r}", hint="0.5"
            )
        if not 0 <= value <= 1:
            raise ArgumentError("the threshold must lie between 0 and 1", got=f"got {value}")
        self._model.recipe = replace(self._model.recipe, threshold=float(value))

    # -- predicting --------------------------------------------------------------------------

    def predict(self, rows: Any) -> NDArray[Any]:
        """Predict labels (with the decision threshold when binary) or values.

        Parameters
        ----------
        rows : frame or path
            Raw rows with the columns of the training table; other columns are ignored.

        Returns
        -------
        ndarray, shape (n_rows,)
            Labels as in the training data, or values in units of the target.

        Raises
        ------
        ColumnNotFoundError
            If a column is missing.
        DataError
            If a value cannot be read as its column's type.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> len(result.predict(loans(5)))
        5
        """
        return self._model.predict(rows)

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """Predict the probability of each class.

        Parameters
        ----------
        rows : frame or path
            Raw rows with the columns of the training table; other columns are ignored.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_classes)
            Columns in the order of `model.classes_`; rows sum to 1.

        Raises
        ------
        ArgumentError
            If the task is regression.
        ColumnNotFoundError
            If a column is missing.
        DataError
            If a value cannot be read as its column's type.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> result.predict_proba(loans(5)).shape
        (5, 2)
        """
        if self.task == "regression":
            raise ArgumentError(
                "a regression has no class probabilities",
                got=f"the target is {self._schema.target.name!r}",
                hint="result.predict(rows)",
            )
        return self._model.predict_proba(rows)

    def score(self, rows: Any) -> float:
        """Score the winner on rows with known targets.

        Parameters
        ----------
        rows : frame or path
            Raw rows with the target column, and the weight column where the search had one.

        Returns
        -------
        float
            The search's metric in its own units (an error metric is positive, lower is better).

        Raises
        ------
        DataError
            If the target column is missing or holds labels that the search has not seen, or the
            metric is not defined on the rows.
        ArgumentError
            If the metric was a function and the result was loaded from a folder.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> 0.5 < result.score(loans(200, seed=1)) < 1
        True
        """
        from automl.table import read_frame

        frame, name = read_frame(rows)
        y = self._schema.read_target(frame)
        if y is None:
            raise DataError(
                f"there is no target column {self._schema.target.name!r} in {name}",
                got="a score needs the true values",
                hint="result.predict(rows)",
            )
        known = y >= 0 if y.dtype.kind == "i" else np.isfinite(y)
        frame, y = frame[known], y[known]
        target = self._schema.target
        if isinstance(self._metric, str) and self._metric.endswith("()"):
            raise ArgumentError(
                "the metric of this run was a function, which a run folder does not hold",
                hint="automl.search again with the same arguments and run_dir",
            )
        metric = get_metric(self._metric, target.task, target.classes)
        weight = self._schema.read_weight(frame)
        prediction = self._model.predict_proba(frame) if self.task != "regression" else None
        if prediction is None:
            values = self._model.predict(frame)
        else:
            values = prediction[:, 1] if self.task == "binary" else prediction
        threshold = self.threshold if self.task == "binary" else 0.5
        value = float(metric.score(y, values, weight, threshold=threshold, frame=frame))
        if np.isnan(value):
            raise DataError(
                f"{metric.name} is not defined on these rows",
                got=f"{len(y):,} rows with {len(np.unique(y)):,} different targets in {name}",
            )
        return value

    def audit(
        self,
        rows: Any = None,
        sensitive: str | Sequence[str] | None = None,
        *,
        reference: Any = None,
        control: str | Sequence[str] | None = None,
        tolerance: Any = 0.1,
        confidence: float = 0.95,
        template: Any = None,
        seed: int = 0,
    ) -> Audit:
        """Audit the winner: say for whom it fails.

        Parameters
        ----------
        rows : frame or path, optional
            Raw rows with the target. Default: the sealed rows, which nothing has seen before;
            without them out-of-fold predictions of at most 10,000 rows of the search, which also
            chose the ensemble. ``audit.rows_used`` says which.
        sensitive : str or sequence of str, optional
            Columns to audit by. Default: those named in the search.
        reference : str or mapping of str to str, optional
            The group to compare with, by column where there are several. Default: the worst pair.
        control : str or sequence of str, optional
            Columns to compare within.
        tolerance : float or mapping of str to float, default 0.1
            Largest difference that is tolerated, as in `fairness.audit`.
        confidence : float, default 0.95
            Of all intervals.
        template : str, path or sequence of them, optional
            Regulation templates.
        seed : int, default 0
            Seed of everything random.

        Returns
        -------
        fairness.Audit
            Counts, intervals and verdicts, at the decision threshold that `predict` applies.

        Raises
        ------
        ArgumentError
            If no sensitive column is named here or in the search.
        ColumnNotFoundError
            If a column is not there.
        DataError
            If the rows have no target, or the run keeps none.
        fairness.FairnessError
            If the audit refuses what it is given.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(
        ...     loans(600), target="approved", n_trials=1, families=["linear"], sensitive="sex"
        ... )
        >>> audit = result.audit()
        >>> audit.rows_used
        '120 sealed rows, which no fit and no choice has seen'
        """
        from automl.auditing import audit_rows, given_audit_rows, kept_audit_rows
        from automl.tuning.kept_rows import load_kept_rows

        if rows is None:
            chosen = kept_audit_rows(load_kept_rows(self._folder.path), self._model)
        else:
            chosen = given_audit_rows(rows, self._schema, self._model)
        if sensitive is None:
            sensitive = self.sensitive
        options = {
            "reference": reference,
            "control": control,
            "tolerance": tolerance,
            "confidence": confidence,
            "template": template,
            "seed": seed,
        }
        names = [sensitive] if isinstance(sensitive, str) else list(sensitive)
        return audit_rows(chosen, self._schema, self._model, names, options)

    def explain(
        self,
        rows: Any = None,
        *,
        scale: Literal["auto", "margin", "probability", "response"] = "auto",
        groups: Mapping[str, Iterable[str]] | None = None,
        max_rows: int | None = None,
        seed: int = 0,
    ) -> Explanation:
        """Explain the winner: say why it decides as it does.

        Parameters
        ----------
        rows : frame or path, optional
            Raw rows. Default: the sealed rows, which nothing has seen before; without them at
            most 10,000 rows of the search. ``explanation.rows_used`` says which.
        scale : {"auto", "margin", "probability", "response"}, default "auto"
            What contributions add up to: log-odds ("margin", the default for classes),
            probabilities, or predicted values ("response", for regression).
        groups : mapping of str to columns, optional
            Columns that act as one.
        max_rows : int, optional
            Explain so many rows at most. Default: 10,000 where values have a closed form; where
            they are sampled, as many as fit, at least 50.
        seed : int, default 0
            Seed of everything random.

        Returns
        -------
        explain.Explanation
            Contributions of the raw columns, with labels and errors; the background are the rows
            that the run keeps.

        Raises
        ------
        DataError
            If the run keeps no rows.
        explain.ExplainError
            If the engine refuses what it is given.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> explanation = result.explain()
        >>> explanation.label, explanation.rows_used
        ('exact', '300 rows of the search; the winner was fitted on them')
        """
        from automl.explaining import explain_winner
        from automl.tuning.kept_rows import load_kept_rows

        return explain_winner(
            self._model,
            self._schema,
            load_kept_rows(self._folder.path),
            rows,
            scale=scale,
            groups=groups,
            max_rows=max_rows,
            seed=seed,
        )

    def report(
        self, path: str | Path, rows: bool = True, *, template: Any = None, seed: int = 0
    ) -> Path:
        """Write everything that is known of the search as one page.

        It explains and audits the winner, which takes from seconds to about a minute; the logger
        "automl.reporting" says beforehand how long, at level INFO.

        Parameters
        ----------
        path : str or Path
            The file, replaced if it exists: .html (one file that needs no network), .md (pictures
            beside it) or .json.
        rows : bool, default True
            Whether single rows are shown. False: aggregates only, and no count under 10.
        template : str, path or sequence of them, optional
            Regulation templates for the audit.
        seed : int, default 0
            Seed of everything random.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ArgumentError
            If the file cannot be written; before anything is computed.
        RunFolderError
            If the search never finished.

        Examples
        --------
        >>> import automl, tempfile
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> result.report(tempfile.mkdtemp() + "/report.html").name
        'report.html'
        """
        from automl.reporting.writing import ENDINGS, checked_place, write_page

        place = checked_place(path, ENDINGS, "report.html")
        from automl.reporting.gathering import gather
        from automl.reporting.page import page

        return write_page(page(gather(self, rows=rows, template=template, seed=seed)), place)

    def card(self, path: str | Path, *, seed: int = 0) -> Path:
        """Write a model card as Markdown, in the format of Hugging Face.

        It holds aggregates only.

        Parameters
        ----------
        path : str or Path
            The file, replaced if it exists; it ends with .md.
        seed : int, default 0
            Seed of everything random.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ArgumentError
            If the file cannot be written; before anything is computed.
        RunFolderError
            If the search never finished.

        Examples
        --------
        >>> import automl, tempfile
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> card = result.card(tempfile.mkdtemp() + "/MODEL_CARD.md")
        >>> card.read_text(encoding="utf-8").splitlines()[1]
        'library_name: candor'
        """
        from automl.reporting.writing import checked_place

        place = checked_place(path, (".md",), "MODEL_CARD.md")
        from automl.reporting.card import model_card
        from automl.reporting.gathering import gather
        from candor.report.writing import write_whole

        text = model_card(gather(self, rows=False, seed=seed))
        return write_whole(place, text.encode("utf-8"), "MODEL_CARD.md")

    def kept_rows(self) -> pd.DataFrame | None:
        """Return the raw rows that the run folder keeps: what `explain` and `audit` use.

        Returns
        -------
        DataFrame or None
            Sealed rows, or at most 10,000 rows of the search; None where none are kept.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> len(result.kept_rows())
        300
        """
        from automl.tuning.kept_rows import load_kept_rows

        kept = load_kept_rows(self._folder.path)
        return None if kept is None else kept.frame

    def candidate(self, name: str) -> Winner:
        """Return any row of the leaderboard as an estimator like `model`.

        Parameters
        ----------
        name : str
            A name on the leaderboard whose status is "complete".

        Returns
        -------
        estimator
            With `predict`, `predict_proba` and `classes_` (classification), and `margin`.

        Raises
        ------
        ArgumentError
            If there is no complete candidate of that name.

        Examples
        --------
        >>> import automl
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> result.candidate("linear-1").predict(loans(5)).shape
        (5,)
        """
        if name == _ENSEMBLE:
            return self._model
        complete = {one.name: one for one in self._candidates if one.status == "complete"}
        if name not in complete:
            known = ", ".join([_ENSEMBLE, *complete])
            raise ArgumentError(f"there is no complete candidate {name!r}", got=f"known: {known}")
        member = self._member_of(complete[name])
        recipe = Recipe((member,), self._record.recipe.link)
        self._check_files(member)
        return load_winner(self._folder.path, self._schema, recipe, self._n_jobs, self._trusted)

    # -- keeping -----------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Copy the run folder, to be opened with `automl.load`.

        Parameters
        ----------
        path : str or Path
            A folder that is absent or empty.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        RunFolderAccessError
            If the folder is not empty or cannot be written.
        ArgumentError
            If `path` names no folder, or one inside the run folder.

        Examples
        --------
        >>> import automl, tempfile
        >>> from automl.demo import loans
        >>> result = automl.search(loans(300), target="approved", n_trials=1, families=["linear"])
        >>> folder = result.save(tempfile.mkdtemp())
        >>> automl.load(folder).metric
        'roc_auc'
        """
        if not isinstance(path, str | Path) or not str(path) or "\0" in str(path):
            raise ArgumentError("a run is saved in a folder", got=f"got {path!r}")
        target = Path(path)
        own = self._folder.path.resolve()
        if target.resolve() == own:
            return target
        if own in target.resolve().parents:
            raise ArgumentError(
                f"the folder {target} lies in the run folder", hint="another place"
            )
        try:
            if target.exists() and any(target.iterdir()):
                raise RunFolderAccessError(
                    f"the folder {target} is not empty", hint="a new or empty folder"
                )
            shutil.copytree(self._folder.path, target, dirs_exist_ok=True, ignore=_left_behind)
            self._keep_threshold(RunFolder(target))
        except OSError as error:
            if isinstance(error, RunFolderAccessError):
                raise
            raise RunFolderAccessError(
                f"the folder {target} cannot be written", got=str(error)
            ) from error
        return target

    # -- showing -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        record = self._record
        members = " · ".join(f"{one.name} {one.weight:.2f}" for one in record.recipe.members)
        interval = f"[{record.low:.4g}, {record.high:.4g}]"
        return (
            f"Result of {record.name}: {members}\n"
            f"{record.metric} {record.score:.4g} {interval} {record.scored_on}"
        )

    def _repr_html_(self) -> str:
        from automl.show import result_html

        return result_html(self)

    # -- inside ------------------------------------------------------------------------------

    def _keep_threshold(self, folder: RunFolder) -> None:
        """Write a threshold that was set into the copy's manifest."""
        manifest = folder.read_manifest()
        if manifest and manifest.get("finished") and self.task == "binary":
            manifest["finished"]["recipe"]["threshold"] = self.threshold
            folder.write_manifest(manifest)

    def _measured_disparities(self, board: pd.DataFrame) -> pd.Series[float]:
        """Let all candidates predict the sealed rows; empty without such rows or columns."""
        from automl.reporting.pareto import disparities
        from automl.tuning.kept_rows import load_kept_rows

        kept = load_kept_rows(self._folder.path) if self.sensitive else None
        if kept is None or kept.kind != "sealed":
            return pd.Series(dtype=np.float64)
        return disparities(board, kept, self.sensitive, self.candidate, self._record.seed)

    def _seconds_of_members(self) -> float:
        names = {member.name for member in self._record.recipe.members}
        return sum(one.seconds for one in self._candidates if one.name in names)

    def _member_of(self, candidate: Candidate) -> Member:
        for member in self._record.recipe.members:
            if member.name == candidate.name:
                return replace(member, weight=1.0)
        from automl.tuning.finish import fold_member

        return fold_member(candidate, 1.0)

    def _check_files(self, member: Member) -> None:
        file = self._folder.path / "trials" / member.name / "candidate.json"
        if file.exists() and not member.refitted:
            self._folder.check_digests(read_json(file).get("files", {}), member.models)


def _row(candidate: Candidate) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "family": candidate.family,
        "status": candidate.status,
        "score": candidate.score,
        "low": candidate.low,
        "high": candidate.high,
        "fit_seconds": candidate.seconds,
        "predict_seconds": candidate.predict_seconds * max(1, len(candidate.folds)),
        "size": candidate.size * max(1, len(candidate.folds)),
    }


_NOT_COPIED = shutil.ignore_patterns("run.lock", "ballast", "*.partial", ".*")


def _left_behind(folder: str, names: list[str]) -> set[str]:
    """Name what a copy leaves out: what belongs to a running search, and links to elsewhere."""
    links = {name for name in names if (Path(folder) / name).is_symlink()}
    return set(_NOT_COPIED(folder, names)) | links
