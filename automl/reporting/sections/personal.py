"""What a page without people's rows leaves out: cells of fewer than ten rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from automl.reporting.words import FEWEST

if TYPE_CHECKING:
    from collections.abc import Hashable

NOTE = f"Cells of fewer than {FEWEST} rows are left out."


def without_small(frame: pd.DataFrame, column: Hashable, personal: bool) -> pd.DataFrame:
    """Return the rows of a frame that count enough rows of the data, or none at all."""
    if personal or frame.empty:
        return frame
    counted = frame[column]
    return frame[(counted >= FEWEST) | (counted == 0)]


def told(share: pd.Series[float], rows: pd.Series[int], personal: bool) -> pd.Series[bool]:
    """Say which shares of rows do not tell of fewer than ten that count, or do not."""
    inside = (share * rows).round()
    rest = rows - inside
    few = ((inside > 0) & (inside < FEWEST)) | ((rest > 0) & (rest < FEWEST))
    return ~few | personal


def without_small_pairs(confusion: pd.DataFrame, personal: bool) -> pd.DataFrame:
    """Return a confusion matrix without its small cells.

    A class with a single small cell loses its next larger one, too: the first would follow from
    the others and the rows of the class.
    """
    if personal or confusion.empty:
        return confusion
    small = (confusion["n"] > 0) & (confusion["n"] < FEWEST)
    alone = small.groupby(confusion["true"]).transform("sum") == 1
    larger = confusion[alone & (confusion["n"] >= FEWEST)]
    second = larger.sort_values("n", kind="stable").drop_duplicates("true").index
    kept: pd.DataFrame = confusion[~small].drop(index=second)
    return kept


def without_small_cells(sweep: pd.DataFrame, personal: bool) -> pd.DataFrame:
    """Return the thresholds of a sweep none of whose cells counts too few rows.

    Neighbours differ in ten rows or more, so that no difference of two counts tells of fewer.
    """
    from automl.reporting.curves import apart

    if personal or sweep.empty:
        return sweep
    cells = sweep[["tp", "fp", "tn", "fn"]]
    kept = sweep[((cells >= FEWEST) | (cells == 0)).all(axis=1)]
    from_above = kept["n"].to_numpy()[::-1]
    far: pd.DataFrame = kept[apart(from_above, FEWEST)[::-1]]
    return far


def thinned(curve: pd.DataFrame, personal: bool) -> pd.DataFrame:
    """Return a curve whose points are ten rows or more apart, from its column `n`."""
    from automl.reporting.curves import apart

    if personal or curve.empty:
        return curve
    counted = curve["n"].to_numpy()
    far = apart(counted, FEWEST) & ((counted >= FEWEST) | (counted == 0))
    if len(counted):
        far &= (counted[-1] - counted >= FEWEST) | (counted == counted[-1])
    spaced: pd.DataFrame = curve[far]
    return spaced
