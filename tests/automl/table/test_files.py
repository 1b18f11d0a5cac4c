from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_tables import small

from automl.errors import (
    ArgumentError,
    ArgumentTypeError,
    AutoMLError,
    ColumnNotFoundError,
    DataError,
    TableFileNotFoundError,
)
from automl.table import Table, read_frame, read_table

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def codes(table: Table) -> set[str]:
    return {check.code for check in table.checks}


WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False),
    ".csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".tsv.gz": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".parquet": lambda frame, path: frame.to_parquet(path),
    ".feather": lambda frame, path: frame.to_feather(path),
    ".jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    ".jsonl.gz": lambda frame, path: frame.to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("kind", [str, Path])
def test_every_ending_gives_the_same_table(ending: str, kind: type, tmp_path: Path) -> None:
    frame = small().round(6)
    path = tmp_path / f"table{ending}"
    WRITERS[ending](frame, path)
    read = read_table(kind(path), target="y")
    direct = read_table(frame, target="y")
    assert read.name == path.name
    np.testing.assert_array_equal(read.columns.numeric, direct.columns.numeric)
    np.testing.assert_array_equal(read.columns.codes, direct.columns.codes)
    np.testing.assert_array_equal(read.y, direct.y)
    assert read.schema == direct.schema


def test_row_labels_of_a_pandas_frame_are_no_column(tmp_path: Path) -> None:
    frame = small().set_index(pd.Index(np.arange(60) * 3))
    frame.to_parquet(tmp_path / "t.parquet")
    assert read_frame(tmp_path / "t.parquet")[0].columns.tolist() == ["a", "b", "c", "y"]


def test_semicolons_and_decimal_commas(write: Write) -> None:
    lines = "".join(f"{i},5;x{i % 3};{i % 2}\n" for i in range(40))
    table = read_table(write("t.csv", "wert;name;y\n" + lines), target="y")
    assert table.columns.numeric[3, 0] == 3.5
    assert {"separator", "numbers-in-strings"} <= codes(table)


def test_latin1(write: Write) -> None:
    lines = "".join(f"Jürgen{i % 3},{i % 7},{i % 2}\n" for i in range(40))
    table = read_table(write("t.csv", ("näme,b,y\n" + lines).encode("latin-1")), target="y")
    assert table.schema.columns[0].name == "näme"
    assert table.schema.columns[0].levels == ("Jürgen0", "Jürgen1", "Jürgen2")
    assert "encoding" in codes(table)


def test_utf16_and_byte_order_marks(write: Write) -> None:
    text = "a,y\n" + "".join(f"ü{i % 3},{i % 2}\n" for i in range(40))
    for content in (text.encode("utf-16"), text.encode("utf-8-sig")):
        assert read_frame(write("t.csv", content))[0].columns.tolist() == ["a", "y"]


def test_codes_keep_their_zeros_and_long_numbers_their_digits(write: Write) -> None:
    lines = "".join(f"0{2000 + i % 9},{10**19 + i % 7},{i % 5},{i % 2}\n" for i in range(90))
    frame, _ = read_frame(write("t.csv", "zip,account,n,y\n" + lines))
    assert frame["zip"].tolist()[:2] == ["02000", "02001"]
    assert frame["account"].tolist()[1] == str(10**19 + 1)
    assert frame["n"].dtype == np.int64


def test_marks_stay_what_they_are(write: Write) -> None:
    lines = "NA,1,0\n?,2,1\n" * 20 + "x,3,0\nw,NA,1\n" * 20
    frame, _ = read_frame(write("t.csv", "a,b,y\n" + lines))
    assert frame["a"].tolist()[:2] == ["NA", "?"]
    table = read_table(write("u.csv", "a,b,y\n" + lines), target="y")
    assert table.schema.columns[0].missing == 0.5
    assert table.schema.columns[1].role == "numeric"


def test_a_word_far_down_a_column_of_numbers(write: Write) -> None:
    lines = "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60_000)) * 40
    assert len(lines) > 1 << 24  # beyond the block that decides types
    table = read_table(write("t.csv", "a,b,y\n" + lines + "oops,1,1\n"), target="y")
    assert [column.role for column in table.schema.columns] == ["numeric", "numeric"]
    assert "mixed-types" in codes(table)


def test_cells_with_line_breaks(write: Write) -> None:
    lines = "".join(f'"x\n{i % 4}, z",{i % 7},{i % 2}\n' for i in range(40))
    frame, _ = read_frame(write("t.csv", "a,b,y\n" + lines))
    assert frame.shape == (40, 3)
    assert frame["a"].iloc[1] == "x\n1, z"


@pytest.mark.parametrize("good", [1, 20_000])
@pytest.mark.parametrize(("bad", "cells"), [("1,2", "2 cells"), ("1,2,3,4", "4 cells")])
def test_ragged_lines_are_named(write: Write, good: int, bad: str, cells: str) -> None:
    path = write("t.csv", "a,b,y\n" + "1,2,3\n" * good + bad + "\n1,2,3\n")
    with pytest.raises(DataError, match=rf"ragged: line {good + 2} has {cells}"):
        read_frame(path)


