"""Which columns of a wide table are told one by one, where values are sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from explain.opening import OpenModel

CELLS = 4_000_000
"""Cells of a table that are predicted at once."""


def others_together(columns: Sequence[str], leading: Sequence[str]) -> Mapping[str, list[str]]:
    """Return one group of all columns that do not lead, as ``groups=`` takes it."""
    chosen = set(leading)
    rest = [name for name in columns if name not in chosen]
    name = f"{len(rest):,} other columns"
    while name in columns:
        name = f"{name} together"
    return {name: rest}


def leading_columns(
    opened: OpenModel, data: pd.DataFrame, most: int, n_rows: int, seed: int
) -> tuple[str, ...]:
    """Return the columns that alone move the prediction most, strongest first.

    Parameters
    ----------
    opened : OpenModel
        The model.
    data : DataFrame
        Rows to draw from.
    most : int
        Columns to return.
    n_rows : int
        Rows, in each of which one column after the other is taken from another row.
    seed : int
        Of the draws.
    """
    frame = opened.read(data)
    order = np.random.default_rng([seed, 0x1EAD]).permutation(len(frame))[: n_rows + 1]
    moved = _moved(opened, frame.iloc[order].reset_index(drop=True))
    strongest = np.argsort(-moved, kind="stable")[:most]
    return tuple(opened.columns[place] for place in strongest)


def _moved(opened: OpenModel, drawn: pd.DataFrame) -> NDArray[np.float64]:
    """Return how far each column of the next row moves a row's prediction on average."""
    n, p = drawn.shape
    scale = opened.scale("auto")
    own = opened.predict(drawn, scale)
    found = np.zeros(p)
    at_once = max(1, CELLS // (n * p))
    for start in range(0, p, at_once):
        block = range(start, min(p, start + at_once))
        mixed = _exchanged(drawn, block)
        gaps = np.abs(opened.predict(mixed, scale).reshape(len(block), n, -1) - own[None])
        found[start : start + len(block)] = gaps.mean(axis=(1, 2))
    return found


def _exchanged(drawn: pd.DataFrame, block: range) -> pd.DataFrame:
    """Return all rows once for each column of a block, with that column one row further."""
    import pandas as pd

    n = len(drawn)
    rows = np.arange(n)
    as_is = np.tile(rows, len(block))
    columns = []
    for place in range(drawn.shape[1]):
        positions = as_is
        if place in block:
            first = (place - block.start) * n
            positions = as_is.copy()
            positions[first : first + n] = np.roll(rows, -1)
        columns.append(drawn.iloc[:, place].take(positions).reset_index(drop=True))
    return pd.concat(columns, axis=1)
