"""How a result shows itself in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from automl.result import Result

_STYLE = (
    "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;max-width:60em;"
    "font-variant-numeric:tabular-nums"
)
_TOP = 8


def result_html(result: Result) -> str:
    """Return a self-contained fragment: the answer, the leaderboard's top, the checks."""
    best = result.leaderboard.iloc[0]
    members = " · ".join(
        f"{escape(str(row.name_))} {row.weight:.2f}"
        for row in result.members.rename(columns={"name": "name_"}).itertuples()
    )
    answer = (
        f"<p><strong>{escape(result.metric)} {best.score:.4g}</strong> "
        f"[{best.low:.4g}, {best.high:.4g}] {escape(result.scored_on)}<br>{members}</p>"
    )
    return (
        f'<div class="candor-result" style="{_STYLE}">{answer}'
        f"{_table(_board(result), 'Leaderboard')}{_checks(result)}</div>"
    )


def _board(result: Result) -> pd.DataFrame:
    board = result.leaderboard
    board = board[board["status"] == "complete"].head(_TOP)
    return board[["name", "score", "low", "high", "fit_seconds"]]


def _checks(result: Result) -> str:
    checks = result.checks
    checks = checks[checks["severity"] != "info"]
    if checks.empty:
        return ""
    items = "".join(f"<li>{escape(message)}</li>" for message in checks["message"].head(_TOP))
    return f"<details><summary>{len(checks)} warnings</summary><ul>{items}</ul></details>"


def _table(frame: pd.DataFrame, caption: str) -> str:
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in frame.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in row) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
