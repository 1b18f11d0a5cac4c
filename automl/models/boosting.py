"""What boosters share: the learning rate a time limit allows, patience, and the watched loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from automl.models.base import Facts, FitLimits

MAX_ROUNDS = 4_000
LOWEST_RATE = 0.03
HIGHEST_RATE = 0.12

_LEARNING = 20.0
"""Rounds x learning rate that a fit of 31-leaf trees usually takes, its patience included."""

_CELLS_PER_THREAD = 100_000
"""Rows x features from which one more thread pays: below, one is twice as fast as two."""

_WORTHWHILE = 1e-4
"""Relative improvement that renews patience."""

_PATIENT_RATE = 0.02
"""Learning rate up to which the full patience is kept."""


def round_cost(leaves: float, feature_fraction: float = 1.0) -> float:
    """Return the cost of one round in units of one round of 31-leaf trees on all features.

    Half of it grows with the depth (each level reads all rows), half with the leaves (each
    leaf has its histogram searched); a quarter is fixed.
    """
    depth = math.log2(max(2.0, leaves)) / math.log2(31.0)
    return 0.25 + 0.75 * feature_fraction * (depth + leaves / 31.0) / 2.0


def appetite(leaves: float, extra_trees: bool = False) -> float:
    """Return how many times the usual rounds a fit takes to converge.

    Smaller trees and random thresholds learn less in a round. Measured on seven tables: extremely
    randomised trees take two to nine times the rounds of others, trees of five leaves as much.
    """
    return max(1.0, math.sqrt(31.0 / leaves)) * (3.0 if extra_trees else 1.0)


def paced_rate(rate: float, facts: Facts, cost: float) -> float:
    """Return the learning rate with which a fit can converge in the time that it has.

    Portfolios were learned with an hour for each fit; their trees transfer to a minute, their
    learning rates do not. Rounds needed are about inversely proportional to the rate.

    Parameters
    ----------
    rate : float
        Learning rate of the configuration.
    facts : Facts
        Gives `fit_seconds` and `round_seconds`.
    cost : float
        Cost of a fit in usual fits: `round_cost` times `appetite`.

    Returns
    -------
    float
        At least `rate` and `LOWEST_RATE`; raised up to `HIGHEST_RATE` where the time is short.
    """
    lowest = max(rate, LOWEST_RATE)
    if facts.round_seconds is None or not math.isfinite(facts.fit_seconds):
        return lowest
    if facts.fit_seconds <= 0:
        return max(lowest, HIGHEST_RATE)
    needed = _LEARNING * cost * facts.round_seconds / facts.fit_seconds
    return max(lowest, min(needed, HIGHEST_RATE))


def least_patience(n_rows: int, rate: float) -> float:
    """Return the fewest rounds without improvement that are waited for.

    300 up to 10,000 rows and less on more, down to 20 (AutoGluon's rule), and in proportion
    less where a high learning rate makes each round count for more.
    """
    by_rows = 300.0 if n_rows <= 10_000 else max(20.0, 300.0 * 10_000 / n_rows)
    return max(20.0, by_rows * min(1.0, _PATIENT_RATE / rate))


class Patience:
    """Best round so far, and when to stop waiting for a better one.

    Waiting is renewed only by a loss that is lower than the last such loss by a ten-thousandth:
    a strongly penalised booster can creep on for ever.

    Parameters
    ----------
    least : float
        Fewest rounds to wait.
    spare : float
        Rounds to wait on top of three tenths of the best round.
    """

    def __init__(self, least: float, spare: float = 20.0):
        self.least = least
        self.spare = spare
        self.best_loss = math.inf
        self.best_round = 0
        self._limit = least
        self._mark_loss = math.inf
        self._mark_round = 0

    def stops(self, done: int, loss: float) -> bool:
        """Note the loss after `done` rounds; return whether to stop."""
        if loss < self.best_loss:
            self.best_loss, self.best_round = loss, done
        if loss < self._mark_loss - _WORTHWHILE * abs(self._mark_loss) or self._mark_round == 0:
            self._mark_loss, self._mark_round = loss, done
            self._limit = max(self.least, 0.3 * done + self.spare)
        return done - self._mark_round >= self._limit


@dataclass(frozen=True)
class Boosted:
    """How many rounds are kept, why it ended, and how many were run."""

    rounds: int
    note: str = ""
    run: int = 0


def boost(
    step: Callable[[int], bool],
    loss: Callable[[], float] | None,
    limits: FitLimits,
    patience: Patience,
    max_rounds: int,
    every: int = 1,
) -> Boosted:
    """Run boosting rounds until patience, rounds or time run out; at least one is run.

    Parameters
    ----------
    step : callable
        Runs one round, given its number; returns whether nothing more can be learned.
    loss : callable or None
        Gives the validation loss of the rounds so far; None: there are no validation rows.
    limits : FitLimits
        Gives the deadline.
    patience : Patience
        Watches the loss.
    max_rounds : int
        Most rounds.
    every : int
        Rounds from one look at the loss to the next.
    """
    done, note = 0, ""
    while done < max_rounds:
        exhausted = step(done)
        done += 1
        late = time.monotonic() >= limits.deadline
        last = exhausted or late or done == max_rounds
        if loss is not None and (last or done % every == 0) and patience.stops(done, loss()):
            break
        if late and not (exhausted or done == max_rounds):
            note = f"stopped by the deadline after {done} rounds"
        if last:
            break
    best = patience.best_round if loss is not None and patience.best_round else done
    return Boosted(best, note, done)


def useful_threads(limits: FitLimits, n_rows: int, n_features: int) -> int:
    """Return the threads that a booster can use: on few cells they wait for each other."""
    return max(1, min(limits.n_threads, n_rows * n_features // _CELLS_PER_THREAD))


def most_rounds(limits: FitLimits, watched: bool, rate: float, cap: int = MAX_ROUNDS) -> int:
    """Return the most rounds of a fit: given, or a guess where nothing watches, or the cap."""
    if limits.rounds is not None:
        return max(1, limits.rounds)
    return cap if watched else min(cap, max(50, round(15.0 / rate)))


def look_every(n_outputs: int, n_valid: int) -> int:
    """Return how many rounds to run from one look at the validation loss to the next.

    With many classes and rows a look costs about as much as growing a small tree.
    """
    return 5 if n_outputs * n_valid > 100_000 else 1
