"""The one place that computes: from a finished search to everything that a report reads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from automl.auditing.columns import sensitive_columns
from automl.reporting.effort import COLUMNS, GRID, PAIRED, Effort, effort_of
from automl.reporting.facts import Facts, Performance, Task, Why
from automl.reporting.losses import row_losses
from automl.reporting.parameters import parameter_importance
from automl.reporting.performance import judge
from automl.reporting.predictions import kept_predictions
from automl.reporting.provenance import rows_in_words, score_of
from automl.reporting.rounding import rounded
from automl.reporting.source import Run, Source, open_run
from candor.errors import CandorError

if TYPE_CHECKING:
    from explain import (
        Counterfactuals,
        Disparity,
        Effects,
        Explanation,
        Interactions,
        Price,
        QualityCard,
        Slices,
    )
    from fairness import Audit

T = TypeVar("T")
Told = Callable[[str, float], None]

_log = logging.getLogger(__name__)

OPTIONS = 2
"""Counterfactual options of an example row."""


def expected_seconds(result: Source) -> float:
    """Return about how long `gather` takes, before it does."""
    return effort_of(open_run(result)).seconds


def gather(
    result: Source,
    *,
    rows: bool = True,
    seed: int = 0,
    template: Any = None,
    told: Told | None = None,
) -> Facts:
    """Compute everything that a report of a finished search reads.

    Parameters
    ----------
    result : Source
        The search, such as an `automl.Result`.
    rows : bool, default True
        Whether single rows may be shown.
    seed : int, default 0
        Of all draws.
    template : str, path or sequence of them, optional
        Regulation templates for the audit.
    told : callable (str, float) -> None, optional
        Told each step and the seconds that it took.

    Returns
    -------
    Facts
        What could not be computed is None, with a sentence in `notes`.

    Raises
    ------
    RunFolderError
        The search never finished, or its folder is damaged.
    """
    run = open_run(result)
    steps = _Steps(told)
    effort = steps.take("opening the winner", lambda: effort_of(run))
    effort = effort if effort is not None else Effort(None, 0, 0, 0, 0.0)
    _log.info("explaining and auditing takes about %.0f s", effort.seconds)
    performance = _performance(run, steps)
    audit = _audit(run, steps, seed, template)
    why, gaps = _why(run, steps, effort, seed, rows=rows, audited=audit is not None)
    slices = _slices(run, steps, performance, seed, rows=rows)
    price = steps.take("price of interpretability", lambda: _price(run))
    parameters = steps.take(
        "importance of hyperparameters", lambda: parameter_importance(result.trials, seed)
    )
    pareto = steps.take("trade-offs", lambda: result.pareto)
    target = result.model.schema.target
    trials = result.trials
    return Facts(
        target=target.name,
        metric=result.metric,
        task=cast("Task", result.task),
        source=str(run.record.get("name", "")),
        score=score_of(run),
        leaderboard=result.leaderboard,
        trials=trials,
        checks=result.checks,
        schema=result.schema,
        timing=result.timing,
        pareto=trials.iloc[:0] if pareto is None else pareto,
        members=result.members,
        parameters=trials.iloc[:0] if parameters is None else parameters,
        sensitive=result.sensitive,
        arguments=dict(run.manifest.get("arguments", {})),
        versions={str(name): str(one) for name, one in run.record.get("versions", {}).items()},
        rows=rows_in_words(run, why, audit, performance),
        fingerprint=str(run.manifest.get("fingerprint", "")),
        seed=int(run.record.get("seed", 0)),
        performance=performance,
        why=why,
        audit=audit,
        slices=slices,
        price=price,
        notes=tuple(steps.notes),
        personal=rows,
        gaps=gaps,
        n_rows=int(run.record.get("n_rows", 0)) + int(run.record.get("n_sealed", 0)),
    )


class _Steps:
    """Takes steps one after the other, tells each, and notes what cannot be done."""

    def __init__(self, told: Told | None):
        self.notes: list[str] = []
        self._told = told

    def take(self, name: str, step: Callable[[], T]) -> T | None:
        """Return what a step finds; None, with a note, where Candor refuses."""
        start = time.monotonic()
        try:
            found = step()
        except CandorError as error:
            reason = f" ({error.got})" if error.got else ""
            self.notes.append(f"Left out, {name}: {error.what}{reason}.")
            return None
        finally:
            seconds = time.monotonic() - start
            _log.debug("%s took %.1f s", name, seconds)
            if self._told is not None:
                self._told(name, seconds)
        return found

    def leave(self, name: str, reason: str) -> None:
        """Note what is left out."""
        self.notes.append(f"Left out, {name}: {reason}.")


def _performance(run: Run, steps: _Steps) -> Performance | None:
    kept = run.kept
    if kept is None:
        steps.leave("performance", "this run keeps no rows to judge the winner on")
        return None
    model = run.result.model
    return steps.take("performance", lambda: judge(kept_predictions(kept, model, model.schema)))


def _audit(run: Run, steps: _Steps, seed: int, template: Any) -> Audit | None:
    if not run.result.sensitive:
        return None
    return steps.take("audit", lambda: run.result.audit(template=template, seed=seed))


def _why(
    run: Run, steps: _Steps, effort: Effort, seed: int, *, rows: bool, audited: bool
) -> tuple[Why | None, Disparity | None]:
    """Explain the winner; with an audit also split the gaps between groups over columns."""
    if run.kept is None:
        steps.leave("explanation", "this run keeps no rows to explain")
        return None, None
    explanation = steps.take(
        "explanation", lambda: run.result.explain(max_rows=effort.explained, seed=seed)
    )
    if explanation is None:
        return None, None
    gaps = None
    if audited:
        gaps = steps.take("gaps by column", lambda: _gaps(run, explanation, rows=rows))
    why = _around(run, steps, effort, explanation, seed)
    changes = _changes(run, steps, explanation, seed) if rows else {}
    return Why(explanation, *why, changes), gaps


SLOW = "the winner predicts too slowly for it"


def _around(
    run: Run, steps: _Steps, effort: Effort, found: Explanation, seed: int
) -> tuple[Effects | None, Interactions | None, QualityCard | None]:
    """Return effects, interactions and the quality card, as far as the winner's speed allows."""
    top = found.importance()
    names = [name for name in top[top["value"] > 0]["column"] if len(found.groups[name]) == 1]
    curved = [name for name in names if _has_curve(found, name)][:COLUMNS]
    return (
        _effects(run, steps, effort.effects, found, curved, seed),
        _interactions(run, steps, effort.interactions, found, curved[:PAIRED], seed),
        _quality(run, steps, effort.quality, found, seed),
    )


