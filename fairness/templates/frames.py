"""A table of impact ratios as a frame, each row with its reading in words."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from candor.report.values import Table
from fairness.templates.rates import Rates
from fairness.templates.ratios import Comparison, Impact
from fairness.templates.sources import CHOSEN
from fairness.templates.values import RatioTable

HIGHEST = "highest rate"
UNKNOWN = "category unknown: not in the ratios"


def to_table(
    rates: Rates, impact: Impact, asked: RatioTable, caption: str, notes: tuple[str, ...]
) -> Table:
    """Return the table: the highest first, then by falling rate, then small and unknown groups."""
    rows: list[dict[str, Any]] = []
    if impact.highest is not None:
        rows.append(_row(rates, impact.highest, asked, _first(rates, impact.highest)))
    rows += [_row(rates, one.position, asked, reading(one, asked), one) for one in impact.compared]
    rows += [_row(rates, i, asked, _small(rates, i, impact)) for i in impact.small]
    if asked.show_unknown:
        rows += [_row(rates, i, asked, UNKNOWN) for i in impact.unknown]
    kinds = {"n": "int64", "flagged": "boolean"}
    columns = _columns(asked)
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.astype({name: kind for name, kind in kinds.items() if name in columns})
    return Table(frame, caption, notes, _formats(asked, rates))


def reading(one: Comparison, asked: RatioTable) -> str:
    """Say what one comparison comes to; empty where the template sets no threshold."""
    if asked.flag_below is None:
        return ""
    if math.isnan(one.ratio):
        return "undefined: nobody was chosen"
    side = f"{'' if one.flagged else 'not '}below {asked.flag_name}"
    if asked.significance is None:
        return side
    significant = one.p_value < asked.alpha
    if one.flagged:
        by_chance = "could be chance (small numbers)"
        return f"{side} and statistically significant" if significant else f"{side}, {by_chance}"
    if significant:
        return f"{side}, yet statistically significant (a larger difference than chance)"
    return side


def _first(rates: Rates, highest: int) -> str:
    """Return the reading of the group with the highest rate."""
    return HIGHEST if rates.rate[highest] > 0 else "undefined: nobody was chosen"


def _small(rates: Rates, i: int, impact: Impact) -> str:
    """Return the reading of a group that is not compared."""
    if rates.weight[i] <= 0:
        return "no rate: all of its weights are 0"
    said = f"left out: {int(rates.n[i]) / impact.known:.1%} of the rows"
    if impact.highest is not None and rates.rate[i] > rates.rate[impact.highest]:
        said += "; its rate is above the highest that is compared"
    return said


def _columns(asked: RatioTable) -> list[str]:
    """Return the columns in order; those of a threshold or a test only where there is one."""
    flag = asked.flag_below is not None
    tested = asked.significance is not None
    return [
        "group", "n", CHOSEN[asked.rate], asked.rate, "impact_ratio",
        *(["low", "high", "p_value", "p_adjusted", "test"] if tested else []),
        *(["flagged", "shortfall", "hinges_on"] if flag else []),
        "reading",
    ]  # fmt: skip


def _row(
    rates: Rates, i: int, asked: RatioTable, said: str, one: Comparison | None = None
) -> dict[str, Any]:
    """Return one row; a group that is not compared has no ratio, and the highest has 1."""
    ratio = one.ratio if one else (1.0 if said == HIGHEST else math.nan)
    chosen = rates.weight_chosen[i] if rates.chosen is None else rates.chosen[i]
    return {
        "group": rates.groups[i],
        "n": int(rates.n[i]),
        CHOSEN[asked.rate]: chosen,
        asked.rate: _rounded(float(rates.rate[i]), asked.round_rate),
        "impact_ratio": _rounded(ratio, asked.round_ratio),
        "low": one.low if one else math.nan,
        "high": one.high if one else math.nan,
        "p_value": one.p_value if one else math.nan,
        "p_adjusted": one.p_adjusted if one else math.nan,
        "test": one.test if one else "",
        "flagged": one.flagged if one else pd.NA,
        "shortfall": math.nan if one is None or one.shortfall is None else float(one.shortfall),
        "hinges_on": one.hinges if one else "",
        "reading": said,
    }


def _rounded(value: float, decimals: int | None) -> float:
    """Round where the template asks for it."""
    return value if decimals is None or math.isnan(value) else round(value, decimals)


def _formats(asked: RatioTable, rates: Rates) -> dict[str, str]:
    """Return how columns of numbers are set."""
    ratio = ".3f" if asked.round_ratio is None else f".{asked.round_ratio}f"
    rate = ".1%" if asked.round_rate is None else f".{max(asked.round_rate - 2, 0)}%"
    chosen = ",.0f" if rates.chosen is not None else ",.1f"
    shown = {
        "n": ",d",
        CHOSEN[asked.rate]: chosen,
        asked.rate: rate,
        "impact_ratio": ratio,
        "low": ".3f",
    }
    shown |= {"high": ".3f", "p_value": ".3g", "p_adjusted": ".3g", "shortfall": ".0f"}
    return {name: form for name, form in shown.items() if name in _columns(asked)}
