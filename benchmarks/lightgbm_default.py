"""LightGBM with its defaults, and the plain encoding that both LightGBM systems share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.systems import Predictor, Spec


@dataclass(frozen=True)
class PlainEncoder:
    """Numbers as they are; everything else a category with the levels of the training rows.

    Parameters
    ----------
    columns : tuple of str
        Feature columns.
    levels : dict
        Levels of each column that is no number, as text.
    """

    columns: tuple[str, ...]
    levels: dict[str, pd.Index[Any]]

    @classmethod
    def learn(cls, train: pd.DataFrame, spec: Spec) -> PlainEncoder:
        """Learn columns and levels."""
        columns = tuple(name for name in train.columns if name not in {spec.target, spec.group})
        levels = {
            name: pd.Index(sorted(_texts(train[name]).dropna().unique()))
            for name in columns
            if not pd.api.types.is_numeric_dtype(train[name])
        }
        return cls(columns, levels)

    def encode(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows that LightGBM reads; it allows no odd characters in column names."""
        encoded = {}
        for number, name in enumerate(self.columns):
            column = rows[name]
            if name in self.levels:
                codes = self.levels[name].get_indexer(pd.Index(_texts(column)))
                column = pd.Series(pd.Categorical.from_codes(codes, self.levels[name]))
            encoded[f"c{number}"] = column.reset_index(drop=True)
        return pd.DataFrame(encoded)


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    texts: pd.Series[Any] = column.astype(object).where(column.notna(), None)
    return texts.map(str, na_action="ignore")


@dataclass(frozen=True)
class DefaultPredictor:
    """A fitted `LGBMClassifier` or `LGBMRegressor`."""

    encoder: PlainEncoder
    model: Any
    classes: Sequence[Any]
    note: str = "100 trees"

    def predict(self, rows: pd.DataFrame) -> NDArray[Any]:
        """Return probabilities in the order of `classes`, or values."""
        X = self.encoder.encode(rows)
        if len(self.classes):
            return np.asarray(self.model.predict_proba(X))
        return np.asarray(self.model.predict(X))


def fit_default(train: pd.DataFrame, spec: Spec) -> Predictor:
    """Fit with the library's defaults on all rows and cores; the budget does not matter."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    encoder = PlainEncoder.learn(train, spec)
    X, y = encoder.encode(train), train[spec.target]
    if spec.task == "regression":
        model = LGBMRegressor(random_state=spec.seed, verbose=-1)
        model.fit(X, y.to_numpy(dtype=np.float64))
        return DefaultPredictor(encoder, model, ())
    model = LGBMClassifier(random_state=spec.seed, verbose=-1)
    model.fit(X, y.to_numpy())
    return DefaultPredictor(encoder, model, list(model.classes_))
