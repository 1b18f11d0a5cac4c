"""Gaps between groups split over columns."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from explain import disparity, explain
from explain.errors import ArgumentError, ArgumentTypeError

BETA = np.array([2.0, -1.0, 0.0])


def people(n: int = 400, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of which a goes along with the group, b a little, and c not at all."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["f", "m"], n, p=[0.4, 0.6])
    shift = (group == "f") * 1.0
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    return frame.assign(a=frame["a"] + 2 * shift, b=frame["b"] + 0.2 * shift), group


X, GROUP = people()
LINEAR = explain(LinearRegression().fit(X, X.to_numpy() @ BETA), X)
LABELS = np.where(X["a"] + X["b"] > 1, "yes", "no")
BINARY = explain(HistGradientBoostingClassifier(max_iter=15, random_state=0).fit(X, LABELS), X)
THREE = np.select([X["a"] > 2, X["a"] > 0], ["high", "middle"], "low")
MULTI = explain(
    RandomForestClassifier(8, max_depth=4, random_state=0).fit(X, THREE), X, scale="probability"
)


def explained(rows: pd.DataFrame):
    """Explain a linear model that gets all columns and uses a and b."""
    used = ColumnTransformer([("used", "passthrough", ["a", "b"])])
    return explain(
        make_pipeline(used, LinearRegression()).fit(rows, 2 * rows["a"] + rows["b"]), rows
    )


def test_a_linear_model_has_the_closed_form():
    found = disparity(LINEAR, GROUP, reference="m")
    f, m = X[GROUP == "f"].mean(), X[GROUP == "m"].mean()
    expected = BETA * (f - m)
    table = found.to_frame()
    np.testing.assert_allclose(table["value"], expected, atol=1e-12)
    assert table["column"].tolist() == ["a", "b", "c"]
    gap = found.gaps.iloc[0]
    assert gap["value"] == pytest.approx(expected.sum())
    assert gap["group_mean"] - gap["reference_mean"] == pytest.approx(gap["value"])
    np.testing.assert_allclose(table["share"], expected / expected.sum(), atol=1e-12)
    assert (gap["n"], gap["n_reference"]) == ((GROUP == "f").sum(), (GROUP == "m").sum())


def test_the_default_reference_is_the_largest_group_and_swapping_changes_signs():
    one, other = disparity(LINEAR, GROUP), disparity(LINEAR, GROUP, reference="f")
    assert one.gaps["reference"].tolist() == ["m"]
    np.testing.assert_allclose(one.table["value"], -other.table["value"])
    np.testing.assert_allclose(one.table["low"], -other.table["high"])


@pytest.mark.parametrize("explanation", [LINEAR, BINARY, MULTI], ids=["values", "two", "three"])
def test_parts_close_the_gap_of_the_models_own_predictions(explanation):
    sensitive = pd.DataFrame({"sex": GROUP, "side": np.where(X["c"] > 0, "l", "r")})
    found = disparity(explanation, sensitive)
    for gap in found.gaps.itertuples():
        own = found.table.query("attribute == @gap.attribute and output == @gap.output")
        assert own["value"].sum() == pytest.approx(gap.value, abs=1e-9)
        assert abs(gap.closure) < 1e-9
        labels = sensitive[gap.attribute].to_numpy()
        told = explanation.predictions
        if told.ndim == 2:
            told = told[:, explanation.classes.index(gap.output)]
        mean = told[labels == gap.group].mean() - told[labels == gap.reference].mean()
        assert gap.value == pytest.approx(mean, abs=1e-12)
    assert len(found.gaps) == 2 * (3 if explanation is MULTI else 1)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_every_grouping_closes(seed, n_groups):
    labels = np.random.default_rng(seed).integers(0, n_groups, len(X)).astype(str)
    found = disparity(BINARY, labels)
    assert found.gaps["closure"].abs().max() < 1e-9
    assert len(found.gaps) == len(set(labels)) - 1


def test_sampled_values_close_too_and_their_errors_widen_the_intervals():
    model = MLPClassifier((5,), max_iter=60, random_state=0)
    rows, group = people(120, seed=2)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(rows, rows["a"] > 1)
    found = explain(model, rows, scale="probability", background=rows[:20])
    noisy = replace(found, standard_errors=np.full_like(found.values, 0.2))
    sharp, wide = disparity(found, group), disparity(noisy, group)
    assert sharp.gaps["closure"].abs().max() < 1e-6
    assert (wide.table["high"] > sharp.table["high"]).all()
    assert wide.gaps["high"].tolist() == sharp.gaps["high"].tolist()


def test_intervals_of_a_gap_are_welchs():
    found = disparity(LINEAR, GROUP, reference="m", confidence=0.9)
    told = LINEAR.predictions
    welch = ttest_ind(told[GROUP == "f"], told[GROUP == "m"], equal_var=False)
    low, high = welch.confidence_interval(0.9)
    gap = found.gaps.iloc[0]
    assert (gap["low"], gap["high"]) == (pytest.approx(low), pytest.approx(high))


def test_intervals_cover_the_gap_of_the_population():
    hits, tries = np.zeros(3), 200
    truth = BETA * np.array([2, 0.2, 0])
    model = LinearRegression().fit(X, X.to_numpy() @ BETA)
    for seed in range(tries):
        rows, group = people(150, seed)
        table = disparity(explain(model, rows), group, reference="m").table
        hits += (table["low"] <= truth + 1e-9) & (truth - 1e-9 <= table["high"])
    assert hits[:2].min() / tries >= 0.9
    assert hits[:2].max() / tries <= 0.99


def test_columns_that_tell_the_group_are_called_proxies():
    rows, group = people(600, seed=5)
    rows["badge"] = np.where(group == "f", "blue", "green")
    rows["noise"] = np.random.default_rng(0).choice(["x", "y", "z"], 600)
    rows["since"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(100 * (group == "f"), "D")
    found = disparity(explained(rows), {"sex": group})
    table = found.table.set_index("column")
    assert table.loc["badge", "association"] == pytest.approx(1, abs=0.01)
    assert table.loc["since", "association"] == pytest.approx(1, abs=0.01)
    assert table.loc[["a", "badge", "since"], "proxy"].tolist() == [True] * 3
    assert table.loc[["b", "c", "noise"], "proxy"].tolist() == [False] * 3
    assert "a +" in found.lines()[0]
    assert "(proxy)" in found.lines()[0]


def test_times_with_gaps_are_ranked_as_times():
    rows, group = people(200, seed=6)
    start = pd.Timestamp("2024-01-01", tz="Europe/Oslo")
    days = 300 * (group == "f") + np.arange(200)
    since = pd.Series(start + pd.to_timedelta(days, "D")).where(np.arange(200) % 7 > 0)
    rows["since"], rows["for"] = since, pd.to_timedelta(days, "D")
    table = disparity(explained(rows), group).table.set_index("column")
    assert table.loc["since", "association"] > 0.7
    assert table.loc["for", "association"] == pytest.approx(
        table.loc["since", "association"], abs=0.05
    )


def test_association_is_nothing_by_chance_however_many_levels():
    rows, group = people(300, seed=7)
    rows["id"] = [f"row {k}" for k in range(300)]
    rows["same"] = 1
    table = disparity(explained(rows), group).table.set_index("column")
    assert table.loc["id", "association"] < 0.2
    assert table.loc["same", "association"] == 0


GIVEN = {
    "list": list(GROUP),
    "tuple": tuple(GROUP),
    "array": GROUP,
    "series": pd.Series(GROUP, name="sex", index=np.arange(400)[::-1]),
    "category": pd.Categorical(GROUP),
    "frame": pd.DataFrame({"sex": GROUP}),
    "mapping": {"sex": list(GROUP)},
}


@pytest.mark.parametrize("given_as", GIVEN)
def test_attributes_in_every_form_give_the_same(given_as):
    found = disparity(LINEAR, GIVEN[given_as], reference="m")
    expected = disparity(LINEAR, GROUP, reference="m")
    assert found.table["value"].tolist() == expected.table["value"].tolist()
    named = given_as in ("series", "frame", "mapping")
    assert found.gaps["attribute"].tolist() == ["sex" if named else "group"]


def test_attributes_from_polars():
    polars = pytest.importorskip("polars")
    for given_ in (polars.DataFrame({"sex": GROUP}), polars.Series("sex", GROUP)):
        found = disparity(LINEAR, given_)
        assert found.gaps["attribute"].tolist() == ["sex"]


def test_an_explained_column_is_named_and_numbers_are_cut_into_quarters():
    found = disparity(BINARY, "a")
    groups = {*found.gaps["group"], *found.gaps["reference"]}
    assert len(groups) == 4
    assert found.gaps[["n", "n_reference"]].to_numpy().tolist() == [[100, 100]] * 3
    ends = sorted(tuple(map(float, name.split(" to "))) for name in groups)
    assert [low for low, _ in ends[1:]] == [high for _, high in ends[:-1]]
    assert ends[0][0] == pytest.approx(X["a"].min(), rel=1e-4)
    assert ends[-1][1] == pytest.approx(X["a"].max(), rel=1e-4)
    assert disparity(BINARY, ["a", "b"]).gaps["attribute"].nunique() == 2


def test_attributes_of_all_rows_of_which_some_were_drawn():
    model = LinearRegression().fit(X, X.to_numpy() @ BETA)
    drawn = explain(model, X, max_rows=150, seed=3)
    assert len(drawn.rows) == 150
    by_all, by_own = disparity(drawn, GROUP), disparity(drawn, GROUP[drawn.rows])
    assert by_all.gaps["value"].tolist() == by_own.gaps["value"].tolist()
    with pytest.raises(ArgumentError, match=r"one value for each row\n  800 values for 400"):
        disparity(LINEAR, np.r_[GROUP, GROUP])


def test_missing_values_are_a_group_of_their_own():
    sparse = [None if k % 4 == 0 else label for k, label in enumerate(GROUP)]
    found = disparity(LINEAR, sparse)
    assert set(found.gaps["group"]) | set(found.gaps["reference"]) == {"f", "m", "missing"}
    assert found.gaps["closure"].abs().max() < 1e-9


def test_small_groups_are_not_estimable():
    labels = np.array(["big"] * 371 + ["tiny"] * 29)
    found = disparity(LINEAR, labels)
    assert found.gaps["state"].tolist() == ["not estimable"]
    assert found.table["value"].isna().all()
    assert found.lines() == [
        "group: not estimable between tiny and big, with 29 and 371 rows (30 are needed)"
    ]
    assert len(found.page().sections[0].blocks) == 1
    assert json.loads(found.to_json())["gaps"]["value"] == [None]
    with pytest.raises(ArgumentError, match="there is no such gap to draw"):
        found.plot()


def test_words_and_pictures_of_gaps():
    values, classes = disparity(LINEAR, GROUP), disparity(MULTI, {"sex": GROUP}, reference="m")
    assert values.lines()[0].startswith("group: the mean prediction of f and m differs by +")
    assert "c " not in values.lines()[0].partition("largest parts")[2]
    assert len(classes.lines()) == 3
    assert classes.lines()[0].startswith("sex: the mean prediction for high of f and m differs by")
    assert " points [" in classes.lines()[0]
    charts = [block for block in classes.page().sections[0].blocks if hasattr(block, "spec")]
    assert [chart.alt for chart in charts] == classes.lines()
    drawn = json.dumps(classes.plot(attribute="sex", group="f", output="low").to_dict())
    assert "mean prediction (probability)" in drawn
    none = disparity(explain(lambda r: r["a"] * 0, X), GROUP)
    assert none.lines() == ["group: the mean prediction of f and m has no gap"]


def test_groups_of_columns_are_one_part_and_no_proxy_is_claimed():
    model = LinearRegression().fit(X, X.to_numpy() @ BETA)
    found = disparity(explain(model, X, groups={"both": ["a", "b"]}), GROUP)
    table = found.table.set_index("column")
    whole = disparity(LINEAR, GROUP).table.set_index("column")["value"]
    assert table.loc["both", "value"] == pytest.approx(whole[["a", "b"]].sum())
    assert np.isnan(table.loc["both", "association"])
    assert not table.loc["both", "proxy"]


def test_hostile_group_names_are_shown_as_text():
    bad = "</script><img src=x onerror=alert(1)>"
    labels = np.where(GROUP == "f", bad, "m")
    html = disparity(LINEAR, {bad: labels})._repr_html_()
    assert "<img" not in html
    assert "</script><" not in html.replace("</script></div>", "")


@pytest.mark.parametrize(
    ("sensitive", "options", "text"),
    [
        (["x"] * 400, {}, r"there is one group only\n  group"),
        (GROUP[:50], {}, "does not have one value for each row\n  50 values for 400"),
        (None, {}, "no sensitive attribute is given"),
        ({}, {}, "no sensitive attribute is given"),
        ("z", {}, "there is no column 'z' among those explained"),
        (3, {}, "the attribute 'group' does not have one value for each row"),
        ({"sex": "a"}, {}, "the attribute 'sex' does not have one value for each row"),
        (np.zeros((400, 2)), {}, r"one value for each row\n  shape \(400, 2\)"),
        ([str(k) for k in range(400)], {}, r"too many groups\n  400 groups; at most 50"),
        (GROUP, {"reference": "x"}, "there is no group 'x' in 'group'\n  f and m"),
        (GROUP, {"reference": {"sex": "m"}}, "there is no attribute 'sex'"),
        (GROUP, {"confidence": 2}, "the confidence must lie between 0 and 1"),
    ],
)
def test_bad_attributes(sensitive, options, text):
    with pytest.raises(ArgumentError, match=text):
        disparity(LINEAR, sensitive, **options)


def test_gaps_need_an_explanation():
    with pytest.raises(ArgumentTypeError, match=r"LinearRegression\n  try  explain.explain"):
        disparity(LinearRegression(), GROUP)
