"""What holds for every registered metric, in every task that it is defined for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from grouped_rows import labels, numbers
from hypothesis import given
from hypothesis import strategies as st

from fairness.metrics import METRICS, NOTIONS, Estimates, bootstrap, estimate, estimates
from fairness.table.values import GroupCounts, Histogram

TASKS = ("binary", "multiclass", "regression")
CLASSES = ("ash", "[fir]", "oak")


def table(task: str, n: int, seed: int, *, weighted: bool = False, nudge: object = 0):
    """Return counts of three groups with everything that the task can have."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    weight = (rng.exponential(1, n) + 0.1 if weighted else np.ones(n)) * (1 + np.asarray(nudge))
    if task == "regression":
        y = rng.normal(2, 1, n)
        said = y + rng.normal(0.2, 0.5, n) * (1 + (group == "b"))
        return numbers(y, said, group, threshold=2.0, weight=weight)
    if task == "binary":
        score = np.clip(rng.beta(2, 2, n).round(2), 0.01, 0.99)
        y = (rng.random(n) < score).astype(int)
        return labels(y, (score > 0.5).astype(int), group, score=score, weight=weight)
    score = rng.dirichlet(np.ones(3), n)
    y = (rng.random(n)[:, None] > score.cumsum(axis=1)).sum(axis=1)
    return labels(y, score.argmax(axis=1), group, score=score, classes=CLASSES, weight=weight)


def small(task: str) -> st.SearchStrategy[GroupCounts]:
    return st.builds(
        lambda n, seed, weighted: table(task, n, seed, weighted=weighted),
        n=st.integers(1, 12),
        seed=st.integers(0, 10_000),
        weighted=st.booleans(),
    )


