"""A mapping that nobody can change, and that can be pickled and copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value", covariant=True)


class FrozenMapping(Mapping[Key, Value]):
    """A read-only copy of a mapping; `types.MappingProxyType` can be neither pickled nor copied.

    Parameters
    ----------
    content : mapping, optional
        What it holds. Default: nothing.
    """

    __slots__ = ("_content",)

    def __init__(self, content: Mapping[Key, Value] | None = None) -> None:
        self._content: dict[Key, Value] = dict(content or {})

    def __getitem__(self, key: Key) -> Value:
        return self._content[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __repr__(self) -> str:
        return repr(self._content)
