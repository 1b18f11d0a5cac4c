"""The search as scikit-learn estimators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from automl.entry import Metric
from automl.errors import DataError
from automl.result import Result
from automl.tuning.clock import start_of_call

if TYPE_CHECKING:
    from explain.protocol import Parts

_TARGET = "target"
_WEIGHT = "sample weight"


class _AutoMLEstimator(BaseEstimator):  # type: ignore[misc]
    """Parameters and fitting that both estimators share."""

    _task: str

    def __init__(
        self,
        time_budget: float | None = None,
        n_trials: int | None = None,
        metric: Metric = "auto",
        ignore: Iterable[str] = (),
        roles: Mapping[str, str] | None = None,
        families: str | Iterable[str] = "auto",
        refit: Literal["auto"] | bool = "auto",
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
        memory_limit: int | None = None,
        run_dir: str | Path | None = None,
        progress: Literal["auto"] | bool = False,
        in_process: bool = False,
    ):
        self.time_budget = time_budget
        self.n_trials = n_trials
        self.metric = metric
        self.ignore = ignore
        self.roles = roles
        self.families = families
        self.refit = refit
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory_limit = memory_limit
        self.run_dir = run_dir
        self.progress = progress
        self.in_process = in_process

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _fit(self, X: Any, y: NDArray[Any], sample_weight: ArrayLike | None) -> Self:
        start = start_of_call()
        from automl.assembly import run_to_result
        from automl.progress import make_view
        from automl.tuning.settings import check_settings

        frame = self._frame(X, reset=True)
        taken = {str(name) for name in frame.columns}
        target, weight = _free_name(_TARGET, taken), _free_name(_WEIGHT, taken)
        frame[target] = y
        if sample_weight is not None:
            frame[weight] = _check_sample_weight(sample_weight, frame, ensure_non_negative=True)
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(1 << 31)
        settings = check_settings(
            target=target,
            time_budget=self.time_budget,
            n_trials=self.n_trials,
            task=self._task_of(y),
            metric=self.metric,
            sensitive=(),
            ignore=self.ignore,
            roles=self.roles,
            weight=None if sample_weight is None else weight,
            group=None,
            time=None,
            positive=None,
            families=self.families,
            refit=self.refit,
            audit_size=0,
            seed=int(seed),
            n_jobs=self.n_jobs,
            memory_limit=self.memory_limit,
            run_dir=self.run_dir,
            callbacks=(),
        )
        view = make_view(self.progress)
        self.result_: Result = run_to_result(
            frame, settings, start, view, in_process=self.in_process
        )
        return self

    def _task_of(self, y: NDArray[Any]) -> str:
        raise NotImplementedError

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        """Return raw rows as a frame; arrays get the column names x0, x1 and so on."""
        if hasattr(X, "columns"):
            from candor.frames import to_pandas

            validate_data(self, X, reset=reset, skip_check_array=True)
            frame = to_pandas(X).reset_index(drop=True)
            return frame.copy(deep=False)
        array = validate_data(
            self,
            X,
            reset=reset,
            dtype=None,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2 if reset else 1,
        )
        if array.dtype == object:
            array = _numbers_where_possible(array)
        return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])

    def explain_parts(self) -> Parts:
        """Return what the margin, or value, is made of, for `explain.explain`.

        Returns
        -------
        explain.protocol.Parts
            Frozen values through which attributions are exact.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> import automl
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> model = automl.AutoMLClassifier(families=["linear"], n_trials=1, in_process=True)
        >>> model.fit(X, y).explain_parts().scale
        'margin'
        """
        return self._fitted_result().model.explain_parts()

    def _fitted_result(self) -> Result:
        check_is_fitted(self, "result_")
        return self.result_


class AutoMLClassifier(ClassifierMixin, _AutoMLEstimator):  # type: ignore[misc]
    """Search for the best classifier, as a scikit-learn estimator.

    Parameters
    ----------
    time_budget : float, optional
        Seconds of wall clock for `fit`. Default: 60, or no limit where `n_trials` is given.
    n_trials : int, optional
        Candidates to try at most, instead of or beside the time.
    metric : str or callable, default "auto"
        What is optimised; see `automl.search`.
    ignore : iterable of str, default ()
        Columns that are not to be used.
    roles : mapping of str to str, optional
        Roles that override what was inferred.
    families : "auto" or iterable of str, default "auto"
        Model families to search.
    refit : {"auto", True, False}, default "auto"
        Whether members are fitted once more on all rows.
    random_state : int, RandomState or None, default 0
        Seed of everything random.
    n_jobs : int, optional
        Cores to use. Default: what affinity and cgroup allow.
    memory_limit : int, optional
        Bytes that the search may use. Default: what is free.
    run_dir : str or Path, optional
        Folder that keeps the run. Default: a temporary one.
    progress : {"auto", True, False}, default False
        Whether to show progress.
    in_process : bool, default False
        Fit in this process instead of in killable workers: quicker to start for tiny tables, but
        a fit that hangs cannot be ended.

    Attributes
    ----------
    result_ : Result
        Everything that the search found.
    classes_ : ndarray of shape (n_classes,)
        The labels.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where `X` had names.

    Examples
    --------
    >>> import automl
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = automl.AutoMLClassifier(n_trials=2, families=["linear"], in_process=True)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search for the best model.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Features; missing values, strings and dates are welcome in frames.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), optional
            Row weights.

        Returns
        -------
        self : AutoMLClassifier
            The fitted estimator.

        Raises
        ------
        AutoMLError
            If the table cannot be used; see `automl.search`.

        Examples
        --------
        >>> import automl
        >>> model = automl.AutoMLClassifier(n_trials=1, families=["linear"], in_process=True)
        >>> model.fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9).classes_.tolist()
        [0, 1]
        """
        y = _labels(y)
        self.classes_ = np.unique(y)
        _refuse_one_class(y, sample_weight)
        return self._fit(X, y, sample_weight)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Rows like those of `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            Before `fit`.

        Examples
        --------
        >>> import automl
        >>> model = automl.AutoMLClassifier(n_trials=1, families=["linear"], in_process=True)
        >>> model.fit([[0.0], [1.0], [2.0], [3.0]] * 9, list("aabb") * 9).predict([[9.0]]).tolist()
        ['b']
        """
        result = self._fitted_result()
        predicted = result.predict(self._frame(X, reset=False))
        return predicted.astype(self.classes_.dtype, copy=False)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Rows like those of `fit`.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
            Columns in the order of `classes_`.

        Raises
        ------
        NotFittedError
            Before `fit`.

        Examples
        --------
        >>> import automl
        >>> model = automl.AutoMLClassifier(n_trials=1, families=["linear"], in_process=True)
        >>> model = model.fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9)
        >>> model.predict_proba([[9.0]]).argmax(axis=1).tolist()
        [1]
        """
        result = self._fitted_result()
        return result.predict_proba(self._frame(X, reset=False))

    def _task_of(self, y: NDArray[Any]) -> str:
        return "binary" if len(np.unique(y)) <= 2 else "multiclass"


class AutoMLRegressor(RegressorMixin, _AutoMLEstimator):  # type: ignore[misc]
    """Search for the best regressor, as a scikit-learn estimator.

    Parameters
    ----------
    time_budget : float, optional
        Seconds of wall clock for `fit`. Default: 60, or no limit where `n_trials` is given.
    n_trials : int, optional
        Candidates to try at most, instead of or beside the time.
    metric : str or callable, default "auto"
        What is optimised; see `automl.search`.
    ignore : iterable of str, default ()
        Columns that are not to be used.
    roles : mapping of str to str, optional
        Roles that override what was inferred.
    families : "auto" or iterable of str, default "auto"
        Model families to search.
    refit : {"auto", True, False}, default "auto"
        Whether members are fitted once more on all rows.
    random_state : int, RandomState or None, default 0
        Seed of everything random.
    n_jobs : int, optional
        Cores to use. Default: what affinity and cgroup allow.
    memory_limit : int, optional
        Bytes that the search may use. Default: what is free.
    run_dir : str or Path, optional
        Folder that keeps the run. Default: a temporary one.
    progress : {"auto", True, False}, default False
        Whether to show progress.
    in_process : bool, default False
        Fit in this process instead of in killable workers: quicker to start for tiny tables, but
        a fit that hangs cannot be ended.

    Attributes
    ----------
    result_ : Result
        Everything that the search found.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where `X` had names.

    Examples
    --------
    >>> import automl
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = automl.AutoMLRegressor(n_trials=2, families=["linear"], in_process=True)
    >>> bool(model.fit(X, y).score(X, y) > 0.4)
    True
    """

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search for the best model.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Features; missing values, strings and dates are welcome in frames.
        y : array-like of shape (n_samples,)
            Values.
        sample_weight : array-like of shape (n_samples,), optional
            Row weights.

        Returns
        -------
        self : AutoMLRegressor
            The fitted estimator.

        Raises
        ------
        AutoMLError
            If the table cannot be used; see `automl.search`.

        Examples
        --------
        >>> import automl
        >>> model = automl.AutoMLRegressor(n_trials=1, families=["linear"], in_process=True)
        >>> model.fit([[float(i)] for i in range(40)], range(40)).n_features_in_
        1
        """
        values = _values(y)
        return self._fit(X, values, sample_weight)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict values.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Rows like those of `fit`.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Values in units of the target.

        Raises
        ------
        NotFittedError
            Before `fit`.

        Examples
        --------
        >>> import automl
        >>> model = automl.AutoMLRegressor(n_trials=1, families=["linear"], in_process=True)
        >>> model = model.fit([[float(i)] for i in range(40)], range(40))
        >>> round(float(model.predict([[20.0]])[0]))
        20
        """
        result = self._fitted_result()
        return result.predict(self._frame(X, reset=False)).astype(np.float64, copy=False)

    def _task_of(self, y: NDArray[Any]) -> str:
        return "regression"


def _labels(y: Any) -> NDArray[Any]:
    if y is None:
        raise ValueError("AutoMLClassifier requires y to be passed, but the target y is None")
    check_classification_targets(y)
    return column_or_1d(y, warn=True)  # type: ignore[no-any-return]


def _refuse_one_class(y: NDArray[Any], sample_weight: ArrayLike | None) -> None:
    counted = y
    if sample_weight is not None:
        weight = np.asarray(sample_weight)
        if weight.shape == y.shape:
            counted = y[weight > 0]
    found = np.unique(counted)
    if len(found) < 2:
        raise DataError(
            "AutoMLClassifier needs at least two classes",
            got=f"rows that count hold one class, {found.tolist()}"
            if len(found)
            else "every weight is zero",
        )


def _values(y: Any) -> NDArray[np.float64]:
    from sklearn.utils.validation import _check_y

    if y is None:
        raise ValueError("AutoMLRegressor requires y to be passed, but the target y is None")
    return _check_y(y, y_numeric=True, estimator="AutoMLRegressor")  # type: ignore[no-any-return]


def _numbers_where_possible(array: NDArray[Any]) -> NDArray[Any]:
    """Turn an array of objects that are all numbers into numbers; leave others as they are."""
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        return array


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"{name}_"
    return name
