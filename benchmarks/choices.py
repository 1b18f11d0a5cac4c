"""Choices inside the ensemble, measured in pairs: margins or probabilities, bags or refits.

Both sides of a pair share every candidate: the number of trials is fixed, so the same seed gives
the same out-of-fold predictions, and only the choice under test differs.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe
from benchmarks.protocol import Problem, load, read_datasets, score
from benchmarks.runner import append_line

DATASETS = (
    "titanic", "german_credit", "car_evaluation", "squirrel_census", "madelon", "ames_housing",
    "movies", "telco_churn", "compas_two_years", "employee_salaries", "mammography",
)  # fmt: skip


def measure(
    data: Path,
    out: Path,
    report: Callable[[str], None],
    datasets: Sequence[str] = DATASETS,
    n_trials: int = 10,
) -> None:
    """Measure each dataset and append one line for it."""
    known = read_datasets(data)
    out.parent.mkdir(parents=True, exist_ok=True)
    for name in datasets:
        problem = load(known[name], data)
        line: dict[str, Any] = {"dataset": name, "trials": n_trials, "machine": describe()}
        with tempfile.TemporaryDirectory() as folder:
            line |= measure_refit(problem, Path(folder), n_trials)
            line |= measure_link(problem, Path(folder) / "bag")
        append_line(out, line)
        report(in_words(line))


def measure_refit(problem: Problem, folder: Path, n_trials: int) -> dict[str, Any]:
    """Search twice with the same trials: fold models averaged, and members refitted."""
    import automl

    found: dict[str, Any] = {"metric": problem.dataset.metric}
    for name, refit in (("bag", False), ("refit", True)):
        result = automl.search(
            problem.train,
            target=problem.dataset.target,
            task=problem.dataset.task,
            group=problem.dataset.group or None,
            time=problem.dataset.time or None,
            n_trials=n_trials,
            refit=refit,
            run_dir=folder / name,
            progress=False,
        )
        found[name] = _described(problem, result.model) | {
            "size_mb": round(float(result.leaderboard["size"].iloc[0]) / 2**20, 2)
        }
    return found


def measure_link(problem: Problem, run: Path) -> dict[str, Any]:
    """Choose members of a finished run under each link, and score both on the test rows."""
    import automl
    from automl.ensemble import select
    from automl.metrics import get_metric
    from automl.tuning.run_folder import RunFolder

    task = problem.dataset.task
    result = automl.load(run)
    folder = RunFolder(run)
    pool = [
        (candidate, oof)
        for candidate in folder.load_candidates()
        if (oof := folder.load_oof(candidate)) is not None
    ]
    target = problem.dataset.target
    y = _targets(problem, result)
    metric = get_metric("auto", task, getattr(result.model, "classes_", ()))
    test = {one.name: _predicted(result.candidate(one.name), problem, task) for one, _ in pool}
    found: dict[str, Any] = {"target": target}
    for link in ("margin", "probability"):
        chosen = select([oof for _, oof in pool], y, metric, task=task, link=link)
        blended = chosen.apply([test[one.name] for one, _ in pool], task)
        full = np.column_stack([1 - blended, blended]) if task == "binary" else blended
        classes = list(getattr(result.model, "classes_", ()))
        found[link] = score(problem, full, classes)
    return found


def in_words(line: dict[str, Any]) -> str:
    """Return one line for the terminal."""
    sides = "  ".join(
        f"{side} {line[side]['score']:.5g} ({line[side]['rows_per_second']:,.0f} rows/s, "
        f"{line[side]['one_row_ms']:.1f} ms, {line[side]['size_mb']} MB)"
        for side in ("bag", "refit")
    )
    links = f"margin {line['margin']:.5g}  probability {line['probability']:.5g}"
    return f"{line['dataset']:18} {line['metric']:13} {sides}  {links}"


def _targets(problem: Problem, result: Any) -> Any:
    """Return the targets of the training rows as the run scored them."""
    values = problem.train[problem.dataset.target]
    if problem.dataset.task == "regression":
        return values.to_numpy(dtype=np.float64)
    classes = [str(label) for label in result.model.classes_]
    return pd.Index(classes).get_indexer(pd.Index(values.astype(str)))


def _predicted(model: Any, problem: Problem, task: str) -> Any:
    if task == "regression":
        return model.predict(problem.test_rows)
    p = model.predict_proba(problem.test_rows)
    return p[:, 1] if task == "binary" else p


def _described(problem: Problem, model: Any) -> dict[str, Any]:
    task = problem.dataset.task
    rows = problem.test_rows
    predict = model.predict if task == "regression" else model.predict_proba
    prediction = predict(rows)
    seconds = min(_timed(predict, rows) for _ in range(3))
    one = float(np.median([_timed(predict, rows.iloc[[i]]) for i in range(min(20, len(rows)))]))
    return {
        "score": score(problem, prediction, list(getattr(model, "classes_", ()))),
        "rows_per_second": round(len(rows) / seconds),
        "one_row_ms": round(1000 * one, 2),
    }


def _timed(predict: Callable[[Any], Any], rows: pd.DataFrame) -> float:
    began = time.perf_counter()
    predict(rows)
    return time.perf_counter() - began
