"""How often values are missing, by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import RawColumn
from candor.statistics import benjamini_hochberg, wilson
from fairness.rows.independence import independence_p
from fairness.rows.reading import Grouping, common_length, read_features, read_groupings, read_raw
from fairness.table.values import MISSING

COLUMNS = (
    "column",
    "attribute",
    "group",
    "n",
    "missing",
    "share",
    "low",
    "high",
    "p_value",
    "p_adjusted",
)


def missingness(
    features: Any, sensitive: Any, *, confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Return how often each column is missing in each group.

    Parameters
    ----------
    features : frame
        Columns of the rows: a pandas, polars or Arrow frame.
    sensitive : Series, frame, mapping of str to array_like, or array_like
        Attributes to group by; missing is a group of its own.
    confidence : float, default 0.95
        Of each Wilson interval by itself.
    seed : int, default 0
        Seed of the draws where a p-value is simulated.

    Returns
    -------
    DataFrame
        A row for each group of each attribute and each column with any missing value; a column
        is not set against itself. `column`, `attribute`, `group`, `n`, `missing`, `share`, `low`,
        `high`; `p_value` of the hypothesis that the column is missing equally often in all groups
        of the attribute, and `p_adjusted` by Benjamini and Hochberg (1995) over all columns and
        attributes.

    Raises
    ------
    ArgumentError
        The arguments differ in length, or a sensitive column cannot be used.
    ArgumentTypeError
        `features` is no frame.

    Notes
    -----
    The test is Pearson's chi-square where every expected count is at least 5, and exact given the
    margins otherwise: Fisher's for two groups, 9,999 draws for more.

    Examples
    --------
    >>> frame = pd.DataFrame({"income": [1.0, None, 3.0, None] * 30})
    >>> found = missingness(frame, {"sex": ["f", "m"] * 60})
    >>> found[["column", "group", "n", "missing", "share"]]
       column group   n  missing  share
    0  income     f  60        0    0.0
    1  income     m  60       60    1.0
    """
    from scipy.special import ndtri

    groupings = read_groupings(sensitive)
    frame = read_features(features, common_length(groupings))
    z = float(ndtri(0.5 + confidence / 2))
    parts, tests = [], []
    for position, name in enumerate(frame.columns):
        gone = _missing(read_raw(frame, position, None))
        if gone is None or not gone.any():
            continue
        for grouping in groupings:
            if grouping.name == str(name):
                continue
            counted = _count(grouping, gone)
            parts.append(_part(str(name), grouping.name, counted, z))
            tests.append(independence_p(counted[["missing", "present"]].to_numpy().T, seed))
    if not parts:
        return pd.DataFrame({name: [] for name in COLUMNS})
    sizes = [len(part) for part in parts]
    joined = pd.concat(parts, ignore_index=True)
    joined["p_value"] = np.repeat(tests, sizes)
    joined["p_adjusted"] = np.repeat(benjamini_hochberg(tests), sizes)
    return joined[list(COLUMNS)]


def _missing(raw: RawColumn) -> NDArray[np.bool_] | None:
    """Say which rows are missing; None where that cannot be told."""
    if raw.kind == "unsupported":
        return None
    gone = raw.codes < 0 if raw.kind == "values" else raw.values != raw.values
    return np.asarray(gone, dtype=bool)


def _count(grouping: Grouping, gone: NDArray[np.bool_]) -> pd.DataFrame:
    """Count rows, and those that are missing, in each group that has rows."""
    names = [*grouping.groups, MISSING]
    codes = np.where(grouping.codes < 0, len(grouping.groups), grouping.codes)
    n = np.bincount(codes, minlength=len(names))
    missing = np.bincount(codes[gone], minlength=len(names))
    counted = pd.DataFrame({"group": names, "missing": missing, "present": n - missing})
    return counted[n > 0]


def _part(column: str, attribute: str, counted: pd.DataFrame, z: float) -> pd.DataFrame:
    n = (counted["missing"] + counted["present"]).to_numpy()
    share = counted["missing"].to_numpy() / n
    low, high = wilson(share, n, z)
    return pd.DataFrame(
        {
            "column": column,
            "attribute": attribute,
            "group": counted["group"].to_numpy(),
            "n": n,
            "missing": counted["missing"].to_numpy(),
            "share": share,
            "low": low,
            "high": high,
        }
    )
