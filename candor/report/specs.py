"""Chart specifications made fit for a page: data inside, nothing that escapes or asks outside."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from candor.report.errors import PageError

_COMPOSED = {"facet", "repeat", "concat", "hconcat", "vconcat"}
"""Views of several plots, which cannot follow the width of the page."""

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
    outside = next(_addresses(spec), None)
    if outside is not None:
        raise PageError(
            "a chart asks for data outside the page", got=repr(outside), hint="put its data inside"
        )
    kept = {key: part for key, part in spec.items() if key not in ("$schema", "usermeta")}
    return json.dumps(_plain(_fitted(kept)), allow_nan=False).translate(_UNSAFE)


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


def _plain(value: Any) -> Any:
    """Return a value as what JSON knows: numbers unboxed, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise PageError("a chart's specification holds what JSON cannot", got=repr(value)[:200])
