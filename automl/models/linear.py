"""Linear models: a path of penalties, the best by validation loss."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, softmax

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.boosting import useful_threads
from automl.models.files import read_arrays, read_notes, restore, write_arrays, write_notes
from automl.models.limits import needs_time, seconds_left, threads
from automl.models.portfolio import Entry, select
from automl.models.targets import Target, loss

if TYPE_CHECKING:
    import optuna

    from explain import protocol

Matrix: TypeAlias = NDArray[Any] | sparse.csr_matrix

C_PATH = tuple(10.0**power for power in np.arange(-3.0, 2.01, 0.5))
"""Inverse penalties of the logistic path, the strongest penalty first."""

ALPHA_PATH = tuple(10.0**power for power in np.arange(0.0, -6.01, -0.5))
"""Penalties of the regression path for each row, the strongest first."""

_UNWATCHED = 7
"""Step of the path that is taken where nothing says which: C = 1, or alpha = 0.001 a row."""

_NEWTON_PARAMETERS = 400
"""Coefficients up to which second-order steps are cheaper than many first-order ones."""

_NEWTON_PRODUCTS = 2e9
"""Rows x coefficients squared, the cost of such a step, up to which they are taken."""

_FIRST_PRODUCTS = 500_000_000
"""Rows x coefficients x iterations before the clock is looked at for the first time."""

_MAX_ITER = 200
_WORSE_STEPS = 2
"""Steps without improvement after which a path ends."""


class LinearModel(FittedModel):
    """Coefficients of a linear model; its margin is a sum over the features.

    Parameters
    ----------
    coef : ndarray of float64, shape (n_outputs, n_features)
        One row for regression and two classes, else one row a class present.
    intercept : ndarray of float64, shape (n_outputs,)
        Added to the sums.
    target : Target
        What is predicted.
    rounds : int
        Steps of the path up to the penalty that was kept.
    note : str
        What the reader should know.
    """

    def __init__(
        self,
        coef: NDArray[np.float64],
        intercept: NDArray[np.float64],
        target: Target,
        rounds: int,
        note: str = "",
    ):
        self.coef = coef
        self.intercept = intercept
        self.target = target
        self.rounds = rounds
        self.note = note

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict from the weighted sums."""
        return self.target.decode(self._raw(X.values))

    def _raw(self, values: Matrix) -> NDArray[np.float64]:
        margin = np.asarray(values @ self.coef.T, dtype=np.float64) + self.intercept
        if not self.target.classifies:
            return margin[:, 0]
        if margin.shape[1] == 1:
            above = expit(margin[:, 0])
            return np.column_stack([1.0 - above, above])
        return np.asarray(softmax(margin, axis=1), dtype=np.float64)

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return the weighted sums."""
        from explain.protocol import Linear, Parts

        node = Linear(self.coef.T, self.intercept, encoding)
        return Parts(node, "margin" if self.target.classifies else "response")

    def save(self, folder: Path) -> None:
        """Write the coefficients as plain arrays."""
        write_arrays(folder, {"coef": self.coef, "intercept": self.intercept})
        write_notes(folder, self, self.target)

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> LinearModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        arrays = read_arrays(folder)
        coef = np.asarray(arrays["coef"], dtype=np.float64)
        intercept = np.asarray(arrays["intercept"], dtype=np.float64)
        n_rows = 1 if target.n_outputs == 2 else target.n_outputs
        if coef.ndim != 2 or coef.shape[0] != n_rows or intercept.shape != (n_rows,):
            raise ValueError("a saved linear model has coefficients of the wrong shape")
        return restore(cls(coef, intercept, target, int(notes["rounds"])), notes)


class Linear(Family):
    """Logistic, ridge or elastic-net regression on scaled and one-hot columns."""

    name = "linear"
    model_class = LinearModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for one-hot columns, scaled numbers and the whole TF-IDF."""
        return Encoding(
            kind="onehot",
            numbers=params["numbers"],
            text="sparse",
            crosses=bool(params["crosses"]),
        )

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest how numbers are scaled; the penalty is found within each fit."""
        params: Params = {
            "numbers": trial.suggest_categorical("linear.numbers", ["quantile", "standard"]),
            "crosses": trial.suggest_categorical("linear.crosses", [False, True]),
        }
        if facts.task == "regression":
            params["l1_ratio"] = trial.suggest_float("linear.l1_ratio", 0.0, 1.0, step=0.25)
        return params

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return quantile and standard scaling, and generated features late."""
        entries = []
        for priority, numbers, crosses, places in _ENTRIES:
            params: Params = {"numbers": numbers, "crosses": crosses}
            if facts.task == "regression":
                params["l1_ratio"] = 0.0
            note = f"L2 path, {numbers} numbers" + (", generated features" if crosses else "")
            entries.append(Entry(priority, params, note, **places))
        return select(entries, facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate rows, a copy, and the optimiser's vectors or normal equations."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        solver = 24 * features * outputs * 8 + min(features, 5_000) ** 2 * 8
        return 8 * facts.n_rows * (2 * min(features, 5_000) + 4 * outputs) + solver

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> LinearModel:
        """Walk from strong to weak penalties while the validation loss falls."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        watched = None if limits.rounds is not None else target.known(valid)
        steps = _logistic_path if target.classifies else _ridge_path
        if params.get("l1_ratio", 0.0) > 0.0:
            steps = _elastic_path
        # A product of the rows with a vector is too quick to share out, unless there are many.
        n_rows, n_features = train.X.values.shape
        with threads(useful_threads(limits, n_rows // 100, n_features)):
            return _best(steps(train, target, params, limits), target, watched, limits)


def _best(
    path: Iterator[LinearModel], target: Target, watched: Rows | None, limits: FitLimits
) -> LinearModel:
    """Return the best step by validation loss, or the one that the limits name."""
    best: LinearModel | None = None
    best_loss, worse, note = np.inf, 0, ""
    last = limits.rounds or (_UNWATCHED if watched is None else None)
    for model in path:
        if watched is None:
            best = model
        else:
            y = target.encode(watched.y)
            value = loss(target, model._raw(watched.X.values), y, watched.weight)
            worse = 0 if value < best_loss else worse + 1
            if best is None or value < best_loss:
                best, best_loss = model, value
        if worse >= _WORSE_STEPS or model.rounds == last:
            break
        if time.monotonic() >= limits.deadline:
            note = f"stopped by the deadline after {model.rounds} penalties"
            break
    assert best is not None
    best.note = "; ".join(filter(None, (best.note, note)))
    return best


def _logistic_path(
    train: Rows, target: Target, params: Params, limits: FitLimits
) -> Iterator[LinearModel]:
    from sklearn.linear_model import LogisticRegression

    X, y = _matrix(train), target.encode(train.y)
    n_parameters = X.shape[1] * target.n_outputs
    small = len(y) > n_parameters and len(y) * n_parameters**2 < _NEWTON_PRODUCTS
    newton = small and n_parameters <= _NEWTON_PARAMETERS and not sparse.issparse(X)
    solver = "newton-cholesky" if newton else "lbfgs"
    model = LogisticRegression(solver=solver, tol=1e-4, warm_start=True)
    work, per_iteration = len(y) * n_parameters, 0.0
    for step, C in enumerate(C_PATH, start=1):
        model.set_params(C=C)
        done, converged = 0, False
        while not converged and done < _MAX_ITER:
            began = time.monotonic()
            if done > 0 and began >= limits.deadline:
                break
            model.set_params(max_iter=_iterations(done, per_iteration, work, limits))
            converged = _converges(model, X, y, train.weight)
            ran = max(1, int(np.max(model.n_iter_)))
            done, per_iteration = done + ran, (time.monotonic() - began) / ran
        note = f"C={C:.3g}" + ("" if converged else f", not converged in {done} iterations")
        yield LinearModel(model.coef_.copy(), model.intercept_.copy(), target, step, note)


def _iterations(done: int, per_iteration: float, work: int, limits: FitLimits) -> int:
    """Return how many iterations to run before the clock is looked at again.

    A few to begin with, then what takes a tenth of the time that is left.
    """
    left = seconds_left(limits)
    if math.isinf(left):
        return _MAX_ITER - done
    if per_iteration == 0.0:
        return max(1, min(_FIRST_PRODUCTS // work, _MAX_ITER))
    affordable = int(0.1 * left / per_iteration)
    return max(1, min(_MAX_ITER - done, affordable))


def _converges(model: Any, X: Matrix, y: NDArray[Any], weight: NDArray[np.float64] | None) -> bool:
    """Fit, and return whether the optimiser came to its end; it says so in a warning."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y, sample_weight=weight)
    return not any(issubclass(w.category, ConvergenceWarning) for w in caught)


def _ridge_path(
    train: Rows, target: Target, params: Params, limits: FitLimits
) -> Iterator[LinearModel]:
    from sklearn.linear_model import Ridge

    X, y = _matrix(train), target.encode(train.y)
    total = float(len(y) if train.weight is None else train.weight.sum())
    solver = "sparse_cg" if sparse.issparse(X) else "auto"
    for step, alpha in enumerate(ALPHA_PATH, start=1):
        model = Ridge(alpha=alpha * total, solver=solver)
        model.fit(X, y, sample_weight=train.weight)
        coef, intercept = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        yield LinearModel(coef, intercept, target, step, f"alpha={alpha:.3g} a row")


def _elastic_path(
    train: Rows, target: Target, params: Params, limits: FitLimits
) -> Iterator[LinearModel]:
    from sklearn.linear_model import ElasticNet

    X, y = _matrix(train), target.encode(train.y)
    ratio = float(params["l1_ratio"])
    model = ElasticNet(l1_ratio=ratio, warm_start=True, max_iter=1_000, tol=1e-3)
    for step, alpha in enumerate(ALPHA_PATH, start=1):
        model.set_params(alpha=alpha)
        converged = _converges(model, X, y, train.weight)
        note = f"alpha={alpha:.3g} a row, L1 share {ratio:g}"
        note += "" if converged else ", not converged"
        coef, intercept = np.atleast_2d(model.coef_).copy(), np.atleast_1d(model.intercept_)
        yield LinearModel(coef, intercept.copy(), target, step, note)


def _matrix(rows: Rows) -> Matrix:
    """Return the features in double precision: the solvers would copy them at each step."""
    values = rows.X.values
    return values.astype(np.float64) if values.dtype != np.float64 else values


_ENTRIES: tuple[tuple[float, str, bool, dict[str, Any]], ...] = (
    (3, "quantile", False, {"tiny": 0.5, "text": 0.5}),
    (17, "quantile", True, {"tiny": None, "large": None, "text": None}),
    (19, "standard", False, {"tiny": 5, "large": None, "text": None}),
)
