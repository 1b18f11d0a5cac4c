"""The part on why: what it shows of an explanation, with and without people's rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.reporting.examples import chosen_rows
from automl.reporting.facts import Facts
from automl.reporting.levers import no_levers, sparing
from automl.reporting.sections import why
from automl.reporting.sections.aggregated import aggregated_effects
from candor.report import Chart, Choice, Section, Table, Text
from explain import counterfactuals, effects


@pytest.fixture(scope="module")
def part(loan_facts: Facts) -> Section:
    return why.section(loan_facts)


def picker(part: Section, label: str) -> Choice:
    return next(one for one in part.blocks if isinstance(one, Choice) and one.label == label)


def test_it_begins_with_the_rows_and_how_far_to_trust(part: Section, loan_facts: Facts) -> None:
    first = part.blocks[0]
    assert isinstance(first, Text)
    assert first.text.startswith("Rows explained: 180 sealed rows")
    assert "exact" in first.items[0]


def test_a_column_is_picked_by_its_name(part: Section, loan_facts: Facts) -> None:
    assert loan_facts.why is not None
    assert loan_facts.why.effects is not None
    options = picker(part, "Column").options
    assert [one.name for one in options] == loan_facts.why.effects.columns
    assert all(isinstance(one.blocks[0], Chart) for one in options)


def test_each_row_has_a_picture_words_truth_and_changes(part: Section, loan_facts: Facts) -> None:
    assert loan_facts.why is not None
    found = loan_facts.why.explanation
    rows = picker(part, "Row")
    assert len(rows.options) == len(chosen_rows(found))
    for option, row in zip(rows.options, chosen_rows(found), strict=True):
        number = int(found.rows[row])
        assert option.name.startswith(f"Row {number}: probability of yes")
        chart = option.blocks[0]
        assert isinstance(chart, Chart)
        assert f"row {number}" in chart.caption
        texts = [one for one in option.blocks if isinstance(one, Text)]
        assert texts[0].text == "In words:"
        assert texts[1].text in ("What was true of it: yes.", "What was true of it: no.")
        assert texts[2].text.startswith("The model says")


def test_rows_run_from_the_highest_to_the_lowest_prediction(loan_facts: Facts) -> None:
    assert loan_facts.why is not None
    predictions = loan_facts.why.explanation.predictions
    rows = chosen_rows(loan_facts.why.explanation)
    assert predictions[rows[0]] == predictions.max()
    assert predictions[rows[-1]] == predictions.min()
    assert np.abs(predictions).min() in np.abs(predictions[list(rows)])


def test_quality_and_price_are_there(part: Section) -> None:
    tables = {one.caption.split(",")[0]: one for one in part.blocks if isinstance(one, Table)}
    assert "Quality of the explanation" in tables
    assert "The best model of each family" in tables
    assert "deletion: " in part.method


def test_without_rows_no_strips_and_no_rows(quiet_facts: Facts) -> None:
    part = why.section(quiet_facts)
    labels = [one.label for one in part.blocks if isinstance(one, Choice)]
    assert labels == ["Column"]
    captions = [one.caption for one in part.blocks if isinstance(one, Chart)]
    assert not [one for one in captions if one.startswith("Each point is a row")]


def test_without_an_explanation_the_price_stays(loan_facts: Facts) -> None:
    part = why.section(replace(loan_facts, why=None, notes=("Left out, explanation: no rows.",)))
    assert part.conclusion == why.MISSING
    assert any(isinstance(one, Text) and "price" in one.text for one in part.blocks)
    assert any(isinstance(one, Text) and one.items == ("Left out, explanation: no rows.",)
               for one in part.blocks)  # fmt: skip


def test_curves_without_rows_lie_at_round_values() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"x": rng.uniform(1234.5, 9876.5, 400), "s": ["a"] * 200 + ["b"] * 195 + ["rare"] * 5}
    )
    found = effects(lambda rows: rows["x"] + (rows["s"] == "a"), frame, columns=["x", "s"])
    shown = aggregated_effects(found, 400)
    curve, levels = shown.effects
    assert set(curve.positions % 1000) == {0}
    assert curve.positions.min() >= frame["x"].min()
    assert curve.positions.max() <= frame["x"].max()
    # The curve is a straight line, so that reading it off changes nothing.
    assert np.diff(curve.values[:, 0]) == pytest.approx(np.diff(curve.positions), rel=1e-6)
    assert levels.labels == ("a", "b")


def test_the_drivers_are_told_with_their_share_and_direction(loan_facts: Facts) -> None:
    from automl.reporting.sections import drivers

    assert loan_facts.why is not None
    text = drivers.sentences(loan_facts.why)
    top = loan_facts.why.explanation.importance().head(drivers.DRIVERS)
    assert all(name in text for name in top["column"])
    assert f"{100 * top['share'].sum():.0f} % of what moves its predictions." in text
    assert "attribution" not in text


@pytest.mark.parametrize(
    ("values", "way"),
    [
        ([0.0, 1.0, 2.0], 1),
        ([0.0, 2.0, 1.95, 4.0], 1),
        ([4.0, 1.0, 1.1, 0.0], -1),
        ([0.0, 2.0, 1.0], 0),
        ([1.0, 1.0], 0),
        ([1.0], 0),
    ],
)
def test_a_curve_goes_one_way_or_is_not_told(values: list[float], way: int) -> None:
    from automl.reporting.sections.drivers import one_way

    assert one_way(np.array(values)) == way


def test_interactions_are_shares_that_are_never_written_as_powers(part: Section) -> None:
    table = next(
        one
        for one in part.blocks
        if isinstance(one, Table) and one.caption == "Pairs of the strongest columns"
    )
    assert set(table.formats.values()) == {".2%"}
    chart = next(
        one for one in part.blocks if isinstance(one, Chart) and "do together" in one.caption
    )
    assert "e-0" not in chart.caption
    assert "e−0" not in chart.caption


def test_pairs_stand_in_the_order_of_the_shares_shown(loan_facts: Facts) -> None:
    assert loan_facts.why is not None
    found = loan_facts.why.interactions
    assert found is not None
    turned = replace(found, table=found.table.sort_values("value"))
    part = why.section(replace(loan_facts, why=replace(loan_facts.why, interactions=turned)))
    table = next(
        one
        for one in part.blocks
        if isinstance(one, Table) and one.caption == "Pairs of the strongest columns"
    )
    assert len(table.frame) > 1
    assert table.frame["share (H²)"].is_monotonic_decreasing


def test_weights_and_identifiers_are_no_levers(loan_facts: Facts) -> None:
    checks = pd.DataFrame(
        {
            "code": ["sampling-weight-suspect", "group-column-suspect", "missing-marks"],
            "columns": [("income",), ("purpose",), ("amount",)],
        }
    )
    assert no_levers(checks) == ("income", "purpose")
    assert no_levers(checks.iloc[:0]) == ()
    shown = why.section(replace(loan_facts, checks=checks.assign(severity="info", message="")))
    lead = next(
        one
        for one in shown.blocks
        if isinstance(one, Text) and one.text.startswith("Single rows from")
    )
    assert "income and purpose stay as they are" in lead.text


def test_options_that_change_much_more_than_the_cheapest_are_dropped() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((300, 6)), columns=list("abcdef"))

    def model(rows: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray(rows.sum(axis=1), dtype=np.float64)

    low = frame.iloc[[int(model(frame).argmin())]]
    found = counterfactuals(model, low, data=frame, wanted=(model(low)[0] + 0.3, None), n=3)
    assert len(found.costs) == 3
    dear = replace(found, costs=np.array([0.1, 0.6, 0.4]))
    kept = sparing(dear)
    assert kept.costs.tolist() == [0.1, 0.4]
    assert kept.changes["option"].drop_duplicates().tolist() == [1, 2]
    assert kept.rows.equals(found.rows.iloc[[0, 2]])
    assert len(kept.lines()) == len(found.lines()) - 1
    many = found.changes.iloc[[0]].assign(option=2)
    wide = replace(found, changes=pd.concat([found.changes, *[many] * 5]), costs=np.ones(3))
    assert sparing(wide).rows.equals(found.rows.iloc[[0, 2]])
    assert sparing(found).costs[0] == found.costs[0]
