"""How to reproduce it: the call, the seed, versions, the data's digest, rows used for what."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pandas as pd

from automl.models import known_families
from automl.reporting.facts import Facts
from automl.reporting.sections import titles
from candor.report import Block, Section, Table, Text
from candor.version import __version__
from explain.showing.words import short

FLAGS = {
    "target": "--target",
    "task": "--task",
    "metric": "--metric",
    "positive": "--positive",
    "sensitive": "--sensitive",
    "ignore": "--ignore",
    "weight": "--weight",
    "group": "--group",
    "time": "--time-column",
    "families": "--families",
    "audit_size": "--audit-size",
    "seed": "--seed",
    "time_budget": "--time",
    "n_trials": "--trials",
}
"""Flags of the command line, by argument."""

DEFAULTS: dict[str, Any] = {
    "task": "auto",
    "metric": "auto",
    "refit": "auto",
    "audit_size": "auto",
    "seed": 0,
}
"""Arguments that need not be written."""

FILES = (".csv", ".tsv", ".parquet", ".feather", ".jsonl", ".gz")
"""Endings of tables."""

LONGEST = 120
"""Characters of an argument that are shown."""

METHOD = (
    "A search that is limited by time tries what fits into the time, so that a faster or slower "
    "machine tries more or less; n_trials= instead of time_budget= makes it repeatable: the same "
    "seed, number of cores and library versions give the same result. This report is computed "
    "from the run folder; the same folder and seed give the same numbers."
)


def section(facts: Facts) -> Section:
    """Return how the same comes out again."""
    blocks: list[Block] = [
        Text("The call:", tuple(filter(None, (python_call(facts), shell_call(facts))))),
        Table(_rows(facts), "Which rows were used for what", fold=12),
        Table(_versions(facts), "Versions that the search ran with", fold=12),
        Text(
            "Digest of the data",
            (
                f"SHA-256 {facts.fingerprint}",
                "Over the target, the columns with their roles and levels, and every value as it "
                "was read: another table, or the same with one value changed, has another one.",
            ),
        ),
        _personal(facts),
    ]
    text = f"Candor {__version__}, seed {facts.seed}, and the data with the digest below."
    return Section(titles.REPRODUCE, text, tuple(blocks), METHOD)


def given(facts: Facts) -> dict[str, Any]:
    """Return the arguments of the call that differ from what is usual."""
    usual = {**DEFAULTS, "families": list(known_families())}
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in facts.arguments.items()
        if value not in (None, [], {}, "", ()) and usual.get(name) != value
    }


def python_call(facts: Facts) -> str:
    """Write the call in Python."""
    file = json.dumps(short(facts.source, 80), ensure_ascii=False)
    parts = [file if is_file(facts) else "frame"]
    for name, value in given(facts).items():
        text = value if name == "positive" else json.dumps(value, ensure_ascii=False)
        if len(str(text)) > LONGEST:
            continue
        parts.append(f"{name}={text}")
    return f'automl.search({", ".join(parts)}).report("report.html")'


def shell_call(facts: Facts) -> str:
    """Write the call on the command line; empty where the table was no file."""
    if not is_file(facts):
        return ""
    words = ["automl", "search", short(facts.source, 80)]
    for name, value in given(facts).items():
        if name not in FLAGS:
            continue
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        if len(text) <= LONGEST:
            words += [FLAGS[name], text]
    return " ".join(one if one == "automl" else shlex.quote(one) for one in words) + (
        " --report report.html"
    )


def is_file(facts: Facts) -> bool:
    """Tell whether the table was read from a file."""
    return facts.source.lower().endswith(FILES)


def _rows(facts: Facts) -> pd.DataFrame:
    return pd.DataFrame(
        {"what for": list(facts.rows), "which rows": [str(one) for one in facts.rows.values()]}
    )


def _versions(facts: Facts) -> pd.DataFrame:
    versions = {"Candor (this report)": __version__, **facts.versions}
    return pd.DataFrame({"name": list(versions), "version": list(versions.values())})


def _personal(facts: Facts) -> Block:
    """Say what of people this page and its run folder hold."""
    here = (
        "This page shows values of single rows: example rows with all their columns, and points "
        "of rows in charts."
        if facts.personal
        else "This page holds aggregates only: no value of a single row, and no count under 10."
    )
    kept = facts.rows.get("kept in the run folder")
    folder = (
        f"The run folder keeps {kept}, in rows/; without that part it still predicts."
        if kept
        else "The run folder keeps no rows of the table."
    )
    again = (
        ("report(path, rows=False), or automl report RUN --no-rows, writes aggregates only.",)
        if facts.personal
        else ()
    )
    return Text("Where rows are people, their data are here:", (here, folder, *again), "warning")
