"""Classes one by one: how many of each are found, and what they are taken for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reporting.tally import Floats, Share, divide

MOST_CLASSES = 30
"""Classes whose whole confusion matrix is told; of more, the pairs that are confused most."""

PAIRS = 50


def by_class(
    y: NDArray[Any],
    label: NDArray[np.int64],
    weight: Floats,
    classes: tuple[Any, ...],
    confidence: float,
) -> pd.DataFrame:
    """Return recall and precision of every class.

    Returns
    -------
    DataFrame
        Columns class, n (rows of the class), n_predicted, recall, precision, each with _low and
        _high (Wilson), taken_for (the class that it is most often mistaken for; empty: none) and
        taken_share (of its rows).
    """
    count = len(classes)
    cells = _summed(y, label, weight, count)
    hits = np.diagonal(cells)
    squares = _summed(y, label, weight**2, count)
    columns: dict[str, Any] = {
        "class": [str(one) for one in classes],
        "n": np.bincount(y, minlength=count),
        "n_predicted": np.bincount(label, minlength=count),
    }
    rates = {
        "recall": Share.of(hits, cells.sum(axis=1), squares.sum(axis=1)),
        "precision": Share.of(hits, cells.sum(axis=0), squares.sum(axis=0)),
    }
    for name, rate in rates.items():
        low, high = rate.interval(confidence)
        known = ~np.isnan(rate.value)
        columns |= {
            name: rate.value,
            f"{name}_low": np.where(known, low, np.nan),
            f"{name}_high": np.where(known, high, np.nan),
        }
    wrong = cells - np.diag(hits)
    most = wrong.argmax(axis=1) if count else np.zeros(0, dtype=np.int64)
    missed = wrong.max(axis=1, initial=0.0)
    names = columns["class"]
    columns["taken_for"] = [
        names[place] if amount > 0 else "" for place, amount in zip(most, missed, strict=True)
    ]
    columns["taken_share"] = divide(missed, cells.sum(axis=1))
    return pd.DataFrame(columns)


def confusion(
    y: NDArray[Any], label: NDArray[np.int64], weight: Floats, classes: tuple[Any, ...]
) -> pd.DataFrame:
    """Return the confusion matrix, one row a cell: true, predicted, n, share (of the true class).

    With more than 30 classes only the 50 pairs that are confused most, the worst first.
    """
    count = len(classes)
    cells = _summed(y, label, weight, count)
    share = divide(cells, cells.sum(axis=1)[:, None])
    true, predicted = (part.ravel() for part in np.indices(cells.shape))
    if count > MOST_CLASSES:
        wrong = np.where(true != predicted, cells.ravel(), 0.0)
        order = np.argsort(-wrong, kind="stable")[:PAIRS]
        order = order[wrong[order] > 0]
        true, predicted = true[order], predicted[order]
    names = [str(one) for one in classes]
    return pd.DataFrame(
        {
            "true": [names[place] for place in true],
            "predicted": [names[place] for place in predicted],
            "n": cells[true, predicted],
            "share": share[true, predicted],
        }
    )


def _summed(y: NDArray[Any], label: NDArray[np.int64], part: Floats, count: int) -> Floats:
    """Add up by true and predicted class."""
    flat = np.bincount(y * count + label, weights=part, minlength=count**2)
    return flat.reshape(count, count).astype(np.float64)
