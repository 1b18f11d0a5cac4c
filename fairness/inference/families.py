"""Corrections for how many disparities were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from candor.statistics import benjamini_hochberg, holm
from fairness.errors import ArgumentError
from fairness.inference.intervals import check_confidence
from fairness.inference.values import Disparity, Floats


def adjust(
    disparities: Sequence[Disparity], declared: Sequence[bool], confidence: float
) -> tuple[Floats, tuple[Disparity, ...]]:
    """Adjust p-values for the number of disparities, and take back what does not survive.

    Parameters
    ----------
    disparities : sequence of Disparity
        Everything that was looked at. The p-value of each already holds for all of its pairs and
        metrics at once (max-T). A difference and a ratio of the same metric are two hypotheses:
        they are held against tolerances of their own and may come out differently.
    declared : sequence of bool
        Whether each was declared before looking. Declared ones are the confirmatory family
        (Holm: a chance of at most 1 - confidence of any false "beyond"), all others are
        exploratory (Benjamini-Hochberg: an expected share of at most that among the "beyond").
    confidence : float
        Between 0 and 1.

    Returns
    -------
    ndarray of float64
        Adjusted p-values; NaN where there is none.
    tuple of Disparity
        The same, with "not enough data" in place of every "beyond" whose adjusted p-value
        exceeds 1 - confidence: it would stand by itself, but not among so many. Intervals, and
        the verdict "within", stay as they are: each holds at the confidence by itself.

    Raises
    ------
    ArgumentError
        If the lengths differ, or `confidence` is not between 0 and 1.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6, 65-70.
    Benjamini, Y., and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> one = Disparity("tpr", "difference", "a", "b", 0.2, 0.11, 0.3, 0.2, 0.03, 0.1, "beyond", 0)
    >>> p_adjusted, kept = adjust([one, one], [True, True], 0.95)
    >>> print(p_adjusted, kept[0].verdict)
    [0.06 0.06] not enough data
    >>> adjust([one, one], [True, False], 0.95)[1][0].verdict
    'beyond'
    """
    check_confidence(confidence)
    if len(disparities) != len(declared):
        raise ArgumentError(
            "every disparity is declared or not",
            got=f"got {len(disparities)} disparities and {len(declared)} declarations",
        )
    p_values = np.array([one.p_value for one in disparities], dtype=np.float64)
    first = np.array(declared, dtype=np.bool_)
    adjusted = np.full(len(p_values), np.nan)
    adjusted[first] = holm(p_values[first])
    adjusted[~first] = benjamini_hochberg(p_values[~first])
    kept = tuple(
        replace(one, verdict="not enough data")
        if one.verdict == "beyond" and p > 1 - confidence
        else one
        for one, p in zip(disparities, adjusted.tolist(), strict=True)
    )
    return adjusted, kept
