"""What to try next: first presets, then presets and what TPE suggests in turn, then TPE alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from automl.models.base import Facts
from automl.tuning.candidates import Candidate
from automl.tuning.judge import Judge
from automl.tuning.portfolio import Portfolio
from automl.tuning.study import Study

SAMPLED = frozenset(
    {"lightgbm", "xgboost", "hist_gradient_boosting", "catboost", "ebm", "linear", "mlp"}
)
"""Families whose time grows with rows times rounds: they draw rows where the plan says so."""

_OPENERS = 8
"""So many presets come first; from then on every other candidate is TPE's."""

_RARE = 0.1
_ROW_SHARES = (1, 2, 4, 8)


class Proposals:
    """Proposes candidates in an order that suits what has been found.

    Parameters
    ----------
    study : Study
        Keeps trials.
    portfolio : Portfolio
        Families that take part.
    facts : Facts
        The problem.
    seed : int
        Seed of the draw of a family.
    """

    def __init__(self, study: Study, portfolio: Portfolio, facts: Facts, seed: int):
        self._study = study
        self._portfolio = portfolio
        self._facts = facts
        self._seed = seed

    def first(self) -> Candidate | None:
        """Start the best preset that was not tried yet; None where none is left."""
        left = self._study.presets_left
        return self._study.propose_preset(left[0]) if left else None

    def next(
        self, judge: Judge, n_started: int, fits_in: Callable[[str], bool]
    ) -> Iterator[Candidate]:
        """Yield candidates to try, each started as a trial.

        Parameters
        ----------
        judge : Judge
            What has been found so far.
        n_started : int
            Candidates started so far: the draw of a family depends on nothing else random.
        fits_in : callable
            Says whether a family's candidate can still finish in time.
        """
        names = [name for name in self._portfolio.families if name != "baseline"]
        families = [name for name in names if fits_in(name)]
        while families:
            preset = next(
                (n for n in self._study.presets_left if self._study.preset_family(n) in families),
                None,
            )
            if preset is not None and (n_started < _OPENERS or n_started % 2 == 0):
                yield self._study.propose_preset(preset)
            else:
                yield self._study.propose(self._draw_family(families, judge, n_started))
            n_started += 1

    def tell(self, candidate: Candidate, gain: float | None) -> None:
        """Close a candidate's trial."""
        usable = gain is not None and math.isfinite(gain)
        self._study.tell(candidate, gain if usable else None)

    def too_large(self, candidate: Candidate, memory: int) -> str:
        """Draw fewer rows where a fit would not fit in memory; say so where that cannot help."""
        family = self._portfolio.families[candidate.family]
        n_rows = min(self._facts.n_rows, candidate.max_rows or self._facts.n_rows)
        n_features = self._facts.layout.n_columns
        for share in _ROW_SHARES:
            facts = replace(self._facts, n_rows=n_rows // share)
            needed = family.memory(candidate.params, facts, n_features)
            if needed <= memory:
                if share > 1:
                    candidate.max_rows = n_rows // share
                return ""
        return f"needs about {needed >> 20:,} MiB, a fit may use {memory >> 20:,} MiB"

    def _draw_family(self, families: list[str], judge: Judge, n_started: int) -> str:
        """Draw a family: those that lead and those in the ensemble come up more often."""
        ranked = sorted(judge.complete, key=lambda one: -_finite(judge.gain(one)))
        order = list(dict.fromkeys(candidate.family for candidate in ranked))
        members = {candidate.family for candidate in judge.members_so_far()}
        appeal = [
            (1 / (1 + order.index(family)) if family in order else _RARE) + (family in members)
            for family in families
        ]
        rng = np.random.default_rng([self._seed, n_started])
        return str(rng.choice(families, p=np.array(appeal) / sum(appeal)))


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -math.inf
