"""Predictions that equal errors take, beside shap's samplers, on one mixed ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.explanations.models import classifiers
from benchmarks.explanations.truth import Floats
from explain.opening import OpenModel, open_model
from explain.parts import evaluate
from explain.players import Players
from explain.protocol import Node, Opaque
from explain.routes.exact import Encoded, exact_values
from explain.routes.sampled import cost, sampled_values
from explain.routes.stand_in import fit_stand_in

COLUMNS, REFERENCES, ROWS, SEEDS = 12, 20, 4, 10
COALITIONS = (60, 120, 240, 480)
"""Coalitions of a row, each predicted with every reference."""

SEARCHED = (60, 120, 240, 480, 960, 1_920)
"""The same for shap, far enough to reach our errors."""

MIXTURES = 5_000
"""Predictions that a stand-in learns from, once for all rows."""

Curve = list[tuple[float, float]]
"""Predictions of a row, and mean squared error relative to the values' squares."""


@dataclass(frozen=True, eq=False)
class Task:
    """The ensemble's probability, rows, references, and all values by enumeration."""

    opened: OpenModel
    node: Node
    rows: Encoded
    references: Encoded
    players: Players
    truth: Floats


def measure(seeds: int = SEEDS) -> dict[str, Any]:
    """Measure every sampler's error at growing numbers of predictions."""
    task = _task()
    known = Opaque(lambda frame: evaluate(task.node, frame), 1)
    curves = {
        "kernel": _theirs(task, _kernel, seeds),
        "permutation": _theirs(task, _permutation, seeds),
        "leverage": _ours(task, known, seeds),
        "leverage_with_trees": _ours(task, task.node, seeds),
        "leverage_with_stand_in": _with_stand_in(task, seeds),
    }
    return {
        "columns": COLUMNS,
        "references": REFERENCES,
        "rows": ROWS,
        "seeds": seeds,
        "curves": curves,
        "fewer_than_kernel": _ratios(curves["leverage_with_trees"], curves["kernel"]),
        "fewer_than_permutation": _ratios(curves["leverage_with_trees"], curves["permutation"]),
        "stand_in_fewer_than_trees": _ratios(
            curves["leverage_with_stand_in"], curves["leverage_with_trees"]
        ),
        "stand_in_mixtures": MIXTURES,
    }


def _task() -> Task:
    rng = np.random.default_rng(24)
    names = [f"x{place}" for place in range(COLUMNS)]
    X = pd.DataFrame(rng.normal(size=(3_000, COLUMNS)).astype(np.float32), columns=names)
    X = X.astype(np.float64)
    margin = X["x0"] * X["x1"] + X["x2"] - X["x3"] * (X["x4"] > 0) + 0.5 * X["x5"]
    margin += np.sin(2 * X["x6"]) + 0.5 * X["x7"] * X["x8"] * X["x9"]
    y = (rng.random(len(X)) < 1 / (1 + np.exp(-1.5 * margin))).astype(int)
    opened = open_model(classifiers(0)["ensemble"].fit(X.iloc[:2_500], y.iloc[:2_500]), X)
    rows, references = Encoded(X.iloc[-ROWS:]), Encoded(X.iloc[:REFERENCES])
    players, node = Players.of(opened.columns, None), opened.nodes["probability"]
    every = sampled_values(
        node, rows, references, players, positions=np.arange(ROWS), seed=0, evaluations=10**9
    )
    assert every.exact.all(), "all coalitions of 12 columns"
    return Task(opened, node, rows, references, players, every.values)


def _ours(task: Task, node: Node, seeds: int, known: Floats | float = 0.0) -> Curve:
    """Sample a node, to which `known` values are added."""
    found = []
    for coalitions in COALITIONS:
        # The least that pays for so many coalitions of each row.
        allowed = int(np.ceil((coalitions + 0.5) * ROWS * REFERENCES * max(0.1, cost(node))))
        runs = [
            sampled_values(
                node,
                task.rows,
                task.references,
                task.players,
                positions=np.arange(ROWS),
                seed=seed,
                evaluations=allowed,
            )
            for seed in range(seeds)
        ]
        error = float(np.mean([_error(run.values + known, task.truth) for run in runs]))
        found.append((runs[0].evaluations / ROWS, error))
    return found


