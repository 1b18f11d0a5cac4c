"""What a notebook shows of a result."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pandas as pd

from automl.show import result_html

NAN = float("nan")

BOARD = pd.DataFrame(
    {
        "name": ["lightgbm-1", "ensemble", "mlp-1"],
        "family": ["lightgbm", "ensemble", "mlp"],
        "status": ["complete", "complete", "failed"],
        "score": [0.93, 0.91234, NAN],
        "low": [0.92, 0.90, NAN],
        "high": [0.94, 0.92, NAN],
        "fit_seconds": [4.21, 9.0, NAN],
        "predict_seconds": [20e-6, 30e-6, NAN],
        "size": [812_000, 18_400_000, 0],
    }
)


def shown(**changed: Any) -> str:
    result: Any = SimpleNamespace(
        leaderboard=BOARD,
        members=pd.DataFrame({"name": ["lightgbm-1", "<own>"], "weight": [0.75, 0.25]}),
        metric="roc_auc",
        scored_on="out-of-fold on 300 rows",
        checks=pd.DataFrame(columns=["severity", "message", "hint"]),
    )
    vars(result).update(changed)
    return result_html(result)


def test_the_answer_is_the_winner_even_where_a_candidate_leads() -> None:
    answer = re.search(r"<p>(.*?)</p>", shown())
    assert answer is not None
    assert answer[1] == (
        "<strong>ROC AUC 0.9123 [0.9000, 0.9200]</strong> out-of-fold on 300 rows<br>"
        "lightgbm-1 0.75 · &lt;own&gt; 0.25"
    )


def test_the_leaderboard_reads_as_on_the_command_line() -> None:
    rows = re.findall(r"<tr>(<td>.*?)</tr>", shown())
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert cells == [
        ["lightgbm-1", "0.9300 [0.9200, 0.9400]", "4.2 s", "20 µs", "812 kB"],
        ["ensemble", "0.9123 [0.9000, 0.9200]", "9.0 s", "30 µs", "18 MB"],
    ]
    assert "1 more in <code>result.leaderboard</code>" in shown()


def test_warnings_come_with_what_to_do_and_notes_do_not() -> None:
    checks = pd.DataFrame(
        {
            "severity": ["warning", "info"],
            "message": ["a & b agree", "a note"],
            "hint": ['ignore=["b"]', None],
        }
    )
    page = shown(checks=checks)
    assert "<summary>1 warning</summary>" in page
    assert "<li>a &amp; b agree (ignore=[&quot;b&quot;])</li>" in page
    assert "a note" not in page


def test_nothing_is_said_of_warnings_where_there_are_none() -> None:
    assert "<details>" not in shown()
