"""Profiles: which datasets, budgets and seeds a run covers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A part of the benchmark.

    Parameters
    ----------
    datasets : tuple of str
        Names; empty: all that the data folder has.
    budgets : tuple of float
        Time budgets in seconds.
    seeds : tuple of int
        Seeds that the systems get.
    """

    datasets: tuple[str, ...]
    budgets: tuple[float, ...]
    seeds: tuple[int, ...]


PROFILES = {
    "small": Profile(
        ("titanic", "german_credit", "car_evaluation", "ames_housing", "movies", "sms_spam"),
        (10.0,),
        (0,),
    ),
    "regular": Profile((), (60.0,), (0,)),
    "large": Profile((), (60.0, 300.0), (0, 1, 2)),
}
