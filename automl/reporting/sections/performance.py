"""How good it is: scores, curves, thresholds and classes, on rows that no model was fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.reporting.facts import Facts, Performance
from automl.reporting.scores import score_of
from automl.reporting.sections import judged_classes, judged_scores, judged_values, titles
from automl.reporting.sections.personal import NOTE
from automl.reporting.words import FEWEST, interval, metric_label, score, score_format, sentence
from candor.report import Block, Section, Table, Text
from explain.showing.words import number, records, short

if TYPE_CHECKING:
    import pandas as pd

MISSING = (
    "This run keeps no rows with predictions, so curves, thresholds and classes cannot be told."
)
METHOD = (
    "Every number here stands on the rows named above, at the model's own predictions of rows it "
    "was not fitted on. Intervals are of 95 %, each by itself. ROC AUC: structural components of "
    "DeLong, DeLong and Clarke-Pearson (1988); other scores: influence values and a t interval on "
    "a scale on which the score is unbounded; shares: Wilson (1927), of the effective number of "
    "rows where rows have weights; the median error: between order statistics.\n\n"
    "Weights, where there are any, are scaled to add up to the number of rows."
)


def section(facts: Facts) -> Section:
    """Return how good the winner is."""
    found = facts.performance
    if found is None:
        return _nothing(facts)
    blocks: list[Block] = [
        Text(sentence(f"Rows used: {found.predictions.rows_used}"), tone="note"),
        scores_table(found),
    ]
    if not facts.personal:
        blocks.append(Text(NOTE))
    task = found.predictions.task
    if task == "regression":
        blocks += judged_values.blocks(found, facts.target, facts.personal)
        method = judged_values.METHOD
    elif task == "multiclass":
        blocks += judged_classes.blocks(found, facts.personal)
        method = judged_classes.METHOD
    else:
        blocks += judged_scores.blocks(found, facts.target, facts.personal)
        blocks += judged_classes.by_class(found, facts.personal)
        method = judged_scores.METHOD
    text = conclusion(found, facts.metric, facts.target)
    return Section(titles.PERFORMANCE, text, tuple(blocks), f"{METHOD}\n\n{method}")


def _nothing(facts: Facts) -> Section:
    """Say what is missing and why, and what there is."""
    given = facts.score
    known = (
        f"{metric_label(facts.metric)} {score(given['value'])}"
        f"{interval(given['low'], given['high'])}, {given['scored_on']}."
    )
    hint = (
        "result.score(rows) and result.audit(rows) judge the model on rows of your own; a search "
        "that ends keeps sealed rows, or out-of-fold predictions."
    )
    blocks = (Text(MISSING, tone="warning"), Text(hint))
    return Section(titles.PERFORMANCE, sentence(known), blocks)


def scores_table(found: Performance) -> Table:
    """Return every score with its interval and meaning."""
    frame = found.scores.copy()
    frame["metric"] = [sentence(metric_label(name)).rstrip(".") for name in frame["metric"]]
    form = score_format(frame["value"])
    frame = frame.rename(columns={"value": "score", "low": "from", "high": "to"})
    notes = (found.predictions.rows_used,)
    formats = dict.fromkeys(("score", "from", "to"), form)
    return Table(frame, "Scores with 95 % intervals", notes, formats)


def conclusion(found: Performance, metric: str, target: str) -> str:
    """Say the score that was optimised, and in words what it comes to."""
    names = list(found.scores["metric"])
    chosen = metric if metric in names else names[0]
    value, low, high = score_of(found.scores, chosen)
    on = "on" if found.predictions.sealed else "from"
    said = (
        f"{metric_label(chosen)} {score(value)}{interval(low, high)} {on} "
        f"{found.predictions.rows_used}."
    )
    return " ".join(filter(None, [sentence(said), in_words(found, target)]))


def in_words(found: Performance, target: str) -> str:
    """Say how good the predictions are without the name of a metric."""
    values = dict(zip(found.scores["metric"], found.scores["value"], strict=True))
    given = found.predictions
    if given.task == "regression":
        half = number(values["median_absolute_error"])
        return f"Half of the predictions are within {half} of the true {short(target)}."
    if given.task == "multiclass":
        return _worst_class(found.by_class, values["accuracy"])
    area = values["roc_auc"]
    if area != area:
        return "Only one class occurs among these rows: nothing can be said of telling them apart."
    return (
        f"Of a random {short(given.classes[1])} and a random {short(given.classes[0])}, the first "
        f"one gets the higher score in {100 * area:.0f} of 100 cases."
    )


def _worst_class(frame: pd.DataFrame, accuracy: float) -> str:
    """Say how many labels are right, and which class is found least."""
    known = frame[frame["recall"].notna() & (frame["n"] >= FEWEST)]
    text = f"{100 * accuracy:.1f} % of the labels are right"
    if known.empty:
        return f"{text}."
    row = next(
        records(
            known.nsmallest(1, "recall")[["class", "recall"]].set_axis(["name", "recall"], axis=1)
        )
    )
    return f"{text}; the class found least is {short(row.name)}, {100 * row.recall:.1f} % of it."
