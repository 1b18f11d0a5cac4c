"""Stability: what another background, or other labels, would change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from explain.card.matching import Judged
from explain.card.measures import Measure, ratio, resampled, unmeasured
from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.opening import open_model
from explain.opening.failures import said
from explain.players import Players
from explain.protocol import Floats
from explain.routes.attributing import Question, attribute
from explain.rows import with_equal_levels

EXACT = (100, 1000)
SAMPLED = (8, 20)
"""Rows that are explained again, and references of each half: where values are exact, or not."""

FITTED_ON = 5000
"""Rows that a model is refitted on at most."""


def stability(judged: Judged, max_rows: int, seed: int) -> tuple[Measure, Measure]:
    """Return stability and disagreement; see their definitions."""
    explanation = judged.explanation
    if explanation.method != "interventional":
        note = "path-dependent values do not use a background"
        return unmeasured(note), unmeasured(note)
    n_rows, most = EXACT if explanation.label == "exact" else SAMPLED
    half = min(most, len(judged.background) // 2)
    if half < 2:
        note = "the background has fewer than 4 rows"
        return unmeasured(note), unmeasured(note)
    rows = judged.explanation.data.iloc[judged.drawn(min(n_rows, max_rows), seed)]
    order = np.random.default_rng([seed, 0x5B]).permutation(len(judged.background))
    one, other = (
        _values(judged, judged.model, rows, judged.background.iloc[part], seed)
        for part in (order[:half], order[half : 2 * half])
    )
    first, second = np.abs(one).mean(axis=2), np.abs(other).mean(axis=2)
    gap = np.abs(one - other).mean(axis=(1, 2))
    note = f"{len(rows):,} rows, halves of {half:,} references"
    correlation = _rank_correlation(first, second, seed)
    apart = ratio(gap, (first + second).mean(axis=1) / 2)
    return _noted(correlation, note), _noted(apart, note)


def randomisation(judged: Judged, y: Any, seed: int) -> Measure:
    """Return the importance's correlation with that of a model refitted to permuted labels."""
    targets = _targets(y, len(judged.frame))
    rng = np.random.default_rng([seed, 0x9A])
    fitted = rng.permutation(len(targets))[:FITTED_ON]
    fresh = _refitted(judged, fitted, rng.permutation(targets[fitted]))
    n_rows, most = EXACT if judged.explanation.label == "exact" else SAMPLED
    rows = judged.drawn(n_rows, seed)
    references = judged.background.iloc[rng.permutation(len(judged.background))[:most]]
    other = _values(judged, fresh, judged.explanation.data.iloc[rows], references, seed)
    first = np.abs(judged.values[rows]).mean(axis=2)
    found = _rank_correlation(first, np.abs(other).mean(axis=2), seed)
    return _noted(found, f"refitted on {len(fitted):,} rows, {len(rows):,} rows explained")


def _values(
    judged: Judged, model: Any, rows: pd.DataFrame, background: pd.DataFrame, seed: int
) -> Floats:
    """Explain rows anew, shape (n, p, K); the background's errors are not asked for."""
    explanation = judged.explanation
    groups = {name: own for name, own in explanation.groups.items() if own != (name,)}
    opened = open_model(model, rows)
    frame, references = with_equal_levels(
        opened.read(rows.reset_index(drop=True)),
        opened.read(background.reset_index(drop=True), "the background"),
    )
    asked = Question(
        opened,
        explanation.scale,
        frame,
        references,
        Players.of(opened.columns, groups or None),
        len(rows),
        seed,
        spread=False,
    )
    return attribute(asked).found.values


def _refitted(judged: Judged, rows: Any, targets: Any) -> Any:
    """Fit a copy of the model to other targets."""
    from sklearn.base import clone

    model, name = judged.model, judged.opened.name
    if not all(callable(getattr(model, one, None)) for one in ("get_params", "fit")) or callable(
        getattr(model, "explain_parts", None)
    ):
        raise ArgumentTypeError(
            "the model cannot be fitted again, which the randomisation check needs",
            got=name,
            hint="randomisation=False",
        )
    try:
        return clone(model).fit(judged.frame.iloc[rows], targets)
    except Exception as error:  # whatever an estimator of the caller's own raises
        raise PredictionError(
            f"{name} could not be fitted to permuted labels",
            got=said(error),
            hint="randomisation=False",
        ) from error


def _targets(y: Any, n_rows: int) -> Any:
    if y is None:
        raise ArgumentError(
            "the randomisation check needs the targets of X",
            got="y=None",
            hint="quality(explanation, model, X, y=y, randomisation=True)",
        )
    targets = np.asarray(y)
    if targets.shape != (n_rows,):
        raise ArgumentError(
            "y must have one target for each row of X",
            got=f"shape {targets.shape} for {n_rows:,} rows",
        )
    return targets


def _rank_correlation(first: Floats, second: Floats, seed: int) -> Measure:
    """Return Spearman's correlation of two importances, over rows as a sample."""
    if first.shape[1] < 3:
        return unmeasured("a rank correlation needs at least 3 columns")

    if not first.any() and not second.any():
        return unmeasured("no column has any influence")

    def correlation(rows: Any) -> float:
        a, b = rankdata(first[rows].mean(axis=0)), rankdata(second[rows].mean(axis=0))
        if np.ptp(a) == 0 or np.ptp(b) == 0:
            return float(np.ptp(a) == np.ptp(b))
        return float(np.corrcoef(a, b)[0, 1])

    return resampled(correlation, len(first), seed)


def _noted(measure: Measure, note: str) -> Measure:
    return Measure(measure.value, measure.low, measure.high, measure.note or note)
