"""From a finished or an interrupted run to a Result."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from automl.errors import ArgumentError, RunFolderError, TableFileNotFoundError
from automl.metrics import get_metric
from automl.models import trusted_types
from automl.result import Result
from automl.table import Schema
from automl.tuning.candidates import Candidate
from automl.tuning.clock import Clock
from automl.tuning.events import Event
from automl.tuning.finish import fold_member
from automl.tuning.interrupts import Interrupts
from automl.tuning.record import Member, Recipe, RunRecord
from automl.tuning.recording import versions
from automl.tuning.resources import usable_cores
from automl.tuning.run import LINK, run_search
from automl.tuning.run_folder import RunFolder, read_json
from automl.tuning.settings import Settings
from automl.winner import Winner, load_winner


def run_to_result(
    data: Any,
    settings: Settings,
    start: float,
    view: Callable[[Event], None] | None,
    *,
    in_process: bool = False,
) -> Result:
    """Search and return the result."""
    if view is not None:
        settings = replace(settings, callbacks=(view, *settings.callbacks))
    clock = Clock(settings.time_budget, start)
    trusted = trusted_classes(settings)

    opened: list[Winner] = []

    def load(folder: Path, schema: Schema, recipe: Recipe, n_jobs: int) -> Callable[[Any], Any]:
        opened.append(load_winner(folder, schema, recipe, n_jobs, trusted))
        return opened[0].margin

    with Interrupts() as interrupts:
        outcome = run_search(data, settings, clock, load, interrupts, in_process=in_process)
        return Result(
            outcome.folder,
            outcome.record,
            outcome.candidates,
            outcome.schema,
            n_jobs=settings.n_jobs,
            metric=settings.metric if callable(settings.metric) else None,
            temporary=outcome.temporary,
            trusted=trusted,
            model=opened[0] if opened else None,
        )


def trusted_classes(settings: Settings) -> tuple[str, ...]:
    """Return the classes of the families that the caller registered in this very process."""
    return tuple(name for family in settings.families for name in trusted_types(family))


def load_result(path: Path, trusted: tuple[str, ...]) -> Result:
    """Open a run folder; see `automl.load`."""
    if "\0" in str(path):
        raise ArgumentError("a path holds no NUL character", got=repr(str(path)))
    if not path.is_dir():
        raise TableFileNotFoundError(
            f"there is no run folder {path}",
            got="a file" if path.exists() else "nothing at that path",
            hint="the folder given as run_dir",
        )
    folder = RunFolder(path)
    manifest = folder.read_manifest()
    if manifest is None:
        raise RunFolderError(
            f"{path} holds no run", got="no manifest.json", hint="the folder given as run_dir"
        )
    try:
        schema = Schema.from_dict(read_json(path / "schema.json"))
    except (KeyError, TypeError, ValueError) as error:
        raise RunFolderError(
            "the run folder is damaged: schema.json cannot be read", got=str(error)
        ) from error
    candidates = tuple(folder.load_candidates())
    if manifest.get("finished"):
        record = RunRecord.from_dict(manifest["finished"])
        folder.check_digests(manifest.get("files"), record.recipe.places())
    else:
        record = _unfinished(manifest, schema, candidates)
    return Result(folder, record, candidates, schema, n_jobs=usable_cores(), trusted=trusted)


def _unfinished(
    manifest: dict[str, Any], schema: Schema, candidates: tuple[Candidate, ...]
) -> RunRecord:
    """Make the record of a run that was ended from outside: its best candidate so far."""
    arguments = manifest.get("arguments")
    if not isinstance(arguments, dict) or not {"metric", "seed"} <= arguments.keys():
        raise RunFolderError("the run folder is damaged: its manifest names no arguments")
    if arguments["metric"] == "callable":
        raise RunFolderError(
            "the run never finished, and its metric was a callable",
            hint="automl.search again with the same arguments and run_dir",
        )
    metric = get_metric(arguments["metric"], schema.target.task, schema.target.classes)
    complete = [one for one in candidates if one.status == "complete" and math.isfinite(one.score)]
    best = max(complete, key=lambda one: metric.gain(one.score), default=None)
    if best is None:
        member = Member("baseline", "baseline", 1.0, ("winner/baseline",), (), True)
        scores = (math.nan, math.nan, math.nan)
    else:
        member = fold_member(best, 1.0)
        scores = (best.score, best.low, best.high)
    begun = manifest.get("begun") or {}
    sealed = begun.get("sealed", [])
    return RunRecord.from_dict(
        {
            "name": str(manifest.get("name")),
            "metric": metric.name,
            "greater_is_better": metric.greater_is_better,
            "recipe": asdict(Recipe((member,), LINK)),
            "score": scores[0],
            "low": scores[1],
            "high": scores[2],
            "score_seconds": best.predict_seconds * len(best.folds) if best else 0.0,
            "size": best.size * len(best.folds) if best else 0,
            "n_rows": begun.get("n_rows", 0),
            "n_sealed": len(sealed),
            "sealed": sealed,
            "scheme": begun.get("scheme", ""),
            "scored_on": "out-of-fold rows of a run that never finished",
            "stopped": "ended from outside",
            "timing": [],
            "checks": begun.get("checks", []),
            "versions": versions(),
            "seed": arguments["seed"],
        }
    )
