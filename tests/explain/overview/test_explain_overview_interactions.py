"""Interactions of pairs through the public call: H² and Shapley interactions."""

from __future__ import annotations

import json
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression

from explain import interactions
from explain.errors import ArgumentError, ArgumentTypeError


def uniform(n: int, names: str = "abcde", seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(size=(n, len(names))), columns=list(names))


def friedman(rows: pd.DataFrame) -> pd.Series:
    waves = 10 * np.sin(np.pi * rows["a"] * rows["b"])
    return waves + 20 * (rows["c"] - 0.5) ** 2 + 10 * rows["d"] + 5 * rows["e"]


def brute_force(predict, rows, references, pair):
    """Return each row's Shapley interaction index by its definition, over all coalitions."""
    names = list(rows.columns)
    others = [name for name in names if name not in pair]
    p = len(names)

    def worth(present):
        blocks = [
            references.assign(**{name: row[name] for name in present})
            for _, row in rows.iterrows()
        ]
        told = np.asarray(predict(pd.concat(blocks, ignore_index=True)), dtype=float)
        return told.reshape(len(rows), len(references), -1).mean(axis=1)

    total = 0.0
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(p - size - 2) / factorial(p - 1)
        for coalition in combinations(others, size):
            i, j = pair
            total = total + weight * (
                worth((*coalition, i, j))
                - worth((*coalition, i))
                - worth((*coalition, j))
                + worth(coalition)
            )
    return total


def test_friedman_has_the_known_share_of_interaction():
    X = uniform(400, seed=4)
    found = interactions(friedman, X, pairs=[("d", "e"), ("a", "b"), ("c", "a")], max_rows=400)
    table = found.to_frame()
    assert table.loc[0, ["a", "b"]].tolist() == ["a", "b"]
    assert table.loc[0, "value"] == pytest.approx(0.15957, abs=0.015)
    assert table.loc[0, "low"] < 0.15957 < table.loc[0, "high"]
    assert table.loc[1:, "value"].tolist() == [0, 0]
    assert found.lines()[1].startswith("a × b: 0.1")


def test_a_linear_model_has_no_interaction_of_either_kind():
    X = uniform(80)
    model = LinearRegression().fit(X, X.to_numpy() @ np.arange(5.0))
    for kind in ("h", "shapley"):
        table = interactions(model, X, kind=kind).to_frame()
        assert len(table) == 10
        assert table["value"].abs().max() < 1e-12


@pytest.mark.parametrize("kind", ["h", "shapley"])
def test_a_product_of_centred_signs_is_all_interaction(kind):
    X = pd.DataFrame([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)] * 5, columns=["a", "b"])
    found = interactions(lambda rows: rows["a"] * rows["b"], X, ["a", "b"], kind=kind)
    assert found.to_frame()["value"].tolist() == [pytest.approx(1)]


def test_shapley_interactions_of_a_product_have_the_closed_form():
    X = uniform(30, "abc", seed=3)
    found = interactions(
        lambda rows: rows["a"] * rows["b"] + rows["c"], X, pairs=[("a", "b")], kind="shapley"
    )
    row = found.to_frame().iloc[0]
    centred = X - X.mean()
    own = centred["a"] * centred["b"] + ((X["a"] * X["b"]).mean() - X["a"].mean() * X["b"].mean())
    assert row["value"] == pytest.approx(own.abs().mean())
    assert row["mean"] == pytest.approx(own.mean())
    assert row["label"] == "exact"
    assert row["n_rows"] == 30


