"""An audit as JSON, and back: the counts travel, every number is computed again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from candor.version import __version__
from fairness.assembly import assemble
from fairness.errors import CountTableError, FairnessError
from fairness.result import Audit
from fairness.row_findings import RowFindings
from fairness.rows import Consistency, Proxies
from fairness.settings import Settings, check_settings
from fairness.table import CountTable
from fairness.table.frozen import FrozenMapping
from fairness.table.reading import parse
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
    content["digest"] = _digest(content)
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def audit_from_json(text: str | bytes) -> Audit:
    """Recompute an audit; see `Audit.from_json`."""
    content = parse(text, "audit")
    _check_schema(content.get("schema"))
    try:
        table = CountTable.from_json(json.dumps(content["table"]))
        settings = _settings_from_plain(content["settings"], table)
        found = _findings_from_plain(content["row_findings"])
        stored = {name: content["results"][name] for name in _RESULTS}
        said = {name: _text(content[name]) for name in ("target", "rows_used")}
    except CountTableError:
        raise
    except _MALFORMED as error:
        raise CountTableError("the audit cannot be read", got=repr(error)[:200]) from error
    _check_digest(content)
    audit = assemble(table, settings, found, **said)
    _check_results(audit, stored, content.get("candor"))
    return audit


_MALFORMED = (FairnessError, KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading plain values of a wrong type or shape raises."""


def _check_schema(schema: object) -> None:
    if schema == SCHEMA:
        return
    name, _, version = schema.partition("/") if isinstance(schema, str) else ("", "", "")
    if name == SCHEMA.partition("/")[0] and version.isdecimal():
        raise CountTableError(
            "this audit was written by a newer Candor",
            got=f"schema {schema!r}; this one reads {SCHEMA!r}",
            hint="a newer candor-automl",
        )
    raise CountTableError("this is no audit", got=f"schema {schema!r}"[:80])


def _digest(content: Mapping[str, Any]) -> str:
    """Return a digest of what neither the table's own digest nor the results give away."""
    covered = {name: content[name] for name in _DIGESTED}
    text = json.dumps(covered, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


_DIGESTED = ("target", "rows_used", "settings", "row_findings")


def _check_digest(content: Mapping[str, Any]) -> None:
    if content.get("digest") != _digest(content):
        raise CountTableError(
            "the audit was changed after it was written",
            got=f"its digest does not fit {', '.join(_DIGESTED)}",
            hint="the file as it was written",
        )


def _check_results(audit: Audit, stored: Mapping[str, Any], version: object) -> None:
    """Refuse stored results that the counts do not lead to."""
    for name, frame in stored.items():
        if not _follows(frame, frame_to_plain(getattr(audit, name))):
            raise CountTableError(
                f"the stored results ({name}) do not follow from the counts",
                got=f"written by Candor {version}, computed by {__version__}",
                hint="fairness.CountTable.from_json(...) for the counts alone",
            )


def _follows(stored: Any, computed: Any) -> bool:
    """Compare plain values; numbers may differ in the last digits, as libraries differ."""
    if isinstance(computed, dict):
        return (
            isinstance(stored, dict)
            and stored.keys() == computed.keys()
            and all(_follows(stored[name], one) for name, one in computed.items())
        )
    if isinstance(computed, list):
        return (
            isinstance(stored, list)
            and len(stored) == len(computed)
            and all(map(_follows, stored, computed))
        )
    if isinstance(computed, float) and isinstance(stored, float):
        return bool(abs(stored - computed) <= _DIGITS * max(abs(computed), 1e-3))
    return bool(type(stored) is type(computed) and stored == computed)


_DIGITS = 1e-9


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


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
        FrozenMapping(curves),
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
    dtype, given = _DTYPES[plain["kind"]], plain["values"]
    if dtype == "str":
        return pd.Series(given, dtype=dtype)
    values = [_FROM_WORD.get(one, one) if isinstance(one, str) else one for one in given]
    return pd.Series(values, dtype=dtype)


_DTYPES = {"i": "int64", "f": "float64", "b": "bool", "t": "str"}
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
