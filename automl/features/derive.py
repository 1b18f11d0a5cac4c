"""Stage one of an encoder: dates, texts and generated features become numbers and codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl.features.base import Encoding
from automl.features.crosses import Crosses, fit_crosses
from automl.features.dates import Dates, fit_dates
from automl.features.levels import CodeColumn
from automl.features.targets import Targets
from automl.features.text import Text, TextPlan, fit_text
from automl.table.columns import Columns, Layout

FEW_COLUMNS = 5
MANY_TERMS, FEW_TERMS = 100, 20


@dataclass(frozen=True)
class Derived:
    """Rows as numbers, codes and sparse weights.

    Parameters
    ----------
    numeric : ndarray of float64, shape (n_rows, n_numeric)
        Raw numbers, dates, generated numbers and dense text features.
    codes : ndarray of int32, shape (n_rows, n_codes)
        Raw codes and crossed ones.
    weights : tuple of csr_matrix
        TF-IDF of texts that are left sparse.
    """

    numeric: NDArray[np.float64]
    codes: NDArray[np.int32]
    weights: tuple[sparse.csr_matrix, ...]


@dataclass(frozen=True, eq=False)
class Derivation:
    """What is needed to derive numbers and codes of any rows.

    Parameters
    ----------
    dates : Dates or None
        For datetime columns.
    crosses : Crosses or None
        Generated features.
    texts : tuple of Text
        One for each text column.
    numeric_names, numeric_sources : tuple of str
        Names and raw columns of the derived numbers.
    weight_names, weight_sources : tuple of str
        The same of the sparse text features.
    """

    dates: Dates | None
    crosses: Crosses | None
    texts: tuple[Text, ...]
    numeric_names: tuple[str, ...]
    numeric_sources: tuple[str, ...]
    weight_names: tuple[str, ...]
    weight_sources: tuple[str, ...]

    def apply(self, columns: Columns) -> Derived:
        """Derive numbers and codes of rows."""
        read = [text.values(raw) for text, raw in zip(self.texts, columns.texts, strict=True)]
        numeric, codes = _with_dates(columns, self.dates), columns.codes
        return _join(numeric, codes, self.crosses, read)


def fit_derivation(
    columns: Columns, encoding: Encoding, targets: Targets, seed: int
) -> tuple[Derivation, Derived, tuple[CodeColumn, ...], tuple[str, ...]]:
    """Learn the derivation and derive the training rows.

    Returns
    -------
    derivation : Derivation
        For other rows.
    derived : Derived
        The training rows.
    code_columns : tuple of CodeColumn
        What the code columns are, crossed ones last.
    code_sources : tuple of str
        Their raw columns.
    """
    layout = columns.layout
    n_levels = zip(layout.categorical, layout.n_levels, layout.high_cardinality, strict=True)
    code_columns = tuple(CodeColumn(name, n, high) for name, n, high in n_levels)
    code_sources = layout.categorical
    dates = fit_dates(columns.times, cyclic=encoding.kind == "onehot") if layout.times else None
    names, sources = layout.numeric, layout.numeric
    if dates is not None:
        names += dates.names(layout.times)
        sources += dates.sources(layout.times)
    numeric = _with_dates(columns, dates)
    crosses = None
    if encoding.crosses:
        crosses = fit_crosses(numeric, names, sources, columns.codes, code_columns, targets, seed)
        names, sources = names + crosses.number_names, sources + crosses.number_sources
        code_columns += crosses.code_columns()
        code_sources += crosses.code_sources
    plan = _text_plan(layout, encoding)
    fitted = [fit_text(raw, plan, targets, seed + i) for i, raw in enumerate(columns.texts)]
    texts = tuple(text for text, _, _ in fitted)
    derived = _join(numeric, columns.codes, crosses, [(dense, w) for _, dense, w in fitted])
    weight_names: tuple[str, ...] = ()
    weight_sources: tuple[str, ...] = ()
    for column, text in zip(layout.texts, texts, strict=True):
        names, sources = names + text.names(column), sources + (column,) * text.n_dense
        weight_names += text.sparse_names(column)
        weight_sources += (column,) * text.n_sparse
    derivation = Derivation(dates, crosses, texts, names, sources, weight_names, weight_sources)
    return derivation, derived, code_columns, code_sources


def _with_dates(columns: Columns, dates: Dates | None) -> NDArray[np.float64]:
    if dates is None:
        return columns.numeric
    return np.concatenate([columns.numeric, dates.values(columns.times)], axis=1)


def _join(
    numeric: NDArray[np.float64],
    codes: NDArray[np.int32],
    crosses: Crosses | None,
    read: list[tuple[NDArray[np.float32], sparse.csr_matrix | None]],
) -> Derived:
    """Put generated features and text features beside the columns they come from."""
    blocks: list[NDArray[np.floating]] = [numeric]
    if crosses is not None:
        blocks.append(crosses.numbers(numeric, codes))
        codes = crosses.codes(codes)
    blocks += [dense for dense, _ in read]
    weights = tuple(w for _, w in read if w is not None)
    return Derived(
        numeric if len(blocks) == 1 else np.concatenate(blocks, axis=1, dtype=np.float64),
        codes,
        weights,
    )


def _text_plan(layout: Layout, encoding: Encoding) -> TextPlan:
    """Give a text more room when it is nearly all there is."""
    n_texts = max(len(layout.texts), 1)
    dominant = n_texts == 1 and layout.n_columns <= FEW_COLUMNS
    return TextPlan(
        is_sparse=encoding.text == "sparse",
        n_components=40 if n_texts == 1 else 20,
        n_terms=MANY_TERMS if dominant else FEW_TERMS,
        limit=n_texts,
    )
