"""Explainable boosting machines: sums of functions of one or two columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explain.opening.structures import Reading
from explain.protocol import Additive, Encoding, Floats, Parts, Scale, Term


def read_additive(reading: Reading) -> Parts | None:
    """Read the terms of a machine of the library `interpret`."""
    model = reading.model
    if type(model).__module__.split(".")[0] != "interpret" or not hasattr(model, "term_scores_"):
        return None
    width = len(np.atleast_1d(model.intercept_))
    places = range(len(model.term_features_))
    if any(len(model.term_features_[place]) > 2 for place in places):
        return None
    terms = tuple(
        Term(tuple(int(one) for one in model.term_features_[place]), _term(model, place, width))
        for place in places
    )
    intercept = np.atleast_1d(np.asarray(model.intercept_, dtype=np.float64))
    scale: Scale = "response" if reading.task == "regression" else "margin"
    outer = reading.encoding
    encoding = Encoding(lambda frame: _as_objects(outer.transform(frame)), outer.sources)
    return Parts(Additive(terms, intercept, encoding), scale)


def _as_objects(rows: Any) -> Any:
    return rows.to_numpy(dtype=object) if hasattr(rows, "iloc") else np.asarray(rows)


def _term(model: Any, place: int, width: int) -> Callable[[Any], Floats]:
    """Evaluate one term through the machine's own look-up of bins.

    The machine reads whole rows, so the term's columns are put among constant ones.
    """
    features = list(model.term_features_[place])

    def evaluate(columns: Any) -> Floats:
        rows = np.zeros((len(columns), len(model.feature_names_in_)), dtype=columns.dtype)
        rows[:, features] = columns
        scores = np.asarray(model.eval_terms(rows)[:, place], dtype=np.float64)
        return scores.reshape(len(columns), width)

    return evaluate
