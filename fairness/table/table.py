"""The count table: everything that an audit has to know of the rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.table import document, engines, frames, grouping, merging
from fairness.table.batches import count_batches, name_columns, rows_of
from fairness.table.cells import Mass, ScoreSums, Sums, settled
from fairness.table.counting import Counted, count
from fairness.table.design import Options, find_facts, settle
from fairness.table.equality import same
from fairness.table.frozen import FrozenMapping
from fairness.table.header import Header
from fairness.table.names import listed
from fairness.table.numbers import check_some_weight
from fairness.table.outcomes import TaskArgument
from fairness.table.parquet import Progress, count_parquet
from fairness.table.reading import parse
from fairness.table.rows import Rows, read_rows
from fairness.table.values import (
    Attribute,
    Counts,
    Floats,
    GroupCounts,
    Moments,
    ScoreGrid,
    Task,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class CountTable:
    """Rows counted by group, outcome, prediction and bin of the score.

    The table is all that metrics, intervals and tests need. It is additive: tables of different
    rows, from files, machines or sites, add up with ``+``, so that no row has to move.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    attributes : tuple of Attribute
        What groups the rows: sensitive attributes first, then control features.
    classes : tuple of str
        Labels by code; for a binary outcome (negative, positive); for a regression the two sides
        of the threshold, empty without one.
    grid : ScoreGrid or None
        Bins of the scores; None without binned scores.
    threshold : float or None
        Where scores were cut into predictions, or, for a regression, outcomes and predictions
        into selected and not. None where predictions were given.
    keys : ndarray of int32, shape (n_cells, n_attributes + 3)
        Each cell's group of every attribute, its outcome, prediction and bin; -1 for a prediction
        or a bin where there is none. Ascending, each once.
    counts : ndarray of int64, shape (n_cells,)
        Rows.
    weights, weights_squared : ndarray of float64, shape (n_cells,)
        Sum of the rows' weights, and of their squares.
    moments : mapping of str to Moments
        Sums of what is averaged, by cell; named as in `GroupCounts`.
    scores : ScoreSums or None
        What the histogram needs of each cell's scores beside ``moments["score"]``.

    Notes
    -----
    Tables are equal (``==``) when their counts are, and their sums agree to nine digits: the last
    digits of a sum depend on the order in which it was added up.

    Examples
    --------
    >>> table = CountTable.from_rows(
    ...     [1, 0, 1, 0], [1, 1, 0, 0], sensitive={"sex": ["f", "f", "m", "m"]}
    ... )
    >>> table
    CountTable(4 rows in 4 cells, binary 0/1, sensitive sex (2))
    >>> table.n, table.weighted, table.sensitive, table.controls
    (4, False, ('sex',), ())
    >>> table.groups(["sex"]).counts.tolist()
    [[[0, 1], [0, 1]], [[1, 0], [1, 0]]]
    >>> (table + table).n
    8
    >>> CountTable.from_json(table.to_json()) == table
    True
    >>> CountTable.from_cells(table.to_frame()) == table
    True
    >>> table.has_predictions, table.sums.mass.counts.tolist()
    (True, [1, 1, 1, 1])
    """

    task: Task
    attributes: tuple[Attribute, ...]
    classes: tuple[str, ...]
    grid: ScoreGrid | None
    threshold: float | None
    keys: NDArray[np.int32]
    counts: Counts
    weights: Floats
    weights_squared: Floats
    moments: Mapping[str, Moments] = field(default_factory=FrozenMapping)
    scores: ScoreSums | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "moments", FrozenMapping(self.moments))
        arrays: list[NDArray[Any]] = [self.keys, self.counts, self.weights, self.weights_squared]
        for moment in self.moments.values():
            arrays += [moment.total, moment.weighted, moment.squared]
        if self.scores is not None:
            arrays += [self.scores.squared, self.scores.low, self.scores.high]
        for array in arrays:
            array.setflags(write=False)

    @classmethod
    def from_rows(
        cls,
        y_true: Any,
        y_pred: Any = None,
        *,
        y_score: Any = None,
        sensitive: Any,
        control: Any = None,
        weight: Any = None,
        positive: object = None,
        threshold: float | None = None,
        task: TaskArgument = "auto",
        edges: Mapping[str, Sequence[float]] | None = None,
        counts: Any = None,
    ) -> CountTable:
        """Count rows.

        Parameters
        ----------
        y_true : array-like, shape (n_rows,)
            What happened: a list, an array, or a pandas, polars or Arrow column.
        y_pred : array-like, shape (n_rows,), optional
            What was predicted: labels of `y_true`, or numbers for a regression.
        y_score : array-like, shape (n_rows,) or (n_rows, n_classes), optional
            For a binary outcome a score that is higher where the positive label is likelier:
            probabilities, or any ordered scale. A matrix has a column of probabilities for each
            label in sorted order, as ``predict_proba`` gives them; a binary outcome takes that of
            the positive label. Without `y_pred` scores are cut at `threshold`, and the likeliest
            of several classes is taken as predicted.
        sensitive, control : Series, array-like, frame or dict of str to array-like
            What groups the rows, and the strata to compare within. Numbers with more than 10
            distinct values are binned at their quintiles, rounded; missing values make a group.
        weight : array-like, shape (n_rows,), optional
            Weight of each row, 0 or more; rows with 0 are left out. Default: all 1.
        positive : object, optional
            The positive label, found by its text. Not needed for 0/1, -1/1 and False/True. With
            more than two labels it makes one against the rest.
        threshold : float, optional
            Binary: scores from here on are predicted positive; default 0.5 for probabilities, none
            for other scales. Regression: outcomes and predictions from here on are selected.
        task : {"auto", "binary", "multiclass", "regression"}, default "auto"
            auto: two labels are binary; text, booleans and at most 20 distinct whole numbers are
            multiclass; other numbers are a regression.
        edges : dict of str to sequence of float, optional
            Cut points of numeric attributes by name. Tables to be added need the same ones.
        counts : array-like of int, shape (n_rows,), optional
            How many equal rows each row stands for. Default: all 1.

        Returns
        -------
        CountTable
            The rows, counted.

        Raises
        ------
        ArgumentError
            If the rows cannot be used; says what is wrong and what to do.

        Notes
        -----
        Probabilities are binned by 0.02 in their log-odds, from -10 to 10, the same in every
        table. Other scores have a bin for each distinct value, or 512 quantile bins where there
        are more values.

        A column may hold the word "(missing)" itself: that group is named "'(missing)'".

        Examples
        --------
        >>> table = CountTable.from_rows(
        ...     ["yes", "no", "yes", "no"],
        ...     y_score=[0.9, 0.6, 0.3, 0.2],
        ...     sensitive={"sex": ["f", "f", "m", None]},
        ...     positive="yes",
        ... )
        >>> table
        CountTable(4 rows in 4 cells, binary no/yes, sensitive sex (3), probabilities cut at 0.5)
        >>> table.attributes[0].groups
        ('f', 'm', '(missing)')
        """
        rows = read_rows(y_true, y_pred, y_score, sensitive, control, weight, counts)
        return _from_all(rows, Options(positive, threshold, task, edges))

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        target: str,
        prediction: str | None = None,
        score: str | None = None,
        sensitive: str | Sequence[str],
        control: str | Sequence[str] = (),
        weight: str | None = None,
        positive: object = None,
        threshold: float | None = None,
        task: TaskArgument = "auto",
        edges: Mapping[str, Sequence[float]] | None = None,
    ) -> CountTable:
        """Count the rows of a frame, its columns by name.

        Parameters
        ----------
        frame : frame
            A pandas, polars or Arrow frame.
        target : str
            Column of outcomes.
        prediction, score : str, optional
            Columns of predictions and of scores.
        sensitive, control : str or sequence of str
            Columns that group the rows, and strata to compare within.
        weight : str, optional
            Column of row weights.
        positive, threshold, task, edges : optional
            As in `from_rows`.

        Returns
        -------
        CountTable
            The rows, counted.

        Raises
        ------
        ArgumentError
            If a column is not there (`ColumnNotFoundError`) or cannot be used.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"paid": [1, 0, 1], "score": [7, 3, 4], "sex": ["f", "m", "m"]})
        >>> CountTable.from_frame(frame, target="paid", score="score", sensitive="sex")
        CountTable(3 rows in 3 cells, binary 0/1, sensitive sex (2), scores in 3 bins)
        """
        columns = name_columns(target, prediction, score, weight, sensitive, control)
        rows = rows_of(frame, columns, "the frame")
        return _from_all(rows, Options(positive, threshold, task, edges))

    @classmethod
    def from_cells(
        cls,
        frame: Any,
        *,
        control: str | Sequence[str] = (),
        positive: object = None,
        threshold: float | None = None,
        task: TaskArgument = "auto",
        edges: Mapping[str, Sequence[float]] | None = None,
    ) -> CountTable:
        """Read cells that DuckDB, Spark, Dask or any other engine counted.

        Parameters
        ----------
        frame : frame
            A row for each cell, in any order; cells may repeat and then add up. See Notes.
        control : str or sequence of str, default ()
            Columns that are strata to compare within, not sensitive attributes.
        positive, threshold, task, edges : optional
            As in `from_rows`.

        Returns
        -------
        CountTable
            The cells, added up.

        Raises
        ------
        ArgumentError
            If a column is missing, or holds what no count can be.

        Notes
        -----
        Reserved columns:

        - ``count``: rows of the cell.
        - ``y_true``; ``y_pred`` (optional); ``score`` (optional; rounded, so that cells are few).
        - ``weight`` and ``weight_squared`` (optional): SUM(w) and SUM(w * w). Where a cell holds
          several distinct values of w, both are needed, and then suffice.
        - For a regression, instead of distinct y_true and y_pred, sums over the rows of x and of
          x²: ``outcome.total``, ``outcome.squared``, and likewise ``outcome_squared``; with
          predictions also ``prediction``, ``error`` (prediction − outcome), ``absolute_error`` and
          ``squared_error``. With weights ``….total`` is SUM(w * x), ``….weighted``
          SUM(w * w * x) and ``….squared`` SUM(w * w * x * x).

        Every other column is an attribute; NULL is a group of its own. An attribute whose name is
        reserved is read from ``attribute.NAME``. A query such as ``SELECT race, sex, y_true,
        y_pred, COUNT(*) AS count FROM t GROUP BY ALL`` gives such a frame.

        Examples
        --------
        >>> import pandas as pd
        >>> cells = pd.DataFrame(
        ...     {
        ...         "sex": ["f", "m", "m"],
        ...         "y_true": [1, 1, 0],
        ...         "y_pred": [1, 1, 1],
        ...         "count": [5, 7, 2],
        ...     }
        ... )
        >>> CountTable.from_cells(cells)
        CountTable(14 rows in 3 cells, binary 0/1, sensitive sex (2))
        """
        found = engines.read(frame, control, Options(positive, threshold, task, edges))
        return from_counted(found) if isinstance(found, Counted) else _from_parts(*found)

    @classmethod
    def from_parquet(
        cls,
        path: str | os.PathLike[str],
        *,
        target: str,
        prediction: str | None = None,
        score: str | None = None,
        sensitive: str | Sequence[str],
        control: str | Sequence[str] = (),
        weight: str | None = None,
        positive: object = None,
        threshold: float | None = None,
        task: TaskArgument = "auto",
        edges: Mapping[str, Sequence[float]] | None = None,
        batch_rows: int = 1_000_000,
        progress: Progress | None = None,
    ) -> CountTable:
        """Count the rows of a Parquet file in batches, in the memory of one batch.

        Parameters
        ----------
        path : str or Path
            The file.
        target : str
            Column of outcomes.
        prediction, score : str, optional
            Columns of predictions and of scores.
        sensitive, control : str or sequence of str
            Columns that group the rows, and strata to compare within.
        weight : str, optional
            Column of row weights.
        positive, threshold, task, edges : optional
            As in `from_rows`. Cut points that are not given come from the first batch.
        batch_rows : int, default 1,000,000
            Rows that are in memory at once.
        progress : callable, optional
            Called after each batch with the rows counted and the rows there are.

        Returns
        -------
        CountTable
            The rows, counted.

        Raises
        ------
        ArgumentError
            If the file, a column or a row cannot be used.

        Notes
        -----
        Outcomes, predictions, scores and weights are read twice, first to know all labels and the
        range of the scores. Quantile bins of scores outside [0, 1], too, come from the first
        batch.

        Examples
        --------
        >>> import tempfile, pathlib, pandas as pd
        >>> frame = pd.DataFrame({"paid": [1, 0, 1], "given": [1, 1, 0], "sex": ["f", "m", "m"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "rows.parquet"
        ...     frame.to_parquet(file)
        ...     CountTable.from_parquet(file, target="paid", prediction="given", sensitive="sex")
        CountTable(3 rows in 3 cells, binary 0/1, sensitive sex (2))
        """
        columns = name_columns(target, prediction, score, weight, sensitive, control)
        options = Options(positive, threshold, task, edges)
        return _added(count_parquet(path, columns, options, batch_rows, progress))

    @classmethod
    def from_batches(
        cls,
        batches: Iterable[Any],
        *,
        target: str,
        prediction: str | None = None,
        score: str | None = None,
        sensitive: str | Sequence[str],
        control: str | Sequence[str] = (),
        weight: str | None = None,
        positive: object = None,
        threshold: float | None = None,
        task: TaskArgument = "auto",
        edges: Mapping[str, Sequence[float]] | None = None,
    ) -> CountTable:
        """Count frames one after the other, each of them read once.

        Parameters
        ----------
        batches : iterable of frames
            Pandas, polars or Arrow frames with the same columns.
        target : str
            Column of outcomes.
        prediction, score : str, optional
            Columns of predictions and of scores.
        sensitive, control : str or sequence of str
            Columns that group the rows, and strata to compare within.
        weight : str, optional
            Column of row weights.
        positive, threshold, task, edges : optional
            As in `from_rows`. What is not given is settled by the first batch: the task, cut
            points, and whether scores are probabilities. Labels and groups are united.

        Returns
        -------
        CountTable
            The rows of all batches, counted.

        Raises
        ------
        ArgumentError
            If a batch cannot be used, or does not fit the first one; says which.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"paid": [1, 0], "given": [1, 1], "sex": ["f", "m"]})
        >>> CountTable.from_batches(
        ...     [frame, frame], target="paid", prediction="given", sensitive="sex"
        ... )
        CountTable(4 rows in 2 cells, binary 0/1, sensitive sex (2))
        """
        columns = name_columns(target, prediction, score, weight, sensitive, control)
        options = Options(positive, threshold, task, edges)
        table = _added(count_batches(batches, columns, options))
        _check_united(table, positive)
        return table

    @classmethod
    def from_json(cls, text: str | bytes) -> CountTable:
        """Read a table that `to_json` wrote, and check that it adds up.

        Parameters
        ----------
        text : str or bytes
            The JSON.

        Returns
        -------
        CountTable
            The same table to the last digit.

        Raises
        ------
        CountTableError
            If the text is no table, is of a newer format, contradicts itself, or was changed after
            it was written.

        Examples
        --------
        >>> table = CountTable.from_rows([1, 0], sensitive=["a", "b"])
        >>> CountTable.from_json(table.to_json().replace('"counts":[1,1]', '"counts":[1,2]'))
        Traceback (most recent call last):
            ...
        fairness.errors.CountTableError: the table cannot be read: the counts add up to 3, ...
        """
        content = parse(text, "table")
        table = _from_parts(*document.read_cells(content))
        document.check_digest(content, table)
        return table

    def to_json(self) -> str:
        """Return the table as JSON, from which every number of an audit can be computed anew.

        Returns
        -------
        str
            Schema "candor.count_table/1": header, cells by column, totals, and a SHA-256 digest of
            the content. The digest finds damage and careless edits; it is no signature.

        Examples
        --------
        >>> CountTable.from_rows([1, 0], sensitive=["a", "b"]).to_json()[:34]
        '{"schema":"candor.count_table/1","'
        """
        return document.write(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the cells as a frame, which `from_cells` reads.

        Returns
        -------
        DataFrame
            A row for each cell, a column for each attribute and reserved columns as in
            `from_cells`; scores by ``score_bin``, ``score_low``, ``score_high`` and
            ``scores_squared``. Its ``attrs`` hold what else the table says: order of the groups,
            cut points, control features, threshold.

        Examples
        --------
        >>> table = CountTable.from_rows([1, 0, 1], [1, 1, 1], sensitive={"sex": ["f", "m", "f"]})
        >>> print(table.to_frame().to_string(index=False))
        sex y_true y_pred  count
          f      1      1      2
          m      0      1      1
        """
        return frames.to_frame(self)

    @property
    def sums(self) -> Sums:
        """What the cells add up to, in one value."""
        mass = settled(Mass(self.counts, self.weights, self.weights_squared))
        return Sums(mass, self.moments, self.scores)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    @property
    def weighted(self) -> bool:
        """Whether any row has a weight other than 1."""
        return not self.sums.mass.plain

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Names of the sensitive attributes."""
        return tuple(attribute.name for attribute in self.attributes if not attribute.control)

    @property
    def controls(self) -> tuple[str, ...]:
        """Names of the control features."""
        return tuple(attribute.name for attribute in self.attributes if attribute.control)

    @property
    def has_predictions(self) -> bool:
        """Whether rows are told apart by what was predicted."""
        return bool(self.keys[0, -2] >= 0)

    def groups(self, names: Sequence[str] = ()) -> GroupCounts:
        """Add up to the groups of crossed attributes, over all others.

        Parameters
        ----------
        names : sequence of str, default ()
            Attributes to cross; none: one group of all rows.

        Returns
        -------
        GroupCounts
            Groups that hold rows, in the order of the attributes' groups.

        Raises
        ------
        ArgumentError
            If the table has no such attribute, or one is named twice.

        Examples
        --------
        >>> table = CountTable.from_rows(
        ...     [1, 0, 1], sensitive={"sex": ["f", "f", "m"], "race": ["a", "b", "b"]}
        ... )
        >>> table.groups(["sex", "race"]).groups
        ('f × a', 'f × b', 'm × b')
        >>> table.groups().n.tolist()
        [3]
        """
        return grouping.group(self, names)

    def one_vs_rest(self, label: object) -> CountTable:
        """Return the binary table of one class against all others.

        Parameters
        ----------
        label : object
            The class that becomes positive, found by its text.

        Returns
        -------
        CountTable
            A table of the classes ("not LABEL", "LABEL"), without scores.

        Raises
        ------
        ArgumentError
            If the table is not of several classes, or has no such class.

        Examples
        --------
        >>> table = CountTable.from_rows(
        ...     ["a", "b", "c"], ["a", "b", "b"], sensitive=["x", "x", "y"]
        ... )
        >>> table.one_vs_rest("b").groups().counts.tolist()
        [[[1, 1], [0, 1]]]
        """
        return grouping.one_vs_rest(self, label)

    def __add__(self, other: object) -> CountTable:
        if not isinstance(other, CountTable):
            return NotImplemented
        return merging.merge(self, other)

    def __radd__(self, other: object) -> CountTable:
        """Let `sum` begin with 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        return same(self, other) if isinstance(other, CountTable) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        parts = [f"{_number(self.n, 'row')} in {_number(len(self.counts), 'cell')}"]
        classes = "/".join(self.classes) if len(self.classes) <= 5 else len(self.classes)
        several = self.task == "multiclass" and len(self.classes) > 5
        parts.append(f"{self.task} {classes}{' classes' if several else ''}".strip())
        for role, control in (("sensitive", False), ("control", True)):
            names = [
                f"{a.name} ({len(a.groups)})" for a in self.attributes if a.control == control
            ]
            if names:
                parts.append(f"{role} {', '.join(names)}")
        if self.grid is not None:
            parts.append(self._scores_text(self.grid))
        return f"CountTable({', '.join(parts)}{', weighted' if self.weighted else ''})"

    def _scores_text(self, grid: ScoreGrid) -> str:
        cut = "" if self.threshold is None else f" cut at {self.threshold:g}"
        if grid.kind == "probability":
            return f"probabilities{cut}"
        return f"scores in {_number(len(np.unique(self.keys[:, -1])), 'bin')}{cut}"


def _number(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _from_all(rows: Rows, options: Options) -> CountTable:
    """Count rows that are all there."""
    check_some_weight(rows.mass)
    return from_counted(count(rows, settle(rows, find_facts(rows), options)))


def _added(batches: Iterator[Counted]) -> CountTable:
    return reduce(add, map(from_counted, batches))


def _check_united(table: CountTable, positive: object) -> None:
    """Refuse labels that only ever were predicted, and a positive one that never occurs."""
    true, predicted = np.unique(table.keys[:, -3]), np.unique(table.keys[:, -2])
    if table.task == "multiclass":
        unseen = [table.classes[code] for code in predicted if code >= 0 and code not in true]
        if unseen:
            raise ArgumentError(
                "y_pred has labels that y_true does not have",
                got=f"{listed(unseen)}; y_true has {listed([table.classes[i] for i in true])}",
                hint="the same labels in both",
            )
    several = table.task == "binary" and table.classes[0] == f"not {table.classes[1]}"
    if several and positive is not None and 1 not in true and 1 not in predicted:
        raise ArgumentError(
            f"positive={positive!r} is no label of y_true", got="no batch holds it"
        )


def _from_parts(header: Header, keys: NDArray[np.int32], sums: Sums) -> CountTable:
    """Return cells with the header that says what they mean."""
    empty = CountTable(
        header.task,
        header.attributes,
        header.classes,
        header.grid,
        header.threshold,
        keys,
        sums.mass.counts,
        sums.mass.weights,
        sums.mass.weights_squared,
    )
    return merging.with_cells(empty, keys, sums)


def from_counted(counted: Counted) -> CountTable:
    """Return counted rows as a table."""
    design = counted.design
    outcome = design.outcome
    header = Header(
        outcome.task, counted.attributes, outcome.classes, design.grid, design.threshold
    )
    return _from_parts(header, counted.keys, counted.sums)
