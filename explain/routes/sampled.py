"""Values of what has no closed form: all coalitions where few players are left, else a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from explain.errors import ArgumentError
from explain.games import (
    MOST_PLAYERS,
    LinkControl,
    MarginalGame,
    Outputs,
    Values,
    enumerate_values,
    least_coalitions,
    sample_values,
)
from explain.parts import SHARED, n_outputs, owners
from explain.players import Players
from explain.progress import steps
from explain.protocol import Encoding, Floats, Linked, Node, Opaque, Trees, Weighted
from explain.routes.exact import Encoded, dense, paired_values
from explain.routes.plan import (
    Curve,
    Outcome,
    Plan,
    Sum,
    Unknown,
    channel_outputs,
    coefficients,
    make_plan,
    run,
)

EVALUATIONS = 500_000
"""Rows that a model of 500 trees predicts at most, about, for all rows to explain together."""

TREES = 500
"""Trees whose predictions are the unit of cost."""

UNKNOWN = 2.0
"""Cost of a part that is known by its predictions of raw rows only."""

ENCODED = 300
"""Features that take as long to make as `TREES` trees to predict."""

MOST_COALITIONS = 512
"""Coalitions for one row at most where they are sampled."""

WIDEST = 5_000
"""Columns of all encodings together up to which hybrid rows are made of encoded rows."""

MOST_NODES = 300_000
"""Nodes of trees up to which they are a control variate."""

PAIRED_CELLS = 20_000_000
"""Numbers in the control's values that are computed at once."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Values of n rows, p players and K outputs.

    Parameters
    ----------
    values, errors, background_errors : ndarray of float64, shape (n, p, K)
        With the standard errors of sampling, and of having these m references.
    base : ndarray of float64, shape (K,)
        Mean output of the references.
    exact : ndarray of bool, shape (n,)
        Whether all coalitions were evaluated.
    evaluations : int
        Rows that the model predicted.
    """

    values: Floats
    errors: Floats
    background_errors: Floats
    base: Floats
    exact: NDArray[np.bool_]
    evaluations: int


def sampled_values(
    node: Node,
    rows: Encoded,
    references: Encoded,
    players: Players,
    *,
    positions: NDArray[np.int64],
    seed: int,
    evaluations: int = EVALUATIONS,
) -> Sampled:
    """Enumerate or sample the coalitions of each row.

    Parameters
    ----------
    node : Node
        What is explained.
    rows, references : Encoded
        n rows and m references.
    players : Players
        p of them.
    positions : ndarray of int64, shape (n,)
        Positions of the rows in what the caller gave: a row's draws depend on its own alone.
    seed : int
        Of the draws.
    evaluations : int, default 500,000
        Predictions of a model of 500 trees that all rows together may cost, about.

    Raises
    ------
    ArgumentError
        There are too many players to sample.
    """
    plan, channels = make_plan(node, players)
    at_rows, at_references = (run(plan, one.matrix, len(one.frame)) for one in (rows, references))
    game = _game(plan, rows, references, players)
    shape = (len(rows.frame), len(players.names), n_outputs(node))
    values, errors, background = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    exact = np.zeros(shape[0], dtype=bool)
    made = 0
    each = shape[0] * len(references.frame) * max(0.1, cost(node))
    count = _Count(max(1, int(evaluations / each)), len(references.frame))
    ends = (at_rows, at_references)
    enumerated = all(count.enumerates(count.effective(game, row)) for row in range(shape[0]))
    if enumerated or sum(n_nodes(one) for one in channels) > MOST_NODES:
        channels = ()  # all coalitions need none; a vast forest's costs too much
    blocks = _controls(plan, channels, rows, references, players, ends)
    each_row = (
        (place, control)
        for start, controls in blocks
        for place, control in enumerate(controls, start)
    )
    for place, control in steps(each_row, "rows explained", shape[0]):
        own = int(np.random.SeedSequence([seed, int(positions[place])]).generate_state(1)[0])
        found = count.values(game, place, own, control)
        values[place], errors[place] = found.values, found.errors
        background[place] = found.background_errors
        exact[place] = found.label == "exact"
        made += found.n_evaluations
    base = at_references.outputs.mean(axis=0)
    return Sampled(values, errors, background, base, exact, made)


def n_nodes(node: Node) -> int:
    """Count the nodes of all trees."""
    if isinstance(node, Trees):
        return len(node.forest.left)
    return sum(n_nodes(part) for part in getattr(node, "nodes", ()))


def cost(node: Node) -> float:
    """Estimate what a prediction costs, without a clock: equal calls get equal samples."""
    if isinstance(node, Linked):
        return cost(node.inner)
    if isinstance(node, Weighted):
        return sum(cost(part) for part in node.nodes)
    if isinstance(node, Trees):
        shared = any(len(sources) > 1 for sources in node.encoding.sources)
        wide = node.encoding.n_features // ENCODED
        return node.forest.n_trees / TREES + (UNKNOWN if shared else 0.0) + wide
    if isinstance(node, Opaque) and node.encoding is None:
        return UNKNOWN
    return 0.2


@dataclass(frozen=True)
class _Count:
    """How many coalitions a row gets: what is affordable, of the predictions that rows share."""

    affordable: int
    n_references: int

    @staticmethod
    def effective(game: MarginalGame, row: int) -> int:
        """Return the number of players that can change anything."""
        return int(game.effective(row).sum())

    def enumerates(self, effective: int) -> bool:
        """Tell whether all coalitions of so many players are evaluated."""
        return effective <= MOST_PLAYERS and 2**effective <= self.affordable

    def values(
        self, game: MarginalGame, row: int, seed: int, control: LinkControl | None
    ) -> Values:
        """Return the values of one row."""
        effective = self.effective(game, row)
        if self.enumerates(effective):
            return enumerate_values(game, row)
        least = least_coalitions(effective)
        n_coalitions = max(least, min(MOST_COALITIONS, self.affordable))
        if least > 4 * MOST_COALITIONS and least > self.affordable:
            raise ArgumentError(
                f"{effective:,} columns that differ from the background are too many to sample",
                got=f"at least {least:,} coalitions of {self.n_references:,} rows for each row",
                hint="groups= of columns that belong together, or fewer rows",
            )
        return sample_values(
            game, row, n_coalitions=n_coalitions, seed=seed, control=control, method="leverage"
        )


def _controls(
    plan: Plan,
    channels: tuple[Node, ...],
    rows: Encoded,
    references: Encoded,
    players: Players,
    ends: tuple[Outcome, Outcome],
) -> Iterator[tuple[int, list[LinkControl | None]]]:
    """Yield the control variates of blocks of rows, and where each block begins."""
    n, m, p = len(rows.frame), len(references.frame), len(players.names)
    width = sum(n_outputs(one) for one in channels)
    step = n if not width else max(1, PAIRED_CELLS // max(1, m * p * width))
    for start in range(0, n, step):
        block = np.arange(start, min(n, start + step))
        if not width:
            yield start, [None] * len(block)
            continue
        x = rows.take(np.repeat(block, m))
        r = references.take(np.tile(np.arange(m), len(block)))
        each = np.concatenate([paired_values(one, x, r, players) for one in channels], axis=2)
        each = each.reshape(len(block), m, p, width)
        yield (
            start,
            [
                _control(coefficients(plan, ends[0], int(row), ends[1], width), own)
                for row, own in zip(block, each, strict=True)
            ],
        )


def _control(mixture: Floats, each: Floats) -> LinkControl:
    """Carry the channels' values (m, p, M) up to the outputs."""
    return LinkControl(mixture, np.einsum("rpm,rmk->rpk", each, mixture))


