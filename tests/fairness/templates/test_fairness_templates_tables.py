"""Templates on count tables: selection rates, the median of binned scores, weights, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.errors import ArgumentError
from fairness.table import CountTable
from fairness.table.values import Attribute, GroupCounts, Histogram
from fairness.templates import (
    TemplateReport,
    apply_template,
    apply_to_counts,
    load_template,
    parse_template,
)
from fairness.templates.rates import Rates, above_median, scoring_rates
from fairness.templates.ratios import below

EEOC = load_template("eeoc_four_fifths")
LL144 = load_template("nyc_local_law_144")
EU = load_template("eu_ai_act")


def rows_of(groups: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Return one row a person for {group: (chosen, n)}."""
    return pd.DataFrame(
        [(name, int(i < chosen)) for name, (chosen, n) in groups.items() for i in range(n)],
        columns=["group", "chosen"],
    )


def named(report: TemplateReport, caption: str) -> pd.DataFrame:
    return next(t.frame for t in report.tables if t.caption == caption).set_index("group")


def test_rows_and_counts_say_the_same() -> None:
    groups = {"White": (60, 100), "American Indian": (45, 100), "Hispanic": (48, 100)}
    rows = rows_of(groups)
    table = CountTable.from_rows(
        rows["chosen"], rows["chosen"], sensitive={"race": rows["group"]}, positive=1
    )
    counts = rows.groupby("group")["chosen"].agg(["size", "sum"]).reset_index()
    counts.columns = ["race", "n", "selected"]
    one = apply_template(EEOC, table)
    two = apply_to_counts(EEOC, counts)
    pd.testing.assert_frame_equal(one.tables[0].frame, two.tables[0].frame)
    assert one.statements[:-1] == two.statements[:-1]
    assert one.statements[-1].startswith('Counted: predicted "1".')
    assert one.tables[0].frame["flagged"].tolist()[1:] == [False, True]


def test_without_predictions_nobody_is_selected() -> None:
    table = CountTable.from_rows([1, 0, 1], sensitive={"sex": ["f", "m", "m"]}, positive=1)
    report = apply_template(EEOC, table)
    assert report.tables == ()
    assert any("there are no predictions" in text for text in report.statements)


def test_several_classes_have_no_selection() -> None:
    y = ["a", "b", "c", "a"]
    table = CountTable.from_rows(y, y, sensitive={"sex": ["f", "m", "m", "f"]})
    report = apply_template(EEOC, table)
    assert any("no single outcome that is a selection" in text for text in report.statements)


def test_controls_are_no_attributes() -> None:
    y = [1, 0, 1, 0]
    table = CountTable.from_rows(
        y, y, sensitive={"sex": ["f", "m", "m", "f"]}, control={"race": ["a", "b", "a", "b"]},
        positive=1,
    )  # fmt: skip
    report = apply_template(LL144, table)
    assert [t.caption for t in report.tables[:-1]] == ["Selection rates by sex"]
    assert any("named as race/ethnicity" in text for text in report.statements)


# Scores


def scored(scores: Sequence[float], groups: Sequence[str], n_bins: int) -> GroupCounts:
    """Return counts of scores in bins of equal width over [0, 1]."""
    names = sorted(set(groups))
    bins = np.minimum((np.asarray(scores) * n_bins).astype(int), n_bins - 1)
    used = np.unique(bins)
    counts = np.zeros((len(names), 2, len(used)), np.int64)
    for group, at in zip(groups, np.searchsorted(used, bins), strict=True):
        counts[names.index(group), 0, at] += 1
    low = np.array([np.asarray(scores)[bins == each].min() for each in used])
    high = np.array([np.asarray(scores)[bins == each].max() for each in used])
    weights = counts.astype(float)
    histogram = Histogram(counts, weights, weights, weights, weights, low, high)
    cells = counts.sum(axis=2)[:, :, None]
    return GroupCounts(
        "binary", "sex", tuple(names), ("0", "1"), cells, cells * 1.0, cells * 1.0,
        histogram=histogram, codes=np.arange(len(names))[:, None], names=("sex",),
    )  # fmt: skip


scores_and_groups = st.lists(
    st.tuples(st.integers(0, 100).map(lambda i: i / 100), st.sampled_from("fm")),
    min_size=1, max_size=60,
)  # fmt: skip


@given(rows=scores_and_groups, n_bins=st.integers(1, 12))
def test_the_median_of_bins_is_exact_or_says_how_far_it_may_be_off(
    rows: list[tuple[float, str]], n_bins: int
) -> None:
    scores, groups = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    counts = scored(list(scores), list(groups), n_bins)
    assert counts.histogram is not None
    found = above_median(counts.histogram, weighted=False)
    median = np.median(scores)
    true = np.array([(scores[groups == name] > median).sum() for name in counts.groups])
    sizes = counts.n
    if found.split is None:
        assert found.median[0] == pytest.approx(median)
        np.testing.assert_array_equal(found.weights, true)
    else:
        assert found.median[0] <= median <= found.median[1]
        assert (np.abs(found.weights - true) / sizes <= found.uncertain + 1e-12).all()


@given(rows=scores_and_groups)
def test_bins_of_one_score_each_are_exact(rows: list[tuple[float, str]]) -> None:
    counts = scored([r[0] for r in rows], [r[1] for r in rows], 101)
    rates = scoring_rates(counts, (Attribute("sex", counts.groups),), ())
    assert not isinstance(rates, str)
    assert rates.chosen is not None
    assert rates.exact


