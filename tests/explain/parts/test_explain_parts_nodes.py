"""What nodes give for rows, and who owns the features that they read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.tree import DecisionTreeRegressor

from explain.parts import (
    LINKS,
    NOBODY,
    SHARED,
    evaluate,
    is_exact,
    linked,
    matrix_of,
    n_outputs,
    owners,
)
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
from explain.trees import read_forest

X = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 3)), columns=["a", "b", "c"])
RAW = Encoding(lambda frame: frame.to_numpy(), (("a",), ("b",), ("c",)))
TREE = DecisionTreeRegressor(random_state=0).fit(X.to_numpy(), X["a"] * X["b"])
COEF = np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 3.0]])

TREES = Trees(read_forest(TREE), RAW)
LINEAR = Linear(COEF, np.array([0.5, -0.5]), RAW)
PAIR = Term((0, 2), lambda columns: columns[:, :1] * columns[:, 1:])
SQUARE = Term((1,), lambda columns: columns**2)
ADDITIVE = Additive((PAIR, SQUARE), np.array([2.0]), RAW)
BLACK = Opaque(lambda frame: frame[["a"]].to_numpy() ** 3, 1)
CODED = Opaque(lambda matrix: matrix[:, 1:2] ** 3, 1, RAW)


def test_a_forest_gives_its_prediction() -> None:
    np.testing.assert_allclose(evaluate(TREES, X)[:, 0], TREE.predict(X.to_numpy()))


def test_a_faster_prediction_is_asked_in_its_place() -> None:
    quick = Trees(TREES.forest, RAW, lambda matrix: np.full((len(matrix), 1), 7.0))
    assert (evaluate(quick, X) == 7).all()


def test_a_line_gives_its_product() -> None:
    np.testing.assert_allclose(evaluate(LINEAR, X), X.to_numpy() @ COEF + [0.5, -0.5])


def test_a_line_takes_sparse_rows() -> None:
    encoding = Encoding(lambda frame: sparse.csr_matrix(frame.to_numpy()), RAW.sources)
    found = evaluate(Linear(COEF, np.array([0.5, -0.5]), encoding), X)
    np.testing.assert_allclose(found, evaluate(LINEAR, X))
    assert type(found) is np.ndarray


def test_terms_are_added_up() -> None:
    expected = 2 + X["a"] * X["c"] + X["b"] ** 2
    np.testing.assert_allclose(evaluate(ADDITIVE, X)[:, 0], expected)


def test_a_black_box_reads_raw_rows_or_encoded_ones() -> None:
    np.testing.assert_allclose(evaluate(BLACK, X)[:, 0], X["a"] ** 3)
    np.testing.assert_allclose(evaluate(CODED, X)[:, 0], X["b"] ** 3)


def test_a_sum_maps_each_node_to_its_outputs() -> None:
    weights = (np.array([[1.0, 0.0], [0.0, -2.0]]), np.array([[3.0, 4.0]]))
    node = Weighted((LINEAR, BLACK), weights, np.array([10.0, 20.0]))
    line, cube = evaluate(LINEAR, X), evaluate(BLACK, X)[:, 0]
    np.testing.assert_allclose(evaluate(node, X)[:, 0], 10 + line[:, 0] + 3 * cube)
    np.testing.assert_allclose(evaluate(node, X)[:, 1], 20 - 2 * line[:, 1] + 4 * cube)


def test_a_sum_of_nothing_is_its_shift() -> None:
    np.testing.assert_array_equal(
        evaluate(Weighted((), (), np.array([4.0])), X), np.full((12, 1), 4.0)
    )


def test_a_curve_is_put_on_the_node_under_it() -> None:
    np.testing.assert_allclose(evaluate(Linked(LINEAR, "logistic"), X), expit(evaluate(LINEAR, X)))
    clipped = evaluate(Linked(LINEAR, "clip", (-1.0, 1.0)), X)
    np.testing.assert_allclose(clipped, np.clip(evaluate(LINEAR, X), -1, 1))


@pytest.mark.parametrize(
    ("node", "width"),
    [
        (TREES, 1),
        (LINEAR, 2),
        (ADDITIVE, 1),
        (BLACK, 1),
        (Linked(LINEAR, "softmax"), 2),
        (Weighted((LINEAR,), (np.ones((2, 3)),), np.zeros(3)), 3),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_number_of_outputs(node: Node, width: int) -> None:
    assert n_outputs(node) == width
    assert evaluate(node, X).shape == (12, width)
    assert evaluate(node, X.iloc[:1]).shape == (1, width)


def test_parts_that_share_an_encoding_encode_once() -> None:
    calls = []

    def transform(frame: Any) -> Any:
        calls.append(len(frame))
        return frame.to_numpy()

    shared = Encoding(transform, RAW.sources)
    parts = (Linear(COEF[:, :1], np.zeros(1), shared), Opaque(lambda m: m[:, :1], 1, shared))
    evaluate(Weighted(parts, (np.eye(1),) * 2, np.zeros(1)), X)
    assert calls == [12]
    kept: dict[int, Any] = {}
    assert matrix_of(shared, X, kept) is matrix_of(shared, X, kept)
    assert matrix_of(None, X, kept) is X


# --- links ----------------------------------------------------------------------------------


def test_links_do_not_overflow() -> None:
    far = np.array([[-1e4, 0.0, 1e4]])
    everywhere = (-np.inf, np.inf)
    np.testing.assert_array_equal(linked(far, "logistic", everywhere), [[0, 0.5, 1]])
    np.testing.assert_array_equal(linked(far, "softmax", everywhere), [[0, 0, 1]])


def test_links_are_clipped_first() -> None:
    sure = np.array([[0.0, 1.0]])
    assert np.isfinite(linked(sure, "logit", (1e-7, 1 - 1e-7))).all()
    assert np.isfinite(linked(sure, "log_centred", (1e-7, 1 - 1e-7))).all()


FINITE = arrays(np.float64, (4, 3), elements=st.floats(-30, 30))


@given(FINITE)
def test_links_and_their_inverses(margin: Any) -> None:
    whole = (-np.inf, np.inf)
    np.testing.assert_allclose(LINKS["logistic"](margin), expit(margin), rtol=1e-12)
    np.testing.assert_allclose(LINKS["softmax"](margin), softmax(margin, axis=1), rtol=1e-12)
    small = np.clip(margin, -15, 15)
    back = linked(linked(small, "logistic", whole), "logit", whole)
    np.testing.assert_allclose(back, small, atol=1e-7)
    back = linked(linked(small, "exp", whole), "log", whole)
    np.testing.assert_allclose(back, small, atol=1e-9)
    back = linked(linked(small, "softmax", whole), "log_centred", whole)
    np.testing.assert_allclose(back, small - small.mean(axis=1, keepdims=True), atol=1e-9)
    np.testing.assert_allclose(back.sum(axis=1), 0, atol=1e-9)


# --- owners ---------------------------------------------------------------------------------

MADE = Encoding(lambda frame: np.ones((len(frame), 5)), (("a",), ("b",), ("a", "b"), (), ("c",)))


def test_each_feature_has_the_player_of_its_columns() -> None:
    apart = Players.of(("a", "b", "c"))
    assert owners(MADE, apart).tolist() == [0, 1, SHARED, NOBODY, 2]
    together = Players.of(("a", "b", "c"), {"ab": ["a", "b"]})
    assert owners(MADE, together).tolist() == [0, 0, 0, NOBODY, 1]


def test_a_feature_of_two_players_is_exact_where_it_is_not_read() -> None:
    unread = Linear(np.array([[1.0], [1], [0], [1], [1]]), np.zeros(1), MADE)
    reading = Linear(np.array([[1.0], [1], [1], [1], [1]]), np.zeros(1), MADE)
    apart = Players.of(("a", "b", "c"))
    assert is_exact(unread, apart)
    assert is_exact(unread)
    assert not is_exact(reading, apart)
    assert not is_exact(reading)
    assert is_exact(reading, Players.of(("a", "b", "c"), {"ab": ["a", "b"]}))


def test_what_is_exact() -> None:
    eye = np.eye(1)
    assert is_exact(TREES)
    assert is_exact(ADDITIVE)
    assert not is_exact(BLACK)
    assert not is_exact(CODED)
    assert not is_exact(Linked(TREES, "logistic"))
    assert is_exact(Weighted((TREES, ADDITIVE), (eye, eye), np.zeros(1)))
    assert not is_exact(Weighted((TREES, BLACK), (eye, eye), np.zeros(1)))
