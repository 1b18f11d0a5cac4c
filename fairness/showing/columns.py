"""Cells set in columns of plain text."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 118
"""Most characters of a line."""


def set_in_columns(
    rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()
) -> list[str]:
    """Set cells in columns; those in `right` end at the same place.

    Examples
    --------
    >>> set_in_columns([["a", "10"], ["bc", "2"]], frozenset({1}))
    ['a   10', 'bc   2']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
