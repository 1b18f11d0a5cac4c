"""The quality card: closed forms, wrong explanations are seen, and what does not fit is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import ArgumentError, ArgumentTypeError, Explanation, PredictionError, explain
from explain.card import QualityCard, quality
from explain.card.counting import _median, needed
from explain.card.faithful import _distance
from explain.card.matching import match
from explain.card.measures import DEFINITIONS
from explain.games.tables import pool

Linear = tuple[LinearRegression, pd.DataFrame, pd.Series]


def numbers(p: int = 4, n: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{j}" for j in range(p)])


def linear(weights: list[float], n: int = 300) -> Linear:
    X = numbers(len(weights), n)
    y = X @ np.array(weights)
    return LinearRegression().fit(X, y), X, y


def classes(n: int = 150) -> tuple[Any, pd.DataFrame, np.ndarray]:
    X = numbers(5, n)
    y = np.digitize(X["x0"] + X["x1"] * X["x2"], [-0.5, 0.7])
    return RandomForestClassifier(20, max_depth=4, random_state=0).fit(X, y), X, y


def note(card: QualityCard, measure: str) -> str:
    return str(card.table.set_index("measure").loc[measure, "note"])


def interval(card: QualityCard, measure: str) -> tuple[float, float]:
    row = card.table.set_index("measure").loc[measure]
    return float(row["low"]), float(row["high"])


def test_one_column_of_four_that_counts() -> None:
    """In random order it is among the first 1, 2, 3 with chances 1/4, 2/4, 3/4: half, on mean."""
    model, X, _ = linear([2.0, 0.0, 0.0, 0.0])
    card = quality(explain(model, X), model, X)
    assert card.score("deletion") == pytest.approx(0.5, abs=0.05)
    assert card.score("insertion") == pytest.approx(0.5, abs=0.05)
    assert card.score("sparsity") == card.score("row_sparsity") == 1
    assert card.score("surrogate_fidelity") > 0.9
    assert card.score("sampling_error") == 0
    assert card.score("additivity_gap") < 1e-9


def test_halves_of_the_background_move_a_linear_model_by_the_difference_of_their_means() -> None:
    model, X, _ = linear([3.0, 2.0, 1.0], n=2000)
    explanation = explain(model, X)
    card = quality(explanation, model, X)
    assert card.score("stability") == 1
    expected = np.sqrt(2 / 1000) * np.sqrt(2 / np.pi)  # E|difference of means| of each column
    size = np.abs(explanation.values).mean() / np.mean([3, 2, 1])
    assert card.score("disagreement") == pytest.approx(expected / size, rel=0.9)
    assert "100 rows, halves of 1,000 references" in note(card, "disagreement")


def test_an_explanation_with_exchanged_columns_is_found_out() -> None:
    model, X, _ = linear([8.0, 4.0, 2.0, 1.0, 0.5, 0.0])
    right = explain(model, X)
    wrong = replace(right, values=right.values[:, ::-1].copy())  # adds up just as well
    good, bad = quality(right, model, X), quality(wrong, model, X)
    assert bad.score("additivity_gap") < 1e-9
    for measure in ("deletion", "insertion"):
        assert interval(good, measure)[0] > 0.1
        assert interval(bad, measure)[1] < -0.1


def test_values_in_no_order_score_zero() -> None:
    model, X, _ = linear([8.0, 4.0, 2.0, 1.0, 0.5, 0.0])
    right = explain(model, X)
    rng = np.random.default_rng(0)
    mixed = rng.permuted(right.values, axis=1)
    card = quality(replace(right, values=mixed), model, X)
    assert interval(card, "deletion")[0] < 0 < interval(card, "deletion")[1]


def test_mixtures_are_made_as_defined() -> None:
    """The mean distance over mixtures, one by one."""
    X = numbers(3, 12)

    def model(rows: pd.DataFrame) -> np.ndarray:
        found: np.ndarray = (rows["x0"] * rows["x1"] + np.exp(rows["x2"])).to_numpy()
        return found

    judged = match(explain(model, X, max_rows=4), model, X, None)
    own = judged.explanation.data
    references = X.iloc[[2, 5]].reset_index(drop=True)
    kept = np.random.default_rng(0).random((4, 2, 3)) < 0.5
    found = _distance(judged, pool(own, references), judged.predict(own), kept, 2)
    for row in range(4):
        gaps = []
        for step in range(2):
            for reference in range(2):
                mixed = own.iloc[[row]].copy()
                for j, name in enumerate(X.columns):
                    if not kept[row, step, j]:
                        mixed[name] = references[name].iloc[reference]
                gaps.append(abs(float(model(mixed)[0]) - float(model(own.iloc[[row]])[0])))
        assert found[row] == pytest.approx(np.mean(gaps))


def test_errors_are_shares_of_the_mean_value() -> None:
    model, X, _ = linear([3.0, 2.0, 1.0])
    right = explain(model, X)
    noisy = replace(right, standard_errors=np.full(right.values.shape, 0.25))
    card = quality(noisy, model, X)
    assert card.score("sampling_error") == pytest.approx(0.25 / np.abs(right.values).mean())
    known = np.isfinite(right.background_errors).all(axis=1)  # it is measured on some rows
    assert known.any()
    expected = right.background_errors[known].mean() / np.abs(right.values[known]).mean()
    assert card.score("background_error") == pytest.approx(expected)
    unknown = replace(right, background_errors=np.full(right.values.shape, np.nan))
    assert np.isnan(quality(unknown, model, X).score("background_error"))


def test_a_gap_is_measured_against_the_model_itself() -> None:
    model, X, _ = linear([3.0, 2.0, 1.0])
    right = explain(model, X)
    moved = replace(right, values=right.values + np.array([0.1, 0.0, 0.0]))
    assert quality(moved, model, X).score("additivity_gap") == pytest.approx(0.1)


def test_permuted_labels_leave_little_of_an_explanation() -> None:
    model, X, y = linear([8.0, 4.0, 2.0, 1.0, 0.5, 0.2])
    rng = np.random.default_rng(0)
    card = quality(explain(model, X), model, X, y=y, randomisation=True)
    assert card.score("randomisation") < 0.9
    assert "refitted on 300 rows" in note(card, "randomisation")

    class Stubborn(LinearRegression):
        """Learns nothing from its labels."""

        def fit(self, X: Any, y: Any) -> Any:
            return super().fit(X, X @ np.array([8.0, 4.0, 2.0, 1.0, 0.5, 0.2]))

    same = Stubborn().fit(X, rng.normal(size=len(X)))
    told = quality(explain(same, X), same, X, y=y, randomisation=True)
    assert told.score("randomisation") > 0.95


def test_several_classes_groups_and_probabilities() -> None:
    model, X, y = classes()
    explanation = explain(
        model, X, scale="probability", groups={"pair": ["x1", "x2"]}, max_rows=40
    )
    card = quality(explanation, model, X, y=y, randomisation=True)
    assert card.score("deletion") > 0.05
    assert card.score("insertion") > 0.05
    assert card.score("stability") > 0.5
    assert 1 <= card.score("sparsity") <= 4
    assert card.table["measure"].tolist() == list(DEFINITIONS)


def test_its_own_background() -> None:
    model, X, _ = linear([3.0, 2.0, 1.0])
    few = X.iloc[:40] + 5
    explanation = explain(model, X, background=few)
    card = quality(explanation, model, X, background=few)
    assert "halves of 20 references" in note(card, "stability")
    assert card.score("deletion") > 0.05


def test_categories_missing_values_and_dates() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "kind": pd.Categorical(rng.choice(list("abc"), 200)),
            "size": np.where(rng.random(200) < 0.2, np.nan, rng.normal(size=200)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 99, 200), "D"),
        }
    )

    def model(rows: pd.DataFrame) -> Any:
        assert rows["kind"].dtype == "category"
        late = rows["day"] > "2024-02-01"
        return (rows["kind"] == "a") * 2.0 + rows["size"].fillna(-1) * (1.0 + late)

    card = quality(explain(model, X, max_rows=30), model, X)
    assert card.score("deletion") > 0.05
    assert card.score("additivity_gap") < 1e-6


def test_a_constant_model_has_nothing_to_measure() -> None:
    X = numbers()

    def constant(rows: pd.DataFrame) -> np.ndarray:
        return np.ones(len(rows))

    card = quality(explain(constant, X), constant, X)
    assert np.isnan(card.score("deletion"))
    assert note(card, "deletion") == "all predictions are the same"
    assert card.score("sparsity") == card.score("row_sparsity") == 0
    assert (
        "deletion (gain over random order, share of the change): not measured, since all "
        "predictions are the same" in card.lines()
    )


def test_one_column_and_few_rows() -> None:
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0]})
    model = LinearRegression().fit(X, 2 * X["a"])
    card = quality(explain(model, X), model, X)
    assert note(card, "deletion") == "there is one column only, so there is no order"
    assert note(card, "stability") == "the background has fewer than 4 rows"
    assert note(card, "surrogate_fidelity") == "a surrogate needs at least 10 rows"
    assert json.loads(card.to_json())["measures"]["value"][0] is None


def test_path_dependent_values_have_no_background() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    X = numbers()
    model = lightgbm.LGBMRegressor(n_estimators=5, verbose=-1).fit(X, X["x0"] + X["x1"])
    card = quality(explain(model, X, method="path_dependent"), model, X)
    assert np.isnan(card.score("stability"))
    assert note(card, "stability") == "path-dependent values do not use a background"
    assert card.score("deletion") > 0


def test_the_number_of_predictions_is_bounded() -> None:
    asked = []

    def model(rows: pd.DataFrame) -> Any:
        asked.append(len(rows))
        return rows["x0"] * rows["x1"] + rows["x2"]

    X = numbers(6, 5000)
    few = X.iloc[:20]
    explanation = explain(model, X, background=few, max_rows=20)
    asked.clear()
    quality(explanation, model, X, background=few)
    assert sum(asked) < 200_000
    assert len(asked) < 100


def test_the_same_seed_gives_the_same_card() -> None:
    model, X, y = classes()
    explanation = explain(model, X, scale="probability", max_rows=20)
    one, other = (
        quality(explanation, model, X, y=y, randomisation=True, seed=2) for _ in range(2)
    )
    assert one.to_json() == other.to_json()
    assert quality(explanation, model, X, seed=3).to_json() != one.to_json()


def test_its_faces(tmp_path: Path) -> None:
    model, X, _ = linear([3.0, 2.0, 1.0])
    named = X.rename(columns={"x0": "</script>"})
    model.fit(named, model.predict(X))
    card = quality(explain(model, named), model, named)
    assert json.loads(card.to_json())["schema"] == QualityCard.schema
    assert len(card.lines()) == 1 + len(card.table)
    assert "Largest |base" in card.report(tmp_path / "card.html").read_text(encoding="utf-8")
    drawn = json.dumps(card.plot().to_dict())
    for measure in DEFINITIONS:
        shown = measure in ("deletion", "insertion", "stability", "surrogate_fidelity")
        assert (f'"label": "{measure}"' in drawn) == shown
    assert card.to_frame() is not card.table
    assert set(card.table["better"]) == {"higher", "lower"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("sparse", "there is no measure 'sparse'\n  measures: .*\n  try  'sparsity'"),
        ("randomisation", "there is no measure 'randomisation'\n.*\n  try  .*randomisation=True"),
    ],
)
def test_unknown_measures(asked: str, text: str) -> None:
    model, X, _ = linear([3.0, 2.0, 1.0])
    with pytest.raises(ArgumentError, match=text):
        quality(explain(model, X), model, X).score(asked)


class Winner(BaseEstimator, ClassifierMixin):
    """Stands for a model that opens itself and is never fitted again."""

    def __init__(self, inner: Any = None):
        self.inner = inner

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any) -> Winner:
        raise ValueError("no labels like these")

    @property
    def classes_(self) -> Any:
        return self.inner.classes_

    @property
    def feature_names_in_(self) -> Any:
        return self.inner.feature_names_in_

    def predict_proba(self, X: Any) -> Any:
        return self.inner.predict_proba(X)

    def predict(self, X: Any) -> Any:
        return self.inner.predict(X)


def mismatches() -> dict[str, tuple[Callable[[Explanation, Any, Any, Any], Any], type, str]]:
    other = linear([1.0, 1.0, 5.0])[0]
    wide, wide_X, _ = linear([1.0, 2.0, 3.0, 4.0])
    return {
        "no explanation": (
            lambda e, m, X, y: quality(m, m, X),
            ArgumentTypeError,
            "quality needs an explanation\n  LinearRegression",
        ),
        "another model": (
            lambda e, m, X, y: quality(e, other, X),
            ArgumentError,
            "the explanation is of another model\n  its predictions differ",
        ),
        "other columns": (
            lambda e, m, X, y: quality(e, wide, wide_X),
            ArgumentError,
            "of a model with other columns\n  x3 in one of them only",
        ),
        "other outputs": (
            lambda e, m, X, y: quality(e, LogisticRegression().fit(X, y > 0), X),
            ArgumentError,
            "another model\n  LogisticRegression has no scale 'response'",
        ),
        "another table": (
            lambda e, m, X, y: quality(e, m, X.iloc[::-1]),
            ArgumentError,
            "X is not the table that was explained\n  rows with other predictions",
        ),
        "a part of the table": (
            lambda e, m, X, y: quality(e, m, X.iloc[:10]),
            ArgumentError,
            "X is not the table that was explained\n  10 rows, and the explanation has row 299",
        ),
        "a missing column": (
            lambda e, m, X, y: quality(e, m, X.drop(columns="x1")),
            ArgumentError,
            "lacks columns that the model reads",
        ),
        "an empty background": (
            lambda e, m, X, y: quality(e, m, X, background=X.iloc[:0]),
            ArgumentError,
            "the background has no rows",
        ),
        "no targets": (
            lambda e, m, X, y: quality(e, m, X, randomisation=True),
            ArgumentError,
            "the randomisation check needs the targets of X\n  y=None",
        ),
        "other targets": (
            lambda e, m, X, y: quality(e, m, X, y=y[:5], randomisation=True),
            ArgumentError,
            "one target for each row of X",
        ),
        "seed": (
            lambda e, m, X, y: quality(e, m, X, seed=-1),
            ArgumentTypeError,
            "the seed must be a whole number",
        ),
    }


@pytest.mark.parametrize("case", mismatches())
def test_what_does_not_fit_is_told(case: str) -> None:
    call, error, text = mismatches()[case]
    model, X, y = linear([3.0, 2.0, 1.0])
    with pytest.raises(error, match=text):
        call(explain(model, X), model, X, y)


def test_models_that_cannot_be_fitted_again() -> None:
    X = numbers(3)
    y = (X["x0"] > 0).astype(int)

    def function(rows: pd.DataFrame) -> Any:
        return rows["x0"] * 2

    with pytest.raises(ArgumentTypeError, match="cannot be fitted again"):
        quality(explain(function, X), function, X, y=y, randomisation=True)
    model = Winner(LogisticRegression().fit(X, y))
    explanation = explain(model, X, scale="probability", max_rows=10)
    with pytest.raises(PredictionError, match=r"could not be fitted to permuted labels\n.*no lab"):
        quality(explanation, model, X, y=y, randomisation=True)


@given(st.lists(st.lists(st.floats(0, 10), min_size=4, max_size=4), min_size=1, max_size=5))
def test_so_many_columns_and_not_fewer_carry_the_mass(rows: list[list[float]]) -> None:
    sizes = np.array(rows)
    for row, count in zip(sizes, needed(sizes).astype(int), strict=True):
        ordered = np.sort(row)[::-1]
        total = row.sum()
        assert ordered[:count].sum() >= 0.9 * total * (1 - 1e-9)
        assert count == 0 or ordered[: count - 1].sum() < 0.9 * total


@pytest.mark.parametrize("n", [3, 6, 10, 25, 101])
def test_the_interval_of_a_median_holds_it_in_95_percent(n: int) -> None:
    found = _median(np.arange(1.0, n + 1))
    if n < 6:
        assert np.isnan(found.low)
        return
    outside = int(found.low)  # rows up to the low end
    assert 1 - 2 * stats.binom.cdf(outside - 1, n, 0.5) >= 0.95
    assert 1 - 2 * stats.binom.cdf(outside, n, 0.5) < 0.95
    assert found.low + found.high == n + 1
