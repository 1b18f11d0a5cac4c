"""The gate: what is allowed, what is mixed, what is objected to, what is computed again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import UnreadableModelError, explain
from explain.opening import open_model
from explain.protocol import Encoding, Linear, Node, Parts
from explain.routes import gate

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"])
X["city"] = pd.Categorical(RNG.choice(["Ulm", "Bonn"], 60))
NUMBERS = X[["a", "b", "c"]]
LINE = LinearRegression().fit(NUMBERS, NUMBERS @ [1.0, 2.0, 0.0])
BINARY = np.where(NUMBERS["a"] + NUMBERS["b"] > 0, "yes", "no")


def test_the_tolerance_is_a_small_part_of_the_spread() -> None:
    predictions = RNG.normal(size=(1000, 1)) * 3
    allowed = gate.tolerance(predictions[:500], predictions[500:])
    assert allowed == pytest.approx(1e-5 * predictions.std(), rel=1e-6)


def test_the_tolerance_of_large_numbers_is_that_of_single_precision() -> None:
    assert gate.tolerance(np.full((5, 1), 1e6)) == pytest.approx(2.0)
    assert gate.tolerance(np.zeros((5, 1))) == 1e-12


def test_predictions_far_from_zero_do_not_hide_a_gap() -> None:
    # A thousand times as far away as they are apart: float32's rounding would be all.
    predictions = 1e9 + RNG.normal(size=(1000, 1))
    assert gate.tolerance(predictions) == pytest.approx(1e-3 * predictions.std())


def test_a_base_that_is_off_misses_every_row() -> None:
    values, predicted = np.zeros((3, 2, 1)), np.ones((3, 1))
    found = gate.gaps(values, np.array([1.0]), predicted, np.array([1.0]), 1e-6)
    assert not found.missed.any()
    found = gate.gaps(values, np.array([1.0]), predicted, np.array([2.0]), 1e-6)
    assert found.missed.all()
    nothing = gate.gaps(values * np.nan, np.array([1.0]), predicted, np.array([1.0]), 1e-6)
    assert nothing.missed.all()


def test_rounding_is_no_value() -> None:
    values = np.array([[[1e-17], [1e-9], [0.5]]])
    found = gate.without_rounding(values, np.array([[2.0]]), np.array([[0.1]]))
    assert found.ravel().tolist() == [0.0, 1e-9, 0.5]


def test_mixtures_take_each_column_from_one_side() -> None:
    rows, references = X.iloc[:5], X.iloc[5:20]
    mixed = gate.mixtures(rows, references, np.random.default_rng(0))
    assert len(mixed.frame) == gate.HYBRIDS
    assert mixed.frame.dtypes.equals(X.dtypes)
    for name in X:
        taken = mixed.of_row[name]
        assert 0.3 < taken.mean() < 0.7
        source = mixed.rows[name].where(taken, mixed.references[name])
        assert mixed.frame[name].tolist() == source.tolist()
    assert set(mixed.rows["a"]) <= set(rows["a"])
    assert set(mixed.references["a"]) <= set(references["a"])


def objection(node: Node) -> str:
    opened = open_model(LINE, NUMBERS)
    mixed = gate.mixtures(NUMBERS[:5], NUMBERS[5:], np.random.default_rng(0))
    return gate.objection(opened, node, "response", mixed)


def line(transform: Any, sources: Any) -> Linear:
    return Linear(LINE.coef_[:, None], np.array([LINE.intercept_]), Encoding(transform, sources))


OWN = (("a",), ("b",), ("c",))


@pytest.mark.parametrize(
    "transform",
    [
        lambda frame: frame.to_numpy(),
        lambda frame: sparse.csr_matrix(frame.to_numpy()),
        lambda frame: frame.to_numpy().astype(np.float64, order="F"),
    ],
)
def test_a_true_node_is_let_through(transform: Any) -> None:
    assert objection(line(transform, OWN)) == ""
    # Saying too much is safe.
    assert objection(line(transform, (("a", "b"), ("b",), ("a", "b", "c")))) == ""


def test_a_node_that_gives_something_else_is_not() -> None:
    text = objection(line(lambda frame: 1.01 * frame.to_numpy(), OWN))
    assert text == (
        "the structure that was read of LinearRegression does not give its predictions of mixed "
        "rows"
    )


@pytest.mark.parametrize("as_sparse", [True, False])
def test_a_feature_of_another_column_is_not(as_sparse: bool) -> None:
    def transform(frame: pd.DataFrame) -> Any:
        return sparse.csr_matrix(frame.to_numpy()) if as_sparse else frame.to_numpy()

    text = objection(line(transform, (("b",), ("b",), ("c",))))
    assert "is said to compute from b changes with other columns" in text
    text = objection(line(transform, (("a",), (), ("c",))))
    assert "is said to compute from no column" in text


def test_missing_and_infinite_features_are_compared_too() -> None:
    encoding = Encoding(
        lambda frame: np.column_stack(
            [np.where(frame["a"] > 0, np.nan, 1.0), np.where(frame["b"] > 0, np.inf, 1.0)]
        ),
        (("a",), ("b",)),
    )
    mixed = gate.mixtures(NUMBERS[:5], NUMBERS[5:], np.random.default_rng(0))
    assert gate._misattributed(encoding, mixed) is None
    turned = Encoding(encoding.transform, (("b",), ("a",)))
    assert gate._misattributed(turned, mixed) == "b"
    same = Encoding(encoding.transform, (("a",), ("a",)))
    assert gate._misattributed(same, mixed) == "a"


def test_texts_and_categories_are_compared_too() -> None:
    mixed = gate.mixtures(X[:5], X[5:], np.random.default_rng(0))
    names = tuple(X.columns)
    for transform in (lambda frame: frame, lambda frame: frame.to_numpy(object)):
        true = Encoding(transform, tuple((name,) for name in names))
        assert gate._misattributed(true, mixed) is None
        false = Encoding(transform, (("a",), ("b",), ("c",), ("a",)))
        assert gate._misattributed(false, mixed) == "a"


# --- rows that miss -------------------------------------------------------------------------


class Capped:
    """A line whose largest predictions are capped, of which its own parts know nothing."""

    cap = 2.5

    def predict(self, rows: Any) -> Any:
        return np.minimum(LINE.predict(rows), self.cap)

    def explain_parts(self) -> Parts:
        return Parts(line(lambda frame: frame.to_numpy(), OWN), "response")


def test_a_structure_that_fails_on_few_rows_is_given_up_with_a_word() -> None:
    high = NUMBERS[LINE.predict(NUMBERS) > Capped.cap]
    assert 0 < len(high) < len(NUMBERS) / 2
    found = explain(Capped(), NUMBERS)
    assert found.verification.note
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, Capped().predict(NUMBERS), atol=1e-9)


def test_probabilities_that_a_forest_clips_are_computed_again() -> None:
    model = RandomForestClassifier(3, random_state=0).fit(NUMBERS, BINARY)
    found = explain(model, NUMBERS)
    p = np.clip(model.predict_proba(NUMBERS)[:, 1], 1e-7, 1 - 1e-7)
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, np.log(p / (1 - p)), atol=1e-6)


# --- path-dependent values ------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["auto", "probability"])
def test_path_dependent_values_of_what_is_no_tree(scale: Any) -> None:
    model = LogisticRegression().fit(NUMBERS, BINARY)
    with pytest.raises(UnreadableModelError, match="has no path-dependent values") as caught:
        explain(model, NUMBERS, scale=scale, method="path_dependent")
    assert 'try  method="auto"' in str(caught.value)


def test_path_dependent_values_on_another_scale() -> None:
    model = GradientBoostingClassifier(n_estimators=3).fit(NUMBERS, BINARY)
    with pytest.raises(UnreadableModelError, match="on the scale 'probability'"):
        explain(model, NUMBERS, scale="probability", method="path_dependent")


def test_path_dependent_values_of_groups_are_sums() -> None:
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBRegressor(n_estimators=5, n_jobs=1).fit(
        NUMBERS, NUMBERS["a"] * NUMBERS["b"]
    )
    apart = explain(model, NUMBERS, method="path_dependent", max_rows=7)
    joined = explain(
        model, NUMBERS, method="path_dependent", max_rows=7, groups={"ab": ["a", "b"]}
    )
    assert apart.rows.tolist() == joined.rows.tolist()
    np.testing.assert_allclose(joined.values[:, 0], apart.values[:, :2].sum(axis=1), atol=1e-6)
    assert joined.label == apart.label == "approximate"
    assert apart.n_background == 0
