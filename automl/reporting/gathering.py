"""The one place that computes: from a finished search to everything that a report reads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from automl.auditing.columns import sensitive_columns
from automl.reporting.effort import NOTHING, effort_of
from automl.reporting.facts import Facts, Performance, Task
from automl.reporting.groups import refusals
from automl.reporting.losses import row_losses
from automl.reporting.parameters import parameter_importance
from automl.reporting.performance import judge
from automl.reporting.predictions import kept_predictions
from automl.reporting.provenance import rows_in_words, score_of
from automl.reporting.reasons import reasons
from automl.reporting.rounding import rounded
from automl.reporting.source import Run, Source, open_run
from automl.reporting.steps import Steps, Told
from explain.showing.words import short

if TYPE_CHECKING:
    from explain import (
        Price,
        Slices,
    )
    from fairness import Audit

_log = logging.getLogger(__name__)


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
    expected: Callable[[float], None] | None = None,
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
    expected : callable (float) -> None, optional
        Told beforehand about how many seconds all steps take.

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
    steps = Steps(told, values=rows)
    effort = steps.take("opening the winner", lambda: effort_of(run))
    effort = effort if effort is not None else NOTHING
    _log.info("explaining and auditing takes about %.0f s", effort.seconds)
    if expected is not None:
        expected(effort.seconds)
    performance = _performance(run, steps)
    sensitive = _grouping(run, steps)
    audit = _audit(run, steps, sensitive, seed, template)
    audited = sensitive if audit is not None else ()
    why, gaps = reasons(run, steps, effort, audited, seed, rows=rows)
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
        arguments={**run.manifest.get("arguments", {}), **run.manifest.get("limits", {})},
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


def _performance(run: Run, steps: Steps) -> Performance | None:
    kept = run.kept
    if kept is None:
        steps.leave("performance", "this run keeps no rows to judge the winner on")
        return None
    model = run.result.model
    return steps.take("performance", lambda: judge(kept_predictions(kept, model, model.schema)))


def _grouping(run: Run, steps: Steps) -> tuple[str, ...]:
    """Return the sensitive columns that can be audited by; the others are noted."""
    names = run.result.sensitive
    if run.kept is None or not names:
        return names
    groups = sensitive_columns(run.kept.frame, names, "the kept rows")
    refused = refusals(groups)
    for name, error in refused.items():
        steps.refuse(f"audit by {short(name)}", error)
    return tuple(name for name in groups.columns if name not in refused)


def _audit(
    run: Run, steps: Steps, sensitive: tuple[str, ...], seed: int, template: Any
) -> Audit | None:
    if not sensitive:
        return None
    return steps.take(
        "audit", lambda: run.result.audit(sensitive=sensitive, template=template, seed=seed)
    )


def _slices(
    run: Run, steps: Steps, performance: Performance | None, seed: int, *, rows: bool
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
