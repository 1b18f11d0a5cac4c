"""A search's leaderboard, read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from candor.frames import frame_kind, to_pandas
from explain.errors import ArgumentError, ArgumentTypeError
from explain.showing.words import listed

NEEDED = ("name", "family", "score")
NUMBERS = ("score", "low", "high")


def read_board(leaderboard: Any) -> pd.DataFrame:
    """Return all rows with name, family, status, score, low and high, in the order given.

    Raises
    ------
    ArgumentError
        Columns are missing, doubled or hold no numbers, there are no rows, or a name is there
        twice.
    ArgumentTypeError
        It is no table.
    """
    if not frame_kind(leaderboard):
        raise ArgumentTypeError(
            "the leaderboard is no table",
            got=type(leaderboard).__name__,
            hint="result.leaderboard of a search",
        )
    board = to_pandas(leaderboard).reset_index(drop=True)
    missing = [name for name in NEEDED if name not in board.columns]
    if missing:
        raise ArgumentError(
            "the leaderboard lacks columns",
            got=f"no {listed(missing)} among {listed([str(one) for one in board.columns])}",
            hint="result.leaderboard of a search",
        )
    if not len(board):
        raise ArgumentError("the leaderboard has no rows", got="0 rows")
    if board["name"].duplicated().any():
        double = board["name"][board["name"].duplicated()].iloc[0]
        raise ArgumentError("two rows of the leaderboard have one name", got=repr(double))
    read = pd.DataFrame({name: board[name].astype(str) for name in ("name", "family")})
    read["status"] = board["status"].astype(str) if "status" in board.columns else "complete"
    for name in NUMBERS:
        read[name] = _numbers(board, name)
    return read


def _numbers(board: pd.DataFrame, name: str) -> Any:
    if name not in board.columns:
        return np.full(len(board), np.nan)
    try:
        return pd.to_numeric(board[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"the leaderboard's {name} holds no numbers", got=str(error)
        ) from error


def finished(board: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a score.

    Raises
    ------
    ArgumentError
        There are none.
    """
    done: pd.DataFrame = board[(board["status"] == "complete") & np.isfinite(board["score"])]
    if done.empty:
        states = board["status"].value_counts()
        raise ArgumentError(
            "no model of the leaderboard has a score",
            got=", ".join(f"{count} {state}" for state, count in states.items()),
        )
    return done.reset_index(drop=True)


def direction(done: pd.DataFrame, given: bool | None) -> bool:
    """Return whether a higher score is better: as given, or as the rows are sorted.

    Raises
    ------
    ArgumentError
        The rows are not sorted by score, or all scores are equal.
    ArgumentTypeError
        What is given is not True, False or None.
    """
    if isinstance(given, bool | np.bool_):
        return bool(given)
    if given is not None:
        raise ArgumentTypeError("greater_is_better must be True, False or None", got=repr(given))
    steps = np.diff(done["score"])
    if len(steps) and (steps <= 0).all() and (steps < 0).any():
        return True
    if len(steps) and (steps >= 0).all() and (steps > 0).any():
        return False
    if not (steps != 0).any():
        return True  # no score differs, so the direction does not matter
    raise ArgumentError(
        "the leaderboard is not sorted by score, so it does not tell which is better",
        got=f"scores {', '.join(f'{one:.4g}' for one in done['score'][:4])}, …",
        hint="greater_is_better=True or False",
    )


def family_names(interpretable: Any) -> tuple[str, ...]:
    """Return the names of families that count as interpretable.

    Raises
    ------
    ArgumentError
        There are none.
    ArgumentTypeError
        They are no names.
    """
    given = [interpretable] if isinstance(interpretable, str) else interpretable
    if not isinstance(given, Iterable):
        raise ArgumentTypeError(
            "interpretable must name families", got=repr(interpretable), hint='("linear", "ebm")'
        )
    names = list(given)
    if not all(isinstance(one, str) for one in names):
        raise ArgumentTypeError(
            "interpretable must name families", got=repr(names), hint='("linear", "ebm")'
        )
    if not names:
        raise ArgumentError("no family is named as interpretable", hint='("linear", "ebm")')
    return tuple(dict.fromkeys(names))
