"""What all calls over a whole model share: opening it, and asking it on one scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ArgumentTypeError
from explain.opening import OpenModel, open_model
from explain.opening.outputs import name_of
from explain.profiles.swaps import Swap, swapped
from explain.progress import steps
from explain.protocol import Floats, Scale
from explain.settings import check_count, check_seed, check_share

CELLS = 1_000_000_000
FEWEST_ROWS = 10
"""Cells that the search for the strongest columns may predict, and rows that it takes at least."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A model that is asked on one scale, and the rows that it is asked about."""

    opened: OpenModel
    scale: Scale
    frame: pd.DataFrame

    @property
    def predict(self) -> Callable[[pd.DataFrame], Floats]:
        """Predictions of a frame, shape (n_rows, n_outputs)."""
        return lambda rows: self.opened.predict(rows, self.scale)


def ask(
    model: Any,
    X: Any,
    scale: str,
    *,
    seed: Any,
    confidence: Any = 0.95,
    parts: bool = False,
    **counts: Any,
) -> Asked:
    """Check the settings, open a model and read the rows.

    What the model is made of is read where `parts` are wanted, or where they alone have the scale.
    """
    check_seed(seed)
    check_share(confidence)
    for name, count in counts.items():
        check_count(count, name)
    opened = open_model(model, X, parts=parts)
    if scale not in ("auto", *opened.deployed):
        opened = open_model(model, X)
    return Asked(opened, opened.scale(scale), opened.read(X))


def check_names(names: Iterable[Any] | str, frame: pd.DataFrame) -> list[str]:
    """Return names of columns as texts.

    Raises
    ------
    ArgumentError
        One is unknown, or there are none.
    ArgumentTypeError
        They are no names at all.
    """
    if not isinstance(names, Iterable):
        raise ArgumentTypeError("columns must be names", got=repr(names), hint='["age", "income"]')
    listed = [names] if isinstance(names, str) else [str(name) for name in names]
    if not listed:
        raise ArgumentError("no column is named", hint="columns=None for the strongest ones")
    for name in listed:
        if name not in frame.columns:
            near = get_close_matches(name, list(frame.columns), n=1)
            raise ArgumentError(
                f"there is no column {name!r}",
                got=f"{frame.shape[1]:,} columns",
                hint=repr(near[0]) if near else None,
            )
    return list(dict.fromkeys(listed))


def check_chances(model: Any, instead: str = "") -> None:
    """Raise for a classifier without probabilities; `instead`: what else can be done."""
    if not hasattr(model, "predict_proba"):
        raise ArgumentError(
            "a log loss needs probabilities",
            got=f"{name_of(model)}, which has no predict_proba",
            hint=f"{instead}CalibratedClassifierCV(model).fit(X, y)",
        )


def strongest(asked: Asked, most: int, seed: int, max_rows: int = 200) -> list[str]:
    """Return the columns whose exchange between rows moves the predictions most."""
    rng = np.random.default_rng([seed, 0x70])
    affordable = max(FEWEST_ROWS, CELLS // asked.frame.shape[1] ** 2)
    rows = rng.permutation(len(asked.frame))[: min(max_rows, affordable)]
    frame = asked.frame.iloc[rows].reset_index(drop=True)
    every, shuffled = np.arange(len(frame)), rng.permutation(len(frame))
    names = list(frame.columns)
    swaps = [Swap((), every, every), *(Swap((name,), every, shuffled) for name in names)]
    watched = steps(swaps, "columns tried", len(swaps))
    told = np.stack(list(swapped(asked.predict, frame, watched)))
    moved = ((told[1:] - told[0]) ** 2).mean(axis=(1, 2))
    order = np.argsort(-moved, kind="stable")[:most]
    return [names[place] for place in order]


def output_names(opened: OpenModel) -> list[str]:
    """Return what the outputs are called."""
    if opened.task == "regression":
        return ["prediction"]
    return [str(one) for one in (opened.classes if opened.n_outputs > 1 else opened.classes[-1:])]
