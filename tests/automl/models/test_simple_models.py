"""What is particular to linear models, neighbours and networks."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model_rows import facts, rows
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier

from automl.features.base import Encoding
from automl.models import FitLimits, get_family
from automl.models.knn import MOST_ROWS
from automl.models.linear import ALPHA_PATH, C_PATH
from automl.models.mlp import batch_size, planned_epochs

SPARSE = Encoding("onehot", "quantile", "sparse")
DENSE = Encoding("onehot", "quantile")
LINEAR = {"numbers": "quantile", "crosses": False}


@pytest.mark.parametrize("encoding", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_step_of_the_path_is_a_logistic_regression(task: str, encoding: Encoding) -> None:
    family, train = get_family("linear"), rows(task, encoding)
    model = family.fit(LINEAR, train, None, facts(task), FitLimits(rounds=6))
    assert model.note == f"C={C_PATH[5]:.3g}"
    oracle = LogisticRegression(C=C_PATH[5], tol=1e-8, max_iter=1_000)
    expected = oracle.fit(train.X.values, train.y).predict_proba(train.X.values)
    expected = expected[:, 1] if task == "binary" else expected
    np.testing.assert_allclose(model.predict(train.X), expected, atol=2e-3)


@pytest.mark.parametrize("encoding", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_a_step_of_the_path_is_a_ridge_or_an_elastic_net(ratio: float, encoding: Encoding) -> None:
    family, train = get_family("linear"), rows("regression", encoding)
    params = LINEAR | {"l1_ratio": ratio}
    model = family.fit(params, train, None, facts("regression"), FitLimits(rounds=4))
    y = (train.y - train.y.mean()) / train.y.std()
    alpha = ALPHA_PATH[3]
    oracle = ElasticNet(alpha=alpha, l1_ratio=ratio) if ratio else Ridge(alpha=alpha * len(y))
    expected = oracle.fit(train.X.values, y).predict(train.X.values)
    standardised = (model.predict(train.X) - train.y.mean()) / train.y.std()
    np.testing.assert_allclose(standardised, expected, atol=2e-3)


def test_the_penalty_is_the_best_on_the_validation_rows() -> None:
    family, about = get_family("linear"), facts("binary")
    train, valid = rows("binary", SPARSE), rows("binary", SPARSE, seed=1)
    chosen = family.fit(LINEAR, train, valid, about, FitLimits())

    def loss(step: int) -> float:
        p = family.fit(LINEAR, train, None, about, FitLimits(rounds=step)).predict(valid.X)
        return -float(np.mean(np.log(np.where(valid.y == 1, p, 1.0 - p))))

    assert chosen.rounds is not None
    losses = {step: loss(step) for step in range(1, len(C_PATH) + 1)}
    assert losses[chosen.rounds] == pytest.approx(min(losses.values()), rel=1e-2)


def test_a_path_that_does_not_converge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automl.models.linear._MAX_ITER", 1)
    monkeypatch.setattr("automl.models.linear._NEWTON_PARAMETERS", 0)
    train = rows("multiclass", DENSE)
    model = get_family("linear").fit(LINEAR, train, None, facts("multiclass"), FitLimits(rounds=2))
    assert model.note.endswith("not converged in 1 iterations")


def test_the_deadline_ends_the_path() -> None:
    train, valid = rows("multiclass", DENSE), rows("multiclass", DENSE, seed=1)
    family = get_family("linear")
    soon = FitLimits(deadline=time.monotonic() + 0.002)
    model = family.fit(LINEAR, train, valid, facts("multiclass"), soon)
    assert "stopped by the deadline after" in model.note


@pytest.mark.parametrize("name", ["coef", "intercept"])
def test_coefficients_of_the_wrong_shape_are_refused(name: str, tmp_path: Path) -> None:
    from automl.models.files import read_arrays, write_arrays

    family, train = get_family("linear"), rows("multiclass", DENSE)
    family.fit(LINEAR, train, None, facts("multiclass"), FitLimits()).save(tmp_path)
    arrays = read_arrays(tmp_path)
    write_arrays(tmp_path, arrays | {name: arrays[name][:2]})
    with pytest.raises(ValueError, match="coefficients of the wrong shape"):
        family.model_class.load(tmp_path)


def test_neighbours_vote_with_one_vote_of_all_rows() -> None:
    params = {"n_neighbors": 7, "weights": "uniform", "numbers": "quantile"}
    train, test = rows("binary", DENSE), rows("binary", DENSE, seed=2)
    model = get_family("knn").fit(params, train, None, facts("binary"), FitLimits())
    oracle = KNeighborsClassifier(7, algorithm="brute").fit(train.X.values, train.y)
    near = oracle.predict_proba(test.X.values)[:, 1]
    expected = (7 * near + train.y.mean()) / 8
    np.testing.assert_allclose(model.predict(test.X), expected, atol=1e-6)


def test_neighbours_sit_out_on_many_rows() -> None:
    family = get_family("knn")
    assert family.check(facts("binary", n_rows=MOST_ROWS)) is None
    many = facts("binary", n_rows=MOST_ROWS + 1)
    assert family.check(many) == "knn is slow on more than 20,000 rows"
    assert family.presets(many) == ()


def test_epochs_and_batches_follow_the_rows() -> None:
    assert planned_epochs(60, 5_000) == 60
    assert planned_epochs(60, 40_000) == 30
    assert planned_epochs(60, 10**7) == 10
    assert [batch_size(n) for n in (5, 100, 12_800, 10**6)] == [5, 32, 128, 512]


def test_a_network_plans_fewer_epochs_in_less_time() -> None:
    family, about = get_family("mlp"), facts("binary")
    params = dict(family.presets(about)[0].params) | {"epochs": 100}
    train, valid = rows("binary", DENSE, n_rows=4_000), rows("binary", DENSE, seed=1)
    family.fit(params | {"epochs": 2}, train, valid, about, FitLimits())
    soon = FitLimits(deadline=time.monotonic() + 0.3)
    model = family.fit(params, train, valid, about, soon)
    assert model.rounds_run is not None
    assert model.rounds_run < 100
    assert not model.changed or 1 <= model.changed["epochs"] < 100


def test_a_network_keeps_its_values_near_the_training_range() -> None:
    family, about = get_family("mlp"), facts("regression")
    params = dict(family.presets(about)[0].params)
    train = rows("regression", DENSE)
    model = family.fit(params, train, None, about, FitLimits(rounds=3))
    far = replace(train.X, values=train.X.values * 1e6)
    reach = 0.5 * (train.y.max() - train.y.min())
    assert model.predict(far).max() <= train.y.max() + reach * 1.001
    assert model.predict(far).min() >= train.y.min() - reach * 1.001


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_rows_of_no_weight_are_as_good_as_absent_for_a_network(task: str) -> None:
    family, about = get_family("mlp"), facts(task)
    params = dict(family.presets(about)[0].params)
    train = rows(task, DENSE)
    weight = np.r_[np.zeros(80), np.ones(80)]
    weighted = replace(train, weight=weight)
    model = family.fit(params, weighted, None, about, FitLimits(rounds=3))
    assert np.isfinite(model.predict(train.X)).all()
