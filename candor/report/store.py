"""What the charts of a page are drawn from, each text held once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from candor.report.specs import parted


class Store:
    """Specifications and data, named in the order in which they came.

    Charts that differ only in their data share a specification, charts of the same rows share
    these: the options of a choice are mostly both.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def keep(self, spec: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Return the names of a chart's specification and of its data, in their order."""
        frame, tables = parted(spec)
        return self._name("v", frame), tuple(self._name("d", table) for table in tables)

    def _name(self, kind: str, text: str) -> str:
        return self._names.setdefault(text, f"{kind}{len(self._names) + 1}")

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Names and what they stand for, as JSON that is safe inside a script element."""
        return tuple((name, text) for text, name in self._names.items())
