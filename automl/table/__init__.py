"""Tables in: reading, roles, data checks, splits and sealed audit rows."""

from automl.table.checks import Check
from automl.table.column import Column
from automl.table.columns import MISSING, UNSEEN, Columns, Layout
from automl.table.load import read_frame
from automl.table.reading import read_table
from automl.table.schema import Schema
from automl.table.sealing import seal_audit_rows
from automl.table.splits import Splits, make_splits
from automl.table.table import Table
from automl.table.target import Target
from automl.table.typed import typed_frame

__all__ = [
    "MISSING",
    "UNSEEN",
    "Check",
    "Column",
    "Columns",
    "Layout",
    "Schema",
    "Splits",
    "Table",
    "Target",
    "make_splits",
    "read_frame",
    "read_table",
    "seal_audit_rows",
    "typed_frame",
]
