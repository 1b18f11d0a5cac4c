"""A table as JSON text, and back: checked, and the same to the last digit."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fairness.table.cells import MOST_ROWS, Mass, ScoreSums, Sums, plain_mass
from fairness.table.checking import check_cells
from fairness.table.header import Header, items, number, read_header, refuse, write_header
from fairness.table.values import Counts, Floats, Moments

if TYPE_CHECKING:
    from fairness.table.table import CountTable


def write(table: CountTable) -> str:
    """Return the table as JSON."""
    document = _content(table)
    document["digest"] = _digest(document)
    return _text(document)


def _content(table: CountTable) -> dict[str, Any]:
    """Return the table as plain values, cells by column; what follows from the rest is absent."""
    plain = table.sums.mass.plain
    scores = table.scores
    cells = {
        "groups": [column.tolist() for column in table.keys.T[:-3]],
        "outcomes": table.keys[:, -3].tolist(),
        "predictions": table.keys[:, -2].tolist(),
        "bins": None if scores is None else table.keys[:, -1].tolist(),
        "counts": table.counts.tolist(),
        "weights": None if plain else table.weights.tolist(),
        "weights_squared": None if plain else table.weights_squared.tolist(),
        "moments": {
            name: {
                "total": moment.total.tolist(),
                "weighted": None if plain else moment.weighted.tolist(),
                "squared": moment.squared.tolist(),
            }
            for name, moment in table.moments.items()
        },
        "scores": None
        if scores is None
        else {
            "squared": scores.squared.tolist(),
            "low": scores.low.tolist(),
            "high": scores.high.tolist(),
        },
    }
    total = {"rows": table.n, "weight": math.fsum(table.weights.tolist())}
    return {**write_header(table), "cells": cells, "total": total}


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def read_cells(document: Mapping[str, Any]) -> tuple[Header, NDArray[np.int32], Sums]:
    """Return header and cells of a document; refuse what does not add up."""
    header = read_header(document)
    cells = _object(document, "cells")
    counts = _whole(items(cells, "counts"), "counts", 0, MOST_ROWS)
    n = len(counts)
    if n == 0:
        refuse("it has no cells")
    _check_rows(document, counts)
    keys = _keys(header, cells, n)
    mass = _mass(cells, counts)
    moments = {
        name: _moments(_object(_object(cells, "moments"), name), name, mass, n)
        for name in _object(cells, "moments")
    }
    sums = Sums(mass, moments, _scores(cells, n))
    check_cells(header, keys, sums)
    _check_weight(document, mass)
    return header, keys, sums


def check_digest(document: Mapping[str, Any], table: CountTable) -> None:
    """Refuse a document that does not hold exactly what its digest was computed from."""
    digest = document.get("digest")
    found = _digest(_content(table))
    if digest != found:
        refuse(
            "its content was changed after it was written",
            f"the content has the digest {found[:19]}…, the table says {str(digest)[:19]}…",
            "the file as it was written",
        )
    if {name: document[name] for name in document if name != "digest"} != _content(table):
        refuse("it holds something that is no part of a table")


def _check_rows(document: Mapping[str, Any], counts: Counts) -> None:
    rows = _object(document, "total").get("rows")
    found = sum(counts.tolist())
    if type(rows) is not int or rows != found:
        said = f"{rows:,}" if type(rows) is int else repr(rows)[:80]
        refuse(f"the counts add up to {found:,}, the table says {said}")
    if found > MOST_ROWS:
        refuse("it has more rows than can be counted", f"{found:,}")


def _check_weight(document: Mapping[str, Any], mass: Mass) -> None:
    weight = number(_object(document, "total").get("weight"), "the total weight")
    found = math.fsum(mass.weights.tolist())
    if not math.isclose(weight, found, rel_tol=1e-9):
        refuse(f"the weights add up to {found:,.6g}, the table says {weight:,.6g}")


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    if not isinstance(value, dict):
        refuse(f"{name} must be an object", repr(value)[:80])
    return value


def _whole(values: list[Any], what: str, low: int, high: int) -> NDArray[np.int64]:
    if not all(type(value) is int and low <= value <= high for value in values):
        wrong = next(v for v in values if type(v) is not int or not low <= v <= high)
        refuse(f"{what} must be whole numbers from {low:,} to {high:,}", repr(wrong)[:80])
    return np.array(values, dtype=np.int64)


def _column(values: list[Any], what: str, n: int) -> Floats:
    _check_length(values, what, n)
    return np.array([number(value, what) for value in values], dtype=np.float64)


def _check_length(values: list[Any], what: str, n: int) -> None:
    if len(values) != n:
        refuse(f"{what} and counts differ in length", f"{len(values):,} and {n:,} cells")


def _keys(header: Header, cells: Mapping[str, Any], n: int) -> NDArray[np.int32]:
    groups = items(cells, "groups")
    if len(groups) != len(header.attributes) or not all(isinstance(c, list) for c in groups):
        refuse("groups must be a list of codes for each attribute", f"{len(groups)} lists")
    bins = [-1] * n if cells.get("bins") is None else items(cells, "bins")
    columns = [*groups, items(cells, "outcomes"), items(cells, "predictions"), bins]
    for column in columns:
        _check_length(column, "codes", n)
    codes = [_whole(column, "codes", -1, 2**31 - 1) for column in columns]
    return np.stack(codes, axis=1).astype(np.int32)


def _mass(cells: Mapping[str, Any], counts: Counts) -> Mass:
    if cells.get("weights") is None and cells.get("weights_squared") is None:
        return plain_mass(counts)
    n = len(counts)
    weights = _column(items(cells, "weights"), "weights", n)
    return Mass(counts, weights, _column(items(cells, "weights_squared"), "weights_squared", n))


def _moments(part: Mapping[str, Any], name: str, mass: Mass, n: int) -> Moments:
    total = _column(items(part, "total"), f"sums of {name}", n)
    weighted = total
    if not mass.plain:
        weighted = _column(items(part, "weighted"), f"sums of {name}", n)
    return Moments(total, weighted, _column(items(part, "squared"), f"sums of {name}", n))


def _scores(cells: Mapping[str, Any], n: int) -> ScoreSums | None:
    if cells.get("scores") is None:
        return None
    part = _object(cells, "scores")
    squared, low, high = (
        _column(items(part, name), f"scores ({name})", n) for name in ("squared", "low", "high")
    )
    return ScoreSums(squared, low, high)
