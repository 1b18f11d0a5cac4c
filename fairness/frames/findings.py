"""Everything else that a count table can tell, as frames: one function for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from scipy.stats import norm

from candor.statistics import benjamini_hochberg
from fairness import metrics
from fairness.frames.groups import attribute_sets, group_frame, spread_of
from fairness.frames.rows import top_row
from fairness.inference.gaps import SAME
from fairness.inference.values import SMALLEST
from fairness.metrics import Estimates, Metric, estimates
from fairness.rows import representation
from fairness.sensitivity import conditional, impossibility, missing_bounds, tipping_points
from fairness.settings import Settings
from fairness.table import MISSING, CountTable, GroupCounts

Sets = dict[tuple[str, ...], tuple[GroupCounts, dict[str, Estimates]]]

_TIPPING = ("tpr", "fpr", "ppv", "accuracy", "base_rate")


def estimate_sets(table: CountTable) -> Sets:
    """Evaluate every metric in every attribute set."""
    found: Sets = {}
    for names in attribute_sets(table):
        counts = table.groups(names)
        found[names] = (counts, estimates(counts))
    return found


def group_rows(sets: Sets, overall: GroupCounts, settings: Settings) -> pd.DataFrame:
    """Return every metric in every group of every attribute set."""
    return pd.concat(
        [
            group_frame(found, overall, settings, crossed=len(names) > 1)
            for names, (_, found) in sets.items()
        ],
        ignore_index=True,
    )


def represented(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return how many rows each group has, and its base rate."""
    return _stack(
        representation(counts, confidence=settings.confidence) for counts, _ in sets.values()
    )


