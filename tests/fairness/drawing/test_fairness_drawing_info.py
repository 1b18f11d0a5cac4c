"""What charts show, before anything is drawn."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.drawing import disparities_alt, groups_alt, reading
from fairness.drawing.calibration import calibration_info
from fairness.drawing.curves import curve_info
from fairness.drawing.disparities import disparities_info
from fairness.drawing.groups import groups_info
from fairness.drawing.shrinkage import shrunk_info
from fairness.drawing.sweeps import sweep_info
from fairness.drawing.words import metric_label, number
from fairness.errors import ArgumentError

NAN = math.nan


def by_group(**columns: object) -> pd.DataFrame:
    """Return the false positive rates of three groups, then of all rows."""
    values = {
        "attribute": ["race"] * 3 + ["(all)"],
        "group": ["a", "b", "c", "(all)"],
        "n": [100, 50, 9, 159],
        "metric": "fpr",
        "value": [0.2, 0.4, NAN, 0.25],
        "low": [0.15, 0.2, NAN, 0.2],
        "high": [0.27, 0.6, NAN, 0.3],
        "state": ["estimable", "not estimable", "undefined", "estimable"],
        "denominator": [100, 20, 0, 120],
        "method": "exact",
        "shrunk": [0.21, 0.3, 0.24, NAN],
        "shrunk_low": [0.16, 0.2, 0.1, NAN],
        "shrunk_high": [0.27, 0.4, 0.4, NAN],
    }
    return pd.DataFrame(values | columns)


def disparities(n: int = 3, **columns: object) -> pd.DataFrame:
    verdicts = ["beyond", "within", "not enough data"]
    values = {
        "attribute": "race",
        "metric": [f"m{at}" for at in range(n)],
        "kind": "difference",
        "group": "a",
        "reference": "b",
        "value": 0.2,
        "low": 0.15,
        "high": 0.3,
        "verdict": [verdicts[at % 3] for at in range(n)],
        "tolerance": 0.1,
        "family": "declared",
    }
    return pd.DataFrame(values | columns)


def test_a_group_says_its_rows_and_its_state() -> None:
    info = groups_info(by_group(), "fpr", "race")
    assert [row.label for row in info.rows] == [
        "a\n100 rows",
        "b\n20 of 50 rows · not estimable",
        "c\n0 of 9 rows · undefined",
    ]
    assert (info.label, info.overall, info.share) == ("False positive rate", 0.25, True)


def test_the_overall_value_may_come_in_a_frame_of_its_own() -> None:
    frame = by_group()
    alone, overall = frame.iloc[:3], frame.iloc[3:]
    assert math.isnan(groups_info(alone, "fpr", "race").overall)
    assert groups_info(alone, "fpr", "race", overall=overall).overall == 0.25


def test_all_rows_can_be_drawn_as_a_group() -> None:
    assert [row.group for row in groups_info(by_group(), "fpr", "(all)").rows] == ["(all)"]


def test_a_share_stays_between_its_bounds() -> None:
    frame = by_group(low=[0.0, 0.2, NAN, 0.2], high=[0.27, 1.0, NAN, 0.3])
    assert groups_info(frame, "fpr", "race").ends == (0.0, 1.0)


def test_too_many_groups_are_the_largest_in_their_order() -> None:
    sizes = [(at * 37) % 100 + 1 for at in range(100)]
    frame = pd.concat([by_group().iloc[[0]]] * 100, ignore_index=True)
    frame = frame.assign(group=[f"g{at}" for at in range(100)], n=sizes)
    info = groups_info(frame, "fpr", "race")
    assert [row.n for row in info.rows] == [size for size in sizes if size > 60]
    assert info.note == "The 40 largest of 100 groups; the table has all."
    assert groups_alt(frame, "fpr", "race").endswith(info.note)


def test_names_that_look_alike_stay_apart() -> None:
    frame = by_group(group=["a b", "a\nb", "a  b", "(all)"], n=7, denominator=7, state="weak")
    labels = [row.label for row in groups_info(frame, "fpr", "race").rows]
    assert labels == ["a b\n7 rows · weak", "a b\n7 rows · weak (2)", "a b\n7 rows · weak (3)"]


@pytest.mark.parametrize(
    ("attribute", "metric", "text"),
    [
        ("sex", "fpr", r"nothing to draw for attribute 'sex'\n  the frame has race, \(all\)"),
        ("race", "tpr", r"nothing to draw for metric 'tpr'\n  the frame has fpr"),
    ],
)
def test_what_is_not_there_is_named(attribute: str, metric: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        groups_info(by_group(), metric, attribute)
    with pytest.raises(ArgumentError, match=text):
        shrunk_info(by_group(), attribute, metric)


def test_an_empty_frame_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="the frame has no rows"):
        disparities_info(disparities(0))


def test_words_for_groups_hold_the_numbers() -> None:
    assert groups_alt(by_group(), "fpr", "race") == (
        "False positive rate by race: a 20.0 % (15.0 % to 27.0 %); "
        "b 40.0 % (20.0 % to 60.0 %), 20 of 50 rows, not estimable; "
        "c undefined, 0 of 9 rows; all rows 25.0 %."
    )


@pytest.mark.parametrize(
    ("kind", "tolerance", "within"),
    [("difference", 0.1, (-0.1, 0.1)), ("ratio", 0.8, (0.8, 1.25))],
)
def test_what_is_tolerated(kind: str, tolerance: float, within: tuple[float, float]) -> None:
    frame = disparities(1, kind=kind, tolerance=tolerance, value=0.9, low=0.85, high=0.95)
    assert disparities_info(frame, kind=kind).rows[0].tolerated == within  # type: ignore[arg-type]


def test_a_ratio_without_an_upper_end_does_not_stretch_the_axis() -> None:
    frame = disparities(2, kind="ratio", tolerance=0.8, value=[0.5, 3.0], low=0.4, high=math.inf)
    low, high = disparities_info(frame, kind="ratio").ends
    assert 0 <= low < 0.4
    assert 6 <= high < 7


def test_without_groups_to_compare_the_row_says_the_verdict() -> None:
    verdict = "not enough data"
    frame = disparities(1, group="", reference="", value=NAN, low=NAN, high=NAN, verdict=verdict)
    (row,) = disparities_info(frame).rows
    assert row.label == "race · m0\nnot enough data"
    assert disparities_alt(frame) == "Differences. Not enough data: race, m0."


def test_of_too_many_disparities_what_matters_most_is_kept_in_order() -> None:
    family = ["exploratory"] * 90 + ["declared"] * 9
    info = disparities_info(disparities(99, family=family))
    kept = [int(row.metric[1:]) for row in info.rows]
    assert kept == sorted(kept)
    assert set(range(90, 99)) <= set(kept)
    assert {info.rows[at].verdict for at, row in enumerate(kept) if row < 90} == {
        "beyond",
        "within",
    }
    assert info.note.startswith("40 of 99 comparisons, declared ones")


def lines(groups: int, **columns: object) -> pd.DataFrame:
    rows = [
        {"attribute": "race", "group": f"g{at}", "threshold": x, "score": x, "metric": "fpr",
         "n": at + 1, "value": x / 2, "low": x / 3, "high": x}
        for at in range(groups)
        for x in (0.9, 0.1, 0.5)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**columns)


def test_lines_go_from_left_to_right() -> None:
    info = sweep_info(lines(2), "race", "fpr")
    assert [[point.x for point in line.points] for line in info.lines] == [[0.1, 0.5, 0.9]] * 2


def test_of_too_many_lines_those_with_most_rows_are_kept() -> None:
    info = sweep_info(lines(20), "race", "fpr")
    assert [line.name for line in info.lines] == [f"g{at}" for at in range(12, 20)]
    assert info.note == "The largest 8 of 20 groups; the table has all."
    unknown = sweep_info(lines(20).drop(columns="n"), "race", "fpr")
    assert [line.name for line in unknown.lines] == [f"g{at}" for at in range(8)]
    assert unknown.note == "The first 8 of 20 groups; the table has all."


def test_thresholds_without_an_end_are_not_drawn() -> None:
    frame = lines(1, threshold=[math.inf, 0.1, 0.5])
    assert [point.x for point in sweep_info(frame, "race", "fpr").lines[0].points] == [0.1, 0.5]


@pytest.mark.parametrize(
    ("scores", "given", "expected"),
    [
        ([0.1, 0.5, 0.9], None, True),
        ([1.0, 5.0, 10.0], None, False),
        ([0.1, 0.5, 0.9], False, False),
    ],
)
def test_only_probabilities_have_a_diagonal(
    scores: list[float], given: bool | None, expected: bool
) -> None:
    info = calibration_info(lines(1, score=scores), "race", probability=given)
    assert info.probability is expected
    assert (info.lines.horizontal == info.lines.vertical) is expected


def test_a_curve_has_one_line() -> None:
    frame = lines(1).rename(columns={"threshold": "position"}).drop(columns="group")
    (line,) = curve_info(frame, "race", "fpr").lines
    assert [point.n for point in line.points] == [1, 1, 1]


def test_raw_and_shrunk_stand_side_by_side() -> None:
    info = shrunk_info(by_group(), "race", "fpr")
    assert info.rows[1].raw == (0.4, 0.2, 0.6)
    assert info.rows[1].shrunk == (0.3, 0.2, 0.4)


@given(
    st.lists(st.floats(allow_subnormal=False, min_value=-1e9, max_value=1e9) | st.just(NAN)),
    st.sampled_from([(0.0, 1.0), (0.0, math.inf), (-math.inf, math.inf)]),
)
def test_an_axis_shows_every_value(values: list[float], limits: tuple[float, float]) -> None:
    low, high = reading.domain(values, limits)
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    assert all(low <= value <= high for value in values if not math.isnan(value))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.42, 0.47], (0.345, 0.545)),
        ([0.01, 0.02], (0.0, 0.2)),
        ([0.97, 1.0], (0.8, 1.0)),
        ([0.0, 1.0], (0.0, 1.0)),
    ],
)
def test_a_small_difference_does_not_look_large(
    values: list[float], expected: tuple[float, float]
) -> None:
    assert reading.domain(values, (0.0, 1.0), least=0.2) == pytest.approx(expected)


@given(st.lists(st.sampled_from(["a", "a (2)", "b"])))
def test_no_two_labels_are_equal(labels: list[str]) -> None:
    unique = reading.distinct(labels)
    assert len(set(unique)) == len(labels)


@pytest.mark.parametrize(
    ("value", "text"),
    [(NAN, "–"), (math.inf, "∞"), (-math.inf, "−∞"), (0.12345, "0.123"), (-0.5, "−0.500"),
     (-0.0001, "0.000"), (12345.6, "12,346"), (7.0, "7")],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("name", "label"),
    [("fpr", "False positive rate"), ("tpr[a[0]]", "True positive rate of a[0]"),
     ("equalized_odds", "Equalized odds"), ("my_own", "my own")],
)  # fmt: skip
def test_metrics_have_names_for_people(name: str, label: str) -> None:
    assert metric_label(name) == label
