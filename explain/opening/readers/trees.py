"""Tree models, with their categories as the trees have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.opening.structures import Reading
from explain.protocol import Encoding, Floats, Node, Parts, Scale, Trees, Weighted
from explain.trees import check_forest, is_readable, raw_output, read_forest
from explain.trees.from_histogram import known_categories

Codes = Callable[[Any], Floats]
Known = Callable[[pd.DataFrame], Mapping[int, NDArray[Any]]]
"""Gives the categories of each categorical column by its place."""


def read_trees(reading: Reading) -> Parts | None:
    """Read every tree model that `explain.trees` knows."""
    model = getattr(reading.model, "bare_booster", reading.model)
    if not is_readable(model):
        return None
    forest = read_forest(model)  # first: it tells what is no tree on columns
    codes = codes_for(model)
    outer = reading.encoding
    encoding = Encoding(lambda frame: codes(outer.transform(frame)), outer.sources)
    check_forest(model, forest, codes(reading.matrix))
    node: Node = Trees(forest, encoding, raw_output(model), model)
    scale: Scale = forest.scale
    if reading.task == "binary" and forest.n_outputs == 2:
        node = Weighted((node,), (np.array([[0.0], [1.0]]),), np.zeros(1))
    return Parts(node, scale)


def codes_for(model: Any) -> Codes:
    """Return how rows become the numbers that the trees of a model split on."""
    if type(model).__module__.split(".")[0] == "lightgbm":
        listed = getattr(model, "booster_", model).pandas_categorical or []
        return lambda rows: numbers(rows, lambda frame: _in_turn(frame, listed))
    if type(model).__name__.startswith("HistGradientBoosting"):
        known = known_categories(model)
        return lambda rows: numbers(rows, lambda frame: known)
    return lambda rows: numbers(rows, _declared)


def _declared(frame: pd.DataFrame) -> Mapping[int, NDArray[Any]]:
    """Take categories as the columns themselves declare them."""
    return {
        place: np.asarray(frame.iloc[:, place].cat.categories, dtype=object)
        for place in _categorical(frame)
    }


def _in_turn(frame: pd.DataFrame, listed: list[list[Any]]) -> Mapping[int, NDArray[Any]]:
    """Take categories as LightGBM keeps them: one list for each column that declares some."""
    return {
        place: np.array(known, dtype=object)
        for place, known in zip(_categorical(frame), listed, strict=True)
    }


def _categorical(frame: pd.DataFrame) -> list[int]:
    return [
        place for place, dtype in enumerate(frame.dtypes) if isinstance(dtype, pd.CategoricalDtype)
    ]


def numbers(rows: Any, known: Known) -> Floats:
    """Return rows as float64: categories by their place, missing values as NaN.

    Raises
    ------
    ArgumentError
        A column holds neither numbers nor known categories.
    """
    if hasattr(rows, "toarray"):
        rows = rows.toarray()
    if not isinstance(rows, pd.DataFrame):
        return np.asarray(rows, dtype=np.float64)
    categories = known(rows)
    columns = [
        _column(rows.iloc[:, place], categories.get(place)) for place in range(rows.shape[1])
    ]
    return np.column_stack(columns) if columns else np.zeros((len(rows), 0))


def _column(series: pd.Series[Any], known: NDArray[Any] | None) -> Floats:
    if known is None or known.dtype.kind in "biuf":
        try:
            found: Floats = series.to_numpy(dtype=np.float64, na_value=np.nan)
            return found
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"the column {series.name!r} holds no numbers",
                got=str(error),
                hint="columns of the types that the model was fitted on",
            ) from error
    places = pd.Index(known).get_indexer(pd.Index(series.astype(object)))
    found = places.astype(np.float64)
    found[places < 0] = np.nan
    return np.asarray(found)
