"""What a schema knows of one column: its role, the reason, and how its values are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal, cast

from automl.table.dates import DateFormat
from automl.table.numbers import NumberFormat

FeatureRole = Literal["numeric", "boolean", "categorical", "high_cardinality", "datetime", "text"]
Role = Literal[
    "numeric", "boolean", "categorical", "high_cardinality", "datetime", "text",
    "constant", "identifier", "ignored", "weight", "group",
]  # fmt: skip

FEATURE_ROLES: tuple[FeatureRole, ...] = (
    "numeric", "boolean", "categorical", "high_cardinality", "datetime", "text",
)  # fmt: skip
"""Roles whose columns are features."""

CHOOSABLE_ROLES: tuple[Role, ...] = (*FEATURE_ROLES, "identifier")
"""Roles that a caller can give; an identifier is left out."""

MANY_LEVELS = 50
"""More levels than this make a category one of high cardinality."""


@dataclass(frozen=True)
class Repair:
    """Something in a column that was read differently from how it stands in the table.

    Parameters
    ----------
    code : str
        Code of the data check that reports it.
    detail : str
        A few words, such as ``'"?" 583 times'``.
    """

    code: str
    detail: str


@dataclass(frozen=True)
class Spelling:
    """How the values of a column are spelled.

    Parameters
    ----------
    numbers : NumberFormat
        How strings spell numbers.
    dates : DateFormat
        How strings and integers spell dates.
    truths : bool
        Whether yes and no, true and false are read as 1 and 0.
    durations : bool
        Whether values are spans of time, read as seconds.
    none_is_level : bool
        Whether the word "None" is a level of its own, because empty cells exist beside it.
    unreadable : tuple of str
        Values of the training rows that were read as missing because they fit no number or date.
    """

    numbers: NumberFormat = field(default_factory=NumberFormat)
    dates: DateFormat = field(default_factory=DateFormat)
    truths: bool = False
    durations: bool = False
    none_is_level: bool = False
    unreadable: tuple[str, ...] = ()

    @cached_property
    def unreadable_set(self) -> frozenset[str]:
        """The unreadable values, to look one up."""
        return frozenset(self.unreadable)


@dataclass(frozen=True)
class Column:
    """One column of the table as the schema knows it.

    Parameters
    ----------
    name : str
        Name of the column.
    role : str
        One of the roles; only feature roles reach a model.
    reason : str
        Why it has this role, in a few words.
    missing : float
        Share of rows without a value.
    n_unique : int
        Number of different values.
    examples : tuple of str
        A few values as they stand in the table.
    levels : tuple of str
        The levels of a categorical column, in the order of their codes.
    spelling : Spelling
        How values are read.
    repairs : tuple of Repair
        What was read differently from how it stands in the table.
    """

    name: str
    role: Role
    reason: str
    missing: float = 0.0
    n_unique: int = 0
    examples: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    spelling: Spelling = field(default_factory=Spelling)
    repairs: tuple[Repair, ...] = ()

    @property
    def is_feature(self) -> bool:
        """Whether the column reaches a model."""
        return self.role in FEATURE_ROLES

    @property
    def is_category(self) -> bool:
        """Whether the column is read as level numbers."""
        return self.role in ("categorical", "high_cardinality")

    @cached_property
    def level_codes(self) -> dict[str, int]:
        """The code of each level."""
        return {level: code for code, level in enumerate(self.levels)}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Column:
        """Restore what `to_dict` gave, also after a round trip through JSON."""
        spelling = dict(plain["spelling"])
        spelling["numbers"] = NumberFormat(**spelling["numbers"])
        spelling["dates"] = DateFormat(**spelling["dates"])
        spelling["unreadable"] = tuple(spelling["unreadable"])
        return cls(
            name=plain["name"],
            role=cast(Role, plain["role"]),
            reason=plain["reason"],
            missing=plain["missing"],
            n_unique=plain["n_unique"],
            examples=tuple(plain["examples"]),
            levels=tuple(plain["levels"]),
            spelling=Spelling(**spelling),
            repairs=tuple(Repair(**repair) for repair in plain["repairs"]),
        )
