"""Intervals of disparities, and how far they reach beyond a tolerance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.statistics import difference_limit, ratio_limit
from fairness.errors import ArgumentError
from fairness.inference.limits import Positions, Sample, distances
from fairness.inference.values import Floats, Kind

SAME = 1e-10
"""Relative difference below which two numbers are the same but for rounding."""


@dataclass(frozen=True)
class Tolerance:
    """What a disparity is held against.

    Beyond it is ``|a - b| > value`` for differences and ``min(a, b) / max(a, b) < value`` for
    ratios: with .8 every ratio from .8 to 1.25 is inside. Both are
    ``larger - slope * smaller > offset``.

    Parameters
    ----------
    kind : {"difference", "ratio"}
        What is compared.
    value : float
        At least 0 for differences; above 0 and at most 1 for ratios.
    """

    kind: Kind
    value: float

    def __post_init__(self) -> None:
        allowed = self.value >= 0 if self.kind == "difference" else 0 < self.value <= 1
        if not (allowed and np.isfinite(self.value)):
            raise ArgumentError(
                "a tolerance is at least 0 for differences, above 0 and at most 1 for ratios",
                got=f"got {self.value} for a {self.kind}",
                hint="0.1 for differences of rates, 0.8 for ratios",
            )

    @property
    def slope(self) -> float:
        """What the smaller value is multiplied by."""
        return 1.0 if self.kind == "difference" else 1 / self.value

    @property
    def offset(self) -> float:
        """What the larger value may exceed it by."""
        return self.value if self.kind == "difference" else 0.0


@dataclass(frozen=True)
class Gap:
    """Pairs of groups in one metric, the first of each held to be the larger.

    Parameters
    ----------
    sample : Sample
        Estimates of all groups.
    first, second : ndarray of int64, shape (n_pairs,)
        Positions.
    """

    sample: Sample
    first: Positions
    second: Positions

    def limit(self, kind: Kind, z: Floats | float) -> Floats:
        """Return the lower limit of first minus second, or of first over second."""
        s = self.sample
        below, _ = distances(s, self.first, z)
        _, above = distances(s, self.second, z)
        larger = s.value[self.first] - s.bin_error[self.first]
        smaller = s.value[self.second] + s.bin_error[self.second]
        if kind == "difference":
            return difference_limit(larger, below, smaller, above)
        return ratio_limit(np.maximum(larger, 0.0), below, smaller, above)

    def swapped(self) -> Gap:
        """Return the same pairs the other way round."""
        return Gap(self.sample, self.second, self.first)

    def larger_first(self) -> Gap:
        """Return the pairs turned so that the first has the larger value."""
        turned = self.sample.value[self.first] < self.sample.value[self.second]
        return Gap(
            self.sample,
            np.where(turned, self.second, self.first),
            np.where(turned, self.first, self.second),
        )

    def taken(self, chosen: Positions) -> Gap:
        """Return some of the pairs."""
        return Gap(self.sample, self.first[chosen], self.second[chosen])

    def surplus(self, tolerance: Tolerance, sign: float = 1.0) -> tuple[Floats, Floats]:
        """Return by how much the estimates lie beyond the tolerance, and the size of rounding.

        The error of binning is taken off with `sign` 1 and put on with -1.
        """
        s, slope = self.sample, tolerance.slope
        larger, smaller = s.value[self.first], s.value[self.second]
        doubt = s.bin_error[self.first] + slope * s.bin_error[self.second]
        noise = SAME * (np.abs(larger) + slope * np.abs(smaller) + tolerance.offset)
        return larger - slope * smaller - tolerance.offset - sign * doubt, noise

    def is_beyond(
        self,
        tolerance: Tolerance,
        z: Floats | float,
        growth: tuple[Floats | float, Floats | float] = (1.0, 1.0),
    ) -> NDArray[np.bool_]:
        """Return where the whole interval at `z` says: first is beyond the tolerance.

        `growth` are the factors by which the rows of first and second are thought to grow.
        """
        below, _ = distances(self.sample, self.first, z, growth[0])
        _, above = distances(self.sample, self.second, z, growth[1])
        surplus, noise = self.surplus(tolerance)
        return surplus - np.hypot(below, tolerance.slope * above) > noise

    def is_inside(
        self,
        tolerance: Tolerance,
        z: Floats | float,
        growth: tuple[Floats | float, Floats | float] = (1.0, 1.0),
    ) -> NDArray[np.bool_]:
        """Return where the whole interval at `z` says: first is not beyond the tolerance."""
        _, above = distances(self.sample, self.first, z, growth[0])
        below, _ = distances(self.sample, self.second, z, growth[1])
        surplus, noise = self.surplus(tolerance, sign=-1.0)
        return surplus + np.hypot(above, tolerance.slope * below) <= noise
