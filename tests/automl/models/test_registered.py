"""Families of the caller's own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import cloudpickle
import numpy as np
import optuna
import pytest
from model_rows import facts, rows
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import GammaRegressor, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from automl.errors import ArgumentError, ArgumentTypeError
from automl.models import (
    FitLimits,
    get_family,
    known_families,
    register_family,
    trusted_types,
    unregister_family,
)

LIMITS = FitLimits(seed=3)
SPACE = {"max_depth": IntDistribution(1, 8, log=True)}


class Shares(ClassifierMixin, BaseEstimator):
    """Predicts class shares, sharpened: a class that no other interpreter can import."""

    def __init__(self, power: float = 1.0):
        self.power = power

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Shares:
        counts = np.bincount(y, sample_weight) ** self.power
        self.classes_ = np.unique(y)
        self.shares_ = counts / counts.sum()
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return np.tile(self.shares_, (X.shape[0], 1))


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    for name in set(known_families()) & {"own", "other"}:
        unregister_family(name)


def test_it_is_known_until_it_is_forgotten() -> None:
    register_family("own", DecisionTreeClassifier(), SPACE, presets=[{"max_depth": 3}])
    assert known_families()[-1] == "own"
    family = get_family("own")
    assert family.name == "own"
    assert [preset.params for preset in family.presets(facts("binary"))] == [{"max_depth": 3}]
    unregister_family("own")
    with pytest.raises(ArgumentError, match="unknown family 'own'"):
        get_family("own")
    with pytest.raises(ArgumentError, match="no family 'own' is registered"):
        unregister_family("own")


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_it_is_fitted_as_scikit_learn_would(task: str, tmp_path: Path) -> None:
    original = DecisionTreeClassifier(random_state=99)
    register_family("own", original, SPACE, encoding="onehot")
    family, about = get_family("own"), facts(task)
    encoding = family.encoding({}, about)
    train, test = rows(task, encoding), rows(task, encoding, seed=2)
    model = family.fit({"max_depth": 3}, train, None, about, LIMITS)
    oracle = DecisionTreeClassifier(max_depth=3, random_state=3).fit(train.X.values, train.y)
    expected = oracle.predict_proba(test.X.values)
    expected = expected[:, 1] if task == "binary" else expected
    np.testing.assert_allclose(model.predict(test.X), expected)
    assert not hasattr(original, "tree_")
    model.save(tmp_path)
    assert trusted_types("own") == ("sklearn.tree._tree.Tree",)
    loaded = family.model_class.load(tmp_path, trusted_types("own"))
    np.testing.assert_array_equal(loaded.predict(test.X), model.predict(test.X))


def test_values_reach_a_regressor_as_they_are() -> None:
    """A gamma regression would not take standardised values: some are negative."""
    register_family("own", GammaRegressor(), {"alpha": FloatDistribution(0.1, 1.0)})
    family, about = get_family("own"), facts("regression")
    assert family.tasks == ("regression",)
    train = rows("regression", family.encoding({}, about))
    train = replace(train, y=np.exp(train.y / 1e6))
    model = family.fit({"alpha": 0.5}, train, None, about, LIMITS)
    oracle = GammaRegressor(alpha=0.5).fit(train.X.values, train.y)
    np.testing.assert_allclose(model.predict(train.X), oracle.predict(train.X.values))


def test_every_kind_of_distribution_is_searched() -> None:
    space = {
        "max_depth": IntDistribution(1, 8, log=True),
        "min_samples_leaf": IntDistribution(2, 10, step=4),
        "ccp_alpha": FloatDistribution(1e-4, 1e-1, log=True),
        "splitter": CategoricalDistribution(["best", "random"]),
    }
    register_family("own", DecisionTreeRegressor(), space)
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    params = get_family("own").space(trial, facts("regression"))
    assert set(params) == set(space)
    assert trial.distributions == {f"own.{key}": value for key, value in space.items()}


def test_weights_reach_estimators_that_take_them() -> None:
    register_family("own", Shares(), {"power": FloatDistribution(0.5, 2.0)})
    family, about = get_family("own"), facts("binary")
    train = rows("binary", family.encoding({}, about))
    weight = np.where(train.y == 1, 3.0, 1.0)
    model = family.fit({"power": 1.0}, replace(train, weight=weight), None, about, LIMITS)
    np.testing.assert_allclose(
        model.predict(train.X)[0], weight[train.y == 1].sum() / weight.sum()
    )
    pipeline = make_pipeline(StandardScaler(), GaussianNB())
    register_family("other", pipeline, {"gaussiannb__var_smoothing": FloatDistribution(0, 1)})
    assert get_family("other").check(replace(about, weighted=True)) == "other takes no row weights"


def test_seeds_and_threads_reach_every_step() -> None:
    pipeline = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", n_jobs=4))
    register_family("own", pipeline, {"sgdclassifier__alpha": FloatDistribution(1e-5, 1e-1)})
    family, about = get_family("own"), facts("multiclass")
    train = rows("multiclass", family.encoding({}, about))
    params = {"sgdclassifier__alpha": 0.01}
    model = family.fit(params, train, None, about, FitLimits(seed=8, n_threads=2))
    step = model.estimator.named_steps["sgdclassifier"]  # type: ignore[attr-defined]
    assert (step.random_state, step.n_jobs, step.alpha) == (8, 2, 0.01)


def test_types_of_the_callers_own_load_only_when_trusted(tmp_path: Path) -> None:
    register_family("own", Shares(), {"power": FloatDistribution(0.5, 2.0)})
    family, about = get_family("own"), facts("binary")
    train = rows("binary", family.encoding({}, about))
    model = family.fit({"power": 1.0}, train, None, about, LIMITS)
    model.save(tmp_path)
    with pytest.raises(ArgumentError, match="types that are not trusted") as caught:
        family.model_class.load(tmp_path)
    assert "test_registered.Shares" in str(caught.value)
    assert trusted_types("own") == ("test_registered.Shares",)
    loaded = family.model_class.load(tmp_path, trusted_types("own"))
    np.testing.assert_array_equal(loaded.predict(train.X), model.predict(train.X))


FRESH = """
    import pickle, sys
    import numpy as np
    from automl.features.base import Encoded
    from automl.models import Facts, FitLimits, Rows
    from automl.table.columns import Layout

    family = pickle.load(open(sys.argv[1], "rb"))
    X = np.arange(12.0).reshape(6, 2)
    encoded = Encoded(X, (), (), ("a", "b"), ("a", "b"))
    rows = Rows(encoded, np.array([0, 1, 1, 1, 0, 1]))
    facts = Facts("binary", 6, 2, Layout(("a", "b")))
    model = family.fit({"power": 2.0}, rows, None, facts, FitLimits())
    print(family.name, model.predict(encoded)[0], "test_registered" in sys.modules)
