"""What a table says about its cells, as plain values: written, read back and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from fairness.errors import CountTableError
from fairness.table.names import bin_labels
from fairness.table.outcomes import MOST_CLASSES, threshold_classes
from fairness.table.scores import probability_grid
from fairness.table.values import ALL, MISSING, Attribute, ScoreGrid, Task

if TYPE_CHECKING:
    from fairness.table.table import CountTable

SCHEMA = "candor.count_table/1"
"""Name and version of the format; the number rises when an older reader would misread a table."""


@dataclass(frozen=True)
class Header:
    """What a table says about its cells; see `CountTable` for the fields."""

    task: Task
    attributes: tuple[Attribute, ...]
    classes: tuple[str, ...]
    grid: ScoreGrid | None
    threshold: float | None


def write_header(table: CountTable) -> dict[str, Any]:
    """Return everything but the cells as plain values."""
    grid: dict[str, Any] | None = None
    if table.grid is not None:
        grid = {"kind": table.grid.kind}
        if table.grid.kind == "edges":
            grid["edges"] = list(table.grid.edges)
    return {
        "schema": SCHEMA,
        "task": table.task,
        "classes": list(table.classes),
        "threshold": table.threshold,
        "grid": grid,
        "attributes": [
            {
                "name": attribute.name,
                "groups": list(attribute.groups),
                "edges": list(attribute.edges),
                "control": attribute.control,
            }
            for attribute in table.attributes
        ],
    }


def read_header(document: object) -> Header:
    """Read plain values back; refuse whatever no table could have written."""
    if not isinstance(document, Mapping):
        refuse("it is no object", type(document).__name__)
    _check_schema(document.get("schema"))
    task = document.get("task")
    if task not in ("binary", "multiclass", "regression"):
        refuse("the task is unknown", repr(task))
    threshold = document.get("threshold")
    if threshold is not None:
        threshold = number(threshold, "threshold")
    attributes = tuple(_attribute(part) for part in items(document, "attributes"))
    names = [attribute.name for attribute in attributes]
    if not attributes or len(set(names)) < len(names) or ALL in names:
        refuse("the attributes must have different names", repr(names))
    if all(attribute.control for attribute in attributes):
        refuse("no attribute is sensitive", repr(names))
    classes = _classes(document, task, threshold)
    return Header(task, attributes, classes, _grid(document.get("grid"), task), threshold)


def refuse(what: str, got: str | None = None, hint: str | None = None) -> NoReturn:
    """Raise the error that says why a table cannot be read."""
    raise CountTableError(f"the table cannot be read: {what}", got=got, hint=hint)


def _check_schema(schema: object) -> None:
    if schema == SCHEMA:
        return
    name, _, version = schema.partition("/") if isinstance(schema, str) else ("", "", "")
    if name == SCHEMA.partition("/")[0] and version.isdecimal():
        refuse(
            "it was written by a newer version of Candor",
            f"its format is {schema}, this version reads {SCHEMA}",
            "pip install --upgrade candor-automl",
        )
    refuse("it is no count table", f"its schema is {schema!r}, not {SCHEMA!r}")


def items(document: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list out of an object."""
    value = document.get(name)
    if not isinstance(value, list):
        refuse(f"{name} must be a list", repr(value)[:80])
    return value


def texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return different texts out of an object."""
    values = items(document, name)
    if not all(isinstance(value, str) for value in values) or len(set(values)) < len(values):
        refuse(f"{name} must be different texts", repr(values)[:80])
    return tuple(values)


def number(value: object, what: str) -> float:
    """Return a finite number."""
    if type(value) in (int, float):
        converted = _float(value)
        if math.isfinite(converted):
            return converted
    refuse(f"{what} must be a finite number", repr(value)[:80])


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _edges(document: Mapping[str, Any]) -> tuple[float, ...]:
    edges = tuple(number(edge, "an edge") for edge in items(document, "edges"))
    if any(low >= high for low, high in pairwise(edges)):
        refuse("edges must ascend", repr(edges)[:80])
    return edges


def _attribute(part: object) -> Attribute:
    if not isinstance(part, Mapping) or not isinstance(part.get("name"), str):
        refuse("an attribute has no name", repr(part)[:80])
    name, groups, control = part["name"], texts(part, "groups"), part.get("control")
    if not isinstance(control, bool):
        refuse(f"control of {name!r} must be true or false", repr(control)[:80])
    if not groups or MISSING in groups[:-1]:
        refuse(f"{name!r} must have groups, {MISSING!r} the last of them", repr(groups)[:80])
    edges = _edges(part)
    if edges and tuple(group for group in groups if group != MISSING) != bin_labels(edges):
        refuse(f"the groups of {name!r} do not fit its edges", repr(groups)[:80])
    return Attribute(name, groups, edges, control)


def _classes(document: Mapping[str, Any], task: Task, threshold: float | None) -> tuple[str, ...]:
    classes = texts(document, "classes")
    if task == "regression":
        fits = classes == threshold_classes(threshold)
    elif task == "binary":
        fits = len(classes) == 2
    else:
        fits = 1 <= len(classes) <= MOST_CLASSES and threshold is None
    if not fits:
        refuse(f"the classes do not fit the task {task}", repr(classes)[:80])
    return classes


def _grid(part: object, task: Task) -> ScoreGrid | None:
    if part is None:
        return None
    if task != "binary" or not isinstance(part, Mapping):
        refuse("the grid of the scores cannot be read", repr(part)[:80])
    if part.get("kind") == "probability":
        return probability_grid()
    if part.get("kind") != "edges":
        refuse("the kind of grid is unknown", repr(part.get("kind"))[:80])
    return ScoreGrid("edges", _edges(part))


def moment_names(header: Header, predictions: bool, present: bool) -> tuple[str, ...]:
    """Return the names of the moments that a table has.

    Parameters
    ----------
    header : Header
        What the table says about its cells.
    predictions : bool
        For a regression: whether predictions are known.
    present : bool
        For several classes: whether probabilities are known.
    """
    if header.task == "regression":
        errors = ("prediction", "error", "absolute_error", "squared_error")
        return ("outcome", "outcome_squared", *(errors if predictions else ()))
    if header.task == "multiclass":
        return ("log_loss", "squared_error") if present else ()
    if header.grid is None:
        return ()
    return (
        ("score", "log_loss", "squared_error") if header.grid.kind == "probability" else ("score",)
    )
