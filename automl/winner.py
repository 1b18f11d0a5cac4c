"""The winner: members, blended and calibrated, as a scikit-learn estimator on raw rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from automl.ensemble import Calibration, blend, to_margin
from automl.errors import ArgumentError, RunFolderError
from automl.features import Encoder
from automl.features.base import Encoded
from automl.models import FittedModel, model_class
from automl.table import Schema
from automl.tuning.record import Member, Recipe
from automl.tuning.run_folder import read_json

if TYPE_CHECKING:
    from explain.protocol import Parts

_WORTH_THREADS = 500
_DAMAGE = (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, BadZipFile)
"""What reading a damaged file may raise."""


_OPENED = "_opened"
"""Where a winner keeps its parts once they have been asked for."""


@dataclass(frozen=True)
class Part:
    """One fitted model of a member.

    Parameters
    ----------
    weight : float
        Its share in the average.
    encoder : str
        Digest of its encoder; empty when it needs no features.
    model : FittedModel
        The model.
    """

    weight: float
    encoder: str
    model: FittedModel


class _Winner(BaseEstimator):  # type: ignore[misc]
    """What both kinds of winner share: reading rows, blending parts."""

    def __init__(
        self,
        schema: Schema,
        parts: tuple[Part, ...],
        encoders: Mapping[str, Encoder],
        recipe: Recipe,
        n_jobs: int = 1,
    ):
        self.schema = schema
        self.parts = parts
        self.encoders = encoders
        self.recipe = recipe
        self.n_jobs = n_jobs

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Return self: a winner is fitted already, and scikit-learn's tools ask for the method."""
        return self

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        members = " · ".join(f"{one.name} {one.weight:.2f}" for one in self.recipe.members)
        return f"{type(self).__name__}({members})"

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the raw columns that are read: no identifiers, constants, ignored ones."""
        names = [column.name for column in self.schema.columns if column.is_feature]
        return np.array(names, dtype=object)

    @property
    def n_features_in_(self) -> int:
        """Number of raw columns that are read."""
        return len(self.feature_names_in_)

    def explain_parts(self) -> Parts:
        """Return what the margin, or value, is made of: members, encoders, links.

        Returns
        -------
        explain.protocol.Parts
            Frozen values through which `explain` computes exact attributions.
        """
        from automl.opening import winner_parts

        # Reading thousands of trees takes seconds, and a report asks a dozen times.
        known: tuple[Recipe, Parts] | None = self.__dict__.get(_OPENED)
        if known is not None and known[0] is self.recipe:
            return known[1]
        models = [(part.weight, part.encoder, part.model) for part in self.parts]
        found = winner_parts(self.schema, models, self.encoders, self.recipe)
        self.__dict__[_OPENED] = self.recipe, found
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {name: one for name, one in super().__getstate__().items() if name != _OPENED}

    def blended(self, rows: Any) -> NDArray[np.float64]:
        """Return the members' average before calibration."""
        columns = self.schema.read(rows)
        encoded = {digest: one.transform(columns) for digest, one in self.encoders.items()}
        encoded[""] = nothing_encoded(columns.n_rows)
        # Waking threads costs more than it gains on a few rows.
        n_threads = self.n_jobs if columns.n_rows >= _WORTH_THREADS else 1
        predictions = [part.model.predict(encoded[part.encoder], n_threads) for part in self.parts]
        weights = [part.weight for part in self.parts]
        return blend(predictions, weights, self.recipe.link, self.schema.target.task)


