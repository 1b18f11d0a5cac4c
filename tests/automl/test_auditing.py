"""Auditing a winner: which rows, which predictions, and what goes wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
import fairness
from automl.auditing import sensitive_columns
from automl.demo import loans, loans_truth


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> automl.Result:
    return automl.search(
        loans(2000),
        target="approved",
        n_trials=1,
        families=["linear"],
        sensitive=["sex", "age_group"],
        run_dir=tmp_path_factory.mktemp("runs") / "sealed",
        progress=False,
    )


def test_sealed_rows_are_audited(sealed: automl.Result) -> None:
    audit = sealed.audit()
    assert audit.rows_used == "400 sealed rows, which no fit and no choice has seen"
    assert audit.attributes == ("sex", "age_group", "sex × age_group")
    rows = loans(2000).iloc[sealed.sealed_rows]
    predicted = sealed.predict(rows) == "yes"
    frame = audit.by_group.set_index(["attribute", "group", "metric"])["value"]
    for group in ("female", "male"):
        chosen = (rows["sex"] == group).to_numpy()
        rate = predicted[chosen].mean()
        assert frame["sex", group, "selection_rate"] == pytest.approx(rate, abs=1e-12)
    assert audit.target == "approved"
    assert audit.row_findings.proxies is not None


def test_the_planted_bias_lies_in_the_interval() -> None:
    frame = loans(20_000, seed=4)
    audit = fairness.audit(frame["approved"], positive="yes", sensitive=frame["sex"])
    rows = audit.disparities.query("metric == 'base_rate' and kind == 'difference'")
    row = rows.iloc[0]
    assert (row["group"], row["reference"]) == ("male", "female")
    assert row["low"] < -loans_truth().rate_gap(frame) < row["high"]
    assert row["high"] - row["low"] < 0.06


def test_without_sealed_rows_predictions_are_out_of_fold(tmp_path: Path) -> None:
    result = automl.search(
        loans(600),
        target="approved",
        n_trials=1,
        families=["linear"],
        run_dir=tmp_path / "run",
        progress=False,
    )
    audit = result.audit(sensitive="sex")
    assert audit.rows_used == (
        "out-of-fold predictions on 600 rows; these rows also chose the ensemble"
    )
    assert audit.table.n == 600
    fitted = result.audit(loans(600), sensitive="sex")
    assert "whether the model was fitted on them is not known" in fitted.rows_used
    assert not np.allclose(fitted.overall["value"], audit.overall["value"])


def test_a_loaded_run_is_audited_alike(sealed: automl.Result) -> None:
    again = automl.load(sealed.run_dir).audit()
    pd.testing.assert_frame_equal(again.by_group, sealed.audit().by_group)


def test_the_threshold_is_that_of_predict(sealed: automl.Result) -> None:
    result = automl.load(sealed.run_dir)
    result.threshold = 0.9
    found = result.audit().overall.set_index("metric")["value"]
    kept = sealed.audit().overall.set_index("metric")["value"]
    assert found["selection_rate"] < kept["selection_rate"]
    assert found["auc"] == kept["auc"]


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_other_tasks(name: str, tmp_path: Path) -> None:
    from automl.demo import demo_table

    table = demo_table(name)
    frame = table.frame.assign(group=["a", "b"] * (len(table.frame) // 2))
    result = automl.search(
        frame,
        target=table.target,
        n_trials=1,
        families=["linear"],
        sensitive="group",
        audit_size=0,
        run_dir=tmp_path / "run",
        progress=False,
    )
    audit = result.audit()
    assert audit.table.task == result.task
    assert audit.table.n == len(frame)
    assert not audit.disparities.empty


def test_control_columns_come_by_name(sealed: automl.Result) -> None:
    audit = sealed.audit(sensitive="sex", control="purpose")
    assert set(audit.conditional["control"]) == {"purpose"}


def test_errors(sealed: automl.Result, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match='no column "seks" in the rows'):
        sealed.audit(sensitive="seks")
    with pytest.raises(automl.DataError, match="no target column 'approved'"):
        sealed.audit(loans(50).drop(columns="approved"))
    with pytest.raises(fairness.FairnessError, match="no group 'other'"):
        sealed.audit(reference="other")
    run = sealed.save(tmp_path / "copy")
    shutil.rmtree(run / "rows")
    with pytest.raises(automl.DataError, match="keeps no rows to audit"):
        automl.load(run).audit()


def test_no_sensitive_columns(tmp_path: Path) -> None:
    result = automl.search(
        loans(300),
        target="approved",
        n_trials=1,
        families=["linear"],
        run_dir=tmp_path / "run",
        progress=False,
    )
    with pytest.raises(ValueError, match="an audit needs sensitive columns"):
        result.audit()


def test_text_is_read_as_what_it_is() -> None:
    frame = pd.DataFrame(
        {
            "age": ["31", "42", "?", None],
            "sex": ["f", "m", "NA", "f"],
            "code": ["1", "x", "2", "3"],
        }
    )
    read = sensitive_columns(frame, ["age", "sex", "code"], "a frame")
    assert read["age"].tolist()[:2] == [31.0, 42.0]
    assert read["age"].isna().tolist() == [False, False, True, True]
    assert read["sex"].isna().tolist() == [False, False, True, False]
    assert read["code"].tolist() == ["1", "x", "2", "3"]
