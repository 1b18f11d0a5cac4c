"""Text that spells numbers and times becomes both, and the schema reads it as before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.demo import loans
from automl.table import read_table, typed_frame

FRAME = loans(300)
SCHEMA = read_table(FRAME, target="approved").schema


def test_numbers_and_times_get_their_types() -> None:
    typed = typed_frame(SCHEMA, FRAME)
    dollars = FRAME["income"].dropna()
    amounts = pd.to_numeric(dollars.str.replace(r"[^0-9.]", "", regex=True), errors="coerce")
    known = amounts.dropna()
    np.testing.assert_array_equal(typed.loc[known.index, "income"], known)
    assert typed["income"].dtype == np.float64
    np.testing.assert_array_equal(
        typed["debt_ratio"], FRAME["debt_ratio"].str.rstrip(" %").astype(float)
    )
    np.testing.assert_array_equal(typed["applied_on"], pd.to_datetime(FRAME["applied_on"]))
    assert typed["sex"].tolist() == FRAME["sex"].tolist()
    assert FRAME["income"].dropna().str.startswith("$").any(), "the caller's frame is as it was"


def test_models_see_the_same() -> None:
    one, other = SCHEMA.read(FRAME), SCHEMA.read(typed_frame(SCHEMA, FRAME))
    np.testing.assert_array_equal(one.numeric, other.numeric)
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.codes, other.codes)


def test_rows_that_are_typed_stay_the_same_object() -> None:
    typed = typed_frame(SCHEMA, FRAME)
    assert typed_frame(SCHEMA, typed) is typed
    few = FRAME.drop(columns=["income", "debt_ratio", "applied_on"])
    assert typed_frame(SCHEMA, few) is few


def test_unreadable_times_are_missing() -> None:
    rows = FRAME.head(3).assign(income=pd.Series(["n/a", "$5", None], dtype=object))
    assert typed_frame(SCHEMA, rows)["income"].isna().tolist() == [True, False, True]
