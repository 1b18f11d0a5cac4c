from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from small_tables import one_column, small

from automl.errors import ArgumentError, ArgumentTypeError, ColumnNotFoundError, DataError
from automl.table import Column, Table, read_table

N = 120
_WORDS = (
    "river stone cloud apple music green seven table happy north water light paper"
    " horse tower quiet sugar plant storm glass"
).split()


def _notes(n: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(_WORDS, 4)) for _ in range(n)]


def column(values: object, name: str = "v", **call: object) -> Column:
    frame = one_column(values).rename(columns={"v": name})
    table = read_table(frame, target="y", **call)  # type: ignore[arg-type]
    return next(c for c in table.schema.columns if c.name == name)


rng = np.random.default_rng(0)
ROLES = {
    "floats": (rng.normal(size=N), "numeric"),
    "integers": (rng.integers(0, 1000, N), "numeric"),
    "few integers": (np.arange(N) % 4, "numeric"),
    "zero one": (np.arange(N) % 2, "boolean"),
    "booleans": (np.arange(N) % 2 == 0, "boolean"),
    "yes no": (["yes", "No"] * (N // 2), "boolean"),
    "Y N": (["Y", "N", None] * (N // 3), "boolean"),
    "true false": (["TRUE", "false"] * (N // 2), "boolean"),
    "yes no third": (["yes", "no", "no phone"] * (N // 3), "categorical"),
    "money": ([f"${i * 7 % 97:,}.50" for i in range(N)], "numeric"),
    "units": ([f"{i % 50 + 0.5} kg" for i in range(N)], "numeric"),
    "percent": ([f"{i % 50} %" for i in range(N)], "numeric"),
    "marks in numbers": (["1", "2", "3", "?", "n/a", ""] * (N // 6), "numeric"),
    "categories": (["a", "b", "c"] * (N // 3), "categorical"),
    "many levels": ([f"k{i % 55}" for i in range(N)], "high_cardinality"),
    "notes": (_notes(N), "text"),
    "uuids": ([str(uuid.UUID(int=i * 10**30)) for i in range(N)], "identifier"),
    "templated": ([f"user {i}" for i in range(N)], "identifier"),
    "two phrases": (
        [f"free prize {i} call" if i % 2 else f"see you at {i}" for i in range(N)],
        "text",
    ),
    "row numbers": (np.arange(N), "identifier"),
    "iso": ([f"2020-01-{i % 28 + 1:02}" for i in range(N)], "datetime"),
    "us dates": ([f"{i % 12 + 1}/{i % 28 + 1}/1999" for i in range(N)], "datetime"),
    "eu dates": ([f"{i % 28 + 1:02}.{i % 12 + 1:02}.1999" for i in range(N)], "datetime"),
    "named dates": ([f"Jan {i % 28 + 1} 1999" for i in range(N)], "datetime"),
    "date objects": ([dt.date(2020, 1, i % 28 + 1) for i in range(N)], "datetime"),
    "timestamps": (pd.to_datetime(["2020-01-01", "2021-05-05"] * (N // 2)), "datetime"),
    "zones": (pd.date_range("2020", periods=N, tz="Asia/Tokyo")[::-1], "datetime"),
    "timedeltas": (pd.to_timedelta(np.arange(N) % 30, "h"), "numeric"),
    "clock": ([f"{i % 24:02}:30" for i in range(N)], "numeric"),
    "decimals": ([Decimal(i % 40) / 4 for i in range(N)], "numeric"),
    "bytes": ([b"a", b"b"] * (N // 2), "categorical"),
    "declared": (pd.Categorical([1, 2, 3] * (N // 3)), "categorical"),
    "zip strings": ([f"0{2000 + i % 30}" for i in range(N)], "categorical"),
    "constant": ([5] * N, "constant"),
    "empty": ([None] * N, "constant"),
    "marks only": (["?", "NA"] * (N // 2), "constant"),
    "mixed": ([1, "a", 2.5, None, True, "3"] * (N // 6), "categorical"),
    "several units": (["3 kg", "4 lb", "5 g"] * (N // 3), "categorical"),
}


@pytest.mark.parametrize("case", ROLES)
def test_role(case: str) -> None:
    values, role = ROLES[case]
    found = column(values)
    assert found.role == role
    assert found.reason


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("customerID", rng.permutation(N) + 5000, "identifier"),
        ("PID", rng.permutation(N) * 17, "identifier"),
        ("paid", rng.permutation(N) * 17, "numeric"),
        ("year", np.arange(N), "numeric"),
        ("zip", np.arange(N) % 7 + 90210, "categorical"),
        ("store_id", np.arange(N) % 5, "categorical"),
        ("Date", [10142018 + 10000 * (i % 5) for i in range(N)], "datetime"),
        ("date", [20181001 + i % 30 for i in range(N)], "datetime"),
        ("amount", [20181001 + i % 30 for i in range(N)], "numeric"),
    ],
)
def test_the_name_decides_where_values_cannot(name: str, values: object, role: str) -> None:
    assert column(values, name).role == role


def test_a_lone_row_counter_stays() -> None:
    table = read_table(pd.DataFrame({"x": range(40), "y": [0, 1] * 20}), target="y")
    assert table.schema.columns[0].role == "numeric"


def test_missing_share_counts_marks() -> None:
    found = column(["a", "b", "?", " ", "NULL", "N/A", "c", "a", "b", "nan"] * 10)
    assert found.missing == pytest.approx(0.5)
    assert found.levels == ("a", "b", "c")


def test_none_is_a_level_beside_empty_cells() -> None:
    assert column(["None", "Brick", None] * 40).levels == ("Brick", "None")
    assert column(["None", "Brick", "Stone"] * 40).levels == ("Brick", "Stone")


def test_a_few_unreadable_values_become_missing_and_are_stated() -> None:
    table = read_table(one_column([*map(str, range(300)), "abc", "12"]), target="y")
    found = table.schema.columns[0]
    assert found.role == "numeric"
    assert np.isnan(table.columns.numeric[300, 0])
    assert "mixed-types" in {check.code for check in table.checks if "v" in check.columns}


def test_too_many_unreadable_values_make_it_a_category() -> None:
    assert column([*map(str, range(100)), *["abc", "def"] * 10]).is_category


def test_false_among_numbers_is_zero() -> None:
    table = read_table(one_column(["FALSE", "10", "30", "4.5"] * 30), target="y")
    assert table.columns.numeric[:4, 0].tolist() == [0.0, 10.0, 30.0, 4.5]
    assert "mixed-types" in {check.code for check in table.checks}


def test_infinities_and_huge_numbers() -> None:
    values = np.where(np.arange(N) % 10 == 0, np.inf, rng.normal(size=N))
    values[5] = 1e305
    table = read_table(one_column(values), target="y")
    read = table.columns.numeric[:, 0]
    assert np.isnan(read).sum() == N // 10
    assert read[5] == 1e30
    assert {"infinities", "extreme-values"} <= {check.code for check in table.checks}
    assert np.isfinite(read.astype(np.float32)[~np.isnan(read)]).all()


def _read(**call: object) -> Table:
    return read_table(small(), target="y", **call)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("b", "categorical", "categorical"),
        ("b", "high-cardinality", "high_cardinality"),
        ("c", "text", "text"),
        ("c", "identifier", "identifier"),
        ("b", "numeric", "numeric"),
    ],
)
def test_chosen_role(name: str, role: str, expected: str) -> None:
    found = next(c for c in _read(roles={name: role}).schema.columns if c.name == name)
    assert found.role == expected
    assert found.reason.startswith("chosen")


def test_chosen_category_with_many_levels_is_marked_for_encoders() -> None:
    frame = one_column([i % 70 for i in range(210)])
    layout = read_table(frame, target="y", roles={"v": "categorical"}).schema.layout
    assert layout.high_cardinality == (True,)


def test_chosen_datetime_reads_integers() -> None:
    frame = one_column([20181001 + i % 30 for i in range(90)])
    table = read_table(frame, target="y", roles={"v": "datetime"})
    assert table.columns.times[0, 0] == dt.datetime(2018, 10, 1, tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("roles", "error", "text"),
    [
        ({"b": "categoric"}, ArgumentError, 'no role "categoric".*\n.*known roles: numeric'),
        ({"b": 3}, ArgumentTypeError, "has to be a string"),
        ({"bb": "numeric"}, ColumnNotFoundError, 'no column "bb"'),
        ({"B": "numeric"}, ColumnNotFoundError, 'it has "b"'),
        ({"c": "numeric"}, DataError, 'column "c" cannot be read as numeric\n.*"[xyz]"'),
        ({"c": "datetime"}, DataError, 'column "c" cannot be read as datetime'),
        ({"c": "boolean"}, DataError, 'column "c" cannot be read as boolean'),
        ({"y": "numeric"}, ArgumentError, '"y" is the target'),
        (["b"], ArgumentTypeError, "roles has to map"),
    ],
)
def test_roles_that_cannot_be(roles: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        _read(roles=roles)


def test_a_role_for_an_ignored_column_is_an_error() -> None:
    with pytest.raises(ArgumentError, match='"b" is ignored'):
        _read(roles={"b": "numeric"}, ignore="b")