def test_weights_of_a_half_are_a_half() -> None:
    counts = scored([0.1, 0.2, 0.3, 0.4], list("fmfm"), 101)
    assert counts.histogram is not None
    weights = counts.histogram.weights * 0.1
    found = above_median(replace(counts.histogram, weights=weights), weighted=True)
    assert found.median[0] == pytest.approx(0.25)
    assert found.weights.tolist() == [0.1, 0.1]


def test_scores_become_scoring_rates() -> None:
    scores = [0.1, 0.2, 0.3, 0.9, 0.5, 0.6, 0.7, 0.8]
    sex, race = list("ffffmmmm"), list("abababab")
    table = CountTable.from_rows(
        [0, 1] * 4, y_score=scores, sensitive={"sex": sex, "race": race}, positive=1
    )
    report = apply_template(LL144, table)
    found = named(report, "Scoring rates by sex")
    assert found["above_median"].to_dict() == {"m": 3, "f": 1}
    assert found["impact_ratio"].to_dict() == {"m": 1.0, "f": 0.33}
    crossed = named(report, "Scoring rates, intersectional by race × sex")
    assert crossed["n"].sum() == 8


def test_without_scores_there_is_no_scoring_rate() -> None:
    y = [1, 0, 1, 0]
    table = CountTable.from_rows(y, y, sensitive={"sex": list("fmmf")}, positive=1)
    report = apply_template(LL144, table)
    assert "Scoring rates by sex: left out, as there are no scores." in report.statements


# Weights


def test_weighted_rates_are_flagged_with_a_tolerance() -> None:
    rows = rows_of({"top": (5, 10), "exact": (4, 10)})
    weight = np.where(rows["group"] == "top", 0.1, 0.7)
    table = CountTable.from_rows(
        rows["chosen"], rows["chosen"], sensitive={"sex": rows["group"]}, weight=weight, positive=1
    )
    report = apply_template(EEOC, table)
    found = report.tables[0].frame.set_index("group")
    assert found.loc["exact", "impact_ratio"] == pytest.approx(0.8)
    assert not found.loc["exact", "flagged"]
    assert np.isnan(found.loc["exact", "shortfall"])
    assert found.loc["exact", "test"] == "z"
    assert any("effective number" in note for note in report.tables[0].notes)


@pytest.mark.parametrize(("short", "flagged"), [(0, False), (1e-12, False), (1e-6, True)])
def test_the_last_digits_of_weights_flag_nobody(short: float, flagged: bool) -> None:
    weights = np.array([0.5, 0.4 * (1 - short)])
    rates = Rates(
        ("top", "exact"), np.array([10, 10]), None, np.ones(2), weights, np.full(2, 10.0),
        np.zeros(2, bool), weighted=True, meaning="chosen",
    )  # fmt: skip
    assert below(rates, 1, 0, Fraction(4, 5)) == flagged


def test_weights_change_rates() -> None:
    rows = rows_of({"a": (5, 10), "b": (5, 10)})
    weight = np.where((rows["group"] == "b") & (rows["chosen"] == 1), 0.25, 1.0)
    table = CountTable.from_rows(
        rows["chosen"], rows["chosen"], sensitive={"sex": rows["group"]}, weight=weight, positive=1
    )
    found = apply_template(EEOC, table).tables[0].frame.set_index("group")
    assert found.loc["b", "selection_rate"] == pytest.approx(1.25 / 6.25)
    assert found.loc["b", ["n", "selected"]].tolist() == [10, 5]
    assert found.loc["b", "flagged"]


# Evidence


def test_evidence_says_where_it_is() -> None:
    y = [1, 0, 1, 0]
    table = CountTable.from_rows(y, y, sensitive={"sex": list("fmmf")}, positive=1)
    report = apply_template(EU, table)
    assert report.tables == ()
    assert report.status == "unverified reading, not legal advice"
    assert list(report.evidence.columns) == ["requirement", "article", "where", "status"]
    status = report.evidence.groupby("where")["status"].agg(lambda s: set(s)).to_dict()
    assert status["disparities"] == {"evidence in this audit"}
    assert status["proxies"] == {"not in this audit"}
    assert status["calibration"] == {"not in this audit"}
    assert status["not covered"] == {"not covered"}
    assert all(a.startswith(("10", "15", "Annex IV")) for a in report.evidence["article"])
    more = apply_template(EU, table, contains={"proxies", "missingness"}).evidence
    status = more.groupby("where")["status"].first().to_dict()
    assert status["proxies"] == "evidence in this audit"
    assert status["disparities"] == "not in this audit"


def test_calibration_is_evidence_where_scores_are_probabilities() -> None:
    table = CountTable.from_rows(
        [1, 0, 1, 0], y_score=[0.1, 0.2, 0.3, 0.4], sensitive={"sex": list("fmmf")}, positive=1
    )
    evidence = apply_template(EU, table).evidence.set_index("where")
    assert evidence.loc["calibration", "status"] == "evidence in this audit"


def test_parts_that_there_are_not() -> None:
    table = CountTable.from_rows([1, 0], [1, 0], sensitive={"sex": list("fm")}, positive=1)
    with pytest.raises(ArgumentError, match="an audit has no such part") as error:
        apply_template(EU, table, contains={"proxy"})
    assert "proxies" in str(error.value)
    with pytest.raises(ArgumentError, match="confidence has to be between 0 and 1"):
        apply_template(EU, table, confidence=1.0)


def test_a_template_without_attributes_of_ours_uses_all() -> None:
    text = EEOC.text.replace('["sex", "gender"]', '["rank"]').replace("race", "clan")
    y = [1, 0, 1, 0]
    table = CountTable.from_rows(y, y, sensitive={"age": list("fmmf")}, positive=1)
    report = apply_template(parse_template(text, "x"), table)
    assert [t.caption for t in report.tables] == ["Selection rates and impact ratios by age"]
