"""The curves of `Linked` nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from explain.protocol import Floats, Link


def _logistic(x: Floats) -> Floats:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, small) / (1.0 + small))


def _softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _logit(p: Floats) -> Floats:
    return np.asarray(np.log(p) - np.log1p(-p))


def _log_centred(p: Floats) -> Floats:
    logs = np.log(p)
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


LINKS: Mapping[Link, Callable[[Floats], Floats]] = {
    "logistic": _logistic,
    "softmax": _softmax,
    "exp": np.exp,
    "logit": _logit,
    "log_centred": _log_centred,
    "log": np.log,
    "clip": lambda x: x,
}
"""Each curve on outputs of shape (n_rows, n_outputs)."""


def linked(outputs: Floats, link: Link, limits: tuple[float, float]) -> Floats:
    """Clip outputs and put a curve on them; shape (n_rows, n_outputs) stays."""
    return LINKS[link](np.clip(outputs, *limits))