def test_a_quote_that_nobody_closes_is_named_where_it_opens(write: Write) -> None:
    path = write("t.csv", "a,b,y\n" + "1,2,3\n" * 8 + '"1,2,3\n' + "4,5,6\n" * 9)
    with pytest.raises(DataError) as caught:
        read_frame(path)
    assert "ragged: line 10 has 1 cell" in str(caught.value)
    assert caught.value.got == r"1,2,3\n" + r"4,5,6\n" * 9
    assert caught.value.hint == "close the quote that opens there"


def test_paths_that_no_system_takes() -> None:
    with pytest.raises(TableFileNotFoundError) as caught:
        read_frame("x" * 5000 + ".csv")
    assert len(str(caught.value)) < 300
    with pytest.raises(TableFileNotFoundError, match=r"no file 'a\\x00b\.csv'"):
        read_frame("a\0b.csv")


def test_truncated_parquet(write: Write, tmp_path: Path) -> None:
    small().to_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for size in (4, len(whole) // 2, len(whole) - 1):
        with pytest.raises(DataError, match=r"cannot be read as Parquet: it is truncated"):
            read_frame(write("t.parquet", whole[:size]))


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("t.csv", "", "t.csv is empty"),
        ("t.parquet", "", "t.parquet is empty"),
        ("t.csv", "\n \n", "t.csv is empty"),
        ("t.csv", "a,y\n", "t.csv has no rows"),
        ("t.csv", b"\x89PNG\0\0", "is no text"),
        ("t.csv", "a,a,y\n1,2,3\n", 'duplicate column names\n.*"a" 2 times'),
        ("t.feather", "ARROW1" * 9, "cannot be read as Feather"),
        ("t.csv.gz", "no gzip", "cannot be read as gzip"),
        ("t.csv.gz", gzip.compress(b"a,y\n1,2\n" * 99)[:30], "cannot be read as gzip"),
        ("t.jsonl", "", "t.jsonl is empty"),
        ("t.jsonl", '{"a": 1, "y": 2}\n{"a":\n', "line 2 cannot be read"),
        ("t.jsonl", '{"a": 1}\n[1]\n', "line 2 is no object"),
        (
            "t.jsonl",
            '{"a": {"b": 1}, "y": 2}\n{"a": {}, "y": 1}\n' * 3,
            'column "a" .* it holds dicts',
        ),
        ("t.jsonl", '{"a": [1], "y": 2}\n{"a": [], "y": 1}\n' * 3, 'column "a" .* it holds lists'),
    ],
)
def test_damaged_files(write: Write, name: str, content: str | bytes, text: str) -> None:
    with pytest.raises(DataError, match=text):
        read_table(write(name, content), target="y")


def test_paths_that_name_no_table(tmp_path: Path, write: Write) -> None:
    write("train.csv", "a,y\n1,2\n")
    with pytest.raises(TableFileNotFoundError, match=r"no file.*\n.*there is .*train.csv"):
        read_frame(tmp_path / "tran.csv")
    with pytest.raises(FileNotFoundError, match=r"no directory"):
        read_frame(tmp_path / "absent" / "tran.csv")
    with pytest.raises(ArgumentError, match=r"is a directory"):
        read_frame(tmp_path)
    with pytest.raises(ArgumentError, match=r'unknown ending ".xlsx"\n.*\.csv, \.tsv, \.parquet'):
        read_frame(write("t.xlsx", "x"))
    with pytest.raises(AutoMLError, match=r"no file"):
        read_frame("a\0b.csv")


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (np.ones((5, 2)), r"got numpy.ndarray\n  try  pandas.DataFrame\(array"),
        ({"a": [1]}, r"got dict\n  try  pandas.DataFrame\(data\)"),
        ([1, 2], "got list"),
        (None, "got NoneType"),
        (5, "got int"),
        (pd.Series([1]), "got pandas.Series"),
    ],
)
def test_data_that_is_no_frame_and_no_path(data: object, hint: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"neither a frame nor a path.*\n.*{hint}"):
        read_table(data, target="y")


def test_json_lines_of_mixed_types(write: Write) -> None:
    lines = "".join(
        f'{{"a": {i if i % 2 else chr(34) + "q" + chr(34)}, "b": {i % 3}, "y": {i % 2}}}\n'
        for i in range(30)
    )
    frame, _ = read_frame(write("t.jsonl", lines + '{"y": 1}\n'))
    assert frame["a"].tolist()[:3] == ["q", 1, "q"]
    assert len(frame) == 31


def test_errors_name_the_file(write: Write) -> None:
    path = write("adult.csv", "income,age\n1,2\n3,4\n5,6\n")
    with pytest.raises(ColumnNotFoundError, match=r'"Income" in adult.csv\n.*it has "income"'):
        read_table(path, target="Income")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(write: Write, end: str) -> None:
    lines = end.join(["a,b,y", *(f"{i % 5},x{i % 3},{i % 2}" for i in range(40))])
    frame, _ = read_frame(write("t.csv", lines))
    assert frame.shape == (40, 3)
    assert frame.columns.tolist() == ["a", "b", "y"]


def test_bars_and_tabs_are_found(write: Write) -> None:
    for separator in ("|", "\t"):
        lines = "".join(f"{i % 5}{separator}a, b{separator}{i % 2}\n" for i in range(40))
        path = write("t.csv", f"a{separator}b{separator}y\n{lines}")
        assert read_frame(path)[0].shape == (40, 3)
