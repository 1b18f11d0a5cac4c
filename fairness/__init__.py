"""Audit predictions by group: counts, valid intervals, honest verdicts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from candor.lazy import lazy_names
from fairness.entry import audit, audit_table
from fairness.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnNotFoundError,
    CountTableError,
    FairnessError,
    TemplateError,
)

if TYPE_CHECKING:
    from fairness.metrics import METRICS, NOTIONS, Metric, Notion
    from fairness.result import Audit
    from fairness.table import CountTable
    from fairness.templates import template_names


__all__ = [
    "METRICS",
    "NOTIONS",
    "ArgumentError",
    "ArgumentTypeError",
    "Audit",
    "ColumnNotFoundError",
    "CountTable",
    "CountTableError",
    "FairnessError",
    "Metric",
    "Notion",
    "TemplateError",
    "audit",
    "audit_table",
    "template_names",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())

# Names that need pandas or scipy are imported when they are first used, so that
# `import fairness` is quick.
_LAZY = {
    "METRICS": "fairness.metrics",
    "NOTIONS": "fairness.metrics",
    "Audit": "fairness.result",
    "CountTable": "fairness.table",
    "Metric": "fairness.metrics",
    "Notion": "fairness.metrics",
    "template_names": "fairness.templates",
}

__getattr__, __dir__ = lazy_names(__name__, globals(), _LAZY)
