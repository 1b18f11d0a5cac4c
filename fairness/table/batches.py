"""Tables of rows that come in batches: a Parquet file, or any frames one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from candor.frames import RawColumn, frame_kind
from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table import scores as scoring
from fairness.table.counting import Counted, count
from fairness.table.design import Design, Facts, Options, find_facts, settle
from fairness.table.inputs import as_names, column_names, find_columns, read_column, select
from fairness.table.numbers import as_floats, read_mass
from fairness.table.rows import Rows, heavy_rows, read_rows
from fairness.table.values import ScoreGrid


@dataclass(frozen=True)
class Columns:
    """Which columns of a frame or file hold what.

    Parameters
    ----------
    target : str
        Outcomes.
    prediction, score, weight : str or None
        Predictions, scores and weights.
    sensitive, control : tuple of str
        Attributes.
    """

    target: str
    prediction: str | None
    score: str | None
    weight: str | None
    sensitive: tuple[str, ...]
    control: tuple[str, ...]

    @property
    def named(self) -> list[tuple[str, str]]:
        """Argument and column of each, in order."""
        single = {
            "target": self.target,
            "prediction": self.prediction,
            "score": self.score,
            "weight": self.weight,
        }
        return [
            *((argument, name) for argument, name in single.items() if name is not None),
            *(("sensitive", name) for name in self.sensitive),
            *(("control", name) for name in self.control),
        ]

    def results(self) -> Columns:
        """Return only the columns that say what was predicted, and what it weighs."""
        return replace(self, sensitive=(), control=())


def name_columns(
    target: str,
    prediction: str | None,
    score: str | None,
    weight: str | None,
    sensitive: str | Sequence[str],
    control: str | Sequence[str],
) -> Columns:
    """Return the columns that a caller names; refuse what cannot be a name."""
    for argument, name in (
        ("target", target),
        ("prediction", prediction),
        ("score", score),
        ("weight", weight),
    ):
        optional = argument != "target" and name is None
        if not isinstance(name, str) and not optional:
            raise ArgumentTypeError(
                f"{argument} has to name a column", got=repr(name)[:80], hint=f'{argument}="name"'
            )
    by, within = as_names(sensitive, "sensitive"), as_names(control, "control")
    for names in (by, within):
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ArgumentError(f"the attribute {twice[0]!r} is named twice", hint="name it once")
    return Columns(target, prediction, score, weight, by, within)


def rows_of(frame: Any, columns: Columns, where: str) -> Rows:
    """Return the rows of a frame."""
    found = find_columns(columns.named, column_names(_checked(frame, where)), where)
    chosen = select(frame, found)
    by_name = dict(zip((name for _, name in columns.named), found, strict=True))

    def one(name: str | None) -> Any:
        return None if name is None else chosen[by_name[name]]

    return read_rows(
        one(columns.target),
        one(columns.prediction),
        one(columns.score),
        {name: one(name) for name in columns.sensitive},
        {name: one(name) for name in columns.control},
        one(columns.weight),
        None,
    )


def _checked(frame: Any, where: str) -> Any:
    if frame_kind(frame):
        return frame
    raise ArgumentTypeError(
        f"{where} is no frame",
        got=type(frame).__name__,
        hint="a pandas, polars or Arrow frame",
    )


def count_batches(
    batches: Iterable[Any], columns: Columns, options: Options, facts: Facts | None = None
) -> Iterator[Counted]:
    """Count frames one after the other; what is not known of all rows, the first one settles.

    Parameters
    ----------
    batches : iterable of frames
        Pandas, polars or Arrow frames; empty ones are passed over.
    columns : Columns
        Which columns hold what.
    options : Options
        What the caller says.
    facts : Facts, optional
        Of all rows. Without, labels and distinct scores are united as they come.

    Yields
    ------
    Counted
        The cells of each batch.
    """
    if not isinstance(batches, Iterable) or frame_kind(batches):
        raise ArgumentTypeError(
            "batches are frames, one after the other",
            got=type(batches).__name__,
            hint="a list or generator of frames",
        )
    first: Design | None = None
    begin = 0
    for i, batch in enumerate(batches):
        where = f"batch {i:,}"
        n = len(select(_checked(batch, where), column_names(batch)[:1]))
        if n == 0:
            continue
        try:
            rows = rows_of(batch, columns, where)
            if len(rows.mass.counts) == 0:
                continue
            counted = count(rows, _design(rows, first, options, facts))
        except ArgumentError as error:
            raise _located(error, i, begin) from None
        finally:
            begin += n
        first = first or _fixed(counted)
        yield counted
    if first is None:
        raise ArgumentError("there are no rows", got="every batch is empty, or weighs 0")


def _located(error: ArgumentError, batch: int, begin: int) -> ArgumentError:
    """Say in which batch it went wrong: the rows of a message count from its beginning."""
    got = f"{error.got or 'found'} (in batch {batch:,}, which begins at row {begin:,})"
    return type(error)(error.what, got=got, hint=error.hint)


def _design(rows: Rows, first: Design | None, options: Options, facts: Facts | None) -> Design:
    """Return the design of a batch."""
    if first is None:
        return settle(rows, facts or find_facts(rows), options, partial=facts is None)
    if facts is not None:
        return first
    own = replace(options, task=first.outcome.task)
    found = find_facts(rows)
    design = settle(rows, found, own, partial=True)
    return replace(design, threshold=first.threshold, grid=_grid(first, design), edges=first.edges)


def _fixed(counted: Counted) -> Design:
    """Return the design with the cut points that the first batch has led to."""
    edges = {attribute.name: attribute.edges for attribute in counted.attributes}
    return replace(counted.design, edges=edges)


def _grid(first: Design, own: Design) -> ScoreGrid | None:
    """Return the bins of a later batch: those of the first, or its own distinct scores."""
    if not first.by_level:
        return first.grid
    if not own.by_level:
        raise ArgumentError(
            f"y_score has more than {scoring.MOST_LEVELS} different values, the first batch less",
            got="bins of the first batch do not fit this one",
            hint="a larger first batch, or CountTable.from_parquet, which reads all scores first",
        )
    return own.grid


def scan(batches: Iterable[Any], columns: Columns, where: str) -> Facts:
    """Return what has to be known of all rows before any of them can be counted."""
    found: Facts | None = None
    begin = 0
    for i, batch in enumerate(batches):
        try:
            rows = _results_of(batch, columns, where)
            if rows is not None:
                facts = find_facts(rows)
                found = facts if found is None else found | facts
        except ArgumentError as error:
            raise _located(error, i, begin) from None
        begin += batch.num_rows
    if found is None:
        raise ArgumentError("there are no rows", got=f"{where} is empty, or weighs 0")
    return found


def _results_of(batch: Any, columns: Columns, where: str) -> Rows | None:
    """Return the rows of a batch without their groups; None where there are none."""
    found = find_columns(columns.results().named, column_names(batch), where)
    chosen = select(batch, found)
    if not len(chosen):
        return None

    def one(name: str | None, argument: str) -> RawColumn | None:
        return None if name is None else read_column(chosen[name], argument)

    score, weight = one(columns.score, "y_score"), one(columns.weight, "weight")
    true = read_column(chosen[columns.target], "y_true")
    weights = None if weight is None else as_floats(weight, "weight")
    rows = Rows(
        true,
        one(columns.prediction, "y_pred"),
        None if score is None else as_floats(score, "y_score"),
        (),
        read_mass(len(chosen), weights, None),
    )
    rows = heavy_rows(rows)
    return rows if len(rows.mass.counts) else None
