"""Interactions of pairs of columns: Friedman's H² and Shapley interactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ArgumentTypeError
from explain.games import MarginalGame, enumerate_values, least_coalitions, sample_values
from explain.overview.asking import Asked, ask, check_names, strongest
from explain.overview.pairs import Interactions
from explain.parts import is_exact
from explain.players import Players
from explain.profiles import h_statistic
from explain.progress import steps
from explain.protocol import Floats, Node
from explain.routes.exact import Encoded, paired_values
from explain.settings import check_count
from explain.showing.words import plural

REFERENCES = 50
COALITIONS = 256
"""References of a Shapley interaction, and coalitions of a row, at most."""


def interactions(
    model: Any,
    X: Any,
    columns: Sequence[str] | None = None,
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    kind: Literal["h", "shapley"] = "h",
    top: int = 5,
    scale: Literal["auto", "margin", "probability", "response"] = "auto",
    max_rows: int | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interactions:
    r"""Measure how much pairs of columns act together.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table of shape (n_rows, n_columns)
        Raw rows; for "shapley" they are explained rows and background in one.
    columns : sequence of str, optional
        Columns of which all pairs are looked at. Default: the `top` whose exchange between rows
        moves predictions most.
    pairs : sequence of (str, str), optional
        The pairs themselves.
    kind : {"h", "shapley"}, default "h"
        Friedman's H², or Shapley interactions.
    top : int, default 5
        Columns where neither is given.
    scale : {"auto", "margin", "probability", "response"}, default "auto"
        Units.
    max_rows : int, optional
        Rows at most; default 200 for "h", 50 for "shapley".
    confidence : float, default 0.95
        Of the intervals.
    seed : int, default 0
        Of all draws.

    Returns
    -------
    Interactions
        One row a pair, the strongest first. Of "h" `value` is a share from 0 to 1, `strength` is
        in units of `scale`; of "shapley" `value` is.

    Raises
    ------
    ArgumentError
        A column is unknown, a pair is none, there are fewer than two columns to pair, or a
        setting is out of range.
    ArgumentTypeError
        X is no table, the model is none, or the columns are no names.
    PredictionError
        The model fails.

    Notes
    -----
    "h", with partial dependences PD that are centred at their means over the rows:

    .. math:: H^2_{jk} = \frac{\sum_i (PD_{jk}(x_i) - PD_j(x_i) - PD_k(x_i))^2}
        {\sum_i PD_{jk}(x_i)^2}

    with intervals by a jackknife over 20 blocks of rows. Where a pair has hardly any effect, a
    large H² means nothing: read it with `share`.

    "shapley", with :math:`v(S)` the mean prediction of at most 50 rows of X with the columns S set
    to the row's own values, and p columns:

    .. math:: \phi_{ij} = \sum_{S \not\ni i, j} \frac{|S|! (p-|S|-2)!}{(p-1)!}
        (v(S \cup ij) - v(S \cup i) - v(S \cup j) + v(S))

    It is exact for tree and linear models and for few columns, else sampled; `label` says which.

    References
    ----------
    Friedman and Popescu, "Predictive learning via rule ensembles", 2008. Grabisch and Roubens, "An
    axiomatic approach to the concept of interaction among players in cooperative games", 1999.
    Lundberg et al., "From local explanations to global understanding with explainable AI for
    trees", 2020.

    Examples
    --------
    >>> import pandas as pd
    >>> from explain import interactions
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 0.0, 1.0], "b": [0.0, 0.0, 1.0, 1.0]})
    >>> found = interactions(
    ...     lambda rows: rows["a"] * rows["b"], X, pairs=[("a", "b")], kind="shapley"
    ... )
    >>> found.to_frame().loc[0, ["a", "b", "value", "label"]].tolist()
    ['a', 'b', np.float64(0.25), 'exact']
    """
    if kind not in ("h", "shapley"):
        raise ArgumentError(f"there is no kind {kind!r}", hint='"h" or "shapley"')
    most = {"h": 200, "shapley": 50}[kind] if max_rows is None else max_rows
    check_count(most, "max_rows", least=2)
    asked = ask(
        model,
        X,
        scale,
        seed=seed,
        confidence=confidence,
        parts=kind == "shapley",
        top=top,
    )
    if len(asked.frame) < 2:
        raise ArgumentError("an interaction takes at least 2 rows", got="1 row")
    if pairs is not None:
        wanted = _read_pairs(pairs, asked)
    elif columns is None:
        wanted = list(combinations(strongest(asked, top, seed), 2))
    else:
        wanted = list(combinations(check_names(columns, asked.frame), 2))
    if not wanted:
        raise ArgumentError(
            "there is no pair to look at",
            got=f"{plural(asked.frame.shape[1], 'column')} in X",
            hint="at least two columns, or top=2",
        )
    if kind == "h":
        table = h_statistic(
            asked.predict,
            asked.frame,
            pairs=wanted,
            max_rows=most,
            confidence=confidence,
            seed=seed,
        )
    else:
        table = _shapley(asked, wanted, most, confidence, seed)
    unit = asked.opened.unit(asked.scale)
    return Interactions(table, kind, asked.scale, unit, asked.opened.name)


def _read_pairs(pairs: Sequence[Any], asked: Asked) -> list[tuple[str, str]]:
    """Return pairs as texts, each once."""
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise ArgumentTypeError(
            "pairs must list pairs of columns", got=repr(pairs), hint='[("age", "income")]'
        )
    found: dict[frozenset[str], tuple[str, str]] = {}
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or pair[0] == pair[1]:
            raise ArgumentError("a pair is two different columns", got=repr(pair))
        a, b = check_names(pair, asked.frame)
        found.setdefault(frozenset((a, b)), (a, b))
    return list(found.values())


def _shapley(
    asked: Asked, pairs: list[tuple[str, str]], max_rows: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Compute each pair's interaction in each row."""
    from scipy.stats import norm

    rng = np.random.default_rng([seed, 0x51])
    rows = asked.frame.iloc[np.sort(rng.permutation(len(asked.frame))[:max_rows])]
    references = asked.frame.iloc[np.sort(rng.permutation(len(asked.frame))[:REFERENCES])]
    rows, references = rows.reset_index(drop=True), references.reset_index(drop=True)
    players = Players.of(asked.opened.columns)
    node = asked.opened.nodes[asked.scale]
    exact = is_exact(node, players)
    # What rounding leaves of predictions as large as these is no interaction.
    rounding = 1e-12 * float(np.abs(asked.predict(rows)).max(initial=0.0))
    found = []
    for pair in steps(pairs, "pairs of columns", len(pairs)):
        if exact:
            each, label = _by_parts(node, rows, references, players, pair), "exact"
        else:
            each, label = _by_games(asked, rows, references, players, pair, seed)
        size = np.abs(each).mean(axis=1)
        error = size.std(ddof=1) / np.sqrt(len(size)) if len(size) > 1 else np.nan
        reach = norm.ppf((1 + confidence) / 2) * error
        mean = float(size.mean())
        if mean <= rounding:
            found.append((*pair, 0.0, 0.0, 0.0, 0.0, label))
            continue
        found.append(
            (*pair, mean, max(0.0, mean - reach), mean + reach, float(each.mean()), label)
        )
    table = pd.DataFrame(found, columns=["a", "b", "value", "low", "high", "mean", "label"])
    table["n_rows"] = len(rows)
    return table.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _by_parts(
    node: Node,
    rows: pd.DataFrame,
    references: pd.DataFrame,
    players: Players,
    pair: tuple[str, str],
) -> Floats:
    """Take the closed form: contributions of one column with the other in and out, (n, K)."""
    n, m = len(rows), len(references)
    x = rows.iloc[np.repeat(np.arange(n), m)].reset_index(drop=True)
    r = references.iloc[np.tile(np.arange(m), n)].reset_index(drop=True)
    own, other = pair
    with_other = r.assign(**{other: x[other].array})
    without = x.assign(**{other: r[other].array})
    place = players.of_column[own]
    inside = paired_values(node, Encoded(x), Encoded(with_other), players)[:, place]
    outside = paired_values(node, Encoded(without), Encoded(r), players)[:, place]
    return np.asarray((inside - outside).reshape(n, m, -1).mean(axis=1))


