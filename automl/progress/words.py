"""Events in words: pure functions from an event to lines of text."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from automl.table.checks import Check
from automl.tuning.events import CandidateFinished, Finished, Planned, TableRead
from candor.version import __version__

INDENT = 9
"""Width of the column of labels: Table, Checks, Plan, …"""

MAX_CHECKS = 8
"""Checks that are shown; the rest are counted."""

MAX_FAILURES = 3
"""Failed candidates that are named; the rest are counted."""

METRIC_LABELS = {"roc_auc": "ROC AUC", "rmse": "RMSE", "mae": "MAE", "r2": "R²"}
MARKS = {"error": "✗", "warning": "!", "info": "·"}
ROLES = (
    "numeric",
    "boolean",
    "categorical",
    "high_cardinality",
    "datetime",
    "text",
    "constant",
    "identifier",
)
"""The order in which roles are counted: what is used first."""

STEPS = {"ensemble": "building the ensemble", "refit": "refitting", "save": "saving"}
STOPS = {
    "interrupted": "interrupted: this is the best so far",
    "disk full": "the disk is full: this is the best so far",
}


def number(value: float) -> str:
    """Write a score with about four digits that matter.

    Examples
    --------
    >>> number(0.92831), number(12.588), number(26345.1), number(0.000123)
    ('0.9283', '12.59', '26,345', '0.000123')
    """
    size = abs(value)
    if not math.isfinite(value):
        return str(value)
    if 0 < size < 0.001:
        return f"{value:.3g}"
    digits = next((d for limit, d in ((1, 4), (10, 3), (100, 2), (1000, 1)) if size < limit), 0)
    return f"{value:,.{digits}f}"


def score_text(score: float, low: float, high: float) -> str:
    """Write a score with its interval, where there is one.

    Examples
    --------
    >>> score_text(0.9312, 0.9289, 0.9335)
    '0.9312 [0.9289, 0.9335]'
    >>> score_text(0.5, float("nan"), float("nan"))
    '0.5000'
    """
    if math.isnan(low) or math.isnan(high):
        return number(score)
    return f"{number(score)} [{number(low)}, {number(high)}]"


def seconds_text(seconds: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> seconds_text(0.031), seconds_text(3.24), seconds_text(59.7), seconds_text(725)
    ('31 ms', '3.2 s', '60 s', '12 min 5 s')
    """
    if seconds < 0.095:
        return brief_text(seconds)
    return f"{seconds:.1f} s" if seconds < 9.95 else whole_seconds_text(seconds)


def brief_text(seconds: float) -> str:
    """Write a duration much shorter than a second.

    Examples
    --------
    >>> brief_text(0.0000214), brief_text(0.0025), brief_text(0.0405), brief_text(4e-7)
    ('21 µs', '2.5 ms', '40 ms', 'under 1 µs')
    """
    if seconds < 1e-6:
        return "under 1 µs"
    if seconds < 0.9995e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 0.00995 else f"{seconds * 1e3:.0f} ms"


