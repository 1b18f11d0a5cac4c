"""Texts as numbers: TF-IDF, its compression, chosen terms and simple statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl.features.grams import (
    Chars,
    Tfidf,
    Words,
    code_points,
    fit_chars,
    fit_tfidf,
    fit_words,
)
from automl.features.numbers import sample_rows
from automl.features.targets import Targets

MAX_WORDS = 20_000
MAX_CHARS = 30_000
MAX_LENGTH = 4_000
FIT_ROWS = 20_000
FIT_CHARACTERS = 1_500_000
CHUNK_CHARACTERS = 500_000
STATISTICS = ("length", "words", "digits", "capitals", "punctuation")


@dataclass(frozen=True)
class TextPlan:
    """How much is made of a text column.

    Parameters
    ----------
    is_sparse : bool
        Leave TF-IDF sparse instead of compressing it.
    n_components : int
        Columns of the compressed TF-IDF.
    n_terms : int
        Words that become columns of their own beside the compressed TF-IDF.
    limit : int
        Divides the sizes of the vocabularies, for several text columns.
    """

    is_sparse: bool
    n_components: int = 40
    n_terms: int = 0
    limit: int = 1


@dataclass(frozen=True, eq=False)
class Text:
    """What is known of a text column.

    Parameters
    ----------
    length : int
        Characters of a text that are read for n-grams.
    words, chars : Words, Chars
        The n-grams.
    word_weights, char_weights : Tfidf
        Their weights.
    is_sparse : bool
        Whether TF-IDF is left as it is.
    terms : ndarray of int64
        Columns of the word TF-IDF that are features of their own.
    directions : ndarray of float32, shape (n_words + n_chars, n_components)
        Right singular vectors of the TF-IDF of the training rows.
    """

    length: int
    words: Words
    chars: Chars
    word_weights: Tfidf
    char_weights: Tfidf
    is_sparse: bool
    terms: NDArray[np.int64]
    directions: NDArray[np.float32]

    @property
    def n_dense(self) -> int:
        """Number of dense features."""
        return len(STATISTICS) + len(self.terms) + int(self.directions.shape[1])

    @property
    def n_sparse(self) -> int:
        """Number of sparse features."""
        return len(self.word_weights.keys) + len(self.char_weights.keys) if self.is_sparse else 0

    def names(self, column: str) -> tuple[str, ...]:
        """Name the dense features."""
        terms = (self._term(int(self.word_weights.keys[t])) for t in self.terms)
        return (
            *(f"{column} {name}" for name in STATISTICS),
            *(f'{column} "{term}"' for term in terms),
            *(f"{column} topic {i}" for i in range(self.directions.shape[1])),
        )

    def sparse_names(self, column: str) -> tuple[str, ...]:
        """Name the sparse features."""
        if not self.is_sparse:
            return ()
        words = (self._term(int(key)) for key in self.word_weights.keys)
        chars = (self._run(int(key)) for key in self.char_weights.keys)
        return (*(f'{column} "{w}"' for w in words), *(f"{column} {c!r}" for c in chars))

    def values(
        self, texts: NDArray[np.object_]
    ) -> tuple[NDArray[np.float32], sparse.csr_matrix | None]:
        """Return dense features, and sparse ones if they are wanted."""
        dense, weights = [], []
        for part in _chunks(texts, self.length):
            matrix = self.matrix(texts[part])
            dense.append(self.dense(texts[part], matrix))
            if self.is_sparse:
                weights.append(matrix)
        return np.concatenate(dense), _stack(weights) if self.is_sparse else None

    def matrix(self, texts: NDArray[np.object_]) -> sparse.csr_matrix:
        """Return the TF-IDF of words, then of characters."""
        cleaned = _clean(texts, self.length)
        words = self.word_weights.matrix(self.words.grams(cleaned))
        chars = self.char_weights.matrix(self.chars.grams(cleaned))
        return sparse.csr_matrix(sparse.hstack([words, chars], format="csr"))

    def dense(self, texts: NDArray[np.object_], matrix: sparse.csr_matrix) -> NDArray[np.float32]:
        """Return statistics, chosen terms and compressed TF-IDF."""
        chosen = matrix[:, self.terms].toarray()
        return np.hstack([_statistics(texts), chosen, matrix @ self.directions])

    def _term(self, key: int) -> str:
        numbers = [n for n in (key >> 32, key & 0xFFFFFFFF) if n]
        return " ".join(self.words.tokens[n - 1] for n in numbers)

    def _run(self, key: int) -> str:
        numbers = []
        while key:
            numbers.append((key & 0xFFF) - 1)
            key >>= 12
        return "".join(chr(int(self.chars.alphabet[n])) for n in numbers)


def fit_text(
    texts: NDArray[np.object_], plan: TextPlan, targets: Targets, seed: int
) -> tuple[Text, NDArray[np.float32], sparse.csr_matrix | None]:
    """Learn vocabularies and directions, large columns from a sample, and encode the rows."""
    length = _reading_length(texts)
    rows = np.sort(_sample(texts, length, seed))
    cleaned = _clean(texts[rows], length)
    min_rows = 2 if len(rows) < 10_000 else 3
    words, chars = fit_words(cleaned, min_rows), fit_chars(cleaned)
    word_grams, char_grams = words.grams(cleaned), chars.grams(cleaned)
    word_weights = fit_tfidf(word_grams, min_rows, MAX_WORDS // plan.limit)
    char_weights = fit_tfidf(char_grams, min_rows, MAX_CHARS // plan.limit)
    matrix = sparse.csr_matrix(
        sparse.hstack(
            [word_weights.matrix(word_grams), char_weights.matrix(char_grams)], format="csr"
        )
    )
    terms = np.empty(0, dtype=np.int64)
    directions = np.empty((matrix.shape[1], 0), dtype=np.float32)
    if not plan.is_sparse:
        n_words = len(word_weights.keys)
        terms = _telling(matrix[:, :n_words], targets, rows, plan.n_terms)
        directions = _directions(matrix, plan.n_components, seed)
    text = Text(
        length, words, chars, word_weights, char_weights, plan.is_sparse, terms, directions
    )
    if len(rows) < len(texts):
        return (text, *text.values(texts))
    return text, text.dense(texts, matrix), matrix if plan.is_sparse else None


def _directions(matrix: sparse.csr_matrix, n_components: int, seed: int) -> NDArray[np.float32]:
    """Return the leading right singular vectors (randomized SVD, Halko et al. 2011)."""
    n = min(n_components, min(matrix.shape) - 1)
    if n < 1 or matrix.nnz == 0:
        return np.empty((matrix.shape[1], 0), dtype=np.float32)
    from sklearn.utils.extmath import randomized_svd
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread: the result may not depend on the number of cores, and idle BLAS threads that spin
    # cost more than they give at this size.
    with threadpool_limits(1, user_api="blas"):
        _, _, right = randomized_svd(matrix, n, n_oversamples=8, n_iter=2, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)


def _telling(
    matrix: sparse.csr_matrix, targets: Targets, rows: NDArray[np.int64], n_terms: int
) -> NDArray[np.int64]:
    """Return the columns with the largest correlation with any component of the target."""
    if n_terms == 0 or matrix.shape[1] == 0:
        return np.empty(0, dtype=np.int64)
    weight = targets.weight[rows] / max(targets.weight[rows].sum(), 1e-300)
    values = targets.values[rows]
    deviation = (values - weight @ values) * weight[:, None]
    spread = np.sqrt(np.maximum(weight @ values**2 - (weight @ values) ** 2, 1e-300))
    mean = matrix.T @ weight
    variance = matrix.multiply(matrix).T @ weight - mean**2
    score = np.abs(matrix.T @ deviation) / spread / np.sqrt(np.maximum(variance, 1e-12))[:, None]
    best = np.argsort(-score.max(axis=1), kind="stable")[:n_terms]
    return np.sort(best)


def _statistics(texts: NDArray[np.object_]) -> NDArray[np.float32]:
    """Return length and number of words, and the shares of digits, capitals and punctuation."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    points = code_points("".join(texts))
    kind = np.where(points < 128, _ASCII_KIND[np.minimum(points, 127)], 0)
    cell = np.repeat(np.arange(len(texts)), lengths) * 5 + kind
    counts = np.bincount(cell, minlength=5 * len(texts)).reshape(-1, 5)
    words = np.array([len(text.split()) for text in texts])
    shares = counts[:, 1:4] / np.maximum(lengths, 1)[:, None]
    return np.column_stack([lengths, words, shares]).astype(np.float32)


