"""What an encoding is asked for, and what an encoder gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Kind = Literal["native", "ordinal", "onehot"]

SOURCE_SEPARATOR = "\x1f"
"""Joins the raw columns of a feature that was computed from several."""


@dataclass(frozen=True)
class Encoding:
    """How a family wants to see the columns; equal encodings share one fitted encoder.

    Parameters
    ----------
    kind : {"native", "ordinal", "onehot"}
        native: categories stay integer codes (NaN missing) for boosters that split on sets;
        ordinal: codes ordered for trees that split on thresholds;
        onehot: one column a level, scaled numbers, missing values imputed and flagged.
    numbers : {"raw", "standard", "quantile"}
        Scaling of numeric columns.
    text : {"compressed", "sparse"}
        TF-IDF compressed to a few dense columns, or left sparse.
    crosses : bool
        Whether to add generated features (arithmetic pairs, category crosses).
    """

    kind: Kind = "native"
    numbers: Literal["raw", "standard", "quantile"] = "raw"
    text: Literal["compressed", "sparse"] = "compressed"
    crosses: bool = False


@dataclass(frozen=True)
class Encoded:
    """A matrix that a family can fit, and where its columns come from.

    Parameters
    ----------
    values : ndarray of float, or csr_matrix, shape (n_rows, n_features)
        The features; NaN where missing (native and ordinal only).
    categorical : tuple of int
        Positions of features that hold integer codes.
    n_levels : tuple of int
        For each position in `categorical`, codes run from 0 to n_levels - 1.
    names : tuple of str
        A readable name for each feature.
    sources : tuple of str
        The raw column that each feature was computed from; several are joined by
        `SOURCE_SEPARATOR`.
    """

    values: NDArray[np.float64] | NDArray[np.float32] | sparse.csr_matrix
    categorical: tuple[int, ...]
    n_levels: tuple[int, ...]
    names: tuple[str, ...]
    sources: tuple[str, ...]
