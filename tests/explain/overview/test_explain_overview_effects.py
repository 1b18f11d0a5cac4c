"""Effects of columns through the public call: closed forms, scikit-learn, words and pictures."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import effects
from explain.errors import ArgumentError, ArgumentTypeError, PredictionError


def table(n: int = 300) -> pd.DataFrame:
    """Return two numbers that go along, and one that does not."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": 0.9 * a + 0.3 * rng.normal(size=n), "c": rng.normal(size=n)})


X = table()
FOREST = RandomForestRegressor(20, max_depth=4, random_state=0).fit(X, X["a"] * X["c"] + X["b"])


@pytest.mark.parametrize("column", ["a", "b", "c"])
def test_partial_dependence_is_that_of_scikit_learn(column):
    found = effects(FOREST, X, columns=[column], grid=20)[column]
    theirs = partial_dependence(
        FOREST, X, [column], method="brute", custom_values={column: found.positions}
    )
    np.testing.assert_allclose(found.values[:, 0], theirs["average"][0], rtol=1e-12)


@pytest.mark.parametrize("scale", ["probability", "margin"])
def test_partial_dependence_of_a_classifier_on_both_scales(scale):
    y = np.where(X["a"] + X["c"] > 0, "yes", "no")
    model = LogisticRegression().fit(X, y)
    found = effects(model, X, columns="a", scale=scale, grid=15)["a"]
    method = {"probability": "predict_proba", "margin": "decision_function"}[scale]
    theirs = partial_dependence(
        model,
        X,
        ["a"],
        method="brute",
        response_method=method,
        custom_values={"a": found.positions},
    )
    np.testing.assert_allclose(found.values[:, 0], theirs["average"][0], rtol=1e-12)


def test_single_curves_are_the_models_own_predictions_and_their_mean_the_effect():
    ice, pdp = (
        effects(FOREST, X, columns=["a"], kind=kind, grid=10)["a"] for kind in ("ice", "pdp")
    )
    np.testing.assert_allclose(ice.individual.mean(axis=0), pdp.values)
    for place in (0, 4, 9):
        direct = FOREST.predict(X.assign(a=ice.positions[place]))
        np.testing.assert_allclose(ice.individual[:, place, 0], direct)


def additive(rows: pd.DataFrame) -> pd.Series:
    return np.sin(rows["a"]) + rows["b"] ** 2 - rows["c"]


def test_accumulated_effects_of_an_additive_model_are_its_terms():
    found = effects(additive, X, kind="ale", grid=40, max_rows=300)
    shapes = {"a": np.sin, "b": np.square, "c": np.negative}
    for column, shape in shapes.items():
        effect = found[column]
        term = shape(effect.positions)
        np.testing.assert_allclose(
            effect.values[:, 0] - effect.values[0, 0], term - term[0], atol=1e-12
        )
        # Centred over the rows, up to the grid's steps.
        assert abs(effect.share @ effect.values[:, 0]) < 0.05


def test_correlated_columns_accumulated_effects_are_local_and_partial_dependence_is_not():
    def product(rows):
        return rows["a"] * rows["b"]

    pdp, ale = (effects(product, X, columns=["a"], kind=kind)["a"] for kind in ("pdp", "ale"))
    # Partial dependence is a line of slope mean(b); the local effect follows b, which is 0.9 a.
    slope = np.polyfit(pdp.positions, pdp.values[:, 0], 1)
    np.testing.assert_allclose(slope, [X["b"].mean(), 0], atol=1e-10)
    curvature = np.polyfit(ale.positions, ale.values[:, 0], 2)[0]
    assert curvature == pytest.approx(0.45, abs=0.05)


@settings(max_examples=20)
@given(st.floats(-10, 10), st.floats(-10, 10), st.sampled_from(["pdp", "ale"]))
def test_effects_of_a_linear_model_are_lines(slope, other, kind):
    found = effects(
        lambda rows: slope * rows["a"] + other * rows["b"], X, columns="a", kind=kind, grid=8
    )["a"]
    steps = np.diff(found.values[:, 0])
    np.testing.assert_allclose(steps, slope * np.diff(found.positions), atol=1e-9)
    assert found.heterogeneity[0] < 1e-9


