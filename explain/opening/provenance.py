"""Which raw columns each output of a fitted transformer is computed from.

A feature is given to one column alone only by transformers that are known to work column by
column; whatever any other makes is taken to depend on all of its input.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Sources = tuple[tuple[str, ...], ...]

COLUMN_WISE = frozenset(
    {
        "Binarizer", "GenericUnivariateSelect", "KBinsDiscretizer", "MaxAbsScaler",
        "MinMaxScaler", "MissingIndicator", "OneHotEncoder", "OrdinalEncoder",
        "PolynomialFeatures", "PowerTransformer", "QuantileTransformer", "RFE", "RFECV",
        "RobustScaler", "SelectFdr", "SelectFpr", "SelectFromModel", "SelectFwe", "SelectKBest",
        "SelectPercentile", "SequentialFeatureSelector", "SimpleImputer", "SplineTransformer",
        "StandardScaler", "TargetEncoder", "VarianceThreshold",
    }
)  # fmt: skip
"""Transformers of scikit-learn whose output names say which input each output comes from."""

TOKEN = re.compile(r"⟨(\d+)⟩")


def sources_of(transformer: Any, matrix: Any, sources: Sources) -> Sources:
    """Return the raw columns behind each output of a transformer.

    Parameters
    ----------
    transformer : object
        Fitted.
    matrix : table
        A few rows as it takes them.
    sources : tuple of tuple of str
        The raw columns behind each of its inputs.
    """
    name = type(transformer).__name__
    own = type(transformer).__module__.split(".")[0] == "sklearn"
    if transformer == "passthrough" or transformer is None:
        return sources
    if own and name == "Pipeline":
        return through_steps([step for _, step in transformer.steps], matrix, sources)[1]
    if own and name == "ColumnTransformer":
        return _column_transformer(transformer, matrix, sources)
    if own and name == "FeatureUnion":
        return tuple(
            one
            for _, part in transformer.transformer_list
            if part != "drop"
            for one in sources_of(part, matrix, sources)
        )
    width = _width(transformer.transform(matrix))
    if own and _is_elementwise(transformer) and width == len(sources):
        return sources
    if own and name in COLUMN_WISE:
        found = _by_names(transformer, sources)
        if found is not None and len(found) == width:
            return found
    return (_union(sources),) * width


def through_steps(steps: Sequence[Any], matrix: Any, sources: Sources) -> tuple[Any, Sources]:
    """Follow rows and sources through the steps of a pipeline."""
    for step in steps:
        sources = sources_of(step, matrix, sources)
        if step != "passthrough" and step is not None:
            matrix = step.transform(matrix)
    return matrix, sources


def _column_transformer(transformer: Any, matrix: Any, sources: Sources) -> Sources:
    found: list[tuple[str, ...] | None] = [None] * _width(transformer.transform(matrix))
    for name, part, columns in transformer.transformers_:
        taken = transformer.output_indices_[name]
        if part == "drop" or taken.stop == taken.start:
            continue
        places, rows = _chosen(matrix, columns)
        own = sources_of(part, rows, tuple(sources[place] for place in places))
        if len(own) != taken.stop - taken.start:
            own = (_union(sources[place] for place in places),) * (taken.stop - taken.start)
        found[taken] = own
    everything = _union(sources)
    return tuple(everything if one is None else one for one in found)


def _chosen(matrix: Any, columns: Any) -> tuple[list[int], Any]:
    """Return the places of columns, and the rows with these alone as scikit-learn hands them."""
    is_frame = hasattr(matrix, "iloc")
    width = matrix.shape[1]
    if callable(columns):
        columns = columns(matrix)
    if isinstance(columns, str):
        place = list(matrix.columns).index(columns)
        return [place], matrix[columns]
    if isinstance(columns, slice):
        places = list(range(width))[columns] if _is_whole(columns) else _between(matrix, columns)
    elif isinstance(columns, int | np.integer):
        place = int(columns)
        return [place % width], matrix.iloc[:, place] if is_frame else matrix[:, place]
    else:
        listed = list(columns)
        if listed and isinstance(listed[0], bool | np.bool_):
            places = [place for place, taken in enumerate(listed) if taken]
        elif listed and isinstance(listed[0], str):
            names = list(matrix.columns)
            places = [names.index(one) for one in listed]
        else:
            places = [int(one) % width for one in listed]
    return places, matrix.iloc[:, places] if is_frame else matrix[:, places]


def _is_whole(columns: slice) -> bool:
    return not isinstance(columns.start, str) and not isinstance(columns.stop, str)


def _between(matrix: Any, columns: slice) -> list[int]:
    """Return the places of a slice of names, both ends included."""
    names = list(matrix.columns)
    start = 0 if columns.start is None else names.index(columns.start)
    stop = len(names) - 1 if columns.stop is None else names.index(columns.stop)
    return list(range(start, stop + 1))


def _by_names(transformer: Any, sources: Sources) -> Sources | None:
    """Let a transformer name its outputs after numbered inputs, and read the numbers back."""
    numbered = copy.copy(transformer)
    if hasattr(numbered, "feature_names_in_"):
        del numbered.feature_names_in_
    names = [f"⟨{place}⟩" for place in range(len(sources))]
    found = [
        sorted({int(one) for one in TOKEN.findall(str(name))})
        for name in numbered.get_feature_names_out(names)
    ]
    return tuple(_union(sources[place] for place in places) for places in found)


def _is_elementwise(transformer: Any) -> bool:
    """Tell whether a function transformer does nothing, or the same to each number."""
    if type(transformer).__name__ != "FunctionTransformer":
        return False
    return transformer.func is None or isinstance(transformer.func, np.ufunc)


def _union(sources: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for source in sources for name in source))


def _width(matrix: Any) -> int:
    return 1 if len(matrix.shape) == 1 else int(matrix.shape[1])
