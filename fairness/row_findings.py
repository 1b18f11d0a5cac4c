"""What an audit finds in rows, because counts do not hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from candor.frames import frame_kind, to_pandas
from fairness.errors import ArgumentError
from fairness.rows import Consistency, Proxies, consistency, fine_table, missingness, proxies
from fairness.table import CountTable
from fairness.table.frozen import FrozenMapping
from fairness.table.inputs import as_series, read_attributes, read_column
from fairness.table.numbers import as_floats


@dataclass(frozen=True)
class RowFindings:
    """Results that are carried along, not recomputed from counts.

    Parameters
    ----------
    curves : mapping of str to CountTable
        Counts along each continuous attribute, in fine bins.
    missingness : DataFrame
        Missing values by column and group; empty where nothing is missing or no rows were given.
    proxies : Proxies or None
        How well the attributes can be told from the other columns.
    consistency : Consistency or None
        How far predictions agree with those of the nearest neighbours.
    """

    curves: Mapping[str, CountTable] = field(default_factory=FrozenMapping)
    missingness: pd.DataFrame = field(default_factory=pd.DataFrame)
    proxies: Proxies | None = None
    consistency: Consistency | None = None


def find_in_rows(
    table: CountTable,
    y_true: Any,
    y_pred: Any,
    *,
    y_score: Any,
    sensitive: Any,
    features: Any,
    weight: Any,
    positive: Any,
    threshold: float | None,
    confidence: float,
    seed: int,
) -> RowFindings:
    """Find everything that needs rows.

    Parameters
    ----------
    table : CountTable
        The counts of the same rows.
    y_true, y_pred, y_score, sensitive, features, weight, positive, threshold
        As for `fairness.audit`.
    confidence : float
        Of all intervals.
    seed : int
        Seed of samples and folds.

    Returns
    -------
    RowFindings
        Without features only the curves.

    Raises
    ------
    ArgumentError
        `features` differ in length from the rows.
    """
    columns = read_attributes(sensitive, "sensitive")
    curves = {
        attribute.name: fine_table(
            attribute.name,
            columns[attribute.name],
            y_true,
            y_pred,
            y_score=y_score,
            weight=weight,
            positive=positive,
            threshold=threshold,
            task=table.task,
        )
        for attribute in table.attributes
        if attribute.edges and not attribute.control
    }
    found = RowFindings(
        FrozenMapping({name: one for name, one in curves.items() if one is not None})
    )
    if features is None:
        return found
    others = without(features, columns)
    decided = _decisions(y_pred, y_score, table.threshold)
    others, decided, columns = _weighing(others, decided, columns, weight)
    near = None
    if decided is not None:
        near = consistency(others, decided, confidence=confidence, seed=seed)
    return replace(
        found,
        missingness=missingness(others, columns, confidence=confidence, seed=seed),
        proxies=proxies(others, columns, confidence=confidence, seed=seed),
        consistency=near,
    )


def _weighing(
    others: Any, decided: Any, columns: dict[str, Any], weight: Any
) -> tuple[Any, Any, dict[str, Any]]:
    """Leave out rows of weight 0, as the counts do; the others count alike here."""
    if weight is None:
        return others, decided, columns
    kept = np.flatnonzero(as_floats(read_column(weight, "weight"), "weight"))
    if not isinstance(others, pd.DataFrame) or not len(kept) < len(others) == len(weight):
        return others, decided, columns  # what reads them says what does not fit
    return (
        others.iloc[kept],
        None if decided is None else as_series(decided, "y_pred").iloc[kept],
        {name: as_series(one, name).iloc[kept] for name, one in columns.items()},
    )


def without(features: Any, names: Iterable[str]) -> Any:
    """Return features as a frame without the sensitive columns themselves."""
    if isinstance(features, Mapping):
        features = _framed(features)
    if not frame_kind(features):
        return features  # what reads it says what is wrong
    frame = to_pandas(features)
    gone = set(names)
    return frame[[name for name in frame.columns if str(name) not in gone]]


def _framed(features: Mapping[Any, Any]) -> pd.DataFrame:
    """Return columns by name as a frame."""
    columns = {
        name: as_series(one, f"features column {name!r}").reset_index(drop=True)
        for name, one in features.items()
    }
    lengths = sorted({len(one) for one in columns.values()})
    if len(lengths) > 1:
        raise ArgumentError(
            "columns of features differ in length", got=f"{lengths[0]:,} and {lengths[-1]:,} rows"
        )
    return pd.DataFrame(columns)


def _decisions(y_pred: Any, y_score: Any, threshold: float | None) -> Any:
    """Return what was decided on each row, None where nothing was."""
    if y_pred is not None or y_score is None:
        return y_pred
    scores = np.asarray(y_score, dtype=np.float64)
    if scores.ndim == 2 and scores.shape[1] > 2:
        return scores.argmax(axis=1)
    scores = scores[:, 1] if scores.ndim == 2 else scores
    return None if threshold is None else (scores >= threshold).astype(np.int64)
