"""The contract of a model family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.table.columns import Layout

if TYPE_CHECKING:
    import optuna

    from explain.protocol import Encoding as Encoding_
    from explain.protocol import Parts

Task = Literal["binary", "multiclass", "regression"]
Params = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """What a family may know of the problem before it fits.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    n_rows : int
        Rows that one fit sees.
    n_classes : int
        Number of classes; 1 for regression.
    layout : Layout
        The raw columns.
    weighted : bool
        Whether rows carry weights.
    fit_seconds : float
        Seconds that one fit may take, as far as the plan foresees; infinite without a time limit.
    round_seconds : float or None
        Measured seconds of one boosting round of 31-leaf trees on these rows; None: not measured.
    """

    task: Task
    n_rows: int
    n_classes: int
    layout: Layout
    weighted: bool = False
    fit_seconds: float = float("inf")
    round_seconds: float | None = None


@dataclass(frozen=True)
class Preset:
    """A configuration worth trying before any search.

    Parameters
    ----------
    params : mapping
        Values for every name in the family's space.
    priority : float
        Order over all families: lower is tried earlier.
    note : str
        Where the configuration comes from.
    """

    params: Mapping[str, Any]
    priority: float
    note: str = ""


@dataclass(frozen=True)
class Rows:
    """Encoded rows with their targets.

    Parameters
    ----------
    X : Encoded
        Features.
    y : ndarray, shape (n_rows,)
        Class numbers (int64, 0 to n_classes - 1) or values (float64).
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights.
    """

    X: Encoded
    y: NDArray[Any]
    weight: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class FitLimits:
    """Limits of one fit.

    Parameters
    ----------
    deadline : float
        `time.monotonic()` by which the fit has to end; infinite without a time limit.
    n_threads : int
        Threads that the fit may use.
    seed : int
        Seed of every random choice.
    rounds : int or None
        Fixed number of boosting rounds, trees or epochs for a refit without validation rows;
        None: found by early stopping.
    """

    deadline: float = float("inf")
    n_threads: int = 1
    seed: int = 0
    rounds: int | None = None


class FittedModel(ABC):
    """One fitted model.

    It must not change when it predicts, and may be used from several threads.
    """

    rounds: int | None = None
    """Boosting rounds, trees or epochs that the model keeps; None where there are none."""

    rounds_run: int | None = None
    """Rounds that the fit ran until it stopped, patience included; None where there are none."""

    changed: Mapping[str, Any] = MappingProxyType({})
    """Parameters that the fit set otherwise than given, such as a raised learning rate.

    A refit takes them on top of the given ones.
    """

    note: str = ""
    """What the reader should know, such as "stopped by the deadline after 80 rounds"."""

    @abstractmethod
    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict.

        Returns
        -------
        ndarray of float64
            binary: P(class 1), shape (n_rows,); multiclass: probabilities, shape (n_rows,
            n_classes), rows sum to 1, classes not seen in the fit get a small share; regression:
            values, shape (n_rows,).
        """

    def opened(self, encoding: Encoding_) -> Parts | None:
        """Return what the raw output is made of, for explanations; None: it is a black box.

        Parameters
        ----------
        encoding : explain.protocol.Encoding
            How raw rows become `Encoded.values`.

        Returns
        -------
        explain.protocol.Parts or None
            What `Target.decode` gets: the standardised value ("response"), the margin of the
            second of two classes or of each class present ("margin"), or the probability of each
            class present ("probability").
        """
        return None

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model into an existing, empty folder in its own format, without pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> FittedModel:
        """Read what `save` wrote, running no code from the folder."""


class Family(ABC):
    """A kind of model: its search space, its presets, its cost and how it is fitted.

    Implementations hold no state: the same arguments give the same model, whatever was fitted
    before. `fit` may raise anything; the search records it. It should end by `limits.deadline`
    and keep the best model that it has.
    """

    name: str
    tasks: tuple[Task, ...] = ("binary", "multiclass", "regression")
    takes_weights: bool = True
    model_class: ClassVar[type[FittedModel]]

    @abstractmethod
    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Say how the columns have to be encoded for these parameters."""

    @abstractmethod
    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest parameters.

        In the trial, names are prefixed with the family's name and a dot; in the returned dict
        they are not.
        """

    @abstractmethod
    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return the family's part of the portfolio for this problem."""

    @abstractmethod
    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate the peak memory of a fit in bytes, its encoded rows included."""

    @abstractmethod
    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> FittedModel:
        """Fit on `train`, watching `valid` where the family stops early."""

    def check(self, facts: Facts) -> str | None:
        """Return why the family sits out on this problem, or None where it can be used."""
        if facts.task not in self.tasks:
            return f"{self.name} does not do {facts.task}"
        if facts.weighted and not self.takes_weights:
            return f"{self.name} takes no row weights"
        return None
