"""Checks of a template file's keys and values; every error says which key, what, and what else."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fairness.errors import TemplateError

LONGEST_TEXT = 2_000
MOST_ITEMS = 200
MOST_DECIMALS = 12


def shorten(value: object, limit: int = 100) -> str:
    """Return a value as text that fits into a message."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # digits without end, tables in tables without end
        text = f"a {type(value).__name__} that is too long to show"
    return text if len(text) <= limit else f"{text[:limit]}…"


class Fields:
    """The keys of one part of a file; each is taken once, and none may be left at the end.

    Parameters
    ----------
    values : dict
        Keys and values, as parsed.
    where : str
        Which part of which file, for messages.
    """

    def __init__(self, values: dict[str, Any], where: str):
        self.values = dict(values)
        self.where = where
        self.asked: list[str] = []

    def take(self, key: str) -> Any:
        """Return the value of a key and strike it off; None where it is absent."""
        self.asked.append(key)
        return self.values.pop(key, None)

    def wrong(self, key: str, what: str, got: object, hint: str) -> TemplateError:
        """Return the error for a value that a key cannot have."""
        return TemplateError(f"{self.where}: {key} {what}", got=f"got {shorten(got)}", hint=hint)

    def done(self) -> None:
        """Raise where a key was never asked for: it is a typing error, or of a newer format."""
        for key in self.values:
            near = difflib.get_close_matches(key, self.asked, n=1)
            raise TemplateError(
                f'{self.where}: there is no key "{shorten(key)}"',
                got=f"there are {', '.join(self.asked)}",
                hint=near[0] if near else "a key of this list, or leave it out",
            )

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it has to be there."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            what = f"has to be a text of at most {LONGEST_TEXT:,} characters"
            raise self.wrong(key, what, "nothing" if value is None else value, f'{key} = "…"')
        return value

    def texts(self, key: str, at_least: int = 0) -> tuple[str, ...]:
        """Return a list of texts; an absent one is empty."""
        value = self.take(key)
        given: list[Any] = value if isinstance(value, list) else []
        good = all(isinstance(item, str) and item.strip() for item in given)
        fits = all(len(item) <= LONGEST_TEXT for item in given if isinstance(item, str))
        listed = value is None or isinstance(value, list)
        if not (listed and good and fits and at_least <= len(given) <= MOST_ITEMS):
            what = "has to be a list of texts" + (", at least one" if at_least else "")
            got = "nothing" if value is None else value
            raise self.wrong(key, what, got, f'{key} = ["…", "…"]')
        return tuple(given)

    def choice(self, key: str, allowed: tuple[str, ...], *, optional: bool = False) -> Any:
        """Return one of some words."""
        value = self.take(key)
        if value is None and optional:
            return None
        if not isinstance(value, str) or value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, n=1) or allowed[:1]
            got = "nothing" if value is None else value
            what = f"has to be one of {', '.join(allowed)}"
            raise self.wrong(key, what, got, f'{key} = "{near[0]}"')
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "has to be true or false", value, f"{key} = true")
        return value

    def count(self, key: str) -> int | None:
        """Return a small whole number."""
        value = self.take(key)
        if value is None:
            return None
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not 0 <= value <= MOST_DECIMALS:
            what = f"has to be a whole number from 0 to {MOST_DECIMALS}"
            raise self.wrong(key, what, value, f"{key} = 2")
        return int(value)

    def fraction(self, key: str, *, zero: bool = False) -> Fraction | None:
        """Return an exact number between 0 and 1, written as 0.8 or as "4/5"."""
        value = self.take(key)
        if value is None:
            return None
        found = _exact(value)
        if found is None or not (0 < found < 1 or (zero and found == 0)):
            what = "has to be a number between 0 and 1"
            raise self.wrong(key, what, value, f'{key} = 0.05, or as "1/20"')
        return found

    def part(self, key: str) -> Fields | None:
        """Return a part of its own, such as [attributes]."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(key, "has to be a table of keys", value, f"[{key}]")
        return Fields(value, f"{self.where}, {key}")

    def parts(self, key: str) -> tuple[Fields, ...]:
        """Return parts that are listed, such as every [[table]]."""
        value = self.take(key)
        given: list[Any] = value if isinstance(value, list) else []
        listed = value is None or isinstance(value, list)
        if not listed or not all(isinstance(item, dict) for item in given):
            raise self.wrong(key, "has to be a list of tables", value, f"[[{key}]]")
        if len(given) > MOST_ITEMS:
            what = f"has to have at most {MOST_ITEMS} parts"
            raise self.wrong(key, what, len(given), "fewer of them")
        return tuple(
            Fields(item, f"{self.where}, {key} {number}")
            for number, item in enumerate(given, start=1)
        )


def _exact(value: object) -> Fraction | None:
    """Return a number exactly; None for what is none, or would need endless digits."""
    if isinstance(value, str):
        return _quotient(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, int):
        return Fraction(value) if value in (0, 1) else None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -MOST_DECIMALS <= exponent <= 0 or abs(value) > 1:
        return None
    return Fraction(value)


def _quotient(text: str) -> Fraction | None:
    """Return "4/5" as a fraction."""
    found = re.fullmatch(r"([0-9]{1,6})\s*/\s*([1-9][0-9]{0,5})", text)
    return Fraction(int(found[1]), int(found[2])) if found else None
