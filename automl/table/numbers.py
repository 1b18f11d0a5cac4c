"""Numbers in strings: `$1,200`, `12.5 kg`, `12 %`, `1.234,50 €`, `(1,200)`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SIGN = r"[-+\u2212\u2013]"
_CURRENCY = r"(?:US|CA|AU|C|A|R|NZ|HK)?[$€£¥₹₽₩₺₴฿]|USD|EUR|GBP|CHF|JPY|INR|CAD|AUD|CNY|Rs\.?"
_PATTERN = re.compile(
    rf"""(?P<open>\()?\s*
    (?P<sign>{_SIGN})?\s*(?P<currency>{_CURRENCY})?\s*(?P<inner>{_SIGN})?\s*
    (?P<digits>(?:\d[\d.,'\u2019\u00a0\u202f\x20]*|[.,]\d+))(?P<exponent>[eE][+-]?\d+)?
    (?P<space>\s*)(?P<unit>%|{_CURRENCY}|[A-Za-z°µ][A-Za-z°µ²³./]{{0,11}})?\s*
    (?P<close>\))?""",
    re.VERBOSE,
)
_SPACE = r"'\u2019\u00a0\u202f\x20"
_GROUPED = {
    ".": re.compile(rf"\d{{1,3}}(?P<mark>[,{_SPACE}])\d{{2,3}}(?:(?P=mark)\d{{2,3}})*(?:\.\d*)?"),
    ",": re.compile(rf"\d{{1,3}}(?P<mark>[.{_SPACE}])\d{{3}}(?:(?P=mark)\d{{3}})*(?:,\d*)?"),
}
_PLAIN = {".": re.compile(r"\d+\.?\d*|\.\d+"), ",": re.compile(r"\d+,?\d*|,\d+")}

_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12}
_UNITS = frozenset(
    "kg g mg t lb lbs oz km m cm mm mi ft in yd l ml cl dl h hr hrs min mins s sec secs ms d days"
    " yr yrs y mo w kw kwh mw wh v a ma mah hz mhz ghz kb mb gb tb hp bhp ps cc mpg mph kmh km/h"
    " kmpl rpm nm sqft sqm pt px dpi pcs x c f °c °f ° % kcal cal pa kpa bar psi gal".split()
)


@dataclass(frozen=True)
class NumberFormat:
    """How the strings of a column spell numbers.

    Parameters
    ----------
    decimal : {".", ","}
        The decimal mark.
    unit : str
        The unit that follows, in small letters, such as ``"kg"`` or ``"%"``; empty: none.
    currency : str
        The currency mark; empty: none.
    scaled : bool
        Whether k, m and b mean thousands, millions and billions.
    """

    decimal: str = "."
    unit: str = ""
    currency: str = ""
    scaled: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """What has to be taken off to see the numbers."""
        comma = ("decimal comma",) if self.decimal == "," else ()
        scale = ("k, m, b",) if self.scaled else ()
        return tuple(mark for mark in (self.currency, self.unit, *scale, *comma) if mark)

    def parse(self, text: str) -> float | None:
        """Read one string; None if it is no number in this format."""
        plain = plain_number(text) if self.decimal == "." else None
        return self.parse_marked(text) if plain is None else plain

    def parse_marked(self, text: str) -> float | None:
        """Read a string that is no number in Python's own spelling."""
        if self.decimal == ".":
            plain = self._stripped(text)
            if plain is not None:
                return plain
        parts = _split(text)
        if parts is None:
            return None
        if parts.currency and self.currency and parts.currency != self.currency:
            return None
        scale = 1.0
        if parts.unit != self.unit and parts.unit:
            if not (self.scaled and parts.unit in _SCALES):
                return None
            scale = _SCALES[parts.unit]
        value = _value(parts.digits, self.decimal)
        return None if value is None else parts.sign * value * scale

    def _stripped(self, text: str) -> float | None:
        """Take off the currency or the unit: quick, and enough for most strings."""
        if self.currency and text.startswith(self.currency):
            text = text[len(self.currency) :]
        elif self.unit and text.endswith(self.unit):
            text = text[: -len(self.unit)]
        else:
            return None
        return plain_number(text) if text[:1].isdigit() else None


@dataclass(frozen=True)
class _Parts:
    sign: float
    digits: str
    currency: str
    unit: str


def plain_number(text: str) -> float | None:
    """Read a number in Python's own spelling, infinities included; None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if "_" in text or value != value else value


def infer_number_format(texts: Sequence[str]) -> NumberFormat:
    """Find the format that reads most of the strings.

    One unit and one currency at most belong to a format: a column that mixes kilograms and pounds
    holds no comparable numbers. A comma is the decimal mark only where that reads more strings.
    """
    parts = [part for part in map(_split, texts) if part is not None]
    if not parts:
        return NumberFormat()
    units = Counter(part.unit for part in parts if part.unit)
    currencies = Counter(part.currency for part in parts if part.currency)
    scaled = bool(units) and set(units) <= set(_SCALES) and (len(units) > 1 or bool(currencies))
    unit = units.most_common(1)[0][0] if units and not scaled else ""
    currency = currencies.most_common(1)[0][0] if currencies else ""
    read = {
        mark: sum(_value(part.digits, mark) is not None for part in parts) for mark in (".", ",")
    }
    decimal = "," if read[","] > read["."] else "."
    return NumberFormat(decimal, unit, currency, scaled)


def are_digit_codes(texts: Sequence[str]) -> bool:
    """Say whether strings of digits are codes: with leading zeros, or too long for a float."""
    return all(text.isdigit() and text.isascii() for text in texts) and any(
        (len(text) >= 3 and text.startswith("0")) or len(text) >= 17 for text in texts
    )


def _split(text: str) -> _Parts | None:
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    group = match.groupdict()
    if bool(group["open"]) != bool(group["close"]) or (group["sign"] and group["inner"]):
        return None
    digits, unit, currency = group["digits"], (group["unit"] or ""), group["currency"] or ""
    if unit and re.fullmatch(_CURRENCY, unit):
        if currency:
            return None
        currency, unit = unit, ""
    unit = unit.lower()
    spaced = bool(group["space"]) or digits.endswith(" ")
    if unit and not spaced and unit not in _UNITS and unit not in _SCALES:
        return None
    negative = bool(group["open"]) or (group["sign"] or group["inner"] or "+") != "+"
    digits = digits.strip() + (group["exponent"] or "").lower()
    return _Parts(-1.0 if negative else 1.0, digits, currency, unit)


def _value(digits: str, decimal: str) -> float | None:
    mantissa, _, exponent = digits.partition("e")
    grouped = _GROUPED[decimal].fullmatch(mantissa)
    if grouped is not None:
        mark = grouped["mark"]
        whole = mantissa.partition(decimal)[0]
        groups = whole.split(mark)
        if len(groups[-1]) != 3 or (mark != "," and any(len(g) != 3 for g in groups[1:])):
            return None
        mantissa = mantissa.replace(mark, "")
    elif _PLAIN[decimal].fullmatch(mantissa) is None:
        return None
    return float(mantissa.replace(decimal, ".") + (f"e{exponent}" if exponent else ""))