class WinnerClassifier(ClassifierMixin, _Winner):  # type: ignore[misc]
    """A search's winner for classes; it reads raw rows, as given to the search.

    Parameters
    ----------
    schema : Schema
        How raw rows are read.
    parts : tuple of Part
        Fitted models with their shares.
    encoders : mapping of str to Encoder
        Fitted encoders by digest.
    recipe : Recipe
        How the parts are put together; `recipe.threshold` turns probabilities into labels.
    n_jobs : int, default 1
        Threads for prediction.
    """

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, in the order of `predict_proba`'s columns."""
        return np.array(self.schema.target.classes)

    @property
    def threshold(self) -> float:
        """Probability from which on a binary prediction is `classes_[1]`."""
        return self.recipe.threshold

    def margin(self, rows: Any) -> NDArray[np.float64]:
        """Return the calibrated log-odds.

        Parameters
        ----------
        rows : frame or path
            Raw rows.

        Returns
        -------
        ndarray of float64
            Log-odds of `classes_[1]`, shape (n_rows,), when binary; otherwise centred
            log-probabilities, shape (n_rows, n_classes).
        """
        return to_margin(self._calibrated(rows), self.schema.target.task)

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        rows : frame or path
            Raw rows.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_classes)
            Columns in the order of `classes_`.
        """
        p = self._calibrated(rows)
        return np.column_stack([1 - p, p]) if p.ndim == 1 else p

    def predict(self, rows: Any) -> NDArray[Any]:
        """Return the label of each row, by `threshold` when binary, else the likeliest.

        Parameters
        ----------
        rows : frame or path
            Raw rows.

        Returns
        -------
        ndarray, shape (n_rows,)
            Labels as in the training data.
        """
        return self.labels(self.predict_proba(rows))

    def labels(self, probabilities: NDArray[np.float64]) -> NDArray[Any]:
        """Return the label for each row of `predict_proba`.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (n_rows, n_classes)
            Columns in the order of `classes_`.

        Returns
        -------
        ndarray, shape (n_rows,)
            By `threshold` when binary, else the likeliest.
        """
        if self.schema.target.task == "binary":
            numbers = (probabilities[:, 1] >= self.threshold).astype(int)
        else:
            numbers = np.argmax(probabilities, axis=1)
        found: NDArray[Any] = self.classes_[numbers]
        return found

    def _calibrated(self, rows: Any) -> NDArray[np.float64]:
        blended = self.blended(rows)
        if self.recipe.calibration is None:
            return blended
        calibration = Calibration.from_dict(self.recipe.calibration)
        return calibration.apply(blended, self.schema.target.task)


class WinnerRegressor(RegressorMixin, _Winner):  # type: ignore[misc]
    """A search's winner for values; it reads raw rows, as given to the search.

    Parameters
    ----------
    schema : Schema
        How raw rows are read.
    parts : tuple of Part
        Fitted models with their shares.
    encoders : mapping of str to Encoder
        Fitted encoders by digest.
    recipe : Recipe
        How the parts are put together.
    n_jobs : int, default 1
        Threads for prediction.
    """

    def margin(self, rows: Any) -> NDArray[np.float64]:
        """Return the values: for regression the margin is the prediction.

        Parameters
        ----------
        rows : frame or path
            Raw rows.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            In units of the target.
        """
        return self.blended(rows)

    def predict(self, rows: Any) -> NDArray[np.float64]:
        """Return the value of each row.

        Parameters
        ----------
        rows : frame or path
            Raw rows.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            In units of the target.
        """
        return self.blended(rows)


Winner = WinnerClassifier | WinnerRegressor


def nothing_encoded(n_rows: int) -> Encoded:
    """Return rows without features, which is all that the baseline reads."""
    return Encoded(np.zeros((n_rows, 0)), (), (), (), ())


def load_winner(
    folder: Path, schema: Schema, recipe: Recipe, n_jobs: int, trusted: tuple[str, ...] = ()
) -> Winner:
    """Load a recipe's models from a run folder.

    Parameters
    ----------
    folder : Path
        The run folder.
    schema : Schema
        How raw rows are read.
    recipe : Recipe
        Which models, and how they are put together.
    n_jobs : int
        Threads for prediction.
    trusted : tuple of str
        Full names of the user's own classes that may be loaded.

    Raises
    ------
    RunFolderError
        A model is missing, damaged or names a place outside the folder.
    """
    parts: list[Part] = []
    encoders: dict[str, Encoder] = {}
    for member in recipe.members:
        digests = member.encoders or ("",) * len(member.models)
        for place, digest in zip(member.models, digests, strict=True):
            model = _load_model(folder, member, place, trusted)
            parts.append(Part(member.weight / len(member.models), digest, model))
            if digest and digest not in encoders:
                encoders[digest] = _load_encoder(folder, digest)
    kind = WinnerRegressor if schema.target.task == "regression" else WinnerClassifier
    return kind(schema, tuple(parts), encoders, recipe, n_jobs)


def _load_model(folder: Path, member: Member, place: str, trusted: tuple[str, ...]) -> FittedModel:
    about = read_json(folder / place / "about.json")
    try:
        kind = model_class(str(about.get("family")), own=bool(about.get("own")))
    except ArgumentError as error:
        raise RunFolderError(
            f"{member.name} cannot be loaded", got=error.what, hint=error.hint
        ) from error
    try:
        return kind.load(folder / place, trusted)
    except _DAMAGE as error:
        raise RunFolderError(
            f"the model {place} cannot be loaded", got=f"{type(error).__name__}: {error}"
        ) from error


def _load_encoder(folder: Path, digest: str) -> Encoder:
    try:
        return Encoder.load(folder / "encoders" / digest)
    except _DAMAGE as error:
        raise RunFolderError(
            f"the encoder {digest[:12]} cannot be loaded", got=f"{type(error).__name__}: {error}"
        ) from error