@pytest.mark.parametrize("name", METRICS)
def test_metric_says_what_it_is(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert all((metric.label, metric.formula, metric.reference, metric.tasks))
    assert metric.range[0] < metric.range[1]
    assert set(metric.tasks) <= set(TASKS)
    assert metric.ratio == (metric.range[0] >= 0)


def test_registries_cannot_be_written_to() -> None:
    with pytest.raises(TypeError):
        METRICS["mine"] = METRICS["tpr"]  # type: ignore[index]
    with pytest.raises(TypeError):
        del NOTIONS["demographic_parity"]  # type: ignore[attr-defined]


def test_every_metric_is_estimated_somewhere() -> None:
    found = {name for task in TASKS for name in estimates(table(task, 50, 0))}
    assert set(METRICS) <= found


def test_notions_name_registered_metrics() -> None:
    for name, notion in NOTIONS.items():
        assert notion.name == name
        assert set(notion.metrics) <= set(METRICS)
        assert all((notion.label, notion.reference))


@pytest.mark.parametrize("task", TASKS)
@given(data=st.data())
def test_values_are_in_range_or_undefined(task: str, data: st.DataObject) -> None:
    counts = data.draw(small(task))
    for found in estimates(counts).values():
        undefined = found.denominator == 0
        assert np.isnan(found.value[undefined]).all(), found.metric.name
        assert not np.isnan(found.value[~undefined]).any(), found.metric.name
        np.testing.assert_array_equal(np.isnan(found.error), undefined)
        low, high = found.metric.range
        value = found.value[~undefined]
        assert ((value >= low - 1e-12) & (value <= high + 1e-12)).all(), found.metric.name
        assert (found.error[~undefined] >= 0).all()
        assert (found.denominator <= found.n).all()
        assert (found.effective <= found.denominator + 1e-9).all()
        assert (found.effective[undefined] == 0).all()


@pytest.mark.parametrize("task", TASKS)
@given(data=st.data())
def test_order_of_groups_does_not_matter(task: str, data: st.DataObject) -> None:
    counts = data.draw(small(task))
    order = np.array(data.draw(st.permutations(range(len(counts.groups)))))
    turned = estimates(reordered(counts, order))
    for name, found in estimates(counts).items():
        for column in ("value", "error", "denominator", "effective", "bin_error"):
            expected = getattr(found, column)[order]
            np.testing.assert_array_equal(getattr(turned[name], column), expected)


def reordered(counts: GroupCounts, order: np.ndarray) -> GroupCounts:
    binned = counts.histogram
    if binned is not None:
        columns = ("counts", "weights", "weights_squared", "scores", "scores_squared")
        binned = replace(binned, **{name: getattr(binned, name)[order] for name in columns})
    return replace(
        counts,
        groups=tuple(counts.groups[k] for k in order),
        counts=counts.counts[order],
        weights=counts.weights[order],
        weights_squared=counts.weights_squared[order],
        moments={
            name: type(m)(m.total[order], m.weighted[order], m.squared[order])
            for name, m in counts.moments.items()
        },
        histogram=binned,
    )


@pytest.mark.parametrize("task", TASKS)
def test_weights_that_are_all_equal_change_nothing(task: str) -> None:
    plain = table(task, 200, 3)
    doubled = replace(
        plain,
        weights=2 * plain.weights,
        weights_squared=4 * plain.weights_squared,
        moments={
            name: type(m)(2 * m.total, 4 * m.weighted, 4 * m.squared)
            for name, m in plain.moments.items()
        },
        histogram=plain.histogram and doubled_scores(plain.histogram),
    )
    again = estimates(doubled)
    for name, found in estimates(plain).items():
        np.testing.assert_allclose(again[name].value, found.value, rtol=1e-12)
        np.testing.assert_allclose(again[name].error, found.error, rtol=1e-9)
        np.testing.assert_allclose(again[name].effective, found.effective, rtol=1e-12)


def doubled_scores(binned: Histogram) -> Histogram:
    return replace(
        binned,
        weights=2 * binned.weights,
        weights_squared=4 * binned.weights_squared,
        scores=2 * binned.scores,
        scores_squared=2 * binned.scores_squared,
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("task", TASKS)
def test_error_is_the_infinitesimal_jackknife(task: str, weighted: bool) -> None:
    n, step = 150, 1e-5
    variance = dict.fromkeys(estimates(table(task, n, 1)), 0.0)
    for row in np.eye(n):
        up = estimates(table(task, n, 1, weighted=weighted, nudge=step * row))
        down = estimates(table(task, n, 1, weighted=weighted, nudge=-step * row))
        for name in variance:
            variance[name] += ((up[name].value - down[name].value) / (2 * step)) ** 2
    for name, found in estimates(table(task, n, 1, weighted=weighted)).items():
        np.testing.assert_allclose(found.error**2, variance[name], rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("task", TASKS)
def test_error_agrees_with_the_bootstrap(task: str, weighted: bool) -> None:
    counts = table(task, 5000, 2, weighted=weighted)
    names = list(bootstrap(counts, n_replicates=1).metrics)
    names += ["auc"] if task == "binary" else []
    drawn = bootstrap(counts, names, n_replicates=4000, seed=5)
    for k, name in enumerate(drawn.metrics):
        spread = drawn.values[..., k].std(axis=0)
        np.testing.assert_allclose(spread, estimate(name, counts).error, rtol=0.06, err_msg=name)


def agreeing_rows() -> GroupCounts:
    y = np.array([0, 1, 0, 1])
    return labels(y, y, ["a"] * 4, score=[0.25, 0.75, 0.25, 0.75])


@pytest.mark.parametrize(
    ("name", "value"),
    [("tpr", 1.0), ("fpr", 0.0), ("accuracy", 1.0), ("f1", 1.0), ("auc", 1.0), ("brier", 0.0625)],
)
def test_error_is_zero_where_all_rows_agree(name: str, value: float) -> None:
    found = estimate(name, agreeing_rows())
    assert found.value.tolist() == [value]
    assert found.error.tolist() == [0.0]


def test_mean_of_a_constant_has_no_error() -> None:
    found = estimate("mean_prediction", numbers([1.0, 2.0, 3.0], [0.1] * 3, ["a"] * 3))
    assert found.value == pytest.approx(0.1)
    assert found.error.tolist() == [0.0]


UNDEFINED: dict[str, Callable[[], GroupCounts]] = {
    "tpr": lambda: labels([0, 0], [0, 1], ["a", "a"]),
    "fnr": lambda: labels([0, 0], [0, 1], ["a", "a"]),
    "fpr": lambda: labels([1, 1], [0, 1], ["a", "a"]),
    "tnr": lambda: labels([1, 1], [0, 1], ["a", "a"]),
    "ppv": lambda: labels([0, 1], [0, 0], ["a", "a"]),
    "fdr": lambda: labels([0, 1], [0, 0], ["a", "a"]),
    "npv": lambda: labels([0, 1], [1, 1], ["a", "a"]),
    "for": lambda: labels([0, 1], [1, 1], ["a", "a"]),
    "f1": lambda: labels([0, 0], [0, 0], ["a", "a"]),
    "treatment_equality": lambda: labels([1, 0], [0, 0], ["a", "a"]),
    "balanced_accuracy": lambda: labels([1, 1], [1, 0], ["a", "a"]),
    "auc": lambda: labels([1, 1], None, ["a", "a"], score=[0.2, 0.3]),
    "macro_tpr": lambda: labels([0, 1], [0, 1], ["a", "a"], classes=CLASSES),
    "macro_ppv": lambda: labels([0, 1], [0, 1], ["a", "a"], classes=CLASSES),
    "macro_f1": lambda: labels([0, 1], [0, 1], ["a", "a"], classes=CLASSES),
    "tpr[oak]": lambda: labels([0, 1], [0, 1], ["a", "a"], classes=CLASSES),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_undefined_is_never_zero(name: str) -> None:
    found: Estimates = estimate(name, UNDEFINED[name]())
    assert np.isnan(found.value).all()
    assert np.isnan(found.error).all()
    assert found.denominator.tolist() == [0]


def test_denominators_are_rows_also_with_weights() -> None:
    counts = labels([1, 1, 1, 0], [1, 0, 1, 1], ["a"] * 4, weight=[1.0, 2.0, 3.0, 9.0])
    found = estimate("tpr", counts)
    assert found.denominator.tolist() == [3]
    assert found.value == pytest.approx(4 / 6)
    assert found.effective == pytest.approx(36 / 14)
    assert estimate("balanced_accuracy", counts).denominator.tolist() == [1]
