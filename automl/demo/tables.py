"""Demonstration tables by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from automl.demo.simulation import loans
from automl.errors import ArgumentError

TARGETS = {
    "breast_cancer": "diagnosis",
    "diabetes": "progression",
    "digits": "digit",
    "iris": "species",
    "wine": "cultivar",
}
"""scikit-learn's own datasets, with a name for what is predicted."""

NAMES = ("loans", *TARGETS)
"""All demonstration tables."""


@dataclass(frozen=True)
class DemoTable:
    """A table to try.

    Parameters
    ----------
    name : str
        Its name.
    frame : DataFrame
        Rows with the target.
    target : str
        The column that is predicted.
    sensitive : tuple of str
        Columns to audit by.

    Examples
    --------
    >>> demo_table("wine").target
    'cultivar'
    """

    name: str
    frame: pd.DataFrame
    target: str
    sensitive: tuple[str, ...] = ()


def demo_table(name: str = "loans", seed: int = 0) -> DemoTable:
    """Return a demonstration table; nothing is read from outside the installed packages.

    Parameters
    ----------
    name : {"loans", "breast_cancer", "diabetes", "digits", "iris", "wine"}, default "loans"
        Which table.
    seed : int, default 0
        Seed of the simulated loans; the others are fixed.

    Returns
    -------
    DemoTable
        The table.

    Raises
    ------
    ArgumentError
        There is no such table.

    Examples
    --------
    >>> table = demo_table("iris")
    >>> table.target, table.frame.shape
    ('species', (150, 5))
    """
    if name == "loans":
        return DemoTable(name, loans(seed=seed), "approved", ("sex", "age_group"))
    if name not in TARGETS:
        raise ArgumentError(
            f"there is no demonstration table {name!r}", got=f"there are {', '.join(NAMES)}"
        )
    return DemoTable(name, _from_sklearn(name), TARGETS[name])


def _from_sklearn(name: str) -> pd.DataFrame:
    """Return one of scikit-learn's datasets as a frame, with class names where it has any."""
    from sklearn import datasets

    options = {"scaled": False} if name == "diabetes" else {}
    bunch: Any = getattr(datasets, f"load_{name}")(as_frame=True, **options)
    target: pd.Series[Any] = bunch.target
    if name in ("breast_cancer", "iris", "wine"):
        target = target.map(dict(enumerate(bunch.target_names)))
    return pd.DataFrame(bunch.data).assign(**{TARGETS[name]: target})
