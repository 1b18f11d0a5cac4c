"""JSON text that may come from anywhere, read into plain values: strictly, or not at all."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from fairness.errors import ArgumentTypeError, CountTableError


def parse(text: str | bytes, what: str) -> dict[str, Any]:
    """Read an object out of JSON text.

    Parameters
    ----------
    text : str or bytes
        The JSON.
    what : str
        What to call it in messages, such as "table".

    Returns
    -------
    dict
        Without NaN and infinities, and with each name once.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise ArgumentTypeError(
            f"{article(what)} is read from JSON text",
            got=type(text).__name__,
            hint="path.read_text()",
        )
    try:
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise _refused(what, "it is nested too deeply", None) from None
    except ValueError as error:
        raise _refused(what, "it is no JSON", str(error)[:200]) from error
    if not isinstance(content, dict):
        raise _refused(what, "it is no object", type(content).__name__)
    return content


def article(noun: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _refused(what: str, why: str, got: str | None) -> CountTableError:
    return CountTableError(f"the {what} cannot be read: {why}", got=got)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says one thing twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found