def _ascii_kinds() -> NDArray[np.int64]:
    """Return 1 for digits, 2 for capitals, 3 for punctuation, 4 for blanks, 0 for the rest."""
    kinds = np.zeros(128, dtype=np.int64)
    for point in range(128):
        char = chr(point)
        if char.isdigit():
            kinds[point] = 1
        elif char.isupper():
            kinds[point] = 2
        elif char.isspace():
            kinds[point] = 4
        elif char.isprintable() and not char.isalnum():
            kinds[point] = 3
    return kinds


_ASCII_KIND = _ascii_kinds()


def _clean(texts: NDArray[np.object_], length: int) -> list[str]:
    """Cut, put in lower case, and leave one blank between words."""
    return [" ".join(text[:length].lower().split()) for text in texts]


def _reading_length(texts: NDArray[np.object_]) -> int:
    """Read less of each text when there are very many long ones."""
    return int(np.clip(40_000_000 // max(len(texts), 1), 200, MAX_LENGTH))


def _sample(texts: NDArray[np.object_], length: int, seed: int) -> NDArray[np.int64]:
    """Choose the rows that vocabularies are learned from."""
    rows = sample_rows(len(texts), FIT_ROWS, seed)
    ends = np.cumsum([min(len(text), length) for text in texts[rows]])
    return rows[: max(int(np.searchsorted(ends, FIT_CHARACTERS)), min(len(rows), 500))]


def _chunks(texts: NDArray[np.object_], length: int) -> Iterator[slice]:
    """Split rows so that each part has a bounded number of characters."""
    ends = np.cumsum([min(len(text), length) for text in texts])
    parts = ends // CHUNK_CHARACTERS
    cuts = np.flatnonzero(np.diff(parts)) + 1
    edges = [0, *cuts.tolist(), len(texts)]
    for start, stop in pairwise(edges):
        yield slice(start, stop)


def _stack(parts: list[Any]) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))
