"""Why the winner decides as it does: everything that is computed of it, as far as it is quick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from automl.auditing.columns import sensitive_columns
from automl.reporting.effort import COLUMNS, GRID, PAIRED, Effort
from automl.reporting.facts import Why
from automl.reporting.leading import leading_columns, others_together
from automl.reporting.levers import no_levers, sparing
from automl.reporting.rounding import rounded
from automl.reporting.source import Run
from automl.reporting.steps import Steps

if TYPE_CHECKING:
    from explain import (
        Counterfactuals,
        Disparity,
        Effects,
        Explanation,
        Interactions,
        QualityCard,
    )

OPTIONS = 2
"""Counterfactual options of an example row."""

SLOW = "it would take this winner too long"


def reasons(
    run: Run, steps: Steps, effort: Effort, audited: tuple[str, ...], seed: int, *, rows: bool
) -> tuple[Why | None, Disparity | None]:
    """Explain the winner; with an audit also split the gaps between groups over columns."""
    if run.kept is None:
        steps.leave("explanation", "this run keeps no rows to explain")
        return None, None
    groups = _groups(run, steps, effort, seed)
    explanation = steps.take(
        "explanation",
        lambda: run.result.explain(groups=groups, max_rows=effort.explained, seed=seed),
    )
    if explanation is None:
        return None, None
    gaps = None
    if audited:
        gaps = steps.take("gaps by column", lambda: _gaps(run, explanation, audited, rows=rows))
    why = _around(run, steps, effort, explanation, seed)
    changes = _changes(run, steps, effort.changed, explanation, seed) if rows else {}
    return Why(explanation, *why, changes), gaps


def _groups(
    run: Run, steps: Steps, effort: Effort, seed: int
) -> Mapping[str, Iterable[str]] | None:
    """Put the weaker columns of a wide table together, where values are sampled."""
    opened, data = run.opened, run.data
    if not effort.apart or opened is None or data is None:
        return None
    names = steps.take(
        "choice of columns",
        lambda: leading_columns(opened, data, effort.apart, effort.ranked, seed),
    )
    if names is None:
        return None
    found = others_together(opened.columns, names)
    for name in found:
        steps.notes.append(
            f"Explained as one, {name}: the {len(names)} columns that are told one by one move "
            f"the prediction of {effort.ranked} rows most when each is taken from another row."
        )
    return found


def _around(
    run: Run, steps: Steps, effort: Effort, found: Explanation, seed: int
) -> tuple[Effects | None, Interactions | None, QualityCard | None]:
    """Return effects, interactions and the quality card, as far as the winner's speed allows."""
    top = found.importance()
    names = [name for name in top[top["value"] > 0]["column"] if found.groups[name] == (name,)]
    curved = [name for name in names if _has_curve(found, name)][:COLUMNS]
    return (
        _effects(run, steps, effort.effects, found, curved, seed),
        _interactions(run, steps, effort.interactions, found, curved[:PAIRED], seed),
        _quality(run, steps, effort.quality, found, seed),
    )


def _effects(
    run: Run, steps: Steps, rows: int, found: Explanation, columns: list[str], seed: int
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
    run: Run, steps: Steps, rows: int, found: Explanation, columns: list[str], seed: int
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
    run: Run, steps: Steps, rows: int, found: Explanation, seed: int
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


def _changes(
    run: Run, steps: Steps, most: int, found: Explanation, seed: int
) -> dict[int, Counterfactuals]:
    """Return what would change each example row's label; nobody is to be somebody else.

    Nor do weights and identifiers change: they say how a row came into the table.
    """
    import explain
    from automl.reporting.examples import chosen_rows

    if found.task == "regression":
        return {}
    apart = {own[0] for name, own in found.groups.items() if own == (name,)}
    stay = {*run.result.sensitive, *no_levers(run.result.checks)}
    fixed = [name for name in found.data.columns if name in stay or name not in apart]
    rows = chosen_rows(found)
    if most < len(rows):
        steps.leave(f"counterfactuals of {len(rows) - most} example rows", SLOW)
    changes = {}
    for row in rows[-most:]:
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
            changes[row] = sparing(one)
    return changes


def _gaps(run: Run, found: Explanation, sensitive: tuple[str, ...], *, rows: bool) -> Disparity:
    """Split gaps in mean prediction, with the sensitive columns as they were kept."""
    import explain

    assert run.kept is not None  # there is an explanation of its rows
    kept = run.kept.frame
    frame = sensitive_columns(kept, sensitive, "the kept rows")
    return explain.disparity(found, frame if rows else rounded(frame))
