"""The public call: what the best interpretable model costs in accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from candor.statistics import difference_limit, scaled_interval, standard_error
from explain.errors import ArgumentError, ArgumentTypeError
from explain.glassbox.board import direction, family_names, finished, read_board
from explain.glassbox.result import Price
from explain.protocol import Floats
from explain.settings import check_share
from explain.showing.words import listed


def price_of_interpretability(
    leaderboard: Any,
    *,
    interpretable: str | Iterable[str] = ("linear", "ebm"),
    metric: str = "score",
    greater_is_better: bool | None = None,
    paired: Mapping[str, Any] | None = None,
    confidence: float = 0.95,
) -> Price:
    r"""Compare the best interpretable model of a search with the best of the others.

    Parameters
    ----------
    leaderboard : table
        Columns name, family, score; status, low and high where known: ``result.leaderboard`` of
        a search.
    interpretable : str or iterable of str, default ("linear", "ebm")
        Families whose models can be read as they are.
    metric : str, default "score"
        What the score is called in sentences.
    greater_is_better : bool, optional
        Default: as the leaderboard is sorted, the best first.
    paired : mapping of str to array-like, optional
        Losses of the same rows, lower is better, by name of model. With the two that are
        compared among them, price and interval are those of the mean loss, and no longer
        conservative.
    confidence : float, default 0.95
        Of a paired interval. Without pairs the interval has the leaderboard's.

    Returns
    -------
    Price
        Positive where interpretability costs accuracy. NaN where no interpretable model, or no
        other, was finished; its lines say so.

    Raises
    ------
    ArgumentError
        Columns are missing, no model has a score, the direction cannot be told, or the paired
        losses do not fit.
    ArgumentTypeError
        An argument has a type that is not allowed.

    Notes
    -----
    With scores s1 (the better) and s2 and their own limits the interval is that of Zou and Donner:

    .. math:: d \pm \sqrt{(s_1 - l_1)^2 + (u_2 - s_2)^2}

    with the other two limits for the other end. It takes the two scores as independent; they are
    of the same rows and mostly rise and fall together, so it is wider than it need be. Both
    models are the best of several, chosen by these very scores; where many more of the others
    were tried, the price is somewhat overstated.

    References
    ----------
    Zou and Donner, "Construction of confidence limits about effect measures: a general approach",
    Statistics in Medicine 27, 2008.

    Examples
    --------
    >>> import pandas as pd
    >>> from explain import price_of_interpretability
    >>> board = pd.DataFrame(
    ...     [
    ...         ("blend", "ensemble", 0.931, 0.929, 0.933),
    ...         ("linear-1", "linear", 0.9, 0.897, 0.903),
    ...     ],
    ...     columns=["name", "family", "score", "low", "high"],
    ... )
    >>> price = price_of_interpretability(board, metric="ROC AUC")
    >>> round(price.value, 3), round(price.low, 3), round(price.high, 3)
    (0.031, 0.027, 0.035)
    """
    board = read_board(leaderboard)
    families = family_names(interpretable)
    check_share(confidence)
    if not isinstance(metric, str):
        raise ArgumentTypeError("metric must be a name", got=repr(metric))
    done = finished(board)
    higher = direction(done, greater_is_better)
    table = _by_family(done, families, higher)
    glass, other = table[table["interpretable"]], table[~table["interpretable"]]
    names = _first_name(glass), _first_name(other)
    price = glass[["price", "price_low", "price_high"]].head(1).to_numpy(dtype=np.float64).ravel()
    losses = _paired(paired, *names)
    if losses is not None:
        price = _mean_with_limits(losses[0] - losses[1], confidence)
    value, low, high = price.tolist() if len(price) else (np.nan, np.nan, np.nan)
    return Price(
        table,
        value,
        low,
        high,
        *names,
        families,
        _tried(board, families),
        metric,
        higher,
        0 if losses is None else len(losses[0]),
    )


def _by_family(done: pd.DataFrame, families: tuple[str, ...], higher: bool) -> pd.DataFrame:
    """Return the best model of each family, the best first, with its price."""
    ranked = done.sort_values("score", ascending=not higher, kind="stable")
    best = ranked.drop_duplicates("family").drop(columns="status").reset_index(drop=True)
    best["interpretable"] = best["family"].isin(families)
    others = best[~best["interpretable"]]
    reference = others.iloc[0] if len(others) else None
    prices = [
        (np.nan, np.nan, np.nan) if reference is None else _price(row, reference, higher)
        for _, row in best.iterrows()
    ]
    best[["price", "price_low", "price_high"]] = np.array(prices, dtype=np.float64)
    return best


def _price(row: Any, reference: Any, higher: bool) -> tuple[float, float, float]:
    """Return how much better the reference is than a row, with limits from those of both."""
    if row["name"] == reference["name"]:
        return 0.0, 0.0, 0.0
    a, b = (reference, row) if higher else (row, reference)
    low = difference_limit(a["score"], a["score"] - a["low"], b["score"], b["high"] - b["score"])
    high = -difference_limit(b["score"], b["score"] - b["low"], a["score"], a["high"] - a["score"])
    return float(a["score"] - b["score"]), float(low), float(high)


def _first_name(rows: pd.DataFrame) -> str:
    return str(rows["name"].iloc[0]) if len(rows) else ""


def _tried(board: pd.DataFrame, families: tuple[str, ...]) -> tuple[str, ...]:
    """Return what became of the interpretable models."""
    tried = board[board["family"].isin(families)]
    return tuple(
        f"{name} {state}" for name, state in tried[["name", "status"]].to_numpy().tolist()
    )


def _paired(paired: Any, glass: str, other: str) -> tuple[Floats, Floats] | None:
    """Return the losses of the two models that are compared."""
    if paired is None:
        return None
    if not isinstance(paired, Mapping):
        raise ArgumentTypeError(
            "paired must give each model's losses by its name",
            got=type(paired).__name__,
            hint="{name: losses, …}",
        )
    if not (glass and other):
        return None
    missing = [name for name in (glass, other) if name not in paired]
    if missing:
        raise ArgumentError(
            "the paired losses lack a model that is compared",
            got=f"no {listed(missing)} among {listed([str(one) for one in paired])}",
            hint=f"losses of {glass!r} and {other!r}, on the same rows",
        )
    first, second = (_losses(paired[name], name) for name in (glass, other))
    if len(first) != len(second):
        raise ArgumentError(
            "the paired losses have different lengths",
            got=f"{len(first):,} and {len(second):,} rows",
            hint="both models on the same rows",
        )
    return first, second


def _losses(given: Any, name: str) -> Floats:
    try:
        losses = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"the paired losses of {name!r} are no numbers", got=str(error)
        ) from error
    if losses.ndim != 1 or len(losses) < 2 or not np.isfinite(losses).all():
        raise ArgumentError(
            f"the paired losses of {name!r} must be one finite number a row, for 2 rows or more",
            got=f"shape {losses.shape}, {int((~np.isfinite(losses)).sum())} not finite",
        )
    return losses


def _mean_with_limits(difference: Floats, confidence: float) -> Floats:
    """Return the mean and its t interval."""
    mean = float(difference.mean())
    ends = scaled_interval(mean, standard_error(difference - mean), confidence)
    return np.array([mean, *ends])
