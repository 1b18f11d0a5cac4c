"""Public tables from end to end: read, searched on a sample, saved, predicted."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automl

QUICK = ("titanic", "sms_spam", "employee_salaries", "squirrel_census", "oulad")
SLOW = (
    "movies",
    "adult", "compas_two_years", "german_credit", "bank_marketing", "law_school", "telco_churn",
    "california_housing", "ames_housing", "bike_sharing", "letter", "madelon", "kddcup99_10pct",
    "hflights", "mammography", "car_evaluation",
)  # fmt: skip


def sample(real_data: Path, name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return at most 1,500 rows with a target, and the line that describes the table."""
    with (real_data / "datasets.csv").open(encoding="utf-8", newline="") as file:
        about = next(row for row in csv.DictReader(file) if row["name"] == name)
    frame = pd.read_parquet(real_data / about["file"])
    frame = frame[frame[about["target"]].notna()]
    frame = frame.sample(min(1500, len(frame)), random_state=0).reset_index(drop=True)
    dropped = [column for column in about["drop"].split(";") if column]
    return frame.drop(columns=[one for one in dropped if one != about["group_col"]]), about


@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_a_sample_is_searched_saved_and_predicted(
    name: str, real_data: Path, tmp_path: Path
) -> None:
    frame, about = sample(real_data, name)
    result = automl.search(
        frame,
        target=about["target"],
        task=about["task"],
        group=about["group_col"] or None,
        time=about["time_col"] or None,
        n_trials=2,
        families=["lightgbm", "linear"],
        n_jobs=2,
    )
    board = result.leaderboard.set_index("name")
    assert board.index[0] != "baseline"
    again = automl.load(result.save(tmp_path / "run"))
    rows = frame.drop(columns=about["target"])
    assert np.array_equal(again.predict(rows), result.predict(rows))
    one_by_one = [answer(again, rows.iloc[[i]]) for i in range(3)]
    assert np.allclose(np.concatenate(one_by_one), answer(again, rows.head(3)))


def answer(result: automl.Result, rows: pd.DataFrame) -> Any:
    return result.predict(rows) if result.task == "regression" else result.predict_proba(rows)
