"""The public call: parts of the rows with a higher loss, found and confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from explain.cohorts.checking import checked_least, checked_loss
from explain.cohorts.confirming import Confirmed, clearly_worse, confirm
from explain.cohorts.cuts import LEVELS, Cut, cut_column
from explain.cohorts.finding import Conditions, find, holds, positions
from explain.cohorts.result import Slices
from explain.cohorts.scoring import PAIRED, Half
from explain.cohorts.wording import slice_text
from explain.errors import ArgumentError
from explain.overview.asking import check_names
from explain.profiles.columns import Floats, Ints, read_column
from explain.rows import read_rows
from explain.settings import check_count, check_seed, check_share
from explain.showing.words import listed, plural

MOST_FOUND_ON = 50_000
"""Rows that slices are searched on; all others confirm."""

CUT_OFF = 4.0
"""Standard deviations from the mean at which losses are cut off for the search."""


def slices(
    X: Any,
    loss: Any,
    *,
    columns: Sequence[str] | None = None,
    max_columns: int = 2,
    min_rows: int | None = None,
    confidence: float = 0.95,
    n: int = 10,
    seed: int = 0,
) -> Slices:
    r"""Find parts of the rows with a higher mean loss, and confirm them on other rows.

    Parameters
    ----------
    X : table of shape (n_rows, n_columns)
        Raw rows, as a frame or an array.
    loss : array-like of float, shape (n_rows,)
        Each row's own loss, higher is worse: 0 and 1 for errors, a squared error, a log loss.
        Of rows that the model was not fitted on; it need not be positive.
    columns : sequence of str, optional
        Columns that slices may use. Default: all.
    max_columns : {1, 2, 3}, default 2
        Columns that one slice may use. Of three, only extensions of the best pairs are tried.
    min_rows : int, optional
        Rows of a slice at least. Default: 1 % of the rows, and 40.
    confidence : float, default 0.95
        Of all tests together, and of all intervals together.
    n : int, default 10
        Slices that are tested and shown at most.
    seed : int, default 0
        Of the split in two and of the permutations.

    Returns
    -------
    Slices
        Empty where nothing stands out.

    Raises
    ------
    ArgumentError
        X has too few rows or lacks a column, the loss does not fit the rows, is not finite or is
        constant, or a setting is out of range.
    ArgumentTypeError
        X is no table, or the loss holds no numbers.

    Notes
    -----
    A slice is a conjunction of conditions on different columns: an interval of a number or date,
    a level of a category, or missing. On the first half of the rows its score is

    .. math:: z = (\bar\ell_S - \bar\ell) \Big/ \sqrt{\tfrac{s^2}{n_S} \tfrac{n - n_S}{n - 1}}

    A conjunction, and an interval with two ends, has to beat each of its parts by as much as the
    best of all that could be added does by chance in 5 % of cases. Losses more than four standard
    deviations from the mean count as four here. On the second half, with the losses as they are,
    a permutation test of Welch's t with Holm's adjustment decides; so at most 1 - `confidence` of
    the tables where no slice is worse have one confirmed.

    References
    ----------
    Chung, Kraska, Polyzotis, Tae and Whang (2019), "Automated data slicing for model validation:
    a big data - AI integration approach". Holm (1979), "A simple sequentially rejective multiple
    test procedure". Janssen (1997), "Studentized permutation tests for non-i.i.d. hypotheses and
    the generalized Behrens-Fisher problem". Hall (1992), "On the removal of skewness by
    transformation" (the intervals).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import slices
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 4000), "job": rng.choice(list("abc"), 4000)})
    >>> loss = rng.exponential(size=4000) + ((X["age"] >= 60) & (X["job"] == "b"))
    >>> found = slices(X, loss)
    >>> found.table[["slice", "confirmed"]].to_numpy().tolist()
    [['age ≥ 60 and job is "b"', True]]
    """
    frame = read_rows(X, None)
    losses = checked_loss(loss, len(frame))
    check_share(confidence)
    check_seed(seed)
    check_count(n, "n")
    if max_columns not in (1, 2, 3):
        raise ArgumentError("max_columns must be 1, 2 or 3", got=f"max_columns={max_columns!r}")
    least = checked_least(min_rows, len(frame))
    names = list(frame.columns) if columns is None else check_names(columns, frame)
    first, second = positions(len(frame), MOST_FOUND_ON, seed)
    fitting = frame[names].iloc[first].reset_index(drop=True)
    half, notes = _half(fitting, losses[first], least)
    if max_columns > 1 and len(half.cuts) > PAIRED:
        notes.append(
            f"Of {len(half.cuts):,} columns the {PAIRED} that stand out most alone were combined."
        )
    conditions = find(fitting, half, max_columns, n)
    masks = [holds(each, frame) for each in conditions]
    tested = confirm(losses[second], [mask[second] for mask in masks], confidence, seed)
    table = _table(conditions, np.array([mask.sum() for mask in masks]), tested, losses, second)
    table["confirmed"] = (table["p"] <= 1 - confidence) & (table["low"] > 0)
    kept = _kept(table, [mask[second] for mask in masks], losses[second], confidence)
    # What only the first half found worse is no find.
    worse = [k for k in kept if not table["difference"][k] <= 0]
    if len(worse) < len(kept):
        fewer = plural(len(kept) - len(worse), "slice")
        notes.append(f"Left out, since not worse on the rows that test: {fewer}.")
    kept = worse
    return Slices(
        table.loc[kept].reset_index(drop=True),
        tuple(conditions[k] for k in kept),
        len(frame),
        len(first),
        len(second),
        len(conditions),
        float(losses.mean()),
        float(confidence),
        tuple(notes),
        seed,
    )


def _half(frame: pd.DataFrame, loss: Floats, least: int) -> tuple[Half, list[str]]:
    """Cut every column, and say which give no conditions or not all of them."""
    size = -(-least // 2)
    cuts: list[Cut] = []
    skipped: list[str] = []
    trimmed: list[str] = []
    for name in frame.columns:
        raw = read_column(frame, name)
        cut = cut_column(raw, size)
        if cut is not None:
            cuts.append(cut)
        elif len(raw.levels) > 1:
            skipped.append(str(name))
        if cut is not None and len(raw.levels) > max(LEVELS, len(cut.parts) - 1):
            trimmed.append(str(name))
    notes = []
    if skipped:
        notes.append(
            f"Left out, since no value has enough rows, as in texts and identifiers: "
            f"{listed(skipped)}."
        )
    if trimmed:
        notes.append(
            f"Only frequent levels, {LEVELS} at most, were looked at in {listed(trimmed)}."
        )
    return Half(tuple(cuts), _tamed(loss), size), notes


def _tamed(loss: Floats) -> Floats:
    """Return losses in standard deviations, cut off so that no single row makes a slice."""
    spread = float(loss.std())
    if spread == 0:
        return np.zeros(len(loss))
    tamed: Floats = np.clip((loss - loss.mean()) / spread, -CUT_OFF, CUT_OFF)
    return tamed


def _table(
    conditions: Sequence[Conditions], n: Ints, tested: Confirmed, losses: Floats, second: Ints
) -> pd.DataFrame:
    spread = float(losses[second].std(ddof=1))
    gap = tested.inside - tested.rest
    return pd.DataFrame(
        {
            "slice": [slice_text(each) for each in conditions],
            "columns": [list(dict.fromkeys(str(c.column) for c in each)) for each in conditions],
            "n": n,
            "share": n / len(losses),
            "n_tested": tested.n,
            "loss": tested.inside,
            "rest": tested.rest,
            "difference": gap,
            "low": tested.low,
            "high": tested.high,
            "effect": gap / spread if spread > 0 else np.full(len(gap), np.nan),
            "loss_share": tested.share,
            "p": tested.p,
        }
    )


def _kept(table: pd.DataFrame, masks: Sequence[Any], loss: Floats, confidence: float) -> list[int]:
    """Return places of slices in their order, without those that are no worse than a wider one."""
    kept = [
        k
        for k, inside in enumerate(masks)
        if all(
            clearly_worse(loss, inside, outer, confidence)
            for j, outer in enumerate(masks)
            if j != k and table["confirmed"][j] and _within(inside, outer, j < k)
        )
    ]
    order = table.loc[kept].sort_values(
        ["confirmed", "low"], ascending=False, kind="stable", na_position="last"
    )
    return [int(place) for place in order.index]


def _within(inside: Any, outer: Any, earlier: bool) -> bool:
    """Return whether rows lie in others; of two equal sets the earlier one is the wider."""
    if (inside & ~outer).any():
        return False
    return earlier or bool((outer & ~inside).any())
