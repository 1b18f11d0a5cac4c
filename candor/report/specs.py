"""Chart specifications made fit for a page: data inside, nothing that escapes or asks outside."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from candor.report.errors import PageError

_COMPOSED = {"facet", "repeat", "concat", "hconcat", "vconcat"}
"""Views of several plots, which cannot follow the width of the page."""

_DROPPED = {"$schema", "usermeta"}
"""Parts that could say where a chart comes from, or how it is drawn."""

_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def spec_json(spec: Mapping[str, Any]) -> str:
    """Return a specification as JSON that is safe inside a script element.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite specification with its data inside it.

    Returns
    -------
    str
        ASCII without "<", ">" and "&"; numbers that JSON does not know are null.

    Raises
    ------
    PageError
        If the specification names data elsewhere, or holds what JSON cannot.
    """
    return _safe(plain(_closed(spec)))


def parted(spec: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return a specification without its rows, and its rows, as JSON like that of `spec_json`.

    The specification calls its tables "t1", "t2" and so on. A table is either a list of rows or
    ``{"fields": names, "columns": values}``, with numbers of seven digits.
    """
    closed = _closed(spec)
    names = closed.pop("datasets", {})
    tables: list[Sequence[Any]] = []
    frame = _without_rows(closed, names, tables)
    return _safe(plain(frame)), tuple(_safe(_columns(plain(rows))) for rows in tables)


def _closed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification that asks for nothing and cannot loosen how it is drawn."""
    outside = next(_addresses(spec), None)
    if outside is not None:
        raise PageError(
            "a chart asks for data outside the page", got=repr(outside), hint="put its data inside"
        )
    return _fitted({key: part for key, part in spec.items() if key not in _DROPPED})


def _safe(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).translate(_UNSAFE)


def _without_rows(part: Any, names: Mapping[str, Any], tables: list[Sequence[Any]]) -> Any:
    """Return a part of a specification whose rows went to `tables`."""
    if isinstance(part, list | tuple):
        return [_without_rows(inner, names, tables) for inner in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: _named(inner, names, tables)
        if key == "data" and isinstance(inner, Mapping)
        else _without_rows(inner, names, tables)
        for key, inner in part.items()
    }


def _named(
    data: Mapping[str, Any], names: Mapping[str, Any], tables: list[Sequence[Any]]
) -> dict[str, Any]:
    """Return a source of data that names its table instead of holding it."""
    rows = names.get(data.get("name", ""), data.get("values"))
    if not isinstance(rows, list | tuple):
        return dict(data)
    known = next((at for at, table in enumerate(tables, 1) if table is rows), 0)
    if not known:
        tables.append(rows)
    named = {key: each for key, each in data.items() if key != "values"}
    return named | {"name": f"t{known or len(tables)}"}


def _columns(rows: list[Any]) -> Any:
    """Return rows that all have the same fields column by column: their names are said once."""
    rows = _rounded(rows)
    fields = list(rows[0]) if rows and isinstance(rows[0], dict) else []
    if not fields or not all(isinstance(row, dict) and list(row) == fields for row in rows):
        return rows
    return {"fields": fields, "columns": [[row[name] for row in rows] for name in fields]}


def _rounded(value: Any) -> Any:
    """Return numbers as exactly as an eye can tell them apart on any axis."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    if not isinstance(value, float) or not value:
        return value
    digits_before = math.floor(math.log10(abs(value))) + 1
    short = round(value, max(7 - digits_before, 3))
    return int(short) if short.is_integer() else short


def _fitted(spec: dict[str, Any]) -> dict[str, Any]:
    """Let a single plot follow the width of the page."""
    if _COMPOSED & spec.keys() or isinstance(spec.get("width"), Mapping):
        return spec
    return {**spec, "width": "container"}


def _addresses(part: Any) -> Iterator[object]:
    """Yield the addresses of data that a specification does not hold itself."""
    if isinstance(part, Mapping):
        data = part.get("data")
        if isinstance(data, Mapping) and "url" in data:
            yield data["url"]
        for key, inner in part.items():
            if key not in ("values", "datasets"):
                yield from _addresses(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _addresses(inner)


def plain(value: Any) -> Any:
    """Return a value as what JSON knows: numbers unboxed, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise PageError("a chart's specification holds what JSON cannot", got=repr(value)[:200])
