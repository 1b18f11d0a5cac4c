from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.table.numbers import NumberFormat, are_digit_codes, infer_number_format

CASES = {
    "$1,200": 1200.0,
    "-$1,200.50": -1200.5,
    "$-3": -3.0,
    "($1,200)": -1200.0,
    "(5)": -5.0,
    "12.5 kg": 12.5,
    "12.5kg": 12.5,
    "12 %": 12.0,
    "12%": 12.0,
    "1,234,567": 1234567.0,
    "1 234 567,5": 1234567.5,
    "1.234.567,89 €": 1234567.89,
    "€ 12,50": 12.5,
    "1'000": 1000.0,
    "1,00,000": 100000.0,
    "\u22124.5": -4.5,
    "+7": 7.0,
    ".5": 0.5,
    "1e3": 1000.0,
    "USD 30": 30.0,
    "1200 km/h": 1200.0,
    "  8 ": 8.0,
}


@pytest.mark.parametrize(("text", "value"), CASES.items())
def test_one_string_is_read(text: str, value: float) -> None:
    assert infer_number_format([text]).parse(text) == value


@pytest.mark.parametrize(
    "text",
    "|abc|12 kg lb|1,2,3|1-2|12/5|1_000|(5|5)|1.2.3|--5|A12|12,34,5|1.23.456|$|kg"
    "|192.168.0.1|0x1F|nan|five".split("|"),
)
def test_other_strings_are_no_numbers(text: str) -> None:
    assert infer_number_format([text]).parse(text) is None


def test_comma_is_decimal_only_where_that_reads_more() -> None:
    assert infer_number_format(["1,200", "3,400"]).parse("1,200") == 1200
    assert infer_number_format(["1,200", "3,4"]).parse("1,200") == 1.2
    assert infer_number_format(["1.200,5", "3.400"]).parse("3.400") == 3400
    assert infer_number_format(["1.200", "3.4"]).parse("1.200") == 1.2


def test_one_unit_belongs_to_a_format() -> None:
    found = infer_number_format(["3 kg", "4 kg", "5 lb"])
    assert found.unit == "kg"
    assert found.parse("6 kg") == 6
    assert found.parse("6") == 6
    assert found.parse("6 lb") is None


def test_currencies_do_not_mix() -> None:
    found = infer_number_format(["$3", "$4"])
    assert found.currency == "$"
    assert found.parse("€3") is None


def test_scales_are_read_where_they_vary_or_money_is_meant() -> None:
    assert infer_number_format(["1.5k", "2M"]).parse("2M") == 2e6
    assert infer_number_format(["$1.5M", "$2M"]).parse("$1.5M") == 1.5e6
    assert infer_number_format(["15 m", "20 m"]).parse("15 m") == 15


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["02134", "90210"], True),
        (["12345678901234567890"], True),
        (["2134", "90210"], False),
        (["01", "12"], False),
        (["02134", "x"], False),
    ],
)
def test_digit_codes(texts: list[str], code: bool) -> None:
    assert are_digit_codes(texts) is code


NUMBERS = st.integers(-(10**12), 10**12).map(lambda cents: cents / 100)


def _spell_us(value: float) -> str:
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def _spell_eu(value: float) -> str:
    us = f"{value:,.2f} €"
    return us.replace(",", "_").replace(".", ",").replace("_", ".")


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_round_trip_through_money(values: list[float]) -> None:
    for spell in (_spell_us, _spell_eu):
        texts = [spell(value) for value in values]
        found = infer_number_format(texts)
        assert [found.parse(text) for text in texts] == values


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_round_trip_through_repr(values: list[float]) -> None:
    texts = [repr(value) for value in values]
    found = infer_number_format(texts)
    assert [found.parse(text) for text in texts] == values


@given(st.lists(NUMBERS, min_size=1), st.sampled_from(["kg", "%", "km/h", "sqft"]))
def test_round_trip_through_units(values: list[float], unit: str) -> None:
    texts = [f"{value} {unit}" for value in values]
    found = infer_number_format(texts)
    assert found.unit == unit
    assert [found.parse(text) for text in texts] == values


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    value = NumberFormat().parse(text)
    assert value is None or isinstance(value, float)
