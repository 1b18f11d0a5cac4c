"""Datetimes as numbers: calendar parts, elapsed days, differences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from automl.features.base import SOURCE_SEPARATOR

DAY = 86_400.0
PARTS = ("year", "month", "day", "weekday", "day of year", "hour", "elapsed days")
CYCLES = (("month", 12.0), ("weekday", 7.0), ("day of year", 365.25), ("hour", 24.0))
MAX_DIFFERENCES = 15


@dataclass(frozen=True, eq=False)
class Dates:
    """Number features of datetime columns.

    Parameters
    ----------
    origin : ndarray of float64, shape (n_times,)
        Earliest second in training, where elapsed days start.
    cyclic : bool
        Whether sine and cosine of the repeating parts are added.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Pairs of columns whose difference in days is added.
    """

    origin: NDArray[np.float64]
    cyclic: bool
    pairs: NDArray[np.int64]

    def values(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the features of rows, all columns' first part first, NaN where missing."""
        parts = _parts(times, self.origin)
        blocks = [parts[name] for name in PARTS]
        if self.cyclic:
            for name, period in CYCLES:
                angle = parts[name] * (2 * np.pi / period)
                blocks += [np.sin(angle), np.cos(angle)]
        blocks.append((times[:, self.pairs[:, 1]] - times[:, self.pairs[:, 0]]) / DAY)
        return np.concatenate(blocks, axis=1)

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the features."""
        parts = list(PARTS)
        if self.cyclic:
            parts += [f"{name} {f}" for name, _ in CYCLES for f in ("sin", "cos")]
        single = [f"{column} {part}" for part in parts for column in columns]
        return (*single, *(f"{columns[b]} - {columns[a]} days" for a, b in self.pairs))

    def sources(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the raw columns behind the features."""
        n_parts = len(PARTS) + (2 * len(CYCLES) if self.cyclic else 0)
        joined = (f"{columns[a]}{SOURCE_SEPARATOR}{columns[b]}" for a, b in self.pairs)
        return (*(columns * n_parts), *joined)


def fit_dates(times: NDArray[np.float64], *, cyclic: bool) -> Dates:
    """Learn where time starts."""
    origin = np.nan_to_num(np.fmin.reduce(times, axis=0))
    pairs = list(combinations(range(times.shape[1]), 2))[:MAX_DIFFERENCES]
    return Dates(origin, cyclic, np.array(pairs, dtype=np.int64).reshape(-1, 2))


def _parts(
    times: NDArray[np.float64], origin: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Split seconds since 1970 into calendar parts (UTC, proleptic Gregorian)."""
    missing = np.isnan(times)
    seconds = np.where(missing, 0.0, times)
    number = np.floor(seconds / DAY)
    days = number.astype(np.int64).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    month_number = months.astype(np.int64)
    whole = {
        "year": month_number // 12 + 1970,
        "month": month_number % 12 + 1,
        "day": (days - months).astype(np.int64) + 1,
        "weekday": (number.astype(np.int64) + 3) % 7,
        "day of year": (days - years).astype(np.int64) + 1,
        "hour": (seconds - number * DAY) / 3600,
        "elapsed days": (seconds - origin) / DAY,
    }
    return {name: np.where(missing, np.nan, part) for name, part in whole.items()}
