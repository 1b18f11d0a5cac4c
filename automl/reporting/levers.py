"""What an example row's counterfactuals may change, and which of them are worth showing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explain import Counterfactuals

NAMES_ROWS = ("sampling-weight-suspect", "group-column-suspect", "identifier")
"""Checks that flag columns which say how a row came into the table, not what it is like."""

MOST_CHANGES = 4
"""Columns that an option changes at most."""

DEAREST = 5.0
"""How many times the cheapest option another one costs at most."""


def no_levers(checks: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that the checks flag as weights or identifiers."""
    if checks.empty:
        return ()
    flagged = checks.loc[checks["code"].isin(NAMES_ROWS), "columns"]
    return tuple(dict.fromkeys(str(name) for names in flagged for name in names))


def sparing(found: Counterfactuals) -> Counterfactuals:
    """Return the cheapest option, and the others that are nearly as small."""
    if len(found.costs) < 2:
        return found
    sizes = found.changes["option"].value_counts()
    most = DEAREST * float(found.costs[0])
    kept = [
        place
        for place, cost in enumerate(found.costs.tolist())
        if place == 0 or (sizes.get(place + 1, 0) <= MOST_CHANGES and cost <= most)
    ]
    numbers = {place + 1: n for n, place in enumerate(kept, start=1)}
    changes = found.changes[found.changes["option"].isin(list(numbers))]
    return replace(
        found,
        rows=found.rows.iloc[kept],
        changes=changes.assign(option=changes["option"].map(numbers)).reset_index(drop=True),
        costs=found.costs[kept],
        predictions=found.predictions[kept],
    )
