"""Words and character n-grams of texts as numbers, and their TF-IDF matrix.

The n-grams and weights are those of scikit-learn's ``TfidfVectorizer`` with ``analyzer="word",
ngram_range=(1, 2)`` and ``analyzer="char_wb", ngram_range=(2, 5)``, ``sublinear_tf=True``. They
are made with array operations, several times faster, and the state is plain arrays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

WORD = re.compile(r"\b\w\w+\b")
BITS = 12
MAX_SYMBOLS = 2**BITS - 1
CHAR_SIZES = (2, 3, 4, 5)


@dataclass(frozen=True, eq=False)
class Grams:
    """Occurrences of n-grams: which row, which n-gram.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_occurrences,)
        Row numbers.
    keys : ndarray of uint64, shape (n_occurrences,)
        The n-grams as numbers, equal for equal n-grams.
    n_rows : int
        Number of rows.
    """

    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]
    n_rows: int


@dataclass(frozen=True, eq=False)
class Words:
    """Single words and pairs of neighbouring words.

    Parameters
    ----------
    tokens : tuple of str
        The words that are known; a word's number is its position + 1.
    """

    tokens: tuple[str, ...]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {token: i + 1 for i, token in enumerate(self.tokens)}

    def grams(self, texts: Sequence[str]) -> Grams:
        """Find the known words and pairs; texts are in lower case."""
        known = self._numbers
        found = [[known.get(t, 0) for t in WORD.findall(text)] for text in texts]
        lengths = np.array([len(f) for f in found], dtype=np.int64)
        flat = np.array([t for f in found for t in f], dtype=np.uint64)
        rows = np.repeat(np.arange(len(found)), lengths)
        pairs = (rows[1:] == rows[:-1]) & (flat[1:] > 0) & (flat[:-1] > 0)
        single = flat > 0
        keys = np.concatenate(
            [flat[single], (flat[:-1][pairs] << np.uint64(32)) | flat[1:][pairs]]
        )
        return Grams(np.concatenate([rows[single], rows[1:][pairs]]), keys, len(found))


@dataclass(frozen=True, eq=False)
class Chars:
    """Runs of two to five characters inside words, a blank on either side belonging to the word.

    Parameters
    ----------
    alphabet : ndarray of uint32
        The characters that are known, sorted; a character's number is its position + 1.
    """

    alphabet: NDArray[np.uint32]

    def grams(self, texts: Sequence[str]) -> Grams:
        """Find n-grams of known characters in lower-case texts, words apart by one blank."""
        padded = [f" {text} " if text else "" for text in texts]
        points = code_points("".join(padded))
        lengths = np.array([len(p) for p in padded], dtype=np.int64)
        rows = np.repeat(np.arange(len(padded)), lengths)
        spot, known = lookup(self.alphabet, points)
        symbol = np.where(known, spot + 1, 0).astype(np.uint64)
        return _windows(symbol, known, points == 32, rows, len(padded))


def _windows(
    symbol: NDArray[np.uint64],
    known: NDArray[np.bool_],
    blank: NDArray[np.bool_],
    rows: NDArray[np.int64],
    n_rows: int,
) -> Grams:
    """Collect the windows of every size that lie inside one padded word."""
    keys, owners = [], []
    n = len(symbol)
    key, valid = symbol.copy(), known.copy()
    for size in CHAR_SIZES:
        span = max(n - size + 1, 0)
        key, valid = key[:span], valid[:span]
        key |= symbol[size - 1 :][:span] << np.uint64(BITS * (size - 1))
        valid &= known[size - 1 :][:span] & (rows[size - 1 :][:span] == rows[:span])
        if size > 2:
            # Only the first and the last character of a window may be the blank beside a word.
            valid &= ~blank[size - 2 :][:span]
        keys.append(key[valid])
        owners.append(rows[:span][valid])
    return Grams(np.concatenate(owners), np.concatenate(keys), n_rows)


@dataclass(frozen=True, eq=False)
class Tfidf:
    """Weights of n-grams.

    Parameters
    ----------
    keys : ndarray of uint64, sorted
        The n-grams that are columns.
    idf : ndarray of float64
        ``ln((1 + n) / (1 + df)) + 1``.
    """

    keys: NDArray[np.uint64]
    idf: NDArray[np.float64]

    def matrix(self, grams: Grams) -> sparse.csr_matrix:
        """Return ``(1 + ln tf) idf``, each row with length 1, as float32."""
        counts = count(grams, self.keys)
        counts.data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        squares = np.bincount(_row_of(counts), counts.data**2, counts.shape[0])
        lengths = np.sqrt(np.where(squares > 0, squares, 1.0))
        counts.data = (counts.data / lengths[_row_of(counts)]).astype(np.float32)
        return counts


def fit_words(texts: Sequence[str], min_rows: int) -> Words:
    """Learn the words that occur in at least `min_rows` texts."""
    frequency: Counter[str] = Counter()
    for text in texts:
        frequency.update(set(WORD.findall(text)))
    return Words(tuple(sorted(t for t, n in frequency.items() if n >= min_rows)))


def fit_chars(texts: Sequence[str]) -> Chars:
    """Learn the characters, of very many the most frequent ones."""
    alphabet, n = np.unique(code_points(" ".join(texts) + " "), return_counts=True)
    if len(alphabet) > MAX_SYMBOLS:
        alphabet = np.sort(alphabet[np.argsort(-n, kind="stable")[:MAX_SYMBOLS]])
    return Chars(alphabet)


def fit_tfidf(grams: Grams, min_rows: int, limit: int) -> Tfidf:
    """Choose the most frequent n-grams of those that occur in at least `min_rows` texts."""
    ordered = np.sort(grams.keys)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    starts = starts[: len(ordered)]
    total = np.diff(np.concatenate([starts, [len(ordered)]]))
    keys = ordered[starts][total >= min_rows]
    counts = count(grams, keys)
    in_rows = np.bincount(counts.indices, minlength=len(keys))
    often = np.flatnonzero(in_rows >= min_rows)
    if len(often) > limit:
        frequency = np.bincount(counts.indices, counts.data, len(keys))[often]
        often = np.sort(often[np.argsort(-frequency, kind="stable")[:limit]])
    idf = np.log((1 + grams.n_rows) / (1 + in_rows[often])) + 1
    return Tfidf(keys[often], idf)


def count(grams: Grams, keys: NDArray[np.uint64]) -> sparse.csr_matrix:
    """Count the n-grams in `keys` by row, columns in order."""
    spot, hit = lookup(keys, grams.keys)
    ones = np.ones(np.count_nonzero(hit))
    place = (grams.rows[hit], spot[hit])
    counts = sparse.coo_matrix((ones, place), shape=(grams.n_rows, len(keys))).tocsr()
    counts.sort_indices()
    return sparse.csr_matrix(counts)


def lookup(
    known: NDArray[np.unsignedinteger], values: NDArray[np.unsignedinteger]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each value stands in the sorted `known`, and whether it is there."""
    if not len(known):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    spot = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return spot, known[spot] == values


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _row_of(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
