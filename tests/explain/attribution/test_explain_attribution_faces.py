"""What an explanation shows: frames, JSON, shap's object, words, pictures, pages."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sample_tables import as_categories, mixed, numbers
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVC

from candor.version import __version__
from explain import ArgumentError, Explanation, explain

S = numbers()
X = S.X.drop(columns="idle")
NASTY = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "🦆" * 40,
    "a\"b'c&d",
]


def binary() -> Explanation:
    model = GradientBoostingClassifier(n_estimators=8, random_state=0).fit(X, S.binary)
    return explain(model, X.iloc[:30], S.binary[:30], background=X)


def multiclass() -> Explanation:
    model = RandomForestClassifier(8, random_state=0).fit(X, S.several)
    return explain(model, X.iloc[:30], S.several[:30], background=X, scale="probability")


def regression() -> Explanation:
    s = mixed()
    table = as_categories(s.X)
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=10)
    model.fit(table, s.value)
    return explain(model, table.iloc[:30], s.value[:30], background=table)


def grouped() -> Explanation:
    model = GradientBoostingClassifier(n_estimators=8, random_state=0).fit(X, S.binary)
    return explain(model, X.iloc[:30], background=X, groups={"a and b": ["a", "b"]})


def estimated() -> Explanation:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(3, 14))).add_prefix("x")
    background = pd.DataFrame(rng.normal(size=(15, 14))).add_prefix("x")
    return explain(lambda t: np.tanh(t.sum(axis=1)) * t["x0"], rows, background=background)


def path_dependent() -> Explanation:
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(X, S.binary)
    return explain(model, X.iloc[:30], method="path_dependent")


def missing() -> Explanation:
    s = mixed()
    table = s.X[["age", "income"]]
    model = HistGradientBoostingRegressor(max_iter=10).fit(table, s.value)
    return explain(model, table.iloc[:30], background=table.iloc[:1])


KINDS = {
    one.__name__: one
    for one in (binary, multiclass, regression, grouped, estimated, path_dependent, missing)
}


@pytest.fixture(scope="module", params=KINDS)
def found(request: pytest.FixtureRequest) -> Explanation:
    return KINDS[request.param]()


# --- every kind -----------------------------------------------------------------------------


def test_the_frame_has_a_row_for_each_value(found: Explanation) -> None:
    frame = found.to_frame()
    assert len(frame) == found.values.size
    assert list(frame.columns) == [
        "row", "column", "output", "data", "value", "standard_error", "background_error", "low",
        "high", "label",
    ]  # fmt: skip
    sums = frame.groupby(["row", "output"], dropna=False, sort=False)["value"].sum()
    predicted = (found.predictions - found.base_values).ravel()
    np.testing.assert_allclose(sums.to_numpy(), predicted, atol=1e-6)
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()


def test_the_json_is_plain_and_says_its_version(found: Explanation) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    content = json.loads(found.to_json(), parse_constant=refuse)
    assert content["schema"] == "candor.explanation/1"
    assert content["candor"] == __version__
    assert content["columns"] == list(found.columns)
    np.testing.assert_allclose(np.array(content["values"]), found.values)
    assert content["label"] == found.label
    assert content["verification"]["gap"] <= content["verification"]["tolerance"]
    assert len(content["data"]) == found.data.shape[1]


def test_shap_takes_it(found: Explanation) -> None:
    pytest.importorskip("shap")
    given = found.to_shap()
    assert given.values.shape == found.values.shape
    assert given.data.shape == found.values.shape[:2]
    assert given.base_values.shape == found.predictions.shape
    assert list(given.feature_names) == list(found.columns)
    total = given.base_values + given.values.sum(axis=1)
    np.testing.assert_allclose(total, found.predictions, atol=1e-5)
    given.values[:] = 0.0  # a copy: the explanation stays
    assert found.values.any()


@pytest.mark.filterwarnings("default")
def test_shap_draws_it(found: Explanation) -> None:
    shap = pytest.importorskip("shap")
    mpl = pytest.importorskip("matplotlib")
    mpl.use("Agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    given = found.to_shap()
    one = given if found.values.ndim == 2 else given[..., 1]
    for draw in (
        lambda: shap.plots.bar(one, show=False),
        lambda: shap.plots.waterfall(one[0], show=False),
        lambda: shap.plots.beeswarm(one, show=False, plot_size=None),
        lambda: shap.plots.scatter(one[:, 0], show=False),
        lambda: shap.plots.heatmap(one, show=False),
    ):
        draw()
        assert plt.gcf().axes
        plt.close("all")


def test_importance_is_the_mean_absolute_value(found: Explanation) -> None:
    frame = found.importance().set_index("column")
    sizes = np.abs(found.values).mean(axis=0)
    sizes = sizes if sizes.ndim == 1 else sizes.mean(axis=1)
    tolerance = 1e-9 if found.label != "estimated" else 0.2
    np.testing.assert_allclose(frame.loc[list(found.columns), "value"], sizes, rtol=tolerance)
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()
    assert (frame["low"] >= 0).all()
    assert sorted(frame["rank"]) == list(range(1, len(frame) + 1))
    assert frame["value"].is_monotonic_decreasing
    assert ((frame["rank_low"] <= frame["rank"]) & (frame["rank"] <= frame["rank_high"])).all()
    assert frame["share"].sum() == pytest.approx(1)
    wide = found.importance(confidence=0.999).set_index("column")
    assert (wide["high"] >= frame.loc[wide.index, "high"]).all()


def test_lines_say_what_how_much_and_how_exact(found: Explanation) -> None:
    text = "\n".join(found.lines())
    assert text == str(found) == repr(found)
    assert found.model in text
    assert found.importance()["column"].iloc[0][:10] in text
    assert "add up to the model's own predictions" in text
    said = {"exact": "exact", "estimated": "estimates", "approximate": "approximate"}
    assert said[found.label] in text


def test_every_picture_can_be_drawn(found: Explanation) -> None:
    for kind in ("importance", "summary", "waterfall", "dependence"):
        if kind == "dependence" and len(found.groups[found.importance()["column"].iloc[0]]) > 1:
            with pytest.raises(ArgumentError, match="no single column"):
                found.plot(kind)
            continue
        drawn = found.plot(kind).to_dict()
        assert json.dumps(drawn)
        assert drawn["$schema"]
    with pytest.raises(ArgumentError, match="there is no picture 'pie'") as caught:
        found.plot("pie")
    assert "importance, summary, waterfall, dependence" in str(caught.value)


def test_the_page_has_its_sections(found: Explanation, tmp_path: Path) -> None:
    titles = [section.title for section in found.page().sections]
    # A few rows say nothing of how a column acts in general.
    acting = ["How each column acts"] if len(found.values) >= 5 else []
    assert titles == [
        "What drives the predictions",
        *acting,
        "Single rows",
        "How far to trust these numbers",
    ]
    path = found.report(tmp_path / "page.html")
    html = path.read_text(encoding="utf-8")
    assert html.startswith("<!")
    assert "What drives the predictions" in html
    assert 'src="http' not in html


def test_a_row_in_words_adds_up(found: Explanation) -> None:
    lines = found.row_lines(0)
    assert "on average" in lines[0]
    assert "for row 0" in lines[0]
    if found.values[0].any():
        assert all("raise" in line or "lower" in line for line in lines[1:])
    else:
        assert lines[1:] == ["No column moves it."]
    assert len(lines) <= 1 + 8 + 1
    assert found.row_lines(-1)[0].endswith(found.row_lines(len(found.rows) - 1)[0][-5:])
    for row in (len(found.rows), "0", 1.5, None, True):
        with pytest.raises(ArgumentError, match="there is no row"):
            found.row_lines(row)  # type: ignore[arg-type]


def test_similar_rows_are_the_nearest(found: Explanation) -> None:
    near = found.similar(0, k=2)
    assert len(near) == 2
    assert 0 not in near["row"].tolist()
    assert near["distance"].is_monotonic_increasing
    flat = found.values.reshape(len(found.values), -1)
    distances = np.sqrt(((flat - flat[0]) ** 2).sum(axis=1))
    assert near["distance"].iloc[0] == pytest.approx(np.sort(distances)[1])
    assert list(near.columns[-found.data.shape[1] :]) == list(found.data.columns)
    for k in (0, -1, 2.5, True):
        with pytest.raises(ArgumentError, match="k must be a whole number"):
            found.similar(0, k=k)  # type: ignore[arg-type]


def test_labels_are_of_each_value(found: Explanation) -> None:
    assert found.labels.shape == found.values.shape
    assert set(found.labels.ravel()) == set(found.row_labels)
    assert found.label in set(found.row_labels)


def test_intervals_hold_both_errors(found: Explanation) -> None:
    low, high = found.interval()
    assert low.shape == high.shape == found.values.shape
    np.testing.assert_allclose((low + high) / 2, found.values, atol=1e-12)
    both = np.hypot(found.standard_errors, np.nan_to_num(found.background_errors))
    assert (high - found.values >= 1.95 * both - 1e-12).all()
    narrow = found.interval(0.5)
    assert (narrow[0] >= low).all()
    for confidence in (0, 1, 1.5, -1):
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            found.interval(confidence)
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            found.importance(confidence)


def test_it_cannot_be_changed(found: Explanation) -> None:
    with pytest.raises(AttributeError):
        found.values = np.zeros(1)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.labels[...] = "exact"


# --- some kinds -----------------------------------------------------------------------------


def test_one_class_of_several() -> None:
    found = multiclass()
    one = found.importance(output="low")
    sizes = np.abs(found.values[..., 1]).mean(axis=0)
    np.testing.assert_allclose(np.sort(one["value"]), np.sort(sizes))
    assert "probability of low" in found.row_lines(0, output="low")[0]
    likeliest = found.classes[int(found.predictions[3].argmax())]
    assert f"probability of {likeliest}" in found.row_lines(3)[0]
    assert found.plot("waterfall", row=1, output="high").to_dict()
    for call in (
        lambda: found.importance(output="lowest"),
        lambda: found.row_lines(0, output="lowest"),
        lambda: found.plot("waterfall", output="lowest"),
        lambda: found.plot("dependence", output="lowest"),
        lambda: found.plot("summary", output="lowest"),
    ):
        with pytest.raises(ArgumentError, match="there is no class 'lowest'"):
            call()


def test_an_output_where_there_is_one() -> None:
    found = binary()
    np.testing.assert_array_equal(
        found.importance(output="yes")["value"], found.importance()["value"]
    )
    assert found.row_lines(0, output="yes") == found.row_lines(0)
    for output in ("no", "perhaps"):
        with pytest.raises(ArgumentError):
            found.importance(output=output)
        with pytest.raises(ArgumentError):
            found.row_lines(0, output=output)
        with pytest.raises(ArgumentError):
            found.plot("waterfall", output=output)


def test_log_odds_are_told_as_a_chance_too() -> None:
    found = binary()
    chance = 100 / (1 + math.exp(-found.predictions[2]))
    assert f"a probability of {chance:.1f} %" in found.row_lines(2)[0]
    assert "log-odds of yes" in found.lines()[0]


def test_targets_stand_beside_similar_rows() -> None:
    found = regression()
    near = found.similar(4, k=3)
    np.testing.assert_array_equal(near["y"], found.y[near["row"]])
    np.testing.assert_allclose(near["prediction"], found.predictions[near["row"]])


def test_the_frame_names_outputs() -> None:
    assert multiclass().to_frame()["output"].unique().tolist() == ["high", "low", "middle"]
    assert binary().to_frame()["output"].unique().tolist() == ["yes"]
    assert regression().to_frame()["output"].isna().all()


def test_data_are_the_rows_own_values() -> None:
    found = regression()
    frame = found.to_frame()
    first = frame[frame["row"] == 0].set_index("column")["data"]
    assert first["job"] == found.data["job"].iloc[0]
    assert first["age"] == found.data["age"].iloc[0]
    gone = int(np.flatnonzero(found.data["age"].isna())[0])
    assert pd.isna(frame[frame["row"] == gone].set_index("column")["data"]["age"])


def test_ranks_of_clear_columns_are_certain_and_of_equal_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(500, 3)), columns=["large", "one", "other"])
    model = LinearRegression().fit(table, 10 * table["large"] + table["one"] + table["other"])
    frame = explain(model, table).importance().set_index("column")
    assert frame.loc["large", ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert frame.loc["one", ["rank_low", "rank_high"]].tolist() == [2, 3]
    assert frame.loc["other", ["rank_low", "rank_high"]].tolist() == [2, 3]


def test_importance_of_a_line_has_an_interval_that_holds() -> None:
    # For a line and normal columns, the mean absolute value is |w| sqrt(2 / pi).
    rng = np.random.default_rng(0)
    hits = []
    line = LinearRegression().fit([[0, 0], [1, 0], [0, 1]], [0, 3, 1])
    for _ in range(40):
        table = rng.normal(size=(200, 2))
        frame = explain(line, table).importance().set_index("column")
        for name, weight in (("x0", 3), ("x1", 1)):
            truth = weight * math.sqrt(2 / math.pi)
            hits.append(frame.loc[name, "low"] <= truth <= frame.loc[name, "high"])
    assert np.mean(hits) >= 0.85


def test_a_column_that_goes_one_way_is_told_so() -> None:
    model = LinearRegression().fit(X, 2 * X["a"] - X["b"])
    lines = explain(model, X).lines()
    assert any(line.startswith("a") and "raises the prediction" in line for line in lines)
    assert any(line.startswith("b") and "lowers the prediction" in line for line in lines)
    assert lines[-1] == "2 columns without any influence"


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("labels", [("no", "yes"), ("<b>", "</script><script>alert(3)</script>")])
def test_hostile_names_are_escaped(labels: tuple[str, str]) -> None:
    table = X.set_axis(NASTY, axis=1)
    table[NASTY[3]] = np.where(table[NASTY[3]] > 0, "</style><script>alert(4)</script>", "x")
    table[NASTY[3]] = table[NASTY[3]].astype("category")
    y = np.where(S.binary == "yes", labels[1], labels[0])
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=5)
    found = explain(model.fit(table, y), table.iloc[:20], y[:20], background=table)
    tame = explain(
        GradientBoostingClassifier(n_estimators=3).fit(X, S.binary), X.iloc[:20], background=X
    )
    html, plain = found._repr_html_(), tame._repr_html_()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    pages = []
    for text in (html, plain):
        tags = Tags()
        tags.feed(text)
        pages.append(tags)
    assert not pages[0].handlers
    assert pages[0].tags.count("script") == pages[1].tags.count("script")
    assert pages[0].tags.count("img") == pages[1].tags.count("img")
    assert json.loads(found.to_json())["columns"] == NASTY
    assert max(map(len, found.lines())) < 250


def test_a_result_of_all_zeros_shows_itself() -> None:
    found = explain(lambda rows: np.ones(len(rows)), X.iloc[:5])
    assert found.lines()
    assert found.row_lines(0)
    assert found._repr_html_()
    assert [s.title for s in found.page().sections] == [
        "What drives the predictions",
        "How far to trust these numbers",
    ]
    for kind in ("importance", "summary", "waterfall", "dependence"):
        assert found.plot(kind).to_dict()


def test_one_row_shows_itself() -> None:
    found = explain(SVC().fit(X, S.binary), X.iloc[[0]], background=X.iloc[:20])
    assert found.lines()
    assert found.similar(0).empty
    assert found._repr_html_()
    assert found.importance()["value"].notna().all()
    assert found.rows_used == "1 row of X"
