"""Effects and audits as a page without people's rows shows them: no row's value, no small cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from automl.reporting.words import FEWEST
from explain.showing.words import number

if TYPE_CHECKING:
    from explain import Disparity, Effects
    from explain.profiles import Effect
    from fairness import Audit
    from fairness.row_findings import RowFindings

POINTS = 8
"""Round values of a curve, about."""


def aggregated_effects(effects: Effects, n_rows: int) -> Effects:
    """Return effects at round values instead of rows' own, without rare levels."""
    found = (
        _levels(one, n_rows) if one.axis == "category" else _round_curve(one, n_rows)
        for one in effects.effects
    )
    kept = tuple(one for one in found if one is not None)
    return replace(effects, effects=kept, regions=())


def _levels(effect: Effect, n_rows: int) -> Effect | None:
    """Keep the levels that enough rows have."""
    kept = effect.share * n_rows >= FEWEST
    return _taken(effect, kept) if kept.sum() > 1 else None


def _taken(effect: Effect, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Effect:
    return replace(
        effect,
        positions=np.where(kept, effect.positions, np.nan)[kept],
        labels=tuple(one for one, here in zip(effect.labels, kept, strict=True) if here),
        values=effect.values[kept],
        low=effect.low[kept],
        high=effect.high[kept],
        spread=effect.spread[kept],
        share=effect.share[kept],
        individual=None,
    )


def _round_curve(effect: Effect, n_rows: int) -> Effect | None:
    """Read the curve off at round values that lie between well-filled ends."""
    known = np.isfinite(effect.positions)
    places, share = effect.positions[known], effect.share[known]
    below = np.cumsum(share) * n_rows
    inner = places[(below >= FEWEST) & (n_rows * share.sum() - below >= FEWEST)]
    if effect.axis != "number" or len(inner) < 2 or inner[0] == inner[-1]:
        return None
    at = _round_values(float(inner[0]), float(inner[-1]))
    if len(at) < 2:
        return None

    def read(
        array: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        columns = [np.interp(at, places, column) for column in array[known].T]
        return np.stack(columns, axis=1)

    return replace(
        effect,
        positions=at,
        labels=tuple(number(float(one)) for one in at),
        values=read(effect.values),
        low=read(effect.low),
        high=read(effect.high),
        spread=read(effect.spread),
        share=np.full(len(at), 1 / len(at)),
        individual=None,
    )


def _round_values(low: float, high: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return values with one digit that matters, or two, inside an interval."""
    rough = (high - low) / POINTS
    size = 10.0 ** np.floor(np.log10(rough))
    step = size * min((1, 2, 5, 10), key=lambda one: abs(one * size - rough))
    first, last = np.ceil(low / step), np.floor(high / step)
    return np.asarray(np.arange(first, last + 1) * step, dtype=np.float64)


def aggregated_audit(audit: Audit) -> Audit:
    """Return an audit without groups and cells of fewer than ten rows.

    Where one group of an attribute is left out, its size would follow from the others: then the
    next smallest one is left out, too.
    """
    hidden = _hidden(audit.by_group)
    by_group = _shown(_cells(audit.by_group), hidden)
    sizes = audit.by_group[["attribute", "group", "metric", "denominator"]]
    sweep = audit.sweep
    if not sweep.empty:
        sweep = _cells(sweep.merge(sizes, how="left", on=["attribute", "group", "metric"]))
        sweep = sweep[list(audit.sweep.columns)]
    calibration = audit.calibration
    if not calibration.empty:
        calibration = _cells(calibration.assign(denominator=calibration["n"]))
        calibration = calibration[list(audit.calibration.columns)]
    disparities = _shown(audit.disparities, hidden)
    if not disparities.empty:
        known = disparities["attribute"].isin(set(by_group["attribute"]))
        disparities = disparities[known].assign(all_groups=np.nan, left_out="")
    return replace(
        audit,
        by_group=by_group,
        sweep=_shown(sweep, hidden),
        calibration=_shown(calibration, hidden),
        tipping=pd.DataFrame(),
        conditional=pd.DataFrame(),
        missing_bounds=pd.DataFrame(),
        curves=pd.DataFrame(),
        overall=_cells(audit.overall),
        notes=tuple(note for note in audit.notes if "missing" not in note),
        row_findings=_without_counts(audit.row_findings, hidden),
        disparities=disparities,
        representation=_base_rates(_shown(audit.representation, hidden)),
        calibration_tests=_shown(audit.calibration_tests, hidden),
        equal_score=_counted(_shown(audit.equal_score, hidden), "smaller"),
        abroca=_counted(_shown(audit.abroca, hidden), "denominator"),
        impossibility=_counted(_shown(audit.impossibility, hidden), "n"),
    )


def aggregated_gaps(gaps: Disparity) -> Disparity:
    """Return gaps between groups that are large enough to be told of."""
    told = gaps.gaps["state"] == "estimable"
    parts = gaps.table["state"] == "estimable"
    return replace(gaps, gaps=gaps.gaps[told], table=gaps.table[parts])


def _without_counts(found: RowFindings, hidden: frozenset[tuple[str, str]]) -> RowFindings:
    """Leave out missing values by group, and hidden groups among the proxies."""
    proxies = found.proxies
    if proxies is not None:
        proxies = replace(proxies, attributes=_shown(proxies.attributes, hidden))
    return replace(found, missingness=found.missingness.iloc[:0], proxies=proxies)


def hidden_groups(audit: Audit) -> int:
    """Count the groups that a page without people's rows leaves out."""
    return len(_hidden(audit.by_group))


def _hidden(by_group: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Name the groups that are left out."""
    found = set()
    sizes = by_group.drop_duplicates(["attribute", "group"])[["attribute", "group", "n"]]
    for attribute, part in sizes.groupby("attribute", sort=False):
        ordered = part.sort_values("n", kind="stable")
        small = int((ordered["n"] < FEWEST).sum())
        if small and ordered["n"].head(small).sum() < FEWEST:
            small += 1
        found |= {(str(attribute), str(group)) for group in ordered["group"].head(small)}
    return frozenset(found)


def _shown(frame: pd.DataFrame, hidden: frozenset[tuple[str, str]]) -> pd.DataFrame:
    """Leave out rows that name a hidden group, on either side."""
    if frame.empty or not hidden:
        return frame
    kept = np.ones(len(frame), dtype=bool)
    for side in ("group", "reference"):
        if side in frame.columns:
            pairs = zip(frame["attribute"].astype(str), frame[side].astype(str), strict=True)
            kept &= np.array([pair not in hidden for pair in pairs], dtype=bool)
    return frame[kept]


def _counted(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Leave out rows that stand on fewer than ten rows of the data."""
    return frame if frame.empty else frame[frame[column] >= FEWEST]


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out values whose numerator, or the rest of whose denominator, is a small cell."""
    if frame.empty:
        return frame
    n, value = frame["denominator"].astype(float), frame["value"].astype(float)
    inside = value * n
    share = value.between(0, 1)
    small = share & (_is_small(inside) | _is_small(n - inside))
    return frame[(n >= FEWEST) & ~small]


def _base_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out base rates that tell of a small cell."""
    if frame.empty or "base_rate" not in frame.columns:
        return frame
    inside = frame["base_rate"].astype(float) * frame["n"]
    small = _is_small(inside) | _is_small(frame["n"] - inside)
    return frame.assign(**{name: frame[name].mask(small) for name in ("base_rate", "low", "high")})


def _is_small(count: pd.Series[float]) -> pd.Series[bool]:
    return (count > 0.5) & (count < FEWEST - 0.5)
