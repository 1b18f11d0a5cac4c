"""Greedy selection against brute force, planted ensembles and its own promises."""

from __future__ import annotations

import itertools
import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import candidates, sigmoid

from automl.ensemble import Selection, blend, select
from automl.ensemble.sample import sample_rows
from automl.errors import SearchFailedError
from automl.metrics import get_metric

TASKS = ("binary", "multiclass", "regression")
METRICS = [
    ("roc_auc", "binary"),
    ("log_loss", "binary"),
    ("f1", "binary"),
    ("accuracy", "multiclass"),
    ("log_loss", "multiclass"),
    ("rmse", "regression"),
    ("r2", "regression"),
]


@pytest.mark.parametrize("link", ["margin", "probability"])
@pytest.mark.parametrize(("name", "task"), METRICS)
@given(seed=st.integers(0, 50), n_rows=st.sampled_from([30, 300, 1_500]))
def test_never_worse_than_the_best_candidate(
    name: str, task: str, link: str, seed: int, n_rows: int
) -> None:
    predictions, y = candidates(task, n_rows, seed=seed)
    metric = get_metric(name, task)
    singles = [metric.gain(metric.score(y, p)) for p in predictions]
    chosen = select(predictions, y, metric, task=task, link=link, steps=8)
    # Clipping into margins may move the score of one candidate alone a little.
    assert metric.gain(chosen.score) >= max(singles) - 1e-6
    assert sum(weight for _, weight in chosen.weights) == pytest.approx(1)
    assert all(weight >= 0.02 for _, weight in chosen.weights)
    weights = [weight for _, weight in chosen.weights]
    assert weights == sorted(weights, reverse=True)
    score = metric.score(y, chosen.apply(predictions, task))
    assert score == pytest.approx(chosen.score, abs=1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_a_planted_pair_is_found(task: str) -> None:
    """The errors of two candidates cancel, and only theirs."""
    rng = np.random.default_rng(0)
    n_rows = 2_500
    noise = 2 * rng.normal(size=(n_rows, 3) if task == "multiclass" else n_rows)
    if task == "regression":
        y = rng.normal(size=n_rows)
        pair, others = [y + noise, y - noise], [y + rng.normal(size=n_rows) for _ in range(4)]
    elif task == "binary":
        y = rng.integers(0, 2, n_rows)
        z = 4.0 * (2 * y - 1)
        pair = [sigmoid(z + 4 * noise), sigmoid(z - 4 * noise)]
        others = [sigmoid(z + 8 * rng.normal(size=n_rows)) for _ in range(4)]
    else:
        y = rng.integers(0, 3, n_rows)
        z = 4 * np.eye(3)[y]
        powers = [np.exp(z + noise), np.exp(z - noise)]
        powers += [np.exp(z + 3 * rng.normal(size=(n_rows, 3))) for _ in range(4)]
        both = [p / p.sum(axis=1, keepdims=True) for p in powers]
        pair, others = both[:2], both[2:]
    library = [others[0], pair[0], others[1], others[2], pair[1], others[3]]
    chosen = select(library, y, get_metric("auto", task), task=task)
    heaviest = dict(chosen.weights[:2])
    assert set(heaviest) == {1, 4}
    assert sum(heaviest.values()) > 0.6


@pytest.mark.parametrize("task", TASKS)
def test_two_candidates_reach_the_best_weights_of_a_grid(task: str) -> None:
    predictions, y = candidates(task, 2_500, (0.6, 1.0))
    metric = get_metric("rmse" if task == "regression" else "log_loss", task)
    chosen = select(predictions, y, metric, task=task)
    grid = [blend(predictions, [k, 25 - k], "margin", task) for k in range(26)]
    best = max(metric.gain(metric.score(y, p)) for p in grid)
    assert metric.gain(chosen.score) >= best - 2e-4


def test_first_steps_equal_brute_force() -> None:
    """Each step is the best of all that could have been added."""
    predictions, y = candidates("regression", 2_500)
    metric = get_metric("rmse", "regression")
    chosen = select(predictions, y, metric, task="regression", steps=6)
    members = [int(np.argmin([metric.score(y, p) for p in predictions]))]
    for step in range(2, 7):
        scores = [
            metric.score(y, sum(predictions[j] for j in [*members, i]) / step)
            for i in range(len(predictions))
        ]
        assert chosen.trajectory[step - 1] == pytest.approx(min(scores))
        members.append(int(np.argmin(scores)))
    best = 1 + int(np.argmin(chosen.trajectory))
    counts = np.bincount(members[:best], minlength=len(predictions)) / best
    assert dict(chosen.weights) == pytest.approx({i: c for i, c in enumerate(counts) if c > 0})


@pytest.mark.parametrize("task", TASKS)
def test_order_of_candidates_does_not_matter(task: str) -> None:
    predictions, y = candidates(task)
    metric = get_metric("auto", task)
    expected = dict(select(predictions, y, metric, task=task).weights)
    for order in ([4, 3, 2, 1, 0], [2, 0, 4, 1, 3]):
        chosen = select([predictions[i] for i in order], y, metric, task=task)
        assert {order[i]: w for i, w in chosen.weights} == pytest.approx(expected)


def test_copies_of_a_candidate_add_no_member() -> None:
    predictions, y = candidates("binary", 2_500, (0.5,))
    chosen = select(predictions * 5, y, get_metric("auto", "binary"), task="binary")
    assert chosen.weights == ((0, 1.0),)


def test_few_rows_move_weights_towards_equal_ones() -> None:
    many, y_many = candidates("regression", 2_000)
    metric = get_metric("rmse", "regression")
    plain = dict(select(many, y_many, metric, task="regression").weights)
    assert all(w * 25 == pytest.approx(round(w * 25)) for w in plain.values()) or len(plain) < 6
    few, y_few = [p[:600] for p in many], y_many[:600]
    chosen = select(few, y_few, metric, task="regression")
    n = len(chosen.weights)
    assert n > 1
    assert min(w for _, w in chosen.weights) > 0.5 / n
    singles = [metric.score(y_few, p) for p in few]
    assert chosen.score <= min(singles)


def test_no_more_members_than_allowed() -> None:
    predictions, y = candidates("regression", 2_500, (1.0,) * 12)
    metric = get_metric("rmse", "regression")
    scores = []
    for limit in (1, 2, 4, 12):
        chosen = select(predictions, y, metric, task="regression", max_members=limit)
        assert len(chosen.weights) <= limit
        scores.append(chosen.score)
    assert scores == sorted(scores, reverse=True)


def test_costs_of_members_stay_below_the_limit() -> None:
    predictions, y = candidates("regression", 2_500, (1.0,) * 8)
    metric = get_metric("rmse", "regression")
    costs = [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]
    for limit in (1.0, 3.0, 6.0, 100.0):
        chosen = select(predictions, y, metric, task="regression", costs=costs, max_cost=limit)
        assert sum(costs[i] for i, _ in chosen.weights) <= limit


def test_one_dear_candidate_does_not_crowd_out_better_cheap_ones() -> None:
    predictions, y = candidates("regression", 2_500, (0.9, 1.0, 1.0, 1.0, 1.0))
    chosen = select(
        predictions, y, get_metric("rmse", "regression"), task="regression",
        costs=[4.0, 1.0, 1.0, 1.0, 1.0], max_cost=4.0,
    )  # fmt: skip
    assert {i for i, _ in chosen.weights} == {1, 2, 3, 4}


def test_without_a_useful_candidate_below_the_limit_the_cheapest_useful_is_taken() -> None:
    predictions, y = candidates("regression", 500, (0.5, 0.6, 0.7))
    library = [*predictions, np.zeros(500)]
    chosen = select(
        library, y, get_metric("rmse", "regression"), task="regression",
        costs=[9.0, 7.0, 8.0, 0.1], max_cost=1.0,
    )  # fmt: skip
    assert chosen.weights == ((1, 1.0),)


def test_the_best_of_each_family_stays() -> None:
    """Thirty near-copies of one strong candidate, and one weak that corrects them."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=2_500)
    bias = rng.normal(size=2_500)
    strong = [y + bias + 0.01 * rng.normal(size=2_500) for _ in range(30)]
    library = [*strong, y - 2 * bias]
    metric = get_metric("rmse", "regression")
    without = select(library, y, metric, task="regression")
    families = ["a"] * 30 + ["b"]
    chosen = select(library, y, metric, task="regression", families=families)
    assert 30 in dict(chosen.weights)
    assert 30 not in dict(without.weights)


@pytest.mark.parametrize("task", TASKS)
def test_candidates_that_are_not_finite_are_left_out(task: str) -> None:
    predictions, y = candidates(task)
    broken = predictions[0].copy()
    broken[3] = np.nan
    metric = get_metric("auto", task)
    chosen = select([broken, *predictions[1:]], y, metric, task=task)
    assert 0 not in dict(chosen.weights)
    with pytest.raises(SearchFailedError, match=r"usable predictions\n  all 1 hold .* 400 rows"):
        select([broken], y, metric, task=task)


def test_without_a_score_a_loss_decides() -> None:
    """ROC AUC is not defined on one class, nor any metric where all weights are zero."""
    right, wrong, unsure = (np.full(30, p) for p in (0.02, 0.98, 0.5))
    y = np.zeros(30, dtype=np.int64)
    metric = get_metric("roc_auc", "binary")
    for weight in (None, np.zeros(30)):
        chosen = select([wrong, right, unsure], y, metric, task="binary", weight=weight)
        assert dict(chosen.weights) == {1: 1.0}
        assert np.isnan(chosen.score)
        assert np.isnan(chosen.trajectory).all()
    squares = get_metric("rmse", "regression")
    values = [np.full(30, 9.0), np.ones(30)]
    kept = select(values, np.ones(30), squares, task="regression", weight=np.zeros(30))
    assert dict(kept.weights) == {1: 1.0}


@pytest.mark.parametrize("task", TASKS)
def test_same_arguments_same_result(task: str) -> None:
    predictions, y = candidates(task, 3_000)
    metric = get_metric("auto", task)
    first = select(predictions, y, metric, task=task, max_rows=1_000, seed=3)
    assert select(predictions, y, metric, task=task, max_rows=1_000, seed=3) == first
    assert select(predictions, y, metric, task=task, max_rows=1_000, seed=4) != first


@pytest.mark.parametrize("task", TASKS)
def test_weights_are_repetitions(task: str) -> None:
    predictions, y = candidates(task, 2_000)
    times = np.arange(2_000) % 3 + 1
    rows = np.repeat(np.arange(2_000), times)
    metric = get_metric("rmse" if task == "regression" else "log_loss", task)
    weighted = select(predictions, y, metric, task=task, weight=times.astype(float))
    repeated = select([p[rows] for p in predictions], y[rows], metric, task=task)
    assert dict(weighted.weights) == pytest.approx(dict(repeated.weights))


def test_a_passed_deadline_still_gives_the_best_candidate() -> None:
    predictions, y = candidates("binary", 2_500)
    metric = get_metric("auto", "binary")
    chosen = select(predictions, y, metric, task="binary", deadline=time.monotonic() - 1)
    assert chosen.weights == ((int(np.argmax([metric.score(y, p) for p in predictions])), 1.0),)


def test_callables_choose_too_with_their_rows() -> None:
    predictions, y = candidates("binary", 300)
    frame = pd.DataFrame({"counts": np.arange(300) % 2})
    calls = []

    def on_some(estimator: object, X: pd.DataFrame, y: np.ndarray) -> float:
        calls.append(len(X))
        return float((estimator.predict(X) == y)[X["counts"] == 1].mean())  # type: ignore[attr-defined]

    metric = get_metric(on_some, "binary", [0, 1])
    chosen = select(predictions, y, metric, task="binary", frame=frame)
    assert chosen.score == pytest.approx(
        metric.score(y, chosen.apply(predictions, "binary"), frame=frame)
    )
    assert len(calls) < 120


@given(
    weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=6),
    link=st.sampled_from(["margin", "probability"]),
    score=st.floats(-10, 10),
)
def test_selections_survive_json(weights: list[float], link: str, score: float) -> None:
    chosen = Selection(tuple(enumerate(weights)), link, score, (score, score))
    assert Selection.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen


# Samples of rows


def test_samples_keep_every_class_in_proportion() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2, 4], [6_000, 3_990, 8, 2])
    rng.shuffle(y)
    sample = sample_rows(y, None, 1_000, stratified=True, seed=0)
    counts = np.bincount(y[sample.rows])
    assert counts[[0, 1, 2, 4]].tolist() == [600, 399, 1, 1]
    assert sample.weight is not None
    totals = np.bincount(y[sample.rows], weights=sample.weight)
    assert totals[[0, 1, 2, 4]] == pytest.approx([6_000, 3_990, 8, 2])
    assert (np.diff(sample.rows) > 0).all()


def test_even_samples_have_no_weights() -> None:
    y = np.arange(10_000) % 2
    assert sample_rows(y, None, 1_000, stratified=True, seed=0).weight is None
    sample = sample_rows(y.astype(float), None, 1_000, stratified=False, seed=0)
    assert len(set(sample.rows.tolist())) == 1_000
    everything = sample_rows(y, None, 10_000, stratified=True, seed=0)
    assert everything.rows.tolist() == list(range(10_000))


def test_samples_carry_row_weights() -> None:
    y, weight = np.arange(10_000) % 2, np.arange(10_000.0)
    sample = sample_rows(y, weight, 1_000, stratified=True, seed=0)
    assert sample.weight == pytest.approx(weight[sample.rows] * 10)
    values = sample_rows(weight, weight, 1_000, stratified=False, seed=0)
    assert values.weight == pytest.approx(weight[values.rows])


def test_gains_of_all_pairs_are_reached() -> None:
    """Two steps are as good as the best pair that holds the best single."""
    predictions, y = candidates("binary", 2_500)
    metric = get_metric("log_loss", "binary")
    chosen = select(predictions, y, metric, task="binary", steps=2)
    best = min(range(5), key=lambda i: metric.score(y, predictions[i]))
    pairs = [
        metric.score(y, blend([predictions[a], predictions[b]], [0.5, 0.5], "margin", "binary"))
        for a, b in itertools.combinations(range(5), 2)
        if best in (a, b)
    ]
    assert chosen.score == pytest.approx(
        min([*pairs, metric.score(y, predictions[best])]), abs=1e-6
    )