def calibration(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return the outcome rate by score, for each group of the single attributes."""
    return _each_single(
        sets,
        lambda counts: metrics.calibration(counts, confidence=settings.confidence),
        _has_scores,
    )


def calibration_tests(sets: Sets) -> pd.DataFrame:
    """Return a test of calibration within each group, with adjusted p-values."""
    frame = _each_single(
        sets, metrics.calibration_test, lambda counts: _has_scores(counts) and counts.probability
    )
    if not frame.empty:
        frame["p_adjusted"] = benjamini_hochberg(frame["p_value"].to_numpy())
    return frame


def equal_score(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return differences in outcome rate at equal score, with simultaneous intervals.

    Bonferroni over the pairs of an attribute: pooled differences of overlapping pairs are not
    independent. No verdict stands on a group with fewer than 30 rows (or effective rows), nor
    on fewer that lie in bands of scores which both groups have.
    """
    frame = _each_single(sets, metrics.outcome_at_equal_score, _has_scores)
    if frame.empty:
        return frame
    pairs = frame.groupby("attribute")["group"].transform("size")
    critical = norm.isf((1 - settings.confidence) / (2 * pairs))
    frame["low"] = np.maximum(frame["value"] - critical * frame["error"], -1.0)
    frame["high"] = np.minimum(frame["value"] + critical * frame["error"], 1.0)
    edge = settings.difference_tolerance("equal_score", 1.0) * (1 + SAME)
    enough = frame["smaller"] >= SMALLEST
    beyond = enough & ((frame["low"] > edge) | (frame["high"] < -edge))
    within = enough & (frame["low"] >= -edge) & (frame["high"] <= edge)
    frame["verdict"] = np.select([beyond, within], ["beyond", "within"], "not enough data")
    return frame


def sweep(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return rates by threshold, for each group of the single attributes."""
    return _each_single(
        sets,
        lambda counts: metrics.threshold_sweep(counts, confidence=settings.confidence),
        _has_scores,
    )


def abroca(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return the area between the ROC curves of every pair of groups."""
    return _each_single(
        sets,
        lambda counts: metrics.abroca(counts, confidence=settings.confidence, seed=settings.seed),
        _has_scores,
    )


def inequality(sets: Sets, settings: Settings) -> pd.DataFrame:
    """Return generalised entropies, within and between the groups of each attribute set."""
    frames = []
    for counts, _ in sets.values():
        if counts.task == "binary" and counts.has_predictions:
            frame = metrics.inequality(counts, confidence=settings.confidence)
            frame.insert(0, "attribute", counts.attribute)
            frames.append(frame)
    return _stack(frames)


def conditioned(table: CountTable, settings: Settings) -> pd.DataFrame:
    """Return disparities within strata of the control features."""
    if not table.controls:
        return pd.DataFrame()
    frames = []
    overall = table.groups(())
    for name in table.sensitive:
        for metric in _of_notions(overall):
            tolerance = _tolerance(metric, overall, settings)
            frames.append(
                conditional(
                    table,
                    name,
                    table.controls,
                    metric.name,
                    reference=settings.reference.get(name),
                    confidence=settings.confidence,
                    tolerance=tolerance,
                    seed=settings.seed,
                )
            )
    return _stack(frames)


def bounds(table: CountTable) -> pd.DataFrame:
    """Return what rows with a missing attribute could change."""
    frames = []
    for attribute in table.attributes:
        if attribute.control or MISSING not in attribute.groups:
            continue
        frames += [
            missing_bounds(table, attribute.name, metric.name)
            for metric in _of_notions(table.groups(()))
            if metric.kind == "proportion"
        ]
    return _stack(frames)


def tipping(sets: Sets, disparities: pd.DataFrame) -> pd.DataFrame:
    """Return how much label noise would remove the worst gap of each single attribute."""
    frames = []
    for names, (counts, _) in sets.items():
        if len(names) > 1 or counts.task != "binary":
            continue
        for metric in _TIPPING:
            pair = _worst_pair(disparities, counts.attribute, metric)
            if pair is not None:
                frame = tipping_points(counts, metric, *pair)
                frame.insert(0, "attribute", counts.attribute)
                frames.append(frame)
    return _stack(frames)


def conflict(sets: Sets) -> pd.DataFrame:
    """Return the error rates that unequal base rates force under equal predictive values."""
    frames = [
        impossibility(counts)
        for names, (counts, _) in sets.items()
        if len(names) == 1 and counts.task == "binary" and counts.has_predictions
    ]
    return _stack(frames)


def _of_notions(counts: GroupCounts) -> tuple[Metric, ...]:
    """Return the shares and means behind the notions of parity; without decisions, of the data.

    Without predictions those are the base rate (of each class) or the mean outcome, and the mean
    score.
    """
    named = {name for notion in metrics.notions_of(counts) for name in notion.metrics}
    wanted = named or {"base_rate", "mean_outcome", "mean_score"}
    return tuple(
        metric
        for metric in metrics.metrics_of(counts)
        if metric.kind in ("proportion", "mean")
        and (metric.name in wanted or (not named and metric.name.partition("[")[0] in wanted))
    )


def _tolerance(metric: Metric, overall: GroupCounts, settings: Settings) -> float:
    """Return the tolerance of a metric: its own, or that of the notion that stands for it."""
    spread = spread_of(metric, overall)
    base = metric.name.partition("[")[0]
    if metric.name not in settings.tolerances and base not in settings.tolerances:
        for notion in metrics.notions_of(overall):
            if metric.name in notion.metrics and notion.name in settings.tolerances:
                return settings.difference_tolerance(notion.name, spread)
    return settings.difference_tolerance(metric.name, spread)


def _worst_pair(disparities: pd.DataFrame, attribute: str, metric: str) -> tuple[str, str] | None:
    """Return the pair whose gap is the largest."""
    chosen = disparities[
        (disparities["attribute"] == attribute)
        & (disparities["metric"] == metric)
        & (disparities["kind"] == "difference")
        & disparities["value"].notna()
    ]
    if chosen.empty:
        return None
    row = top_row(chosen, "value")
    return str(row["group"]), str(row["reference"])


def _has_scores(counts: GroupCounts) -> bool:
    return counts.histogram is not None


def _each_single(
    sets: Sets,
    compute: Callable[[GroupCounts], pd.DataFrame],
    applies: Callable[[GroupCounts], bool],
) -> pd.DataFrame:
    """Compute a frame for each single attribute that it applies to."""
    frames = []
    for names, (counts, _) in sets.items():
        if len(names) == 1 and applies(counts):
            frame = compute(counts)
            frame.insert(0, "attribute", counts.attribute)
            frames.append(frame)
    return _stack(frames)


def _stack(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    found = [frame for frame in frames if not frame.empty]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
