"""How a model opens itself: frozen values that say what its output is made of.

A model with a method ``explain_parts()`` that returns `Parts` is explained through them; for
others `explain.opening` makes the same values. Everything is a tree of nodes. A node gives, for
raw rows, outputs of shape (n_rows, n_outputs):

- `Trees`, `Linear` and `Additive` have exact Shapley values on their own outputs,
- `Weighted` is a sum of nodes, so its exact values are the sum of theirs,
- `Linked` puts a curve on a node: exact values do not pass it, but those of the node under it
  make a good control variate,
- `Opaque` is known only by its predictions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from explain.trees import Forest

Floats = NDArray[np.float64]
Scale = Literal["margin", "probability", "response"]
Task = Literal["binary", "multiclass", "regression"]
Link = Literal["logistic", "softmax", "exp", "logit", "log_centred", "log", "clip"]
"""logistic, softmax, exp: from a margin; logit, log_centred, log: back to one; clip: limits only.
"""


@dataclass(frozen=True, eq=False)
class Encoding:
    """How raw rows become the matrix that a part reads; each row is encoded for itself.

    Parameters
    ----------
    transform : callable
        ``transform(frame)`` gives the matrix, shape (n_rows, n_features), dense or sparse, of a
        frame with the raw columns that the model reads.
    sources : tuple of tuple of str
        For each feature the raw columns that it is computed from; empty where it is constant.

    Examples
    --------
    >>> Encoding(lambda frame: frame.to_numpy(), (("age",), ("income",))).n_features
    2
    """

    transform: Callable[[pd.DataFrame], Any]
    sources: tuple[tuple[str, ...], ...]

    @property
    def n_features(self) -> int:
        """Number of columns of the matrix."""
        return len(self.sources)


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees on an encoded matrix; the output is ``forest.predict(matrix)``.

    Parameters
    ----------
    forest : Forest
        The trees.
    encoding : Encoding
        How raw rows become what they read.
    predict : callable, optional
        ``predict(matrix)`` gives the same output faster, as the library's own code does.
    source : object, optional
        The model that the trees were read from, whose library computes path-dependent values.
    """

    forest: Forest
    encoding: Encoding
    predict: Callable[[Any], Floats] | None = None
    source: Any = None


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear map of an encoded matrix: ``matrix @ coef + intercept``.

    Parameters
    ----------
    coef : ndarray of float64, shape (n_features, n_outputs)
    intercept : ndarray of float64, shape (n_outputs,)
    encoding : Encoding
    """

    coef: Floats
    intercept: Floats
    encoding: Encoding


@dataclass(frozen=True, eq=False)
class Term:
    """A function of one or two features.

    Parameters
    ----------
    features : tuple of int
        Positions of one or two columns of the matrix.
    evaluate : callable
        ``evaluate(columns)`` gives (n_rows, n_outputs) of an array (n_rows, len(features)).
    """

    features: tuple[int, ...]
    evaluate: Callable[[Any], Floats]


@dataclass(frozen=True, eq=False)
class Additive:
    """A sum of functions of one or two features each, as an explainable boosting machine.

    Parameters
    ----------
    terms : tuple of Term
    intercept : ndarray of float64, shape (n_outputs,)
    encoding : Encoding
    """

    terms: tuple[Term, ...]
    intercept: Floats
    encoding: Encoding


@dataclass(frozen=True, eq=False)
class Opaque:
    """A function of rows of which nothing else is known.

    Parameters
    ----------
    evaluate : callable
        ``evaluate(rows)`` gives (n_rows, n_outputs).
    n_outputs : int
        Columns of it.
    encoding : Encoding, optional
        Where given, `evaluate` takes the matrix instead of the raw frame, so that rows are
        encoded once for all parts that share the encoding.
    """

    evaluate: Callable[[Any], Floats]
    n_outputs: int
    encoding: Encoding | None = None


@dataclass(frozen=True, eq=False)
class Weighted:
    """A sum of linearly mapped nodes: ``shift + sum(node @ weight)``.

    Parameters
    ----------
    nodes : tuple of Node
    weights : tuple of ndarray of float64, each of shape (n_outputs of its node, n_outputs)
        A number w is written ``w * numpy.eye(n_outputs)``; picking the second of two outputs is
        ``[[0.0], [1.0]]``.
    shift : ndarray of float64, shape (n_outputs,)
    """

    nodes: tuple[Node, ...]
    weights: tuple[Floats, ...]
    shift: Floats


@dataclass(frozen=True, eq=False)
class Linked:
    """A curve put on a node's outputs.

    Parameters
    ----------
    inner : Node
    link : Link
        logistic, exp, logit, log and clip work on each output alone; softmax over the outputs of
        a row; log_centred gives logarithms minus their mean over the outputs of a row.
    limits : tuple of float
        The inner outputs are clipped here first; by default not at all.
    """

    inner: Node
    link: Link
    limits: tuple[float, float] = (-np.inf, np.inf)


Node = Trees | Linear | Additive | Opaque | Weighted | Linked


@dataclass(frozen=True, eq=False)
class Parts:
    """What a model's output is made of.

    Parameters
    ----------
    node : Node
        Gives the model's output on `scale`: shape (n_rows, 1) for regression and for the second
        of two classes, (n_rows, n_classes) for more.
    scale : {"margin", "probability", "response"}
        margin: log-odds, or log-probabilities up to a constant of each row; response: values.
    precise : Node, optional
        Gives the output where `node` does not, such as where a probability is clipped; asked
        only where `node` misses the model's predictions.
    """

    node: Node
    scale: Scale
    precise: Node | None = None
