"""Simultaneous intervals of the disparities between pairs of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairness.errors import ArgumentError
from fairness.inference.gaps import Gap, Tolerance
from fairness.inference.intervals import check_confidence, entering
from fairness.inference.limits import Positions, sample_of, smooth_error
from fairness.inference.maxt import LARGEST_CRITICAL, Joint, MaxT, max_t
from fairness.inference.power import detectable
from fairness.inference.values import Floats, Kind, Pairs
from fairness.metrics.values import Estimates

_STEPS = 34
"""Halvings of the interval that holds a critical value: to 2e-9."""


def pairs(
    estimates: Sequence[Estimates],
    kind: Kind,
    *,
    tolerance: float,
    confidence: float,
    reference: int | None = None,
    seed: int = 0,
) -> Pairs:
    """Compare groups pair by pair, with intervals that hold for all pairs at once.

    In each metric the groups that are estimable or weak in it are compared.

    Parameters
    ----------
    estimates : sequence of Estimates
        One metric, or the several metrics of a notion (such as the two rates of equalized odds),
        each for the same groups. The family is all pairs in all of them: a group that is too
        small for one metric is still compared in the others.
    kind : {"difference", "ratio"}
        What is compared.
    tolerance : float
        A difference is beyond it above this value, a ratio outside ``[tolerance, 1/tolerance]``.
        Exactly at the tolerance is not beyond. A difference may be held against 0.
    confidence : float
        That all intervals hold at once, between 0 and 1.
    reference : int, optional
        Position of a group that all others are compared to. Default: all pairs.
    seed : int, default 0
        Seed of the simulated critical value.

    Returns
    -------
    Pairs
        The critical value c is the point that the largest of all standardised differences
        exceeds with probability 1 - confidence (max-T). From limits of each group at c (Wilson's
        for proportions, Student's for others) the limits of a difference are
        ``d - sqrt((a - l_a)² + (u_b - b)²)`` and ``d + sqrt((u_a - a)² + (b - l_b)²)``
        (Newcombe's hybrid score interval for proportions), and those of a ratio the solutions of
        ``a - R b = ± sqrt(...)`` in the same limits (Donner and Zou). Both are widened by the
        error that binning can have caused. The p-value of a pair is the chance of a maximum
        above the critical value at which its interval would just reach the tolerance: it is at
        most 1 - confidence exactly where the interval lies beyond the tolerance.

    Raises
    ------
    ArgumentError
        If the estimates are of different groups or there are none, the confidence or tolerance
        is out of range, or a ratio is asked of a metric that may be negative.

    References
    ----------
    Hothorn, T., Bretz, F., and Westfall, P. (2008). Simultaneous inference in general parametric
    models. Biometrical Journal 50, 346-363.
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions. Statistics in Medicine 17, 873-890.
    Donner, A., and Zou, G. Y. (2012). Closed-form confidence intervals for functions of the
    normal mean and standard deviation. Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> from fairness.metrics import estimate
    >>> from fairness.table.values import GroupCounts
    >>> cells = np.array([[[350, 150]], [[400, 100]], [[20, 20]]])
    >>> weights = cells.astype(float)
    >>> counts = GroupCounts("binary", "x", ("a", "b", "c"), ("0", "1"), cells, weights, weights)
    >>> rates = [estimate("selection_rate", counts)]
    >>> found = pairs(rates, "difference", tolerance=0.0, confidence=0.95)
    >>> for i in range(3):
    ...     group, other = counts.groups[found.group[i]], counts.groups[found.reference[i]]
    ...     print(f"{group} - {other}: {found.value[i]:.2f}", found.p_value[i] < 0.05)
    b - a: -0.10 True
    c - a: 0.20 True
    c - b: 0.30 True
    """
    check_family(estimates, kind)
    check_confidence(confidence)
    held = Tolerance(kind, tolerance)
    paired = [_pairs_of(np.flatnonzero(entering([one])), reference) for one in estimates]
    sizes = [len(first) for first, _ in paired]
    if sum(sizes) == 0:
        return _no_pairs(kind)
    gaps = [Gap(sample_of(one), *ends) for one, ends in zip(estimates, paired, strict=True)]
    family = Joint(tuple(_maximum(gap, seed) for gap in gaps if len(gap.first)))
    critical = family.critical(confidence)
    found = [_compare(gap, held, family, critical, confidence) for gap in gaps]
    value, low, high, p_value, smallest = (
        np.concatenate(parts) for parts in zip(*found, strict=True)
    )
    return Pairs(
        kind=kind,
        group=np.concatenate([first for first, _ in paired]),
        reference=np.concatenate([second for _, second in paired]),
        value=value,
        low=low,
        high=high,
        p_value=p_value,
        detectable=smallest,
        metric=np.repeat(np.arange(len(sizes)), sizes),
        critical=critical,
    )


def check_family(estimates: Sequence[Estimates], kind: Kind) -> None:
    """Refuse metrics that cannot be compared together."""
    if not estimates:
        raise ArgumentError("nothing to compare", got="got no estimates")
    groups = estimates[0].groups
    for one in estimates:
        if one.groups != groups:
            raise ArgumentError(
                "metrics of one notion need the same groups",
                got=f"{estimates[0].metric.name}: {groups}; {one.metric.name}: {one.groups}",
            )
        if kind == "ratio" and not (one.metric.ratio and one.metric.range[0] >= 0):
            raise ArgumentError(
                f"a ratio of {one.metric.name} has no meaning",
                got=f"it ranges from {one.metric.range[0]} to {one.metric.range[1]}",
                hint='kind="difference"',
            )


def _pairs_of(groups: Positions, reference: int | None) -> tuple[Positions, Positions]:
    """Return (group, reference) of all pairs, or of all others with one reference."""
    if reference is None:
        second, first = np.triu_indices(len(groups), 1)
        return groups[first], groups[second]
    if reference not in groups:
        return groups[:0], groups[:0]
    others = groups[groups != reference]
    return others, np.full_like(others, reference)


def _no_pairs(kind: Kind) -> Pairs:
    nothing, nowhere = np.zeros(0), np.zeros(0, np.int64)
    return Pairs(kind, nowhere, nowhere, nothing, nothing, nothing, nothing, nothing, nowhere)


def _maximum(gap: Gap, seed: int) -> MaxT:
    """Return the distribution of the maximum over the groups that occur in the pairs."""
    groups = np.unique(np.concatenate([gap.first, gap.second]))
    errors = [smooth_error(gap.sample)[groups]]
    first, second = (np.searchsorted(groups, ends) for ends in (gap.first, gap.second))
    return max_t(errors, first, second, seed)


def _compare(
    gap: Gap, held: Tolerance, family: Joint, critical: float, confidence: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return value, low, high, p-value and detectable gap of one metric's pairs."""
    first, second = gap.sample.value[gap.first], gap.sample.value[gap.second]
    low = gap.limit(held.kind, critical)
    back = gap.swapped().limit(held.kind, critical)
    p_value = _p_values(gap, held, family, critical, confidence)
    if held.kind == "difference":
        width = gap.sample.range[1] - gap.sample.range[0]
        return (
            first - second,
            np.maximum(low, -width),
            np.minimum(-back, width),
            p_value,
            detectable(gap, critical),
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return first / second, low, 1 / back, p_value, np.full(len(low), np.nan)


def _p_values(
    gap: Gap, held: Tolerance, family: Joint, critical: float, confidence: float
) -> Floats:
    """Invert the interval: find the critical value at which it just reaches the tolerance."""
    oriented = gap.larger_first()
    surplus, noise = oriented.surplus(held)
    p_value = np.ones(len(surplus))
    open_ = np.flatnonzero(surplus > noise)
    if len(open_) == 0:
        return p_value
    asked = oriented.taken(open_)
    low, high = np.zeros(len(open_)), np.full(len(open_), LARGEST_CRITICAL)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        beyond = asked.is_beyond(held, middle)
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    found = family.exceedance(low)
    # The halving is exact to 2e-9 only; the verdict of the interval itself decides a tie.
    alpha = 1 - confidence
    settled = asked.is_beyond(held, critical)
    p_value[open_] = np.where(
        settled, np.minimum(found, alpha), np.maximum(found, np.nextafter(alpha, 1))
    )
    return p_value
