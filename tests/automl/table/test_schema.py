from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import one_column, small

from automl.errors import ColumnNotFoundError, DataError, RunFolderError
from automl.table import MISSING, UNSEEN, Columns, Schema, read_table
from automl.table.column import Column
from automl.table.target import Target

N = 60


def rich() -> pd.DataFrame:
    """Every role and every spelling in one frame."""
    frame = small(N)
    i = np.arange(N)
    words = (
        "stone river cloud apple music green seven table happy north water light paper horse tower"
    )
    words = (words + " quiet sugar plant storm glass cotton silver").split()
    frame["money"] = [f"${k * 37 % 2000:,}" for k in i]
    frame["euro"] = [f"{k * 37 % 2000},5 €" for k in i]
    frame["kilo"] = [f"{k % 13} kg" for k in i]
    frame["agreed"] = ["Yes", "no", "?"] * (N // 3)
    frame["day"] = [f"{k % 28 + 1:02}.03.2020" for k in i]
    frame["stamp"] = pd.date_range("2020", periods=N, freq="7h", tz="Europe/Berlin")[::-1]
    frame["span"] = pd.to_timedelta(i % 11, "h")
    frame["note"] = [" ".join(words[(k * j + j) % 22] for j in range(1, 5)) + f" w{k}a" for k in i]
    frame["many"] = [f"k{k % 53}" for k in i]
    frame["zip"] = [f"0{2000 + k % 5}" for k in i]
    frame["mixed"] = [1, "a", 2.5, None, True, "3"] * (N // 6)
    frame["level"] = pd.Categorical(np.array([3, 1, 2])[i % 3], [1, 2, 3, 4], ordered=True)
    frame["wild"] = np.where(i % 9 == 0, np.inf, i * 1e300)
    frame["few bad"] = [*map(str, range(1, N)), "oops"]
    frame["row"] = i
    return frame


FRAME = rich()
TABLE = read_table(FRAME, target="y")
FEATURES = [column.name for column in TABLE.schema.columns if column.is_feature]


def assert_same(left: Columns, right: Columns) -> None:
    assert left.layout == right.layout
    np.testing.assert_array_equal(left.numeric, right.numeric)
    np.testing.assert_array_equal(left.codes, right.codes)
    np.testing.assert_array_equal(left.times, right.times)
    for a, b in zip(left.texts, right.texts, strict=True):
        assert a.tolist() == b.tolist()


def test_training_rows_read_again_are_the_same_bits() -> None:
    assert_same(TABLE.schema.read(FRAME), TABLE.columns)
    assert_same(TABLE.schema.read(TABLE.frame), TABLE.columns)


@given(st.lists(st.integers(0, N - 1), max_size=6))
def test_a_row_reads_the_same_in_any_company(rows: list[int]) -> None:
    places = np.array(rows, dtype=np.int64)
    assert_same(TABLE.schema.read(FRAME.iloc[places]), TABLE.columns.take(places))


def test_order_of_columns_does_not_matter() -> None:
    assert_same(TABLE.schema.read(FRAME[FRAME.columns[::-1]]), TABLE.columns)


def test_only_features_are_needed() -> None:
    assert "row" not in FEATURES
    assert_same(TABLE.schema.read(FRAME[FEATURES]), TABLE.columns)


def test_extra_columns_are_ignored_and_said(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[str] = []
    with caplog.at_level("INFO", logger="automl"):
        read = TABLE.schema.read(FRAME.assign(extra=[[1]] * N, more=1), notes=notes)
    assert_same(read, TABLE.columns)
    assert notes == ["2 extra columns in pandas frame ignored: extra, more"]
    assert notes[0] in caplog.text


def test_known_columns_are_not_extra() -> None:
    notes: list[str] = []
    TABLE.schema.read(FRAME, notes=notes)
    assert notes == []


def test_missing_columns_are_named() -> None:
    with pytest.raises(ColumnNotFoundError, match=r'lacks the column "a"'):
        TABLE.schema.read(FRAME.drop(columns="a"))
    with pytest.raises(ColumnNotFoundError, match=r'it has "Money"'):
        TABLE.schema.read(FRAME.rename(columns={"money": "Money"}))
    with pytest.raises(KeyError, match=r'2 columns: "a", "zip"'):
        TABLE.schema.read(FRAME.drop(columns=["a", "zip"]))


def one(**cells: object) -> pd.DataFrame:
    row = FRAME.iloc[[7]].astype(object).copy()
    for name, value in cells.items():
        row[name] = pd.Series([value], index=row.index, dtype=object)
    return row


def code(name: str, value: object) -> int:
    read = TABLE.schema.read(one(**{name: value}))
    return int(read.codes[0, read.layout.categorical.index(name)])


def value(name: str, cell: object) -> float:
    read = TABLE.schema.read(one(**{name: cell}))
    return float(read.numeric[0, read.layout.numeric.index(name)])


def test_unseen_categories_are_marked_and_said() -> None:
    assert code("c", "never") == UNSEEN
    notes: list[str] = []
    TABLE.schema.read(one(c="never"), notes=notes)
    assert notes == ["c: 1 row with a category that is not in the training rows"]


@pytest.mark.parametrize("cell", [None, np.nan, pd.NA, "", " ", "?", "n/a", pd.NaT])
def test_missing_cells_of_every_kind(cell: object) -> None:
    assert code("c", cell) == MISSING
    assert np.isnan(value("a", cell))
    assert np.isnan(value("agreed", cell))


@pytest.mark.parametrize("cell", [3, 3.0, "3", " 3 ", "3.0", np.int8(3), Decimal("3"), b"3"])
def test_levels_are_found_in_any_type(cell: object) -> None:
    levels = TABLE.schema.columns[[c.name for c in TABLE.schema.columns].index("level")].levels
    assert levels == ("1", "2", "3")
    assert code("level", cell) == 2


@pytest.mark.parametrize("cell", [5, "5", "5.0", 5.0, "$5", np.float32(5), Decimal(5), b"5"])
def test_numbers_are_read_in_any_type(cell: object) -> None:
    assert value("b", cell) == 5.0
    assert value("money", cell) == 5.0


@pytest.mark.parametrize(
    ("cell", "expected"), [("yes", 1), ("N", 0), (True, 1), (False, 0), (1, 1), ("0", 0)]
)
def test_booleans_are_read_in_any_spelling(cell: object, expected: float) -> None:
    assert value("agreed", cell) == expected


@pytest.mark.parametrize("cell", ["perhaps", 7])
def test_a_third_word_counts_as_missing(cell: object) -> None:
    assert np.isnan(value("agreed", cell))


@pytest.mark.parametrize(
    ("name", "cell", "text"),
    [
        ("a", "abc", """column "a" cannot be read as a number: 'abc' in row 0"""),
        ("b", "3 kg", """column "b" cannot be read as a number: '3 kg' in row 0"""),
        ("kilo", "3 lb", """column "kilo" cannot be read as a number: '3 lb' in row 0"""),
        ("money", "€3", """column "money" cannot be read as a number"""),
        ("few bad", "worse", """column "few bad" cannot be read as a number"""),
        ("day", "soon", """column "day" cannot be read as a date: 'soon' in row 0"""),
        ("stamp", 17, """column "stamp" cannot be read as a date: 17 in row 0"""),
        ("a", [1], """column "a" cannot be used: it holds lists"""),
        ("c", {"k": 1}, """column "c" cannot be used: it holds dicts"""),
        ("a", pd.Timestamp("2020-01-01"), """column "a" cannot be read as a number"""),
    ],
)
def test_values_that_cannot_be_read_are_named(name: str, cell: object, text: str) -> None:
    with pytest.raises(DataError, match=text):
        TABLE.schema.read(one(**{name: cell}))


@pytest.mark.parametrize("n", [5, N])
def test_the_first_bad_row_is_named(n: int) -> None:
    rows = FRAME.iloc[:n].astype({"b": object})
    rows.iloc[3, rows.columns.get_loc("b")] = "oops"
    with pytest.raises(DataError, match=r"'oops' in row 3"):
        TABLE.schema.read(rows)


def test_stored_dates_in_a_column_of_numbers() -> None:
    dates = pd.Series([pd.NaT, *pd.date_range("2020", periods=N - 1)], index=FRAME.index)
    with pytest.raises(DataError, match=r'"a" cannot be read as a number: a date in row 1'):
        TABLE.schema.read(FRAME.assign(a=dates))


def test_what_was_unreadable_in_training_stays_missing() -> None:
    assert np.isnan(value("few bad", "oops"))


def test_no_rows() -> None:
    assert TABLE.schema.read(FRAME.iloc[:0]).n_rows == 0


def test_round_trip_through_json() -> None:
    plain = json.loads(json.dumps(TABLE.schema.to_dict()))
    again = Schema.from_dict(plain)
    assert again == TABLE.schema
    assert_same(again.read(FRAME), TABLE.columns)


@pytest.mark.parametrize(
    "classes",
    [("a", "b"), (0, 1), (False, True), (0.0, 1.5), (1, 2, 3), ("1", "2"), (1, "a", True)],
)
def test_labels_keep_their_types_through_json(classes: tuple[str | int, ...]) -> None:
    schema = Schema((Column("a", "numeric", ""),), Target("y", "multiclass", classes))
    again = Schema.from_dict(json.loads(json.dumps(schema.to_dict())))
    assert [(type(c), c) for c in again.target.classes] == [(type(c), c) for c in classes]


@pytest.mark.parametrize(
    "plain", [{}, {"format": 2}, {"format": 1}, {"format": 1, "columns": [{}]}]
)
def test_other_formats_are_refused(plain: dict[str, object]) -> None:
    with pytest.raises(RunFolderError, match=r"the schema (has an unknown format|is damaged)"):
        Schema.from_dict(plain)


def test_to_frame_shows_what_was_inferred() -> None:
    frame = TABLE.schema.to_frame().set_index("column")
    assert frame.loc["money", "repaired"] == 'numbers-in-strings: "$"'
    assert frame.loc["y", "role"] == "target"
    assert frame.loc["agreed", "missing"] == pytest.approx(1 / 3)
    assert frame.loc["many", "role"] == "high_cardinality"
    assert len(frame) == FRAME.shape[1]


def test_layout_names_every_feature_once() -> None:
    layout = TABLE.schema.layout
    named = [*layout.numeric, *layout.categorical, *layout.times, *layout.texts]
    assert sorted(named) == sorted(FEATURES)
    assert layout.n_columns == len(FEATURES)
    assert [len(block) for block in (layout.times, layout.texts)] == [2, 1]


def test_read_weight() -> None:
    frame = small().assign(w=2.5)
    schema = read_table(frame, target="y", weight="w").schema
    assert schema.read_weight(frame).tolist() == [2.5] * 60  # type: ignore[union-attr]
    assert schema.read_weight(frame.drop(columns="w")) is None
    assert "w" not in schema.layout.numeric
    with pytest.raises(DataError, match=r"negative"):
        schema.read_weight(frame.assign(w=-1))


def test_numbers_too_long_for_floats_stay_apart_as_levels() -> None:
    frame = one_column(np.array([2**60, 2**60 + 1, 2**60 + 2] * 20))
    table = read_table(frame, target="y", roles={"v": "categorical"})
    assert table.schema.layout.n_levels == (3,)
    assert_same(table.schema.read(frame.iloc[:3]), table.columns.take(np.arange(3)))
