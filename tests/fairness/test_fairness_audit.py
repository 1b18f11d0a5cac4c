"""The audit as a whole: published tables, states, verdicts, faces, and bad input."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fairness

RACES = "African-American Caucasian Hispanic Other Asian".split()


@pytest.fixture(scope="module")
def compas(compas_rows: pd.DataFrame) -> fairness.Audit:
    return fairness.audit(
        compas_rows["two_year_recid"],
        y_score=compas_rows["decile_score"],
        threshold=5,
        sensitive=compas_rows[["race", "sex"]],
    )


def value(audit: fairness.Audit, attribute: str, group: str, metric: str) -> Any:
    frame = audit.by_group
    row = frame[
        (frame["attribute"] == attribute) & (frame["group"] == group) & (frame["metric"] == metric)
    ]
    assert len(row) == 1
    return row.iloc[0]


def disparity(audit: fairness.Audit, attribute: str, metric: str, kind: str) -> Any:
    frame = audit.disparities
    row = frame[
        (frame["attribute"] == attribute) & (frame["metric"] == metric) & (frame["kind"] == kind)
    ]
    assert len(row) == 1
    return row.iloc[0]


# -- ProPublica's table -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "fpr", "fnr", "ppv", "npv", "selection", "accuracy"),
    [
        ("African-American", 44.85, 27.99, 62.97, 65.05, 58.82, 63.83),
        ("Caucasian", 23.45, 47.72, 59.13, 71.19, 34.80, 66.99),
    ],
)
def test_compas_is_as_published(
    compas: fairness.Audit,
    group: str,
    fpr: float,
    fnr: float,
    ppv: float,
    npv: float,
    selection: float,
    accuracy: float,
) -> None:
    expected = {
        "fpr": fpr,
        "fnr": fnr,
        "ppv": ppv,
        "npv": npv,
        "selection_rate": selection,
        "accuracy": accuracy,
    }
    for metric, percent in expected.items():
        row = value(compas, "race", group, metric)
        assert round(100 * row["value"], 2) == percent
        assert row["low"] < row["value"] < row["high"]
        assert row["state"] == "estimable"


@pytest.mark.parametrize(
    ("group", "n", "fpr", "fnr", "selection"),
    [
        ("African-American × Female", 652, 40.49, 29.96, 51.69),
        ("African-American × Male", 3044, 46.12, 27.69, 60.35),
        ("Caucasian × Female", 567, 30.16, 43.22, 39.51),
        ("Hispanic × Female", 103, 10.00, 72.73, 15.53),
    ],
)
def test_compas_crossed_groups(
    compas: fairness.Audit, group: str, n: int, fpr: float, fnr: float, selection: float
) -> None:
    for metric, percent in (("fpr", fpr), ("fnr", fnr), ("selection_rate", selection)):
        row = value(compas, "race × sex", group, metric)
        assert round(100 * row["value"], 2) == percent
        assert row["n"] == n
        assert row["low"] < row["shrunk"] < row["high"]


def test_compas_tiny_groups_are_not_estimable(compas: fairness.Audit) -> None:
    for group in ("Asian", "Native American"):
        for metric in ("fpr", "fnr"):
            row = value(compas, "race", group, metric)
            assert row["state"] == "not estimable"
            assert np.isfinite(row[["value", "low", "high"]].astype(float)).all()
    row = disparity(compas, "race", "equalized_odds", "difference")
    assert {"Asian", "Native American"} <= set(row["left_out"].split("; "))
    assert {row["group"], row["reference"]} <= set(RACES[:4])


def test_compas_gaps_among_all_groups(compas: fairness.Audit) -> None:
    found = {
        ("demographic_parity", "difference"): 0.4571176,
        ("demographic_parity", "ratio"): 0.3143236,
        ("equalized_odds", "difference"): 0.5766917,
    }
    for (metric, kind), expected in found.items():
        row = disparity(compas, "race", metric, kind)
        assert row["all_groups"] == pytest.approx(expected, abs=5e-8)
        assert abs(row["value"] - 0.5) < abs(expected - 0.5) or kind == "difference"


def test_compas_two_groups(compas_rows: pd.DataFrame) -> None:
    two = compas_rows[compas_rows["race"].isin(RACES[:2])]
    audit = fairness.audit(
        two["two_year_recid"], (two["decile_score"] >= 5).astype(int), sensitive=two["race"]
    )
    for metric, kind, expected in (
        ("demographic_parity", "difference", 0.2402002),
        ("demographic_parity", "ratio", 0.5916376),
        ("equalized_odds", "difference", 0.2139250),
    ):
        row = disparity(audit, "race", metric, kind)
        assert row["value"] == pytest.approx(expected, abs=5e-8)
        assert row["verdict"] == "beyond"
    theil = audit.inequality.set_index("index")["total"]
    assert len(theil) == 2


def test_compas_inequality(compas: fairness.Audit) -> None:
    frame = compas.inequality[compas.inequality["attribute"] == "race"]
    assert frame["total"].tolist() == pytest.approx([0.2350176, 0.1699694], abs=5e-8)
    np.testing.assert_allclose(frame["within"] + frame["between"], frame["total"], atol=1e-12)


def test_compas_calibration_holds_where_error_rates_do_not(compas: fairness.Audit) -> None:
    assert disparity(compas, "race", "equalized_odds", "difference")["verdict"] == "beyond"
    frame = compas.equal_score
    pair = frame[
        (frame["attribute"] == "race") & frame["group"].isin(RACES[:2])
        & frame["reference"].isin(RACES[:2])
    ]  # fmt: skip
    assert len(pair) == 1
    assert pair["verdict"].tolist() == ["within"]


def test_the_text_tells_the_story(compas: fairness.Audit) -> None:
    text = str(compas)
    assert "False positive rate" not in text or "44.9 %" in text
    assert "Native American" in text
    assert "not estimable" in text
    assert "At score" in text
    assert max(map(len, text.splitlines())) <= 160


# -- planted rates ----------------------------------------------------------------------------


def planted(gap: float, n: int = 4000, seed: int = 0) -> fairness.Audit:
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b"], n)
    outcome = rng.random(n) < 0.5
    predicted = rng.random(n) < np.where(group == "b", 0.3 + gap, 0.3)
    return fairness.audit(outcome, predicted, sensitive={"group": group})


@pytest.mark.parametrize(
    ("gap", "n", "verdict"),
    [(0.3, 4000, "beyond"), (0.0, 4000, "within"), (0.1, 4000, "not enough data")],
)
def test_verdicts(gap: float, n: int, verdict: str) -> None:
    row = disparity(planted(gap, n), "group", "demographic_parity", "difference")
    assert row["verdict"] == verdict
    assert row["low"] <= row["value"] <= row["high"]
    if verdict == "not enough data":
        assert row["needs"] in ("a", "b")
        assert row["needs_rows"] > 0


def test_a_notion_is_at_least_as_unequal_as_its_parts() -> None:
    """A group too small for the one rate of equalized odds is still compared in the other."""
    cells = {"a": (8000, 2000, 2000, 8000), "b": (8000, 2000, 2000, 8000), "c": (200, 800, 4, 16)}
    rows = [
        (group, y, p)
        for group, counts in cells.items()
        for (y, p), n in zip(((1, 1), (1, 0), (0, 1), (0, 0)), counts, strict=True)
        for _ in range(n)
    ]
    group, y, p = zip(*rows, strict=True)
    audit = fairness.audit(list(y), list(p), sensitive=list(group))
    both = disparity(audit, "sensitive", "equalized_odds", "difference")
    part = disparity(audit, "sensitive", "equal_opportunity", "difference")
    assert both["value"] == part["value"] == pytest.approx(0.6)
    assert both["verdict"] == "beyond"
    assert both["left_out"] == "c"
    assert both["high"] >= part["high"]


def test_what_needs_more_rows_is_settled_by_them() -> None:
    small = disparity(planted(0.2, 200), "group", "demographic_parity", "difference")
    assert small["verdict"] == "not enough data"
    more = disparity(planted(0.2, 20_000), "group", "demographic_parity", "difference")
    assert more["verdict"] == "beyond"


def test_reference_group() -> None:
    rng = np.random.default_rng(1)
    group = rng.choice(["a", "b", "c"], 3000)
    audit = fairness.audit(
        rng.random(3000) < 0.5,
        rng.random(3000) < np.where(group == "c", 0.6, 0.4),
        sensitive={"g": group},
        reference="a",
    )
    frame = audit.disparities
    rows = frame[(frame["metric"] == "demographic_parity") & (frame["kind"] == "difference")]
    assert rows["reference"].tolist() == ["a", "a"]
    assert sorted(rows["group"]) == ["b", "c"]
    assert rows.set_index("group").loc["c", "verdict"] == "beyond"


# -- faces ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> fairness.Audit:
    rng = np.random.default_rng(3)
    n = 600
    score = rng.random(n)
    age = rng.integers(18, 80, n).astype(float)
    age[:20] = np.nan
    return fairness.audit(
        rng.random(n) < score,
        y_score=score,
        sensitive={"sex": rng.choice(["f", "m"], n), "age": age},
        features=pd.DataFrame({"x": rng.random(n), "job": rng.choice(list("abc"), n)}),
        control={"site": rng.choice(["north", "south"], n)},
        template=["eeoc_four_fifths", "nyc_local_law_144", "eu_ai_act"],
    )


FRAMES = tuple(
    field.name for field in dataclasses.fields(fairness.Audit) if field.type == "pd.DataFrame"
)


@pytest.mark.parametrize("name", FRAMES)
def test_json_recomputes_every_frame(small: fairness.Audit, name: str) -> None:
    again = fairness.Audit.from_json(small.to_json())
    pd.testing.assert_frame_equal(getattr(again, name), getattr(small, name), rtol=0, atol=0)


def test_json_twice_is_equal(small: fairness.Audit) -> None:
    text = small.to_json()
    assert fairness.Audit.from_json(text).to_json() == text


def test_every_frame_has_something(small: fairness.Audit) -> None:
    empty = [name for name in FRAMES if getattr(small, name).empty]
    assert empty == []


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        (("results", "by_group", "value", "values", 0), 0.123, "do not follow from the counts"),
        (("table", "total"), None, "audit|add up|total|table"),
        (("schema",), "candor.audit/9", "newer Candor"),
        (("schema",), "other", "this is no audit"),
        (("settings",), 3, "cannot be read"),
    ],
)
def test_edited_json_is_refused(
    small: fairness.Audit, path: tuple[Any, ...], change: Any, message: str
) -> None:
    content = json.loads(small.to_json())
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = change
    with pytest.raises(fairness.CountTableError, match=message):
        fairness.Audit.from_json(json.dumps(content))


@pytest.mark.parametrize(
    "kind", ["groups", "disparities", "sweep", "calibration", "curve", "shrunk"]
)
def test_pictures(small: fairness.Audit, kind: str) -> None:
    spec = small.plot(kind).to_dict()
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite")
    assert spec.get("data") or spec.get("datasets")


def test_picture_errors(small: fairness.Audit) -> None:
    with pytest.raises(fairness.ArgumentError, match="no picture 'pie'"):
        small.plot("pie")
    with pytest.raises(fairness.ArgumentError, match="no metric 'height'"):
        small.plot("groups", metric="height")
    with pytest.raises(fairness.ArgumentError, match="y_score="):
        planted(0.1).plot("calibration")


def test_report_and_notebook(small: fairness.Audit, tmp_path: Any) -> None:
    file = small.report(tmp_path / "audit.html")
    text = file.read_text(encoding="utf-8")
    assert text.count("<h2") >= 6
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "<table" in small._repr_html_()
    assert "<script" not in small._repr_html_()


def test_an_audit_is_frozen(small: fairness.Audit) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small.target = "x"  # type: ignore[misc]
    copy = small.to_frame()
    copy["value"] = 0
    assert (small.by_group["value"] != 0).any()


def test_same_seed_same_audit() -> None:
    assert planted(0.1).to_json() == planted(0.1).to_json()


# -- counts alone -----------------------------------------------------------------------------


def test_merged_sites_are_the_whole() -> None:
    rng = np.random.default_rng(5)
    n = 1000
    y, p = rng.random(n) < 0.4, rng.random(n) < 0.5
    g = rng.choice(["a", "b", "c"], n)

    def table(rows: slice) -> fairness.CountTable:
        return fairness.CountTable.from_rows(y[rows], p[rows], sensitive={"g": g[rows]})

    whole = fairness.audit(y, p, sensitive={"g": g})
    merged = fairness.audit_table(table(slice(0, 300)) + table(slice(300, n)))
    pd.testing.assert_frame_equal(merged.by_group, whole.by_group, rtol=0, atol=0)
    pd.testing.assert_frame_equal(merged.disparities, whole.disparities, rtol=0, atol=0)


def test_audit_table_takes_a_table() -> None:
    with pytest.raises(fairness.ArgumentTypeError, match="takes a CountTable"):
        fairness.audit_table(pd.DataFrame({"a": [1]}))  # type: ignore[arg-type]


# -- other tasks ------------------------------------------------------------------------------


def test_multiclass() -> None:
    rng = np.random.default_rng(6)
    y = rng.choice(["x", "y", "z"], 900)
    p = np.where(rng.random(900) < 0.7, y, rng.choice(["x", "y", "z"], 900))
    audit = fairness.audit(y, p, sensitive={"g": rng.choice(["a", "b"], 900)})
    metrics = set(audit.by_group["metric"])
    assert {"accuracy", "macro_tpr", "tpr[x]", "selection_rate[z]"} <= metrics
    assert "overall_accuracy_equality" in set(audit.disparities["metric"])


def test_regression() -> None:
    rng = np.random.default_rng(7)
    y = rng.normal(50, 10, 2000)
    g = rng.choice(["a", "b"], 2000)
    p = y + rng.normal(0, 3, 2000) + np.where(g == "b", 5.0, 0.0)
    audit = fairness.audit(y, p, sensitive={"g": g}, threshold=60.0)
    assert value(audit, "g", "b", "bias")["value"] == pytest.approx(5, abs=0.5)
    row = disparity(audit, "g", "bias", "difference")
    assert row["tolerance"] == pytest.approx(0.1 * y.std(), rel=1e-3)
    assert row["verdict"] == "beyond"
    assert "selection_rate" in set(audit.by_group["metric"])


def test_data_without_predictions() -> None:
    rng = np.random.default_rng(8)
    g = rng.choice(["a", "b"], 2000)
    audit = fairness.audit(rng.random(2000) < np.where(g == "a", 0.2, 0.6), sensitive={"g": g})
    assert set(audit.by_group["metric"]) == {"base_rate"}
    assert disparity(audit, "g", "base_rate", "difference")["verdict"] == "beyond"
    assert "g" in str(audit)


# -- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tolerance": -0.1}, ValueError, "a tolerance is a difference from 0 on"),
        ({"tolerance": {"height": 0.1}}, ValueError, "height"),
        ({"tolerance": {"mae": 0.1}}, ValueError, "mae"),
        ({"confidence": 95}, ValueError, "between 0.5 and 1"),
        ({"seed": "x"}, ValueError, "seed must be a whole number"),
        ({"reference": "zebra"}, ValueError, "no group 'zebra'"),
        ({"reference": {"height": "a"}}, ValueError, "no sensitive column 'height'"),
        ({"template": "unknown"}, ValueError, "unknown"),
        ({"template": 3}, TypeError, "template"),
        ({"y_pred": [0, 1, 0]}, ValueError, "differ in length|length"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    call = {"y_true": [0, 1] * 50, "y_pred": [0, 1] * 50, "sensitive": ["a", "b"] * 50}
    with pytest.raises(error, match=message) as caught:
        fairness.audit(**{**call, **arguments})
    assert isinstance(caught.value, fairness.FairnessError)


def test_classification_metric_on_a_regression_is_an_error() -> None:
    rng = np.random.default_rng(9)
    y = rng.normal(size=200)
    with pytest.raises(fairness.ArgumentError, match="regression"):
        fairness.audit(y, y + 1, sensitive=["a", "b"] * 100, tolerance={"fpr": 0.1})


def test_one_group_is_not_enough_data() -> None:
    audit = fairness.audit([0, 1] * 50, [1, 0] * 50, sensitive=["a"] * 100)
    row = disparity(audit, "sensitive", "demographic_parity", "difference")
    assert row["verdict"] == "not enough data"
    assert np.isnan(row["value"])


def test_undefined_is_a_state_and_never_zero() -> None:
    audit = fairness.audit(
        [0] * 60 + [0, 1] * 50, [0, 1] * 80, sensitive=["none"] * 60 + ["some"] * 100
    )
    row = value(audit, "sensitive", "none", "tpr")
    assert row["state"] == "undefined"
    assert np.isnan(row["value"])
    gap = disparity(audit, "sensitive", "equal_opportunity", "difference")
    assert gap["verdict"] == "not enough data"
    assert "none" in gap["left_out"]


def test_rows_in_another_order_are_refused() -> None:
    y = pd.Series([0, 1] * 50, index=range(100, 200))
    with pytest.raises(fairness.ArgumentError, match="same index in different orders"):
        fairness.audit(y, y.sample(frac=1, random_state=0), sensitive=["a", "b"] * 50)
    parts = fairness.audit(y, y.reset_index(drop=True), sensitive=["a", "b"] * 50)
    assert parts.overall.set_index("metric").loc["accuracy", "value"] == 1


def test_without_predictions_the_base_rate_is_declared() -> None:
    audit = fairness.audit([0, 1] * 100, sensitive=["a", "b", "b", "a"] * 50)
    declared = audit.disparities[audit.disparities["family"] == "declared"]
    assert set(declared["metric"]) == {"base_rate"}


def test_a_notebook_shows_the_answers_and_the_declared_comparisons(small: fairness.Audit) -> None:
    shown = small._repr_html_()
    assert "Declared comparisons" in shown
    assert "Exploratory" not in shown
    assert len(shown) < 100_000


def test_a_tolerance_by_name_holds_for_an_unbounded_metric() -> None:
    rng = np.random.default_rng(10)
    score = rng.random(600)
    audit = fairness.audit(
        rng.random(600) < score,
        y_score=score,
        sensitive=["a", "b"] * 300,
        tolerance={"log_loss": 0.2},
    )
    row = disparity(audit, "sensitive", "log_loss", "difference")
    assert (row["tolerance"], row["family"]) == (0.2, "declared")


def test_a_reference_group_may_hold_the_crossing_sign() -> None:
    rng = np.random.default_rng(11)
    audit = fairness.audit(
        rng.random(800) < 0.5,
        rng.random(800) < 0.5,
        sensitive={"g": rng.choice(["p × q", "r"], 800), "h": rng.choice(["0", "1"], 800)},
        reference={"g": "p × q", "h": "0"},
    )
    rows = audit.disparities.query("attribute == 'g × h' and metric == 'demographic_parity'")
    assert rows["reference"].unique().tolist() == ['"p × q" × 0']
