"""Roles and checks of public tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl.table import Table, read_table


def read(folder: Path, name: str, target: str, **call: str) -> Table:
    path = folder / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    table = read_table(path, target=target, **call)  # type: ignore[arg-type]
    again = table.schema.read(table.frame)
    np.testing.assert_array_equal(again.numeric, table.columns.numeric)
    np.testing.assert_array_equal(again.codes, table.columns.codes)
    np.testing.assert_array_equal(again.times, table.columns.times)
    return table


def roles(table: Table) -> dict[str, str]:
    return {column.name: column.role for column in table.schema.columns}


def codes(table: Table) -> set[tuple[str, str]]:
    return {(check.code, name) for check in table.checks for name in check.columns}


def test_adult(real_data: Path) -> None:
    table = read(real_data, "adult", "income", positive=">50K")
    assert table.schema.target.note == '">50K" 23.9 %'
    found = list(roles(table).values())
    assert (found.count("numeric"), found.count("categorical")) == (6, 8)
    assert {
        ("sampling-weight-suspect", "fnlwgt"),
        ("duplicated-columns", "education-num"),
        ("missing-marks", "workclass"),
    } <= codes(table)
    assert not {check for check in table.checks if check.code == "target-leakage"}


def test_movies(real_data: Path) -> None:
    table = read(real_data, "movies", "IMDB Rating")
    assert table.n_rows == 2988
    found = roles(table)
    assert found["Title"] == "text"
    assert found["Release Date"] == "datetime"
    assert found["Director"] == found["Distributor"] == "high_cardinality"
    assert found["MPAA Rating"] == "categorical"
    assert found["US Gross"] == "numeric"


def test_employee_salaries(real_data: Path) -> None:
    table = read(real_data, "employee_salaries", "Current Annual Salary")
    found = roles(table)
    assert found["2016 Gross Pay Received"] == found["2016 Overtime Pay"] == "numeric"
    assert found["Date First Hired"] == "datetime"
    assert found["Employee Position Title"] == "high_cardinality"
    assert ("numbers-in-strings", "2016 Overtime Pay") in codes(table)


def test_squirrel_census(real_data: Path) -> None:
    found = roles(read(real_data, "squirrel_census", "Indifferent"))
    assert found["Unique Squirrel ID"] == found["Lat/Long"] == "identifier"
    assert found["Date"] == "datetime"
    assert found["Above Ground Sighter Measurement"] == "numeric"
    assert found["Running"] == "boolean"
    notes = ("Color notes", "Specific Location", "Other Activities", "Other Interactions")
    assert {found[name] for name in notes} == {"text"}


def test_sms_spam(real_data: Path) -> None:
    table = read(real_data, "sms_spam", "type")
    assert roles(table) == {"text": "text"}
    assert table.schema.target.classes == ("ham", "spam")


def test_telco_churn(real_data: Path) -> None:
    table = read(real_data, "telco_churn", "Churn")
    found = roles(table)
    assert found["customerID"] == "identifier"
    assert found["TotalCharges"] == "numeric"
    assert found["Partner"] == "boolean"
    assert found["MultipleLines"] == "categorical"
    place = table.columns.layout.numeric.index("TotalCharges")
    assert np.isnan(table.columns.numeric[:, place]).sum() == 11


@pytest.mark.parametrize(
    ("name", "target", "leaks"),
    [
        ("titanic", "survived", {"boat"}),
        ("bike_sharing", "cnt", {"registered"}),
        ("compas_two_years", "two_year_recid", {"is_recid", "r_offense_date"}),
        ("german_credit", "credit", set()),
        ("bank_marketing", "y", set()),
        ("car_evaluation", "decision", set()),
        ("law_school", "pass_bar", set()),
        ("ames_housing", "price", set()),
    ],
)
def test_leaks(real_data: Path, name: str, target: str, leaks: set[str]) -> None:
    found = {column for code, column in codes(read(real_data, name, target)) if "leak" in code}
    assert leaks <= found
    assert bool(leaks) == bool(found)


def test_splits_that_tables_ask_for(real_data: Path) -> None:
    assert ("time-column-suspect", "dteday") in codes(read(real_data, "bike_sharing", "cnt"))
    oulad = read(real_data, "oulad", "final_result")
    assert ("group-column-suspect", "id_student") in codes(oulad)


def test_hflights(real_data: Path) -> None:
    table = read(real_data, "hflights", "ArrDelay")
    assert table.n_rows == 223_874
    assert roles(table)["TailNum"] == "high_cardinality"
    assert roles(table)["Year"] == "constant"
