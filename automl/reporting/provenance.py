"""Which rows and which score: what stands beside the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl.reporting.facts import Performance, Why
    from automl.reporting.source import Run
    from fairness import Audit

CHOSE = (
    "These rows also chose the ensemble, so scores on them are a little too good; the models "
    "behind the predictions were not fitted on them."
)


def score_of(run: Run) -> Mapping[str, Any]:
    """Return the winner's score, and that of the trivial guess."""
    record, board = run.record, run.result.leaderboard
    guess = board[(board["family"] == "baseline") & (board["status"] == "complete")]
    return {
        "value": _number(record.get("score")),
        "low": _number(record.get("low")),
        "high": _number(record.get("high")),
        "scored_on": run.result.scored_on,
        "baseline": float(guess["score"].iloc[0]) if len(guess) else None,
        "greater_is_better": bool(record["greater_is_better"]),
    }


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def rows_in_words(
    run: Run, why: Why | None, audit: Audit | None, performance: Performance | None
) -> Mapping[str, str]:
    """Say what rows were used for what."""
    record = run.record
    n, sealed = int(record.get("n_rows", 0)), int(record.get("n_sealed", 0))
    found = {"search": f"{n:,} rows, {record.get('scheme', '')}".rstrip(", ")}
    if sealed:
        found["sealed"] = f"{sealed:,} rows that no fit, no choice and no threshold has seen"
    found["scores of candidates"] = run.result.scored_on
    if performance is not None:
        found["performance"] = performance.predictions.rows_used
    if why is not None:
        found["explanation"] = why.explanation.rows_used
        found["background of the explanation"] = (
            f"{why.explanation.n_background:,} of {why.explanation.background_size:,} kept rows"
        )
    if audit is not None:
        found["audit"] = audit.rows_used
    if run.kept is not None:
        n_kept = len(run.kept.rows)
        found["kept in the run folder"] = f"{n_kept:,} {run.kept.kind} rows, as given"
    return found
