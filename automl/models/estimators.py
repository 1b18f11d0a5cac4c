"""scikit-learn estimators on disk, in the skops format: no pickle, and only known types load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from automl.errors import ArgumentError

_FILE = "estimator.skops"

ALLOWED: tuple[str, ...] = (
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
"""Types that load besides those that skops itself knows to be safe; never read from a file."""


def write_estimator(folder: Path, estimator: Any) -> None:
    """Write a fitted estimator."""
    from skops.io import dump

    dump(estimator, folder / _FILE)


def read_estimator(folder: Path, trusted: tuple[str, ...] = ()) -> Any:
    """Read what `write_estimator` wrote.

    Raises
    ------
    ArgumentError
        The file holds types that are neither known nor named in `trusted`.
    """
    from skops.io import load
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return load(folder / _FILE, trusted=[*ALLOWED, *trusted])
    except UntrustedTypesFoundException as error:
        raise ArgumentError(
            "a saved model holds types that are not trusted",
            got=str(error),
            hint="name them in trusted=(...) if you know where the model comes from",
        ) from error
