"""What an audit prints: every state and number in words, in lines that a terminal holds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import fairness
from fairness.showing.verdicts import comparisons, sentence
from fairness.showing.words import about, group_name, number, points


@pytest.fixture(scope="module")
def crowded() -> fairness.Audit:
    """Return an audit with long names, many crossings, a number, missing and tiny groups."""
    rng = np.random.default_rng(0)
    n = 3000
    long = {
        f"attribute {place}": rng.choice(
            [f"level {place}{one} of a long name" for one in range(5)], n
        )
        for place in range(4)
    }
    sex = rng.choice(np.array(["f", "m", None], object), n, p=[0.49, 0.49, 0.02])
    sex[:5] = "x"
    score = np.clip(rng.normal(0.5, 0.2, n) + 0.15 * (sex == "m"), 0, 1)
    return fairness.audit(
        rng.random(n) < 0.4,
        y_score=score,
        sensitive={"sex": sex, "age": rng.integers(18, 80, n), **long},
        control={"site": rng.choice(["north", "south"], n)},
        features=pd.DataFrame({"copy": sex.astype(str), "noise": rng.random(n)}),
        template="eeoc_four_fifths",
    )


def test_lines_fit_a_terminal_and_crossings_stay_short(crowded: fairness.Audit) -> None:
    lines = str(crowded).splitlines()
    assert max(map(len, lines)) <= 120
    crossings = [name for name in crowded.attributes if name not in crowded.table.sensitive]
    assert len(crossings) > 10
    assert sum(line.startswith(tuple(f"{name}, " for name in crossings)) for line in lines) == 4
    assert any("more crossings: " in line for line in lines)


def test_small_groups_keep_value_interval_and_count(crowded: fairness.Audit) -> None:
    found = crowded.by_group
    chosen = (found["attribute"] == "sex") & (found["group"] == "x") & (found["metric"] == "fpr")
    row = found[chosen].iloc[0]
    assert row["state"] == "not estimable"
    text = " ".join(str(crowded).split())
    ends = f"{100 * row['low']:.1f}, {100 * row['high']:.1f}"
    assert f"FPR {100 * row['value']:.1f} % [{ends}] of {row['denominator']}" in text


def test_weak_values_are_marked_and_the_mark_is_explained(crowded: fairness.Audit) -> None:
    assert (crowded.by_group["state"] == "weak").any()
    assert " ~" in str(crowded)
    assert "~ marks weak values" in str(crowded)


def test_bins_stand_from_low_to_high(crowded: fairness.Audit) -> None:
    text = str(crowded)
    groups = next(one.groups for one in crowded.table.attributes if one.name == "age")
    places = [text.index(f"\n  {group}") for group in groups]
    assert places == sorted(places)


def test_strata_missing_rows_proxies_and_templates_are_told(crowded: fairness.Audit) -> None:
    text = " ".join(str(crowded).split())
    assert "within strata of site it is" in text
    assert "rows without it belong" in text
    assert "sex can be told from the other columns" in text
    assert "most by copy alone" in text
    assert "age cannot be told from the other columns" in text
    assert "Four-fifths rule" in text


def test_a_sentence_says_both_values_and_the_interval_in_points(crowded: fairness.Audit) -> None:
    found = comparisons(crowded, attribute="sex", metrics=("demographic_parity",))
    text = sentence(found[0])
    low, high = points(found[0].low), points(found[0].high)
    assert f"points (95 % interval {low} to {high})" in text
    assert "tolerance of 10" in text


def test_what_the_correction_takes_back_is_said_of_the_correction(
    crowded: fairness.Audit,
) -> None:
    found = comparisons(crowded, attribute="sex", metrics=("demographic_parity",))[0]
    taken = replace(found, low=0.12, verdict="not enough data", needs="", needs_rows=math.nan)
    text = sentence(taken)
    declared = crowded.disparities[crowded.disparities["family"] == "declared"]
    count = int(declared["p_value"].notna().sum())
    assert f"alone, but not after correction for {count} comparisons: not enough data." in text
    assert "may or may not" not in text
    assert "may or may not" in sentence(replace(taken, low=0.08, needs="f", needs_rows=90.0))


def test_calibration_holds_where_error_rates_do_not(compas_rows: pd.DataFrame) -> None:
    audit = fairness.audit(
        compas_rows["two_year_recid"],
        y_score=compas_rows["decile_score"],
        threshold=5,
        sensitive=compas_rows[["race"]],
    )
    text = " ".join(str(audit).split())
    assert "within the tolerance of 10, although error rates are not" in text
    assert "44.8 % [42.6, 47.2]" in text
    assert "FPR 37.5 % [8.5, 75.5] of 8" in text


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (number(-0.2), "−0.200"),
        (number(-0.0001), "0.000"),
        (number(-70_000.4), "−70,000"),
        (points(-0.123), "−12.3"),
        (points(float("nan")), "–"),
        (about(0.4), "about 1 more row"),
        (group_name("male", "1"), "male 1"),
        (group_name("age", "≥ 68"), "age ≥ 68"),
        (group_name("a × b", "1 × 2"), "1 × 2"),
    ],
)
def test_words(found: str, expected: str) -> None:
    assert found == expected