def _effects(
    run: Run, steps: _Steps, rows: int, found: Explanation, columns: list[str], seed: int
) -> Effects | None:
    import explain

    if not columns:
        steps.leave("effects", "no column that matters is a number, a time or has few levels")
        return None
    if not rows:
        steps.leave("effects", SLOW)
        return None
    return steps.take(
        "effects",
        lambda: explain.effects(
            run.result.model,
            found.data,
            columns=columns,
            scale=found.scale,
            grid=GRID,
            max_rows=rows,
            seed=seed,
        ),
    )


def _interactions(
    run: Run, steps: _Steps, rows: int, found: Explanation, columns: list[str], seed: int
) -> Interactions | None:
    import explain

    if len(columns) < 2:
        return None
    if not rows:
        steps.leave("interactions", SLOW)
        return None
    return steps.take(
        "interactions",
        lambda: explain.interactions(
            run.result.model,
            found.data,
            columns=columns,
            scale=found.scale,
            max_rows=rows,
            seed=seed,
        ),
    )


def _quality(
    run: Run, steps: _Steps, rows: int, found: Explanation, seed: int
) -> QualityCard | None:
    import explain

    if not rows:
        steps.leave("quality card", SLOW)
        return None
    return steps.take(
        "quality card",
        lambda: explain.quality(found, run.result.model, run.data, max_rows=rows, seed=seed),
    )


def _has_curve(found: Explanation, name: str) -> bool:
    from explain.showing.sections import has_curve

    return has_curve(found.data[name])


def _changes(run: Run, steps: _Steps, found: Explanation, seed: int) -> dict[int, Counterfactuals]:
    """Return what would change each example row's label; nobody is to be somebody else."""
    import explain
    from automl.reporting.examples import chosen_rows

    if found.task == "regression":
        return {}
    fixed = [name for name in run.result.sensitive if name in found.data.columns]
    changes = {}
    for row in chosen_rows(found):
        one = steps.take(
            f"counterfactuals of row {row}",
            lambda row=row: explain.counterfactuals(  # type: ignore[misc]
                run.result.model,
                found.data.iloc[[row]],
                data=run.data,
                immutable=fixed,
                n=OPTIONS,
                seed=seed,
            ),
        )
        if one is not None:
            changes[row] = one
    return changes


def _gaps(run: Run, found: Explanation, *, rows: bool) -> Disparity:
    """Split gaps in mean prediction, with the sensitive columns as they were kept."""
    import explain

    assert run.kept is not None  # there is an explanation of its rows
    kept = run.kept.frame
    frame = sensitive_columns(kept, run.result.sensitive, "the kept rows")
    return explain.disparity(found, frame if rows else rounded(frame))


def _slices(
    run: Run, steps: _Steps, performance: Performance | None, seed: int, *, rows: bool
) -> Slices | None:
    """Find where the honest predictions err most."""
    import explain

    if performance is None or run.data is None:
        return None
    losses = row_losses(performance.predictions)
    data = run.data if rows else rounded(run.data)
    return steps.take("error slices", lambda: explain.slices(data, losses, seed=seed))


def _price(run: Run) -> Price:
    from automl.reporting.words import metric_label
    from explain import price_of_interpretability

    return price_of_interpretability(
        run.result.leaderboard,
        metric=metric_label(run.result.metric),
        greater_is_better=bool(run.record["greater_is_better"]),
    )
