"""How a result shows itself in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from automl.progress.words import (
    brief_text,
    metric_label,
    plural,
    score_text,
    seconds_text,
    size_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from automl.result import Result

_STYLE = (
    "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;max-width:60em;"
    "font-variant-numeric:tabular-nums"
)
_TOP = 8
_HEAD = ("name", "score [95 % interval]", "fit", "predict a row", "size")


def result_html(result: Result) -> str:
    """Return a self-contained fragment: the answer, the leaderboard's top, the checks."""
    return (
        f'<div class="candor-result" style="{_STYLE}">'
        f"{_answer(result)}{_leaderboard(result)}{_checks(result)}</div>"
    )


def _answer(result: Result) -> str:
    """Say how good the winner is, on which rows, and what it is made of."""
    board = result.leaderboard
    winner = board[board["family"] == "ensemble"].iloc[0]
    score = score_text(winner["score"], winner["low"], winner["high"])
    members = " · ".join(
        f"{name} {weight:.2f}"
        for name, weight in zip(result.members["name"], result.members["weight"], strict=True)
    )
    return (
        f"<p><strong>{escape(metric_label(result.metric))} {escape(score)}</strong> "
        f"{escape(result.scored_on)}<br>{escape(members)}</p>"
    )


def _leaderboard(result: Result) -> str:
    board = result.leaderboard
    complete = board[board["status"] == "complete"].head(_TOP)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in _HEAD)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row)) + "</tr>"
        for _, row in complete.iterrows()
    )
    left_out = len(board) - len(complete)
    more = f"<p>{left_out} more in <code>result.leaderboard</code></p>" if left_out else ""
    return (
        "<table><caption>Leaderboard</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"
    )


def _cells(row: pd.Series) -> list[str]:
    """Write a complete candidate as the command line does."""
    return [
        str(row["name"]),
        score_text(row["score"], row["low"], row["high"]),
        seconds_text(row["fit_seconds"]),
        brief_text(row["predict_seconds"]),
        size_text(row["size"]),
    ]


def _checks(result: Result) -> str:
    """Fold away what is worth a look, with what to do about it."""
    checks = result.checks
    checks = checks[checks["severity"] != "info"]
    if checks.empty:
        return ""
    items = "".join(
        f"<li>{escape(message)}{escape(f' ({hint})') if hint else ''}</li>"
        for message, hint in zip(checks["message"], checks["hint"], strict=True)
    )
    summary = plural(len(checks), "warning")
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>"
