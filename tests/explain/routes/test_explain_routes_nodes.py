"""Random nodes: what is planned is what is evaluated, and values of pairs are exact."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from explain.errors import ArgumentError
from explain.parts import evaluate, n_outputs
from explain.players import Players
from explain.protocol import (
    Additive,
    Encoding,
    Linear,
    Linked,
    Node,
    Opaque,
    Term,
    Trees,
    Weighted,
)
from explain.routes.exact import Encoded, exact_values, paired_values
from explain.routes.plan import coefficients, make_plan, run
from explain.routes.splitting import split
from explain.trees import read_forest
from explain.trees.paired import paired

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(30, 4)).round(1), columns=["a", "b", "c", "d"])
ROWS, OTHERS = X.iloc[:5].reset_index(drop=True), X.iloc[5:10].reset_index(drop=True)
PLAYERS = Players.of(tuple(X))
RAW = Encoding(lambda frame: frame.to_numpy(np.float64), tuple((name,) for name in X))
SPREAD = Encoding(
    lambda frame: frame.to_numpy(np.float64)[:, [0, 0, 1, 2, 3]],
    (("a",), ("a",), ("b",), ("c",), ("d",)),
)
"""Column a makes two features."""

FOREST = RandomForestRegressor(3, max_depth=4, random_state=0)
FOREST.fit(SPREAD.transform(X), X["a"] * X["b"] + X["c"])
TREES = Trees(read_forest(FOREST), SPREAD)
LINEAR = Linear(np.array([[1.0], [-2.0], [0.5], [0.0]]), np.array([0.3]), RAW)
ADDITIVE = Additive(
    (
        Term((0, 3), lambda columns: columns[:, :1] * np.exp(columns[:, 1:] / 3)),
        Term((2,), lambda columns: np.abs(columns)),
        Term((0, 1), lambda columns: np.minimum(columns[:, :1], columns[:, 1:])),
    ),
    np.array([1.0]),
    RAW,
)
BLACK = Opaque(lambda frame: np.tanh(frame[["a"]].to_numpy() * frame[["d"]].to_numpy()), 1)


def summed(nodes: list[Node], weights: list[float]) -> Weighted:
    return Weighted(tuple(nodes), tuple(w * np.eye(1) for w in weights), np.array([0.7]))


exact_nodes = st.recursive(
    st.sampled_from([TREES, LINEAR, ADDITIVE]),
    lambda inner: st.builds(
        lambda pairs: summed([one for one, _ in pairs], [w for _, w in pairs]),
        st.lists(st.tuples(inner, st.floats(-2, 2)), min_size=1, max_size=3),
    ),
    max_leaves=4,
)
nodes = st.recursive(
    st.sampled_from([TREES, LINEAR, ADDITIVE, BLACK]),
    lambda inner: st.one_of(
        st.builds(
            lambda pairs: summed([one for one, _ in pairs], [w for _, w in pairs]),
            st.lists(st.tuples(inner, st.floats(-2, 2)), min_size=1, max_size=3),
        ),
        st.builds(
            lambda one, link: (
                Linked(one, link, (-8.0, 8.0)) if link == "clip" else Linked(one, link)
            ),
            inner,
            st.sampled_from(["logistic", "clip"]),
        ),
    ),
    max_leaves=5,
)
SOME = settings(max_examples=25)


def by_orders(node: Node, rows: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.float64]:
    """Average the steps over all orders in which columns change from reference to row."""
    values = np.zeros((len(rows), rows.shape[1]))
    orders = list(permutations(range(rows.shape[1])))
    for order in orders:
        table = others.copy()
        before = evaluate(node, table)[:, 0]
        for column in order:
            table.isetitem(column, rows.iloc[:, column])
            after = evaluate(node, table)[:, 0]
            values[:, column] += after - before
            before = after
    return values / len(orders)


@SOME
@given(exact_nodes)
def test_values_of_pairs_are_those_of_all_orders(node: Node) -> None:
    found = paired_values(node, Encoded(ROWS), Encoded(OTHERS), PLAYERS)
    np.testing.assert_allclose(found[..., 0], by_orders(node, ROWS, OTHERS), atol=1e-9)


@SOME
@given(exact_nodes)
def test_values_against_a_background_are_the_mean_of_pairs(node: Node) -> None:
    found, base = exact_values(node, Encoded(ROWS), Encoded(OTHERS), PLAYERS)
    each = [
        paired_values(node, Encoded(ROWS), Encoded(OTHERS.iloc[[r] * len(ROWS)]), PLAYERS)
        for r in range(len(OTHERS))
    ]
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-9)
    np.testing.assert_allclose(base, evaluate(node, OTHERS).mean(axis=0), atol=1e-9)


@SOME
@given(nodes)
def test_both_halves_add_up_to_the_node(node: Node) -> None:
    halves = split(node, PLAYERS)
    parts = [evaluate(one, X) for one in (halves.exact, halves.rest) if one is not None]
    np.testing.assert_allclose(sum(parts), evaluate(node, X), atol=1e-9)


@SOME
@given(nodes)
def test_a_plan_gives_what_the_node_gives(node: Node) -> None:
    plan, channels = make_plan(node, PLAYERS)
    rows = Encoded(X)
    outcome = run(plan, rows.matrix, len(X))
    np.testing.assert_allclose(outcome.outputs, evaluate(node, X), atol=1e-9)
    assert all(split(one, PLAYERS).rest is None for one in channels)


@SOME
@given(nodes)
def test_secants_carry_channels_from_reference_to_row(node: Node) -> None:
    # Where nothing is unknown, the channels' differences times their coefficients are the
    # output's: what makes the control agree with the game at both ends.
    plan, channels = make_plan(node, PLAYERS)
    width = sum(n_outputs(one) for one in channels)
    at_rows, at_others = (run(plan, Encoded(one).matrix, len(one)) for one in (ROWS, OTHERS))
    mixture = coefficients(plan, at_rows, 2, at_others, width)
    assert mixture.shape == (len(OTHERS), width, 1)
    if _has_unknown(node):
        return
    steps = np.column_stack([evaluate(one, ROWS)[2] - evaluate(one, OTHERS) for one in channels])
    found = np.einsum("rm,rmk->rk", steps, mixture)
    np.testing.assert_allclose(found, at_rows.outputs[2] - at_others.outputs, atol=1e-7)


def _has_unknown(node: Any) -> bool:
    if isinstance(node, Weighted):
        return any(map(_has_unknown, node.nodes))
    return _has_unknown(node.inner) if isinstance(node, Linked) else node is BLACK


@pytest.mark.parametrize("link", ["softmax", "log_centred", "logit", "log", "exp"])
def test_secants_of_curves_over_several_outputs(link: Any) -> None:
    coef = RNG.normal(size=(4, 3)) / 5
    inner: Node = Linear(coef, np.array([0.4, 0.5, 0.6]), RAW)
    limits = (1e-3, 1 - 1e-3) if link in ("logit", "log", "log_centred") else (-np.inf, np.inf)
    plan, channels = make_plan(Linked(inner, link, limits), PLAYERS)
    rows, others = (run(plan, Encoded(one).matrix, len(one)) for one in (ROWS, OTHERS))
    for at in range(len(ROWS)):
        mixture = coefficients(plan, rows, at, others, 3)
        steps = evaluate(channels[0], ROWS)[at] - evaluate(channels[0], OTHERS)
        found = np.einsum("rm,rmk->rk", steps, mixture)
        np.testing.assert_allclose(found, rows.outputs[at] - others.outputs, atol=1e-9)


def test_a_row_against_itself_has_secants_too() -> None:
    for link in ("logistic", "softmax", "log_centred"):
        inner = Linear(np.full((4, 2), 0.1), np.full(2, 0.5), RAW)
        plan, _ = make_plan(Linked(inner, link), PLAYERS)
        same = run(plan, Encoded(ROWS).matrix, len(ROWS))
        assert np.isfinite(coefficients(plan, same, 0, same, 2)).all()


def test_a_sum_without_closed_forms_is_the_rest() -> None:
    node = summed([BLACK, Linked(TREES, "logistic")], [1, 2])
    halves = split(node, PLAYERS)
    assert halves.exact is None
    assert halves.rest is node
    assert split(TREES, PLAYERS).rest is None


# --- encoded rows ---------------------------------------------------------------------------


def test_rows_are_taken_without_encoding_them_again() -> None:
    calls = []

    def transform(frame: pd.DataFrame) -> Any:
        calls.append(len(frame))
        return frame  # a frame, as models that read names take it

    encoding = Encoding(transform, RAW.sources)
    rows = Encoded(X)
    rows.matrix(encoding)
    taken = rows.take(np.array([3, 3, 1]))
    assert taken.matrix(encoding)["a"].tolist() == X["a"].iloc[[3, 3, 1]].tolist()
    assert calls == [30]
    assert rows.take(slice(2, 4)).matrix(encoding).shape == (2, 4)
    assert rows.matrix(None) is rows.frame


# --- trees pair by pair ---------------------------------------------------------------------


def test_pairs_of_groups_and_missing_values() -> None:
    table = X.mask(RNG.random(X.shape) < 0.3).to_numpy()
    model = RandomForestRegressor(4, random_state=1).fit(table, X["a"] + X["b"] * X["c"])
    forest = read_forest(model)
    rows, others = table[:6], table[10:16]
    found = paired(forest, rows, others, players=[1, 0, 1, 2])
    assert found.shape == (6, 3, 1)
    teams: list[list[int]] = [[1], [0, 2], [3]]
    expected = np.zeros((6, 3))
    for order in permutations(range(3)):
        mixed = others.copy()
        for team in order:
            before = model.predict(mixed)
            mixed[:, teams[team]] = rows[:, teams[team]]
            expected[:, team] += (model.predict(mixed) - before) / 6
    np.testing.assert_allclose(found[..., 0], expected, atol=1e-12)


def test_pairs_add_up_to_the_difference_of_predictions() -> None:
    forest = TREES.forest
    rows, others = SPREAD.transform(ROWS), SPREAD.transform(OTHERS)
    found = paired(forest, rows, others)
    total = forest.predict(rows) - forest.predict(others)
    np.testing.assert_allclose(found.sum(axis=1), total, atol=1e-12)


def test_trees_of_more_players_than_bits() -> None:
    # One tree that reads 70 columns on one path: too many for 64 bits.
    n = 71
    table = np.tril(np.ones((n, n - 1)), k=-1)
    model = RandomForestRegressor(1, bootstrap=False, random_state=0)
    model.fit(table, 3.0 ** np.arange(n))
    forest = read_forest(model)
    rows, others = table[[n - 1, 5]], table[[0, n - 1]]
    found = paired(forest, rows, others)
    total = model.predict(rows) - model.predict(others)
    np.testing.assert_allclose(found[..., 0].sum(axis=1), total, rtol=1e-9)


def test_every_row_needs_its_reference() -> None:
    rows = SPREAD.transform(ROWS)
    with pytest.raises(ArgumentError, match="every row needs one reference\n  5 rows and 3 ref"):
        paired(TREES.forest, rows, rows[:3])
    with pytest.raises(ArgumentError):
        paired(TREES.forest, rows[:, :2], rows[:, :2])


def test_no_pairs_have_no_values() -> None:
    none = np.zeros((0, 5))
    assert paired(TREES.forest, none, none).shape[0] == 0
