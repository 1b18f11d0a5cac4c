"""Dates and durations in strings and integers, read as seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

Order = Literal["ymd", "mdy", "dmy"]

_TIME = r"""(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})
    (?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?
    \s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"""
_DIGITS = re.compile(
    rf"""(?P<a>\d{{1,4}})(?P<mark>[-/.])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}}){_TIME}""",
    re.VERBOSE,
)
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\ +)?"
_MONTH = r"(?P<name>[A-Za-z]{3,9})"
_MONTH_FIRST = re.compile(
    rf"""{_WEEKDAY}{_MONTH}\.?[ -]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?
    [ -]+(?P<year>\d{{4}}){_TIME}""",
    re.VERBOSE,
)
_DAY_FIRST = re.compile(
    rf"""{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]*{_MONTH}\.?,?
    [ -]*(?P<year>\d{{4}}|\d{{2}}){_TIME}""",
    re.VERBOSE,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<clock>\d{2}:?\d{2}:?\d{2})Z?"
)
_DURATION = re.compile(
    r"(?:(?P<days>[-+]?\d+)\s*days?,?\s*)?"
    r"(?:(?P<sign>[-+])?(?P<h>\d{1,3}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:\.\d{1,9})?))?)?"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class DateFormat:
    """How the values of a column spell dates.

    Parameters
    ----------
    order : {"ymd", "mdy", "dmy"}
        Order of day, month and year in dates of digits; a four-digit year in front is always ymd.
    integer : bool
        Whether dates are also integers, such as 20181019, in that order.
    """

    order: Order = "ymd"
    integer: bool = False

    def parse(self, text: str) -> float | None:
        """Read one string as seconds since 1970-01-01 UTC; None if it is no date."""
        text = text.strip()
        if text[:1].isdigit():
            match = _DIGITS.fullmatch(text)
            if match is not None:
                return self._from_digits(match)
            if self.integer and text.isdigit():
                return self.parse_integer(int(text))
            compact = _COMPACT.fullmatch(text)
            if compact is not None:
                return _compact(compact)
        match = _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
        if match is None:
            return None
        month = _MONTHS.get(match["name"].lower())
        if month is None:
            return None
        return _seconds(_year(match["year"]), month, int(match["day"]), match)

    def parse_integer(self, value: int) -> float | None:
        """Read an integer such as 20181019 as seconds since 1970-01-01 UTC."""
        digits = str(value).zfill(8)
        if not self.integer or len(digits) != 8 or not digits.isdigit():
            return None
        if self.order == "ymd":
            year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
        else:
            year, first, second = int(digits[4:]), int(digits[:2]), int(digits[2:4])
            month, day = (first, second) if self.order == "mdy" else (second, first)
        return _seconds(year, month, day, None) if 1800 <= year <= 2200 else None

    def _from_digits(self, match: re.Match[str]) -> float | None:
        a, b, c = match["a"], match["b"], match["c"]
        if len(a) == 4:
            return _seconds(int(a), int(b), int(c), match) if len(c) <= 2 else None
        if len(a) > 2 or len(c) not in (2, 4) or self.order == "ymd":
            return None
        month, day = (a, b) if self.order == "mdy" else (b, a)
        return _seconds(_year(c), int(month), int(day), match)


def infer_date_format(texts: Sequence[str]) -> DateFormat:
    """Find the order of day and month that reads most of the strings; month first when both do."""
    short = [text for text in texts if (m := _DIGITS.match(text.strip())) and len(m["a"]) <= 2]
    if not short:
        return DateFormat("ymd")
    read = {
        order: sum(DateFormat(order).parse(text) is not None for text in short)
        for order in ("mdy", "dmy")
    }
    if read["mdy"] == read["dmy"]:
        return DateFormat("dmy" if "." in short[0].split(" ")[0] else "mdy")
    return DateFormat("mdy" if read["mdy"] > read["dmy"] else "dmy")


def infer_integer_dates(values: Sequence[int]) -> DateFormat | None:
    """Find the order in which every integer is a date, such as 20181019; None if there is none."""
    orders: tuple[Order, ...] = ("ymd", "mdy", "dmy")
    for order in orders:
        dates = DateFormat(order, integer=True)
        if all(dates.parse_integer(value) is not None for value in values):
            return dates
    return None


def instant(value: Any) -> float | None:
    """Read a Python, numpy or pandas date or time stamp as seconds since 1970-01-01 UTC."""
    if hasattr(value, "dtype") and value.dtype.kind == "M":
        return int(value.astype("datetime64[us]").astype("int64")) / 1e6
    if isinstance(value, datetime):
        offset = value.utcoffset() or timedelta()
        days = value.toordinal() - _EPOCH
        clock = (value.hour * 60 + value.minute) * 60 + value.second
        whole = (days * 86400 + clock) * 1_000_000 + value.microsecond
        return (whole - offset // timedelta(microseconds=1)) / 1e6
    if isinstance(value, date):
        return float((value.toordinal() - _EPOCH) * 86400)
    return None


def duration(value: Any) -> float | None:
    """Read a time delta, a time of day, or a string such as ``"2 days 03:04:05"`` as seconds."""
    if isinstance(value, timedelta):
        return (value // timedelta(microseconds=1)) / 1e6
    if isinstance(value, time):
        return (value.hour * 60 + value.minute) * 60 + value.second + value.microsecond / 1e6
    if hasattr(value, "dtype") and value.dtype.kind == "m":
        return int(value.astype("timedelta64[us]").astype("int64")) / 1e6
    if not isinstance(value, str):
        return None
    match = _DURATION.fullmatch(value.strip())
    if match is None or (match["days"] is None and match["h"] is None):
        return None
    clock = 0.0
    if match["h"] is not None:
        clock = int(match["h"]) * 3600 + int(match["m"]) * 60 + float(match["s"] or 0)
    return int(match["days"] or 0) * 86400 + (-clock if match["sign"] == "-" else clock)


def _year(text: str) -> int:
    """Read a year; two digits lie between 1969 and 2068, as POSIX has it."""
    year = int(text)
    if len(text) != 2:
        return year
    return year + (2000 if year < 69 else 1900)


def _compact(match: re.Match[str]) -> float | None:
    clock = match["clock"].replace(":", "")
    day = _seconds(int(match["year"]), int(match["month"]), int(match["day"]), None)
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day + hour * 3600 + minute * 60 + second


def _seconds(year: int, month: int, day: int, match: re.Match[str] | None) -> float | None:
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    if match is None or match["hour"] is None:
        return float(days * 86400)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    micro = int((match["part"] or "0").ljust(6, "0")[:6])
    whole = (
        days * 86400 + (hour * 60 + minute) * 60 + second - _offset(match["zone"])
    ) * 1_000_000
    return (whole + micro) / 1e6


def _offset(zone: str | None) -> int:
    """Seconds that a zone such as ``+02:00`` is ahead of UTC."""
    if zone is None or zone in ("Z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
