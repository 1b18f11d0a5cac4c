"""Words with a fixed meaning: marks of missing values, yes and no, and telling column names."""

from __future__ import annotations

import re
from collections.abc import Iterable

MISSING_MARKS = frozenset(
    {"", "?", "na", "n/a", "#n/a", "<na>", "n.a.", "null", "nan", "nat", "none", "-", "--", "."}
    | {"#na", "-nan", "1.#qnan", "1.#ind", "#null!", "#value!", "#div/0!", "(null)", "\\n"}
)
"""What stands for a missing value, in small letters."""

LABEL_MARKS = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "null", "nan", "nat"})
"""Marks of a missing target: without words that could well be a label, such as "None" and "-"."""

_TRUE = frozenset({"yes", "y", "true", "t", "1", "on"})
_FALSE = frozenset({"no", "n", "false", "f", "0", "off"})

_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_ID_WORDS = frozenset(
    {"id", "ids", "pid", "uid", "uuid", "guid", "key", "idx", "index", "rowid", "rownum"}
    | {"rownames", "rownumber", "recordid", "objectid", "userid", "customerid", "orderid"}
)
_CODE_WORDS = frozenset(
    {"zip", "zipcode", "postal", "postcode", "plz", "fips", "naics", "sic", "icd", "code"}
)
_DATE_WORDS = frozenset({"date", "dt", "datum", "day", "dteday", "yyyymmdd", "ymd"})
_COUNT_WORDS = frozenset(
    {"year", "yr", "month", "week", "day", "hour", "time", "date", "step", "period", "age", "t"}
)


def tokens(name: str) -> frozenset[str]:
    """Split a column name into small words: ``"customerID"`` → {"customer", "id"}."""
    return frozenset(token.lower() for token in _TOKENS.findall(name))


def names_identifier(name: str) -> bool:
    """Say whether a column is named as an identifier."""
    return bool(tokens(name) & _ID_WORDS) or name.lower().startswith("unnamed")


def names_code(name: str) -> bool:
    """Say whether a column is named as a code whose size means nothing, such as a zip code."""
    return bool(tokens(name) & _CODE_WORDS)


def names_date(name: str) -> bool:
    """Say whether a column is named as a date."""
    return bool(tokens(name) & _DATE_WORDS) or name.lower().endswith("date")


def names_count(name: str) -> bool:
    """Say whether a column of consecutive integers is named as something that counts up."""
    return bool(tokens(name) & _COUNT_WORDS)


def is_mark(text: str) -> bool:
    """Say whether a text stands for a missing value."""
    return text.strip().casefold() in MISSING_MARKS


def truth(text: str) -> float | None:
    """Read yes and no as 1.0 and 0.0; None if it is neither."""
    word = text.strip().casefold()
    if word in _TRUE:
        return 1.0
    return 0.0 if word in _FALSE else None


def are_truths(texts: Iterable[str]) -> bool:
    """Say whether texts are yes and no, both of them, in any spelling."""
    values = {truth(text) for text in texts}
    return values == {0.0, 1.0}
