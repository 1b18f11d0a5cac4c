"""What rows become: tasks, labels, scores, groups."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from candor.statistics import roc_auc
from fairness.errors import ArgumentError, ColumnNotFoundError
from fairness.table import ALL, MISSING, CountTable

G = ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("labels", "positive", "classes"),
    [
        ([0, 1, 0, 1], None, ("0", "1")),
        ([0.0, 1.0, 0, 1], None, ("0", "1")),
        ([True, False, True, True], None, ("False", "True")),
        ([-1, 1, 1, -1], None, ("-1", "1")),
        (["0", "1", "1", "0"], None, ("0", "1")),
        ([0, 0, 0, 0], None, ("0", "1")),
        ([-1, -1, -1, -1], None, ("-1", "1")),
        ([0, 1, 0, 1], 0, ("1", "0")),
        ([0, 1, 0, 1], "1", ("0", "1")),
        ([0.0, 1.0, 0, 1], "1", ("0", "1")),
        ([True, False, True, True], "True", ("False", "True")),
        ([True, False, True, True], 1, ("False", "True")),
        ([0, 1, 0, 1], True, ("0", "1")),
        (["yes", "no", "no", "yes"], "yes", ("no", "yes")),
        (["yes", "no", "no", "yes"], "no", ("yes", "no")),
        ([b"y", b"n", b"n", b"y"], "y", ("n", "y")),
        ([Decimal(0), Decimal(1), Decimal(1), Decimal(0)], None, ("0", "1")),
        (["a", "b", "c", "a"], "b", ("not b", "b")),
        ([1, 2, 3, 1], 3, ("not 3", "3")),
        (["no", "no", "no", "no"], "yes", ("no", "yes")),
        (["yes", "yes", "yes", "yes"], "yes", ("not yes", "yes")),
    ],
)
def test_binary_labels(labels: list[Any], positive: object, classes: tuple[str, str]) -> None:
    table = CountTable.from_rows(labels, sensitive=G, positive=positive)
    assert (table.task, table.classes) == ("binary", classes)
    assert table.groups().counts.shape == (1, 2, 1)


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (["a", "b", "c", "a"], "multiclass"),
        ([1, 2, 3, 1], "multiclass"),
        ([1.0, 2.0, 3.0, 1.0], "multiclass"),
        ([1.5, 2.0, 3.0, 1.0], "regression"),
        (list(range(20)), "multiclass"),
        (list(range(21)), "regression"),
        ([0.25], "regression"),
        (list(range(20_000)), "regression"),
    ],
)
def test_tasks(labels: list[Any], task: str) -> None:
    table = CountTable.from_rows(labels, sensitive=["g"] * len(labels))
    assert table.task == task


def test_classes_sort_as_numbers() -> None:
    table = CountTable.from_rows([10, 9, 2, 10], [2, 9, 2, 10], sensitive=G)
    assert table.classes == ("2", "9", "10")
    assert table.groups().counts[0].tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]


def test_booleans_and_numbers_stand_for_each_other() -> None:
    table = CountTable.from_rows([1, 0, 1, 0], [True, True, False, False], sensitive=G)
    assert table == CountTable.from_rows([1, 0, 1, 0], [1, 1, 0, 0], sensitive=G)


def test_one_label_against_the_rest_counts_predictions_likewise() -> None:
    table = CountTable.from_rows(list("abca"), list("bbcc"), sensitive=G, positive="b")
    assert table.groups().counts[0].tolist() == [[2, 1], [0, 1]]


def test_probabilities_are_cut_at_one_half() -> None:
    table = CountTable.from_rows([1, 0, 1, 0], y_score=[0.5, 0.49, 1, 0], sensitive=G)
    assert table.threshold == 0.5
    assert table.groups().counts[0].tolist() == [[2, 0], [0, 2]]
    assert table.groups().probability


def test_other_scores_predict_nothing_without_a_threshold() -> None:
    table = CountTable.from_rows([1, 0, 1, 0], y_score=[3, 7, 7, 1], sensitive=G)
    assert table.threshold is None
    assert not table.has_predictions
    groups = table.groups()
    assert not groups.probability
    assert list(groups.moments) == ["score"]
    assert groups.histogram is not None
    assert groups.histogram.low.tolist() == groups.histogram.high.tolist() == [1, 3, 7]
    assert groups.histogram.counts[0].tolist() == [[1, 0, 1], [0, 1, 1]]
    cut = CountTable.from_rows([1, 0, 1, 0], y_score=[3, 7, 7, 1], threshold=3, sensitive=G)
    assert cut.groups().counts[0].tolist() == [[1, 1], [0, 2]]


def test_the_column_of_the_positive_label_is_taken() -> None:
    labels, score = ["good", "bad", "good", "bad"], np.array([0.9, 0.2, 0.6, 0.4])
    matrix = np.stack([1 - score, score], axis=1)  # columns: bad, good
    good = CountTable.from_rows(labels, y_score=matrix, sensitive=G, positive="good")
    assert good == CountTable.from_rows(labels, y_score=score, sensitive=G, positive="good")
    bad = CountTable.from_rows(labels, y_score=matrix, sensitive=G, positive="bad")
    assert bad == CountTable.from_rows(labels, y_score=1 - score, sensitive=G, positive="bad")


def test_class_probabilities_are_in_sorted_order_of_text() -> None:
    # sorted as scikit-learn sorts text, "10" comes before "9"
    matrix = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2]])
    table = CountTable.from_rows(["10", "11", "9", "10"], y_score=matrix, sensitive=G)
    assert table.classes == ("9", "10", "11")
    assert np.array_equal(table.groups().counts[0], np.diag([1, 2, 1]))
    right = np.array([0.7, 0.8, 0.6, 0.5])
    moments = table.groups().moments
    assert moments["log_loss"].total[0] == pytest.approx(-np.log(right).sum())
    one_hot = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    assert moments["squared_error"].total[0] == pytest.approx(((matrix - one_hot) ** 2).sum())


def test_certain_and_wrong_has_a_finite_loss() -> None:
    table = CountTable.from_rows([1, 0], y_score=[0.0, 1.0], sensitive=["a", "b"])
    loss = table.groups(["sensitive"]).moments["log_loss"].total
    assert loss == pytest.approx(-math.log(1e-15), rel=1e-2)


def test_regression_sums_and_selection() -> None:
    true, predicted = np.array([1.5, 3, 4, 8]), np.array([2.0, 2, 5, 7])
    table = CountTable.from_rows(true, predicted, sensitive=G, threshold=3, weight=[1, 2, 1, 3])
    groups = table.groups(["sensitive"])
    assert groups.classes == ("< 3", "≥ 3")
    assert groups.counts.tolist() == [[[1, 0], [1, 0]], [[0, 0], [0, 2]]]
    w, error = np.array([1, 2, 1, 3]), predicted - true
    expected = {
        "outcome": true,
        "outcome_squared": true**2,
        "prediction": predicted,
        "error": error,
        "absolute_error": abs(error),
        "squared_error": error**2,
    }
    assert set(groups.moments) == set(expected)
    for name, x in expected.items():
        moments = groups.moments[name]
        assert moments.total == pytest.approx([(w * x)[:2].sum(), (w * x)[2:].sum()])
        assert moments.weighted == pytest.approx([(w**2 * x)[:2].sum(), (w**2 * x)[2:].sum()])
        assert moments.squared[1] == pytest.approx((w**2 * x**2)[2:].sum())
    plain = CountTable.from_rows(true, predicted, sensitive=G)
    assert plain.groups(["sensitive"]).counts.tolist() == [[[2]], [[2]]]
    assert plain.classes == ()


def test_rows_without_weight_are_left_out() -> None:
    table = CountTable.from_rows([1, 0, 1], sensitive=["a", "b", "c"], weight=[1, 1, 0])
    assert table == CountTable.from_rows([1, 0], sensitive=["a", "b"])
    assert not table.weighted


@pytest.mark.parametrize(
    ("column", "groups"),
    [
        ([1.0, 10.0, 2.0, None], ("1", "2", "10", MISSING)),
        ([True, False, True, False], ("False", "True")),
        ([True, None, True, False], ("False", "True", MISSING)),
        (["b", math.nan, "a", pd.NaT], ("a", "b", MISSING)),
        (["10", "9", "x", "9"], ("9", "10", "x")),
        (["(missing)", None, "a", "'(missing)'"], ("''(missing)''", "'(missing)'", "a", MISSING)),
        ([None, None, None, None], (MISSING,)),
        (
            pd.Categorical(["lo", "hi", "lo", None], ["lo", "mid", "hi"]),
            ("lo", "mid", "hi", MISSING),
        ),
        (pd.Series([1, 2, None, 1], dtype="Int64"), ("1", "2", MISSING)),
        (pd.cut(pd.Series([1, 5, 9, 1]), [0, 3, 10]), ("(0, 3]", "(3, 10]")),
        (["", " ", "a", "a"], ("", " ", "a")),
        ([1, "1", True, "True"], ("1", "True")),
    ],
)
def test_names_of_groups(column: Any, groups: tuple[str, ...]) -> None:
    table = CountTable.from_rows([1, 0, 1, 0], sensitive={"g": column})
    assert table.attributes[0].groups == groups
    assert CountTable.from_cells(table.to_frame()) == table
    assert sum(table.groups(["g"]).n) == 4


def test_numbers_are_binned_at_rounded_quintiles() -> None:
    age = np.repeat(np.arange(18, 78), 5)
    y = np.arange(len(age)) % 2
    attribute = CountTable.from_rows(y, sensitive={"age": age}).attributes[0]
    assert attribute.edges == (30, 42, 54, 66)
    assert attribute.groups == ("< 30", "[30, 42)", "[42, 54)", "[54, 66)", "≥ 66")
    income = np.random.default_rng(0).lognormal(10, 0.7, 5_000)
    attribute = CountTable.from_rows(np.arange(5_000) % 2, sensitive={"x": income}).attributes[0]
    assert all(edge % 1000 == 0 for edge in attribute.edges)


@pytest.mark.parametrize(
    "values",
    [
        [0] * 900 + list(range(100)),
        [1e-9 * i for i in range(20)],
        [1e15 + i for i in range(12)],
        list(range(11)),
        [5.0] * 50 + [5 + 1e-12 * i for i in range(20)],
        [-(2.0**i) for i in range(60)],
    ],
)
@pytest.mark.parametrize("missing", [False, True])
def test_no_bin_is_ever_empty(values: list[float], missing: bool) -> None:
    column = [*values, None] if missing else values
    y = np.arange(len(column)) % 2
    table = CountTable.from_rows(y, sensitive={"x": column})
    groups = table.groups(["x"])
    assert len(table.attributes[0].edges) >= 1
    assert groups.groups == table.attributes[0].groups
    assert len(set(groups.groups)) == len(groups.groups)
    assert CountTable.from_json(table.to_json()) == table


def test_given_edges_are_kept() -> None:
    table = CountTable.from_rows(
        [1, 0, 1, 0], sensitive={"age": [20, 25, 70, None]}, edges={"age": [25, 40.5]}
    )
    assert table.attributes[0].groups == ("< 25", "[25, 40.5)", "≥ 40.5", MISSING)
    assert table.groups(["age"]).n.tolist() == [1, 1, 1, 1]


def test_crossed_names_never_collide() -> None:
    table = CountTable.from_rows(
        [1, 0, 1, 0],
        sensitive={"x": ["a", "a × b", "a", "a × b"], "y": ["b × c", "c", "b × c", "c"]},
    )
    assert table.groups(["x", "y"]).groups == ('a × "b × c"', '"a × b" × c')


def test_groups_of_nothing_are_all_rows() -> None:
    table = CountTable.from_rows([1, 0, 1, 0], sensitive=G)
    groups = table.groups()
    assert (groups.attribute, groups.groups, groups.names) == (ALL, (ALL,), ())
    assert groups.codes.shape == (1, 0)
    assert table.groups("sensitive").groups == ("a", "b")
    with pytest.raises(ColumnNotFoundError, match="the table has no attribute 'sensitiv'"):
        table.groups(["sensitiv"])
    with pytest.raises(ArgumentError, match="an attribute is crossed with itself"):
        table.groups(["sensitive", "sensitive"])


def test_one_class_against_the_rest() -> None:
    table = CountTable.from_rows(list("abca"), list("abac"), sensitive=G)
    found = table.one_vs_rest("a")
    assert found.classes == ("not a", "a")
    assert found.groups(["sensitive"]).counts.tolist() == [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
    with pytest.raises(ArgumentError, match="there is no class 'x'"):
        table.one_vs_rest("x")
    with pytest.raises(ArgumentError, match="only a table of several classes"):
        found.one_vs_rest("a")


def test_auc_from_bins_is_close() -> None:
    rng = np.random.default_rng(1)
    for a, b in ((2, 3), (0.5, 8), (5, 0.7)):
        score = rng.beta(a, b, 50_000)
        y = (rng.random(len(score)) < score).astype(int)
        groups = CountTable.from_rows(y, y_score=score, sensitive=["g"] * len(y)).groups()
        assert groups.histogram is not None
        negative, positive = groups.histogram.counts[0]
        below = np.cumsum(negative) - negative / 2
        binned = positive @ below / (negative.sum() * positive.sum())
        assert abs(binned - roc_auc(y, score)) < 1e-4


def test_many_attributes_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    columns = {f"a{i}": rng.integers(0, 10, 200).astype(str) for i in range(25)}
    table = CountTable.from_rows(rng.integers(0, 2, 200), sensitive=columns)
    assert len(table.counts) == 200
    assert table.groups(list(columns)).n.sum() == 200
    assert CountTable.from_json(table.to_json()) == table


def test_repr_is_short() -> None:
    table = CountTable.from_rows(
        list("abcdef"),
        sensitive={"sex": list("mfmfmf")},
        control={"site": list("xyxyxy")},
        weight=[1, 2, 1, 1, 1, 1],
    )
    assert repr(table) == (
        "CountTable(6 rows in 6 cells, multiclass 6 classes, sensitive sex (2), "
        "control site (2), weighted)"
    )
    assert (table.sensitive, table.controls) == (("sex",), ("site",))


def test_a_table_cannot_be_changed() -> None:
    table = CountTable.from_rows([1, 0, 1, 0], sensitive=G)
    with pytest.raises(ValueError, match="read-only"):
        table.counts[0] = 7
    with pytest.raises(TypeError, match="unhashable"):
        hash(table)


def test_compas_has_the_published_counts(real_data: Path) -> None:
    frame = pd.read_parquet(real_data / "compas_two_years.parquet")
    frame["given"] = (frame["decile_score"] >= 5).astype(int)
    table = CountTable.from_frame(
        frame, target="two_year_recid", prediction="given", sensitive=["race", "sex"]
    )
    groups = table.groups(["race"])
    counts = dict(zip(groups.groups, groups.counts.tolist(), strict=True))
    assert counts["African-American"] == [[990, 805], [532, 1369]]
    assert counts["Caucasian"] == [[1139, 349], [461, 505]]
    assert table.groups().counts[0].tolist() == [[2681, 1282], [1216, 2035]]
