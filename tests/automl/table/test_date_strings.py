from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.table.dates import (
    DateFormat,
    duration,
    infer_date_format,
    infer_integer_dates,
    instant,
)

DAY = datetime(1999, 1, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1999-01-05", DAY),
        ("1999/01/05", DAY),
        ("1999-1-5", DAY),
        ("05.01.1999", DAY),
        ("Jan 5 1999", DAY),
        ("January 5, 1999", DAY),
        ("5 Jan 1999", DAY),
        ("05-Jan-1999", DAY),
        ("05-Jan-99", DAY),
        ("Tue, 5 Jan 1999", DAY),
        ("1999-01-05 10:30", DAY + 37800),
        ("1999-01-05T10:30:15", DAY + 37815),
        ("1999-01-05 10:30:15.5", DAY + 37815.5),
        ("1999-01-05T10:30:15Z", DAY + 37815),
        ("1999-01-05 10:30:15+02:00", DAY + 37815 - 7200),
        ("1999-01-05 10:30:15-0530", DAY + 37815 + 19800),
        ("Jan 5 1999 10:30 PM", DAY + 81000),
        ("19990105T103015Z", DAY + 37815),
    ],
)
def test_one_string_is_read(text: str, seconds: float) -> None:
    assert infer_date_format([text]).parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    "||1999|1999-13-01|1999-02-30|13/13/1999|1/2/3/4|Foo 5 1999|12:30|1999-01-05 25:00"
    "|1999-01-05 13:00 PM|1.2.3|19990105|1999-1/5|abc".split("|"),
)
def test_other_strings_are_no_dates(text: str) -> None:
    assert infer_date_format([text]).parse(text) is None


def test_order_of_day_and_month_is_found_in_the_column() -> None:
    assert infer_date_format(["01/02/1999", "25/02/1999"]).order == "dmy"
    assert infer_date_format(["01/02/1999", "02/25/1999"]).order == "mdy"
    assert infer_date_format(["01/02/1999"]).order == "mdy"
    assert infer_date_format(["01.02.1999"]).order == "dmy"


def test_integers_that_are_dates() -> None:
    assert infer_integer_dates([20181019, 20190101]) == DateFormat("ymd", integer=True)
    assert infer_integer_dates([10192018, 1012019]) == DateFormat("mdy", integer=True)
    assert infer_integer_dates([20181019, 20181399]) is None
    assert infer_integer_dates([5, 7]) is None


@given(st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)))
def test_round_trip_agrees_with_datetime(moment: datetime) -> None:
    expected = moment.replace(microsecond=0, tzinfo=UTC).timestamp()
    for style in ("%Y-%m-%d %H:%M:%S", "%b %d %Y %I:%M:%S %p", "%d-%b-%y %H:%M:%S"):
        text = moment.strftime(style)
        assert infer_date_format([text]).parse(text) == expected
    for order, style in (("mdy", "%m/%d/%Y %H:%M:%S"), ("dmy", "%d/%m/%Y %H:%M:%S")):
        assert DateFormat(order).parse(moment.strftime(style)) == expected  # type: ignore[arg-type]


@given(
    st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    st.integers(-720, 840).map(lambda m: timezone(timedelta(minutes=m))),
)
def test_every_type_of_instant_gives_the_same_seconds(moment: datetime, zone: timezone) -> None:
    stamp = pd.Timestamp(moment)
    expected = np.datetime64(moment, "us").astype("int64") / 1e6
    assert instant(moment) == instant(stamp) == instant(np.datetime64(moment)) == expected
    assert instant(moment.replace(tzinfo=UTC).astimezone(zone)) == expected


def test_instants_and_durations_of_other_types() -> None:
    assert instant(date(1970, 1, 2)) == 86400
    assert instant("1970-01-02") is None
    assert duration(timedelta(hours=1)) == 3600
    assert duration(time(1, 0, 5)) == 3605
    assert duration(np.timedelta64(3, "s")) == 3
    assert duration(3) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("01:02:03", 3723),
        ("01:02", 3720),
        ("2 days 03:04:05", 183845),
        ("1 day", 86400),
        ("-1 days +23:00:00", -3600),
        ("0 days 00:00:00.500000", 0.5),
    ],
)
def test_durations_in_strings(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@given(st.timedeltas(timedelta(days=-1000), timedelta(days=1000)))
def test_durations_round_trip_through_pandas(span: timedelta) -> None:
    assert duration(str(pd.Timedelta(span))) == pytest.approx(duration(span), abs=1e-6)
