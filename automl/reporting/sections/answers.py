"""The first screen: what was asked, four answers, and what they look like at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.reporting.facts import Facts, Performance
from automl.reporting.sections import performance, search, titles
from automl.reporting.sections.data import said, table_in_words
from automl.reporting.words import interval, is_present, metric_label, score, sentence
from candor.report import Answer, Block, Section
from explain.drawing import as_block, interval_bars
from explain.showing.summary import main_sentence
from explain.showing.words import UNITS, number, plural, records, short

if TYPE_CHECKING:
    from fairness import Audit
    from fairness.showing.verdicts import Comparison

TOP = 5
"""Rows of the leaderboard that are shown at once."""

DRAWN = 8
"""Columns of the picture."""


def title(facts: Facts) -> str:
    """Return what was asked."""
    return f"What predicts {short(facts.target)}? {table_in_words(facts)}"


def answers(facts: Facts) -> tuple[Answer, ...]:
    """Return the answers: how good, why, for whom, and what to be careful with."""
    return (
        Answer(how_good(facts), titles.PERFORMANCE),
        Answer(why(facts), titles.WHY),
        Answer(for_whom(facts), titles.WHOM),
        careful(facts),
    )


def section(facts: Facts) -> Section:
    """Return what is seen at once: the leaderboard's top, and one picture."""
    table = search.leaderboard_table(facts, TOP, f"The best {TOP} of the leaderboard")
    blocks: list[Block] = [table, *_picture(facts)]
    return Section(titles.GLANCE, sentence(search.winner(facts)), tuple(blocks))


def how_good(facts: Facts) -> str:
    """Say the score, how sure it is, on which rows, and what the trivial guess scores."""
    given, found = facts.score, facts.performance
    guess = given["baseline"]
    better = "higher" if given["greater_is_better"] else "lower"
    trivial = f"the trivial guess scores {score(guess)}" if is_present(guess) else ""
    if found is not None and found.predictions.sealed and _judged(found, facts.metric):
        text = f"{performance.conclusion(found, facts.metric, facts.target)} It was chosen by "
        text += f"{score(given['value'])} {str(given['scored_on']).partition(';')[0]}"
        return sentence(f"{text}, where {trivial}" if trivial else text)
    text = (
        f"{metric_label(facts.metric)} {score(given['value'])}"
        f"{interval(given['low'], given['high'])}, {given['scored_on']}"
    )
    text = sentence(f"{text}; {trivial} ({better} is better)" if trivial else text)
    words = performance.in_words(found, facts.target) if found is not None else ""
    return f"{text} {words}".strip()


def _judged(found: Performance, metric: str) -> bool:
    """Say whether the metric that was optimised is among the scores."""
    return metric in set(found.scores["metric"])


def why(facts: Facts) -> str:
    """Say which columns matter most."""
    if facts.why is None:
        return "Why it decides so was not computed."
    return main_sentence(facts.why.explanation)


def for_whom(facts: Facts) -> str:
    """Say the worst verdict of the audit."""
    if facts.audit is None:
        return (
            "No sensitive column was named, so this page does not tell for whom it fails; "
            'sensitive=["…"] names some.'
        )
    return worst_verdict(facts.audit)


def worst_verdict(audit: Audit) -> str:
    """Say the comparison that lies farthest beyond its tolerance, or how all of them stand."""
    from fairness.showing.verdicts import comparisons, notion_names
    from fairness.showing.verdicts import sentence as spoken

    names = notion_names(audit)
    found = [
        one
        for attribute in audit.table.sensitive
        for one in comparisons(audit, attribute=attribute, metrics=names)
    ]
    compared = [one for one in found if one.group]
    if not compared:
        return "No two groups have enough rows to be compared."
    beyond = [one for one in compared if one.verdict == "beyond"]
    if beyond:
        worst = max(beyond, key=_excess)
        more = len(beyond) - 1
        rest = f" {plural(more, 'more comparison')} beyond their tolerance." if more else ""
        return sentence(f"By {short(worst.attribute)}: {spoken(worst)}") + rest
    within = sum(one.verdict == "within" for one in compared)
    return (
        f"Of {plural(len(compared), 'comparison')} between groups none lies beyond its tolerance: "
        f"{within:,} within it, {len(compared) - within:,} without enough data to tell."
    )


def _excess(one: Comparison) -> float:
    """Return how many times its tolerance a difference is."""
    return abs(one.value) / max(one.tolerance, 1e-9)


def careful(facts: Facts) -> Answer:
    """Say what the gravest check found."""
    checks = facts.checks
    grave = checks[checks["severity"].isin(["error", "warning"])]
    failed = int((facts.trials["status"] == "failed").sum()) if len(facts.trials) else 0
    if not grave.empty:
        row = next(records(grave.head(1)))
        more = len(grave) - 1
        rest = f" {plural(more, 'more warning')} in the data." if more else ""
        return Answer(f"Be careful: {said(row.message, row.hint)}{rest}", titles.DATA)
    if failed:
        return Answer(
            f"Be careful: {plural(failed, 'candidate')} failed to be fitted.", titles.SEARCH
        )
    found = plural(len(checks), "remark")
    return Answer(f"The checks of the data found nothing grave ({found}).", titles.DATA)


def _picture(facts: Facts) -> list[Block]:
    """Draw the strongest columns; without an explanation, the best candidates."""
    from automl.reporting.drawing.bars import scored_points

    if facts.why is None:
        points = search.points(facts, TOP)
        label = metric_label(facts.metric)
        alt = "; ".join(points["said"])
        return [as_block(scored_points(points, unit=label), f"{label} with 95 % intervals", alt)]
    explanation = facts.why.explanation
    frame = explanation.importance().head(DRAWN)
    unit = UNITS[explanation.scale]
    chart = interval_bars(
        frame, label="column", value="value", low="low", high="high", unit=f"mean size, {unit}"
    )
    alt = "Bars: " + "; ".join(
        f"{short(row.column)} {number(row.value)}" for row in records(frame)
    )
    caption = f"The columns that move predictions most, in {unit}; {explanation.rows_used}"
    return [as_block(chart, caption, alt)]
