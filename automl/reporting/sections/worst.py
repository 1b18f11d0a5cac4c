"""The first answer on groups: the worst difference of each column, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.reporting.words import sentence
from explain.showing.words import listed, plural, short

if TYPE_CHECKING:
    import pandas as pd

    from fairness import Audit
    from fairness.showing.verdicts import Comparison


def worst_verdict(audit: Audit, positive: str = "") -> str:
    """Say of each column the difference that lies farthest beyond its tolerance, and how many do.

    Parameters
    ----------
    audit : fairness.Audit
    positive : str
        The label that selects, where it is known.
    """
    from fairness.showing.verdicts import comparisons, notion_names

    names = notion_names(audit)
    compared = [
        one
        for attribute in audit.table.sensitive
        for one in comparisons(audit, attribute=attribute, metrics=names)
        if one.group
    ]
    if not compared:
        return "No two groups have enough rows to be compared."
    ratios = _ratios(audit, names)
    beyond = [one for one in compared if one.verdict == "beyond"]
    if not beyond:
        within = sum(one.verdict == "within" for one in compared)
        text = (
            f"Of {plural(len(compared), 'difference')} between groups none lies beyond its "
            f"tolerance: {within:,} within it, {len(compared) - within:,} without enough data "
            "to tell."
        )
        return text if ratios.empty else f"{text} {_of_ratios(ratios)}"
    worst = [
        max((one for one in beyond if one.attribute == name), key=_excess)
        for name in dict.fromkeys(one.attribute for one in beyond)
    ]
    told = [_told(one, positive) for one in sorted(worst, key=_excess, reverse=True)]
    counts = [_count([one.attribute for one in beyond], len(compared), "difference")]
    if not ratios.empty:
        counts.append(_count(_beyond(ratios), len(ratios), "ratio"))
    return f"{' '.join(told)} Beyond their tolerances: {' and '.join(counts)}."


def _told(one: Comparison, positive: str) -> str:
    """Say a comparison, with its column where the groups do not name it."""
    from fairness.showing.verdicts import sentence as spoken

    text = sentence(spoken(one, positive))
    if all(end.startswith(one.attribute) for end in one.ends):
        return text
    return f"By {short(one.attribute)}: {text[:1].lower()}{text[1:]}"


def _ratios(audit: Audit, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the ratios of the notions whose differences are told."""
    frame = audit.disparities
    if frame.empty:
        return frame
    named = frame["attribute"].isin(audit.table.sensitive) & frame["metric"].isin(names)
    found: pd.DataFrame = frame[named & (frame["kind"] == "ratio") & (frame["group"] != "")]
    return found


def _beyond(ratios: pd.DataFrame) -> list[str]:
    """Return the column of each ratio that lies beyond its tolerance."""
    return [str(one) for one in ratios.loc[ratios["verdict"] == "beyond", "attribute"]]


def _of_ratios(ratios: pd.DataFrame) -> str:
    beyond = _beyond(ratios)
    if not beyond:
        return f"Nor does any of {plural(len(ratios), 'ratio')}."
    return f"Of the ratios, beyond their tolerances: {_count(beyond, len(ratios), 'ratio')}."


def _count(beyond: list[str], n: int, what: str) -> str:
    """Say how many of some comparisons lie beyond, and by which columns."""
    text = f"{len(beyond):,} of {plural(n, what)}"
    each = [f"{beyond.count(name)} by {short(name)}" for name in dict.fromkeys(beyond)]
    return f"{text} ({listed(each)})" if each else text


def _excess(one: Comparison) -> float:
    """Return how many times its tolerance a difference is."""
    return abs(one.value) / max(one.tolerance, 1e-9)