def mixed(n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    days = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D"))
    return pd.DataFrame(
        {
            "town": rng.choice(["Oslo", "Bergen", "Moss"], n, p=[0.6, 0.3, 0.1]),
            "member": rng.random(n) < 0.4,
            "joined": days,
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.integers(18, 80, n)),
            "note": [f"text {k}" for k in range(n)],
            "same": "x",
        }
    )


WORTH = {"Oslo": 3.0, "Bergen": 1.0, "Moss": -2.0}


def of_mixed(rows: pd.DataFrame) -> pd.Series:
    days = (rows["joined"] - pd.Timestamp("2024-01-01")).dt.days
    return (
        rows["town"].map(WORTH).astype(float)
        + 2.0 * rows["member"]
        + days / 100
        + rows["age"].fillna(100.0)
    )


@pytest.mark.parametrize("kind", ["pdp", "ale"])
def test_categories_booleans_dates_and_missing_values_have_their_terms(kind):
    M = mixed()
    found = effects(of_mixed, M, ["town", "member", "joined", "age"], kind, grid=300)

    def told(column):
        effect = found[column]
        return effect, effect.values[:, 0] - effect.values[0, 0]

    town, values = told("town")
    assert (town.axis, set(town.labels)) == ("category", set(WORTH))
    expected = [WORTH[label] - WORTH[town.labels[0]] for label in town.labels]
    np.testing.assert_allclose(values, expected, atol=1e-9)
    member, values = told("member")
    assert member.labels == ("False", "True")
    np.testing.assert_allclose(values, [0, 2], atol=1e-9)
    joined, values = told("joined")
    assert joined.axis == "time"
    assert joined.labels[0] == str(M["joined"].min().date())
    np.testing.assert_allclose(
        values, (joined.positions - joined.positions[0]) / 8.64e6, atol=1e-9
    )
    age, values = told("age")
    assert age.labels[-1] == "missing"
    filled = np.where(np.isnan(age.positions), 100, age.positions)
    np.testing.assert_allclose(values, filled - filled[0], atol=1e-9)


def test_the_sentences_tell_direction_levels_and_ends():
    M = mixed()
    found = effects(of_mixed, M, ["town", "age", "same", "joined"])
    town, age, same, joined = found.sentences()
    assert town.startswith("town: from ")
    assert "at Moss to" in town
    assert town.endswith("at Oslo")
    assert age.startswith("age: rises from")
    assert same == "same: the column 'same' holds one value only: x"
    assert joined.startswith("joined: rises from")
    assert f"at {M['joined'].min().date()} to" in joined
    down = effects(lambda rows: -rows["a"], X, "a").sentences()[0]
    assert down.startswith("a: falls from")
    bent = effects(lambda rows: rows["a"] ** 2, X, "a").sentences()[0]
    assert bent.endswith("not in one direction")
    rounded = {"b": "a", "c": "b"}
    for column, read in rounded.items():
        found = effects(lambda rows, read=read: 1e3 * rows[read] / 3, X, column)
        assert found.sentences() == [f"{column}: no effect"]


def test_an_effect_of_missing_values_alone_is_told():
    found = effects(lambda rows: rows["age"].isna() * 1.0, mixed(), ["age"], scale="auto")
    assert found.sentences() == [
        f"age: between 0 at {found['age'].labels[0]} and 1 at missing, not in one direction"
    ]


def test_free_text_shows_its_most_frequent_levels_only():
    found = effects(lambda rows: rows["note"].str.len(), mixed(), "note", grid=5)["note"]
    assert len(found.labels) == 5
    assert found.left_out == 195


def test_bands_cover_the_true_mean_effect():
    hits, tries = 0, 150
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame({"a": [0.0, 1.0] * 30, "b": rng.exponential(size=60)})
        found = effects(lambda r: r["a"] + r["b"], rows, "a", confidence=0.9)["a"]
        hits += bool(found.low[1, 0] <= 2 <= found.high[1, 0])
    assert 0.82 <= hits / tries <= 0.96


