"""From typed columns to the matrix that a family fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl.features import state
from automl.features.base import Encoded, Encoding
from automl.features.crosses import Crosses
from automl.features.dates import Dates
from automl.features.derive import Derivation, Derived, fit_derivation
from automl.features.grams import Chars, Tfidf, Words
from automl.features.levels import Levels, fit_levels
from automl.features.numbers import Numbers, fit_numbers, merges_in_float32
from automl.features.onehot import OneHot, fit_onehot
from automl.features.targets import make_targets
from automl.features.text import Text
from automl.table.columns import Columns

SPARSE_WIDTH = 200
SPARSE_DENSITY = 0.1
CONSTANT = ("",)
"""Sources of an encoder that found nothing that varies: it gives one column of zeros."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """All that a fitted encoder knows; features stand in the order of its fields.

    Parameters
    ----------
    derivation : Derivation
        Dates, texts and generated features.
    numbers : Numbers
        Numeric features.
    levels : Levels
        One number a category level.
    onehot : OneHot
        One column a category level.
    is_sparse : bool
        Whether the matrix is sparse.
    dtype : str
        Its type.
    names, sources : tuple of str
        Name and raw column of each feature.
    """

    derivation: Derivation
    numbers: Numbers
    levels: Levels
    onehot: OneHot
    is_sparse: bool
    dtype: str
    names: tuple[str, ...]
    sources: tuple[str, ...]


PIECES = (
    Fitted, Derivation, Dates, Crosses, Text, Words, Chars, Tfidf, Numbers, Levels, OneHot,
)  # fmt: skip


class Encoder:
    """Encodes columns for a family; fitted on the training rows of a fold only.

    Parameters
    ----------
    encoding : Encoding
        What the family wants to see.
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    n_classes : int
        Number of classes; 1 for regression.
    seed : int
        Seed of cross-fitting folds, samples and the compression of texts.
    """

    def __init__(self, encoding: Encoding, *, task: str, n_classes: int, seed: int = 0):
        self.encoding = encoding
        self.task = task
        self.n_classes = n_classes
        self.seed = seed
        self._state: Fitted | None = None

    def fit_transform(
        self,
        columns: Columns,
        y: NDArray[Any],
        weight: NDArray[np.float64] | None = None,
    ) -> Encoded:
        """Learn from training rows and encode them.

        Their target encodings come from the other cross-fitting folds, so that no row sees its
        own target. Which generated features and words are chosen, and of more than ten classes
        which ten are encoded, depends on all targets.

        Parameters
        ----------
        columns : Columns
            Training rows.
        y : ndarray, shape (n_rows,)
            Class numbers or values.
        weight : ndarray of float64, shape (n_rows,), optional
            Row weights; they count in target statistics.

        Returns
        -------
        Encoded
            The training rows.
        """
        encoding, seed = self.encoding, self.seed
        onehot_kind = encoding.kind == "onehot"
        targets = make_targets(y, weight, self.task, self.n_classes, seed)
        derivation, derived, code_columns, code_sources = fit_derivation(
            columns, encoding, targets, seed
        )
        numbers = fit_numbers(derived.numeric, encoding.numbers, impute=onehot_kind, seed=seed)
        levels, own = fit_levels(
            derived.codes, code_columns, encoding.kind, targets, all_targets=encoding.crosses
        )
        onehot = fit_onehot(derived.codes, code_columns if onehot_kind else ())
        names, sources = _names(derivation, numbers, levels, onehot, code_sources)
        exact = encoding.kind == "native" and encoding.numbers == "raw"
        raw = numbers.keep[numbers.keep < columns.numeric.shape[1]]
        wide = exact and merges_in_float32(columns.numeric[:, raw], seed)
        self._state = Fitted(
            derivation,
            numbers,
            levels,
            onehot,
            bool(derived.weights) or _prefers_sparse(numbers, levels, onehot),
            "float64" if wide else "float32",
            names,
            sources,
        )
        return self._encode(derived, own)

    def transform(self, columns: Columns) -> Encoded:
        """Encode rows that were not fitted on, each independently of the others."""
        return self._encode(self._fitted.derivation.apply(columns), {})

    @property
    def names(self) -> tuple[str, ...]:
        """A readable name for each feature."""
        return self._fitted.names

    @property
    def sources(self) -> tuple[str, ...]:
        """The raw column, or columns, that each feature is computed from."""
        return self._fitted.sources

    def save(self, folder: Path) -> None:
        """Write the fitted encoder into an existing folder as JSON and arrays."""
        state.write(folder, self._record())

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Read what `save` wrote; it encodes exactly as before."""
        kind, numbers, text, crosses, task, n_classes, seed, fitted = state.read(folder, PIECES)
        encoding = Encoding(kind, numbers, text, crosses)
        encoder = cls(encoding, task=task, n_classes=n_classes, seed=seed)
        encoder._state = fitted
        return encoder

    def digest(self) -> str:
        """Return a hash of what the encoder does: equal digests encode equally."""
        return state.digest(self._fitted)

    @property
    def _fitted(self) -> Fitted:
        if self._state is None:
            raise RuntimeError("the encoder is not fitted yet: call fit_transform first")
        return self._state

    def _record(self) -> tuple[Any, ...]:
        e = self.encoding
        return (
            e.kind, e.numbers, e.text, e.crosses,
            self.task, self.n_classes, self.seed, self._fitted,
        )  # fmt: skip

    def _encode(self, derived: Derived, own: dict[int, NDArray[np.float64]]) -> Encoded:
        """Assemble the matrix; `own` replaces looked-up values of the training rows."""
        fitted = self._fitted
        n_numbers, n_levels = fitted.numbers.width, len(fitted.levels.names)
        n_dense = n_numbers + n_levels + (0 if fitted.is_sparse else fitted.onehot.width)
        n_dense += fitted.sources == CONSTANT
        out = np.zeros((len(derived.numeric), n_dense), fitted.dtype)
        fitted.numbers.write(derived.numeric, out[:, :n_numbers])
        levels = out[:, n_numbers : n_numbers + n_levels]
        fitted.levels.write(derived.codes, levels)
        for feature, values in own.items():
            levels[:, feature] = values
        matrix: Any = out
        if fitted.is_sparse:
            parts = [sparse.csr_matrix(out), fitted.onehot.matrix(derived.codes), *derived.weights]
            matrix = sparse.csr_matrix(sparse.hstack(parts, format="csr", dtype=out.dtype))
        elif fitted.onehot.width:
            fitted.onehot.write(derived.codes, out[:, n_numbers + n_levels :])
        native = tuple(n_numbers + position for position in fitted.levels.native)
        return Encoded(matrix, native, fitted.levels.n_levels, fitted.names, fitted.sources)


def _prefers_sparse(numbers: Numbers, levels: Levels, onehot: OneHot) -> bool:
    """Tell whether the matrix is so wide and empty that a sparse one is smaller and faster."""
    n_dense = numbers.width + len(levels.names)
    width = n_dense + onehot.width
    filled = n_dense + len(onehot.columns)
    return width >= SPARSE_WIDTH and filled <= SPARSE_DENSITY * width


def _names(
    derivation: Derivation,
    numbers: Numbers,
    levels: Levels,
    onehot: OneHot,
    code_sources: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the features and their raw columns; an encoder that keeps nothing has one constant."""
    raw, origin = derivation.numeric_names, derivation.numeric_sources
    names = [
        *(raw[i] for i in numbers.keep),
        *(f"{raw[i]} missing" for i in numbers.flagged),
        *levels.names,
        *onehot.names,
        *derivation.weight_names,
    ]
    sources = [
        *(origin[i] for i in (*numbers.keep, *numbers.flagged)),
        *(code_sources[j] for j in (*levels.columns, *onehot.owners)),
        *derivation.weight_sources,
    ]
    return tuple(names) or ("constant",), tuple(sources) or CONSTANT
