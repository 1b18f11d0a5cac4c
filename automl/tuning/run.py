"""One call, from the table to a winner in a run folder."""

from __future__ import annotations

import logging
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble import Link
from automl.errors import AutoMLError, RunFolderAccessError, RunFolderError
from automl.metrics import Metric, get_metric
from automl.models import Facts, Family, get_family, is_registered
from automl.table import Splits, Table, make_splits, read_table, seal_audit_rows
from automl.tuning.baseline import fit_baseline
from automl.tuning.candidates import Candidate
from automl.tuning.clock import Clock
from automl.tuning.earlier import nothing_to_add, read_earlier
from automl.tuning.events import Event, Finishing
from automl.tuning.executor import Executor
from automl.tuning.finish import Finish, Finisher, finish_seconds, refits
from automl.tuning.inline import InlineExecutor
from automl.tuning.interrupts import Interrupts
from automl.tuning.judge import Judge
from automl.tuning.kept_rows import KeptRows, Kind, draw, save_kept_rows
from automl.tuning.loop import LoopLimits, LoopState, SearchLoop
from automl.tuning.narration import finished_candidate
from automl.tuning.plan import Plan, cap_held_out, plan_without_clock
from automl.tuning.pool import WorkerPool
from automl.tuning.portfolio import Portfolio, make_portfolio
from automl.tuning.proposals import Proposals
from automl.tuning.record import Recipe, RunRecord
from automl.tuning.recording import (
    finished_event,
    make_record,
    table_event,
    versions,
    with_sealed,
)
from automl.tuning.resources import resident_memory
from automl.tuning.run_folder import RunFolder, write_json
from automl.tuning.scratch import SearchData, write_scratch
from automl.tuning.settings import Settings
from automl.tuning.study import Study
from automl.tuning.worker import Setup

_log = logging.getLogger(__name__)

LINK: Link = "margin"
_MOST_WORKERS = 8
_TIMED_ROWS = 1_000


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: where it is, its record, its candidates and its table.

    Parameters
    ----------
    folder : RunFolder
        The run folder.
    temporary : bool
        Whether the folder goes with the result.
    record : RunRecord
        The finished record.
    candidates : tuple of Candidate
        Everything that was tried.
    schema : Schema
        How raw rows are read.
    """

    folder: RunFolder
    temporary: bool
    record: RunRecord
    candidates: tuple[Candidate, ...]
    schema: Any


class Timer:
    """Adds up the seconds of phases.

    Parameters
    ----------
    clock : Clock
        The call's clock.
    """

    def __init__(self, clock: Clock):
        self._last = clock.start
        self.phases: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        """End a phase."""
        now = time.monotonic()
        self.phases[phase] = self.phases.get(phase, 0.0) + now - self._last
        self._last = now


LoadWinner = Callable[[Path, Any, Recipe, int], Callable[[Any], Any]]
"""(run folder, schema, recipe, threads) -> a function from raw rows to predictions."""


def run_search(
    data: Any,
    settings: Settings,
    clock: Clock,
    load: LoadWinner,
    interrupts: Interrupts,
    *,
    in_process: bool = False,
) -> Outcome:
    """Search; see `automl.search`. `load` opens the winner to time it."""
    temporary = settings.run_dir is None
    folder = RunFolder(settings.run_dir or Path(tempfile.mkdtemp(prefix="candor-run-")))
    fresh = temporary or not folder.path.exists()
    try:
        folder.open_for_search()
        with _executor(settings, folder, in_process) as executor, _disk_errors(folder):
            run = _Run(data, settings, clock, folder, executor, load, interrupts)
            return run.outcome(temporary)
    except BaseException:
        if temporary or (fresh and not folder.holds_run()):
            shutil.rmtree(folder.path, ignore_errors=True)
        raise
    finally:
        folder.close()


@contextmanager
def _disk_errors(folder: RunFolder) -> Iterator[None]:
    """Say of a disk that fails before there is anything to return that it is the run folder's."""
    try:
        yield
    except OSError as error:
        if isinstance(error, AutoMLError):
            raise
        raise RunFolderAccessError(
            f"the run folder {folder.path} cannot be written", got=str(error)
        ) from error


