"""What a page without people's rows leaves out: cells of fewer than ten rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from automl.reporting.words import FEWEST

if TYPE_CHECKING:
    from collections.abc import Hashable

    from automl.reporting.facts import Facts, Performance

FEW_ROWS = re.compile(r"(?<![\d.,])[1-9] rows?\b( \([^)]*%\))?")
"""A count of rows under ten in the message of a check, with its share."""

NOTE = f"Cells of fewer than {FEWEST} rows are left out."


OF_LABELS = ("accuracy", "balanced_accuracy", "f1", "precision", "recall")
"""Scores of labels, from which counts of right and wrong ones follow."""


def without_small(frame: pd.DataFrame, column: Hashable, personal: bool) -> pd.DataFrame:
    """Return the rows of a frame that count enough rows of the data, or none at all."""
    if personal or frame.empty:
        return frame
    counted = frame[column]
    return frame[(counted >= FEWEST) | (counted == 0)]


def parts_of_whole(frame: pd.DataFrame, column: Hashable, personal: bool) -> pd.DataFrame:
    """Return the parts of a whole that count enough rows.

    Where what is left out counts fewer than ten rows, it would follow from the whole and the
    others: then the next larger part is left out, too.
    """
    if personal or frame.empty:
        return frame
    counted = frame[column].sort_values(kind="stable")
    counted = counted[counted > 0]
    small = int((counted < FEWEST).sum())
    if small and counted.head(small).sum() < FEWEST:
        small += 1
    kept: pd.DataFrame = frame.drop(index=counted.index[:small])
    return kept


def counts_told(*counts: float, personal: bool) -> bool:
    """Say whether none of some counts of rows is too small to be told."""
    return personal or all(not 0 < round(one) < FEWEST for one in counts)


def labels_told(found: Performance, personal: bool) -> bool:
    """Say whether scores of labels do not tell of fewer than ten rows.

    Of two classes each share of right or wrong labels is told together with the sizes of the
    classes, so that every cell of the matrix follows from them; of more, how many are wrong.
    """
    frame = found.confusion
    if personal or frame.empty:
        return True
    right = frame["true"] == frame["predicted"]
    if found.predictions.task == "binary":
        return counts_told(*frame["n"], personal=False)
    return counts_told(frame["n"][right].sum(), frame["n"][~right].sum(), personal=False)


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


def told_schema(facts: Facts) -> pd.DataFrame:
    """Return the schema without shares of missing values that tell of few rows."""
    schema = facts.schema
    if facts.personal or not facts.n_rows:
        return schema
    rows = pd.Series(facts.n_rows, index=schema.index)
    return schema.assign(missing=schema["missing"].where(told(schema["missing"], rows, False)))


def told_checks(facts: Facts) -> pd.DataFrame:
    """Return what the checks found, without small counts of rows where those are not shown."""
    if facts.personal:
        return facts.checks
    few = f"fewer than {FEWEST} rows"
    messages = [FEW_ROWS.sub(few, str(one)) for one in facts.checks["message"]]
    return facts.checks.assign(message=messages)
