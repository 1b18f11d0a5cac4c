"""An explanation as a page: what drives the predictions, how, three rows, how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from candor.report import Answer, Block, Page, Section, Table, Text
from explain.drawing import as_block
from explain.showing import pictures
from explain.showing.importance import is_free_text
from explain.showing.rows import chances, contributions, output_of_row, row_sentences
from explain.showing.summary import check_sentence, main_sentence, trust_sentence
from explain.showing.words import amount, listed, number, plural, records, short
from explain.units import SCORE

if TYPE_CHECKING:
    import pandas as pd

    from explain.explanation import Explanation

DRIVERS, ACTING, ROWS, TRUST = (
    "What drives the predictions",
    "How each column acts",
    "Single rows",
    "How far to trust these numbers",
)
CURVES = 4
"""Columns whose dependence is drawn."""

FEWEST = 5
"""Rows from which on points of single rows show how a column acts."""


def page(explanation: Explanation) -> Page:
    """Return the whole page."""
    sections = sections_of(explanation)
    lead = (
        Answer(main_sentence(explanation), DRIVERS),
        Answer(trust_sentence(explanation), TRUST),
        Answer(check_sentence(explanation), TRUST),
        Answer(f"Rows explained: {explanation.rows_used}.", TRUST),
    )
    title = f"Why does it decide so? {short(explanation.model)}"
    return Page(title, lead, sections)


def sections_of(explanation: Explanation) -> tuple[Section, ...]:
    """Return the parts, for a page of their own or a larger one."""
    found = [drivers(explanation)]
    if np.any(explanation.values != 0):
        if len(explanation.values) >= FEWEST:
            found.append(acting(explanation))
        found.append(single_rows(explanation))
    return (*found, trust(explanation))


def drivers(explanation: Explanation) -> Section:
    """Return the importance of the columns."""
    frame = explanation.importance()
    chart = pictures.importance_chart(explanation)
    top = frame.head(5)
    alt = "Bars: " + "; ".join(
        f"{short(row.column)} {number(row.value)} [{number(row.low)}, {number(row.high)}]"
        for row in records(top)
    )
    blocks: list[Block] = [
        as_block(
            chart,
            f"Mean absolute value by column, in {explanation.unit}, with 95 % intervals",
            alt,
        ),
        Table(
            frame.rename(columns={"rank_low": "best rank", "rank_high": "worst rank"}).head(200),
            "Importance by column",
            formats={"share": ".1%"},
            fold=15,
        ),
    ]
    if explanation.values.ndim == 3:
        blocks.insert(0, Text(several_classes(explanation)))
    return Section(DRIVERS, main_sentence(explanation), tuple(blocks), IMPORTANCE_METHOD)


def several_classes(explanation: Explanation) -> str:
    """Say what the bars are where contributions differ by class."""
    return (
        f"Bars: means of absolute contributions over the rows and over all "
        f"{plural(len(explanation.classes), 'class')}; a column may raise one class and lower "
        "another."
    )


IMPORTANCE_METHOD = (
    "Importance of a column: the mean over rows of the absolute value of its contribution. "
    "Intervals hold the rows' spread, the values' own errors and the background's (95 %). A rank "
    "lies between those of the columns that are clearly larger and clearly smaller.\n\n"
    "An importance says how far predictions move with a column in this model. It does not say "
    "that the outcome would change if somebody changed the column."
)


def acting(explanation: Explanation) -> Section:
    """Return how contributions go with the columns' values."""
    names = [
        name
        for name in explanation.importance()["column"]
        if len(explanation.groups[name]) == 1 and has_curve(explanation.data[name])
    ][:CURVES]
    blocks: list[Block] = [
        as_block(
            pictures.summary_chart(explanation),
            f"Each point is a row: its contribution in {explanation.unit}",
            f"Strips of points for {listed(explanation.importance()['column'].tolist()[:8])}",
        )
    ]
    for name in names:
        own = pictures.values_of(explanation, name)
        said = f"from {amount(float(own.min()), explanation.scale)} to "
        said += amount(float(own.max()), explanation.scale)
        blocks.append(
            as_block(
                pictures.dependence_chart(explanation, column=name),
                f"{short(name)}: contributions {said}",
                f"Points: contributions of {short(name)} lie {said}",
            )
        )
    conclusion = "Contributions of the strongest columns, by the value that a row has."
    if explanation.values.ndim == 3:
        best = "highest-scoring" if explanation.unit == SCORE else "likeliest"
        conclusion += f" Shown for the {best} class of each row."
    return Section(ACTING, conclusion, tuple(blocks))


