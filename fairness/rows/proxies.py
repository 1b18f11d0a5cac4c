"""How well the sensitive attributes are predicted from the other columns, and by which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.statistics import benjamini_hochberg
from fairness.inference.values import SMALLEST
from fairness.rows.joint import held_out_scores
from fairness.rows.ranking import NO_AREA, Area, one_vs_rest, stratified_folds, with_interval
from fairness.rows.reading import (
    Codes,
    Column,
    Grouping,
    as_column,
    common_length,
    read_features,
    read_groupings,
    read_raw,
    values_of,
)
from fairness.rows.single import bin_column, find_single
from fairness.table.values import ALL, Floats

MOST_CELLS = 4_000_000
"""Most rows times columns that a model of an attribute is fitted to."""

MOST_COLUMNS = 500
"""Most columns that are looked at one by one."""

_FEWEST_ROWS = 2_000


@dataclass(frozen=True)
class Proxies:
    """How well attributes are predicted from the other columns.

    Parameters
    ----------
    attributes : DataFrame
        Columns `attribute`, `group`, `n`, `auc`, `low`, `high`: the held-out ROC AUC of a model
        of all columns, for each group against the rest and, in the row of the group "(all)",
        their mean weighted by the groups' shares. NaN where there are no columns or fewer than
        two groups.
    columns : DataFrame
        Columns `attribute`, `column`, `auc`, `low`, `high`, `p_value`, `p_adjusted`,
        `importance`, `copy`, best first: what each column tells alone. `auc` is never below 0.5;
        `p_value` is of independence of the binned column and the attribute, adjusted by Benjamini
        and Hochberg over all columns and attributes; `importance` is the share of the gain of all
        splits in the model of all columns (columns with many values get some of it by chance), NaN
        for copies; `copy` says that the column holds the
        same as the attribute, one value for each of its values; copies are not in the model.
    rows, rows_given : int
        Rows that were used, and rows that there are.
    left_out_groups : tuple of str
        Groups with fewer than 30 of these rows, as "attribute: group (n)".
    left_out_columns : tuple of str
        Columns whose values cannot be used.
    not_scanned : tuple of str
        Columns that were in the model but not looked at one by one, as "attribute: column".
    confidence : float
        Of the intervals.
    seed : int
        Seed of the sample, the folds and the fits.

    Examples
    --------
    >>> found = proxies(pd.DataFrame({"x": [0, 1] * 60}), {"sex": ["f", "m", "m", "f"] * 30})
    >>> found.rows, found.rows_given
    (120, 120)
    """

    attributes: pd.DataFrame
    columns: pd.DataFrame
    rows: int
    rows_given: int
    left_out_groups: tuple[str, ...]
    left_out_columns: tuple[str, ...]
    not_scanned: tuple[str, ...]
    confidence: float
    seed: int


def proxies(
    features: Any,
    sensitive: Any,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    max_rows: int = 20_000,
    n_jobs: int = 1,
) -> Proxies:
    """Measure how well each attribute is predicted from the other columns.

    Parameters
    ----------
    features : frame
        Columns of the rows: a pandas, polars or Arrow frame of numbers, strings, dates, booleans
        and missing values as they are. Columns named as a sensitive attribute are not used.
    sensitive : Series, frame, mapping of str to array_like, or array_like
        The attributes. Rows where one is missing do not count for it.
    confidence : float, default 0.95
        Of each interval by itself.
    seed : int, default 0
        Seed of the sample, the folds and the fits.
    max_rows : int, default 20000
        With more rows, or more than 4,000,000 values in all, a random sample is used.
    n_jobs : int, default 1
        Threads of LightGBM.

    Returns
    -------
    Proxies
        AUC of each attribute from all columns, and from each column alone.

    Raises
    ------
    ArgumentError
        The arguments differ in length, or a sensitive column cannot be used.
    ArgumentTypeError
        `features` is no frame.

    Notes
    -----
    Scores of five stratified folds are each from a fit on the other four and are ranked within
    their fold. All columns: LightGBM with up to 60 rounds of trees of 15 leaves; of more than 400
    columns each tree looks at 400 at random. One column: its values in
    up to 32 bins, the 31 most frequent levels of a category, missing as a bin of its own, ranked
    by the group's share among the rows of the other folds; unlike a rank correlation this finds a
    dependence of any shape. Intervals are from the influence functions of the ROC AUC (DeLong et
    al. 1988), on the logit scale. They take the fits as given, and the fits share rows: near 0.5
    intervals are somewhat too narrow. The p-value does not depend on that: it compares Pearson's
    statistic of bins by groups with its distribution under permutations, by mean and variance
    (Haldane 1940). With more than 500 columns those with the largest gain are looked at one by
    one.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> sex = rng.choice(["f", "m"], 2000)
    >>> height = rng.normal(np.where(sex == "m", 178.0, 165.0), 7)
    >>> found = proxies(pd.DataFrame({"height": height, "noise": rng.random(2000)}), {"sex": sex})
    >>> found.columns["column"].tolist()
    ['height', 'noise']
    >>> bool(found.attributes["auc"][0] > 0.85)
    True
    """
    groupings = read_groupings(sensitive)
    frame = read_features(features, common_length(groupings))
    named = {one.name for one in groupings}
    places = [i for i, name in enumerate(frame.columns) if str(name) not in named]
    rows = _sample(len(frame), len(places), max_rows, seed)
    columns, left_out = _columns(frame, places, rows)
    sampled = groupings if rows is None else tuple(one.take(rows) for one in groupings)
    found = [_find(one, columns, confidence, seed, n_jobs) for one in sampled]
    return Proxies(
        _joined([one.areas for one in found]),
        _adjusted(_joined([one.columns for one in found])),
        len(frame) if rows is None else len(rows),
        len(frame),
        tuple(text for one in found for text in one.left_out),
        left_out,
        tuple(text for one in found for text in one.not_scanned),
        confidence,
        seed,
    )


@dataclass(frozen=True)
class _Read:
    """A column as a model sees it, and a code for each of its values."""

    column: Column
    values: Codes


@dataclass(frozen=True)
class _Found:
    """What was found about one attribute."""

    areas: pd.DataFrame
    columns: pd.DataFrame
    left_out: tuple[str, ...]
    not_scanned: tuple[str, ...]


def _sample(n_rows: int, n_columns: int, max_rows: int, seed: int) -> Codes | None:
    """Choose the rows; None for all."""
    wide = max(_FEWEST_ROWS, MOST_CELLS // max(n_columns, 1))
    keep = min(max_rows, wide)
    if n_rows <= keep:
        return None
    chosen = np.random.default_rng(seed).choice(n_rows, keep, replace=False)
    return np.sort(chosen).astype(np.int64)


def _columns(
    frame: pd.DataFrame, places: Sequence[int], rows: Codes | None
) -> tuple[list[_Read], tuple[str, ...]]:
    """Read the columns; name those whose values cannot be used."""
    read, left_out = [], []
    for place in places:
        name = str(frame.columns[place])
        raw = read_raw(frame, place, rows)
        column = as_column(name, raw)
        if column is None:
            left_out.append(name)
        else:
            read.append(_Read(column, values_of(raw)))
    return read, tuple(left_out)


@dataclass(frozen=True)
class _Design:
    """The rows of one attribute that are compared.

    Parameters
    ----------
    grouping : Grouping
        The attribute.
    large : ndarray of int64
        Positions of its groups with enough rows.
    sizes : ndarray of int64
        Rows of all its groups.
    used : ndarray of int64
        Rows of the large groups.
    codes, fold : ndarray of int64
        Group, as a position in `large`, and fold of each of those rows.
    """

    grouping: Grouping
    large: Codes
    sizes: Codes
    used: Codes
    codes: Codes
    fold: Codes


def _design(grouping: Grouping, seed: int) -> _Design:
    """Choose the groups and rows, and deal the rows out to folds."""
    sizes = np.bincount(grouping.codes[grouping.codes >= 0], minlength=len(grouping.groups))
    large = np.flatnonzero(sizes >= SMALLEST)
    position = np.full(len(grouping.groups) + 1, -1)
    position[large] = np.arange(len(large))
    used = np.flatnonzero(position[grouping.codes] >= 0)
    codes = position[grouping.codes][used]
    fold = stratified_folds(codes, np.random.default_rng(seed))
    return _Design(grouping, large, sizes, used, codes, fold)


def _find(
    grouping: Grouping, columns: Sequence[_Read], confidence: float, seed: int, n_jobs: int
) -> _Found:
    """Measure one attribute."""
    design = _design(grouping, seed)
    small = np.flatnonzero(design.sizes < SMALLEST)
    left_out = tuple(
        f"{grouping.name}: {grouping.groups[place]} ({design.sizes[place]})" for place in small
    )
    if len(design.large) < 2:
        areas = _area_frame(design, [NO_AREA] * len(design.large), NO_AREA)
        return _Found(areas, pd.DataFrame(), left_out, ())
    copies = np.array([_is_copy(grouping, one.values) for one in columns], dtype=bool)
    areas, importance = _together(design, columns, copies, confidence, seed, n_jobs)
    scanned = _most_important(importance, copies)
    frame = _one_by_one(design, columns, scanned, confidence).assign(
        importance=importance[scanned], copy=copies[scanned]
    )
    frame = frame.sort_values(["auc", "importance"], ascending=False, kind="stable")
    rest = sorted(set(range(len(columns))) - set(scanned.tolist()))
    not_scanned = tuple(f"{grouping.name}: {columns[place].column.name}" for place in rest)
    return _Found(areas, frame, left_out, not_scanned)


def _together(
    design: _Design,
    columns: Sequence[_Read],
    copies: NDArray[np.bool_],
    confidence: float,
    seed: int,
    n_jobs: int,
) -> tuple[pd.DataFrame, Floats]:
    """Predict the attribute from all columns that are no copies of it."""
    importance = np.full(len(columns), np.nan)
    fitted = np.flatnonzero(~copies)
    n_groups = len(design.large)
    if len(fitted) == 0:
        return _area_frame(design, [NO_AREA] * n_groups, NO_AREA), importance
    scores, importance[fitted] = held_out_scores(
        [columns[place].column.take(design.used) for place in fitted.tolist()],
        design.codes,
        design.fold,
        n_groups,
        seed=seed,
        n_jobs=n_jobs,
    )
    each, mean = _areas(design.codes, scores, design.fold, n_groups, confidence)
    return _area_frame(design, each, mean), importance


def _one_by_one(
    design: _Design, columns: Sequence[_Read], scanned: Codes, confidence: float
) -> pd.DataFrame:
    """Look at each column alone."""
    found = [
        find_single(
            bin_column(columns[place].column.take(design.used)),
            design.codes,
            design.fold,
            len(design.large),
            confidence,
        )
        for place in scanned.tolist()
    ]
    return pd.DataFrame(
        {
            "attribute": design.grouping.name,
            "column": [columns[place].column.name for place in scanned.tolist()],
            "auc": [one.area.value for one in found],
            "low": [one.area.low for one in found],
            "high": [one.area.high for one in found],
            "p_value": [one.p_value for one in found],
        }
    )


def _is_copy(grouping: Grouping, values: Codes) -> bool:
    """Say whether a column has one value for each value, or group, of the attribute."""
    own = values_of(grouping.raw)
    return _one_to_one(own, values) or _one_to_one(grouping.codes, values)


def _one_to_one(a: Codes, b: Codes) -> bool:
    """Say whether two columns of codes differ only in what the values are called."""
    if ((a < 0) != (b < 0)).any():
        return False
    a, b = a[a >= 0], b[b >= 0]
    if len(a) == 0:
        return False
    pairs = len(np.unique(a * (int(b.max()) + 1) + b))
    return pairs == len(np.unique(a)) == len(np.unique(b)) > 1


def _most_important(importance: Floats, copies: NDArray[np.bool_]) -> Codes:
    """Return the columns that are looked at one by one: copies, then those with the most gain."""
    if len(importance) <= MOST_COLUMNS:
        return np.arange(len(importance))
    rank = np.where(copies, np.inf, np.nan_to_num(importance))
    return np.sort(np.argsort(-rank, kind="stable")[:MOST_COLUMNS])


def _areas(
    codes: Codes, scores: Floats, fold: Codes, n_groups: int, confidence: float
) -> tuple[list[Area], Area]:
    """Return each group's AUC and their mean, with intervals."""
    values, influence = one_vs_rest(codes, scores, fold, n_groups)
    shares = np.bincount(codes, minlength=n_groups) / len(codes)
    each = [
        with_interval(float(value), part, None, confidence)
        for value, part in zip(values, influence, strict=True)
    ]
    mean = with_interval(float(shares @ values), shares @ influence, None, confidence)
    return each, mean


def _area_frame(design: _Design, each: Sequence[Area], mean: Area) -> pd.DataFrame:
    grouping, large, sizes = design.grouping, design.large, design.sizes
    areas = [mean, *each]
    return pd.DataFrame(
        {
            "attribute": grouping.name,
            "group": [ALL, *(grouping.groups[place] for place in large)],
            "n": [int(sizes[large].sum()), *(int(sizes[place]) for place in large)],
            "auc": [one.value for one in areas],
            "low": [one.low for one in areas],
            "high": [one.high for one in areas],
        }
    )


_COLUMNS = (
    "attribute",
    "column",
    "auc",
    "low",
    "high",
    "p_value",
    "p_adjusted",
    "importance",
    "copy",
)


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p-values of all columns and attributes."""
    if frame.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    frame["p_adjusted"] = benjamini_hochberg(frame["p_value"].to_numpy())
    return frame[list(_COLUMNS)]