def _game(plan: Plan, rows: Encoded, references: Encoded, players: Players) -> MarginalGame:
    """Make the game: on encoded rows where each feature has one player, else on raw rows."""
    encodings = _encodings(plan)
    # A constant has no encodings at all.
    if encodings and _can_be_encoded(encodings, rows, players):
        return _encoded_game(plan, encodings, rows, references, players)
    columns = {name: place for place, name in enumerate(rows.frame.columns)}
    seats = tuple(tuple(columns[name] for name in mine) for mine in players.columns)

    def predict(frame: Any) -> Outputs | Floats:
        hybrids = Encoded(frame)
        return _given(plan, run(plan, hybrids.matrix, len(frame)))

    return MarginalGame(predict, rows.frame, references.frame, seats)


def _given(plan: Plan, found: Outcome) -> Outputs | Floats:
    """Return the outputs, with the channels where there are some."""
    channels = channel_outputs(plan, found)
    return Outputs(found.outputs, channels) if channels.shape[1] else found.outputs


def _encodings(plan: Plan) -> dict[int, Encoding | None]:
    """Return the encodings of all parts by their identity; None for parts that read raw rows."""
    if isinstance(plan, Unknown):
        return {id(plan.node.encoding): plan.node.encoding}
    if isinstance(plan, Curve):
        return _encodings(plan.inner)
    if isinstance(plan, Sum):
        return {key: one for part in plan.parts for key, one in _encodings(part).items()}
    return _encodings_of(plan.node)


def _encodings_of(node: Any) -> dict[int, Encoding | None]:
    if hasattr(node, "nodes"):
        return {key: one for part in node.nodes for key, one in _encodings_of(part).items()}
    return {id(node.encoding): node.encoding}


def _can_be_encoded(
    encodings: dict[int, Encoding | None], rows: Encoded, players: Players
) -> bool:
    """Tell whether hybrids of encoded rows are encoded hybrids."""
    known = [one for one in encodings.values() if one is not None]
    if len(known) < len(encodings) or sum(one.n_features for one in known) > WIDEST:
        return False
    if any((owners(one, players) == SHARED).any() for one in known):
        return False
    kinds = (getattr(rows.matrix(one), "dtype", np.dtype(object)).kind for one in known)
    return all(kind in "biuf" for kind in kinds)


def _encoded_game(
    plan: Plan,
    encodings: dict[int, Encoding | None],
    rows: Encoded,
    references: Encoded,
    players: Players,
) -> MarginalGame:
    parts: dict[int, slice] = {}
    kinds: dict[int, tuple[Any, bool]] = {}
    owner: list[NDArray[np.intp]] = []
    blocks: list[tuple[Floats, Floats]] = []
    start = 0
    for key, encoding in encodings.items():
        assert encoding is not None
        x, r = rows.matrix(encoding), references.matrix(encoding)
        kinds[key] = (x.dtype, sparse.issparse(x))
        parts[key] = slice(start, start + x.shape[1])
        start += x.shape[1]
        owner.append(owners(encoding, players))
        blocks.append((dense(x), dense(r)))
    seat = np.concatenate(owner)
    seats = tuple(
        tuple(int(one) for one in np.flatnonzero(seat == place))
        for place in range(len(players.names))
    )

    def predict(hybrids: Floats) -> Outputs | Floats:
        def matrix(encoding: Encoding | None) -> Any:
            dtype, is_sparse = kinds[id(encoding)]
            own = np.ascontiguousarray(hybrids[:, parts[id(encoding)]], dtype=dtype)
            return sparse.csr_matrix(own) if is_sparse else own

        return _given(plan, run(plan, matrix, len(hybrids)))

    x, r = (np.concatenate([block[side] for block in blocks], axis=1) for side in (0, 1))
    return MarginalGame(predict, x, r, seats)
