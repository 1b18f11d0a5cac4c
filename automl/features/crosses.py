"""Generated features: arithmetic on pairs of numbers, values relative to their group, crosses.

A small, screened form of the generators of TabPrep (arXiv 2606.02384), learned on the training
rows of a fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from automl.features.base import SOURCE_SEPARATOR
from automl.features.levels import SHIFT, CodeColumn
from automl.features.numbers import LARGEST, sample_rows
from automl.features.screen import Screen, bin_numbers, explained, make_screen
from automl.features.targets import Targets
from automl.table.columns import UNSEEN

MAX_FEATURES = 60
TOP_NUMBERS = 10
TOP_CODES = 8
SCREEN_ROWS = 8_000
ADDITIVE_COLUMNS = 60
MAX_CELLS = 1_000_000
MAX_CORRELATION = 0.98
SYMBOLS = ("+", "−", "×", "÷")

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Crosses:
    """Generated features.

    Parameters
    ----------
    pairs : ndarray of int64, shape (n_pairs, 2)
        Numeric columns that are combined, sorted by operation.
    operations : ndarray of int64, shape (n_pairs,)
        0 sum, 1 difference, 2 product, 3 quotient.
    groups : ndarray of int64, shape (n_groups, 2)
        A code column and the numeric column that is divided by its mean in the group.
    group_offsets : ndarray of int64, shape (n_groups,)
        Where code 0 of each group stands in `group_means`.
    group_means : ndarray of float64
        Means of the numeric columns by level, NaN where none can be divided by.
    crossed : ndarray of int64, shape (n_crossed, 2)
        Pairs of code columns.
    strides, cross_offsets : ndarray of int64, shape (n_crossed,)
        Size of the second column's table, and where codes (0, 0) stand in `cross_codes`.
    cross_codes : ndarray of int32
        Code of each pair of levels, `UNSEEN` where training has none.
    cross_sizes : tuple of int
        Number of codes of each crossed column.
    number_names, number_sources, code_names, code_sources : tuple of str
        Names and raw columns of the generated features.
    """

    pairs: NDArray[np.int64]
    operations: NDArray[np.int64]
    groups: NDArray[np.int64]
    group_offsets: NDArray[np.int64]
    group_means: Values
    crossed: NDArray[np.int64]
    strides: NDArray[np.int64]
    cross_offsets: NDArray[np.int64]
    cross_codes: NDArray[np.int32]
    cross_sizes: tuple[int, ...]
    number_names: tuple[str, ...]
    number_sources: tuple[str, ...]
    code_names: tuple[str, ...]
    code_sources: tuple[str, ...]

    def numbers(self, numeric: Values, codes: NDArray[np.int32]) -> Values:
        """Return generated numbers of rows, shape (n_rows, n_pairs + n_groups)."""
        n_pairs = len(self.pairs)
        out = np.empty((len(numeric), n_pairs + len(self.groups)))
        edges = np.searchsorted(self.operations, np.arange(len(SYMBOLS) + 1))
        for operation in range(len(SYMBOLS)):
            part = slice(edges[operation], edges[operation + 1])
            left, right = self.pairs[part].T
            out[:, part] = combine(operation, numeric[:, left], numeric[:, right])
        if len(self.groups):
            means = self.group_means[codes[:, self.groups[:, 0]] + self.group_offsets]
            out[:, n_pairs:] = combine(3, numeric[:, self.groups[:, 1]], means)
        return out

    def codes(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return codes of rows with the crossed ones added."""
        if not len(self.crossed):
            return codes
        left, right = codes[:, self.crossed[:, 0]], codes[:, self.crossed[:, 1]]
        crossed = self.cross_codes[left * self.strides + right + self.cross_offsets]
        return np.concatenate([codes, crossed], axis=1)

    def code_columns(self) -> tuple[CodeColumn, ...]:
        """Describe the crossed columns."""
        sizes = zip(self.code_names, self.cross_sizes, strict=True)
        return tuple(CodeColumn(name, size, high=True, crossed=True) for name, size in sizes)


