"""The effect of one column on a model's prediction, as a value."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from explain.profiles.columns import Axis, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Effect:
    """How predictions change along one column.

    Parameters
    ----------
    kind : {"pdp", "ice", "ale"}
        Partial dependence, individual conditional expectation, accumulated local effects.
    column : hashable
        Name of the column.
    axis : {"number", "time", "category"}
        How `positions` are meant.
    positions : ndarray of float64, shape (n_points,)
        Numbers; seconds since 1970-01-01 UTC; or the places 0, 1, … of a category's levels. NaN
        where the point stands for missing values.
    labels : tuple of str
        Texts of the points.
    values : ndarray of float64, shape (n_points, n_outputs)
        The effect, in units of the prediction.
    low, high : ndarray of float64, shape (n_points, n_outputs)
        Its interval over rows; NaN where one row was used.
    individual : ndarray of float64, shape (n_rows, n_points, n_outputs), or None
        One curve per row, for "ice" and where asked for.
    spread : ndarray of float64, shape (n_points, n_outputs)
        Standard deviation between rows: of centred curves, or ("ale") of the local effects in the
        interval that ends at the point.
    heterogeneity : ndarray of float64, shape (n_outputs,)
        Share of the variance of the centred curves, or of the local effects' mean square, that
        their mean does not explain. 0: the column acts alike on all rows.
    share : ndarray of float64, shape (n_points,)
        Share of the rows of X for which a point stands; sums to 1 less `left_out_share`.
    rows : ndarray of int, shape (n_rows,)
        Positions in X of the rows used.
    confidence : float
        Confidence of the intervals.
    centred : bool
        Whether curves have their own mean taken off.
    left_out : int
        Levels of a category that were too rare to be shown.
    left_out_share : float
        Share of the rows of X that have them.
    note : str
        What the reader should know, such as that the column is constant.

    Examples
    --------
    >>> import pandas as pd
    >>> from explain.profiles import partial_dependence
    >>> X = pd.DataFrame({"on": [False, True, True]})
    >>> effect = partial_dependence(lambda rows: rows["on"] * 5, X, "on")
    >>> effect.to_frame()[["label", "value"]].to_numpy().tolist()
    [['False', 0.0], ['True', 5.0]]
    """

    kind: Literal["pdp", "ice", "ale"]
    column: Hashable
    axis: Axis
    positions: Floats
    labels: tuple[str, ...]
    values: Floats
    low: Floats
    high: Floats
    individual: Floats | None
    spread: Floats
    heterogeneity: Floats
    share: Floats
    rows: Ints
    confidence: float
    centred: bool
    left_out: int = 0
    left_out_share: float = 0.0
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return one row per point and output.

        Returns
        -------
        DataFrame
            Columns: column, kind, position, label, share, output, value, low, high, spread.
        """
        import pandas as pd

        n_points, n_outputs = self.values.shape
        return pd.DataFrame(
            {
                "column": [self.column] * (n_points * n_outputs),
                "kind": self.kind,
                "position": np.repeat(self.positions, n_outputs),
                "label": [label for label in self.labels for _ in range(n_outputs)],
                "share": np.repeat(self.share, n_outputs),
                "output": np.tile(np.arange(n_outputs), n_points),
                "value": self.values.ravel(),
                "low": self.low.ravel(),
                "high": self.high.ravel(),
                "spread": self.spread.ravel(),
            }
        )


def t_quantile(confidence: float, degrees: float) -> float:
    """Return the two-sided quantile of the t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def column_note(column: Hashable, labels: tuple[str, ...]) -> str:
    """Return what is to be said of a column with a single point."""
    if len(labels) > 1:
        return ""
    return f"the column {column!r} holds one value only: {labels[0]}"