def test_a_wider_confidence_gives_a_wider_band():
    narrow, wide = (effects(FOREST, X, "a", confidence=level)["a"] for level in (0.5, 0.99))
    assert ((wide.high - wide.low) > (narrow.high - narrow.low)).all()
    np.testing.assert_array_equal(narrow.values, wide.values)


def test_a_planted_switch_is_found_on_its_column_and_value():
    rng = np.random.default_rng(7)
    rows = pd.DataFrame(rng.uniform(size=(500, 4)), columns=list("abcd"))
    found = effects(
        lambda r: 5 * r["a"] * np.where(r["c"] < 0.4, -1, 1) + r["b"], rows, ["a", "b"], "ice"
    )
    (region,) = found.regions
    assert region.effect.column == "a"
    assert region.inside.condition.column == "c"
    assert region.inside.condition.threshold == pytest.approx(0.4, abs=0.04)
    assert region.reduction > 0.8
    said = found.lines()[-1]
    assert said.startswith("a acts differently where c ")
    assert "off the disagreement of single curves" in said
    assert found["a"].heterogeneity[0] > 0.5
    assert found["b"].heterogeneity[0] < 1e-9


@pytest.mark.parametrize("kind", ["pdp", "ice", "ale"])
def test_no_regions_where_columns_act_alike(kind):
    found = effects(additive, X, kind=kind)
    assert found.regions == ()
    assert max(effect.heterogeneity.max() for effect in found.effects) < 1e-6


def test_several_classes_have_a_curve_each_and_are_called_by_name():
    y = np.select([X["a"] > 0.5, X["a"] > -0.5], ["high", "middle"], "low")
    model = LogisticRegression().fit(X, y)
    found = effects(model, X, "a", scale="probability", grid=12)
    assert found.outputs == ("high", "low", "middle")
    np.testing.assert_allclose(found["a"].values.sum(axis=1), 1)
    assert found.to_frame()["output"].tolist()[:3] == ["high", "low", "middle"]
    assert found.sentences()[0].startswith("a (class ")
    steps = {name: np.diff(found["a"].values[:, k]) for k, name in enumerate(found.outputs)}
    assert (steps["high"] > 0).all()
    assert (steps["low"] < 0).all()
    drawn = found.plot("curve", column="a", output="middle").to_dict()
    assert "middle (probability)" in json.dumps(drawn)
    with pytest.raises(ArgumentError, match=r"there is no output 'mid'\n  high, low and middle"):
        found.plot("curve", column="a", output="mid")


def test_without_names_the_strongest_ten_columns_come_first():
    rng = np.random.default_rng(2)
    wide = pd.DataFrame(rng.normal(size=(100, 14)), columns=[f"c{k:02}" for k in range(14)])
    weights = np.arange(14.0)
    found = effects(lambda rows: rows.to_numpy() @ weights, wide, grid=3)
    assert len(found.columns) == 10
    assert set(found.columns[:3]) <= {"c13", "c12", "c11", "c10"}
    assert not {"c00", "c01"} & set(found.columns)


def test_at_most_max_rows_are_used_and_the_seed_decides_which():
    one, same, other = (
        effects(FOREST, X, "a", max_rows=50, seed=seed, grid=5) for seed in (3, 3, 4)
    )
    assert one.n_rows == len(one["a"].rows) == 50
    assert one.lines()[0] == "RandomForestRegressor · partial dependence on 50 rows"
    np.testing.assert_array_equal(one["a"].values, same["a"].values)
    assert not np.array_equal(one["a"].rows, other["a"].rows)


def test_the_model_is_asked_in_few_calls():
    sizes = []

    def predict(rows):
        sizes.append(len(rows))
        return rows["a"]

    effects(predict, X, ["a", "b"], grid=20, max_rows=100)
    # Opening the model asks a few rows; then one call for each column.
    assert sum(size >= 1000 for size in sizes) == 2
    assert len(sizes) < 10


