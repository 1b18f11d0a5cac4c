"""The arguments of a search, checked before anything else happens."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

import numpy as np

from automl.errors import ArgumentError, ArgumentTypeError

DEFAULT_BUDGET = 60.0
_EXAMPLES = {"n_trials": 20, "n_jobs": 2, "memory_limit": 2 << 30}
TASKS = ("auto", "binary", "multiclass", "regression")


@dataclass(frozen=True)
class Settings:
    """Checked arguments of `automl.search`; see there for their meaning."""

    target: str
    time_budget: float
    n_trials: int | None
    task: str
    metric: str | Callable[..., float]
    sensitive: tuple[str, ...]
    ignore: tuple[str, ...]
    roles: Mapping[str, str]
    weight: str | None
    group: str | None
    time: str | None
    positive: Any
    families: tuple[str, ...]
    refit: Literal["auto"] | bool
    audit_size: Literal["auto"] | int | float
    seed: int
    n_jobs: int
    memory_limit: int
    run_dir: Path | None
    callbacks: tuple[Callable[[Any], None], ...]

    @property
    def reproducible(self) -> bool:
        """Whether no clock takes part, so that the same call gives the same result."""
        return not math.isfinite(self.time_budget)

    def identity(self) -> dict[str, Any]:
        """Return what must agree for a run folder to be taken up again, as JSON values."""
        metric = self.metric if isinstance(self.metric, str) else "callable"
        values = {
            "target": str(self.target),
            "task": self.task,
            "metric": metric,
            "sensitive": list(self.sensitive),
            "ignore": list(self.ignore),
            "roles": {str(name): role for name, role in self.roles.items()},
            "weight": self.weight,
            "group": self.group,
            "time": self.time,
            "positive": None if self.positive is None else repr(self.positive),
            "families": list(self.families),
            "refit": self.refit,
            "audit_size": self.audit_size,
            "seed": self.seed,
        }
        return dict(json.loads(json.dumps(values, default=str)))


def check_settings(
    *,
    target: Any,
    time_budget: Any,
    n_trials: Any,
    task: Any,
    metric: Any,
    sensitive: Any,
    ignore: Any,
    roles: Any,
    weight: Any,
    group: Any,
    time: Any,
    positive: Any,
    families: Any,
    refit: Any,
    audit_size: Any,
    seed: Any,
    n_jobs: Any,
    memory_limit: Any,
    run_dir: Any,
    callbacks: Any,
) -> Settings:
    """Check every argument that can be checked without the table."""
    from automl.tuning.resources import usable_cores, usable_memory

    trials = None if n_trials is None else _positive_integer("n_trials", n_trials)
    return Settings(
        target=target,
        time_budget=_budget(time_budget, trials),
        n_trials=trials,
        task=_one_of("task", task, TASKS),
        metric=_metric(metric),
        sensitive=_names("sensitive", sensitive),
        ignore=_names("ignore", ignore),
        roles=_roles(roles),
        weight=_column("weight", weight),
        group=_column("group", group),
        time=_column("time", time),
        positive=positive,
        families=_families(families),
        refit=_refit(refit),
        audit_size=_audit_size(audit_size),
        seed=_seed(seed),
        n_jobs=usable_cores() if n_jobs is None else _jobs(n_jobs, usable_cores()),
        memory_limit=_memory(memory_limit, usable_memory),
        run_dir=_path(run_dir),
        callbacks=_callbacks(callbacks),
    )


def _budget(value: Any, n_trials: int | None) -> float:
    if value is None:
        return DEFAULT_BUDGET if n_trials is None else math.inf
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentTypeError(
            "time_budget must be a number of seconds",
            got=f"got {type(value).__name__}",
            hint="time_budget=60",
        )
    seconds = float(value)
    if not seconds > 0 or math.isinf(seconds):
        raise ArgumentError(
            "time_budget must be a positive number of seconds",
            got=f"got {value}",
            hint="time_budget=60, or n_trials=20 for no time limit",
        )
    return seconds


def _positive_integer(name: str, value: Any) -> int:
    hint = f"{name}={_EXAMPLES[name]}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ArgumentTypeError(f"{name} must be a whole number", got=f"got {value!r}", hint=hint)
    if value < 1:
        raise ArgumentError(f"{name} must be at least 1", got=f"got {value}", hint=hint)
    return int(value)


def _one_of(name: str, value: Any, known: Sequence[str]) -> str:
    if value in known:
        return str(value)
    near = get_close_matches(str(value), known, n=1)
    raise ArgumentError(
        f"unknown {name} {value!r}",
        got=f"known: {', '.join(known)}",
        hint=f"{name}={near[0]!r}" if near else None,
    )


def _metric(value: Any) -> str | Callable[..., float]:
    if isinstance(value, str):
        return value
    if callable(value):
        function: Callable[..., float] = value
        return function
    raise ArgumentTypeError(
        "metric must be a name or a callable (estimator, X, y) -> float",
        got=f"got {type(value).__name__}",
        hint='metric="auto"',
    )


def _names(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    try:
        return tuple(value)
    except TypeError as error:
        raise ArgumentTypeError(
            f"{name} must be column names", got=f"got {type(value).__name__}", hint=f'{name}=["a"]'
        ) from error


def _roles(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentTypeError(
            "roles must be a mapping of column names to roles",
            got=f"got {type(value).__name__}",
            hint='roles={"zip": "categorical"}',
        )
    return dict(value)


def _column(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, Hashable):
        return value  # type: ignore[return-value]
    raise ArgumentTypeError(
        f"{name} must be the name of a column",
        got=f"got {type(value).__name__}",
        hint=f'{name}="the column"',
    )


def _families(value: Any) -> tuple[str, ...]:
    from automl.models import get_family, known_families

    if isinstance(value, str) and value == "auto":
        return known_families()
    names = _names("families", value)
    if not names:
        raise ArgumentError(
            "families must name at least one family",
            got=f"known: {', '.join(known_families())}",
            hint='families="auto"',
        )
    for name in names:
        get_family(name)
    return tuple(dict.fromkeys(names))


def _refit(value: Any) -> Literal["auto"] | bool:
    if isinstance(value, bool):
        return value
    if value == "auto":
        return "auto"
    raise ArgumentError(
        f"unknown refit {value!r}", got='known: "auto", True, False', hint='refit="auto"'
    )


def _audit_size(value: Any) -> Literal["auto"] | int | float:
    if isinstance(value, str):
        if value == "auto":
            return "auto"
    elif is_number(value):
        number = float(value)
        if isinstance(value, Integral) and number >= 0:
            return int(number)
        if 0 <= number < 1:
            return number
    raise ArgumentError(
        'audit_size must be "auto", a share below 1 or a number of rows',
        got=f"got {value!r}",
        hint='audit_size="auto"',
    )


def _seed(value: Any) -> int:
    if not is_number(value) or not isinstance(value, Integral):
        raise ArgumentTypeError("seed must be a whole number", got=f"got {value!r}", hint="seed=0")
    seed = int(value)
    if not 0 <= seed < 1 << 31:
        raise ArgumentError("seed must lie between 0 and 2**31 - 1", got=f"got {seed}")
    return seed


def _jobs(value: Any, available: int) -> int:
    if is_number(value) and value == -1:
        return available
    return _positive_integer("n_jobs", value)


def is_number(value: Any) -> bool:
    """Say whether a value is a real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _memory(value: Any, measure: Callable[[], int]) -> int:
    least = 600 << 20
    if value is None:
        return measure()
    limit = _positive_integer("memory_limit", value)
    if limit < least:
        raise ArgumentError(
            "memory_limit is in bytes, and too small for any fit",
            got=f"got {limit:,} bytes, the least is {least:,}",
            hint=f"memory_limit={2 << 30}",
        )
    return limit


def _path(value: Any) -> Path | None:
    if value is None:
        return None
    if isinstance(value, str | Path):
        if not str(value).strip() or "\0" in str(value):
            raise ArgumentError(
                "run_dir must name a folder", got=f"got {value!r}", hint='run_dir="runs/first"'
            )
        return Path(value)
    raise ArgumentTypeError(
        "run_dir must be a path", got=f"got {type(value).__name__}", hint='run_dir="runs/first"'
    )


def _callbacks(value: Any) -> tuple[Callable[[Any], None], ...]:
    callbacks: tuple[Any, ...] = (value,) if callable(value) else _names("callbacks", value)
    for callback in callbacks:
        if not callable(callback):
            raise ArgumentTypeError(
                "every callback must be callable", got=f"got {type(callback).__name__}"
            )
    return callbacks
