"""What unequal base rates force on error rates: the impossibility, in numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fairness.errors import ArgumentError
from fairness.metrics.cells import divide
from fairness.sensitivity.cells import rate_cells
from fairness.table.values import GroupCounts


def impossibility(counts: GroupCounts) -> pd.DataFrame:
    """Say which false positive rates the base rates imply under equal predictive values.

    Parameters
    ----------
    counts : GroupCounts
        Counts of a binary outcome with predictions.

    Returns
    -------
    DataFrame
        A row for each group: `attribute`, `group`, `n`, `base_rate`, `fpr` as it is, `ppv` and
        `tpr` of all rows together, and `implied_fpr`: the false positive rate that this group
        would have if its positive predictive value and true positive rate were those. A value
        above 1 means that no predictions can have both.

    Raises
    ------
    ArgumentError
        The outcome is not binary, or there are no predictions.

    Notes
    -----
    ``FPR = p / (1 - p) * (1 - PPV) / PPV * TPR`` holds for every group with base rate p
    (Chouldechova 2017): where base rates differ, equal PPV and equal FNR make the false
    positive rates differ, unless the predictions are free of false positives.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[60, 20], [10, 30]], [[30, 10], [20, 60]]])
    >>> counts = GroupCounts(
    ...     "binary", "sex", ("f", "m"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    ... )
    >>> impossibility(counts)[["group", "base_rate", "fpr", "implied_fpr"]].round(3)
      group  base_rate   fpr  implied_fpr
    0     f      0.333  0.25        0.125
    1     m      0.667  0.25        0.500
    """
    if counts.counts.shape[1:] != (2, 2):
        raise ArgumentError("the impossibility is about a binary outcome with predictions")
    base = rate_cells(counts, "base_rate").rates(counts.weights)
    pooled = counts.weights.sum(axis=0)
    ppv = rate_cells(counts, "ppv").rates(pooled)
    tpr = rate_cells(counts, "tpr").rates(pooled)
    implied = divide(base, 1 - base) * divide(1 - ppv, ppv) * tpr
    return pd.DataFrame(
        {
            "attribute": counts.attribute,
            "group": list(counts.groups),
            "n": counts.n,
            "base_rate": base,
            "fpr": rate_cells(counts, "fpr").rates(counts.weights),
            "ppv": float(ppv),
            "tpr": float(tpr),
            "implied_fpr": np.broadcast_to(implied, base.shape),
        }
    )
