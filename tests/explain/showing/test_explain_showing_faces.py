"""What an explanation shows: importance, single rows, words, JSON, shap's object, pages."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from explain import Explanation, explain
from explain.errors import ArgumentError
from explain.showing.rows import row_sentences
from explain.showing.sections import example_rows, rows_title
from explain.showing.words import amount, level, listed, number, plural, short, signed, value_text

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"])
Y = X["a"] - 2 * X["b"]
LINEAR = explain(LinearRegression().fit(X, Y), X, Y)
BINARY = explain(LogisticRegression().fit(X, np.where(Y > 0, "yes", "no")), X)
THREE = np.select([Y > 1, Y > -1], ["high", "middle"], "low")
MULTI = explain(
    RandomForestClassifier(8, max_depth=3, random_state=0).fit(X, THREE), X, scale="probability"
)
ALL = [LINEAR, BINARY, MULTI]
IDS = ["values", "two classes", "three classes"]


def noisy(found: Explanation, error: float) -> Explanation:
    return replace(
        found,
        standard_errors=np.full_like(found.values, error),
        row_labels=np.array(["estimated"] * len(found.values)),
    )


# Importance


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_importance_is_the_mean_absolute_value(found):
    frame = found.importance()
    sizes = np.abs(found.values).reshape(60, 3, -1).mean(axis=2)
    expected = pd.Series(sizes.mean(axis=0), index=found.columns).sort_values(ascending=False)
    assert frame["column"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(frame["value"], expected)
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["rank"].tolist() == [1, 2, 3]
    assert (frame["rank_low"] <= frame["rank"]).all()
    assert (frame["rank"] <= frame["rank_high"]).all()
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()


def test_importance_of_one_class():
    for place, label in enumerate(MULTI.classes):
        frame = MULTI.importance(output=label).set_index("column")["value"]
        expected = np.abs(MULTI.values[:, :, place]).mean(axis=0)
        np.testing.assert_allclose(frame[list(MULTI.columns)], expected)
    assert (
        BINARY.importance(output="yes")["value"].tolist() == BINARY.importance()["value"].tolist()
    )


def test_noise_does_not_make_a_column_important():
    rng = np.random.default_rng(3)
    truth = np.zeros((2000, 2))
    truth[:, 0] = 1.0
    shown = truth + rng.normal(scale=0.3, size=truth.shape)
    frame = replace(
        noisy(LINEAR, 0.0),
        values=shown,
        columns=("real", "none"),
        groups={"real": ("a",), "none": ("b",)},
        standard_errors=np.full(shown.shape, 0.3),
        importance_errors=np.zeros(2),
    ).importance()
    raw = np.abs(shown).mean(axis=0)
    assert frame["value"][0] == pytest.approx(1, abs=0.06)
    assert frame["value"][1] < 0.55 * raw[1]


def test_errors_widen_importance_intervals_and_ranks():
    sharp, wide = LINEAR.importance(), noisy(LINEAR, 3.0).importance()
    widths = [(frame["high"] - frame["low"]).to_numpy() for frame in (sharp, wide)]
    assert (widths[1] >= 0).all()
    background = replace(LINEAR, importance_errors=np.full(3, 10.0)).importance()
    assert (background["rank_low"] == 1).all()
    assert (background["rank_high"] == 3).all()
    narrow = LINEAR.importance(confidence=0.5)
    assert ((narrow["high"] - narrow["low"])[:2] < widths[0][:2]).all()


@pytest.mark.parametrize(
    ("found", "output", "text"),
    [
        (LINEAR, "yes", "these values are of one output only"),
        (BINARY, "no", "these values are of one output only"),
        (MULTI, "none", "there is no class 'none'\n  classes: high, low and middle"),
    ],
)
def test_outputs_that_are_not_there(found, output, text):
    with pytest.raises(ArgumentError, match=text):
        found.importance(output=output)


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_confidence_out_of_range(confidence):
    for ask in (LINEAR.importance, LINEAR.interval):
        with pytest.raises(ArgumentError, match="the confidence must lie between 0 and 1"):
            ask(confidence)


def test_intervals_hold_both_kinds_of_error():
    low, high = noisy(LINEAR, 0.3).interval()
    np.testing.assert_allclose((low + high) / 2, LINEAR.values, atol=1e-12)
    both = replace(
        noisy(LINEAR, 0.3), background_errors=np.full_like(LINEAR.values, 0.4)
    ).interval()
    unmeasured = replace(
        noisy(LINEAR, 0.3), background_errors=np.full_like(LINEAR.values, np.nan)
    ).interval()
    ratio = (both[1] - both[0]) / (unmeasured[1] - unmeasured[0])
    np.testing.assert_allclose(ratio, 0.5 / 0.3)
    exact = replace(LINEAR, background_errors=np.full_like(LINEAR.values, np.nan)).interval()
    np.testing.assert_array_equal(exact[0], exact[1])


# Single rows


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_a_row_is_told_from_the_average_to_the_prediction(found):
    head, *lines = found.row_lines(5)
    assert "on average" in head
    assert "for row 5" in head
    told = found.values[5] if found.values.ndim == 2 else found.values[5].T[0]
    assert len(lines) == np.count_nonzero(told)
    sizes = [abs(float(line.split(" by ")[1].split()[0].replace("−", "-"))) for line in lines]
    assert sizes == sorted(sizes, reverse=True)


def test_signs_units_and_values_of_a_row():
    row = int(np.argmax(LINEAR.values[:, 1]))
    line = next(line for line in LINEAR.row_lines(row) if line.startswith("b = "))
    assert " raises it by " in line
    assert number(X["b"][row]) in line
    head = BINARY.row_lines(0)[0]
    chance = 100 / (1 + np.exp(-BINARY.predictions[0]))
    assert head.startswith("log-odds of yes: ")
    assert f"a probability of {chance:.1f} %" in head
    likeliest = MULTI.classes[MULTI.predictions[7].argmax()]
    assert MULTI.row_lines(7)[0].startswith(f"probability of {likeliest}: ")
    assert MULTI.row_lines(7, output="low")[0].startswith("probability of low: ")
    assert all("points" in line for line in MULTI.row_lines(7)[1:])


def test_errors_of_a_row_are_told_only_where_there_are_some():
    assert not any("±" in line for line in LINEAR.row_lines(3))
    lines = noisy(LINEAR, 0.25).row_lines(3)[1:]
    assert all("(± 0.25" in line for line in lines)
    assert ["one standard error" in line for line in lines] == [True] + [False] * (len(lines) - 1)
    for line, value in zip(lines, sorted(LINEAR.values[3], key=abs, reverse=True), strict=False):
        assert ("not told from 0" in line) == (abs(value) < 0.25)


def test_many_columns_are_put_together():
    wide = pd.DataFrame(RNG.normal(size=(20, 15)), columns=[f"c{k}" for k in range(15)])
    found = explain(LinearRegression().fit(wide, wide @ np.arange(1, 16)), wide)
    lines = found.row_lines(2)
    assert len(lines) == 1 + 8 + 1
    values = found.values[2]
    total = values[np.argsort(-np.abs(values))[8:]].sum()
    verb = "raise" if total > 0 else "lower"
    size = amount(abs(total), "response").lstrip("+")
    assert lines[-1] == f"7 other columns {verb} it by {size}"


def test_a_row_may_be_called_by_another_number():
    assert "for row 1234" in row_sentences(LINEAR, 0, called="row 1234")[0]


@pytest.mark.parametrize("row", [60, -61, 1.5, "0", True, None])
def test_rows_that_are_not_there(row):
    for ask in (LINEAR.row_lines, LINEAR.similar):
        with pytest.raises(
            ArgumentError, match=r"there is no row .*\n  60 rows\n  try  a position"
        ):
            ask(row)


def test_similar_rows_are_nearest_in_contributions():
    found = LINEAR.similar(4, k=3)
    distance = np.sqrt(((LINEAR.values - LINEAR.values[4]) ** 2).sum(axis=1))
    assert found["row"].tolist() == np.argsort(distance)[1:4].tolist()
    np.testing.assert_allclose(found["distance"], np.sort(distance)[1:4])
    np.testing.assert_allclose(found["y"], Y[found["row"]])
    assert found.columns.tolist() == ["row", "distance", "prediction", "y", "a", "b", "c"]
    assert len(MULTI.similar(0, k=100)) == 59
    with pytest.raises(ArgumentError, match="k must be a whole number above 0"):
        LINEAR.similar(4, k=0)


# Words


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_numbers_are_short_and_can_be_read_back(value):
    text = number(value)
    if not np.isfinite(value):
        assert text == "–"
        return
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    back = float(text.translate(raised).replace("·10", "e").replace("−", "-").replace(",", ""))
    assert back == pytest.approx(value, rel=1e-2, abs=1e-300)
    assert signed(value).startswith(("+", "−", "0"))
    if abs(value) < 1e9:
        assert len(text) <= 14


@given(st.text(max_size=300), st.integers(2, 60))
def test_short_texts_have_one_line_and_a_bounded_length(text, longest):
    found = short(text, longest)
    assert len(found) <= longest
    assert "\n" not in found


def test_words_for_counts_lists_levels_and_values():
    assert [plural(k, "class") for k in (1, 2)] == ["1 class", "2 classes"]
    assert listed(["x"]) == "x"
    assert listed(list("abc")) == "a, b and c"
    assert level(0.1234, "probability") == "12.3 %"
    assert amount(-0.00123, "probability") == "−0.123 points"
    assert value_text(np.nan) == "missing"
    assert value_text(pd.NaT) == "missing"
    assert value_text(pd.Timestamp("2024-01-02")) == "2024-01-02"
    assert value_text(pd.Timestamp("2024-01-02 03:04")) == "2024-01-02 03:04:00"
    assert value_text(np.bool_(True)) == "True"
    assert value_text(12345) == "12,345"
    assert value_text(["a", "b"]) == "['a', 'b']"


def test_the_story_names_model_rows_columns_and_trust():
    lines = LINEAR.lines()
    assert lines[0] == "LinearRegression · 60 rows of X · prediction"
    assert lines[2] == "b and a carry 100 % of the attribution."
    assert lines[3] == "These values are exact for the 60 background rows."
    assert lines[4].startswith("Base and values add up to the model's own predictions of all 60")
    assert str(LINEAR) == repr(LINEAR) == "\n".join(lines)
    assert "more of it lowers the prediction" in str(LINEAR)
    assert BINARY.lines()[0].endswith(" · log-odds of yes")
    assert MULTI.lines()[0].endswith(" · probabilities of 3 classes")


def test_the_story_says_how_far_estimates_may_be_off():
    assert "their standard errors show how far they may be off (0.25 for" in str(
        noisy(LINEAR, 0.25)
    )
    path = replace(LINEAR, row_labels=np.array(["approximate"] * 60))
    assert "follow the trees' own branches" in str(path)
    mixed = replace(LINEAR, row_labels=np.array(["exact"] * 59 + ["estimated"]))
    assert mixed.label == "estimated"
    assert mixed.labels[0].tolist() == ["exact"] * 3


def test_a_constant_model_has_a_story_and_a_page():
    found = explain(lambda rows: np.full(len(rows), 2.0), X)
    assert found.lines()[2] == "The model does not react to any column: every value is 0."
    assert found.row_lines(0) == [
        "prediction: 2 on average, 2 for row 0.",
        "No column moves it.",
    ]
    assert [section.title for section in found.page().sections] == [
        "What drives the predictions",
        "How far to trust these numbers",
    ]


def test_many_columns_of_which_none_carries_much():
    wide = pd.DataFrame(RNG.normal(size=(20, 200)), columns=[f"c{k}" for k in range(200)])
    found = explain(LinearRegression().fit(wide, wide.sum(axis=1)), wide)
    total = found.importance()["share"].head(4).sum()
    assert found.lines()[2] == (
        "No few columns carry the attribution: the first 4 of 200 make up "
        f"{100 * total:.0f} % of it."
    )


# Several classes


def test_log_probabilities_of_classes_are_told_as_probabilities_too():
    model = LogisticRegression(C=0.3).fit(X, THREE)
    found = explain(model, X)
    assert found.unit == "log-probability (up to a constant)"
    theirs = model.predict_proba(X)
    place = theirs[5].argmax()
    assert f", a probability of {100 * theirs[5, place]:.1f} %." in found.row_lines(5)[0]
    assert f" {100 * theirs[5, 1]:.1f} %." in found.row_lines(5, output=found.classes[1])[0]
    chosen = example_rows(found)
    sure = theirs.max(axis=1)
    assert (chosen[0], chosen[2]) == (sure.argmax(), sure.argmin())
    assert rows_title(found) == (
        "Three rows: the surest, a middling and the least sure prediction, by the probability "
        "of the predicted class"
    )


def test_scores_of_classes_are_no_probabilities():
    found = explain(LinearSVC().fit(X, THREE), X)
    assert "a probability" not in found.row_lines(5)[0]
    assert example_rows(found)[0] == found.predictions.max(axis=1).argmax()
    assert rows_title(found) == (
        "Three rows: the highest, a middling and the lowest prediction, by the score of the "
        "predicted class"
    )


def test_bars_of_several_classes_say_what_they_are():
    assert any("mean |value| over rows and all 3 classes, 95 %" in line for line in MULTI.lines())
    assert "over all 3 classes" in MULTI.page().sections[0].blocks[0].text
    assert not any("classes" in line for line in BINARY.lines())


# Values


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_the_frame_holds_every_value_once(found):
    frame = found.to_frame()
    assert len(frame) == found.values.size
    np.testing.assert_array_equal(frame["value"], found.values.ravel())
    sums = frame.groupby(["row", "output"], dropna=False, sort=False)["value"].sum().to_numpy()
    told = found.predictions - found.base_values
    np.testing.assert_allclose(np.sort(sums), np.sort(told.ravel()), atol=1e-9)
    assert frame["label"].unique().tolist() == ["exact"]
    outputs = {"values": [None], "two classes": ["yes"]}
    expected = outputs.get(IDS[ALL.index(found)], list(MULTI.classes))
    assert frame["output"].head(len(expected)).tolist() == expected


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_json_holds_the_arrays(found):
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.explanation/1"
    np.testing.assert_array_equal(told["values"], found.values)
    np.testing.assert_array_equal(told["base_values"], found.base_values)
    assert told["columns"] == ["a", "b", "c"]
    assert told["verification"]["gap"] == found.verification.gap
    assert told["data"]["a"] == X["a"].tolist()
    assert told["y"] == (Y.tolist() if found is LINEAR else None)


def test_values_that_json_does_not_know_are_null_or_text():
    rows = pd.DataFrame(
        {
            "n": [1.0, np.nan, np.inf],
            "t": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "c": pd.Categorical(["x", None, "y"]),
            "i": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    found = explain(lambda r: r["i"].fillna(0).astype(float), rows)
    told = json.loads(found.to_json())["data"]
    assert told["n"] == [1.0, None, None]
    assert told["c"][0] == "x"
    assert told["i"] == [1, None, 3]
    assert found.to_frame().query("column == 'n'")["data"].tolist()[0] == 1.0


def test_the_frame_holds_the_rows_own_values():
    rows = pd.DataFrame({"n": [-1.15712345, 2.0], "t": pd.to_datetime(["2024-01-01", None])})
    rows["c"] = ["x", None]
    held = explain(lambda r: r["n"], rows).to_frame()["data"]
    assert held.dtype == object
    assert held[0] == -1.15712345
    assert held[1] == pd.Timestamp("2024-01-01")
    assert held[2] == "x"
    assert held[4:].isna().all()


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_shaps_object_has_the_same_values(found):
    pytest.importorskip("shap")
    theirs = found.to_shap()
    np.testing.assert_array_equal(theirs.values, found.values)
    assert theirs.feature_names == ["a", "b", "c"]
    total = theirs.base_values + theirs.values.sum(axis=1)
    np.testing.assert_allclose(total, found.predictions, atol=1e-9)
    np.testing.assert_allclose(theirs.data, X)
    if found is MULTI:
        assert list(theirs.output_names) == ["high", "low", "middle"]


# Pictures and pages


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_every_picture_is_drawn_with_its_data(found):
    for kind in ("importance", "summary", "waterfall", "dependence"):
        drawn = json.dumps(found.plot(kind).to_dict(), ensure_ascii=False)
        assert "vega-lite" in drawn
        assert "NaN" not in drawn
    assert found.plot().to_dict().keys() == found.plot("importance").to_dict().keys()


def test_the_waterfall_goes_from_the_average_to_the_prediction():
    (rows,) = LINEAR.plot("waterfall", row=3).to_dict()["datasets"].values()
    assert rows[0]["label"].startswith("average ")
    assert rows[-1]["label"].startswith("row 3: ")
    assert rows[0]["start"] == pytest.approx(LINEAR.base_values)
    assert rows[-1]["end"] == pytest.approx(LINEAR.predictions[3])
    for before, after in pairwise(rows):
        assert after["start"] == pytest.approx(before["end"])


LEVELS = ["10+ years", "< 1 year", "2 years", "1 year", None]


@pytest.mark.parametrize(
    ("levels", "order"),
    [
        (LEVELS, ["< 1 year", "1 year", "2 years", "10+ years", "missing"]),
        ([*LEVELS[:4], "n/a"], ["< 1 year", "1 year", "2 years", "10+ years", "n/a"]),
        ([*LEVELS[:3], "new", "n/a"], ["n/a", "new", "2 years", "< 1 year", "10+ years"]),
        (
            ["1,000+", "200-999", "-5", ">1,000", "0.5"],
            ["-5", "0.5", "200-999", "1,000+", ">1,000"],
        ),
    ],
    ids=["numbers", "one word", "two words", "marked thousands"],
)
def test_levels_stand_in_the_order_of_their_numbers_else_by_contribution(levels, order):
    rows = pd.DataFrame({"c": levels * 4})
    places = dict(zip(levels, range(5), strict=True))
    found = explain(lambda r: r["c"].map(places).astype(float), rows)
    axis = found.plot("dependence", column="c").to_dict()["encoding"]["x"]
    assert axis["sort"] == order


def test_levels_of_an_ordered_category_keep_its_order():
    kind = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
    rows = pd.DataFrame({"c": pd.Series(["high", "low", "middle"] * 4, dtype=kind)})
    found = explain(lambda r: (r["c"] == "middle").astype(float), rows)
    axis = found.plot("dependence", column="c").to_dict()["encoding"]["x"]
    assert axis["sort"] == ["low", "middle", "high"]


def test_dependence_shows_each_row_with_its_contribution():
    (rows,) = LINEAR.plot("dependence", column="a").to_dict()["datasets"].values()
    shown = sorted((row["x"], row["value"]) for row in rows)
    expected = sorted(zip(X["a"], LINEAR.values[:, 0], strict=True))
    np.testing.assert_allclose(shown, expected)


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        ("pie", {}, "there is no picture 'pie'"),
        ("bar", {}, r'try  plot\("importance"\)'),
        ("beeswarm", {}, r'try  plot\("summary"\)'),
        ("scatter", {}, r'try  plot\("dependence"\)'),
        ("force", {}, r'try  plot\("waterfall"\)'),
        (["bar"], {}, r"there is no picture \['bar'\]"),
        ("waterfall", {"row": 99}, "there is no row 99"),
        ("waterfall", {"output": "none"}, "there is no class 'none'"),
        ("dependence", {"column": "z"}, "there is no single column 'z'"),
        ("dependence", {"column": "a", "output": "none"}, "there is no class 'none'"),
        ("summary", {"output": "none"}, "there is no class 'none'"),
    ],
)
def test_pictures_that_are_not_there(kind, options, text):
    with pytest.raises(ArgumentError, match=text):
        MULTI.plot(kind, **options)


@pytest.mark.parametrize("found", ALL, ids=IDS)
def test_the_page_answers_first_and_every_chart_has_words(found, tmp_path):
    page = found.page()
    assert [section.title for section in page.sections] == [
        "What drives the predictions",
        "How each column acts",
        "Single rows",
        "How far to trust these numbers",
    ]
    charts = [b for section in page.sections for b in section.blocks if hasattr(b, "spec")]
    assert len(charts) >= 6
    assert all(chart.alt and chart.caption for chart in charts)
    text = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.lead[0].text.partition(" carry")[0] in text
    assert all(section.title in found._repr_html_() for section in page.sections)


def test_hostile_names_values_and_classes_are_text(tmp_path):
    name, value = '</script><img src=x onerror="alert(1)">', "<b>\u202e" + "y" * 300
    rows = pd.DataFrame({name: X["a"], "c": np.where(X["b"] > 0, value, "z")})
    model = LogisticRegression()
    y = np.where(X["a"] > 0, name, "no")
    model.fit(X[["a"]].to_numpy(), y)

    class Named:
        classes_ = model.classes_

        def predict_proba(self, frame):
            return model.predict_proba(frame[[name]].to_numpy())

    found = explain(Named(), rows)
    html = found.report(tmp_path / "h.html").read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "<b>\u202e" not in html
    assert all(len(line) < 250 for line in found.lines() + found.row_lines(0))


def test_groups_are_shown_by_all_their_values():
    found = explain(LinearRegression().fit(X, Y), X, groups={"pair": ["a", "b"]})
    line = next(line for line in found.row_lines(2) if line.startswith("pair"))
    assert f"a {value_text(X['a'][2])}, b {value_text(X['b'][2])}" in line
    assert found.to_frame().query("column == 'pair'")["data"].tolist() == list(
        zip(X["a"], X["b"], strict=True)
    )
    with pytest.raises(ArgumentError, match="there is no single column 'pair'"):
        found.plot("dependence", column="pair")
    assert "group" in found.page().sections[-1].blocks[0].items[-1]
