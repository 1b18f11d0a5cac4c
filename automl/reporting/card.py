"""A model card: Markdown with the front matter that Hugging Face reads, aggregates only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from automl.reporting.facts import Facts
from automl.reporting.sections import answers, limits, reproduce, search, tradeoffs
from automl.reporting.sections.aggregated import aggregated_audit
from automl.reporting.words import interval, is_present, metric_label, score, sentence
from candor.report import Text
from candor.report.escaping import escaped
from candor.version import __version__
from explain.showing.words import listed, number, plural, records, short
from fairness.showing.words import label

KINDS = {
    "binary": "tabular-classification",
    "multiclass": "tabular-classification",
    "regression": "tabular-regression",
}
"""What the hub calls a task."""

SHOWN = 10
"""Columns whose importance is listed."""

GROUPS = 60
"""Rows of the table by group at most."""


def model_card(facts: Facts) -> str:
    """Return the card of a search's winner as Markdown."""
    parts = (
        front_matter(facts),
        [f"# {_text(answers.title(facts))}", ""],
        _details(facts),
        _intended(facts),
        _data(facts),
        _metrics(facts),
        _explanations(facts),
        _bias(facts),
        _limits(facts),
        _reproduce(facts),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def front_matter(facts: Facts) -> Iterator[str]:
    """Yield the YAML head; JSON texts are YAML texts, whatever stands in them."""
    yield "---"
    yield "library_name: candor"
    yield "tags:"
    families = [str(one) for one in dict.fromkeys(facts.members["family"])]
    for tag in ("candor", "automl", "tabular", KINDS[facts.task], *families):
        yield f"- {json.dumps(tag, ensure_ascii=False)}"
    yield f"pipeline_tag: {KINDS[facts.task]}"
    yield "metrics:"
    yield f"- {json.dumps(facts.metric, ensure_ascii=False)}"
    if is_present(facts.score["value"]):
        yield from _index(facts)
    yield "---"
    yield ""


def _index(facts: Facts) -> Iterator[str]:
    """Yield the score in the form that the hub lists."""

    def quoted(text: object) -> str:
        return json.dumps(str(text), ensure_ascii=False)

    value, on = _headline(facts)
    yield "model-index:"
    yield f"- name: {quoted(short(f'winner for {facts.target}', 80))}"
    yield "  results:"
    yield "  - task:"
    yield f"      type: {KINDS[facts.task]}"
    yield "    dataset:"
    yield f"      name: {quoted(short(facts.source, 80))}"
    yield f"      type: {quoted('private')}"
    yield "    metrics:"
    yield f"    - type: {quoted(facts.metric)}"
    yield f"      value: {value!r}"
    yield f"      name: {quoted(f'{metric_label(facts.metric)}, {on}')}"


def _headline(facts: Facts) -> tuple[float, str]:
    """Return the score on the rows that were judged, else that of the search."""
    if facts.performance is not None:
        found = facts.performance.scores.set_index("metric")["value"]
        if facts.metric in found.index and is_present(float(found[facts.metric])):
            return float(found[facts.metric]), facts.performance.predictions.rows_used
    return float(facts.score["value"]), str(facts.score["scored_on"])


def _text(text: object) -> str:
    """Return text that Markdown shows as it is."""
    return escaped(str(text))


def _items(lines: Iterable[object]) -> Iterator[str]:
    for line in lines:
        yield f"- {_text(line)}"
    yield ""


def _heading(title: str) -> Iterator[str]:
    yield f"## {title}"
    yield ""


def _table(frame: pd.DataFrame) -> Iterator[str]:
    """Yield a table; its cells are texts or numbers."""
    names = [str(one) for one in frame.columns]
    yield f"| {' | '.join(_text(one) for one in names)} |"
    yield f"|{'---|' * len(names)}"
    for row in frame.itertuples(index=False, name=None):
        yield f"| {' | '.join(_cell(one) for one in row)} |"
    yield ""


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return f"{value:,}"
    return _text(short(value, 80))


def _details(facts: Facts) -> Iterator[str]:
    yield from _heading("Model details")
    kind = {
        "binary": "two classes",
        "multiclass": "several classes",
        "regression": "a number",
    }[facts.task]
    yield from _items(
        (
            f"Predicts {short(facts.target)} ({kind}) from the raw columns of a table.",
            sentence(search.winner(facts)),
            f"Made by Candor {facts.versions.get('candor', __version__)}; members are averaged in "
            "log-odds, or as values.",
            "License: not stated by the search; whoever shares the model has to say it.",
        )
    )


def _intended(facts: Facts) -> Iterator[str]:
    yield from _heading("Intended use")
    yield from _items(
        (
            f"Predicting {short(facts.target)} for rows like those of {short(facts.source, 80)}.",
            "Not meant for rows from elsewhere or much later without a fresh check, and not for "
            "leaving a decision about a person to it alone.",
        )
    )


def _data(facts: Facts) -> Iterator[str]:
    yield from _heading("Data")
    features = facts.schema[facts.schema["role"] != "target"]
    roles = features["role"].value_counts()
    kinds = listed([f"{count:,} {str(name).replace('_', ' ')}" for name, count in roles.items()])
    yield from _items(
        (
            f"{short(facts.source, 80)}: {plural(len(features), 'column')} ({kinds}).",
            *(sentence(f"Rows, {name}: {words}") for name, words in facts.rows.items()),
            *(
                sentence(short(row.message, 300))
                for row in records(facts.checks[facts.checks["severity"] != "info"])
            ),
        )
    )


def _metrics(facts: Facts) -> Iterator[str]:
    yield from _heading("Metrics")
    given = facts.score
    guess = (
        f" The trivial guess scores {score(given['baseline'])}."
        if is_present(given["baseline"])
        else ""
    )
    yield _text(
        f"{metric_label(facts.metric)} {score(given['value'])}"
        f"{interval(given['low'], given['high'])}, {given['scored_on']}.{guess}"
    )
    yield ""
    if facts.performance is None:
        return
    yield _text(sentence(f"On {facts.performance.predictions.rows_used}, with 95 % intervals"))
    yield ""
    found = facts.performance.scores
    yield from _table(
        pd.DataFrame(
            {
                "metric": [metric_label(str(one)) for one in found["metric"]],
                "value": found["value"].astype(float),
                "from": found["low"].astype(float),
                "to": found["high"].astype(float),
                "meaning": found["meaning"],
            }
        )
    )


def _explanations(facts: Facts) -> Iterator[str]:
    from explain.showing.summary import main_sentence, trust_sentence

    yield from _heading("Explanations")
    if facts.why is None:
        yield "None was computed."
        yield ""
        return
    found = facts.why.explanation
    yield from _items(
        (
            main_sentence(found),
            trust_sentence(found),
            sentence(f"Rows explained: {found.rows_used}"),
            *(map(sentence, facts.price.lines()) if facts.price is not None else ()),
        )
    )
    frame = found.importance().head(SHOWN)[["column", "value", "low", "high", "share"]]
    yield from _table(frame.rename(columns={"value": "mean size", "low": "from", "high": "to"}))


def _bias(facts: Facts) -> Iterator[str]:
    yield from _heading("Bias, by group")
    yield _text(answers.for_whom(facts))
    yield ""
    if facts.audit is None:
        return
    yield _text(sentence(f"Rows audited: {facts.audit.rows_used}"))
    yield ""
    audit = aggregated_audit(facts.audit)
    frame = audit.by_group[audit.by_group["attribute"].isin(audit.table.sensitive)]
    wanted = ("selection_rate", "tpr", "fpr", "accuracy", "mae", "bias")
    frame = frame[frame["metric"].isin(wanted)].head(GROUPS)
    names = {"attribute": "column", "group": "group", "n": "rows", "metric": "metric"}
    names |= {"value": "value", "low": "from", "high": "to", "state": "state"}
    if not frame.empty:
        frame = frame.assign(metric=frame["metric"].map(label))
        yield from _table(frame[list(names)].rename(columns=names))
    yield "Groups and cells under 10 are left out."
    yield ""


def _limits(facts: Facts) -> Iterator[str]:
    yield from _heading("Limits")
    part = limits.section(facts)
    yield from _items(
        (
            part.conclusion,
            *(item for block in part.blocks if isinstance(block, Text) for item in block.items),
        )
    )
    yield _text(tradeoffs.conclusion(facts) if not facts.pareto.empty else "")
    yield ""


def _reproduce(facts: Facts) -> Iterator[str]:
    yield from _heading("How to reproduce it")
    versions = [f"{name} {one}" for name, one in facts.versions.items()]
    yield from _items(
        (
            reproduce.python_call(facts),
            f"Seed {facts.seed}.",
            f"SHA-256 of the data as they were read: {facts.fingerprint}.",
            f"Versions: {', '.join(versions)}.",
        )
    )
