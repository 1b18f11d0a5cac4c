"""Every family, built in or optional, keeps the same promises."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
from model_rows import N_LEVELS, TASKS, columns, encode, facts, rows, take

from automl.features.base import Encoding
from automl.models import (
    Facts,
    Family,
    FitLimits,
    FittedModel,
    Params,
    Rows,
    Task,
    get_family,
    known_families,
)

FAMILIES = known_families()
FORESTS = ("random_forest", "extra_trees")
LIMITS = FitLimits(n_threads=1, seed=3)

every_family = pytest.mark.parametrize("name", FAMILIES)
every_task = pytest.mark.parametrize("task", TASKS)


def quick_params(family: Family, about: Facts) -> Params:
    """The first preset, made small."""
    presets = family.presets(about)
    params = dict(presets[0].params) if presets else {}
    smaller = {"n_trees": 8, "max_rounds": 150, "epochs": 10, "interactions": 1}
    return params | {key: value for key, value in smaller.items() if key in params}


def train_rows(name: str, task: Task, **more: int) -> tuple[Family, Facts, Params, Rows]:
    family, about = get_family(name), facts(task)
    params = quick_params(family, about)
    return family, about, params, rows(task, family.encoding(params, about), **more)


def fit(name: str, task: Task, limits: FitLimits = LIMITS) -> tuple[FittedModel, Rows]:
    family, about, params, train = train_rows(name, task)
    valid = rows(task, family.encoding(params, about), n_rows=60, seed=1)
    model = family.fit(params, train, valid, about, limits)
    return model, rows(task, family.encoding(params, about), n_rows=50, seed=2)


def check_prediction(prediction: np.ndarray, task: Task, n_rows: int) -> None:
    assert prediction.dtype == np.float64
    assert np.isfinite(prediction).all()
    if task == "multiclass":
        assert prediction.shape == (n_rows, 4)
        np.testing.assert_allclose(prediction.sum(axis=1), 1.0, atol=1e-9)
    else:
        assert prediction.shape == (n_rows,)
    if task != "regression":
        assert prediction.min() >= 0.0
        assert prediction.max() <= 1.0


@every_family
def test_it_has_the_name_under_which_it_is_known(name: str) -> None:
    assert get_family(name).name == name


@every_task
@every_family
def test_it_predicts_better_than_a_constant(name: str, task: Task) -> None:
    model, test = fit(name, task)
    prediction = model.predict(test.X, n_threads=2)
    check_prediction(prediction, task, 50)
    if name == "baseline":
        assert len(np.unique(prediction, axis=0)) == 1
    elif task == "regression":
        assert np.sqrt(np.mean((prediction - test.y) ** 2)) < 0.9 * test.y.std()
    else:
        if task == "binary":
            prediction = np.column_stack([1.0 - prediction, prediction])
        shares = np.bincount(test.y, minlength=prediction.shape[1]) / len(test.y)
        assert np.mean(prediction.argmax(axis=1) == test.y) > shares.max()


@every_task
@every_family
def test_the_same_seed_gives_the_same_model(name: str, task: Task) -> None:
    first, test = fit(name, task)
    second, _ = fit(name, task)
    np.testing.assert_array_equal(first.predict(test.X), second.predict(test.X))
    assert first.rounds == second.rounds


@every_task
@every_family
def test_predicting_changes_nothing_and_rows_stand_alone(name: str, task: Task) -> None:
    model, test = fit(name, task)
    before = test.X.values.copy()
    whole = model.predict(test.X)
    one = model.predict(take(test, np.array([7])).X)
    np.testing.assert_allclose(one, whole[7:8], rtol=1e-5)
    np.testing.assert_array_equal(model.predict(test.X), whole)
    different = before != test.X.values
    assert not (
        np.nan_to_num(different.toarray())
        if hasattr(different, "toarray")
        else different & ~np.isnan(before)
    ).any()


@every_task
@every_family
def test_it_is_saved_and_loaded_exactly_and_without_pickle(
    name: str, task: Task, tmp_path: Path
) -> None:
    model, test = fit(name, task)
    model.save(tmp_path)
    loaded = get_family(name).model_class.load(tmp_path)
    np.testing.assert_array_equal(loaded.predict(test.X), model.predict(test.X))
    assert loaded.rounds == model.rounds
    assert loaded.note == model.note
    assert dict(loaded.changed) == dict(model.changed)
    for file in tmp_path.rglob("*"):
        assert file.suffix in {".json", ".npz", ".txt", ".ubj", ".cbm", ".skops"}
        # Protocols 2 and later of a pickle begin with this mark.
        assert not file.read_bytes().startswith(b"\x80")


@every_family
def test_a_saved_target_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    model, _ = fit(name, "multiclass")
    model.save(tmp_path)
    notes = tmp_path / "model.json"
    broken = notes.read_text().replace('"task": "multiclass"', '"task": "ranking"')
    notes.write_text(broken)
    with pytest.raises(ValueError, match="unknown task 'ranking'"):
        get_family(name).model_class.load(tmp_path)


@every_task
@every_family
def test_a_deadline_in_the_past_is_a_clear_error(name: str, task: Task) -> None:
    if name == "baseline":
        pytest.skip("a baseline takes no time")
    family, about, params, train = train_rows(name, task)
    late = replace(LIMITS, deadline=time.monotonic() - 1.0)
    with pytest.raises(TimeoutError, match=f"no time left to fit {name}"):
        family.fit(params, train, None, about, late)


@every_task
@every_family
def test_a_near_deadline_leaves_a_usable_model(name: str, task: Task) -> None:
    family, about = get_family(name), facts(task)
    params = quick_params(family, about) | {
        key: value
        for key, value in {"n_trees": 5_000, "max_rounds": 1_000_000, "epochs": 5_000}.items()
        if key in quick_params(family, about)
    }
    encoding = family.encoding(params, about)
    train, valid = rows(task, encoding), rows(task, encoding, n_rows=60, seed=1)
    family.fit(quick_params(family, about), train, valid, about, LIMITS)  # libraries are loaded
    soon = replace(LIMITS, deadline=time.monotonic() + 0.05)
    model = family.fit(params, train, valid, about, soon)
    check_prediction(model.predict(valid.X), task, 60)


@every_task
@every_family
def test_a_refit_needs_no_validation_rows_and_runs_the_given_rounds(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    model = family.fit(params, train, None, about, replace(LIMITS, rounds=5))
    check_prediction(model.predict(train.X), task, len(train.y))
    if model.rounds is not None:
        assert model.rounds == 5


@every_task
@every_family
def test_it_fits_without_validation_rows_and_without_rounds(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    model = family.fit(params, train, None, about, LIMITS)
    check_prediction(model.predict(train.X), task, len(train.y))


@every_family
def test_a_class_that_the_training_rows_lack_gets_a_small_share(name: str) -> None:
    family, about, params, train = train_rows(name, "multiclass")
    without = take(train, np.flatnonzero(train.y != 1))
    valid = rows("multiclass", family.encoding(params, about), n_rows=60, seed=1)
    assert (valid.y == 1).any()
    model = family.fit(params, without, valid, about, LIMITS)
    prediction = model.predict(valid.X)
    check_prediction(prediction, "multiclass", 60)
    np.testing.assert_allclose(prediction[:, 1], 1.0 / (len(without.y) + 4))


@every_family
def test_one_class_alone_is_a_clear_error_or_a_constant(name: str) -> None:
    family, about, params, train = train_rows(name, "binary")
    ones = take(train, np.flatnonzero(train.y == 1))
    if name == "baseline":
        prediction = family.fit(params, ones, None, about, LIMITS).predict(train.X)
        assert (prediction > 0.9).all()
    else:
        with pytest.raises(ValueError, match="hold only class 1"):
            family.fit(params, ones, None, about, LIMITS)


@every_task
@every_family
def test_constant_features_are_no_trouble(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    encoding = family.encoding(params, about)
    flat = encode(np.ones((160, 4)), np.zeros(160), encoding)
    if name == "catboost":
        with pytest.raises(ValueError, match="needs a feature that is not constant"):
            family.fit(params, replace(train, X=flat), None, about, LIMITS)
        return
    model = family.fit(params, replace(train, X=flat), None, about, LIMITS)
    check_prediction(model.predict(flat), task, 160)


@every_task
@every_family
def test_one_column_is_enough(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    one = replace(
        train.X,
        values=train.X.values[:, :1],
        categorical=(),
        n_levels=(),
        names=("x0",),
        sources=("x0",),
    )
    model = family.fit(params, replace(train, X=one), None, about, LIMITS)
    check_prediction(model.predict(one), task, 160)


@every_task
@every_family
def test_two_rows_are_enough(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    one, other = 0, int(np.flatnonzero(train.y != train.y[0])[0])
    pair = take(train, np.array([one, other]))
    about = replace(about, n_rows=2)
    model = family.fit(params, pair, None, about, LIMITS)
    check_prediction(model.predict(train.X), task, 160)


@every_task
@every_family
def test_categories_that_the_fit_did_not_see_are_handled(name: str, task: Task) -> None:
    family, about = get_family(name), facts(task)
    params = quick_params(family, about)
    encoding = family.encoding(params, about)
    numbers, codes = columns(160, 0)
    train = rows(task, encoding)
    kept = np.flatnonzero(codes != 3)
    model = family.fit(params, take(train, kept), None, about, LIMITS)
    for strange in (3.0, float(N_LEVELS + 40), np.nan, -2.0):
        unseen = encode(numbers[:20], np.full(20, strange), encoding)
        check_prediction(model.predict(unseen), task, 20)


@every_task
@every_family
def test_weights_reach_the_fit_or_the_family_sits_out(name: str, task: Task) -> None:
    family, about, params, train = train_rows(name, task)
    weighted = replace(about, weighted=True)
    if not family.takes_weights:
        assert family.check(weighted) == f"{name} takes no row weights"
        return
    assert family.check(weighted) is None
    # Without any regularisation a tree that draws only the doubted copy of a row follows it.
    calm = {"subsample": 1.0, "bagging_fraction": 1.0, "reg_lambda": 1.0}
    params |= {key: value for key, value in calm.items() if key in params}
    # Each row twice: as it is, and with the highest target. Weights say which is to be believed.
    twice = take(train, np.tile(np.arange(160), 2))
    twice = replace(twice, y=np.r_[train.y, np.full(160, train.y.max())])
    means = []
    for trust in (0.01, 0.99):
        weight = np.repeat([1.0 - trust, trust], 160)
        model = family.fit(params, replace(twice, weight=weight), None, weighted, LIMITS)
        prediction = model.predict(train.X)
        means.append(
            float(np.mean(prediction @ np.arange(4) if task == "multiclass" else prediction))
        )
    low, high = float(train.y.mean()), float(train.y.max())
    assert means[0] < low + 0.3 * (high - low)
    assert means[1] > low + 0.7 * (high - low)


@pytest.mark.parametrize("name", ["baseline", "linear", "hist_gradient_boosting"])
@every_task
def test_a_weight_of_two_is_a_row_twice(name: str, task: Task) -> None:
    """Exact where a fit is a sum over rows; others draw rows or count them."""
    family, about, params, train = train_rows(name, task)
    exact = {"max_features": 1.0, "min_samples_leaf": 1}
    params |= {key: value for key, value in exact.items() if key in params}
    if family.encoding(params, about).kind == "native":
        # The bins of numbers depend on how often each occurs, unless there are few; and the rows
        # of a category are counted before it may split.
        few = np.round(train.X.values)
        train = replace(train, X=replace(train.X, values=few, categorical=(), n_levels=()))
    times = np.random.default_rng(0).integers(1, 3, len(train.y))
    repeated = take(train, np.repeat(np.arange(len(train.y)), times))
    weighted = replace(train, weight=times.astype(float))
    limits = replace(LIMITS, rounds=5)
    one = family.fit(params, weighted, None, replace(about, weighted=True), limits)
    two = family.fit(params, repeated, None, about, limits)
    np.testing.assert_allclose(one.predict(train.X), two.predict(train.X), rtol=2e-3)


@every_task
@every_family
def test_weights_of_validation_rows_count(name: str, task: Task) -> None:
    """Validation rows of no weight are as good as absent."""
    family, about, params, train = train_rows(name, task)
    if not family.takes_weights or name == "ebm":
        pytest.skip("takes no weights, or does not look at these rows")
    train = replace(train, weight=np.ones(len(train.y)))
    valid = rows(task, family.encoding(params, about), n_rows=60, seed=1)
    noise = rows(task, family.encoding(params, about), n_rows=60, seed=5)
    shuffled = replace(valid, y=valid.y[::-1].copy())
    both = Rows(
        replace(
            valid.X,
            values=_stacked(valid.X.values, noise.X.values),
        ),
        np.concatenate([valid.y, shuffled.y]),
        np.repeat([1.0, 0.0], 60),
    )
    weighted = replace(about, weighted=True)
    alone = family.fit(params, train, replace(valid, weight=np.ones(60)), weighted, LIMITS)
    padded = family.fit(params, train, both, weighted, LIMITS)
    assert alone.rounds == padded.rounds


def _stacked(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    from scipy import sparse

    return sparse.vstack([one, other], "csr") if sparse.issparse(one) else np.vstack([one, other])


@every_task
@every_family
def test_its_space_suggests_what_its_presets_name(name: str, task: Task) -> None:
    family, about = get_family(name), facts(task, n_rows=2_000)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trial = study.ask()
    params = family.space(trial, about)
    assert all(key.startswith(f"{name}.") for key in trial.params)
    assert {key.removeprefix(f"{name}.") for key in trial.params} == set(params)
    for preset in family.presets(about):
        assert set(preset.params) == set(params)
        for key, value in preset.params.items():
            distribution = trial.distributions[f"{name}.{key}"]
            assert distribution._contains(distribution.to_internal_repr(value)), (key, value)


@every_task
@every_family
def test_an_enqueued_preset_comes_back_as_it_was(name: str, task: Task) -> None:
    family, about = get_family(name), facts(task, n_rows=2_000)
    for preset in family.presets(about):
        study = optuna.create_study()
        study.enqueue_trial({f"{name}.{key}": value for key, value in preset.params.items()})
        assert family.space(study.ask(), about) == preset.params


@every_task
@every_family
def test_a_random_suggestion_can_be_fitted(name: str, task: Task) -> None:
    family, about = get_family(name), facts(task)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=5))
    params = family.space(study.ask(), about)
    encoding = family.encoding(params, about)
    assert isinstance(encoding, Encoding)
    train, valid = rows(task, encoding), rows(task, encoding, n_rows=60, seed=1)
    soon = replace(LIMITS, deadline=time.monotonic() + 0.5)
    model = family.fit(params, train, valid, about, soon)
    check_prediction(model.predict(valid.X), task, 60)


@every_task
@every_family
def test_memory_grows_with_rows_and_features(name: str, task: Task) -> None:
    family = get_family(name)
    about = facts(task, n_rows=1_000)
    params = quick_params(family, about)
    small = family.memory(params, about, 20)
    assert isinstance(small, int)
    assert small > 8 * 1_000 * 20 * 0.9
    assert family.memory(params, replace(about, n_rows=50_000), 20) > small
    assert family.memory(params, about, 200) > small


@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "extra_trees", "random_forest"])
def test_threads_change_nothing(name: str) -> None:
    one, test = fit(name, "multiclass", replace(LIMITS, n_threads=1))
    two, _ = fit(name, "multiclass", replace(LIMITS, n_threads=2))
    np.testing.assert_allclose(
        one.predict(test.X, n_threads=1), two.predict(test.X, n_threads=2), rtol=1e-6
    )


@pytest.mark.parametrize("name", FORESTS)
def test_a_forest_hands_its_threads_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from automl.models import forests

    seen = []
    grow = forests._grow

    def spy(estimator: object, *rest: object) -> int:
        seen.append(estimator.n_jobs)  # type: ignore[attr-defined]
        return grow(estimator, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(forests, "_grow", spy)
    fit(name, "binary", replace(LIMITS, n_threads=2))
    assert seen == [2]


@every_family
def test_it_prints_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    fit(name, "multiclass")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