@dataclass
class _Chosen:
    """Candidates that were chosen, by kind."""

    pairs: list[tuple[int, int, int]] = field(default_factory=list)
    groups: list[tuple[int, int]] = field(default_factory=list)
    crossed: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A candidate: ("pair", operation, a, b), ("group", code, number) or ("cross", a, b)."""

    score: float
    key: tuple[str, int, int, int]
    values: Values | None


def fit_crosses(
    numeric: Values,
    names: tuple[str, ...],
    sources: tuple[str, ...],
    codes: NDArray[np.int32],
    columns: tuple[CodeColumn, ...],
    targets: Targets,
    seed: int,
) -> Crosses:
    """Screen candidates on a sample of the training rows and learn the tables of the best."""
    rows = np.sort(sample_rows(len(numeric), SCREEN_ROWS, seed))
    sample, sample_codes = numeric[rows], codes[rows].astype(np.int64) + SHIFT
    values, weight = targets.values[rows], targets.weight[rows]
    bins = [bin_numbers(column) for column in sample.T]
    bins += [_common_levels(column) for column in sample_codes.T]
    worth = np.array([explained(index, values, weight) for index in bins])
    order = np.argsort(-worth, kind="stable")
    screen = make_screen([bins[j] for j in order[:ADDITIVE_COLUMNS]], values, weight)
    n_numeric = numeric.shape[1]
    top_numbers = [int(j) for j in order if j < n_numeric][:TOP_NUMBERS]
    top_codes = [int(j) - n_numeric for j in order if j >= n_numeric][:TOP_CODES]
    candidates = [
        *_number_candidates(screen, sample, top_numbers),
        *_group_candidates(screen, sample, sample_codes, top_numbers, top_codes),
        *_cross_candidates(screen, sample_codes, columns, top_codes),
    ]
    chosen = _choose(candidates, min(3 * len(bins), MAX_FEATURES))
    return _learn(chosen, numeric, names, sources, codes, columns)


def combine(operation: int, left: Values, right: Values) -> Values:
    """Do the arithmetic; results that are no finite number of float32's range are missing."""
    with np.errstate(all="ignore"):
        if operation == 0:
            result = left + right
        elif operation == 1:
            result = left - right
        elif operation == 2:
            result = left * right
        else:
            result = left / right
        result[~(np.abs(result) <= LARGEST)] = np.nan
    return result


