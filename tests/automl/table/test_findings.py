from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.table import Check, read_table

N = 1200
rng = np.random.default_rng(0)
BASE = pd.DataFrame(
    {
        "a": rng.normal(size=N),
        "b": rng.normal(size=N),
        "c": rng.choice(list("xyz"), N),
        "d": rng.integers(0, 9, N),
    }
)
BINARY = BASE.assign(y=(BASE["a"] + rng.normal(size=N) > 0).astype(int))
MULTI = BASE.assign(y=pd.cut(BASE["a"] + rng.normal(size=N), 4, labels=list("pqrs")).astype(str))
NUMBER = BASE.assign(y=BASE["a"] * 3 + rng.normal(size=N))


def checks(frame: pd.DataFrame, **call: object) -> dict[str, Check]:
    found = read_table(frame, target="y", **call).checks  # type: ignore[arg-type]
    assert all(check.severity != "error" for check in found)
    return {check.code: check for check in found}


@pytest.mark.parametrize("frame", [BINARY, MULTI, NUMBER], ids=["binary", "multi", "number"])
def test_ordinary_tables_have_no_suspects(frame: pd.DataFrame) -> None:
    assert not set(checks(frame)) & {"target-leakage", "duplicated-rows", "duplicated-columns"}


def _leaks(frame: pd.DataFrame) -> dict[str, object]:
    y = frame["y"]
    codes = pd.factorize(y)[0]
    noisy = codes + rng.normal(size=N) / 20
    return {
        "a noisy copy": noisy if y.dtype.kind != "f" else y + y.std() * rng.normal(size=N) / 20,
        "a monotone copy": np.exp(codes * 1.0) if y.dtype.kind != "f" else np.exp(y),
        "a recoding": "k"
        + pd.Series(codes if y.dtype.kind != "f" else (2 * y).round()).astype(str),
    }


@pytest.mark.parametrize("frame", [BINARY, MULTI, NUMBER], ids=["binary", "multi", "number"])
@pytest.mark.parametrize("kind", ["a noisy copy", "a monotone copy", "a recoding"])
def test_planted_leaks_are_found(frame: pd.DataFrame, kind: str) -> None:
    check = checks(frame.assign(leak=_leaks(frame)[kind]))["target-leakage"]
    assert check.columns == ("leak",)
    assert check.severity == "warning"
    assert 'ignore=["leak"]' in check.hint


def test_missing_values_that_tell_the_target_are_found() -> None:
    boat = np.where(BINARY["y"] == 1, rng.integers(0, 9, N).astype(float), np.nan)
    assert checks(BINARY.assign(boat=boat))["target-leakage"].columns == ("boat",)


def test_an_easy_target_is_not_suspicious() -> None:
    y = (BASE["a"] > 0).astype(int)
    easy = pd.DataFrame({f"f{i}": y + rng.normal(size=N) / 20 for i in range(8)}).assign(y=y)
    assert "target-leakage" not in checks(easy)


def test_duplicated_rows_are_counted_exactly() -> None:
    few = pd.concat([BINARY, BINARY.iloc[:7]])
    assert checks(few)["duplicated-rows"].message.startswith("7 rows (0.6 %)")
    assert checks(few)["duplicated-rows"].severity == "info"
    many = pd.concat([BINARY, BINARY.iloc[:300]])
    assert checks(many)["duplicated-rows"].severity == "warning"
    assert few.duplicated().sum() == 7
    other_target = BINARY.iloc[:7].assign(y=1 - BINARY["y"].iloc[:7])
    assert "duplicated-rows" not in checks(pd.concat([BINARY, other_target]))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("equal", BASE["a"]),
        ("rescaled", BASE["a"] * -1.8 + 32),
        ("recoded", BASE["c"].map({"x": 10, "y": 3, "z": 7})),
        ("text copy", BASE["d"].map(lambda d: f"level {d}")),
    ],
)
def test_duplicated_columns(name: str, values: pd.Series) -> None:
    check = checks(BINARY.assign(**{name: values}))["duplicated-columns"]
    assert name in check.columns
    assert len(check.columns) == 2
    assert "carry the same information" in check.message


def test_columns_that_differ_in_one_row_are_not_duplicated() -> None:
    big = pd.concat([BINARY] * 6, ignore_index=True).assign(a=rng.normal(size=6 * N))
    copy = big["d"].copy()
    copy.iloc[3001] = (copy.iloc[3001] + 1) % 9
    assert "duplicated-columns" not in checks(big.assign(copy=copy))


def test_rare_classes_and_imbalance() -> None:
    labels = ["p"] * (N - 43) + ["q"] * 40 + ["r"] * 3
    found = checks(BASE.assign(y=labels))
    assert "'r' in 3 rows" in found["rare-class"].message
    assert found["rare-class"].severity == "warning"
    assert "imbalance" in found
    rare = checks(BASE.assign(y=["no"] * (N - 6) + ["yes"] * 6))
    assert rare["imbalance"].severity == "warning"
    assert "0.5 % of the rows (6 of 1,200)" in rare["imbalance"].message


def test_sorted_dates_ask_for_a_split_in_time() -> None:
    days = pd.date_range("2020", periods=N, freq="h")
    check = checks(BINARY.assign(day=days))["time-column-suspect"]
    assert check.hint.startswith('time="day"')
    assert "time-column-suspect" not in checks(BINARY.assign(day=days), time="day")
    assert "time-column-suspect" not in checks(BINARY.assign(day=rng.permutation(days)))


def test_repeated_identifiers_ask_for_groups() -> None:
    patient = rng.integers(0, 400, N)
    for name in ("patient_id", "patient"):
        check = checks(BINARY.assign(**{name: patient}))["group-column-suspect"]
        assert check.hint.startswith(f'group="{name}"')
    found = checks(BINARY.assign(patient_id=patient), group="patient_id")
    assert "group-column-suspect" not in found
    assert "group-column-suspect" not in checks(BINARY.assign(patient_age=patient))


@pytest.mark.parametrize("name", ["fnlwgt", "sample_weight", "surveyWeight", "final weight"])
def test_sampling_weights_are_suspected(name: str) -> None:
    weight = rng.integers(10_000, 99_000, N)
    check = checks(BINARY.assign(**{name: weight}))["sampling-weight-suspect"]
    assert check.hint.startswith(f'weight="{name}"')
    assert "sampling-weight-suspect" not in checks(BINARY.assign(**{name: weight}), weight=name)


def test_the_weight_of_a_body_is_no_sampling_weight() -> None:
    frame = BINARY.assign(weight=rng.normal(70, 10, N))
    assert "sampling-weight-suspect" not in checks(frame)


def test_missingness_names_the_emptiest_first() -> None:
    frame = BINARY.assign(
        half=BASE["a"].where(rng.random(N) < 0.4), most=BASE["b"].where(rng.random(N) < 0.1)
    )
    check = checks(frame)["missingness"]
    assert check.columns == ("most", "half")


def test_warnings_come_before_infos() -> None:
    frame = BINARY.assign(v=5, fnlwgt=rng.integers(9, 99, N))
    severities = [check.severity for check in read_table(frame, target="y").checks]
    assert severities == sorted(severities, key=["warning", "info"].index)
    assert len(set(severities)) == 2
