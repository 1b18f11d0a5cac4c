"""A tree model that stands in for what can only be sampled, so that little is left to sample.

Shapley values are linear: those of a function f are those of its stand-in h, exact against the
whole background, plus those of f - h, which are small where h imitates f well. Only the latter
are sampled, on few references: both of the sample's errors shrink with the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.parts import evaluate, n_outputs, on_matrix
from explain.profiles.columns import RawColumn, read_column
from explain.protocol import Encoding, Floats, Node, Opaque, Trees, Weighted
from explain.trees import raw_output, read_forest

if TYPE_CHECKING:
    from lightgbm import Booster

MIXED_ROWS = 20_000
"""Mixtures of rows that a stand-in learns from at most."""

MIXED_CELLS = 5_000_000
"""Cells of them, where a table is wide."""

FEWEST_ROWS = 1_000
"""Mixtures of rows below which no stand-in is fitted."""

HELD_OUT = 0.2
"""Share of them that it is tested on."""

FEW_PLAYERS = 20
"""Players up to which a stand-in's trees may be deep.

Interactions of two columns cost the sampler nothing, deeper ones do, the stand-in's errors too.
With few players the deep ones that it takes off outweigh those that it adds (adult: 14 columns,
errors fall by 40 %), with many they do not (ames_housing: 80 columns, they would rise by 40 %).
"""

MOST_OUTPUTS = 30
"""Outputs up to which a stand-in is fitted: each takes trees of its own."""

MOST_TREES = 1_500
"""Trees for all outputs together, about."""

TRIED = 400
"""Columns that each of its trees may split on: of a wide table a random part."""

WORTHWHILE = 0.5
"""Share of the variance that a stand-in has to explain on rows it was not fitted on."""


@dataclass(frozen=True, eq=False)
class StandIn:
    """Trees that imitate a node.

    Parameters
    ----------
    node : Weighted
        The imitation, with the node's outputs: trees for each.
    r_squared : float
        Share of the variance that it explains on mixed rows that it was not fitted on; the
        smallest of all outputs.
    evaluations : int
        Rows that the node predicted to teach it.
    """

    node: Weighted
    r_squared: float
    evaluations: int

    def remainder(self, node: Node) -> Weighted:
        """Return a node less its imitation."""
        # As a black box: trees would be a control variate, and give back what they take off.
        one = np.eye(len(self.node.shift))
        trees = [part for part in self.node.nodes if isinstance(part, Trees)]
        encoding = trees[0].encoding

        def imitated(matrix: Any) -> Floats:
            return np.column_stack([on_matrix(part, matrix)[:, 0] for part in trees])

        known = Opaque(imitated, len(one), encoding)
        return Weighted((node, known), (one, -one), np.zeros(len(one)))


def fit_stand_in(
    node: Node,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    n_players: int,
    n_mixed: int,
    seed: int,
) -> StandIn | None:
    """Fit trees to a node's outputs of random mixtures of rows and background.

    Parameters
    ----------
    node : Node
        K outputs.
    rows, background : DataFrame
        Rows to explain, and references.
    n_players : int
        Among whom the outputs are shared out.
    n_mixed : int
        Mixtures that the node may predict.
    seed : int
        Of the mixtures.

    Returns
    -------
    StandIn or None
        None where there are too many outputs, too few mixtures, or it explains too little.
    """
    most = min(MIXED_ROWS, MIXED_CELLS // max(1, rows.shape[1]))
    n_mixed, k = min(n_mixed, most), n_outputs(node)
    if k > MOST_OUTPUTS or n_mixed < FEWEST_ROWS or not rows.shape[1]:
        return None
    mixed = _mixtures(rows, background, n_mixed, np.random.default_rng([seed, 0x57A]))
    wanted = evaluate(node, mixed)
    encoding = _encoding(mixed, wanted)
    matrix = encoding.transform(mixed)
    n_kept = int(HELD_OUT * n_mixed)
    deep = n_players <= FEW_PLAYERS
    n_trees = max(50, min(200 if deep else 500, MOST_TREES // k))
    fitted = [_fitted(matrix[n_kept:], one, deep, n_trees) for one in wanted[n_kept:].T]
    imitated = np.column_stack([one.predict(matrix[:n_kept]) for one in fitted])
    r_squared = _explained(wanted[:n_kept], imitated)
    if r_squared < WORTHWHILE:
        return None
    trees = tuple(Trees(read_forest(one), encoding, raw_output(one)) for one in fitted)
    weights = tuple(np.eye(k)[[output]] for output in range(k))
    return StandIn(Weighted(trees, weights, np.zeros(k)), r_squared, n_mixed)


def _explained(wanted: Floats, imitated: Floats) -> float:
    """Return the smallest share of the variance explained over outputs; constants count as 1."""
    spread, missed = wanted.var(axis=0), (wanted - imitated).var(axis=0)
    return float((1 - missed[spread > 0] / spread[spread > 0]).min(initial=1.0))


def _mixtures(
    rows: pd.DataFrame, background: pd.DataFrame, n: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Mix pairs of rows, with as many columns of the first as of the second on average.

    The share differs from pair to pair, as coalitions' sizes do in the values' formula.
    """
    pool = pd.concat([rows, background], ignore_index=True)
    first, second = rng.integers(len(pool), size=(2, n))
    share = rng.random(n)
    return pd.DataFrame(
        {
            name: pool[name].take(np.where(rng.random(n) < share, first, second)).array
            for name in pool.columns
        }
    )