def has_curve(series: pd.Series[Any]) -> bool:
    """Tell whether a column is no free text: a number or time, or one of few levels."""
    return not is_free_text(series)


def rows_title(explanation: Explanation) -> str:
    """Say which rows `example_rows` are."""
    n_rows = len(explanation.values)
    if n_rows == 1:
        return "The row that is explained"
    of_what = ""
    two, three = ("higher", "lower"), ("highest", "lowest")
    if explanation.values.ndim == 3:
        sure = chances(explanation) is not None
        two, three = (("surer", "less sure"), ("surest", "least sure")) if sure else (two, three)
        of_what = f", by the {'probability' if sure else 'score'} of the predicted class"
    if n_rows == 2:
        return f"Two rows: the {two[0]} and the {two[1]} prediction{of_what}"
    return f"Three rows: the {three[0]}, a middling and the {three[1]} prediction{of_what}"


def example_rows(explanation: Explanation) -> tuple[int, ...]:
    """Choose rows to tell: of the highest, a middling and the lowest prediction.

    Of several classes by the probability of the predicted one, or its score where there is none.
    """
    score = explanation.predictions
    if score.ndim == 2:
        sure = chances(explanation)
        score = (score if sure is None else sure).max(axis=1)
    order = np.argsort(score, kind="stable")
    chosen = (order[-1], order[len(order) // 2], order[0])
    return tuple(dict.fromkeys(int(one) for one in chosen))


def single_rows(explanation: Explanation) -> Section:
    """Return up to three rows in picture and words, called by their places in X as given."""
    blocks: list[Block] = []
    for row in example_rows(explanation):
        called = f"row {explanation.rows[row]}"
        lines = row_sentences(explanation, row, called=called)
        place = output_of_row(explanation, row)
        first = contributions(
            explanation, row, None if place is None else explanation.classes[place]
        )
        alt = lines[0] + " " + "; ".join(lines[1:4])
        chart = pictures.waterfall_chart(explanation, row=row, called=called)
        blocks.append(as_block(chart, lines[0], alt))
        if len(first):
            blocks.append(Text("In words:", tuple(lines[1:])))
    return Section(ROWS, f"{rows_title(explanation)}.", tuple(blocks))


def trust(explanation: Explanation) -> Section:
    """Return the check, the errors and the method."""
    checked = explanation.verification
    facts = [
        f"Route: {explanation.route}.",
        f"Rows: {explanation.rows_used}.",
        f"Background: {explanation.n_background:,} of {explanation.background_size:,} rows.",
        f"Largest gap to the model's own predictions: {number(checked.gap)} "
        f"({number(checked.tolerance)} is allowed), of the base {number(checked.base_gap)}.",
        f"Predictions asked of the model: {explanation.evaluations:,}. Seed: {explanation.seed}.",
    ]
    measured = explanation.background_errors[np.isfinite(explanation.background_errors)]
    if len(measured):
        mean = float(np.abs(explanation.values).mean())
        share = float(np.median(measured)) / mean if mean > 0 else 0.0
        facts.append(
            "Error from the background being a sample: typically "
            f"{100 * share:.1f} % of a mean absolute value."
        )
    groups = [name for name, columns in explanation.groups.items() if len(columns) > 1]
    if groups:
        facts.append(f"{plural(len(groups), 'group')} of columns act as one: {listed(groups)}.")
    return Section(TRUST, trust_sentence(explanation), (Text("", tuple(facts)),), METHOD)


METHOD = (
    "Shapley values of the interventional game: a coalition of columns is worth the mean "
    "prediction of the background with these columns set to the row's values; a column's value "
    "is its mean gain over all orders in which columns can be set. They add up to the prediction "
    "less the background's mean.\n\n"
    "Sources: Shapley 1953; Lundberg and Lee 2017; Janzing, Minorics and Bloebaum 2020. "
    "Absent columns are drawn independently of those that are present: with correlated columns "
    "the game asks the model about rows that may never occur."
)