def _with_stand_in(task: Task, seeds: int) -> Curve:
    """Sample what trees that imitate the ensemble leave over; teaching them is not counted."""
    stand_in = fit_stand_in(
        task.node,
        task.rows.frame,
        task.references.frame,
        n_players=COLUMNS,
        n_mixed=MIXTURES,
        seed=0,
    )
    assert stand_in is not None, "trees can imitate trees"
    known, _ = exact_values(stand_in.node, task.rows, task.references, task.players)
    return _ours(task, stand_in.remainder(task.node), seeds, known)


def _theirs(task: Task, explain_row: Callable[..., Floats], seeds: int) -> Curve:
    """Sample with shap, counting the rows that it asks the model about."""
    found = []
    for coalitions in SEARCHED:
        counted = _Counted(task.opened)
        runs = [
            np.stack([explain_row(counted, task, row, coalitions, seed) for row in range(ROWS)])
            for seed in range(seeds)
        ]
        error = float(np.mean([_error(run[:, :, None], task.truth) for run in runs]))
        found.append((counted.rows / (ROWS * seeds), error))
    return found


class _Counted:
    """A model's probability of matrices, which counts the rows."""

    def __init__(self, opened: OpenModel) -> None:
        self.opened, self.rows = opened, 0

    def __call__(self, matrix: Any) -> Floats:
        self.rows += len(matrix)
        frame = pd.DataFrame(np.asarray(matrix), columns=list(self.opened.columns))
        return self.opened.predict(frame, "probability")[:, 0]


def _kernel(counted: _Counted, task: Task, row: int, coalitions: int, seed: int) -> Floats:
    import shap

    np.random.seed(seed)  # noqa: NPY002 - the only seed that KernelExplainer takes
    explainer = shap.KernelExplainer(counted, task.references.frame.to_numpy())
    one = task.rows.frame.iloc[[row]].to_numpy()
    values = explainer.shap_values(one, nsamples=coalitions, l1_reg=False, silent=True)
    row_values: Floats = np.asarray(values, dtype=np.float64)[0]
    return row_values


def _permutation(counted: _Counted, task: Task, row: int, coalitions: int, seed: int) -> Floats:
    import shap

    masker = shap.maskers.Independent(task.references.frame.to_numpy(), max_samples=REFERENCES)
    explainer = shap.PermutationExplainer(counted, masker, seed=seed)
    one = task.rows.frame.iloc[[row]].to_numpy()
    found = explainer(one, max_evals=max(coalitions, 2 * COLUMNS + 1))
    row_values: Floats = np.asarray(found.values, dtype=np.float64)[0]
    return row_values


def _error(values: Floats, truth: Floats) -> float:
    """Return the squared error relative to the values' squares, averaged over rows."""
    squared = ((values - truth) ** 2).sum(axis=(1, 2)) / (truth**2).sum(axis=(1, 2))
    return float(squared.mean())


def _ratios(ours: Curve, theirs: Curve) -> dict[str, Any]:
    """Say how many times our predictions the others take for the same error."""
    found = dict(_ratio_at(ours, theirs))
    values = np.array(list(found.values()))
    mean = float(np.exp(np.log(values).mean())) if len(values) else None
    return {"at_our_predictions": found, "geometric_mean": mean}


def _ratio_at(ours: Curve, theirs: Curve) -> Iterator[tuple[int, float]]:
    """Yield ratios where their curve reaches our error, between its points on log scales."""
    made, errors = np.log(np.array(theirs)).T
    order = np.argsort(errors)
    for evaluations, error in ours:
        if errors.min() <= np.log(error) <= errors.max():
            same = float(np.exp(np.interp(np.log(error), errors[order], made[order])))
            yield round(evaluations), same / evaluations
