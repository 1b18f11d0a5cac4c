"""Players: raw columns, or groups of them that act together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from explain.errors import ArgumentError, ArgumentTypeError


@dataclass(frozen=True)
class Players:
    """Who shares the prediction out.

    Parameters
    ----------
    names : tuple of str
        A name for each player.
    columns : tuple of tuple of str
        The raw columns of each; every column that the model reads has one player.

    Examples
    --------
    >>> Players.of(("age", "city", "zip"), {"place": ["city", "zip"]}).names
    ('age', 'place')
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]

    @classmethod
    def of(
        cls, columns: Sequence[str], groups: Mapping[str, Iterable[str]] | None = None
    ) -> Players:
        """Make each column a player, but for those that are grouped.

        A group stands where the first of its columns stood.

        Raises
        ------
        ArgumentError
            A group is empty, names an unknown column or one of another group, or bears the name
            of a column outside it.
        ArgumentTypeError
            The groups are no mapping of names to columns.
        """
        owner: dict[str, str] = {}
        for name, given in _checked(groups).items():
            members = [given] if isinstance(given, str) else list(given)
            if not members:
                raise ArgumentError(f"the group {name!r} has no columns", hint="leave it out")
            for column in members:
                if column not in columns:
                    near = get_close_matches(str(column), columns, n=1)
                    raise ArgumentError(
                        f"the group {name!r} names a column that the model does not read",
                        got=repr(column),
                        hint=repr(near[0]) if near else None,
                    )
                if column in owner:
                    raise ArgumentError(
                        f"the column {column!r} is in two groups",
                        got=f"{owner[column]!r} and {name!r}",
                    )
                owner[column] = str(name)
        players: dict[str, list[str]] = {}
        for column in columns:
            players.setdefault(owner.get(column, column), []).append(column)
            if column not in owner and column in owner.values():
                raise ArgumentError(
                    f"the group {column!r} bears the name of a column outside it",
                    hint="another name for the group",
                )
        return cls(tuple(players), tuple(tuple(members) for members in players.values()))

    @property
    def of_column(self) -> dict[str, int]:
        """The place of the player that each column belongs to."""
        return {c: place for place, members in enumerate(self.columns) for c in members}


def _checked(groups: Mapping[str, Iterable[str]] | None) -> Mapping[str, Iterable[str]]:
    """Refuse what is no mapping of names to columns."""
    hint = 'groups={"place": ["city", "zip"]}'
    if groups is None:
        return {}
    if not isinstance(groups, Mapping):
        raise ArgumentTypeError(
            "groups must be a mapping of names to columns", got=type(groups).__name__, hint=hint
        )
    for name, members in groups.items():
        if not isinstance(members, Iterable):
            raise ArgumentTypeError(
                f"the group {name!r} must list its columns", got=repr(members), hint=hint
            )
    return groups
