"""Models that do not react to anything, and scales on which others would be exact."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explain import compare, effects, explain, interactions, permutation_importance, quality

RNG = np.random.default_rng(1)
X = pd.DataFrame(RNG.normal(size=(60, 14)), columns=[f"c{place}" for place in range(14)])
TWO = np.where(X["c0"] > 0, "yes", "no")
THREE = np.select([X["c0"] > 0.5, X["c1"] > 0], ["x", "y"], "z")
VALUE = X["c0"].to_numpy()

DUMMIES = [
    (DummyRegressor(), VALUE),
    (DummyRegressor(strategy="quantile", quantile=0.9), VALUE),
    (DummyClassifier(), TWO),
    (DummyClassifier(strategy="most_frequent"), THREE),
    (DummyClassifier(strategy="uniform", random_state=0), THREE),
    (DummyClassifier(strategy="constant", constant="no"), TWO),
    (make_pipeline(StandardScaler(), DummyClassifier()), TWO),
]


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(("model", "y"), DUMMIES, ids=lambda one: type(one).__name__)
def test_a_dummy_is_a_constant_in_closed_form(model: Any, y: Any) -> None:
    model.fit(X, y)
    for scale in ("auto",) if y is VALUE else ("margin", "probability"):
        found = explain(model, X, scale=scale)
        assert (found.label, found.evaluations) == ("exact", 0)
        assert not found.values.any()
        assert not found.standard_errors.any()
        assert "a constant" in found.route
        assert found.lines()[2] == "The model does not react to any column: every value is 0."
        assert found.row_lines(0)[1:] == ["No column moves it."]


def test_a_constant_that_is_only_known_by_its_predictions_is_an_estimate() -> None:
    found = explain(lambda rows: np.full(len(rows), 2.0), X, max_rows=2)
    assert (found.label, found.base_values) == ("estimated", 2.0)
    assert not found.values.any()
    lines = found.lines()
    said = f"does not react to any column in {found.evaluations:,} predictions: every value is 0."
    assert lines[2].endswith(said)
    assert lines[3].endswith("all of them and their standard errors came out as 0.")
    assert [one.title for one in found.page().sections][-1].startswith("How far to trust")


def test_everything_else_takes_a_constant_model() -> None:
    model = DummyClassifier().fit(X, TWO)
    found = explain(model, X)
    assert effects(model, X, ["c0"]).sentences() == ["c0: no effect"]
    assert "no interaction" in interactions(model, X, ["c0", "c1"]).lines()[1]
    assert permutation_importance(model, X, TWO).lines()[1].endswith("no effect")
    assert compare(found, found).lines()[0].endswith("on 60 rows: neither reacts to any column")
    card = quality(found, model, X, max_rows=10).table.set_index("measure")
    assert card.loc["surrogate_fidelity", "note"] == "all predictions are the same"
    assert np.isnan(card.loc["stability", "value"])


FORESTS = [
    RandomForestClassifier(6, max_depth=2, random_state=0),
    ExtraTreesClassifier(6, max_depth=2, random_state=0),
    VotingClassifier(
        [
            (str(seed), RandomForestClassifier(3, max_depth=2, random_state=seed))
            for seed in (0, 1)
        ],
        voting="soft",
    ),
]


@pytest.mark.parametrize("model", FORESTS, ids=lambda one: type(one).__name__)
def test_an_estimate_tells_the_scale_on_which_it_would_be_exact(model: Any) -> None:
    model.fit(X, TWO)
    estimated = explain(model, X, max_rows=2)
    assert (estimated.label, estimated.scale) == ("estimated", "margin")
    assert estimated.exact_on == ("probability",)
    assert 'On the probability scale they are exact: scale="probability".' in estimated.lines()[3]
    exact = explain(model, X, max_rows=2, scale="probability")
    assert (exact.label, exact.exact_on) == ("exact", ())
    assert "scale=" not in exact.lines()[3]


def test_no_scale_is_named_where_none_is_exact() -> None:
    mixed = VotingClassifier(
        [("forest", RandomForestClassifier(3, random_state=0)), ("line", LogisticRegression())],
        voting="soft",
    ).fit(X, TWO)
    found = explain(mixed, X, max_rows=2)
    assert found.exact_on == ()
    assert "scale=" not in found.lines()[3]
