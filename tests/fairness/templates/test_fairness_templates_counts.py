"""Impact ratios from counts: published examples to the digit, exact thresholds, and words."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency, fisher_exact

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.templates import (
    TemplateReport,
    apply_to_counts,
    load_template,
    parse_template,
    template_names,
)
from fairness.templates.pairs import Share, p_value, ratio_interval

EEOC = load_template("eeoc_four_fifths")
LL144 = load_template("nyc_local_law_144")
SIGNIFICANT = "below four fifths and statistically significant"
CHANCE = "below four fifths, could be chance (small numbers)"
NOT_BELOW = "not below four fifths"
YET = f"{NOT_BELOW}, yet statistically significant (a larger difference than chance)"


def answered(
    groups: dict[str, tuple[int, int]], attribute: str = "race", rate: str = "selected"
) -> TemplateReport:
    """Apply the EEOC's or the city's template to {group: (chosen, n)}."""
    chosen, n = zip(*groups.values(), strict=True)
    counts = pd.DataFrame({attribute: list(groups), "n": n, rate: chosen})
    return apply_to_counts(EEOC if rate == "selected" else LL144, counts)


def rows(report: TemplateReport) -> pd.DataFrame:
    return report.tables[0].frame.set_index("group")


# Published examples


def test_the_example_of_the_eeoc() -> None:
    found = rows(
        answered(
            {"White": (60, 100), "American Indian": (45, 100), "Hispanic": (48, 100),
             "Black": (51, 100)}
        )
    )  # fmt: skip
    assert found["impact_ratio"].to_dict() == pytest.approx(
        {"White": 1, "American Indian": 0.75, "Hispanic": 0.8, "Black": 0.85}
    )
    assert found.index[found["flagged"].fillna(False)].tolist() == ["American Indian"]
    assert found.loc["White", "reading"] == "highest rate"
    assert found.loc["American Indian", "shortfall"] == 3


@pytest.mark.parametrize(
    ("white", "black", "ratio", "swap"),
    # Questions 20 (3 of 20 men, 1 of 10 women) and 21 (16 of 80, 3 of 20).
    [((16, 80), (3, 20), 0.75, True), ((3, 20), (1, 10), 2 / 3, True)],
)
def test_small_numbers_of_the_questions_and_answers(
    white: tuple[int, int], black: tuple[int, int], ratio: float, swap: bool
) -> None:
    report = answered({"white": white, "black": black})
    row = rows(report).loc["black"]
    assert row["impact_ratio"] == pytest.approx(ratio)
    assert row["flagged"]
    assert row["reading"] == CHANCE
    assert ("instead of one of the highest group reverses the order" in row["hinges_on"]) == swap
    assert "could be chance" in " ".join(report.statements)


@pytest.mark.parametrize(
    ("older", "younger", "ratio", "flagged"),
    [((590, 810), (110, 190), 0.794826, True), ((612, 851), (88, 149), 0.821248, False)],
)
def test_one_year_of_the_age_cut_in_german_credit(
    older: tuple[int, int], younger: tuple[int, int], ratio: float, flagged: bool
) -> None:
    row = rows(answered({"older": older, "younger": younger}, "age")).loc["younger"]
    assert round(row["impact_ratio"], 6) == ratio
    assert row["flagged"] == flagged


def test_the_example_of_local_law_144_on_sex() -> None:
    report = answered({"Male": (50, 92), "Female": (34, 76)}, "sex", "above_median")
    found = rows(report)
    assert found["impact_ratio"].to_dict() == {"Male": 1.0, "Female": 0.82}
    assert found["scoring_rate"].to_dict() == {"Male": 0.543, "Female": 0.447}
    assert report.tables[0].caption == "Scoring rates by sex"


def test_the_example_of_local_law_144_on_race() -> None:
    published = {
        "Hispanic or Latino": ((18, 28), 0.642, 1.00),
        "White": ((15, 40), 0.375, 0.58),
        "Black": ((16, 32), 0.500, 0.78),
        "Native Hawaiian or Pacific Islander": ((5, 8), 0.625, 0.97),
        "Asian": ((10, 24), 0.417, 0.65),
    }
    counts = {group: each[0] for group, each in published.items()}
    found = rows(answered(counts, "Race/Ethnicity", "above_median"))
    for group, (_, rate, ratio) in published.items():
        assert found.loc[group, "impact_ratio"] == ratio
        # The rule cuts 18 / 28 = .6429 off where others round.
        assert found.loc[group, "scoring_rate"] == pytest.approx(rate, abs=0.00101)


# Exactness


@given(
    base=st.integers(1, 400),
    top=st.tuples(st.integers(1, 40), st.integers(1, 40)).filter(lambda t: t[0] <= t[1]),
    others=st.integers(0, 3),
)
def test_exactly_four_fifths_is_never_flagged(
    base: int, top: tuple[int, int], others: int
) -> None:
    chosen, n = top
    groups = {"highest": (chosen * base, n * base), "exact": (4 * chosen, 5 * n)}
    groups |= {f"other {i}": (i, 100) for i in range(others) if i * n <= chosen * 100}
    report = apply_to_counts(
        parse_template(EEOC.text.replace("minimum_share = 0.02", ""), "x"),
        pd.DataFrame(
            {"sex": list(groups), "n": [g[1] for g in groups.values()],
             "selected": [g[0] for g in groups.values()]}
        ),
    )  # fmt: skip
    row = rows(report).loc["exact"]
    assert not row["flagged"]
    assert row["shortfall"] == 0
    if groups["exact"][0] > 0:
        assert row["hinges_on"] == "one fewer chosen raises the flag"


counts_of_groups = st.lists(
    st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1, max_size=6,
)  # fmt: skip


@given(groups=counts_of_groups)
def test_flags_are_those_of_whole_numbers(groups: list[tuple[int, int]]) -> None:
    report = answered({f"g{i}": group for i, group in enumerate(groups)})
    found = rows(report)
    everyone = sum(n for _, n in groups)
    kept = {
        f"g{i}": g for i, g in enumerate(groups) if Fraction(g[1], everyone) >= Fraction(1, 50)
    }
    most = max(Fraction(*group) for group in kept.values())
    ratios = found["impact_ratio"]
    assert ((ratios <= 1) & (ratios >= 0) | ratios.isna()).all()
    for name, row in found.iterrows():
        if name not in kept:
            assert "left out" in row["reading"]
            assert math.isnan(row["impact_ratio"])
            continue
        rate = Fraction(*kept[str(name)])
        assert row["selection_rate"] == pytest.approx(float(rate))
        if row["reading"] == "highest rate":
            assert rate == most
        elif most > 0:
            assert row["flagged"] == (rate < Fraction(4, 5) * most)
            more = int(row["shortfall"])
            chosen, n = kept[str(name)]
            assert Fraction(chosen + more, n) >= Fraction(4, 5) * most or chosen + more == n
            if more:
                assert Fraction(chosen + more - 1, n) < Fraction(4, 5) * most
        if not math.isnan(row["low"]):
            assert row["low"] <= row["impact_ratio"] * (1 + 1e-9)
            assert row["impact_ratio"] <= row["high"] * (1 + 1e-9)


def test_rounding_never_decides() -> None:
    found = rows(answered({"a": (10_000, 10_000), "b": (7_999, 10_000)}))
    assert found.loc["b", "flagged"]
    assert round(found.loc["b", "impact_ratio"], 3) == 0.8


# Readings


def test_the_four_readings() -> None:
    found = rows(
        answered(
            {"top": (600, 1_000), "far": (300, 1_000), "few": (9, 30), "same": (590, 1_000),
             "less": (530, 1_000)}
        )
    )  # fmt: skip
    # "few" is under 2 % of 4,030 rows, so it is asked for by itself.
    assert found.loc["far", "reading"] == SIGNIFICANT
    assert found.loc["same", "reading"] == NOT_BELOW
    assert found.loc["less", "reading"] == YET
    assert found.loc["few", "reading"] == "left out: 0.7% of the rows"
    assert rows(answered({"top": (12, 30), "few": (9, 30)})).loc["few", "reading"] == CHANCE


def test_many_pairs_are_allowed_for_in_words() -> None:
    groups = {f"g{i}": (60, 120) for i in range(5)} | {"low": (40, 120)}
    report = answered(groups)
    row = rows(report).loc["low"]
    assert row["p_value"] < 0.05 < row["p_adjusted"]
    assert row["p_adjusted"] == pytest.approx(min(1, 15 * row["p_value"]))
    assert any("allowing for all pairs of groups" in text for text in report.statements)


def test_small_groups_are_listed_and_never_the_highest() -> None:
    report = answered({"a": (50, 500), "b": (45, 500), "tiny": (3, 3)})
    found = rows(report)
    assert found.loc["a", "reading"] == "highest rate"
    assert found.loc["tiny", ["n", "selected", "selection_rate"]].tolist() == [3, 3, 1.0]
    assert pd.isna(found.loc["tiny", "flagged"])
    assert "left out: 0.3% of the rows" in found.loc["tiny", "reading"]
    assert any("tiny (100.0%, 3 of 3)" in text for text in report.statements)
    assert "race: higher than the highest that is compared: tiny." in report.statements


def test_exactly_two_percent_is_compared() -> None:
    found = rows(answered({"a": (490, 980), "b": (5, 20)}))
    assert found.loc["b", "flagged"]
    assert "left out" in rows(answered({"a": (490, 981), "b": (5, 20)})).loc["b", "reading"]


@pytest.mark.parametrize("name", [None, np.nan, "Unknown", "not disclosed", "N/A", "(missing)"])
def test_unknown_people_are_counted_and_in_no_ratio(name: object) -> None:
    counts = pd.DataFrame({"sex": ["f", "m", name], "n": [50, 50, 70], "selected": [10, 20, 70]})
    report = apply_to_counts(EEOC, counts)
    found = report.tables[0].frame
    assert found["reading"].tolist()[-1] == "category unknown: not in the ratios"
    assert found["group"].tolist()[0] == "m"
    assert any("70 people is unknown" in text for text in report.statements)
    assert any("in no ratio: 70" in note for note in report.tables[0].notes)


def test_unknown_in_either_is_unknown_in_the_intersection() -> None:
    counts = pd.DataFrame(
        {
            "sex": ["f", "m", "f", "m", None],
            "race": ["a", "a", "b", None, "b"],
            "n": [40, 50, 60, 7, 8],
            "selected": [10, 20, 30, 7, 8],
        }
    )
    report = apply_to_counts(LL144, counts)
    assert [table.caption for table in report.tables[:3]] == [
        "Selection rates by sex",
        "Selection rates by race",
        "Selection rates, intersectional by race × sex",
    ]
    found = report.tables[2].frame.set_index("group")
    assert found.index.tolist() == ["b × f", "a × m", "a × f", "(missing) × m", "b × (missing)"]
    assert found["impact_ratio"].tolist()[:3] == [1.0, 0.8, 0.5]
    assert any("race × sex: the category of 15 people" in text for text in report.statements)


def test_hidden_unknowns_are_still_counted_in_a_note() -> None:
    template = parse_template(
        EEOC.text.replace("show_unknown = true", "show_unknown = false"), "x"
    )
    counts = pd.DataFrame({"sex": ["f", "m", None], "n": [9, 9, 9], "selected": [3, 4, 5]})
    table = apply_to_counts(template, counts).tables[0]
    assert table.frame["group"].tolist() == ["m", "f"]
    assert any("in no ratio: 9" in note for note in table.notes)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"a": (0, 10), "b": (0, 20)}, "nobody is selected"),
        ({"a": (3, 10)}, "fewer than two groups"),
        ({"a": (0, 0)}, "no group has enough rows"),
    ],
)
def test_where_nothing_can_be_compared(groups: dict[str, tuple[int, int]], said: str) -> None:
    report = answered(groups)
    assert any(said in text for text in report.statements)
    assert not rows(report)["flagged"].fillna(False).any()


def test_a_thousand_groups_are_not_a_thousand_sentences() -> None:
    groups = {f"g{i}": (i % 50, 50) for i in range(1_000)}
    report = answered(groups)
    assert "race: no group has enough rows, so there is nothing to compare." in report.statements
    assert any("and 990 more" in text for text in report.statements)
    few = answered({f"g{i}": (i, 50) for i in range(30)})
    # The lowest come first.
    assert "g0 (0.0%, 0 of 50)" in few.statements[1]
    assert any("more such groups are in the table" in text for text in few.statements)
    assert len(few.statements) < 16


def test_local_law_144_has_no_threshold() -> None:
    report = answered({"Male": (90, 100), "Female": (9, 100)}, "sex", "above_median")
    assert set(report.tables[0].frame.columns) == {
        "group", "n", "above_median", "scoring_rate", "impact_ratio", "reading",
    }  # fmt: skip
    said = " ".join((*report.statements, *report.tables[0].notes))
    assert not re.search(r"four.fifths|4/5|80|significan|below|flag", said)
    assert report.tables[-1].caption == "To be filled in by hand"
    assert set(report.tables[-1].frame["value"]) == {""}
    assert any("Distribution date" in text for text in report.tables[-1].frame["field"])


@pytest.mark.parametrize("name", template_names())
def test_no_report_speaks_like_a_certificate(name: str) -> None:
    counts = pd.DataFrame(
        {"sex": ["f", "m"], "race": ["a", "b"], "n": [90, 80], "selected": [9, 80],
         "above_median": [9, 76]}
    )  # fmt: skip
    report = apply_to_counts(load_template(name), counts)
    said = [*report.statements, *report.limits, report.status, report.title]
    for table in report.tables:
        said += [table.caption, *table.notes, table.frame.to_csv()]
    said.append(report.evidence.to_csv())
    words = r"\b(pass(es|ed)?|fail(s|ed|ure)?|complian(t|ce)|complies|fair|unfair|certif\w*)\b"
    assert not re.findall(words, " ".join(said), re.IGNORECASE)


# Columns


@pytest.mark.parametrize("column", ["sex", "SEX", "Gender", "gender ", "_sex_"])
def test_columns_are_found_by_their_letters(column: str) -> None:
    report = answered({"f": (3, 10), "m": (5, 10)}, column)
    assert not any("No sensitive attribute is named as sex" in text for text in report.statements)


def test_where_no_name_is_known_the_others_stand_in() -> None:
    counts = pd.DataFrame(
        {"age": ["old", "young", "old", "young"], "town": ["x", "x", "y", "y"],
         "n": [40, 50, 60, 70], "selected": [10, 20, 30, 40]}
    )  # fmt: skip
    report = apply_to_counts(LL144, counts)
    captions = [table.caption for table in report.tables[:-1]]
    assert captions == [
        "Selection rates by age",
        "Selection rates by town",
        "Selection rates, intersectional by age × town",
    ]
    notes = [text for text in report.statements if "which may be wrong" in text]
    assert len(notes) == 2
    assert "age, town was used in its place" in notes[0]


def test_a_kind_that_is_missing_takes_what_no_other_claims() -> None:
    counts = pd.DataFrame(
        {"sex": ["f", "m"], "nation": ["x", "y"], "n": [40, 50], "selected": [10, 20]}
    )
    captions = [table.caption for table in apply_to_counts(LL144, counts).tables[:-1]]
    assert captions == [
        "Selection rates by sex",
        "Selection rates by nation",
        "Selection rates, intersectional by nation × sex",
    ]


# Frames of counts


@pytest.mark.parametrize(
    ("counts", "what"),
    [
        ({"sex": ["f"], "selected": [1]}, 'counts need the columns "n"'),
        ({"sex": ["f"], "n": [1]}, 'counts need the columns "n"'),
        ({"n": [1], "selected": [1]}, 'counts need the columns "n"'),
        ({"sex": ["f"], "n": [1], "selected": [2]}, 'more are counted in "selected"'),
        ({"sex": ["f"], "n": [-1], "selected": [0]}, '"n" has to hold counts'),
        ({"sex": ["f"], "n": [1.5], "selected": [0]}, '"n" has to hold counts'),
        ({"sex": ["f"], "n": [2], "selected": [np.nan]}, '"selected" has to hold counts'),
        ({"sex": ["f"], "n": ["many"], "selected": [0]}, '"n" has to hold counts'),
        ({"sex": ["f"], "n": [np.inf], "selected": [0]}, '"n" has to hold counts'),
    ],
)
def test_counts_that_cannot_be(counts: dict[str, list[object]], what: str) -> None:
    with pytest.raises(ArgumentError, match=what):
        apply_to_counts(EEOC, pd.DataFrame(counts))


def test_counts_are_a_frame() -> None:
    with pytest.raises(ArgumentTypeError, match="given as a DataFrame"):
        apply_to_counts(EEOC, {"sex": ["f"]})  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="confidence has to be between 0 and 1"):
        apply_to_counts(EEOC, pd.DataFrame(), confidence=95)
    empty = pd.DataFrame({"sex": [], "n": [], "selected": []})
    assert any(
        "no group has enough rows" in text for text in apply_to_counts(EEOC, empty).statements
    )


# Pairs


def test_the_interval_is_koopmans() -> None:
    # Koopman (1984): 36 of 40 against 16 of 80.
    low, high = ratio_interval(Share(36, 40), Share(16, 80), 0.05)
    assert (round(low, 2), round(high, 2)) == (2.94, 7.15)


@given(n=st.integers(1, 60), m=st.integers(1, 60), data=st.data())
def test_swapping_the_groups_inverts_the_interval(n: int, m: int, data: st.DataObject) -> None:
    a, b = Share(data.draw(st.integers(0, n)), n), Share(data.draw(st.integers(0, m)), m)
    low, high = ratio_interval(a, b, 0.05)
    other_low, other_high = ratio_interval(b, a, 0.05)
    if a.chosen == b.chosen == 0:
        assert np.isnan([low, high, other_low, other_high]).all()
    else:
        assert low * other_high == pytest.approx(1, rel=1e-6) or (low, other_high) == (0, math.inf)
        assert high * other_low == pytest.approx(1, rel=1e-6) or (other_low, high) == (0, math.inf)


@pytest.mark.parametrize(("n", "m", "p", "q"), [(25, 40, 0.3, 0.5), (60, 15, 0.1, 0.2)])
def test_intervals_cover_the_truth(n: int, m: int, p: float, q: float) -> None:
    covered = 0.0
    for x in range(n + 1):
        for y in range(m + 1):
            chance = binom.pmf(x, n, p) * binom.pmf(y, m, q)
            if chance > 1e-7:
                low, high = ratio_interval(Share(x, n), Share(y, m), 0.05)
                covered += chance * (math.isnan(low) or low <= p / q <= high)
    assert 0.935 < covered < 0.99


@given(n=st.integers(1, 200), m=st.integers(1, 200), data=st.data())
def test_small_tables_have_fishers_exact_test(n: int, m: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    p, name = p_value(Share(x, n), Share(y, m), "fisher")
    assert name == "Fisher"
    assert p == fisher_exact([[x, n - x], [y, m - y]])[1]


def test_large_tables_have_the_z_test_and_it_agrees() -> None:
    p, name = p_value(Share(4_000, 10_000), Share(4_120, 10_000), "fisher")
    assert name == "z"
    table = [[4_000, 6_000], [4_120, 5_880]]
    assert p == pytest.approx(chi2_contingency(table, correction=False)[1], rel=1e-9)
    assert p == pytest.approx(fisher_exact(table)[1], rel=0.06)
    assert p_value(Share(0, 30_000), Share(0, 30_000), "z") == (1.0, "z")
    assert p_value(Share(0, 30_000), Share(3, 30_000), "fisher")[1] == "Fisher"
