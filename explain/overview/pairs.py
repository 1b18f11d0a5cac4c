"""Interactions of pairs of columns: Friedman's H² and Shapley interactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.errors import ArgumentError
from explain.faces import Face
from explain.games import MarginalGame, enumerate_values, least_coalitions, sample_values
from explain.overview.asking import Asked, ask, check_names, strongest
from explain.parts import is_exact
from explain.players import Players
from explain.profiles import h_statistic
from explain.protocol import Floats, Node, Scale
from explain.routes.exact import Encoded, paired_values
from explain.showing.words import UNITS, number, plural, records, short

REFERENCES = 50
COALITIONS = 256


@dataclass(frozen=True, eq=False, repr=False)
class Interactions(Face):
    """How much pairs of columns act together beyond what each does alone.

    Parameters
    ----------
    table : DataFrame
        The strongest first. Of "h": a, b, value (H²), low, high, strength, share (of the
        predictions' variance, by which they are sorted), n_rows. Of
        "shapley": a, b, value (mean absolute interaction), low, high, mean (with its sign),
        label, n_rows.
    kind : {"h", "shapley"}
        Which measure.
    scale : {"margin", "probability", "response"}
        Units.
    model : str
        Whose interactions these are.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from explain import interactions
    >>> X = pd.DataFrame({"a": [-1.0, 1.0, -1.0, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]})
    >>> found = interactions(lambda rows: rows["a"] * rows["b"], X, columns=["a", "b"])
    >>> found.lines()
    ["Function · H²: share of a pair's joint effect that is interaction",
     "a × b: 1 [1, 1], 100 % of the predictions' variance, on 4 rows"]
    >>> found.to_frame()[["a", "b", "value"]].to_numpy().tolist()
    [['a', 'b', 1.0]]
    >>> found.to_json()[:35]
    '{"schema": "candor.interactions/1",'
    >>> chart = found.plot("bars")
    >>> found.page().title
    'What acts together in Function'
    >>> found.report(tempfile.mkdtemp() + "/interactions.html").name
    'interactions.html'
    """

    schema: ClassVar[str] = "candor.interactions/1"

    table: pd.DataFrame
    kind: Literal["h", "shapley"]
    scale: Scale
    model: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a pair.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return what the interactions say.

        Returns
        -------
        list of str
            A heading and a line a pair.
        """
        head = {
            "h": f"{self.model} · H²: share of a pair's joint effect that is interaction",
            "shapley": f"{self.model} · mean absolute Shapley interaction, in {UNITS[self.scale]}",
        }[self.kind]
        return [head, *(_pair_line(row, self.kind) for row in records(self.table.head(10)))]

    def page(self) -> Page:
        """Return the interactions as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table.
        """
        said = "; ".join(self.lines()[1:4])
        blocks = (
            as_block(self._bars(), self.lines()[0], said or "no pairs"),
            Table(self.table, "All pairs"),
        )
        section = Section("Interactions", said or "No pair was looked at.", blocks, METHOD)
        title = f"What acts together in {short(self.model)}"
        return Page(title, (Answer(self.lines()[0], "Interactions"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "kind": self.kind,
            "scale": self.scale,
            "pairs": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        frame = self.table.head(top)
        frame = frame.assign(
            label=[
                f"{short(row.a, 14)} × {short(row.b, 14)}"
                + (f" ({_percent(row.share)})" if self.kind == "h" else "")
                for row in records(frame)
            ]
        )
        unit = "H² (in brackets: share of the predictions' variance)"
        unit = unit if self.kind == "h" else f"mean absolute interaction ({UNITS[self.scale]})"
        return interval_bars(
            frame, label="label", value="value", low="low", high="high", unit=unit
        )


METHOD = (
    "H² of a pair: the variance of its joint partial dependence that the sum of the two single "
    "ones leaves over, over the variance of the joint one (Friedman and Popescu 2008).\n\n"
    "Shapley interaction of columns i and j in a row: the mean, over the coalitions of the other "
    "columns in the Shapley order, of v(S,i,j) - v(S,i) - v(S,j) + v(S) (Grabisch and Roubens "
    "1999). It is the contribution of i with j set to the row's value, less that with j left "
    "to the background."
)


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
    """Measure how much pairs of columns act together.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table
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
        One row a pair, the strongest first.

    Raises
    ------
    ArgumentError
        A column is unknown, a pair is none, there are fewer than two columns to pair, or a
        setting is out of range.
    ArgumentTypeError
        X is no table, the model is none, or the columns are no names.
    PredictionError
        The model fails.

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
    asked = ask(
        model,
        X,
        scale,
        seed=seed,
        confidence=confidence,
        parts=kind == "shapley",
        top=top,
        max_rows=most,
    )
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
    return Interactions(table, kind, asked.scale, asked.opened.name)


def _read_pairs(pairs: Sequence[Any], asked: Asked) -> list[tuple[str, str]]:
    """Return pairs as texts, each once."""
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
    for pair in pairs:
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


def _pair_line(row: Any, kind: str) -> str:
    if row.value == 0 or (kind == "h" and row.share < 1e-12):
        return f"{short(row.a)} × {short(row.b)}: no interaction on {plural(row.n_rows, 'row')}"
    strength = ""
    if kind == "h":
        strength = f", {_percent(row.share)} of the predictions' variance,"
    return (
        f"{short(row.a)} × {short(row.b)}: {number(row.value)} "
        f"[{number(row.low)}, {number(row.high)}]{strength} on {plural(row.n_rows, 'row')}"
    )


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.3g} %"