def _common_levels(index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep the 31 most frequent levels, and join the others."""
    counts = np.bincount(index)
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.minimum(rank, 31)[index]


def _number_candidates(screen: Screen, sample: Values, top: list[int]) -> Iterator[_Candidate]:
    for a, b in combinations(sorted(top), 2):
        for operation, i, j in ((0, a, b), (1, a, b), (2, a, b), (3, a, b), (3, b, a)):
            values = combine(operation, sample[:, i], sample[:, j])
            yield _Candidate(screen.score(bin_numbers(values)), ("pair", operation, i, j), values)


def _group_candidates(
    screen: Screen,
    sample: Values,
    codes: NDArray[np.int64],
    top_numbers: list[int],
    top_codes: list[int],
) -> Iterator[_Candidate]:
    for g in top_codes:
        for j in top_numbers:
            means = _group_means(codes[:, g], sample[:, j], int(codes[:, g].max()) + 1)
            values = combine(3, sample[:, j], means[codes[:, g]])
            yield _Candidate(screen.score(bin_numbers(values)), ("group", g, j, 0), values)


def _cross_candidates(
    screen: Screen,
    codes: NDArray[np.int64],
    columns: tuple[CodeColumn, ...],
    top: list[int],
) -> Iterator[_Candidate]:
    n_seen = {j: len(np.unique(codes[:, j])) for j in top}
    for a, b in combinations(sorted(top), 2):
        stride = columns[b].n_levels + SHIFT
        if (columns[a].n_levels + SHIFT) * stride > MAX_CELLS:
            continue
        cells, index = np.unique(codes[:, a] * stride + codes[:, b], return_inverse=True)
        # Where one column determines the other, crossing them says nothing new.
        if len(cells) > max(n_seen[a], n_seen[b]):
            yield _Candidate(screen.score(index), ("cross", a, b, 0), None)


def _choose(candidates: list[_Candidate], limit: int) -> _Chosen:
    """Take the best candidates, without numbers that say the same."""
    chosen, taken = _Chosen(), list[Values]()
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.key)):
        if candidate.score <= 0 or limit == 0:
            break
        kind, first, second, third = candidate.key
        if candidate.values is not None:
            unit = _unit_ranks(candidate.values)
            if taken and np.abs(np.array(taken) @ unit).max() > MAX_CORRELATION:
                continue
            taken.append(unit)
        if kind == "pair":
            chosen.pairs.append((first, second, third))
        elif kind == "group":
            chosen.groups.append((first, second))
        else:
            chosen.crossed.append((first, second))
        limit -= 1
    return chosen


def _unit_ranks(values: Values) -> Values:
    """Return ranks with mean 0 and length 1, so that products are rank correlations."""
    ranks = np.unique(values, return_inverse=True)[1].astype(np.float64)
    ranks -= ranks.mean()
    length = float(np.sqrt(ranks @ ranks))
    return ranks / length if length > 0 else ranks


def _group_means(index: NDArray[np.int64], values: Values, n_levels: int) -> Values:
    """Return the mean of the present values of each level; NaN for none, and for zero."""
    present = ~np.isnan(values)
    counts = np.bincount(index[present], minlength=n_levels)
    sums = np.bincount(index[present], np.clip(values[present], -LARGEST, LARGEST), n_levels)
    mean = sums / np.maximum(counts, 1)
    return np.where(mean == 0, np.nan, mean)


def _learn(
    chosen: _Chosen,
    numeric: Values,
    names: tuple[str, ...],
    sources: tuple[str, ...],
    codes: NDArray[np.int32],
    columns: tuple[CodeColumn, ...],
) -> Crosses:
    """Learn tables from all training rows, and name the features."""
    pairs = sorted(chosen.pairs)
    index = codes.astype(np.int64) + SHIFT
    means = [
        _group_means(index[:, g], numeric[:, j], columns[g].n_levels + SHIFT)
        for g, j in chosen.groups
    ]
    tables = [
        _cross_table(index[:, a], index[:, b], columns[a], columns[b]) for a, b in chosen.crossed
    ]
    strides = np.array([columns[b].n_levels + SHIFT for _, b in chosen.crossed], dtype=np.int64)
    cross_names = [(columns[a].name, columns[b].name) for a, b in chosen.crossed]
    number_names = [f"{names[a]} {SYMBOLS[op]} {names[b]}" for op, a, b in pairs]
    number_names += [f"{names[j]} ÷ mean by {columns[g].name}" for g, j in chosen.groups]
    number_sources = [_joined(sources[a], sources[b]) for _, a, b in pairs]
    number_sources += [_joined(sources[j], columns[g].name) for g, j in chosen.groups]
    return Crosses(
        np.array([(a, b) for _, a, b in pairs], dtype=np.int64).reshape(-1, 2),
        np.array([op for op, _, _ in pairs], dtype=np.int64),
        np.array(chosen.groups, dtype=np.int64).reshape(-1, 2),
        _starts(means) + SHIFT,
        np.concatenate(means) if means else np.empty(0),
        np.array(chosen.crossed, dtype=np.int64).reshape(-1, 2),
        strides,
        _starts(tables) + SHIFT * strides + SHIFT,
        np.concatenate(tables) if tables else np.empty(0, dtype=np.int32),
        tuple(int(table.max()) + 1 for table in tables),
        tuple(number_names),
        tuple(number_sources),
        tuple(f"{a} & {b}" for a, b in cross_names),
        tuple(_joined(a, b) for a, b in cross_names),
    )


def _cross_table(
    left: NDArray[np.int64], right: NDArray[np.int64], a: CodeColumn, b: CodeColumn
) -> NDArray[np.int32]:
    """Give a code to each pair of levels that occurs."""
    stride = b.n_levels + SHIFT
    seen = np.unique(left * stride + right)
    table = np.full((a.n_levels + SHIFT) * stride, UNSEEN, dtype=np.int32)
    table[seen] = np.arange(len(seen))
    return table


def _starts(tables: list[NDArray[np.float64]] | list[NDArray[np.int32]]) -> NDArray[np.int64]:
    """Return where each table starts when they are put together."""
    return np.cumsum([0, *(len(table) for table in tables)])[: len(tables)].astype(np.int64)


def _joined(*sources: str) -> str:
    """Join raw columns, each once."""
    single = dict.fromkeys(name for s in sources for name in s.split(SOURCE_SEPARATOR))
    return SOURCE_SEPARATOR.join(single)