def whole_seconds_text(seconds: float) -> str:
    """Write a duration without fractions of a second.

    Examples
    --------
    >>> whole_seconds_text(8.1), whole_seconds_text(3725)
    ('8 s', '1 h 2 min')
    """
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size_text(size: float) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size_text(812), size_text(18_400_000)
    ('812 B', '18 MB')
    """
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if size >= 9.95 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def metric_label(metric: str) -> str:
    """Write the name of a metric as people do.

    Examples
    --------
    >>> metric_label("roc_auc"), metric_label("log_loss")
    ('ROC AUC', 'log loss')
    """
    return METRIC_LABELS.get(metric, metric.replace("_", " "))


def labelled(label: str, items: Sequence[str], width: int) -> list[str]:
    """Set lines beside a label, wrapped with a hanging indent."""
    lines: list[str] = []
    for item in items:
        first = f"{label:<{INDENT}}" if not lines else " " * INDENT
        hang = 2 if item[:2].strip() in MARKS.values() else 0
        lines += textwrap.wrap(
            item,
            max(width, 2 * INDENT),
            initial_indent=first,
            subsequent_indent=" " * (INDENT + hang),
            break_on_hyphens=False,
            break_long_words=False,  # a path has to stay whole
        )
    return lines


def plural(count: int, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "core"), plural(2000, "row")
    ('1 core', '2,000 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def table_lines(event: TableRead, width: int, translate: Callable[[str], str]) -> list[str]:
    """Say what was read: the heading, the table and its checks."""
    heading = " · ".join(
        (
            f"Candor {__version__.rpartition('.')[0]}",
            event.name,
            f"{plural(event.n_rows, 'row')} × {plural(event.n_columns, 'column')}",
            plural(event.n_jobs, "core"),
            f"seed {event.seed}",
        )
    )
    note = f" ({event.target_note})" if event.target_note else ""
    kind = "a number" if event.task == "regression" else event.task
    table = f"{event.target} is {kind}{note}"
    parts = [table, f"metric {metric_label(event.metric)}", role_counts(event.roles)]
    return [
        *textwrap.wrap(heading, max(width, 2 * INDENT), break_on_hyphens=False),
        "",
        *labelled("Table", [" · ".join(filter(None, parts))], width),
        *labelled("Checks", check_items(event.checks, translate), width),
    ]


def role_counts(roles: Mapping[str, int]) -> str:
    """Count the columns of each role.

    Examples
    --------
    >>> role_counts({"text": 1, "numeric": 5, "boolean": 0, "high_cardinality": 2})
    '5 numeric, 2 high cardinality, 1 text'
    """
    order = [*ROLES, *sorted(set(roles) - set(ROLES))]
    counts = ((roles.get(role, 0), role.replace("_", " ")) for role in order)
    return ", ".join(f"{count:,} {role}" for count, role in counts if count)


def check_items(checks: Sequence[Check], translate: Callable[[str], str]) -> list[str]:
    """Write the gravest checks first, and count those that are left out."""
    order = list(MARKS)
    ranked = sorted(checks, key=lambda check: order.index(check.severity))
    items = [
        f"{MARKS[check.severity]} {check.message}"
        + (f" ({translate(check.hint)})" if check.hint else "")
        for check in ranked[:MAX_CHECKS]
    ]
    if len(ranked) > MAX_CHECKS:
        items.append(f"· {len(ranked) - MAX_CHECKS} more in {translate('result.checks')}")
    return items


def plan_lines(event: Planned, width: int) -> list[str]:
    """Say how rows are split and what the time goes to."""
    parts = [event.scheme]
    if event.n_sealed:
        parts.append(f"{plural(event.n_sealed, 'row')} sealed for the audit")
    if event.search_seconds is not None and event.finish_seconds is not None:
        search = whole_seconds_text(event.search_seconds)
        finish = whole_seconds_text(max(event.finish_seconds, 1.0))
        parts.append(f"about {search} search, {finish} ensemble, refit and saving")
    if event.n_trials is not None:
        parts.append(f"up to {plural(event.n_trials, 'trial')}")
    if event.resumed:
        parts.append(f"{plural(event.resumed, 'candidate')} taken over from before")
    return labelled("Plan", [" · ".join(parts)], width)


def candidate_line(event: CandidateFinished, width: int) -> str:
    """Say how a candidate ended, in one line of at most `width` characters."""
    head = " " * INDENT + f"{event.name:<24} "
    if event.status == "complete":
        body = f"{score_text(event.score, event.low, event.high)}  {seconds_text(event.seconds)}"
    else:
        body = event.status
    note = f"  {event.note}" if event.note else ""
    return head + textwrap.shorten(f"{body}{note}", width - len(head), placeholder=" …")


def finished_lines(
    event: Finished,
    ended: Sequence[CandidateFinished],
    next_steps: Sequence[str],
    width: int,
    translate: Callable[[str], str] = str,
) -> list[str]:
    """Say what was found, how good it is, where it is and what can be done with it."""
    members = " · ".join(f"{name} {weight:.2f}" for name, weight in event.members)
    only = event.members[0][0] if len(event.members) == 1 else ""
    winner = only or f"{plural(len(event.members), 'member')}: {members}"
    score = f"{metric_label(event.metric)} {score_text(event.score, event.low, event.high)}"
    saved = f"{event.run_dir} ({size_text(event.size)}), {seconds_text(event.seconds)}"
    lines = []
    if event.stopped in STOPS:
        lines += labelled("Stopped", [STOPS[event.stopped]], width)
    lines += labelled("Winner", [winner], width)
    lines += labelled("Score", [f"{score} {event.scored_on}".rstrip()], width)
    lines += labelled("Note", list(event.notes), width)
    lines += labelled("Tried", tried_items(ended), width)
    lines += labelled("Failed", failure_items(ended, translate), width)
    lines += labelled("Saved", [saved], width)
    if next_steps:
        lines += labelled("Next", [" · ".join(next_steps)], width)
    return lines


def tried_items(ended: Sequence[CandidateFinished]) -> list[str]:
    """Count how candidates ended."""
    counts = Counter(event.status for event in ended)
    return [" · ".join(f"{count:,} {status}" for status, count in counts.items())] if ended else []


def failure_items(
    ended: Sequence[CandidateFinished], translate: Callable[[str], str]
) -> list[str]:
    """Name the first failures with their reasons, and count the others."""
    failures = [event for event in ended if event.status == "failed"]
    items = [
        f"{event.name}: {textwrap.shorten(event.note or 'no reason given', 160)}"
        for event in failures[:MAX_FAILURES]
    ]
    if len(failures) > MAX_FAILURES:
        items.append(f"{len(failures) - MAX_FAILURES} more in {translate('result.trials')}")
    return items
