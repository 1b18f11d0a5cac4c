"""One table in every kind of frame, and tables in frames of every storage type."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from automl.errors import ArgumentTypeError, DataError
from automl.table import Table, read_table
from candor.frames import frame_kind, is_missing, raw_column, to_pandas

N = 90


def base() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=N).round(3),
            "whole": rng.integers(0, 1000, N),
            "flag": rng.random(N) < 0.5,
            "word": rng.choice(["x", "y", "z"], N),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1e6, N), "s"),
            "y": np.arange(N) % 2,
        }
    )
    return frame


def with_gaps() -> pd.DataFrame:
    frame = base().astype({"whole": float, "flag": object})
    for i, name in enumerate(frame.columns[:-1]):
        frame.loc[frame.index % 7 == i, name] = None
    return frame


def to_polars(frame: pd.DataFrame) -> object:
    polars = pytest.importorskip("polars")
    return polars.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


KINDS: dict[str, Callable[[pd.DataFrame], object]] = {
    "numpy": lambda frame: frame,
    "object": lambda frame: frame.astype({"word": object, "flag": object}),
    "all objects": lambda frame: frame.astype(object),
    "nullable": lambda frame: frame.convert_dtypes(),
    "arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "category": lambda frame: frame.astype({"word": "category"}),
    "polars": to_polars,
    "polars lazy": lambda frame: to_polars(frame).lazy(),  # type: ignore[attr-defined]
    "arrow table": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "record batch": lambda frame: pa.RecordBatch.from_pandas(frame, preserve_index=False),
    "narwhals": lambda frame: nw.from_native(frame),
    "odd index": lambda frame: frame.set_axis(np.arange(N)[::-1] * 5, axis=0),
}


def assert_same_table(left: Table, right: Table) -> None:
    assert left.columns.layout == right.columns.layout
    np.testing.assert_array_equal(left.columns.numeric, right.columns.numeric)
    np.testing.assert_array_equal(left.columns.codes, right.columns.codes)
    np.testing.assert_array_equal(left.columns.times, right.columns.times)
    np.testing.assert_array_equal(left.y, right.y)
    assert left.schema.target == right.schema.target


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [base, with_gaps], ids=["whole", "gaps"])
def test_every_kind_of_frame_is_the_same_table(
    kind: str, make: Callable[[], pd.DataFrame]
) -> None:
    expected = read_table(make(), target="y")
    given = KINDS[kind](make())
    read = read_table(given, target="y")
    assert_same_table(read, expected)
    np.testing.assert_array_equal(expected.schema.read(given).numeric, expected.columns.numeric)
    assert read.frame.index.tolist() == list(range(N))


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_of_every_kind(kind: str) -> None:
    frame = with_gaps()
    table = read_table(frame, target="y")
    for row in (0, 3, 50):
        one = KINDS[kind](frame.set_axis(np.arange(N), axis=0)) if kind == "odd index" else None
        given = KINDS[kind](frame.iloc[[row]]) if one is None else frame.iloc[[row]]
        read = table.schema.read(given)
        np.testing.assert_array_equal(read.numeric, table.columns.numeric[[row]])
        np.testing.assert_array_equal(read.codes, table.columns.codes[[row]])
        np.testing.assert_array_equal(read.times, table.columns.times[[row]])


@pytest.mark.parametrize(
    "unit", ["datetime64[s]", "datetime64[ms]", "datetime64[us]", "datetime64[ns]"]
)
def test_every_unit_of_time_gives_the_same_seconds(unit: str) -> None:
    expected = raw_column(base()["when"])
    np.testing.assert_array_equal(raw_column(base()["when"].astype(unit)).values, expected.values)
    zoned = base()["when"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    assert raw_column(zoned).note == "Asia/Tokyo"
    np.testing.assert_array_equal(raw_column(zoned).values, expected.values)


def stored(values: object, kind: pa.DataType) -> pd.Series:
    return pd.Series(values).astype(pd.ArrowDtype(kind))  # type: ignore[call-overload]


SERIES: dict[str, tuple[object, str]] = {
    "period": (pd.period_range("2020", periods=9, freq="D"), "time"),
    "interval": (pd.cut(pd.Series(range(9)), 3), "values"),
    "interval objects": (pd.cut(pd.Series(range(9)), 3).astype(object), "values"),
    "sparse": (pd.arrays.SparseArray([0.0, 1.0] * 20), "number"),
    "complex": (pd.Series([1j] * 40), "unsupported"),
    "complex objects": (pd.Series([1j] * 40, dtype=object), "unsupported"),
    "arrow lists": (stored([[1]] * 9, pa.list_(pa.int64())), "unsupported"),
    "arrow decimals": (stored([1.5] * 9, pa.decimal128(9, 3)), "values"),
    "arrow days": (stored(pd.date_range("2020", periods=9), pa.date32()), "time"),
    "int8": (pd.Series(range(9), dtype="int8"), "number"),
    "long nullable": (pd.Series([2**60, None, 2**60 + 1], dtype="Int64"), "values"),
}  # fmt: skip


@pytest.mark.parametrize("case", SERIES)
def test_storage_types(case: str) -> None:
    values, kind = SERIES[case]
    raw = raw_column(pd.Series(values))  # type: ignore[call-overload]
    assert raw.kind == kind
    assert raw.note or kind != "unsupported"


def test_one_and_true_are_two_values() -> None:
    for n in (2, 40):
        raw = raw_column(pd.Series([1, True] * n, dtype=object))
        assert [type(value) for value in raw.distinct] == [int, bool]


def test_long_integers_with_gaps_keep_their_digits() -> None:
    ids = pa.table({"id": pa.array([2**60, None, 2**60 + 1]), "k": [1, 2, 3]})
    frame = to_pandas(ids)
    assert frame["id"].tolist()[2] == 2**60 + 1


def test_kinds_have_names() -> None:
    assert frame_kind(base()) == "pandas frame"
    assert frame_kind(to_polars(base())) == "polars frame"
    assert frame_kind(pa.Table.from_pandas(base())) == "Arrow frame"
    for other in (base()["word"], np.ones(3), {"a": 1}, "path", None, pa.array([1])):
        assert frame_kind(other) == ""


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT, np.float32("nan")])
def test_missing_values_of_every_kind(value: object) -> None:
    assert is_missing(value)
    assert not is_missing("nan")


def test_nested_columns_of_other_frames_are_named() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(base())
    with pytest.raises(DataError, match=r'column "l" cannot be used: it holds lists'):
        read_table(frame.with_columns(l=polars.concat_list("number", "whole")), target="y")
    with pytest.raises(DataError, match=r'column "s" cannot be used: it holds dicts'):
        read_table(frame.with_columns(s=polars.struct("number", "whole")), target="y")
    with pytest.raises(ArgumentTypeError, match=r"polars.Series"):
        read_table(frame["y"], target="y")


def test_the_given_frame_is_left_as_it_is() -> None:
    frame = with_gaps()
    copy = frame.copy()
    table = read_table(frame, target="y", sensitive="word")
    table.columns.numeric[:] = 7
    assert table.sensitive is not None
    table.sensitive["word"] = "changed"
    pd.testing.assert_frame_equal(frame, copy)


def test_fingerprints_tell_tables_apart() -> None:
    first = read_table(base(), target="y").fingerprint
    assert first == read_table(base(), target="y").fingerprint
    changed = base()
    changed.loc[5, "number"] += 1e-9
    others = [
        read_table(changed, target="y"),
        read_table(base().rename(columns={"number": "n"}), target="y"),
        read_table(base(), target="flag"),
        read_table(base(), target="y", positive=0),
        read_table(base(), target="y", weight="whole"),
        read_table(base().iloc[:-1], target="y"),
    ]
    prints = {first, *(table.fingerprint for table in others)}
    assert len(prints) == 7
