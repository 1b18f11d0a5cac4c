"""Families of the caller's own: a scikit-learn estimator with a space."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError, ArgumentTypeError
from automl.features.base import Encoded, Encoding, Kind
from automl.models import registry
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows, Task
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

_TASKS: tuple[Task, ...] = get_args(Task)
_TREE = "sklearn.tree._tree.Tree"
_TREE_MODULES = ("sklearn.tree.", "sklearn.ensemble.")
_PRIORITY = 9.5
"""Place of the caller's own presets in the portfolio: among the first dozen."""


def register_family(
    name: str,
    estimator: Any,
    space: Mapping[str, BaseDistribution],
    *,
    tasks: Sequence[Task] | None = None,
    encoding: Literal["onehot", "ordinal", "native"] = "onehot",
    takes_weights: bool | None = None,
    presets: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Make an estimator of your own a family that a search can use.

    Parameters
    ----------
    name : str
        Name of the family, as `families=` takes it; a later call with the same name replaces it.
    estimator : scikit-learn estimator
        Unfitted; each fit works on a clone. Its `random_state` and `n_jobs` are set by the search.
    space : mapping of str to optuna distribution
        What is searched for each parameter; names as `estimator.set_params` takes them.
    tasks : sequence of {"binary", "multiclass", "regression"}, optional
        What it can predict. By default both kinds of classes for a classifier, values for a
        regressor.
    encoding : {"onehot", "ordinal", "native"}, default "onehot"
        How it wants to see the columns. onehot: one column a level, standardised numbers, no
        missing values; ordinal: ordered codes, missing values are NaN; native: integer codes,
        missing values are NaN.
    takes_weights : bool, optional
        Whether `fit` gets `sample_weight`. By default where it has such a parameter.
    presets : sequence of mapping, optional
        Configurations to try before any search; each names every parameter in `space`.

    Raises
    ------
    ArgumentError
        The name is taken by a built-in family, a parameter is unknown to the estimator, a preset
        does not name exactly the parameters of the space, or a task does not suit the estimator.
    ArgumentTypeError
        The estimator is no scikit-learn estimator, or the space holds no optuna distributions.

    See Also
    --------
    unregister_family : Forget such a family.

    Notes
    -----
    An estimator is fitted as a whole: where it does not end in time, its worker process is ended
    and the candidate is recorded as failed.

    Examples
    --------
    >>> from automl.models import known_families
    >>> from optuna.distributions import FloatDistribution
    >>> from sklearn.linear_model import SGDClassifier
    >>> register_family(
    ...     "sgd",
    ...     SGDClassifier(loss="log_loss"),
    ...     {"alpha": FloatDistribution(1e-6, 1e-1, log=True)},
    ...     presets=[{"alpha": 1e-4}],
    ... )
    >>> "sgd" in known_families()
    True
    >>> unregister_family("sgd")
    """
    _check_name(name)
    _check_space(estimator, space, presets)
    registry.add(
        RegisteredFamily(
            name=name,
            estimator=estimator,
            distributions=dict(space),
            tasks=_tasks(estimator, tasks),
            kind=_kind(encoding),
            takes_weights=_takes_weights(estimator, takes_weights),
            own_presets=tuple(dict(preset) for preset in presets),
        )
    )


def unregister_family(name: str) -> None:
    """Forget a family that `register_family` made known.

    Parameters
    ----------
    name : str
        Name of the family.

    Raises
    ------
    ArgumentError
        No family of that name was registered.

    Examples
    --------
    >>> unregister_family("never_registered")
    Traceback (most recent call last):
        ...
    automl.errors.ArgumentError: no family 'never_registered' is registered
      registered: none
    """
    registry.remove(name)


class RegisteredModel(FittedModel):
    """A fitted estimator of the caller's.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Fitted on encoded targets.
    target : Target
        What is predicted.
    """

    def __init__(self, estimator: Any, target: Target):
        self.estimator = estimator
        self.target = target

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict with the estimator's own `predict_proba` or `predict`."""
        if self.target.classifies:
            return self.target.decode(self.estimator.predict_proba(X.values))
        return self.target.decode(np.ravel(self.estimator.predict(X.values)))

    def save(self, folder: Path) -> None:
        """Write the estimator in the skops format."""
        from automl.models.estimators import write_estimator

        write_estimator(folder, self.estimator)
        write_notes(folder, self, self.target)

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> RegisteredModel:
        """Read what `save` wrote; types that scikit-learn does not know have to be trusted."""
        from automl.models.estimators import read_estimator

        target, notes = read_notes(folder)
        return restore(cls(read_estimator(folder, trusted), target), notes)


class RegisteredFamily(Family):
    """A family around an estimator of the caller's.

    It pickles by value: classes from the caller's script or notebook, and from modules that are
    not installed, travel with it, so a worker process need not import them.
    """

    model_class = RegisteredModel

    def __init__(
        self,
        name: str,
        estimator: Any,
        distributions: dict[str, BaseDistribution],
        tasks: tuple[Task, ...],
        kind: Kind,
        takes_weights: bool,
        own_presets: tuple[Params, ...],
    ):
        self.name = name
        self.estimator = estimator
        self.distributions = distributions
        self.tasks = tasks
        self.kind = kind
        self.takes_weights = takes_weights
        self.own_presets = own_presets

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        return _unpacked, (_packed(self.__dict__, _types(self.estimator)),)

    @property
    def trusted(self) -> tuple[str, ...]:
        """Types that its saved models may hold, as `FittedModel.load` takes them.

        The caller's own, and scikit-learn's tree where the estimator may hold trees: skops leaves
        that one to the caller, for a forged tree can crash a process.
        """
        types = _types(self.estimator)
        names = {f"{kind.__module__}.{kind.__qualname__}" for kind in types}
        if any(kind.__module__.startswith(_TREE_MODULES) for kind in types):
            names.add(_TREE)
        foreign = {name for name in names if not name.startswith("sklearn.") or name == _TREE}
        return tuple(sorted(foreign))

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for the encoding that the caller named."""
        return Encoding(kind=self.kind, numbers="standard" if self.kind == "onehot" else "raw")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from the caller's distributions."""
        return {
            key: _suggest(trial, f"{self.name}.{key}", distribution)
            for key, distribution in self.distributions.items()
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return the caller's configurations."""
        note = "registered by the caller"
        return tuple(Preset(preset, _PRIORITY, note) for preset in self.own_presets)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate the encoded rows and two copies: more is not known."""
        return 8 * facts.n_rows * (3 * max(1, n_features) + 4 * facts.n_classes)

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> RegisteredModel:
        """Fit a clone."""
        from sklearn.base import clone

        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        if not target.classifies:
            target = replace(target, centre=0.0, scale=1.0)
        estimator = clone(self.estimator).set_params(**params)
        estimator.set_params(**_shared(estimator, limits))
        weight = {} if train.weight is None else {"sample_weight": train.weight}
        estimator.fit(train.X.values, target.encode(train.y), **weight)
        return RegisteredModel(estimator, target)


def _unpacked(state: bytes) -> RegisteredFamily:
    import cloudpickle

    family = RegisteredFamily.__new__(RegisteredFamily)
    family.__dict__.update(cloudpickle.loads(state))
    return family


def _packed(state: dict[str, Any], types: set[type]) -> bytes:
    """Pickle by value whatever an interpreter elsewhere could not import."""
    import cloudpickle

    local = [module for module in _modules(types) if not _is_installed(module)]
    already = cloudpickle.list_registry_pickle_by_value()
    fresh = [module for module in local if module.__name__ not in already]
    for module in fresh:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(state))
    finally:
        for module in fresh:
            cloudpickle.unregister_pickle_by_value(module)


def _modules(types: set[type]) -> Iterator[ModuleType]:
    names = {base.__module__ for kind in types for base in kind.__mro__}
    for name in sorted(names - {"__main__"}):
        if name in sys.modules:
            yield sys.modules[name]


def _is_installed(module: ModuleType) -> bool:
    """Return whether any interpreter with the same packages can import the module."""
    file = getattr(module, "__file__", None)
    if file is None:
        return True
    roots = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return any(Path(file).resolve().is_relative_to(Path(root).resolve()) for root in roots)


def _types(estimator: Any) -> set[type]:
    """Return the types of an estimator and of the estimators in its parameters."""
    parts = [estimator, *estimator.get_params(deep=True).values()]
    return {type(part) for part in parts if hasattr(part, "get_params")}


def _shared(estimator: Any, limits: FitLimits) -> Params:
    """Return seeds and thread counts for every part of the estimator that has such a parameter."""
    given: Params = {}
    for key in estimator.get_params(deep=True):
        last = key.rsplit("__", 1)[-1]
        if last == "random_state":
            given[key] = limits.seed % (2**31)
        elif last == "n_jobs":
            given[key] = limits.n_threads
    return given


def _suggest(trial: optuna.trial.BaseTrial, name: str, distribution: BaseDistribution) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, FloatDistribution):
        low, high = distribution.low, distribution.high
        return trial.suggest_float(name, low, high, step=distribution.step, log=distribution.log)
    assert isinstance(distribution, IntDistribution)
    step, log = distribution.step, distribution.log
    return trial.suggest_int(name, distribution.low, distribution.high, step=step, log=log)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise ArgumentError(
            "a family's name must be an identifier", got=f"got {name!r}", hint='"my_family"'
        )


def _check_space(
    estimator: Any, space: Mapping[str, Any], presets: Sequence[Mapping[str, Any]]
) -> None:
    from optuna.distributions import BaseDistribution

    if isinstance(estimator, type) or not all(
        hasattr(estimator, method) for method in ("get_params", "set_params", "fit")
    ):
        raise ArgumentTypeError(
            "estimator must be an unfitted scikit-learn estimator",
            got=f"got {estimator!r}",
            hint="an instance, such as SGDClassifier()",
        )
    known = estimator.get_params(deep=True)
    for key, distribution in space.items():
        if key not in known:
            raise ArgumentError(
                f"{type(estimator).__name__} has no parameter {key!r}",
                got=f"it has {', '.join(sorted(known))}",
            )
        if not isinstance(distribution, BaseDistribution):
            raise ArgumentTypeError(
                f"the space of {key!r} must be an optuna distribution",
                got=f"got {distribution!r}",
                hint="optuna.distributions.FloatDistribution(0.1, 1.0)",
            )
    for preset in presets:
        if set(preset) != set(space):
            raise ArgumentError(
                "a preset must name exactly the parameters of the space",
                got=f"preset {sorted(preset)}, space {sorted(space)}",
            )


def _kind(encoding: str) -> Kind:
    kinds: dict[str, Kind] = {"onehot": "onehot", "ordinal": "ordinal", "native": "native"}
    if encoding not in kinds:
        raise ArgumentError(
            f"unknown encoding {encoding!r}", got=f"known: {', '.join(kinds)}", hint="'onehot'"
        )
    return kinds[encoding]


def _tasks(estimator: Any, given: Sequence[Task] | None) -> tuple[Task, ...]:
    from sklearn.base import is_regressor

    if given is None:
        tasks: tuple[Task, ...] = _TASKS[2:] if is_regressor(estimator) else _TASKS[:2]
    else:
        tasks = tuple(given)
    wrong = [task for task in tasks if task not in _TASKS]
    if wrong or not tasks:
        what = f"unknown task {wrong[0]!r}" if wrong else "tasks is empty"
        raise ArgumentError(what, got=f"known: {', '.join(_TASKS)}")
    if "regression" not in tasks and not hasattr(estimator, "predict_proba"):
        raise ArgumentError(
            f"{type(estimator).__name__} has no predict_proba, which classes need",
            hint="CalibratedClassifierCV(estimator)",
        )
    return tasks


def _takes_weights(estimator: Any, given: bool | None) -> bool:
    from sklearn.utils.validation import has_fit_parameter

    return bool(has_fit_parameter(estimator, "sample_weight")) if given is None else given
