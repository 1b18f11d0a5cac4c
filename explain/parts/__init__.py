"""Nodes of a model: what they give for rows, and who owns the features that they read."""

from explain.parts.evaluating import evaluate, matrix_of, n_outputs, on_matrix
from explain.parts.features import NOBODY, SHARED, is_exact, owners
from explain.parts.links import LINKS, linked

__all__ = [
    "LINKS",
    "NOBODY",
    "SHARED",
    "evaluate",
    "is_exact",
    "linked",
    "matrix_of",
    "n_outputs",
    "on_matrix",
    "owners",
]
