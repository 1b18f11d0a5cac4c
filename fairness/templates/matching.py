"""Which of the audit's attributes a template means."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from fairness.templates.unknown import plain
from fairness.templates.values import RatioTable, Template

Cross = tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """Which attributes stand for which kind.

    Parameters
    ----------
    columns : dict of str to tuple of str
        For each kind the attributes that are named after it; where none is, all that no other
        kind claims.
    notes : tuple of str
        What was guessed, and what was found to be missing.
    """

    columns: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]

    def crosses(self, asked: RatioTable) -> list[Cross]:
        """Return the attributes of each table that one [[table]] becomes, each set once."""
        found: dict[frozenset[str], Cross] = {}
        for names in product(*(self.columns[kind] for kind in asked.attributes)):
            if len(set(names)) == len(names):
                found.setdefault(frozenset(names), names)
        return list(found.values())


def match(template: Template, names: tuple[str, ...]) -> Matched:
    """Find the attributes that bear a name of each kind; the rest stand in where none does."""
    asked = [
        kind
        for kind in template.attributes
        if any(kind.name in table.attributes for table in template.tables)
    ]
    claimed: dict[str, tuple[str, ...]] = {}
    for kind in asked:
        known = {plain(column) for column in (kind.name, *kind.columns)}
        claimed[kind.name] = tuple(name for name in names if plain(name) in known)
    taken = {name for found in claimed.values() for name in found}
    free = tuple(name for name in names if name not in taken)
    notes = []
    for kind in asked:
        if claimed[kind.name]:
            continue
        said = f"No sensitive attribute is named as {kind.name} ({', '.join(kind.columns)})"
        if free:
            notes.append(f"{said}: {', '.join(free)} was used in its place, which may be wrong.")
        else:
            notes.append(f"{said}: tables that need it are left out.")
    columns = {kind: found or free for kind, found in claimed.items()}
    return Matched(columns, tuple(notes))