MODELS = {
    "forest": RandomForestRegressor(5, max_depth=4, random_state=0),
    "classes": RandomForestClassifier(5, max_depth=4, random_state=0),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("opaque", [False, True])
def test_shapley_interactions_are_those_of_brute_force(name, opaque):
    X = uniform(25, "abcd", seed=5)
    target = X["a"] * X["b"] * 4 + X["c"]
    y = target if name == "forest" else pd.cut(target, 3, labels=["x", "y", "z"]).astype(str)
    model = MODELS[name].fit(X, y)
    if name == "classes":
        told, scale = model.predict_proba, "probability"
    else:
        told, scale = model.predict, "auto"
    if opaque and name == "classes":
        told = lambda rows: model.predict_proba(rows)[:, 0]  # noqa: E731
    asked = (lambda rows: told(rows)) if opaque else model
    scale = "auto" if opaque else scale
    pairs = [("a", "b"), ("b", "c"), ("d", "a")]
    found = interactions(asked, X, pairs=pairs, kind="shapley", scale=scale)
    table = found.to_frame().set_index(["a", "b"])
    assert set(table["label"]) == {"exact"}
    for pair in pairs:
        own = brute_force(told, X, X, pair)
        size = np.abs(own).mean(axis=1)
        assert table.loc[pair, "value"] == pytest.approx(size.mean(), abs=1e-9)
        half = 1.959964 * size.std(ddof=1) / 5
        assert table.loc[pair, "high"] == pytest.approx(size.mean() + half, abs=1e-6)
        assert table.loc[pair, "low"] == pytest.approx(max(0, size.mean() - half), abs=1e-6)
        assert table.loc[pair, "mean"] == pytest.approx(own.mean(), abs=1e-9)


def test_sampled_interactions_of_many_columns_are_near_the_closed_form():
    X = uniform(12, "abcdefghijkl", seed=8) - 0.5

    def predict(rows):
        bent = np.sin(3 * rows[list("cdefghijkl")]).sum(axis=1)
        return 8 * rows["a"] * rows["b"] + bent + rows["c"] * rows["d"] * rows["e"]

    found = interactions(predict, X, pairs=[("a", "b"), ("a", "c")], kind="shapley")
    table = found.to_frame().set_index(["a", "b"])
    assert set(table["label"]) == {"estimated"}
    centred = X - X.mean()
    own = centred["a"] * centred["b"]
    own += (X["a"] * X["b"]).mean() - X["a"].mean() * X["b"].mean()
    expected = (8 * own).abs().mean()
    assert table.loc[("a", "b"), "value"] == pytest.approx(expected, rel=0.1)
    assert table.loc[("a", "c"), "value"] < 0.1 * expected


def test_the_order_within_a_pair_does_not_matter():
    X = uniform(20, "abcd", seed=6)
    model = MODELS["forest"].fit(X, X["a"] * X["b"])
    one, other = (
        interactions(model, X, pairs=[pair], kind="shapley").to_frame()
        for pair in (("a", "b"), ("b", "a"))
    )
    assert one["value"][0] == pytest.approx(other["value"][0], abs=1e-12)


def test_the_same_pair_is_looked_at_once():
    X = uniform(20, "abc")
    found = interactions(lambda rows: rows["a"], X, pairs=[("a", "b"), ("b", "a"), ("a", "b")])
    assert len(found.to_frame()) == 1


def test_the_strongest_columns_are_paired_and_the_strongest_pair_comes_first():
    X = uniform(150, "abcdefgh") - 0.5
    found = interactions(
        lambda rows: 5 * rows["f"] * rows["h"] + rows["b"] + 0.01 * rows["a"], X, top=3
    )
    table = found.to_frame()
    assert set(table["a"]) | set(table["b"]) == {"b", "f", "h"}
    assert set(table.loc[0, ["a", "b"]]) == {"f", "h"}


@pytest.mark.parametrize("kind", ["h", "shapley"])
def test_one_seed_gives_one_result(kind):
    X = uniform(120)
    one, same, other = (
        interactions(friedman, X, ["a", "b"], kind=kind, max_rows=30, seed=seed).to_frame()
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, same)
    assert one["value"][0] != other["value"][0]
    assert one["n_rows"][0] == 30


@pytest.mark.parametrize("kind", ["h", "shapley"])
def test_columns_that_the_model_does_not_read_do_not_interact(kind):
    X = uniform(40).assign(same=1.0, town=["x", "y"] * 20)
    found = interactions(lambda rows: rows["a"] * rows["b"], X, ["a", "same", "town"], kind=kind)
    assert found.to_frame()["value"].tolist() == [0, 0, 0]


def test_categories_and_missing_values_interact():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"c": rng.choice(["x", "y"], 60), "n": rng.choice([1.0, np.nan], 60)})
    found = interactions(
        lambda rows: (rows["c"] == "x") * rows["n"].isna() * 1.0, X, ["c", "n"], kind="shapley"
    )
    x, gone = (X["c"] == "x"), X["n"].isna()
    own = (x - x.mean()) * (gone - gone.mean()) + ((x & gone).mean() - x.mean() * gone.mean())
    assert found.to_frame()["value"][0] == pytest.approx(own.abs().mean(), abs=0.02)


def test_words_json_and_page():
    X = uniform(30, "abc")
    found = interactions(lambda rows: rows["a"] * rows["b"], X, kind="shapley")
    head, *lines = found.lines()
    assert head == "Function · mean absolute Shapley interaction, in units of the prediction"
    assert len(lines) == 3
    assert lines[0].endswith("on 30 rows")
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.interactions/1"
    assert told["pairs"]["value"] == found.to_frame()["value"].tolist()
    section = found.page().sections[0]
    assert [type(block).__name__ for block in section.blocks] == ["Chart", "Table"]
    assert "×" in json.dumps(found.plot("bars", top=1).to_dict(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"kind": "H"}, ArgumentError, "there is no kind 'H'"),
        ({"pairs": [("a", "a")]}, ArgumentError, "a pair is two different columns"),
        ({"pairs": ["ab"]}, ArgumentError, "a pair is two different columns"),
        ({"pairs": [3]}, ArgumentError, "a pair is two different columns"),
        ({"pairs": ("a", "b")}, ArgumentError, "a pair is two different columns"),
        ({"pairs": [("a", "z")]}, ArgumentError, "there is no column 'z'"),
        ({"pairs": []}, ArgumentError, "there is no pair to look at"),
        ({"columns": ["a"]}, ArgumentError, "there is no pair to look at"),
        ({"top": 1}, ArgumentError, "there is no pair to look at"),
        ({"top": 0}, ArgumentError, "top must be a whole number of at least 1"),
        ({"max_rows": 1}, ArgumentError, "max_rows must be a whole number of at least 2"),
        ({"confidence": 95}, ArgumentError, "the confidence must lie between 0 and 1"),
        ({"seed": -1}, ArgumentTypeError, "the seed must be a whole number"),
    ],
)
@pytest.mark.parametrize("kind", ["h", "shapley"])
def test_bad_settings(options, error, text, kind):
    with pytest.raises(error, match=text):
        interactions(friedman, uniform(20), **{"kind": kind, **options})
