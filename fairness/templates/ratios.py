"""Impact ratios: each rate over the highest, what is flagged, and how little it hangs on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fairness.templates.pairs import Share, p_value, ratio_interval
from fairness.templates.rates import Rates
from fairness.templates.values import RatioTable

TOLERANCE = 1e-9
"""Relative: weights are sums of floating-point numbers, so "exactly four fifths" needs one."""


@dataclass(frozen=True)
class Comparison:
    """One group against the one with the highest rate.

    Parameters
    ----------
    position : int
        Of the group in `Rates`.
    ratio : float
        Its rate over the highest; NaN where nobody was chosen.
    flagged : bool
        Whether the ratio is below the threshold.
    low, high : float
        Interval of the ratio, simultaneous over all pairs of groups; NaN without a test.
    p_value, p_adjusted : float
        Of equal rates: by itself, and times the number of pairs (Bonferroni); NaN without a test.
    test : str
        "Fisher" or "z".
    shortfall : int or None
        How many more of the group would have to be chosen for it not to be flagged.
    hinges : str
        What the choice of one person more, fewer or different would change.
    """

    position: int
    ratio: float
    flagged: bool
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan
    p_adjusted: float = math.nan
    test: str = ""
    shortfall: int | None = None
    hinges: str = ""


@dataclass(frozen=True)
class Impact:
    """A table of rates, compared with the highest.

    Parameters
    ----------
    highest : int or None
        Position of the group with the highest rate; None where no group has one.
    compared : tuple of Comparison
        All other groups that are large enough, by falling rate.
    small : tuple of int
        Groups under the minimum share, and those whose weights are all 0, by falling rate.
    unknown : tuple of int
        Groups that mean that nothing is known.
    known : int
        Rows of all groups that are known: what shares are of.
    """

    highest: int | None
    compared: tuple[Comparison, ...]
    small: tuple[int, ...]
    unknown: tuple[int, ...]
    known: int


def compare(rates: Rates, asked: RatioTable, confidence: float) -> Impact:
    """Compare every group that is large enough with the one with the highest rate."""
    unknown = tuple(i for i in range(len(rates.groups)) if rates.unknown[i])
    known = [i for i in range(len(rates.groups)) if not rates.unknown[i]]
    everyone = sum(int(rates.n[i]) for i in known)
    least = asked.minimum_share * everyone
    # A group whose rows all weigh nothing has no rate: it is listed, not compared.
    large = [i for i in known if int(rates.n[i]) >= least and rates.weight[i] > 0]
    small = sorted(set(known) - set(large))
    kept = sorted(large, key=lambda i: (_order(rates, i), int(rates.n[i])), reverse=True)
    highest = kept[0] if kept else None
    compared: list[Comparison] = []
    if highest is not None:
        # All pairs, as the data choose which one is the highest.
        pairs = math.comb(len(kept), 2)
        compared = [_against(rates, i, highest, asked, confidence, pairs) for i in kept[1:]]
    return Impact(highest, tuple(compared), _falling(rates, small), unknown, everyone)


def below(rates: Rates, group: int, highest: int, threshold: Fraction, more: int = 0) -> bool:
    """Say whether a group's ratio is strictly below a threshold, were `more` of it chosen.

    Counts are compared as whole numbers: a ratio that is exactly the threshold is never below.
    """
    if rates.exact and rates.chosen is not None:
        own = (int(rates.chosen[group]) + more) * int(rates.n[highest])
        most = int(rates.chosen[highest]) * int(rates.n[group])
        return own * threshold.denominator < most * threshold.numerator
    own_rate = rates.rate[group] + more / max(rates.weight[group], 1e-300)
    return bool(own_rate < float(threshold) * rates.rate[highest] * (1 - TOLERANCE))


def _order(rates: Rates, i: int) -> Fraction | float:
    """Return a rate to sort by: exact where counts are, so that equal rates are equal."""
    if rates.exact and rates.chosen is not None:
        return Fraction(int(rates.chosen[i]), int(rates.n[i]))
    return float(rates.rate[i])


def _falling(rates: Rates, positions: list[int]) -> tuple[int, ...]:
    """Return positions by falling rate; those without one last."""
    return tuple(sorted(positions, key=lambda i: -np.nan_to_num(rates.rate[i], nan=-1.0)))


def _against(
    rates: Rates,
    group: int,
    highest: int,
    asked: RatioTable,
    confidence: float,
    pairs: int,
) -> Comparison:
    """Compare one group with the highest."""
    top = float(rates.rate[highest])
    ratio = min(float(rates.rate[group]) / top, 1.0) if top > 0 else math.nan
    flagged = asked.flag_below is not None and below(rates, group, highest, asked.flag_below)
    shortfall, hinges = None, ""
    if asked.flag_below is not None and rates.exact:
        shortfall = _shortfall(rates, group, highest, asked.flag_below)
        hinges = _hinges(rates, group, highest, asked.flag_below)
    if asked.significance is None:
        return Comparison(group, ratio, flagged, shortfall=shortfall, hinges=hinges)
    own, other = _share(rates, group), _share(rates, highest)
    low, high = ratio_interval(own, other, (1 - confidence) / pairs)
    p, test = p_value(own, other, asked.significance)
    adjusted = min(1.0, p * pairs)
    return Comparison(group, ratio, flagged, low, high, p, adjusted, test, shortfall, hinges)


def _share(rates: Rates, i: int) -> Share:
    """Return a group as chosen of all; weighted ones in effective numbers."""
    if rates.exact and rates.chosen is not None:
        return Share(float(rates.chosen[i]), float(rates.n[i]))
    return Share(
        float(np.clip(rates.rate[i], 0, 1) * rates.effective[i]), float(rates.effective[i]), False
    )


def _shortfall(rates: Rates, group: int, highest: int, threshold: Fraction) -> int:
    """Return how many more of a group have to be chosen, the highest group being as it is."""
    assert rates.chosen is not None
    needed = threshold * int(rates.chosen[highest]) * int(rates.n[group]) / int(rates.n[highest])
    return max(0, math.ceil(needed - int(rates.chosen[group])))


def _hinges(rates: Rates, group: int, highest: int, threshold: Fraction) -> str:
    """Say what one person would change.

    Question 21 of the EEOC's Questions and Answers looks at one person chosen from the group
    instead of one from the highest: whether the group's rate would then be the higher one.
    """
    assert rates.chosen is not None
    own, n = int(rates.chosen[group]), int(rates.n[group])
    top, m = int(rates.chosen[highest]), int(rates.n[highest])
    said = []
    if below(rates, group, highest, threshold):
        if own < n and not below(rates, group, highest, threshold, more=1):
            said.append("one more chosen lifts the flag")
        if own < n and top > 0 and (own + 1) * m > (top - 1) * n:
            said.append("one chosen instead of one of the highest group reverses the order")
    elif own > 0 and below(rates, group, highest, threshold, more=-1):
        said.append("one fewer chosen raises the flag")
    return "; ".join(said)
