"""The page of an audit: answers first, each a link; tables in words and of bounded length."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fairness
from candor.report import Page, Table, to_html
from fairness.showing.sections import page
from fairness.showing.sections.tables import readable


@pytest.fixture(scope="module")
def audit() -> fairness.Audit:
    rng = np.random.default_rng(1)
    n = 2000
    sex = rng.choice(["f", "m"], n)
    region = rng.choice([f"region {place}" for place in range(30)], n)
    score = np.clip(rng.random(n) + 0.3 * (sex == "m"), 0, 1)
    return fairness.audit(
        rng.random(n) < 0.5,
        y_score=score,
        sensitive={"sex": sex, "region": region},
        template="nyc_local_law_144",
    )


@pytest.fixture(scope="module")
def shown(audit: fairness.Audit) -> Page:
    return page(audit)


def tables(shown: Page) -> list[Table]:
    return [block for part in shown.sections for block in part.blocks if isinstance(block, Table)]


def test_every_answer_opens_a_part(shown: Page) -> None:
    titles = {part.title for part in shown.sections}
    assert all(not isinstance(one, str) and one.section in titles for one in shown.lead)
    assert to_html(shown).count('<a href="#s') == len(shown.lead) + len(titles)


def test_the_first_answer_is_the_worst_verdict(shown: Page) -> None:
    first = shown.lead[0]
    assert not isinstance(first, str)
    assert first.text.startswith("sex: the ")
    assert "is beyond the tolerance of 10." in first.text


def test_verdicts_come_first_and_the_template_next(shown: Page) -> None:
    assert [part.title for part in shown.sections][:2] == ["Disparities", "Regulation templates"]


def test_heads_are_words(shown: Page) -> None:
    heads = {str(name) for table in tables(shown) for name in table.frame.columns}
    assert not [head for head in heads if "_" in head]


def test_formats_belong_to_columns(shown: Page) -> None:
    for table in tables(shown):
        assert set(table.formats) <= {str(name) for name in table.frame.columns}


def test_crossed_groups_are_bounded_and_what_is_left_out_is_counted(
    shown: Page, audit: fairness.Audit
) -> None:
    part = next(one for one in shown.sections if one.title == "Crossed groups")
    table = part.blocks[-1]
    assert isinstance(table, Table)
    all_rows = int((audit.by_group["attribute"] == "sex × region").sum())
    kept = len(table.frame)
    assert kept <= 500 < all_rows
    assert f"{all_rows - kept:,} of {all_rows:,} rows" in table.notes[0]
    assert table.frame["rows"].is_monotonic_decreasing


def test_an_interval_is_one_column() -> None:
    frame = pd.DataFrame({"value": [0.5, np.nan], "low": [0.4, np.nan], "high": [0.6, np.nan]})
    table = readable(frame.assign(p_value=0.00001, empty=""), "x")
    assert table.frame.columns.tolist() == ["value", "interval", "p"]
    assert table.frame["interval"].tolist() == ["0.400 to 0.600", ""]
    assert table.formats["p"] == "p"


def test_an_audit_of_counts_alone_has_a_page(audit: fairness.Audit) -> None:
    cells = pd.DataFrame(
        {
            "site": ["a"] * 4 + ["b"] * 4,
            "y_true": [0, 0, 1, 1] * 2,
            "y_pred": [0, 1] * 4,
            "count": [50] * 8,
        }
    )
    counted = fairness.audit_table(fairness.CountTable.from_cells(cells))
    assert "site: " in to_html(page(counted))


def test_small_groups_are_named_by_their_rates_alone() -> None:
    outcome = [0] * 500 + [1] * 500
    predicted = [0] * 495 + [1] * 500 + [0] * 5
    found = fairness.audit(outcome, predicted, sensitive=["a", "b"] * 500)
    rows = found.by_group[found.by_group["state"] == "not estimable"]
    assert set(rows["metric"]) == {"treatment_equality"}
    assert not [one for one in page(found).lead if "Not estimable" in str(one)]
