"""Which families there are; each is imported when it is first asked for."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from automl.errors import ArgumentError
from automl.models.base import Family, FittedModel


class _Place(NamedTuple):
    """Where a family is, the library that it needs and the extra that installs it."""

    target: str
    library: str
    extra: str = ""


_FAMILIES: dict[str, _Place] = {
    "baseline": _Place("automl.models.baseline:Baseline", "numpy"),
    "linear": _Place("automl.models.linear:Linear", "sklearn"),
    "knn": _Place("automl.models.knn:NearestNeighbours", "sklearn"),
    "random_forest": _Place("automl.models.random_forest:RandomForest", "sklearn"),
    "extra_trees": _Place("automl.models.extra_trees:ExtraTrees", "sklearn"),
    "hist_gradient_boosting": _Place(
        "automl.models.hist_gradient_boosting:HistGradientBoosting", "sklearn"
    ),
    "lightgbm": _Place("automl.models.lightgbm:LightGBM", "lightgbm"),
    "xgboost": _Place("automl.models.xgboost:XGBoost", "xgboost"),
    "mlp": _Place("automl.models.mlp:MLP", "sklearn"),
    "catboost": _Place("automl.models.catboost:CatBoost", "catboost", "catboost"),
    "ebm": _Place("automl.models.ebm:EBM", "interpret", "ebm"),
}

_REGISTERED: dict[str, Family] = {}


def known_families() -> tuple[str, ...]:
    """Return the names of the families that can be used now, registered ones last."""
    usable = [name for name, place in _FAMILIES.items() if find_spec(place.library) is not None]
    return (*usable, *_REGISTERED)


def get_family(name: str) -> Family:
    """Return the family with this name.

    Raises
    ------
    ArgumentError
        No such family, or its library is not installed.
    """
    if name in _REGISTERED:
        return _REGISTERED[name]
    place = _FAMILIES.get(name)
    if place is None:
        raise _unknown(name)
    if find_spec(place.library) is None:
        extra = f'pip install "candor-automl[{place.extra}]"' if place.extra else None
        raise ArgumentError(
            f"the family {name!r} is not installed",
            got=f"usable now: {', '.join(known_families())}",
            hint=extra or f"pip install {place.library}",
        )
    module, _, attribute = place.target.partition(":")
    family = getattr(import_module(module), attribute)()
    assert isinstance(family, Family)
    return family


def add(family: Family) -> None:
    """Make a family of the caller's own known under its name."""
    if family.name in _FAMILIES:
        raise ArgumentError(
            f"the family name {family.name!r} is taken by a built-in family",
            hint=f'register_family("my_{family.name}", ...)',
        )
    _REGISTERED[family.name] = family


def remove(name: str) -> None:
    """Forget a family of the caller's own."""
    if name not in _REGISTERED:
        registered = ", ".join(_REGISTERED) or "none"
        raise ArgumentError(f"no family {name!r} is registered", got=f"registered: {registered}")
    del _REGISTERED[name]


def _unknown(name: object) -> ArgumentError:
    known = known_families()
    near = get_close_matches(str(name), [*known, *_FAMILIES], n=1)
    return ArgumentError(
        f"unknown family {name!r}",
        got=f"known: {', '.join(known)}",
        hint=f"{near[0]!r}" if near else None,
    )


def is_registered(name: str) -> bool:
    """Say whether a family is one of the caller's own."""
    return name in _REGISTERED


def trusted_types(name: str) -> tuple[str, ...]:
    """Return the caller's own types in a registered family; none for a built-in one."""
    return tuple(getattr(_REGISTERED.get(name), "trusted", ()))


def model_class(name: str, *, own: bool = False) -> type[FittedModel]:
    """Return the class that reads a family's saved models.

    Parameters
    ----------
    name : str
        Name of the family.
    own : bool, default False
        Whether it was one of the caller's own, which need not be registered to be read.
    """
    if own:
        from automl.models.registered import RegisteredModel

        return RegisteredModel
    return type(get_family(name)).model_class