def test_arrays_have_columns_by_number():
    values = X.to_numpy()
    model = LinearRegression().fit(values, values @ [1.0, 2.0, 0.0])
    found = effects(model, values, ["x1"], grid=4)["x1"]
    np.testing.assert_allclose(np.diff(found.values[:, 0]), 2 * np.diff(found.positions))


def test_one_row_has_an_effect_and_no_band():
    found = effects(lambda rows: rows["a"], X.iloc[:1])
    assert np.isnan(found["a"].low).all()
    assert json.loads(found.to_json())["effects"]["low"][0] is None
    assert len(found.page().sections) == 1


def test_json_and_page_hold_what_the_frame_says():
    found = effects(FOREST, X, ["a", "c"], grid=6)
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.effects/1"
    assert told["effects"]["value"] == found.to_frame()["value"].tolist()
    assert set(told["heterogeneity"]) == {"a", "c"}
    blocks = found.page().sections[0].blocks
    assert len(blocks) == 2 + len(found.regions)
    assert all(block.alt.startswith(name) for block, name in zip(blocks, "ac", strict=False))
    drawn = json.dumps(found.plot("curve", column="c").to_dict())
    assert "units of the prediction" in drawn


def test_hostile_names_do_no_harm_to_pictures_and_pages():
    name, level = '</script><b onload="x">' * 10, "a.b[0]\\'\"\n🙂"
    rows = pd.DataFrame({name: [1.0, 2.0, 3.0] * 10, "c": [level, "y", "z"] * 10})
    found = effects(lambda r: r[name] + (r["c"] == level), rows)
    page = found._repr_html_()
    assert "</script><b" not in page
    assert all(len(line) < 250 and "\n" not in line for line in found.lines())
    assert found["c"].labels[0] in (level, "y", "z")
    found.plot("curve", column=name).to_dict()


def test_missing_values_of_a_model_that_cannot_take_them():
    rows = X.assign(a=X["a"].where(X["a"] > 0))
    with pytest.raises(PredictionError, match="LinearRegression failed to predict"):
        effects(LinearRegression().fit(X, X["a"]), rows)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"kind": "pd"}, ArgumentError, "there is no kind 'pd'"),
        ({"columns": ["A"]}, ArgumentError, "there is no column 'A'"),
        ({"columns": []}, ArgumentError, "no column is named"),
        ({"columns": 3}, ArgumentTypeError, "columns must be names"),
        ({"grid": 0}, ArgumentError, "grid must be a whole number of at least 2"),
        ({"grid": 2.5}, ArgumentError, "grid must be a whole number of at least 2"),
        ({"max_rows": 0}, ArgumentError, "max_rows must be a whole number of at least 1"),
        ({"confidence": 95}, ArgumentError, "the confidence must lie between 0 and 1"),
        ({"confidence": "0.9"}, ArgumentError, "the confidence must lie between 0 and 1"),
        ({"seed": -1}, ArgumentTypeError, "the seed must be a whole number"),
        ({"scale": "probability"}, ArgumentError, "has no scale 'probability'"),
    ],
)
def test_bad_settings(options, error, text):
    with pytest.raises(error, match=text):
        effects(LinearRegression().fit(X, X["a"]), X, **options)


def test_bad_tables_and_models():
    model = LinearRegression().fit(X, X["a"])
    with pytest.raises(ArgumentError, match="X has no rows"):
        effects(model, X.iloc[:0])
    with pytest.raises(ArgumentTypeError, match="X is no table"):
        effects(model, None)
    with pytest.raises(ArgumentError, match="X lacks columns that the model reads"):
        effects(model, X[["a"]])
    with pytest.raises(ArgumentError, match="there is no effect of 'z'"):
        effects(model, X, "a")["z"]
    with pytest.raises(ArgumentError, match=r"there is no picture 'bars'\n  pictures: curve"):
        effects(model, X, "a").plot("bars")


def test_points_of_a_grid_are_values_that_occur():
    found = effects(FOREST, X, "a", grid=7)["a"]
    assert len(found.positions) == 7
    assert set(found.positions) <= set(X["a"])
    assert all(low < high for low, high in pairwise(found.positions))
