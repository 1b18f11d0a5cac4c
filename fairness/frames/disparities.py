"""One row for each disparity: the worst pair of each metric and notion, with its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from fairness.frames.groups import is_bounded, spread_of
from fairness.inference import Disparity, Kind, adjust, disparity
from fairness.metrics import Estimates, Notion, notions_of
from fairness.settings import RATIO_TOLERANCE, Settings
from fairness.table import GroupCounts
from fairness.table.names import crossed

COLUMNS = (
    "attribute",
    "metric",
    "kind",
    "group",
    "reference",
    "value",
    "low",
    "high",
    "verdict",
    "all_groups",
    "tolerance",
    "p_value",
    "p_adjusted",
    "family",
    "detectable",
    "needs",
    "needs_rows",
    "also_needs",
    "left_out",
    "comparisons",
)


LEFT_OUT_MARK = "; "
"""What stands between the groups of `left_out` and of `also_needs`."""


@dataclass(frozen=True)
class _Entry:
    """A disparity, where it belongs, and whether it was declared beforehand."""

    attribute: str
    declared: bool
    found: Disparity


def disparity_frame(
    sets: dict[tuple[str, ...], tuple[GroupCounts, dict[str, Estimates]]],
    overall: GroupCounts,
    settings: Settings,
) -> pd.DataFrame:
    """Compare the groups of every attribute set in every metric and notion.

    Declared are, with one tolerance for all, the named notions of parity on single attributes, or
    the base rate where nothing is decided; with tolerances by name, those names on single
    attributes. Everything else, crossed groups among it, is exploratory.

    Parameters
    ----------
    sets : dict
        Counts and estimates by attribute set.
    overall : GroupCounts
        All rows together.
    settings : Settings
        Reference groups, tolerances, confidence, seed.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    entries = [
        entry
        for names, (counts, found) in sets.items()
        for entry in _entries(names, counts, found, overall, settings)
    ]
    if not entries:
        return pd.DataFrame(columns=list(COLUMNS))
    adjusted, disparities = adjust(
        [entry.found for entry in entries],
        [entry.declared for entry in entries],
        settings.confidence,
    )
    rows = [
        _row(entry, one, p) for entry, one, p in zip(entries, disparities, adjusted, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _entries(
    names: tuple[str, ...],
    counts: GroupCounts,
    found: dict[str, Estimates],
    overall: GroupCounts,
    settings: Settings,
) -> Iterable[_Entry]:
    """Yield the disparities of one attribute set: notions first, then single metrics."""
    single = len(names) == 1
    reference = _reference(names, counts, settings)
    named: list[tuple[str, list[Estimates], bool]] = [
        (notion.name, _parts(notion, found), not settings.tolerances)
        for notion in notions_of(counts)
    ]
    data_alone = not named and not settings.tolerances
    named += [(name, [one], data_alone and name == "base_rate") for name, one in found.items()]
    for name, parts, notion in named:
        declared = single and (notion or _is_named(name, settings))
        for kind in ("difference", "ratio"):
            tolerance = _tolerance(name, parts, kind, overall, settings)
            if tolerance is None:
                continue
            for one in disparity(
                parts,
                kind,
                name=name,
                tolerance=tolerance,
                confidence=settings.confidence,
                reference=reference,
                seed=settings.seed,
            ):
                yield _Entry(counts.attribute, declared, one)


def _parts(notion: Notion, found: dict[str, Estimates]) -> list[Estimates]:
    return [found[name] for name in notion.metrics if name in found]


def _is_named(name: str, settings: Settings) -> bool:
    return name in settings.tolerances or name.partition("[")[0] in settings.tolerances


def _reference(names: tuple[str, ...], counts: GroupCounts, settings: Settings) -> str | None:
    """Return the reference group of a set: crossed, where every attribute has one."""
    if not all(name in settings.reference for name in names):
        return None
    group = crossed([settings.reference[name] for name in names])
    return group if group in counts.groups else None


def _tolerance(
    name: str,
    parts: list[Estimates],
    kind: Kind,
    overall: GroupCounts,
    settings: Settings,
) -> float | None:
    """Return what a disparity is held against; None where that kind says nothing."""
    metrics = [one.metric for one in parts]
    if kind == "ratio":
        return RATIO_TOLERANCE if metrics and all(one.ratio for one in metrics) else None
    if not metrics:
        return None
    # an unbounded metric has no tolerance of its own, but may be given one by its name
    if not all(is_bounded(one) for one in metrics) and not _is_named(name, settings):
        return None
    return settings.difference_tolerance(name, spread_of(metrics[0], overall))


def _row(entry: _Entry, one: Disparity, p_adjusted: float) -> list[object]:
    return [
        entry.attribute,
        one.metric,
        one.kind,
        one.group,
        one.reference,
        one.value,
        one.low,
        one.high,
        one.verdict,
        one.all_groups,
        one.tolerance,
        one.p_value,
        float(p_adjusted),
        "declared" if entry.declared else "exploratory",
        one.detectable,
        one.needs,
        one.needs_rows,
        LEFT_OUT_MARK.join(one.also_needs),
        LEFT_OUT_MARK.join(one.left_out),
        one.comparisons,
    ]