def _by_games(
    asked: Asked,
    rows: pd.DataFrame,
    references: pd.DataFrame,
    players: Players,
    pair: tuple[str, str],
    seed: int,
) -> tuple[Floats, str]:
    """Play the game of the other columns twice: with the second column in, and out."""
    place = players.of_column
    own, other = place[pair[0]], place[pair[1]]
    seats = tuple((place[name],) for name in rows.columns)
    game = MarginalGame(asked.predict, rows, references, seats)
    others = [player for player in range(len(seats)) if player != other]
    found, exact = [], True
    for row in range(len(rows)):
        if not game.effective(row)[[own, other]].all():
            found.append(np.zeros(asked.opened.n_outputs))
            continue
        values = []
        for present in (True, False):
            half = _Half(game, other, present, others)
            effective = int(half.effective(row).sum())
            if 2**effective <= COALITIONS:
                one = enumerate_values(half, row)
            else:
                number_ = max(COALITIONS, least_coalitions(effective))
                one = sample_values(half, row, n_coalitions=number_, seed=seed)
            exact &= one.label == "exact"
            values.append(one.values[others.index(own)])
        found.append(values[0] - values[1])
    return np.array(found), "exact" if exact else "estimated"


@dataclass(frozen=True, eq=False)
class _Half:
    """A game in which one player is always present, or always absent."""

    game: MarginalGame
    fixed: int
    present: bool
    others: list[int]

    @property
    def n_players(self) -> int:
        """Number of the other players."""
        return len(self.others)

    def effective(self, row: int) -> Any:
        """Say of each other player whether it can change anything."""
        return self.game.effective(row)[self.others]

    def evaluate(
        self, row: int, coalitions: Any, operator: Any = None, coefficients: Any = None
    ) -> Any:
        """Return the worth of coalitions of the others."""
        whole = np.zeros((len(coalitions), self.game.n_players), dtype=bool)
        whole[:, self.others] = coalitions
        whole[:, self.fixed] = self.present
        return self.game.evaluate(row, whole, operator, coefficients)
