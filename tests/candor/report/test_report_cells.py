"""Cells are written as people read them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.report import PageError
from candor.report.cells import cell_text, sort_key


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (None, "", "–"),
        (math.nan, ".1%", "–"),
        (np.float32("nan"), "", "–"),
        (pd.NA, "", "–"),
        (pd.NaT, "", "–"),
        (Decimal("NaN"), "", "–"),
        (math.inf, ".2f", "∞"),
        (-math.inf, "", "−∞"),
        (True, ".1%", "yes"),
        (np.False_, "", "no"),
        (1234567, "", "1,234,567"),
        (np.int8(-3), "", "−3"),
        (10**30, ",d", "1,000,000,000,000,000,000,000,000,000,000"),
        (0.123456, "", "0.1235"),
        (1e-7, "", "1e−07"),
        (0.4485, ".1%", "44.9\u202f%"),
        (-0.05, ".0%", "−5\u202f%"),
        (0.0004, "p", "< 0.001"),
        (0.0312, "p", "0.031"),
        (75_002.4, "value", "75,002"),
        (-0.3124, "value", "−0.312"),
        (12.344, "value", "12.34"),
        (-0.0001, ".2f", "0.00"),
        (-0.0001, ".1%", "0.0\u202f%"),
        (7.0, ",d", "7"),
        (1234.0, ",d", "1,234"),
        ("", "", ""),
        ("-3", ".1%", "-3"),
        (("a", "b"), "", "a, b"),
        ([0.5, 0.25], ".0%", "50\u202f%, 25\u202f%"),
        ((), "", "–"),
        ({"b", "a"}, "", "a, b"),
        (pd.Timestamp("2024-01-02"), "", "2024-01-02 00:00:00"),
    ],
)
def test_cell_text(value: Any, spec: str, text: str) -> None:
    assert cell_text(value, spec) == text


def test_a_wrong_format_says_so() -> None:
    with pytest.raises(PageError, match=r"'\.1q' is not a format of numbers"):
        cell_text(0.5, ".1q")


@given(st.floats(allow_nan=False) | st.integers())
def test_the_key_of_a_number_is_the_number(value: float) -> None:
    assert float(sort_key(value)) == float(value)


@given(st.one_of(st.none(), st.booleans(), st.text(), st.just(math.nan)))
def test_only_numbers_have_a_key(value: object) -> None:
    assert sort_key(value) == ""
