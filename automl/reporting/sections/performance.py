"""How good it is: scores, curves, thresholds and classes, on rows that no model was fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl.reporting.facts import Facts, Performance, Predictions
from automl.reporting.scores import score_of
from automl.reporting.sections import judged_classes, judged_scores, judged_values, titles
from automl.reporting.sections.personal import NOTE, OF_LABELS, counts_told, labels_told, told
from automl.reporting.tally import unit_weights
from automl.reporting.words import (
    FEWEST,
    interval,
    metric_label,
    percent,
    score,
    score_format,
    sentence,
)
from candor.report import Block, Section, Table, Text
from candor.report.cells import VALUE, number_text
from explain.showing.words import records, short

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
        Text(
            f"All of this part stands on the same rows: {found.predictions.rows_used}.",
            tone="note",
        ),
        scores_table(found, facts.personal),
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
    text = conclusion(found, facts.metric, facts.target, facts.personal)
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


def scores_table(found: Performance, personal: bool) -> Table:
    """Return every score with its interval and meaning."""
    frame = found.scores
    if not labels_told(found, personal):
        frame = frame[~frame["metric"].isin(OF_LABELS)]
    frame = frame.copy()
    frame["metric"] = [sentence(metric_label(name)).rstrip(".") for name in frame["metric"]]
    form = score_format(frame["value"])
    frame = frame.rename(columns={"value": "score", "low": "from", "high": "to"})
    notes = (found.predictions.rows_used,)
    formats = dict.fromkeys(("score", "from", "to"), form)
    return Table(frame, "Scores with 95 % intervals", notes, formats)


def conclusion(found: Performance, metric: str, target: str, personal: bool) -> str:
    """Say the score that was optimised, and in words what it comes to."""
    names = list(found.scores["metric"])
    hidden = metric in OF_LABELS and not labels_told(found, personal)
    chosen = metric if metric in names and not hidden else names[0]
    value, low, high = score_of(found.scores, chosen)
    on = "on" if found.predictions.sealed else "from"
    said = (
        f"{metric_label(chosen)} {score(value)}{interval(low, high)} {on} "
        f"{found.predictions.rows_used}."
    )
    return " ".join(filter(None, [sentence(said), in_words(found, target, personal)]))


def in_words(found: Performance, target: str, personal: bool) -> str:
    """Say how good the predictions are without the name of a metric."""
    values = dict(zip(found.scores["metric"], found.scores["value"], strict=True))
    given = found.predictions
    if given.task == "regression":
        half = number_text(float(values["median_absolute_error"]), VALUE)
        return f"Half of the predictions are within {half} of the true {short(target)}."
    right = ""
    if labels_told(found, personal):
        right = f"{percent(values['accuracy'])} of the labels are right{_always(given, personal)}."
    if given.task == "multiclass":
        return f"{right} {_worst_class(found.by_class, personal)}".strip()
    area = values["roc_auc"]
    if area != area:
        return "Only one class occurs among these rows: nothing can be said of telling them apart."
    other, positive = (f"“{short(one, 40)}”" for one in given.classes)
    return (
        f"{right} Given one row that is {positive} and one that is {other}, it gives the first "
        f"the higher score in {_cases(area)} cases."
    ).strip()


def _always(given: Predictions, personal: bool) -> str:
    """Say how often the most frequent label alone would be right."""
    rows = np.bincount(given.y, minlength=len(given.classes))
    if not counts_told(rows.max(), rows.sum() - rows.max(), personal=personal):
        return ""
    weight = unit_weights(given.weight, len(given.y))
    counts = np.bincount(given.y, weights=weight, minlength=len(given.classes))
    label = short(given.classes[int(counts.argmax())], 40)
    share = float(counts.max() / counts.sum())
    return f"; always saying “{label}” would be right for {percent(share)}"


def _cases(share: float) -> str:
    """Write a share as a count of cases; what is nearly sure is not told as sure."""
    if share >= 0.9995:
        return "more than 999 of 1,000"
    return f"{100 * share:.0f} of 100" if share < 0.995 else f"{1000 * share:.0f} of 1,000"


def _worst_class(frame: pd.DataFrame, personal: bool) -> str:
    """Say which class is found least."""
    known = frame[frame["recall"].notna() & (frame["n"] >= FEWEST)]
    known = known[told(known["recall"], known["n"], personal)]
    if known.empty:
        return ""
    least = known.nsmallest(1, "recall")[["class", "recall"]].set_axis(["name", "recall"], axis=1)
    row = next(records(least))
    return f"The class found least is “{short(row.name, 40)}”, {percent(row.recall)} of it."
