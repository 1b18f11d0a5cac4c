"""Audit predictions by group: counts, valid intervals, honest verdicts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