@contextmanager
def _executor(settings: Settings, folder: RunFolder, in_process: bool) -> Iterator[Executor]:
    """Start workers right away: they import their libraries while the table is read."""
    executor: Executor
    if in_process:
        executor = InlineExecutor(settings.n_jobs, _own_families(settings))
    else:
        n_workers = min(settings.n_jobs, _MOST_WORKERS)
        executor = WorkerPool(n_workers, max(1, settings.n_jobs // n_workers), folder.worker_log)
    try:
        yield executor
    finally:
        executor.close()


def _own_families(settings: Settings) -> dict[str, Family]:
    """Return the families that the caller registered."""
    return {name: get_family(name) for name in settings.families if is_registered(name)}


class _Run:
    """The steps of one call, in order; each is one method."""

    def __init__(
        self,
        data: Any,
        settings: Settings,
        clock: Clock,
        folder: RunFolder,
        executor: Executor,
        load: LoadWinner,
        interrupts: Interrupts,
    ):
        self._given = data
        self._settings = settings
        self._clock = clock
        self._folder = folder
        self._executor = executor
        self._timer = Timer(clock)
        self._callbacks = list(settings.callbacks)
        self._load = load
        self._interrupts = interrupts

    def outcome(self, temporary: bool) -> Outcome:
        settings = self._settings
        table = self._read()
        metric = get_metric(settings.metric, table.schema.target.task, table.schema.target.classes)
        earlier = read_earlier(self._folder, settings, table.fingerprint)
        if earlier is not None and nothing_to_add(earlier, settings):
            return self._again(earlier, table, temporary)
        self._emit(table_event(table, metric, settings, self._clock.elapsed()))
        sealed = self._sealed(table)
        search_rows = np.setdiff1d(np.arange(len(table.y)), sealed)
        data, splits = self._data(table, search_rows)
        self._write_head(table, sealed, splits)
        facts = self._facts(data)
        portfolio = make_portfolio(settings.families, facts)
        with self._scratch(data, portfolio):
            self._timer.lap("read")
            loop = self._search(
                data, splits, portfolio, facts, metric, table, search_rows, len(sealed)
            )
            finish = self._finish(loop, data, metric)
        record = make_record(
            table,
            metric,
            loop,
            finish,
            sealed,
            data,
            portfolio,
            self._folder,
            settings,
            self._seconds_per_row(table, finish),
            self._timer.phases,
        )
        for check in record.checks[len(table.checks) :]:
            _log.log(logging.INFO if check.severity == "info" else logging.WARNING, check.message)
        self._keep_rows(table, sealed, search_rows, loop, finish)
        self._save(record, table)
        self._timer.lap("save")
        record = record.with_timing(tuple(self._timer.phases.items()))
        self._emit(finished_event(record, self._folder, self._clock.elapsed()))
        return Outcome(self._folder, temporary, record, tuple(loop.state.closed), table.schema)

    # -- before the search -------------------------------------------------------------------

    def _emit(self, event: Event) -> None:
        for callback in list(self._callbacks):
            try:
                callback(event)
            except KeyboardInterrupt:
                self._interrupts.request()
            except Exception:  # a broken view must not cost the search
                _log.exception("the callback %r failed and is not called again", callback)
                self._callbacks.remove(callback)

    def _read(self) -> Table:
        s = self._settings
        return read_table(
            self._given,
            target=s.target,
            task=s.task,
            sensitive=s.sensitive,
            ignore=s.ignore,
            roles=s.roles,
            weight=s.weight,
            group=s.group,
            time=s.time,
            positive=s.positive,
        )

    def _again(self, manifest: dict[str, Any], table: Table, temporary: bool) -> Outcome:
        """Return a finished run as it is."""
        record = RunRecord.from_dict(manifest["finished"])
        candidates = tuple(self._folder.load_candidates())
        self._emit(finished_event(record, self._folder, self._clock.elapsed()))
        return Outcome(self._folder, temporary, record, candidates, table.schema)

    def _sealed(self, table: Table) -> NDArray[np.int64]:
        if not self._settings.sensitive:
            return np.zeros(0, dtype=np.int64)
        return seal_audit_rows(table, self._settings.audit_size, self._settings.seed)

    def _data(self, table: Table, rows: NDArray[np.int64]) -> tuple[SearchData, Splits]:
        """Take the rows that the search may see; folds are positions among them."""
        task = table.schema.target.task
        n_classes = len(table.schema.target.classes) or 1
        splits = make_splits(table, rows, seed=self._settings.seed)
        place = np.full(len(table.y), -1)
        place[rows] = np.arange(len(rows))
        folds = tuple((place[train], place[valid]) for train, valid in splits.folds)
        movable = table.group is None and table.time is None
        splits = cap_held_out(
            Splits(folds, splits.scheme, splits.note),
            len(rows),
            n_classes,
            movable,
            self._settings.seed,
        )
        whole = len(rows) == len(table.y)
        data = SearchData(
            table.columns if whole else table.columns.take(rows),
            table.y[rows],
            None if table.weight is None else _to_mean_one(table.weight[rows]),
            splits.folds,
            task,
            n_classes,
            self._settings.seed,
        )
        return data, splits

    def _facts(self, data: SearchData) -> Facts:
        return Facts(
            data.task,
            len(data.folds[0][0]),
            data.n_classes,
            data.columns.layout,
            data.weight is not None,
        )

    def _write_head(self, table: Table, sealed: NDArray[np.int64], splits: Splits) -> None:
        """Write what a later call needs to take the run up, or to open it unfinished."""
        write_json(self._folder.path / "schema.json", table.schema.to_dict())
        begun = {
            "sealed": [int(row) for row in table.row_numbers[sealed]],
            "checks": [asdict(check) for check in table.checks],
            "scheme": splits.scheme,
            "n_rows": len(table.y) - len(sealed),
        }
        self._folder.write_manifest(self._head(table) | {"finished": None, "begun": begun})

    def _head(self, table: Table) -> dict[str, Any]:
        budget = self._settings.time_budget
        return {
            "name": table.name,
            "fingerprint": table.fingerprint,
            "arguments": self._settings.identity(),
            "limits": {
                "time_budget": None if math.isinf(budget) else budget,
                "n_trials": self._settings.n_trials,
            },
            "versions": versions(),
        }

    @contextmanager
    def _scratch(self, data: SearchData, portfolio: Portfolio) -> Iterator[None]:
        """Lay the rows out for the workers, and take them away afterwards."""
        with tempfile.TemporaryDirectory(prefix="candor-rows-") as scratch:
            _write_rows(data, Path(scratch))
            own = _own_families(self._settings)
            carried = b""
            if own:
                import cloudpickle

                carried = cloudpickle.dumps(own)
            self._executor.set_up(
                Setup(scratch, str(self._folder.encoders), self._fit_memory(), carried)
            )
            yield

    def _fit_memory(self) -> int:
        room = self._settings.memory_limit - resident_memory(os.getpid())
        return max(200 << 20, room // self._executor.n_workers)

    # -- the search --------------------------------------------------------------------------

    def _search(
        self,
        data: SearchData,
        splits: Splits,
        portfolio: Portfolio,
        facts: Facts,
        metric: Metric,
        table: Table,
        rows: NDArray[np.int64],
        n_sealed: int,
    ) -> SearchLoop:
        settings = self._settings
        groups = None if table.group is None else table.group[rows]
        frame = table.frame.iloc[rows] if metric.slow else None
        baseline = fit_baseline(data, self._folder)

        def make_judge(plan: Plan) -> Judge:
            refit = refits(settings.refit, plan)
            n_folds = plan.n_folds
            judge = Judge(
                data,
                n_folds,
                metric,
                groups,
                refit=refit,
                capped=not settings.reproducible,
                link=LINK,
                frame=frame,
            )
            judge.accept(baseline.on_folds(n_folds))
            return judge

        first = make_judge(plan_without_clock(splits, data.n_rows)).complete[0]
        self._folder.save_candidate(first, None)
        self._interrupts.hold()  # from here on there is something to return
        self._emit(finished_candidate(first))

        def reserve(judge: Judge, plan: Plan) -> float:
            return finish_seconds(
                judge,
                plan,
                settings.refit,
                data,
                self._executor.n_workers,
                self._clock.budget,
            )

        earlier = [
            (candidate, self._usable_oof(candidate, data))
            for candidate in self._folder.load_candidates()
            if candidate.name != baseline.name
        ]
        taken = [candidate.name for candidate, _ in earlier]
        study = Study(self._folder.journal, portfolio, facts, settings.seed, taken)
        limits = LoopLimits(
            self._clock, settings.n_trials, self._fit_memory(), settings.reproducible
        )
        loop = SearchLoop(
            data,
            splits,
            self._executor,
            Proposals(study, portfolio, facts, settings.seed),
            make_judge,
            self._folder,
            limits,
            reserve,
            lambda event: self._emit(with_sealed(event, n_sealed)),
            self._interrupts,
        )
        loop.run(earlier, self._folder.load_plan())
        assert loop.judge is not None
        self._keep_baseline(loop.judge.complete[0], loop.state)
        self._timer.lap("search")
        return loop

    def _usable_oof(self, candidate: Candidate, data: SearchData) -> NDArray[np.float64] | None:
        oof = self._folder.load_oof(candidate)
        columns = (data.n_classes,) if data.task == "multiclass" else ()
        if oof is not None and (oof.shape[1:] != columns or len(oof) > data.n_rows):
            raise RunFolderError(
                f"the run folder is damaged: the predictions of {candidate.name} do not fit",
                got=f"an array of shape {oof.shape} for {data.n_rows:,} rows",
                hint="another run_dir",
            )
        return oof

    def _keep_baseline(self, baseline: Candidate, state: LoopState) -> None:
        """Save the baseline as scored on the folds that the plan uses."""
        state.closed.insert(0, baseline)
        try:
            self._folder.save_candidate(baseline, None)
        except OSError as error:
            _log.warning("could not save the baseline: %s", error)
            state.stopped = "disk full"

    def _finish(self, loop: SearchLoop, data: SearchData, metric: Metric) -> Finish:
        assert loop.judge is not None
        finisher = Finisher(
            loop.judge,
            loop.plan,
            data,
            metric,
            self._settings.refit,
            LINK,
            self._clock,
            self._interrupts,
        )
        if loop.state.stopped == "disk full":
            self._folder.drop_ballast()

        def announce(step: str) -> None:
            self._emit(Finishing(step))
            self._timer.lap("ensemble" if step == "refit" else "search")

        finish = finisher.run(self._executor, self._folder, announce)
        refitted = refits(self._settings.refit, loop.plan)
        self._timer.lap("refit" if refitted else "ensemble")
        self._emit(Finishing("save"))
        return finish

    # -- after the search --------------------------------------------------------------------

    def _seconds_per_row(self, table: Table, finish: Finish) -> float:
        """Time the winner on raw rows of the table, reading and encoding included.

        On one thread, and by what the processor worked: other processes make it no slower.
        """
        rows = table.frame.head(_TIMED_ROWS)
        predict = self._load(self._folder.path, table.schema, finish.recipe, 1)
        predict(rows.head(10))
        began = time.process_time()
        predict(rows)
        return (time.process_time() - began) / max(1, len(rows))

    def _keep_rows(
        self,
        table: Table,
        sealed: NDArray[np.int64],
        search_rows: NDArray[np.int64],
        loop: SearchLoop,
        finish: Finish,
    ) -> None:
        """Keep the sealed rows, or a sample of the others, for the audit and explanations."""
        assert loop.judge is not None
        scored = search_rows[loop.judge.rows]
        rows = sealed if len(sealed) else scored
        drawn = draw(len(rows), table.frame.shape[1], self._settings.seed)
        rest: Kind = "held-out" if loop.plan.n_folds == 1 else "out-of-fold"
        places = rows[drawn]
        kept = KeptRows(
            "sealed" if len(sealed) else rest,
            table.frame.iloc[places].reset_index(drop=True),
            table.row_numbers[places],
            table.y[places],
            None if table.weight is None else table.weight[places],
            None if len(sealed) else finish.predictions[drawn],
            len(rows),
        )
        try:
            save_kept_rows(self._folder.path, kept)
        except OSError as error:
            _log.warning("the rows for the audit could not be written: %s", error)

    def _save(self, record: RunRecord, table: Table) -> None:
        try:
            files = self._folder.digests(record.recipe.places())
            self._folder.write_manifest(
                self._head(table) | {"finished": record.to_dict(), "files": files}
            )
        except OSError as error:
            _log.warning("the manifest could not be written: %s", error)


def _to_mean_one(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale weights to a mean of 1: penalties and least leaf weights count rows, not units."""
    scaled: NDArray[np.float64] = weight / weight.mean()
    return scaled


def _write_rows(data: SearchData, scratch: Path) -> None:
    try:
        write_scratch(data, scratch)
    except OSError as error:
        raise RunFolderAccessError(
            f"the temporary folder {scratch.parent} has no room for the rows under search",
            got=str(error),
            hint="TMPDIR=/a/larger/disk in the environment",
        ) from error
