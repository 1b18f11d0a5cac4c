"""Published values, to the digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from grouped_rows import labels

from fairness.metrics import estimate, estimates, inequality, outcome_at_equal_score
from fairness.table.values import GroupCounts


@pytest.fixture(scope="module")
def compas(real_data: Path) -> pd.DataFrame:
    path = real_data / "compas_two_years.parquet"
    if not path.is_file():
        pytest.skip("no compas_two_years.parquet in the folder of public tables")
    return pd.read_parquet(path)


def counted(frame: pd.DataFrame, group: pd.Series) -> GroupCounts:
    score = frame["decile_score"].to_numpy(dtype=float)
    y = frame["two_year_recid"].to_numpy(dtype=int)
    said = (score >= 5).astype(int)
    return labels(y, said, group.astype(str).to_numpy(), score=score, probability=False)


def percents(counts: GroupCounts, group: str, names: str) -> list[float]:
    k = counts.groups.index(group)
    return [round(100 * float(estimate(name, counts).value[k]), 2) for name in names.split()]


# ProPublica (2016), How we analyzed the COMPAS recidivism algorithm.
TABLE = {
    "African-American": (3696, [44.85, 27.99, 62.97, 65.05, 58.82, 51.43, 63.83]),
    "Caucasian": (2454, [23.45, 47.72, 59.13, 71.19, 34.80, 39.36, 66.99]),
}


@pytest.mark.parametrize("group", TABLE)
def test_compas_by_race(compas: pd.DataFrame, group: str) -> None:
    counts = counted(compas, compas["race"])
    n, expected = TABLE[group]
    assert counts.n[counts.groups.index(group)] == n
    names = "fpr fnr ppv npv selection_rate base_rate accuracy"
    assert percents(counts, group, names) == expected


def test_compas_of_all_rows(compas: pd.DataFrame) -> None:
    counts = counted(compas, pd.Series(["all"] * len(compas)))
    assert counts.counts.tolist() == [[[2681, 1282], [1216, 2035]]]
    names = "fpr fnr ppv npv selection_rate base_rate accuracy"
    expected = [32.35, 37.40, 61.35, 68.80, 45.98, 45.07, 65.37]
    assert percents(counts, "all", names) == expected


INTERSECTIONS = {
    "African-American Female": (652, [40.49, 29.96, 51.69]),
    "African-American Male": (3044, [46.12, 27.69, 60.35]),
    "Caucasian Female": (567, [30.16, 43.22, 39.51]),
    "Caucasian Male": (1887, [21.25, 48.89, 33.39]),
    "Hispanic Female": (103, [10.00, 72.73, 15.53]),
    "Hispanic Male": (534, [23.88, 52.76, 32.58]),
}


@pytest.mark.parametrize("group", INTERSECTIONS)
def test_compas_by_race_and_sex(compas: pd.DataFrame, group: str) -> None:
    counts = counted(compas, compas["race"].astype(str) + " " + compas["sex"].astype(str))
    n, expected = INTERSECTIONS[group]
    assert counts.n[counts.groups.index(group)] == n
    assert percents(counts, group, "fpr fnr selection_rate") == expected


def test_compas_disparities(compas: pd.DataFrame) -> None:
    counts = counted(compas, compas["race"])
    found = estimates(counts)
    two = [counts.groups.index(group) for group in TABLE]
    selected = found["selection_rate"].value
    assert np.ptp(selected[two]) == pytest.approx(0.2402002, abs=5e-8)
    assert selected[two].min() / selected[two].max() == pytest.approx(0.5916376, abs=5e-8)
    odds = max(np.ptp(found["tpr"].value[two]), np.ptp(found["fpr"].value[two]))
    assert odds == pytest.approx(0.2139250, abs=5e-8)
    assert np.ptp(selected) == pytest.approx(0.4571176, abs=5e-8)
    assert selected.min() / selected.max() == pytest.approx(0.3143236, abs=5e-8)
    odds = max(np.ptp(found["tpr"].value), np.ptp(found["fpr"].value))
    assert odds == pytest.approx(0.5766917, abs=5e-8)


def test_compas_inequality(compas: pd.DataFrame) -> None:
    found = inequality(counted(compas, compas["race"])).set_index("index")
    assert found.loc["theil", "total"] == pytest.approx(0.2350176, abs=5e-8)
    assert found.loc["ge2", "total"] == pytest.approx(0.1699694, abs=5e-8)


def test_compas_is_calibrated_where_error_rates_differ(compas: pd.DataFrame) -> None:
    counts = counted(compas, compas["race"])
    frame = outcome_at_equal_score(counts).set_index(["group", "reference"])
    found = frame.loc[("Caucasian", "African-American")]
    assert abs(found["value"]) < 1.96 * found["error"]
    assert found["rows"] == 6150
    rate = estimate("fpr", counts)
    a, c = (counts.groups.index(group) for group in TABLE)
    gap = rate.value[a] - rate.value[c]
    assert gap > 10 * np.hypot(rate.error[a], rate.error[c])


def test_compas_with_the_standard_filter(compas: pd.DataFrame) -> None:
    kept = compas["days_b_screening_arrest"].between(-30, 30)
    kept &= (compas["is_recid"] != -1) & (compas["c_charge_degree"] != "O")
    kept &= compas["score_text"] != "N/A"
    frame = compas[kept].reset_index(drop=True)
    assert len(frame) == 6172
    counts = counted(frame, frame["race"])
    assert percents(counts, "African-American", "fpr fnr auc") == [42.34, 28.48, 70.43]
    assert percents(counts, "Caucasian", "fpr fnr auc") == [22.01, 49.64, 69.28]
    everyone = counted(frame, pd.Series(["all"] * len(frame)))
    assert percents(everyone, "all", "fpr fnr accuracy") == [30.27, 38.31, 66.07]


# The user guide of fairlearn.
GUIDE_TRUE = "0 1 1 1 1 0 1 0 1 0 0 0 1 1 1 1 1 1"
GUIDE_SAID = "0 0 1 0 1 1 1 0 0 1 1 1 1 0 0 1 1 0"
GUIDE_GROUP = "b b a b b c c c a a c a b c c b c c"


def guide(group: str) -> GroupCounts:
    y, said = ([int(value) for value in text.split()] for text in (GUIDE_TRUE, GUIDE_SAID))
    return labels(y, said, group.split())


def test_guide_of_fairlearn() -> None:
    everyone = guide("all " * 18)
    assert estimate("tpr", everyone).value == pytest.approx(0.5)
    assert estimate("fpr", everyone).value == pytest.approx(2 / 3)
    assert estimate("selection_rate", everyone).value == pytest.approx(0.555556, abs=5e-7)
    found = estimates(guide(GUIDE_GROUP))
    selected = found["selection_rate"].value
    assert np.ptp(selected) == pytest.approx(0.25)
    assert selected.min() / selected.max() == pytest.approx(2 / 3)
    assert max(np.ptp(found["tpr"].value), np.ptp(found["fpr"].value)) == pytest.approx(1.0)
