"""`Result.explain` and `Result.kept_rows`: which rows, which background; the same when loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
import explain
from automl.demo import loans
from explain import disparity
from explain.errors import ArgumentError, ArgumentTypeError

FRAME = loans(400, seed=2)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> automl.Result:
    return automl.search(
        FRAME,
        target="approved",
        n_trials=2,
        families=["linear", "lightgbm"],
        sensitive=["sex"],
        ignore=["region"],
        n_jobs=1,
        run_dir=tmp_path_factory.mktemp("explained") / "run",
        progress=False,
    )


@pytest.fixture(scope="module")
def unsealed() -> automl.Result:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(120, 3)), columns=["a", "b", "c"])
    model = automl.AutoMLRegressor(n_trials=1, families=["linear"], in_process=True, n_jobs=1)
    return model.fit(rows, 3 * rows["a"] - rows["b"]).result_


def test_sealed_rows_are_explained_and_their_values_add_up(sealed: automl.Result) -> None:
    found = sealed.explain()
    assert found.rows_used == "80 sealed rows, which no fit and no choice has seen"
    rows = FRAME.iloc[sealed.sealed_rows].reset_index(drop=True)
    margin = sealed.model.margin(rows)
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, margin, rtol=0, atol=1e-9)
    assert found.base_values == pytest.approx(margin.mean(), abs=1e-9)
    assert found.values.dtype == np.float64
    assert found.label == "exact"
    assert found.classes == ("no", "yes")
    assert found.scale == "margin"
    assert found.model == "winner for approved"
    assert found.y.tolist() == rows["approved"].tolist()


def test_only_raw_columns_share_the_prediction(sealed: automl.Result) -> None:
    found = sealed.explain()
    # Neither what was ignored, nor an identifier, nor what is predicted.
    assert set(found.columns) == set(FRAME.columns) - {"approved", "region", "loan_id"}
    assert list(found.data.columns) == list(found.columns)
    assert all(names == (column,) for column, names in found.groups.items())
    assert tuple(sealed.model.feature_names_in_) == found.columns
    assert sealed.model.n_features_in_ == len(found.columns)


def test_the_probability_is_explained_on_request(sealed: automl.Result) -> None:
    names = sealed.model.feature_names_in_
    groups = {f"group {k}": names[k::4] for k in range(4)}
    found = sealed.explain(scale="probability", groups=groups, max_rows=4)
    assert (found.label, found.columns) == ("exact", tuple(groups))
    rows = FRAME.iloc[sealed.sealed_rows].iloc[found.rows]
    chance = sealed.model.predict_proba(rows)[:, 1]
    np.testing.assert_allclose(found.predictions, chance, atol=1e-12)
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), chance, rtol=0, atol=1e-5
    )
    assert found.rows_used.startswith("4 rows, drawn from 80 sealed rows")


def test_a_loaded_run_explains_alike(sealed: automl.Result) -> None:
    again, found = automl.load(sealed.run_dir).explain(), sealed.explain()
    np.testing.assert_array_equal(again.values, found.values)
    assert again.rows_used == found.rows_used
    assert again.columns == found.columns
    assert again.y.tolist() == found.y.tolist()


def test_rows_of_the_callers_own(sealed: automl.Result, tmp_path: Path) -> None:
    mine = loans(25, seed=9)
    found = sealed.explain(mine)
    assert found.rows_used == "25 rows of pandas frame as given"
    assert found.y.tolist() == mine["approved"].tolist()
    np.testing.assert_allclose(found.predictions, sealed.model.margin(mine), atol=1e-12)
    kept = sealed.kept_rows()
    assert found.base_values == pytest.approx(sealed.model.margin(kept).mean(), abs=1e-9)
    assert found.background_size == len(kept) == 80

    bare = sealed.explain(mine.drop(columns="approved"))
    assert bare.y is None
    np.testing.assert_array_equal(bare.values, found.values)

    path = tmp_path / "rows.csv"
    mine.to_csv(path, index=False)
    of_file = sealed.explain(path)
    assert of_file.rows_used == "25 rows of rows.csv as given"
    np.testing.assert_allclose(of_file.values, found.values, atol=1e-12)


def test_columns_in_another_order_and_more_of_them(sealed: automl.Result) -> None:
    mine = loans(10, seed=9)
    other = mine[mine.columns[::-1]].assign(extra=1)
    one, two = sealed.explain(mine), sealed.explain(other)
    assert one.columns == two.columns
    np.testing.assert_array_equal(one.values, two.values)


def test_numbers_and_times_that_are_spelled_as_text_are_shown_as_such(
    sealed: automl.Result,
) -> None:
    found = sealed.explain()
    assert FRAME["income"].str.startswith("$").any()
    assert found.data["income"].dtype == np.float64
    assert found.data["applied_on"].dtype.kind == "M"
    assert "income = $" not in "\n".join(found.row_lines(0))


def test_groups_of_columns_act_as_one(sealed: automl.Result) -> None:
    groups = {"means": ["income", "employment"]}
    found, alone = sealed.explain(groups=groups), sealed.explain()
    assert "means" in found.columns
    assert found.groups["means"] == ("income", "employment")
    places = [alone.columns.index(name) for name in groups["means"]]
    together = found.values[:, found.columns.index("means")]
    if all(model.startswith("linear") for model in sealed.members["name"]):
        np.testing.assert_allclose(together, alone.values[:, places].sum(axis=1))
    np.testing.assert_allclose(found.values.sum(axis=1), alone.values.sum(axis=1), atol=1e-9)


def test_kept_rows_are_the_sealed_ones_as_given(sealed: automl.Result) -> None:
    kept = sealed.kept_rows()
    assert kept is not None
    expected = FRAME.iloc[sealed.sealed_rows].reset_index(drop=True)
    for name in kept.columns:
        assert kept[name].astype(object).tolist() == pytest.approx(
            expected[name].astype(object).tolist(), nan_ok=True
        )


def test_without_sealed_rows_those_of_the_search_are_used(unsealed: automl.Result) -> None:
    found = unsealed.explain()
    assert found.rows_used == "120 rows of the search; the winner was fitted on them"
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), unsealed.model.margin(found.data), atol=1e-9
    )
    assert found.scale == "response"
    values = found.importance().set_index("column")["value"]
    centred = (found.data - found.data.mean()).abs().mean()
    assert values["a"] == pytest.approx(3 * centred["a"], rel=0.02)
    assert values["b"] == pytest.approx(centred["b"], rel=0.05)
    rows = unsealed.kept_rows()
    assert rows is not None
    assert len(rows) == 120


def test_the_seed_draws_the_rows(unsealed: automl.Result) -> None:
    one, same, other = (unsealed.explain(max_rows=20, seed=seed) for seed in (1, 1, 2))
    assert one.rows.tolist() == same.rows.tolist() != other.rows.tolist()
    assert one.rows_used == (
        "20 rows, drawn from 120 rows of the search; the winner was fitted on them"
    )


def test_a_run_that_keeps_no_rows_says_so(unsealed: automl.Result, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    unsealed.save(folder)
    shutil.rmtree(folder / "rows")
    result = automl.load(folder)
    assert result.kept_rows() is None
    with pytest.raises(automl.DataError, match="keeps no rows to explain") as caught:
        result.explain()
    assert "background=training_rows" in str(caught.value)


def test_a_constant_winner_is_explained_by_zeros() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    y = np.where(np.arange(80) % 2 == 0, "x", "y")
    model = automl.AutoMLClassifier(n_trials=1, families=["knn"], in_process=True, n_jobs=1)
    winner = model.fit(rows, y).result_.candidate("baseline")
    found = model.result_.explain() if len(model.result_.members) == 1 else None
    blind = explain.explain(winner, rows)
    assert not blind.values.any()
    assert blind.lines()[2] == "The model does not react to any column: every value is 0."
    assert found is None or np.isfinite(found.values).all()


def test_the_gap_between_groups_is_split_over_raw_columns(sealed: automl.Result) -> None:
    found = disparity(sealed.explain(), "sex", reference="male")
    assert found.gaps["closure"].abs().max() < 1e-9
    parts = found.table.set_index("column")
    assert not parts.loc["sex", "proxy"], "a column is no proxy of itself"
    assert parts.loc["account", "association"] > 0.2


def test_the_whole_of_a_winner_is_looked_at_in_raw_columns(sealed: automl.Result) -> None:
    rows = FRAME.iloc[sealed.sealed_rows]
    importance = explain.permutation_importance(
        sealed.model, rows, rows["approved"], n_repeats=2, groups={"who": ["sex", "age_group"]}
    )
    found = set(importance.to_frame()["column"])
    assert found == set(sealed.model.feature_names_in_) - {"sex", "age_group"} | {"who"}
    chances = sealed.model.predict_proba(rows)
    own = chances[np.arange(len(rows)), (rows["approved"] == "yes").to_numpy().astype(int)]
    assert importance.base == pytest.approx(-np.log(own).mean())

    curve = explain.effects(sealed.model, rows, "purpose", scale="probability")["purpose"]
    for label, value in zip(curve.labels, curve.values[:, 0], strict=True):
        told = sealed.model.predict_proba(rows.assign(purpose=label))[:, 1].mean()
        assert value == pytest.approx(told, abs=1e-12)

    imitation = explain.surrogate(sealed.model, rows, max_leaves=3)
    assert imitation.outputs == ("no", "yes")
    assert imitation.fidelity <= 1

    pairs = explain.interactions(sealed.model, rows, ["sex", "purpose"], max_rows=20)
    assert 0 <= pairs.to_frame()["value"][0] <= 1


def test_a_winner_is_not_fitted_again(sealed: automl.Result) -> None:
    rows = FRAME.iloc[sealed.sealed_rows]
    with pytest.raises(ArgumentTypeError, match="the model cannot be fitted again"):
        explain.drop_column_importance(sealed.model, rows, rows["approved"])


def test_pages_and_json_of_a_winner(sealed: automl.Result, tmp_path: Path) -> None:
    found = sealed.explain(max_rows=30)
    told = json.loads(found.to_json())
    assert told["model"] == "winner for approved"
    assert len(told["values"]) == 30
    page = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "sealed rows" in page


def test_bad_calls(sealed: automl.Result) -> None:
    with pytest.raises(automl.ColumnNotFoundError, match='lacks the column "income"'):
        sealed.explain(loans(5).drop(columns="income"))
    with pytest.raises(ArgumentError, match="X lacks columns that the model reads"):
        explain.explain(sealed.model, loans(5).drop(columns="income"))
    with pytest.raises(ArgumentError, match="X has no rows"):
        sealed.explain(loans(5)[:0])
    with pytest.raises(automl.AutoMLError, match="there is no file"):
        sealed.explain("nowhere.csv")
    with pytest.raises(ArgumentError, match="has no scale 'response'"):
        sealed.explain(scale="response")
    with pytest.raises(ArgumentError, match="the model does not read"):
        sealed.explain(groups={"g": ["incme"]})
    with pytest.raises(ArgumentError, match="max_rows must be a whole number"):
        sealed.explain(max_rows=0)
