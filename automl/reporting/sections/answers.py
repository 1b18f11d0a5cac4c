"""The first screen: what was asked, four answers, and what they look like at a glance."""

from __future__ import annotations

from collections.abc import Iterator

from automl.reporting.facts import Facts, Performance
from automl.reporting.scores import CALIBRATION, score_of
from automl.reporting.sections import drivers, performance, search, titles
from automl.reporting.sections.data import said, table_in_words
from automl.reporting.sections.personal import told_checks
from automl.reporting.sections.worst import worst_verdict
from automl.reporting.words import interval, is_present, metric_label, score, sentence
from candor.report import Answer, Block, Section
from explain.drawing import as_block, interval_bars
from explain.showing.words import number, plural, records, short

CHOSE = "The rows that score the winner also chose it, so the scores are a little too good."

OFF = 0.01
"""Lower end of the calibration error from which on it is told at once."""

TOP = 5
"""Rows of the leaderboard that are shown at once."""

DRAWN = 8
"""Columns of the picture."""


def title(facts: Facts) -> str:
    """Return what was asked."""
    return f"{question(facts)} {table_in_words(facts)}".strip()


def question(facts: Facts) -> str:
    """Ask for the target as a person would."""
    target = short(facts.target, 60)
    if facts.task == "regression":
        return f"How high is {target}?"
    if positive_label(facts):
        return f"When is {target} “{positive_label(facts)}”?"
    return f"Which {target} is it?"


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
    blocks: list[Block] = [search.top_table(facts, TOP), *_picture(facts)]
    return Section(titles.GLANCE, sentence(search.winner(facts)), tuple(blocks))


def how_good(facts: Facts) -> str:
    """Say how often it is right, the score and how sure it is, and on which rows."""
    found = facts.performance
    if found is None:
        return _of_search(facts)
    words, used = (
        performance.in_words(found, facts.target, facts.personal),
        found.predictions.rows_used,
    )
    if found.predictions.sealed and _judged(found, facts.metric):
        value, low, high = score_of(found.scores, facts.metric)
        given = f"{sentence(_score_in_words(facts, value, low, high))} {_on('Measured', used)}"
    elif f" {len(found.predictions.y):,} rows" in facts.score["scored_on"]:
        given = _of_search(facts)
    else:
        given = f"{_on('Measured', used.partition(';')[0])} {_of_search(facts)}"
    return f"{words} {given}"


def _of_search(facts: Facts) -> str:
    """Say the score of the search, and its rows."""
    given = facts.score
    text = _score_in_words(facts, given["value"], given["low"], given["high"])
    used = str(given["scored_on"]).partition(";")[0]
    scored = f"Scored {used}, each row by models that were not fitted on it"
    return f"{sentence(text)} {sentence(scored)}"


def _score_in_words(facts: Facts, value: float, low: float, high: float) -> str:
    """Say a score, and what a guess that looks at no column scores."""
    text = f"{metric_label(facts.metric)} is {score(value)}{interval(low, high)}"
    guess = facts.score["baseline"]
    if not is_present(guess):
        return text
    better = "higher" if facts.score["greater_is_better"] else "lower"
    return f"{text}; a guess that looks at no column scores {score(guess)}, and {better} is better"


def _on(verb: str, used: str, before: str = "") -> str:
    """Say on which rows something stands, in short where they were named before."""
    if used == before:
        return f"{verb} on the rows of the score."
    return sentence(f"{verb} {'on' if used[:1].isdigit() else 'by'} {used}")


def _judged(found: Performance, metric: str) -> bool:
    """Say whether the metric that was optimised is among the scores."""
    return metric in set(found.scores["metric"])


def why(facts: Facts) -> str:
    """Say which columns matter most, and on which rows that was found."""
    if facts.why is None:
        return "Why it decides so was not computed."
    used = facts.why.explanation.rows_used
    return f"{drivers.sentences(facts.why)} {_on('Found', used, _named(facts))}"


def _named(facts: Facts) -> str:
    """Return the rows that the first answer has named."""
    found = facts.performance
    return found.predictions.rows_used if found is not None and found.predictions.sealed else ""


def for_whom(facts: Facts) -> str:
    """Say the worst verdicts of the audit, and on which rows."""
    if facts.audit is None:
        return (
            "No sensitive column was named, so this page does not tell for whom it fails; "
            'sensitive=["…"] names some.'
        )
    return f"{whom(facts)} {_on('Audited', facts.audit.rows_used, _named(facts))}"


def whom(facts: Facts) -> str:
    """Say the worst verdicts of an audit that there is."""
    return "" if facts.audit is None else worst_verdict(facts.audit, positive_label(facts))


def positive_label(facts: Facts) -> str:
    """Return the second of two labels; empty where there are not two, or they are not known."""
    given = facts.performance
    if given is None or facts.task != "binary":
        return ""
    return short(given.predictions.classes[1], 40)


def careful(facts: Facts) -> Answer:
    """Say what to be careful with, the gravest first; what it is opens its part."""
    found = list(_warnings(facts))
    if found:
        return Answer(f"Be careful: {' '.join(one.text for one in found)}", found[0].section)
    remarks = plural(len(facts.checks), "remark")
    return Answer(f"The checks of the data found nothing grave ({remarks}).", titles.DATA)


def _warnings(facts: Facts) -> Iterator[Answer]:
    checks = told_checks(facts)
    grave = checks[checks["severity"].isin(["error", "warning"])]
    if not grave.empty:
        row = next(records(grave.head(1)))
        more = len(grave) - 1
        rest = f" {plural(more, 'more warning')} in the data." if more else ""
        yield Answer(f"{said(row.message, row.hint)}{rest}", titles.DATA)
    failed = int((facts.trials["status"] == "failed").sum()) if len(facts.trials) else 0
    if failed:
        yield Answer(f"{plural(failed, 'candidate')} failed to be fitted.", titles.SEARCH)
    found = facts.performance
    if found is None:
        return
    off = _off(found)
    if off:
        yield Answer(off, titles.PERFORMANCE)
    if not found.predictions.sealed:
        yield Answer(CHOSE, titles.LIMITS)


def _off(found: Performance) -> str:
    """Say how far probabilities are off, where that is sure and matters."""
    if found.predictions.task == "regression":
        return ""
    value, low, _ = score_of(found.scores, CALIBRATION)
    if not low >= OFF:
        return ""
    return f"Its probabilities are typically {100 * value:.1f} percentage points off."


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
    unit = explanation.unit
    chart = interval_bars(
        frame, label="column", value="value", low="low", high="high", unit=f"mean size, {unit}"
    )
    alt = "Bars: " + "; ".join(
        f"{short(row.column)} {number(row.value)}" for row in records(frame)
    )
    caption = f"The columns that move predictions most; {explanation.rows_used}"
    return [as_block(chart, caption, alt)]
