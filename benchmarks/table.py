"""Results as a Markdown table: scores, wins, time, memory and speed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.protocol import HIGHER_IS_BETTER

FIRST = "candor"

Line = dict[str, Any]


def write_table(lines: Sequence[Line]) -> str:
    """Return one section a budget, and what the results depend on.

    Of several lines of one job the last counts; several seeds are averaged.
    """
    latest = {tuple(sorted(line["job"].items())): line for line in lines}
    finished = [line for line in latest.values() if line["status"] == "ok"]
    budgets = sorted({line["job"]["budget"] for line in finished})
    sections = [_section(budget, finished) for budget in budgets]
    failed = [line for line in latest.values() if line["status"] != "ok"]
    if failed:
        sections.append("Not finished:\n" + "\n".join(_failure(line) for line in failed))
    if finished:
        sections.append(_surroundings(finished[-1]))
    return "\n\n".join(sections) + "\n"


def _section(budget: float, lines: Sequence[Line]) -> str:
    here = [line for line in lines if line["job"]["budget"] == budget]
    systems = sorted({line["job"]["system"] for line in here}, key=lambda s: (s != FIRST, s))
    seeds = sorted({line["job"]["seed"] for line in here})
    scores = _scores(here)
    rows = [
        f"## {budget:g} s, seed {', '.join(map(str, seeds))}",
        "",
        "| dataset | metric | " + " | ".join(systems) + " |",
        "|---|---|" + "---|" * len(systems),
        *(_score_row(name, metric, scores, systems) for name, metric in _datasets(here)),
        "",
        _measures(here, systems),
    ]
    wins = ["- " + _wins(systems[0], other, here, scores) for other in systems[1:]]
    return "\n".join([*rows, *(["", *wins] if wins else [])])


def _datasets(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return sorted({(line["job"]["dataset"], line["metric"]) for line in lines})


def _scores(lines: Sequence[Line]) -> dict[tuple[str, str], float]:
    """Return the mean score over seeds by dataset and system."""
    groups: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        groups.setdefault((line["job"]["dataset"], line["job"]["system"]), []).append(
            line["score"]
        )
    return {key: statistics.mean(values) for key, values in groups.items()}


def _score_row(
    dataset: str, metric: str, scores: dict[tuple[str, str], float], systems: Sequence[str]
) -> str:
    found = [scores[dataset, system] for system in systems if (dataset, system) in scores]
    best = max(found) if HIGHER_IS_BETTER[metric] else min(found)
    cells = []
    for system in systems:
        score = scores.get((dataset, system))
        text = "·" if score is None else f"{score:.5g}"
        cells.append(f"**{text}**" if score == best else text)
    return f"| {dataset} | {metric} | " + " | ".join(cells) + " |"


def _measures(lines: Sequence[Line], systems: Sequence[str]) -> str:
    measures = [
        ("fit seconds, median and most", "fit_seconds", ".1f", max),
        ("peak MB, median and most", "peak_mb", ",.0f", max),
        ("rows/s, median and least", "rows_per_second", ",.0f", min),
        ("one row, ms, median and most", "one_row_ms", ".1f", max),
    ]
    rows = ["| | " + " | ".join(systems) + " |", "|---|" + "---|" * len(systems)]
    for title, name, form, worst in measures:
        cells = []
        for system in systems:
            values = [line[name] for line in lines if line["job"]["system"] == system]
            cells.append(f"{statistics.median(values):{form}}, {worst(values):{form}}")
        rows.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _wins(
    first: str, other: str, lines: Sequence[Line], scores: dict[tuple[str, str], float]
) -> str:
    won = tied = lost = 0
    for dataset, metric in _datasets(lines):
        ours, theirs = scores.get((dataset, first)), scores.get((dataset, other))
        if ours is None or theirs is None:
            continue
        tied += ours == theirs
        ahead = ours > theirs if HIGHER_IS_BETTER[metric] else ours < theirs
        won += ahead
        lost += not ahead and ours != theirs
    return f"{first} against {other}: {won} won, {tied} tied, {lost} lost."


def _failure(line: Line) -> str:
    job = line["job"]
    return f"- {job['system']} on {job['dataset']}, {job['budget']:g} s: {line['status']}"


def _surroundings(line: Line) -> str:
    machine = line["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return " · ".join(
        [
            line["when"][:10],
            f"{machine['cpu']}, {machine['cores']} cores in use, {machine['memory_gb']} GB",
            machine["system"],
            f"Python {machine['python']}",
            versions,
        ]
    )