"""


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
def test_it_travels_to_an_interpreter_that_cannot_import_it(dumps: object, tmp_path: Path) -> None:
    register_family("own", Shares(), {"power": FloatDistribution(0.5, 2.0)})
    packed = tmp_path / "family"
    packed.write_bytes(dumps(get_family("own")))  # type: ignore[operator]
    done = subprocess.run(
        [sys.executable, "-c", dedent(FRESH), str(packed)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "own 0.8 False", done.stderr


SCRIPT = """
    import pickle, subprocess, sys
    import numpy as np
    from optuna.distributions import FloatDistribution
    from sklearn.base import BaseEstimator, ClassifierMixin
    from automl.models import get_family, register_family

    class Shares(ClassifierMixin, BaseEstimator):
        def __init__(self, power=1.0):
            self.power = power
        def fit(self, X, y):
            counts = np.bincount(y) ** self.power
            self.shares_ = counts / counts.sum()
            return self
        def predict_proba(self, X):
            return np.tile(self.shares_, (len(X), 1))

    register_family("own", Shares(), {"power": FloatDistribution(0.5, 2.0)})
    open(sys.argv[1], "wb").write(pickle.dumps(get_family("own")))
"""


def test_it_travels_from_a_script_without_running_the_script(tmp_path: Path) -> None:
    packed = tmp_path / "family"
    root = Path(__file__).parents[3]
    script = [sys.executable, "-c", dedent(SCRIPT), str(packed)]
    subprocess.run(script, check=True, timeout=60, cwd=root)
    fresh = [sys.executable, "-c", dedent(FRESH), str(packed)]
    done = subprocess.run(fresh, capture_output=True, text=True, check=False, timeout=60, cwd=root)
    assert done.stdout.strip() == "own 0.8 False", done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("lightgbm", Shares(), {}), ArgumentError, "taken by a built-in family"),
        (("my family", Shares(), {}), ArgumentError, "must be an identifier"),
        (("own", Shares, {}), ArgumentTypeError, "must be an unfitted scikit-learn estimator"),
        (("own", "tree", {}), ArgumentTypeError, "must be an unfitted scikit-learn estimator"),
        (
            ("own", Shares(), {"depth": FloatDistribution(0, 1)}),
            ArgumentError,
            "Shares has no parameter 'depth'",
        ),
        (
            ("own", Shares(), {"power": (0.0, 1.0)}),
            ArgumentTypeError,
            "the space of 'power' must be an optuna distribution",
        ),
        (("own", LinearSVC(), {}), ArgumentError, "LinearSVC has no predict_proba"),
    ],
)
def test_wrong_arguments_are_named(
    arguments: tuple[object, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        register_family(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"tasks": ("ranking",)}, "unknown task 'ranking'"),
        ({"tasks": ()}, "tasks is empty"),
        ({"encoding": "hashed"}, "unknown encoding 'hashed'"),
        ({"presets": [{"max_depth": 3, "splitter": "best"}]}, "exactly the parameters"),
    ],
)
def test_wrong_options_are_named(more: dict[str, object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        register_family("own", DecisionTreeClassifier(), SPACE, **more)  # type: ignore[arg-type]
