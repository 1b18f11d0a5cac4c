"""The part on groups: which rows were audited, gaps by column, slices, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import fairness
from automl.reporting.facts import Facts
from automl.reporting.sections import titles, whom
from automl.reporting.sections.templates import template_blocks
from candor.report import Chart, Section, Table, Text


def texts(part: Section) -> str:
    found = [one for one in part.blocks if isinstance(one, Text)]
    return " ".join([part.conclusion, *(f"{one.text} {' '.join(one.items)}" for one in found)])


def test_the_parts_of_an_audit_have_titles_of_their_own(loan_facts: Facts) -> None:
    names = [one.title for one in whom.sections(loan_facts)]
    assert names == [
        titles.WHOM,
        whom.RATES,
        whom.SCORES,
        whom.CROSSED,
        whom.IN_DATA,
        whom.CAUSES,
        whom.SLICES,
    ]


def test_sealed_rows_are_named_and_need_no_warning(loan_facts: Facts) -> None:
    said = texts(whom.sections(loan_facts)[0])
    assert "Rows audited: 180 sealed rows" in said
    assert whom.CHOSE not in said


def test_rows_that_chose_the_ensemble_are_told(loan_facts: Facts) -> None:
    assert loan_facts.audit is not None
    audit = loan_facts.audit.described(rows_used="out-of-fold predictions on 900 rows")
    said = texts(whom.sections(replace(loan_facts, audit=audit))[0])
    assert whom.CHOSE in said


def test_gaps_are_split_over_columns(loan_facts: Facts) -> None:
    part = whom.sections(loan_facts)[0]
    assert loan_facts.gaps is not None
    said = texts(part)
    assert all(line in said for line in loan_facts.gaps.lines())
    assert any(
        isinstance(one, Table) and one.caption == "Parts of the gaps" for one in part.blocks
    )


def test_without_sensitive_columns_it_says_how_to_name_some(loan_facts: Facts) -> None:
    facts = replace(loan_facts, audit=None, gaps=None, sensitive=())
    first, *rest = whom.sections(facts)
    assert "No sensitive column was named" in first.conclusion
    assert 'sensitive=["sex"]' in texts(first)
    assert [one.title for one in rest] == [whom.SLICES]


def test_an_audit_that_failed_says_why(loan_facts: Facts) -> None:
    note = "Left out, audit: there is one group only."
    facts = replace(loan_facts, audit=None, gaps=None, notes=(note,))
    first = whom.sections(facts)[0]
    assert "could not be computed" in first.conclusion
    assert note in texts(first)


def test_slices_name_the_loss_and_the_rows(loan_facts: Facts) -> None:
    part = whom.sections(loan_facts)[-1]
    assert "Each row's log loss, on 180 sealed rows" in texts(part)


def test_without_rows_small_cells_are_gone(loan_facts: Facts, quiet_facts: Facts) -> None:
    def rates(facts: Facts) -> Table:
        part = next(one for one in whom.sections(facts) if one.title == whom.RATES)
        return next(one for one in part.blocks if isinstance(one, Table))

    assert len(rates(quiet_facts).frame) < len(rates(loan_facts).frame)
    assert "counts and cells under 10" in texts(whom.sections(quiet_facts)[0])


def test_every_chart_says_what_it_shows(loan_facts: Facts) -> None:
    for part in whom.sections(loan_facts):
        assert all(one.alt for one in part.blocks if isinstance(one, Chart))


def test_what_a_part_comes_to_stands_in_a_sentence_with_numbers(loan_facts: Facts) -> None:
    said = {one.title: one.conclusion for one in whom.sections(loan_facts)}
    assert loan_facts.audit is not None
    rates = loan_facts.audit.by_group
    rates = rates[(rates["attribute"] == "sex") & (rates["metric"] == "selection_rate")]
    for value in rates["value"]:
        assert f"{100 * value:.1f} %" in said[whom.RATES]
    assert "By sex, the share that is called “yes” runs from" in said[whom.RATES]
    assert said[whom.IN_DATA] != said[whom.CAUSES]
    for group, n in zip(rates["group"], rates["n"], strict=True):
        assert f"{group} ({n})" in said[whom.IN_DATA]


def test_every_table_of_the_audit_names_its_rows(loan_facts: Facts) -> None:
    assert loan_facts.audit is not None
    for part in whom.sections(loan_facts)[:-1]:
        for table in (one for one in part.blocks if isinstance(one, Table)):
            assert table.notes[-1] == loan_facts.audit.rows_used, table.caption


def test_gaps_are_told_once_and_drawn_between_the_same_groups(loan_facts: Facts) -> None:
    part = whom.sections(loan_facts)[0]
    assert loan_facts.gaps is not None
    lines = loan_facts.gaps.lines()
    drawn = [one.caption for one in part.blocks if isinstance(one, Chart)]
    gaps = [one for one in drawn if one.endswith("column by column")]
    assert gaps
    assert not set(drawn) & set(lines)
    for row, caption in zip(loan_facts.gaps.gaps.itertuples(), gaps, strict=False):
        assert caption.startswith(f"{row.attribute}: from the mean prediction")
        assert f"of {row.reference} to that of {row.group}," in caption


def audited(sizes: tuple[int, int]) -> fairness.Audit:
    """Return an audit with a template, of groups of these sizes."""
    sex = np.repeat(["f", "m"], sizes)
    said = np.arange(sum(sizes)) % 2 == 0
    return fairness.audit(
        said, said, sensitive={"sex": sex}, template=["eeoc_four_fifths", "nyc_local_law_144"]
    )


def test_without_a_template_it_says_which_there_are(loan_facts: Facts) -> None:
    said = texts(whom.sections(loan_facts)[0])
    *names, last = fairness.template_names()
    assert f"--template {', '.join(names)} or {last} adds one" in said


@pytest.mark.parametrize("personal", [True, False])
def test_a_template_of_large_groups_is_shown(personal: bool) -> None:
    blocks = template_blocks(audited((100, 100)), personal=personal)
    tables = [one for one in blocks if isinstance(one, Table)]
    assert "Selection rates and impact ratios by sex" in [one.caption for one in tables]
    assert "sex: " in texts(Section("", "", tuple(blocks)))
    assert "Left out" not in texts(Section("", "", tuple(blocks)))


def test_a_template_of_few_rows_is_left_out_with_its_reason() -> None:
    audit = audited((14, 200))  # of 14 rows 7 are selected
    blocks = template_blocks(audit, personal=False)
    captions = [one.caption for one in blocks if isinstance(one, Table)]
    assert not [one for one in captions if one.startswith("Selection rates")]
    said = texts(Section("", "", tuple(blocks)))
    assert "cells count fewer than 10 rows" in said
    assert "Selection rates and impact ratios by sex" in said
    assert "7 of 14" not in said
    assert "7 of 14" in texts(Section("", "", tuple(template_blocks(audit, personal=True))))


def test_differences_without_enough_data_are_folded(loan_facts: Facts) -> None:
    assert loan_facts.audit is not None
    part = whom.sections(loan_facts)[0]
    frame = loan_facts.audit.disparities
    chosen = (frame["family"] == "declared") & (frame["kind"] == "difference")
    open_ones = int((frame["verdict"][chosen] == "not enough data").sum())
    assert open_ones
    (folded,) = [one for one in part.blocks if isinstance(one, Table) and one.fold == 1]
    assert folded.caption.startswith(f"{open_ones} declared difference")
    assert len(folded.frame) == open_ones
    assert "not enough data" not in texts(part)