def _encoding(mixed: pd.DataFrame, wanted: Floats) -> Encoding:
    """Give columns numbers: levels in order of the mean first output, so that one split does."""
    places = [_place(read_column(mixed, name), wanted[:, 0]) for name in mixed.columns]

    def transform(frame: pd.DataFrame) -> Floats:
        columns = [
            _numbers(frame, name, place) for name, place in zip(mixed.columns, places, strict=True)
        ]
        return np.column_stack(columns)

    return Encoding(transform, tuple((name,) for name in mixed.columns))


@dataclass(frozen=True, eq=False)
class _Place:
    """How one column becomes a number: its axis, and the number of each level."""

    column: RawColumn
    of_level: dict[Any, float]


def _place(column: RawColumn, wanted: Floats) -> _Place:
    if column.axis != "category":
        return _Place(column, {})
    codes = column.values
    known = ~np.isnan(codes)
    at = codes[known].astype(np.intp)
    counts = np.bincount(at, minlength=len(column.levels))
    means = np.bincount(at, wanted[known], len(column.levels)) / np.maximum(counts, 1)
    order = np.argsort(means, kind="stable")
    return _Place(column, {column.levels[level]: float(n) for n, level in enumerate(order)})


def _numbers(frame: pd.DataFrame, name: Any, place: _Place) -> Floats:
    read = read_column(frame, name, place.column.axis)
    if read.axis != "category":
        return read.values
    # Levels that were not met are as missing ones.
    lookup = np.array([place.of_level.get(level, np.nan) for level in read.levels] + [np.nan])
    return lookup[np.where(read.missing, len(read.levels), read.values).astype(np.intp)]


def _fitted(matrix: Floats, wanted: NDArray[np.float64], deep: bool, n_trees: int) -> Booster:
    from lightgbm import Dataset, train

    settings = {
        "objective": "regression",
        "num_leaves": 31 if deep else 4,
        "max_depth": -1 if deep else 2,
        "learning_rate": 0.1 if deep else 0.15,
        "deterministic": True,
        "force_row_wise": True,
        "feature_fraction": min(1.0, TRIED / matrix.shape[1]),
        "verbosity": -1,
        "seed": 0,
    }
    return train(settings, Dataset(matrix, wanted), n_trees)
