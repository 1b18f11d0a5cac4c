"""The schema: learned once from the training rows, it reads every later row the same way."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ColumnNotFoundError, DataError, RunFolderError
from automl.table.column import MANY_LEVELS, Column
from automl.table.columns import UNSEEN, Columns, Layout
from automl.table.convert import read_codes, read_numeric, read_text, read_times
from automl.table.load import read_frame
from automl.table.names import listed, near_miss, with_text_names
from automl.table.roles import unsupported
from automl.table.rowvalues import check_weights
from automl.table.target import Target
from candor.frames import RawColumn, raw_column

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schema:
    """What is known of the columns of a table, and how rows are read.

    Parameters
    ----------
    columns : tuple of Column
        Every column but the target, in the order of the table.
    target : Target
        What is predicted.
    """

    columns: tuple[Column, ...]
    target: Target

    @cached_property
    def layout(self) -> Layout:
        """Which feature stands where in `Columns`."""
        categories = self._with_roles("categorical", "high_cardinality")
        many = tuple(
            c.role == "high_cardinality" or len(c.levels) > MANY_LEVELS for c in categories
        )
        return Layout(
            numeric=tuple(c.name for c in self._with_roles("numeric", "boolean")),
            categorical=tuple(c.name for c in categories),
            n_levels=tuple(len(c.levels) for c in categories),
            high_cardinality=many,
            times=tuple(c.name for c in self._with_roles("datetime")),
            texts=tuple(c.name for c in self._with_roles("text")),
        )

    def read(self, data: Any, *, notes: list[str] | None = None) -> Columns:
        """Read rows to predict.

        Parameters
        ----------
        data : frame, str or Path
            A pandas, polars or Arrow frame, or a file. Columns may come in any order and storage
            type; columns that the schema does not know are ignored, and it is said.
        notes : list of str, optional
            Receives one sentence for each thing that the reader should know.

        Returns
        -------
        Columns
            The features. Unknown categories are `UNSEEN`.

        Raises
        ------
        ColumnNotFoundError
            If a feature is missing.
        DataError
            If a value cannot be read as its column's type; names column, value and row.
        """
        frame, where = self._frame(data)
        positions = {name: i for i, name in enumerate(frame.columns.tolist())}
        self._require(positions, where)
        self._tell_extra(positions, where, notes)
        columns = self.read_raw(
            {c.name: raw_column(frame[c.name]) for c in self.columns if c.is_feature}
        )
        if notes is not None:
            notes.extend(_unseen(columns))
        return columns

    def read_raw(self, raws: Mapping[str, RawColumn]) -> Columns:
        """Read features that are already columns; `read` does the rest of the checks."""
        for name, raw in raws.items():
            if raw.kind == "unsupported":
                raise unsupported(name, raw, learning=False)
        n_rows = next(iter(raws.values())).n_rows if raws else 0
        numbers = self._with_roles("numeric", "boolean")
        # stored column by column: filling and choosing rows or columns is fastest this way
        numeric = np.empty((len(numbers), n_rows)).T
        for i, column in enumerate(numbers):
            numeric[:, i] = read_numeric(column, raws[column.name])
        categories = self._with_roles("categorical", "high_cardinality")
        codes = np.empty((len(categories), n_rows), dtype=np.int32).T
        for i, column in enumerate(categories):
            codes[:, i] = read_codes(column, raws[column.name])
        dated = self._with_roles("datetime")
        times = np.empty((len(dated), n_rows)).T
        for i, column in enumerate(dated):
            times[:, i] = read_times(column, raws[column.name])
        texts = tuple(read_text(c, raws[c.name]) for c in self._with_roles("text"))
        return Columns(self.layout, numeric, codes, times, texts)

    def read_target(self, data: Any) -> NDArray[Any] | None:
        """Read the target of rows to score.

        Returns
        -------
        ndarray, shape (n_rows,), or None
            int64 class numbers or float64 values; None if the rows have no target column.

        Raises
        ------
        DataError
            If a label is unknown or missing; names the row.
        """
        frame, where = self._frame(data)
        if self.target.name not in frame.columns:
            return None
        raw = raw_column(frame[self.target.name])
        if raw.kind in ("unsupported", "time"):
            raise DataError(f'target "{self.target.name}" cannot be read: {raw.note or "dates"}')
        y = self.target.encode(raw)
        missing = np.flatnonzero(np.isnan(y) if self.target.task == "regression" else y < 0)
        if len(missing):
            raise DataError(
                f'target "{self.target.name}" is missing in {len(missing):,} of {len(y):,} rows'
                f" of {where}",
                got=f"the first is row {missing[0]} (rows count from 0)",
                hint="remove rows without a target before scoring",
            )
        return y

    def read_weight(self, data: Any) -> NDArray[np.float64] | None:
        """Read the row weights of rows to score; None if there are none.

        Raises
        ------
        DataError
            If a weight is negative, missing or infinite, or all are zero.
        """
        weights = [column for column in self.columns if column.role == "weight"]
        frame, _ = self._frame(data)
        if not weights or weights[0].name not in frame.columns:
            return None
        return check_weights(weights[0].name, raw_column(frame[weights[0].name]))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column: column, role, reason, missing, n_unique, examples, repaired."""
        import pandas as pd

        target = Column(self.target.name, "ignored", f"{self.target.task}: {self.target.note}")
        rows = [
            {
                "column": column.name,
                "role": "target" if column is target else column.role,
                "reason": column.reason,
                "missing": column.missing,
                "n_unique": len(self.target.classes) if column is target else column.n_unique,
                "examples": self._examples(column, column is target),
                "repaired": "; ".join(f"{r.code}: {r.detail}" for r in column.repairs),
            }
            for column in (*self.columns, target)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "format": 1,
            "columns": [column.to_dict() for column in self.columns],
            "target": self.target.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Schema:
        """Restore what `to_dict` gave, also after a round trip through JSON.

        Raises
        ------
        RunFolderError
            If the schema was written by a newer version, or is damaged.
        """
        if not isinstance(plain, Mapping) or plain.get("format") != 1:
            raise RunFolderError(
                "the schema has an unknown format",
                got=f"format {plain.get('format') if isinstance(plain, Mapping) else None!r}",
                hint="a newer version of Candor",
            )
        try:
            columns = tuple(Column.from_dict(column) for column in plain["columns"])
            return cls(columns, Target.from_dict(plain["target"]))
        except (KeyError, TypeError) as error:
            raise RunFolderError("the schema is damaged", got=str(error)) from error

    def _with_roles(self, *roles: str) -> list[Column]:
        return [column for column in self.columns if column.role in roles]

    def _examples(self, column: Column, is_target: bool) -> str:
        shown = map(str, self.target.classes[:5]) if is_target else column.examples
        return ", ".join(shown)

    def _frame(self, data: Any) -> tuple[pd.DataFrame, str]:
        frame, where = read_frame(data)
        return with_text_names(frame, where)[0], where

    def _require(self, names: Mapping[str, int], where: str) -> None:
        absent = [c.name for c in self.columns if c.is_feature and c.name not in names]
        if not absent:
            return
        near = near_miss(absent[0], [n for n in names if n not in self._known])
        has = f'it has "{near}" ({listed(list(names))})' if near else listed(list(names))
        some = ", ".join(f'"{name}"' for name in absent[:5]) + (", …" if len(absent) > 5 else "")
        which = f"{len(absent)} columns: {some}" if len(absent) > 1 else f"the column {some}"
        raise ColumnNotFoundError(
            f"{where} lacks {which}",
            got=has,
            hint="give every column that the model was trained on; empty cells are allowed",
        )

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset([self.target.name, *(column.name for column in self.columns)])

    def _tell_extra(self, names: Mapping[str, int], where: str, notes: list[str] | None) -> None:
        if names.keys() <= self._known:
            return
        extra = [name for name in names if name not in self._known]
        some = ", ".join(extra[:5]) + (", …" if len(extra) > 5 else "")
        s = "s" if len(extra) > 1 else ""
        note = f"{len(extra):,} extra column{s} in {where} ignored: {some}"
        log.info(note)
        if notes is not None:
            notes.append(note)


def _unseen(columns: Columns) -> list[str]:
    """Say which columns hold categories that the schema does not know."""
    counts = (columns.codes == UNSEEN).sum(axis=0)
    return [
        f"{name}: {count:,} row{'s' if count > 1 else ''} with a category that is not in the"
        " training rows"
        for name, count in zip(columns.layout.categorical, counts.tolist(), strict=True)
        if count
    ]
