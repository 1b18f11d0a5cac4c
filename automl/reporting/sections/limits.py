"""What the numbers do not say, in words."""

from __future__ import annotations

from collections.abc import Iterator

from automl.reporting.facts import Facts
from automl.reporting.sections import titles
from candor.report import Block, Section, Text
from explain.showing.words import listed


def section(facts: Facts) -> Section:
    """Return what a reader must not take from this page."""
    blocks: list[Block] = [
        Text("Of the score:", tuple(_of_score(facts))),
        Text("Of the explanation:", tuple(_of_explanation(facts))),
        Text("Of groups:", tuple(_of_groups(facts))),
        Text("Of use:", tuple(_of_use(facts))),
    ]
    text = (
        "These numbers describe one model on rows like those of this table. They prove no cause, "
        "and they do not say that the model may be used."
    )
    return Section(titles.LIMITS, text, tuple(blocks))


def _of_score(facts: Facts) -> Iterator[str]:
    yield (
        "Scores hold for rows like those of the table. Where later rows differ from them, as "
        "they do over time or in another place, nothing here tells how the model does."
    )
    if "sealed" in facts.rows:
        yield (
            "The leaderboard's scores also chose the winner, so they are a little too good; what "
            "stands on sealed rows does not have that fault."
        )
    else:
        yield (
            "No rows were sealed: the scores stand on rows that no model behind them was fitted "
            "on, but that also chose the ensemble, so they are a little too good."
        )
    yield "An interval tells of chance in the rows, not of errors in the data or the target."


def _of_explanation(facts: Facts) -> Iterator[str]:
    if facts.why is None:
        yield "There is none."
        return
    yield (
        "Contributions tell how this model uses its columns, not what causes the outcome: "
        "changing a column in the world need not change anything."
    )
    yield (
        "They are those of the interventional game: absent columns are drawn independently of "
        "those that are present, so with correlated columns the model is also asked about rows "
        "that do not occur."
    )
    yield (
        "They depend on the background, which is made of the rows that the run keeps; another "
        "background has another average to start from."
    )
    if facts.why.explanation.label != "exact":
        yield "Not all of them are exact: their standard errors stand beside them."
    if not facts.rows.get("explanation", "").startswith(("sealed",)) and "fitted on" in (
        facts.rows.get("explanation", "")
    ):
        yield "The explained rows are rows that the winner was fitted on."
    if facts.why.changes:
        yield (
            "A counterfactual says what the model would say of another row. It is no advice, and "
            "it does not say that the change can be made."
        )


def _of_groups(facts: Facts) -> Iterator[str]:
    if facts.audit is None:
        yield "No group of people was looked at; that does not say that all are treated alike."
    else:
        yield (
            f"Only groups by {listed(facts.sensitive)} were looked at, and groups with fewer than "
            "30 rows in a denominator take no part in a verdict."
        )
        yield (
            "A difference within its tolerance is no proof that nobody is wronged; one beyond it "
            "is no proof of discrimination. The tolerance is a choice, not a law."
        )
        yield "Outcomes in the table are taken as true; where they are biased, so is the audit."
    if facts.slices is not None:
        yield (
            "Parts of the rows with high loss are those that could be found with so many rows; "
            "others may exist."
        )


def _of_use(facts: Facts) -> Iterator[str]:
    yield (
        "Whether a decision should be left to a model at all, and who answers for it, is not a "
        "question of these numbers."
    )
    if facts.notes:
        yield "Some parts could not be computed; the part on why says which."
