"""Column names: strings, unique, and found again when they are nearly right."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from automl.errors import ArgumentTypeError, ColumnNotFoundError, DataError
from automl.table.checks import Check

if TYPE_CHECKING:
    import pandas as pd


def with_text_names(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, tuple[Check, ...]]:
    """Return the frame with unique strings for column names, and say what was changed.

    Raises
    ------
    DataError
        If two columns have the same name.
    """
    names = frame.columns.tolist()
    _refuse_duplicates(names, where)
    texts = _unique(names)
    if texts == names:
        return frame, ()
    odd = [(old, new) for old, new in zip(names, texts, strict=True) if old != new]
    frame = frame.set_axis(texts, axis=1)
    shown = ", ".join(f'{old!r} is "{new}"' for old, new in odd[:3])
    more = f" and {len(odd) - 3:,} more" if len(odd) > 3 else ""
    names_were = "column names were" if len(odd) > 1 else "column name was"
    message = f"{len(odd):,} {names_were} turned into a string: {shown}{more}"
    return frame, (Check("column-names", "info", tuple(new for _, new in odd), message),)


def find_column(name: object, names: Sequence[str], where: str, argument: str) -> str:
    """Return the name of an existing column.

    Raises
    ------
    ArgumentTypeError
        If the name is none that a column can have, or a boolean.
    ColumnNotFoundError
        If there is no such column; a near miss is named.
    """
    if isinstance(name, str) and name in names:
        return name
    if name is None or isinstance(name, bool) or not isinstance(name, Hashable):
        raise ArgumentTypeError(f"{argument} has to name a column", got=f"got {name!r}")
    text = _text(name)
    if text in names:
        return text
    near = near_miss(text, names)
    has = f'it has "{near}" ({listed(names)})' if near else listed(names)
    raise ColumnNotFoundError(
        f'there is no column "{text}" in {where}',
        got=has,
        hint=_hint(argument, near) if near else None,
    )


def find_columns(
    wanted: object, names: Sequence[str], where: str, argument: str
) -> tuple[str, ...]:
    """Return the names of existing columns, each once; a single string names one column."""
    if wanted is None:
        return ()
    if isinstance(wanted, str):
        wanted = (wanted,)
    if not isinstance(wanted, Iterable):
        raise ArgumentTypeError(f"{argument} has to name columns", got=f"got {wanted!r}")
    found = [find_column(name, names, where, argument) for name in wanted]
    return tuple(dict.fromkeys(found))


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return the known name that is closest; the empty string if none is close."""
    plain = {_plain(other): other for other in known}
    if _plain(name) in plain:
        return plain[_plain(name)]
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.7)
    return plain[close[0]] if close else ""


def listed(names: Sequence[str], most: int = 10) -> str:
    """List names, the first few of many."""
    some = ", ".join(names[:most]) + (", …" if len(names) > most else "")
    return f"{len(names):,} column{'s' if len(names) != 1 else ''} in all: {some}"


def _hint(argument: str, near: str) -> str:
    return f'{argument}=["{near}"]' if argument in ("sensitive", "ignore") else (
        f'{argument}={{"{near}": …}}' if argument == "roles" else f'{argument}="{near}"'
    )  # fmt: skip


def _refuse_duplicates(names: list[Any], where: str) -> None:
    if len(set(names)) == len(names):
        return
    double = [f'"{name}" {n} times' for name, n in Counter(names).items() if n > 1]
    raise DataError(
        f"{where} has duplicate column names",
        got=", ".join(double[:5]),
        hint="give every column a name of its own",
    )


def _text(name: object) -> str:
    if isinstance(name, str):
        return name if name.strip() else "unnamed"
    if isinstance(name, tuple):
        return ".".join(str(part) for part in name if str(part)) or "unnamed"
    if name is None or name != name:
        return "unnamed"
    return str(name)


def _unique(names: list[Any]) -> list[str]:
    """Turn names into strings and number those that became equal; strings keep what they are."""
    taken = {name for name in names if isinstance(name, str) and name.strip()}
    result = []
    for name in names:
        text = _text(name)
        if text is name:
            result.append(text)
            continue
        new, k = text, 2
        while new in taken:
            new, k = f"{text}_{k}", k + 1
        taken.add(new)
        result.append(new)
    return result


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
