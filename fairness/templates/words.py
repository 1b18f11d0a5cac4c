"""What a table of impact ratios shows, in plain words."""

from __future__ import annotations

import math

from fairness.templates.frames import reading
from fairness.templates.rates import Rates
from fairness.templates.ratios import Comparison, Impact
from fairness.templates.values import Rate, RatioTable

FEW = 30
"""People in the group with the highest rate below which a statement warns of it."""

MOST = 10
"""Groups that are named in words; all of them are in the table."""

VERBS: dict[Rate, str] = {"selection_rate": "selected", "scoring_rate": "above the median"}


def sentences(rates: Rates, impact: Impact, asked: RatioTable, attribute: str) -> list[str]:
    """Return the statements of one table: what is flagged or lowest first, then what to mind."""
    if impact.highest is None:
        nothing = f"{attribute}: no group has enough rows, so there is nothing to compare."
        return [nothing, *_left_out(rates, impact, attribute)]
    if not rates.rate[impact.highest] > 0:
        return [f"{attribute}: nobody is {VERBS[asked.rate]}, so no ratio is defined."]
    if not impact.compared:
        alone = f"{attribute}: fewer than two groups have enough rows to compare."
        return [alone, *_left_out(rates, impact, attribute)]
    said = _flags(rates, impact, asked, attribute)
    few = int(rates.n[impact.highest])
    if few < FEW:
        said.append(
            f"{attribute}: the highest rate, that of {rates.groups[impact.highest]}, stands on "
            f"{few} people; every ratio of the table hangs on them."
        )
    return said + _left_out(rates, impact, attribute)


def _flags(rates: Rates, impact: Impact, asked: RatioTable, attribute: str) -> list[str]:
    """Say which groups are notable; without a threshold only which one is the lowest."""
    assert impact.highest is not None
    highest = _described(rates, impact.highest)
    if asked.flag_below is None:
        lowest = min(impact.compared, key=lambda one: one.ratio)
        return [
            f"{attribute}: the lowest rate is that of {_described(rates, lowest.position)}, an "
            f"impact ratio of {lowest.ratio:.{_digits(asked)}f} to {highest}."
        ]
    rising = impact.compared[::-1]  # the lowest ratios first
    flagged = [one for one in rising if one.flagged]
    above = [one for one in rising if not one.flagged and one.p_value < asked.alpha]
    notable = [*flagged, *above]
    said = [
        f"{attribute}: {_described(rates, one.position)} against {highest}: impact ratio "
        f"{one.ratio:.3f}{_interval(one)}, {reading(one, asked)}{_remarks(one, asked)}."
        for one in notable[:MOST]
    ]
    if len(notable) > MOST:
        said.append(f"{attribute}: {len(notable) - MOST:,} more such groups are in the table.")
    if not flagged:
        said.append(
            f"{attribute}: no group that is compared is below {asked.flag_name} of the highest "
            f"rate, that of {highest}. That says nothing of why, nor of smaller groups."
        )
    return said


def _remarks(one: Comparison, asked: RatioTable) -> str:
    """Return test, shortfall and what hangs on one person."""
    said = ""
    if asked.significance is not None:
        name = "Fisher's exact test" if one.test == "Fisher" else "z test"
        said += f" ({name}, p = {_p(one.p_value)}"
        if one.p_value < asked.alpha <= one.p_adjusted:
            said += f"; allowing for all pairs of groups, p = {_p(one.p_adjusted)}"
        said += ")"
    if one.flagged and one.shortfall is not None:
        said += f"; {one.shortfall:,} more chosen would bring it to {asked.flag_name}"
    return said + (f"; {one.hinges}" if one.hinges else "")


def _left_out(rates: Rates, impact: Impact, attribute: str) -> list[str]:
    """Say who is not compared."""
    said = []
    if impact.small:
        names = ", ".join(_described(rates, i) for i in impact.small[:MOST])
        more = f" and {len(impact.small) - MOST:,} more" if len(impact.small) > MOST else ""
        said.append(f"{attribute}: too small a share of the rows for a ratio: {names}{more}.")
        top = rates.rate[impact.highest] if impact.highest is not None else math.inf
        higher = [rates.groups[i] for i in impact.small if rates.rate[i] > top]
        if higher:
            said.append(f"{attribute}: higher than the highest that is compared: {higher[0]}.")
    if rates.unknown.any():
        n = int(rates.n[rates.unknown].sum())
        said.append(f"{attribute}: the category of {n:,} people is unknown; they are in no ratio.")
    return said


def _described(rates: Rates, i: int) -> str:
    """Return a group with its rate and what it stands on."""
    if math.isnan(rates.rate[i]):
        return f"{rates.groups[i]} ({int(rates.n[i]):,} people)"
    if rates.exact and rates.chosen is not None:
        counts = f"{int(rates.chosen[i]):,} of {int(rates.n[i]):,}"
    else:
        counts = f"{int(rates.n[i]):,} people"
    return f"{rates.groups[i]} ({rates.rate[i]:.1%}, {counts})"


def _interval(one: Comparison) -> str:
    """Return the interval of a ratio, where there is one."""
    return "" if math.isnan(one.low) else f" [{one.low:.3f}, {one.high:.3f}]"


def _digits(asked: RatioTable) -> int:
    """Return the decimals of a ratio."""
    return 3 if asked.round_ratio is None else asked.round_ratio


def _p(value: float) -> str:
    """Return a p-value; very small ones as a bound."""
    return "less than 0.0001" if value < 1e-4 else f"{value:.3g}"
