"""Disparities of a whole attribute, each with a verdict of three values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.inference import readings
from fairness.inference.gaps import Gap, Tolerance
from fairness.inference.intervals import check_confidence, entering, is_undefined, rows_behind
from fairness.inference.limits import Positions, sample_of
from fairness.inference.needs import NO_HELP, SETTLED, Need, need
from fairness.inference.pairwise import check_family, pairs
from fairness.inference.values import SMALLEST, Disparity, Floats, Kind, Pairs
from fairness.metrics.values import Estimates


def disparity(
    estimates: Sequence[Estimates],
    kind: Kind,
    *,
    name: str,
    tolerance: float,
    confidence: float,
    reference: str | None = None,
    seed: int = 0,
) -> tuple[Disparity, ...]:
    """Return the disparity of the worst pair, or that of each group to a reference.

    Parameters
    ----------
    estimates : sequence of Estimates
        One metric, or the several metrics of a notion, each for the same groups.
    kind : {"difference", "ratio"}
        What is compared.
    name : str
        Name of the metric or notion.
    tolerance : float
        A difference is beyond it above this value, a ratio outside ``[tolerance, 1/tolerance]``.
    confidence : float
        Between 0 and 1; of all pairs in all metrics at once.
    reference : str, optional
        Name of the group that all others are compared to. Default: all pairs.
    seed : int, default 0
        Seed of the simulated critical value.

    Returns
    -------
    tuple of Disparity
        Without a reference one: largest minus smallest value (or smallest over largest) among
        the groups that are estimable or weak. Its interval is that of the worst of all true
        gaps: from the largest of the pairs' lower limits of the absolute difference, or 0, to the
        largest of their upper limits (for ratios the smallest of each, at most 1). It covers
        whenever all simultaneous intervals do; a bootstrap of the maximum does not, for the
        maximum is biased upwards. With a reference one for each other group: group minus (or
        over) reference in a single metric; in several the largest absolute difference (or
        smallest ratio) of them. Verdict: "beyond" or "within" where the whole interval lies
        beyond, or inside, the tolerance, and "not enough data" otherwise, with the rows that
        would settle it if the estimates stayed as they are.

    Raises
    ------
    ArgumentError
        If there is no such reference group, or an argument of `pairs` is not allowed.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics
    and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> from fairness.metrics import estimate
    >>> from fairness.table.values import GroupCounts
    >>> cells = np.array([[[350, 150]], [[400, 100]], [[20, 20]], [[2, 3]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "x", ("a", "b", "c", "d"), ("0", "1"), cells, w, w)
    >>> rates = [estimate("selection_rate", counts)]
    >>> (worst,) = disparity(
    ...     rates, "difference", name="demographic_parity", tolerance=0.1, confidence=0.95
    ... )
    >>> worst.group, worst.reference, round(worst.value, 3), round(worst.all_groups, 3)
    ('c', 'b', 0.3, 0.4)
    >>> print(f"{worst.low:.3f} to {worst.high:.3f}: {worst.verdict}; {worst.left_out}")
    0.123 to 0.475: beyond; ('d',)
    """
    check_family(estimates, kind)
    check_confidence(confidence)
    groups = estimates[0].groups
    if reference is not None and reference not in groups:
        raise ArgumentError(
            f"there is no reference group {reference!r} in {estimates[0].attribute}",
            got=f"it has {', '.join(groups)}",
        )
    at = None if reference is None else groups.index(reference)
    found = pairs(
        estimates, kind, tolerance=tolerance, confidence=confidence, reference=at, seed=seed
    )
    held = Tolerance(kind, tolerance)
    family = _Family(estimates, name, held, found, entering(estimates))
    if at is None:
        return (family.worst(),)
    return tuple(family.of_group(g, at) for g in range(len(groups)) if g != at)


@dataclass(frozen=True)
class _Family:
    """All pairs of a metric or notion, from which disparities are read."""

    estimates: Sequence[Estimates]
    name: str
    held: Tolerance
    found: Pairs
    enters: NDArray[np.bool_]

    @property
    def groups(self) -> tuple[str, ...]:
        return self.estimates[0].groups

    def worst(self) -> Disparity:
        """Return the disparity of the worst pair."""
        plug_in = readings.of_all_groups(self.estimates, self.held.kind)
        if len(self.found.group) == 0:
            # Two groups have to enter: the second that comes nearest to it is what is missing.
            return self._unknown(("", ""), plug_in, self._to_enter(1))
        return self._read(np.arange(len(self.found.group)), plug_in, None)

    def of_group(self, group: int, reference: int) -> Disparity:
        """Return the disparity of one group to the reference."""
        named = self.groups[group], self.groups[reference]
        plug_in = readings.of_pair(self.estimates, self.held.kind, group, reference)
        chosen = np.flatnonzero(self.found.group == group)
        if len(chosen) == 0:
            return self._unknown(named, plug_in, self._to_enter(-1, [group, reference]))
        return self._read(chosen, plug_in, named)

    def _read(self, chosen: Positions, plug_in: float, named: tuple[str, str] | None) -> Disparity:
        """Read one disparity, its interval and its verdict from some of the pairs."""
        kind, found = self.held.kind, self.found
        reading = readings.read(found, chosen)
        verdict = readings.verdict(self.held, reading)
        at = chosen[reading.at]
        shown = reading.value, reading.low, reading.high
        if named is not None and len(self.estimates) == 1:
            shown = float(found.value[at]), float(found.low[at]), float(found.high[at])
        if named is None:
            named = self._in_order(int(at))
        missing = self._missing(chosen) if verdict == "not enough data" else SETTLED
        return Disparity(
            metric=self.name,
            kind=kind,
            group=named[0],
            reference=named[1],
            value=shown[0],
            low=shown[1],
            high=shown[2],
            all_groups=plug_in,
            p_value=float(found.p_value[chosen].min()),
            tolerance=self.held.value,
            verdict=verdict,
            detectable=float(found.detectable[at]),
            needs=self.groups[missing.group] if missing.group >= 0 else "",
            needs_rows=float(np.ceil(missing.rows)),
            left_out=self._left_out(),
            comparisons=len(found.group),
            also_needs=tuple(self.groups[group] for group in missing.others),
        )

    def _in_order(self, pair: int) -> tuple[str, str]:
        """Return the names of a pair: the larger first in a difference, last in a ratio."""
        group, reference = int(self.found.group[pair]), int(self.found.reference[pair])
        values = self.estimates[int(self.found.metric[pair])].value
        larger_first = bool(values[group] >= values[reference])
        if larger_first != (self.held.kind == "difference"):
            group, reference = reference, group
        return self.groups[group], self.groups[reference]

    def _missing(self, chosen: Positions) -> Need:
        """Return the rows that would settle some of the pairs."""
        gaps = []
        for metric, one in enumerate(self.estimates):
            mine = chosen[self.found.metric[chosen] == metric]
            gaps.append(Gap(sample_of(one), self.found.group[mine], self.found.reference[mine]))
        ordered = [gap.larger_first() for gap in gaps]
        return need(ordered, self.estimates[0].n, self.held, self.found.critical)

    def _to_enter(self, rank: int, among: Sequence[int] | None = None) -> Need:
        """Return what the group of a rank lacks to be compared; those that lack least first."""
        lacking = np.max([_lacking(one) for one in self.estimates], axis=0)
        groups = np.arange(len(lacking)) if among is None else np.asarray(among)
        if len(groups) < 2:
            return NO_HELP
        group = int(groups[np.argsort(lacking[groups], kind="stable")[rank]])
        rows = float(lacking[group])
        return Need(group, rows) if np.isfinite(rows) else NO_HELP

    def _left_out(self) -> tuple[str, ...]:
        return tuple(
            name for name, enters in zip(self.groups, self.enters, strict=True) if not enters
        )

    def _unknown(self, named: tuple[str, str], plug_in: float, missing: Need) -> Disparity:
        """Return a disparity of which nothing can be said, for a group is too small."""
        return Disparity(
            metric=self.name,
            kind=self.held.kind,
            group=named[0],
            reference=named[1],
            value=float("nan"),
            low=float("nan"),
            high=float("nan"),
            all_groups=plug_in,
            p_value=float("nan"),
            tolerance=self.held.value,
            verdict="not enough data",
            detectable=float("nan"),
            needs=self.groups[missing.group] if missing.group >= 0 else "",
            needs_rows=float(np.ceil(missing.rows)),
            left_out=self._left_out(),
        )


def _lacking(estimates: Estimates) -> Floats:
    """Return the rows that each group lacks to be estimable, at its present share of rows."""
    behind = rows_behind(estimates)
    with np.errstate(divide="ignore", invalid="ignore"):
        lacking = np.maximum(SMALLEST - behind, 0.0) * estimates.n / behind
    return np.where(is_undefined(estimates), np.inf, lacking)
