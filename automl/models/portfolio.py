"""Portfolio entries: configurations that are worth trying before any search, and when.

Priorities order the entries of all families; lower is tried earlier. The order follows the
zero-shot portfolios learned on public benchmarks (AutoGluon 2023 and 2025, TabRepo, TabArena)
and the tuned defaults of pytabkit, thinned to what a few processor cores can fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from automl.models.base import Facts, Preset

TINY_ROWS = 500
"""Below this many rows, simple and regularised models come first."""

LARGE_ROWS = 100_000
"""Above this many rows, only few and fast entries are kept."""

KEEP: Literal["keep"] = "keep"
"""The entry keeps its priority."""

Place = float | Literal["keep"] | None


@dataclass(frozen=True)
class Entry:
    """One configuration and where it stands on different problems.

    Parameters
    ----------
    priority : float
        Place on an ordinary table.
    params : mapping
        Values for every name in the family's space.
    note : str
        Where the configuration comes from.
    tiny, large, text : float, "keep" or None
        Place on tables below `TINY_ROWS` rows, above `LARGE_ROWS` rows, and of text alone;
        None leaves the entry out.
    """

    priority: float
    params: Mapping[str, Any]
    note: str
    tiny: Place = KEEP
    large: Place = KEEP
    text: Place = KEEP


def select(entries: Iterable[Entry], facts: Facts) -> tuple[Preset, ...]:
    """Return the entries that suit the problem, in order of priority."""
    chosen = []
    for entry in entries:
        place = _place(entry, facts)
        if place is not None:
            chosen.append(Preset(dict(entry.params), place, entry.note))
    return tuple(sorted(chosen, key=lambda preset: preset.priority))


def _place(entry: Entry, facts: Facts) -> float | None:
    rules = (
        (facts.n_rows < TINY_ROWS, entry.tiny),
        (facts.n_rows > LARGE_ROWS, entry.large),
        (_is_text(facts), entry.text),
    )
    places = [place for holds, place in rules if holds and place != KEEP]
    if None in places:
        return None
    numbers = [place for place in places if isinstance(place, float | int)]
    return float(min(numbers, default=entry.priority))


def _is_text(facts: Facts) -> bool:
    return 0 < len(facts.layout.texts) == facts.layout.n_columns
