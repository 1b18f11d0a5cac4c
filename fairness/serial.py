"""An audit as JSON, and back: the counts travel, every number is computed again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from candor.version import __version__
from fairness.assembly import assemble
from fairness.errors import CountTableError, TemplateError
from fairness.result import Audit
from fairness.row_findings import RowFindings
from fairness.rows import Consistency, Proxies
from fairness.settings import Settings, check_settings
from fairness.table import CountTable
from fairness.templates import parse_template

SCHEMA = "candor.audit/1"
"""Raise the number when an older Candor would misread a newer text; see docs/audit_file.md."""

_RESULTS = ("overall", "by_group", "disparities")
"""Frames that stand beside the counts for readers without Candor."""


def audit_to_json(audit: Audit) -> str:
    """Write an audit; see `Audit.to_json`."""
    content = {
        "schema": SCHEMA,
        "candor": __version__,
        "target": audit.target,
        "rows_used": audit.rows_used,
        "settings": _settings_to_plain(audit.settings),
        "table": json.loads(audit.table.to_json()),
        "row_findings": _findings_to_plain(audit.row_findings),
        "results": {name: frame_to_plain(getattr(audit, name)) for name in _RESULTS},
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def audit_from_json(text: str) -> Audit:
    """Recompute an audit; see `Audit.from_json`."""
    content = _parsed(text)
    try:
        table = CountTable.from_json(json.dumps(content["table"]))
        settings = _settings_from_plain(content["settings"], table)
        found = _findings_from_plain(content["row_findings"])
        stored = {name: frame_from_plain(content["results"][name]) for name in _RESULTS}
        target, rows_used = str(content["target"]), str(content["rows_used"])
    except (KeyError, TypeError, AttributeError, TemplateError) as error:
        raise CountTableError("this audit cannot be read", got=repr(error)) from error
    audit = assemble(table, settings, found, target=target, rows_used=rows_used)
    for name, frame in stored.items():
        if frame_to_plain(frame) != frame_to_plain(getattr(audit, name)):
            raise CountTableError(
                f"the stored results ({name}) do not follow from the counts",
                got=f"written by Candor {content.get('candor')}, computed by {__version__}",
                hint="fairness.CountTable.from_json(...) for the counts alone",
            )
    return audit


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, TypeError, RecursionError) as error:
        raise CountTableError("this is no audit: the text is no JSON", got=str(error)) from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema == SCHEMA:
        return dict(content)
    if isinstance(schema, str) and schema.startswith("candor.audit/"):
        raise CountTableError(
            "this audit was written by a newer Candor",
            got=f"schema {schema!r}; this one reads {SCHEMA!r}",
            hint="a newer candor-automl",
        )
    raise CountTableError("this is no audit", got=f"schema {schema!r}")


def _settings_to_plain(settings: Settings) -> dict[str, Any]:
    return {
        "reference": dict(settings.reference),
        "tolerance": settings.tolerance,
        "tolerances": dict(settings.tolerances),
        "confidence": settings.confidence,
        "templates": [{"name": one.name, "text": one.text} for one in settings.templates],
        "seed": settings.seed,
    }


def _settings_from_plain(plain: Mapping[str, Any], table: CountTable) -> Settings:
    """Read settings back, checked like those of a call."""
    checked = check_settings(
        table,
        reference=plain["reference"] or None,
        tolerance=plain["tolerances"] or plain["tolerance"],
        confidence=plain["confidence"],
        template=None,
        seed=plain["seed"],
    )
    templates = tuple(parse_template(one["text"], one["name"]) for one in plain["templates"])
    return Settings(
        checked.reference,
        checked.tolerance,
        checked.tolerances,
        checked.confidence,
        templates,
        checked.seed,
    )


def _findings_to_plain(found: RowFindings) -> dict[str, Any]:
    proxies, consistency = found.proxies, found.consistency
    return {
        "curves": {name: json.loads(one.to_json()) for name, one in found.curves.items()},
        "missingness": frame_to_plain(found.missingness),
        "proxies": None if proxies is None else _value_to_plain(proxies),
        "consistency": None if consistency is None else _value_to_plain(consistency),
    }


def _findings_from_plain(plain: Mapping[str, Any]) -> RowFindings:
    curves = {
        str(name): CountTable.from_json(json.dumps(one)) for name, one in plain["curves"].items()
    }
    proxies, consistency = plain["proxies"], plain["consistency"]
    return RowFindings(
        MappingProxyType(curves),
        frame_from_plain(plain["missingness"]),
        None if proxies is None else Proxies(**_fields_from_plain(proxies)),
        None if consistency is None else Consistency(**_fields_from_plain(consistency)),
    )


def _value_to_plain(value: Any) -> dict[str, Any]:
    """Write a frozen value whose fields are frames, texts and numbers."""
    return {
        name: frame_to_plain(item) if isinstance(item, pd.DataFrame) else _number(item)
        for name, item in vars(value).items()
    }


def _fields_from_plain(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: frame_from_plain(item)
        if isinstance(item, dict)
        else tuple(item)
        if isinstance(item, list)
        else math.nan
        if item is None
        else item
        for name, item in plain.items()
    }


def frame_to_plain(frame: pd.DataFrame) -> dict[str, Any]:
    """Write a frame column by column, with the kind of each; NaN and infinities as text or null.

    Examples
    --------
    >>> frame_to_plain(pd.DataFrame({"n": [1], "value": [float("nan")]}))
    {'n': {'kind': 'i', 'values': [1]}, 'value': {'kind': 'f', 'values': [None]}}
    """
    return {str(name): _column_to_plain(frame[name]) for name in frame.columns}


def frame_from_plain(plain: Mapping[str, Any]) -> pd.DataFrame:
    """Read a frame back, dtypes included.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["a"], "value": [0.5]})
    >>> frame_from_plain(frame_to_plain(frame)).equals(frame)
    True
    """
    return pd.DataFrame({name: _column_from_plain(one) for name, one in plain.items()})


def _column_to_plain(column: pd.Series[Any]) -> dict[str, Any]:
    kind = column.dtype.kind if column.dtype.kind in "ifb" else "t"
    return {"kind": kind, "values": [_number(value) for value in column.tolist()]}


def _column_from_plain(plain: Mapping[str, Any]) -> pd.Series[Any]:
    dtypes = {"i": "int64", "f": "float64", "b": "bool"}
    if plain["kind"] not in dtypes:
        return pd.Series(plain["values"], dtype="str")
    values = [_FROM_WORD.get(one, one) if isinstance(one, str) else one for one in plain["values"]]
    return pd.Series(values, dtype=dtypes[plain["kind"]])


_FROM_WORD = {"Infinity": math.inf, "-Infinity": -math.inf}


def _number(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_number(one) for one in value]
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value
