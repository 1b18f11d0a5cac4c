"""Groups of columns that belong together, suggested by how they go along."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from explain.gaps.association import association, cramers_v, is_time, ticks
from explain.protocol import Floats
from explain.rows import read_rows
from explain.settings import check_seed, check_share
from explain.showing.words import short

MOST_ROWS = 5_000


def column_groups(X: Any, threshold: float = 0.8, *, seed: int = 0) -> dict[str, tuple[str, ...]]:
    """Suggest groups of columns that tell nearly the same.

    Parameters
    ----------
    X : table of shape (n_rows, n_columns)
        Raw rows; at most 5,000 are used.
    threshold : float, default 0.8
        Mean association from which on columns are put together, from 0 to 1.
    seed : int, default 0
        Of the sample of rows.

    Returns
    -------
    dict of str to tuple of str
        Groups of two columns and more, named after their columns, as ``groups=`` of
        `explain.explain` takes them.

    Raises
    ------
    ArgumentError
        X has no rows, or the threshold does not lie between 0 and 1.
    ArgumentTypeError
        X is no table, or the seed is no whole number.

    Notes
    -----
    Clusters by average linkage of 1 less the association: Spearman's correlation of two numbers
    or times, bias-corrected Cramér's V of two categories (Bergsma 2013), the correlation ratio of
    ranks between a number and a category.

    References
    ----------
    Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import column_groups
    >>> x = np.random.default_rng(0).normal(size=(300, 2))
    >>> column_groups(pd.DataFrame({"a": x[:, 0], "b": 2 * x[:, 0], "c": x[:, 1]}))
    {'a + b': ('a', 'b')}
    """
    check_share(threshold, "threshold")
    check_seed(seed)
    frame = read_rows(X, None)
    if len(frame) > MOST_ROWS:
        drawn = np.random.default_rng([seed, 0x96]).permutation(len(frame))[:MOST_ROWS]
        frame = frame.iloc[np.sort(drawn)].reset_index(drop=True)
    names = list(frame.columns)
    if len(names) < 2:
        return {}
    distance = 1 - associations(frame)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(np.clip(distance, 0.0, 1.0), checks=False), method="average")
    numbers = fcluster(tree, 1 - threshold, criterion="distance")
    found: dict[str, tuple[str, ...]] = {}
    for number in dict.fromkeys(numbers):
        members = tuple(name for name, own in zip(names, numbers, strict=True) if own == number)
        if len(members) > 1:
            found[_group_name(members, {*names, *found})] = members
    return found


def _group_name(members: tuple[str, ...], taken: set[str]) -> str:
    """Name a group after its columns, unlike any column or other group."""
    name = " + ".join(short(one) for one in members[:3]) + (" + …" if len(members) > 3 else "")
    while name in taken:
        name += "′"
    return name


def associations(frame: pd.DataFrame) -> Floats:
    """Return the association of every two columns, from 0 to 1."""
    frame = frame.assign(
        **{str(name): ticks(frame[name]) for name in frame if is_time(frame[name])}
    )
    numeric = [
        pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        for name in frame.columns
    ]
    texts = {
        name: frame[name].astype(object).where(frame[name].notna(), "missing").map(str)
        for name, is_number in zip(frame.columns, numeric, strict=True)
        if not is_number
    }
    found = np.eye(frame.shape[1])
    own = [name for name, is_number in zip(frame.columns, numeric, strict=True) if is_number]
    ranks: Any = frame[own].rank().corr().abs().fillna(0.0) if own else None
    names = list(frame.columns)
    for i, a in enumerate(names):
        for j in range(i):
            b = names[j]
            if numeric[i] and numeric[j]:
                value = float(ranks.loc[a, b])
            elif numeric[i]:
                value = association(frame[a], texts[b])
            elif numeric[j]:
                value = association(frame[b], texts[a])
            else:
                value = cramers_v(texts[a], texts[b])
            found[i, j] = found[j, i] = min(1.0, value)
    return found
