"""Structures that lie, and models that do: never a wrong value without a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from brute_force import brute_force, centred_log, logit, off, three
from sample_tables import numbers
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import PredictionError, UnreadableModelError, VerificationError, explain
from explain.errors import ArgumentTypeError
from explain.protocol import Encoding, Linear, Linked, Opaque, Parts, Trees, Weighted
from explain.trees import read_forest

S = numbers()
X = S.X.drop(columns="idle")
ROWS, BACKGROUND = X.iloc[:4], X.iloc[10:30].reset_index(drop=True)
OWN = Encoding(lambda frame: frame.to_numpy(np.float64), tuple((name,) for name in X))


@dataclass
class Told:
    """A model that says of itself what its maker wants it to say."""

    inner: Any
    parts: Any

    def predict(self, rows: Any) -> Any:
        return self.inner.predict(rows)

    def explain_parts(self) -> Any:
        if isinstance(self.parts, Exception):
            raise self.parts
        return self.parts


class ToldClassifier(Told):
    @property
    def classes_(self) -> Any:
        return self.inner.classes_

    def predict_proba(self, rows: Any) -> Any:
        return self.inner.predict_proba(rows)


FOREST = RandomForestRegressor(6, random_state=0).fit(X, S.value)
LINE = LinearRegression().fit(X, S.value)


@dataclass
class Half:
    """The mean of a forest and a line."""

    share: float = 0.5

    def predict(self, rows: Any) -> Any:
        return self.share * FOREST.predict(rows) + (1 - self.share) * LINE.predict(rows)


def trees(drop: int = 0) -> Trees:
    forest = read_forest(FOREST)
    if drop:
        value = forest.value.copy()
        value[forest.root[-1] :] = 0.0
        forest = replace(forest, value=value)
    return Trees(forest, OWN)


def line(coef: Any = None) -> Linear:
    weights = LINE.coef_ if coef is None else coef
    return Linear(np.asarray(weights)[:, None], np.array([LINE.intercept_]), OWN)


def half(first: Any, second: Any, share: float = 0.5) -> Parts:
    eye = np.eye(1)
    node = Weighted((first, second), (share * eye, (1 - share) * eye), np.zeros(1))
    return Parts(node, "response")


def predicted_halves(rows: pd.DataFrame) -> Any:
    return Half().predict(rows)


TRUTH = brute_force(predicted_halves, ROWS, BACKGROUND)


def explained(parts: Any) -> Any:
    return explain(Told(Half(), parts), ROWS, background=BACKGROUND)


def test_true_parts_are_used() -> None:
    found = explained(half(trees(), line()))
    assert (found.label, found.evaluations, found.verification.note) == ("exact", 0, "")
    assert off(found.values, TRUTH) < 1e-9


def _swapped() -> Encoding:
    """Give the columns in another order than they are said to have."""
    return Encoding(lambda frame: frame[["b", "a", "c", "d"]].to_numpy(np.float64), OWN.sources)


def _columns_swapped() -> Encoding:
    """Read the columns rightly, and say the names of others."""
    return Encoding(OWN.transform, (("b",), ("a",), ("c",), ("d",)))


def _only_one_named() -> Encoding:
    """Mix two columns into each, and name one."""
    return Encoding(lambda frame: OWN.transform(frame)[:, [0, 1, 2, 3]], (("a",),) * 4)


LIES: dict[str, Any] = {
    "wrong weights": half(trees(), line(), share=0.6),
    "a tree left out": half(trees(drop=1), line()),
    "another line": half(trees(), line(LINE.coef_ * 1.001)),
    "a shift": Parts(
        Weighted((trees(), line()), (0.5 * np.eye(1), 0.5 * np.eye(1)), np.array([0.01])),
        "response",
    ),
    "other columns read": half(replace(trees(), encoding=_swapped()), line()),
    "columns swapped in name only": half(replace(trees(), encoding=_columns_swapped()), line()),
    "all of one column": half(trees(), replace(line(), encoding=_only_one_named())),
    "a prediction that covers up for a forest": half(
        replace(trees(drop=1), predict=lambda matrix: read_forest(FOREST).predict(matrix)),
        line(),
    ),
    "another scale": Parts(half(trees(), line()).node, "margin"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_parts_that_lie_are_found_out_and_told(lie: str) -> None:
    found = explained(LIES[lie])
    assert off(found.values, TRUTH) < 1e-6
    assert found.verification.note
    assert found.verification.note in found.route
    assert any(found.verification.note in text for text in found.lines())


def test_parts_that_lie_are_found_out_far_from_zero_too() -> None:
    # Predictions of a million with a deviation of one: a gap of a tree is a millionth of them.
    @dataclass
    class Far:
        def predict(self, rows: Any) -> Any:
            return 1e6 + FOREST.predict(rows)

        def explain_parts(self) -> Parts:
            node = Weighted((trees(drop=1),), (np.eye(1),), np.array([1e6]))
            return Parts(node, "response")

    found = explain(Far(), ROWS, background=BACKGROUND)
    assert found.verification.note
    assert off(found.values, brute_force(FOREST.predict, ROWS, BACKGROUND)) < 1e-6


def test_parts_that_are_right_on_rows_and_wrong_on_mixtures_are_found_out() -> None:
    # In the data b is twice a, so two lines agree on each row and differ on every mixture.
    twins = pd.DataFrame({"a": np.linspace(-1, 1, 40), "c": np.cos(np.arange(40.0))})
    twins["b"] = 2 * twins["a"]
    encoding = Encoding(lambda frame: frame[["a", "b"]].to_numpy(np.float64), (("a",), ("b",)))

    class OnlyA:
        def predict(self, rows: Any) -> Any:
            return 2 * rows["a"] + rows["c"]

        def explain_parts(self) -> Parts:
            linear = Linear(np.array([[0.0], [1.0]]), np.zeros(1), encoding)
            other = Encoding(lambda frame: frame[["c"]].to_numpy(np.float64), (("c",),))
            c = Linear(np.ones((1, 1)), np.zeros(1), other)
            return Parts(Weighted((linear, c), (np.eye(1),) * 2, np.zeros(1)), "response")

    found = explain(OnlyA(), twins)
    assert "mixed rows" in found.verification.note
    np.testing.assert_allclose(found.values[:, found.columns.index("b")], 0, atol=1e-12)


SEVERAL = LogisticRegression().fit(X, S.several)


@pytest.mark.parametrize("scale", ["margin", "probability"])
def test_classes_told_in_another_order_are_found_out(scale: str) -> None:
    order = [2, 0, 1]
    node = Linear(SEVERAL.coef_[order].T, SEVERAL.intercept_[order], OWN)
    found = explain(
        ToldClassifier(SEVERAL, Parts(node, "margin")), ROWS, background=BACKGROUND, scale=scale
    )

    def predict(rows: pd.DataFrame) -> Any:
        p = SEVERAL.predict_proba(rows)
        return centred_log(p) if scale == "margin" else p

    assert "explain_parts()" in found.verification.note
    assert off(found.values, brute_force(predict, ROWS, BACKGROUND)) < 1e-6


def test_the_first_class_told_for_the_second_is_found_out() -> None:
    model = RandomForestClassifier(5, random_state=0).fit(X, S.binary)
    node = Weighted((Trees(read_forest(model), OWN),), (np.array([[1.0], [0.0]]),), np.zeros(1))
    told = ToldClassifier(model, Parts(node, "probability"))
    found = explain(told, ROWS, background=BACKGROUND, scale="probability")
    truth = brute_force(lambda rows: model.predict_proba(rows)[:, 1], ROWS, BACKGROUND)
    assert "explain_parts()" in found.verification.note
    assert off(found.values, truth) < 1e-6


def test_precise_parts_take_over_where_probabilities_are_clipped() -> None:
    model = LogisticRegression(C=1e6, max_iter=2000).fit(X, S.binary)

    @dataclass
    class Clipped:
        def predict_proba(self, rows: Any) -> Any:
            p = np.clip(model.predict_proba(rows)[:, 1], 0.2, 0.8)
            return np.column_stack([1 - p, p])

        def predict(self, rows: Any) -> Any:
            return model.predict(rows)

        @property
        def classes_(self) -> Any:
            return model.classes_

        def explain_parts(self) -> Parts:
            linear = Linear(model.coef_.T, model.intercept_, OWN)
            exact = Opaque(lambda rows: logit(self.predict_proba(rows)[:, 1:]), 1)
            return Parts(linear, "margin", precise=exact)

    truth = brute_force(lambda rows: logit(Clipped().predict_proba(rows)[:, 1]), ROWS, BACKGROUND)
    found = explain(Clipped(), ROWS, background=BACKGROUND)
    assert off(found.values, truth) < 1e-6
    predicted = logit(Clipped().predict_proba(ROWS)[:, 1])
    np.testing.assert_allclose(found.base_values + found.values.sum(axis=1), predicted, atol=1e-5)


@pytest.mark.parametrize("precise", [True, False])
def test_a_single_row_that_misses_its_prediction_is_computed_again_alone(precise: bool) -> None:
    # A cap that one row in two thousand meets, and no mixture that is looked at.
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["a", "b", "c"])
    background = table.iloc[:300].copy()
    table.loc[1000, ["a", "b"]] = 10.0
    coef = np.array([[1.0], [2.0], [0.5]])
    encoding = Encoding(lambda frame: frame.to_numpy(), (("a",), ("b",), ("c",)))
    whole = Linear(coef, np.zeros(1), encoding)
    capped = Linked(whole, "clip", (-25.0, 25.0))

    class Capped:
        def predict(self, rows: Any) -> Any:
            return np.clip(rows.to_numpy() @ coef[:, 0], -25, 25)

        def explain_parts(self) -> Parts:
            return Parts(whole, "response", capped if precise else None)

    found = explain(Capped(), table, background=background)
    assert found.verification.fallback_rows == 1
    assert "1 row missed its prediction on the quick route" in found.verification.note
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, Capped().predict(table), atol=1e-5)
    truth = brute_force(Capped().predict, table.iloc[[1000]], background)[0, :, 0]
    error = np.abs(found.values[1000] - truth)
    assert (error <= 5 * found.standard_errors[1000] + 1e-3 * np.abs(truth)).all()
    others = np.delete(np.arange(2000), 1000)
    expected = (table.to_numpy() - background.to_numpy().mean(axis=0)) * coef[:, 0]
    np.testing.assert_allclose(found.values[others], expected[others], atol=1e-9)
    assert set(found.row_labels[others]) == {"exact"}


def test_parts_that_are_no_parts_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"must return explain\.protocol\.Parts\n  dict"):
        explained({"node": 1})


def test_parts_that_cannot_be_asked_for_are_told() -> None:
    with pytest.raises(UnreadableModelError, match=r"explain_parts\(\) of Told failed\n  KeyErr"):
        explained(KeyError("no such member"))


def test_parts_of_a_wrong_shape_are_told() -> None:
    broken = Parts(Linear(np.zeros((7, 1)), np.zeros(1), OWN), "response")
    with pytest.raises(UnreadableModelError, match=r"explain_parts\(\) of Told"):
        explained(broken)


def test_a_model_that_never_says_the_same_twice_is_refused() -> None:
    rng = np.random.default_rng(0)

    def dice(rows: Any) -> Any:
        return rng.normal(size=len(rows))

    with pytest.raises(VerificationError, match="do not add up") as caught:
        explain(dice, ROWS, background=BACKGROUND)
    assert "a gap of" in str(caught.value)
    assert "each time it sees the same row" in str(caught.value)


def test_a_model_whose_answer_depends_on_the_other_rows_is_refused() -> None:
    def standardised(rows: pd.DataFrame) -> Any:
        return (rows["a"] - rows["a"].mean()) / rows["a"].std(ddof=0)

    with pytest.raises((VerificationError, PredictionError)):
        explain(standardised, ROWS, background=BACKGROUND)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_predictions_that_are_not_finite_are_told(value: float) -> None:
    def broken(rows: Any) -> Any:
        return np.where(np.arange(len(rows)) == 2, value, 1.0)

    with pytest.raises(PredictionError, match="not finite") as caught:
        explain(broken, ROWS, background=BACKGROUND)
    assert "row 2" in str(caught.value)


def test_predictions_that_are_not_finite_on_mixtures_only_are_told() -> None:
    # log(a + b) is fine on each row: here a and b are never both negative.
    rows = pd.DataFrame({"a": [1.0, -1.0], "b": [-0.5, 2.0]})
    with pytest.raises(PredictionError), np.errstate(invalid="ignore"):
        explain(lambda frame: np.log(frame["a"] + frame["b"]), rows)


def test_a_model_that_raises_inside_is_told() -> None:
    def broken(rows: Any) -> Any:
        raise RuntimeError("no space left\nsecond line")

    with pytest.raises(PredictionError) as caught:
        explain(broken, ROWS)
    text = str(caught.value)
    assert "Function failed to predict 4 rows" in text
    assert "RuntimeError: no space left" in text
    assert "no space left second line" in text
    assert "try  " in text
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_model_that_raises_on_mixtures_only_is_told() -> None:
    def picky(rows: pd.DataFrame) -> Any:
        if (rows["a"] * rows["b"] < 0).any():
            raise ValueError("a and b must have one sign")
        return rows["a"] + rows["b"]

    rows = pd.DataFrame({"a": [1.0, -1.0], "b": [2.0, -3.0]})
    with pytest.raises(PredictionError, match="a and b must have one sign"):
        explain(picky, rows)


def test_the_values_are_checked_on_every_row() -> None:
    found = explain(FOREST, X)
    checked = found.verification
    assert checked.n_rows == len(X)
    assert 0 <= checked.gap <= checked.tolerance
    assert checked.tolerance <= 1e-5 * S.value.std() * 2
    gaps = np.abs(found.base_values + found.values.sum(axis=1) - FOREST.predict(X))
    assert gaps.max() <= checked.gap + 1e-12
    assert three(found.values).shape == (len(X), 4, 1)
