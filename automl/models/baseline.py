"""The constant prediction that every other model has to beat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.files import read_notes, restore, write_notes
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna

    from explain import protocol


class BaselineModel(FittedModel):
    """Class shares, or the mean.

    Parameters
    ----------
    target : Target
        What is predicted.
    shares : tuple of float
        Weighted share of each class present in the fit; unused for regression.
    """

    def __init__(self, target: Target, shares: tuple[float, ...]):
        self.target = target
        self.shares = shares

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict the same for every row."""
        n_rows = int(X.values.shape[0])
        if not self.target.classifies:
            return self.target.decode(np.zeros(n_rows))
        return self.target.decode(np.tile(np.asarray(self.shares), (n_rows, 1)))

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return a constant."""
        from explain.protocol import Parts, Weighted

        if not self.target.classifies:
            return Parts(Weighted((), (), np.zeros(1)), "response")
        return Parts(Weighted((), (), np.asarray(self.shares, dtype=np.float64)), "probability")

    def save(self, folder: Path) -> None:
        """Write one JSON file."""
        write_notes(folder, self, self.target, shares=list(self.shares))

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> BaselineModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        shares = tuple(float(share) for share in notes["shares"])
        if len(shares) != target.n_outputs or not np.isfinite(shares).all():
            raise ValueError("a saved baseline has impossible class shares")
        return restore(cls(target, shares), notes)


class Baseline(Family):
    """Predicts class shares or the mean, whatever the row."""

    name = "baseline"
    model_class = BaselineModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for the cheapest encoding; the columns are not read."""
        return Encoding(kind="native")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Return no parameters: there is nothing to tune."""
        return {}

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return nothing: the caller fits the baseline before the portfolio."""
        return ()

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate the encoded rows alone."""
        return 8 * facts.n_rows * max(1, n_features)

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> BaselineModel:
        """Count the classes, or take the mean."""
        target = Target.of(train, facts)
        return BaselineModel(target, tuple(target.shares(train).tolist()))
