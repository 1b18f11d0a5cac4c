"""The kernel against games that can be worked out otherwise."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import ArgumentError
from explain.trees import Forest, interventional, read_forest
from explain.trees.forest import Tree, join, plain_tree
from explain.trees.leafgame import by_pairs, by_supersets, shapley_weights


def brute_force(forest, X, background, players=None, weights=None):
    """Shapley values over all coalitions of v(S) = weighted mean of f(x_S, r_rest)."""
    players = np.arange(forest.n_features) if players is None else np.asarray(players)
    weights = np.ones(len(background)) if weights is None else np.asarray(weights, dtype=float)
    weights = weights / weights.sum()
    n = int(players.max()) + 1
    value = {}
    for size in range(n + 1):
        for coalition in itertools.combinations(range(n), size):
            taken = np.isin(players, coalition)
            hybrid = np.where(taken, X[:, None, :], background[None, :, :])
            out = forest.predict(hybrid.reshape(-1, X.shape[1]))
            value[coalition] = np.einsum("nmk,m->nk", out.reshape(*hybrid.shape[:2], -1), weights)
    phi = np.zeros((len(X), n, forest.n_outputs))
    for coalition, without in value.items():
        size = len(coalition)
        weight = math.factorial(size) * math.factorial(n - size - 1) if size < n else 0
        for player in set(range(n)) - set(coalition):
            joined = tuple(sorted((*coalition, player)))
            phi[:, player] += weight / math.factorial(n) * (value[joined] - without)
    return phi


def assert_exact(forest, X, background, **options):
    phi, base = interventional(forest, X, background, **options)
    truth = brute_force(forest, X, background, **options)
    assert phi.shape == truth.shape
    assert np.abs(phi - truth).max() <= 1e-9 * max(np.abs(truth).mean(), 1e-3)
    np.testing.assert_allclose(base + phi.sum(axis=1), forest.predict(X), rtol=0, atol=1e-9)


def random_tree(rng, depth, n_features, n_outputs=1):
    """A full tree whose thresholds lie on the values that its rows take."""
    inner = 2**depth - 1
    nodes = 2 * inner + 1
    ids = np.arange(nodes)
    parts = plain_tree(
        np.where(ids < inner, 2 * ids + 1, -1),
        np.where(ids < inner, 2 * ids + 2, -1),
        rng.integers(0, n_features, nodes),
        rng.integers(-2, 2, nodes) + 0.5 * rng.integers(0, 2, nodes),
        rng.normal(size=(nodes, n_outputs)),
    )
    parts["missing_left"] = rng.random(nodes) < 0.5
    return Tree(**parts)


def random_forest(seed, *, depth=4, n_features=6, n_trees=5, n_outputs=1):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, depth, n_features, n_outputs) for _ in range(n_trees)]
    return join(trees, rng.normal(size=n_outputs), n_features=n_features, scale="margin")


def random_rows(seed, n, n_features=6):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, (n, n_features)).astype(float)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    return rows


def chain(thresholds, columns, values, n_features):
    """A tree that goes on to the right at each node; its last leaf takes the last value."""
    inner = len(thresholds)
    ids = np.arange(2 * inner + 1)
    parts = plain_tree(
        np.where(ids < inner, inner + ids, -1),
        np.where(ids < inner - 1, ids + 1, np.where(ids < inner, 2 * inner, -1)),
        np.concatenate([columns, np.zeros(inner + 1, dtype=int)]),
        np.concatenate([thresholds, np.zeros(inner + 1)]),
        np.concatenate([np.zeros(inner), values])[:, None],
    )
    return join([Tree(**parts)], np.zeros(1), n_features=n_features, scale="response")


@given(seed=st.integers(0, 10**6), depth=st.integers(1, 5), n_outputs=st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_equals_brute_force_with_missing_values(seed, depth, n_outputs):
    forest = random_forest(seed, depth=depth, n_outputs=n_outputs, n_trees=3, n_features=5)
    assert_exact(forest, random_rows(seed + 1, 6, 5), random_rows(seed + 2, 9, 5))


@given(seed=st.integers(0, 10**6), data=st.data())
@settings(max_examples=20, deadline=None)
def test_grouped_players_equal_the_quotient_game(seed, data):
    players = data.draw(st.lists(st.integers(0, 3), min_size=6, max_size=6))
    weights = data.draw(st.lists(st.integers(0, 5), min_size=8, max_size=8).filter(any))
    forest = random_forest(seed, depth=5)
    rows, references = random_rows(seed + 1, 5), random_rows(seed + 2, 8)
    assert_exact(forest, rows, references, players=players, weights=weights)


def test_grouped_value_is_not_the_sum_of_its_columns():
    forest = random_forest(4, depth=5)
    rows, references = random_rows(5, 20), random_rows(6, 20)
    single, _ = interventional(forest, rows, references)
    grouped, _ = interventional(forest, rows, references, players=[0, 0, 0, 1, 2, 3])
    assert np.abs(grouped[:, 0] - single[:, :3].sum(axis=1)).max() > 0.01


@given(seed=st.integers(0, 10**6), n_players=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_both_ways_over_patterns_agree(seed, n_players):
    rng = np.random.default_rng(seed)
    rows = rng.random((17, n_players)) < 0.7
    references = rng.random((23, n_players)) < 0.7
    counts = rng.random(23)
    np.testing.assert_allclose(
        by_pairs(rows, references, counts), by_supersets(rows, references, counts), atol=1e-12
    )


def test_weights_are_the_exact_fractions():
    weights = shapley_weights(80)
    for own, other in [(0, 0), (3, 5), (40, 40), (80, 80), (0, 80)]:
        exact = math.factorial(own) * math.factorial(other) / math.factorial(own + other + 1)
        assert weights[own, other] == pytest.approx(exact, rel=1e-13)


def fever_and_cough(extra):
    """80 where both hold, plus `extra` for a cough (Lundberg et al., figure 1)."""
    parts = plain_tree(
        [1, -1, 3, -1, -1, -1, -1], [2, -1, 4, -1, -1, -1, -1], [0, 0, 1, 0, 0, 0, 0],
        [0.5, 0, 0.5, 0, 0, 0, 0], [[0], [0], [0], [0], [80], [0], [0]],
    )  # fmt: skip
    trees = [Tree(**parts)]
    if extra:
        cough = plain_tree([1, -1, -1], [2, -1, -1], [1, 0, 0], [0.5, 0, 0], [[0], [0], [extra]])
        trees.append(Tree(**cough))
    return join(trees, np.zeros(1), n_features=2, scale="response")


@pytest.mark.parametrize(
    ("extra", "base", "fever", "cough"), [(0.0, 20.0, 30.0, 30.0), (10.0, 25.0, 30.0, 35.0)]
)
def test_fever_and_cough(extra, base, fever, cough):
    table = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    values, start = interventional(fever_and_cough(extra), table[3:], table)
    assert start == pytest.approx(base)
    assert values[0, :, 0] == pytest.approx([fever, cough])


def test_product_of_two_columns():
    grid = np.array([[a, b] for a in (0.0, 1.0, 2.0) for b in (0.0, 1.0, 2.0)])
    from sklearn.tree import DecisionTreeRegressor

    forest = read_forest(DecisionTreeRegressor().fit(grid, grid[:, 0] * grid[:, 1]), check=grid)
    x, r = grid[5], grid[6]
    values, _ = interventional(forest, x[None], r[None])
    assert values[0, 0, 0] == pytest.approx((x[0] - r[0]) * (x[1] + r[1]) / 2)
    assert values[0, 1, 0] == pytest.approx((x[1] - r[1]) * (x[0] + r[0]) / 2)


def test_dummies_are_exactly_zero():
    forest = random_forest(1, n_features=4)
    wide = replace(forest, n_features=6)
    rows, references = random_rows(2, 30), random_rows(3, 40)
    references[:, 1] = rows[:, 1] = 2.0
    values, _ = interventional(wide, rows, references)
    assert values.shape == (30, 6, 1)
    assert np.all(values[:, [1, 4, 5]] == 0)
    assert np.any(values[:, 0] != 0)


def test_symmetric_columns_get_equal_values():
    parts = [random_tree(np.random.default_rng(7), 3, 3)]
    swapped = replace(parts[0], feature=np.array([1, 0, 2])[parts[0].feature])
    forest = join([*parts, swapped], np.zeros(1), n_features=3, scale="margin")
    rows, references = random_rows(1, 20, 3), random_rows(2, 30, 3)
    rows[:, 1], references[:, 1] = rows[:, 0], references[:, 0]
    values, _ = interventional(forest, rows, references)
    np.testing.assert_allclose(values[:, 0], values[:, 1], atol=1e-12)
    assert np.abs(values[:, 0]).max() > 0.01


def test_chunks_change_nothing(monkeypatch):
    forest = random_forest(9, depth=6, n_trees=11, n_outputs=2)
    rows, references = random_rows(1, 130), random_rows(2, 90)
    whole, _ = interventional(forest, rows, references)
    monkeypatch.setattr("explain.trees.kernel.ROWS_AT_ONCE", 17)
    monkeypatch.setattr("explain.trees.kernel.REFERENCES_AT_ONCE", 23)
    monkeypatch.setattr("explain.trees.kernel.PRUNE_PAIRS", 0)
    monkeypatch.setattr("explain.trees.leafgame.PAIRS_AT_ONCE", 50)
    monkeypatch.setattr("explain.trees.leafgame.WIDEST", 0)
    np.testing.assert_allclose(interventional(forest, rows, references)[0], whole, atol=1e-12)


def test_rows_that_are_the_background_change_nothing(monkeypatch):
    forest = random_forest(5, depth=6, n_trees=7, n_outputs=2)
    rows = random_rows(1, 60)
    weights = np.random.default_rng(2).random(60)
    assert_exact(forest, rows, rows)
    assert_exact(forest, rows, rows.copy(), players=[0, 1, 0, 2, 1, 3], weights=weights)
    # In another order they are two sides again.
    turned, _ = interventional(forest, rows, rows[::-1])
    np.testing.assert_allclose(interventional(forest, rows, rows)[0], turned, atol=1e-12)
    monkeypatch.setattr("explain.trees.kernel.ROWS_AT_ONCE", 17)
    np.testing.assert_allclose(interventional(forest, rows, rows)[0], turned, atol=1e-12)


def test_same_call_gives_the_same_bits():
    forest = random_forest(9, n_trees=9)
    rows, references = random_rows(1, 50), random_rows(2, 60)
    first, _ = interventional(forest, rows, references)
    second, _ = interventional(forest, rows, references)
    assert first.tobytes() == second.tobytes()


def test_one_background_row_and_no_rows():
    forest = random_forest(3)
    assert_exact(forest, random_rows(1, 7), random_rows(2, 1))
    values, base = interventional(forest, np.empty((0, 6)), random_rows(2, 3))
    assert values.shape == (0, 6, 1)
    assert base == pytest.approx(forest.predict(random_rows(2, 3)).mean())


def test_weights_equal_repeated_rows():
    forest = random_forest(3)
    rows, references = random_rows(1, 7), random_rows(2, 4)
    weighted = interventional(forest, rows, references, weights=[2, 0, 1, 3])
    repeated = interventional(forest, rows, references[[0, 0, 2, 3, 3, 3]])
    for ours, theirs in zip(weighted, repeated, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_single_leaves_give_a_constant():
    leaf = Tree(**plain_tree([-1], [-1], [0], [0.0], [[3.0]]))
    forest = join([leaf, leaf], np.array([1.0]), n_features=2, scale="margin")
    values, base = interventional(forest, np.zeros((3, 2)), np.ones((2, 2)))
    assert base.tolist() == [7.0]
    assert not values.any()


def test_no_trees_give_the_base():
    forest = join([], np.array([2.0]), n_features=2, scale="margin")
    values, base = interventional(forest, np.zeros((3, 2)), np.ones((2, 2)))
    assert base.tolist() == [2.0]
    assert values.tolist() == np.zeros((3, 2, 1)).tolist()
    assert forest.leaves(np.zeros((3, 2))).shape == (3, 0)


def test_a_path_through_120_players():
    """An all-or-nothing leaf: x meets every condition, a reference none, so each gets 1/120."""
    n = 120
    forest = chain(np.zeros(n), np.arange(n), np.r_[np.zeros(n), 1.0], n)
    values, base = interventional(forest, np.ones((1, n)), -np.ones((1, n)))
    assert base == 0
    np.testing.assert_allclose(values[0, :, 0], 1 / n, rtol=1e-12)


def test_a_path_through_60_players_met_half_by_each():
    """40 players that only x meets, 20 that only the reference meets: closed form."""
    n, own = 60, 40
    forest = chain(np.zeros(n), np.arange(n), np.r_[np.zeros(n), 1.0], n)
    row = np.where(np.arange(n) < own, 1.0, -1.0)[None]
    values, _ = interventional(forest, row, -row)
    together = math.factorial(n)
    gain = math.factorial(own - 1) * math.factorial(n - own) / together
    loss = math.factorial(own) * math.factorial(n - own - 1) / together
    np.testing.assert_allclose(values[0, :own, 0], gain, rtol=1e-12)
    np.testing.assert_allclose(values[0, own:, 0], -loss, rtol=1e-12)


def test_deeper_than_a_hundred_on_few_columns():
    """150 levels over five columns stay exact."""
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 5, 150)
    forest = chain(np.sort(rng.normal(size=150)) - 1.5, columns, rng.normal(size=151), 5)
    assert_exact(forest, rng.normal(size=(12, 5)), rng.normal(size=(15, 5)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"background": np.empty((0, 6))}, "the background has no rows"),
        ({"background": np.zeros((2, 5))}, "do not have the model's 6 columns"),
        ({"X": [["a"] * 6]}, "the rows are not numbers"),
        ({"players": [0, 1]}, "a whole number for each column"),
        ({"players": [0.0] * 6}, "a whole number for each column"),
        ({"players": [0, 1, 2, 3, 4, -1]}, "players are numbered from 0"),
        ({"weights": [1.0]}, "a number for each background row"),
        ({"weights": [0.0, 0.0]}, "not all 0"),
        ({"weights": [1.0, np.nan]}, "must be finite"),
    ],
)
def test_impossible_arguments(options, message):
    given_ = {"X": np.zeros((1, 6)), "background": np.zeros((2, 6)), **options}
    with pytest.raises(ArgumentError, match=message):
        interventional(random_forest(0), given_.pop("X"), given_.pop("background"), **given_)


def test_forest_is_frozen():
    forest = random_forest(0)
    assert isinstance(forest, Forest)
    with pytest.raises(AttributeError):
        forest.base = np.zeros(1)
