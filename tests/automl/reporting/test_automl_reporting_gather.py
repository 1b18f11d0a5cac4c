"""Gathering: every part is there or told to be missing, and says which rows it stands on."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.errors import RunFolderError
from automl.reporting.examples import chosen_rows
from automl.reporting.facts import Facts, Predictions
from automl.reporting.gathering import expected_seconds, gather
from automl.reporting.losses import row_losses
from automl.reporting.pareto import largest_difference, unbeaten
from automl.reporting.rounding import rounded
from automl.result import Result
from fairness import CountTable


def test_everything_is_gathered(loan_facts: Facts) -> None:
    facts = loan_facts
    assert facts.notes == ()
    assert facts.why is not None
    assert facts.why.effects is not None
    assert facts.why.interactions is not None
    assert facts.why.quality is not None
    for part in (facts.performance, facts.audit, facts.slices, facts.price, facts.gaps):
        assert part is not None
    assert (facts.target, facts.task, facts.sensitive) == (
        "approved",
        "binary",
        ("sex", "age_group"),
    )
    assert facts.fingerprint
    assert facts.arguments["target"] == "approved"


def test_each_number_says_which_rows_it_stands_on(loan_facts: Facts) -> None:
    sealed = "180 sealed rows, which no fit and no choice has seen"
    assert loan_facts.performance is not None
    assert loan_facts.performance.predictions.rows_used == sealed
    assert loan_facts.rows["audit"] == loan_facts.rows["explanation"] == sealed
    assert loan_facts.rows["search"].startswith("720 rows")


def test_steps_are_told(loan_facts: Facts, told: list[str]) -> None:
    assert {"performance", "audit", "explanation", "effects", "error slices"} <= set(told)


def test_every_example_row_has_counterfactuals_that_keep_people_as_they_are(
    loan_facts: Facts,
) -> None:
    assert loan_facts.why is not None
    changes = loan_facts.why.changes
    assert set(changes) == set(chosen_rows(loan_facts.why.explanation))
    changed = {name for one in changes.values() for name in one.changes["column"]}
    assert changed
    assert not changed & {"sex", "age_group"}


def test_without_rows_nothing_of_single_rows_is_computed(quiet_facts: Facts) -> None:
    assert quiet_facts.why is not None
    assert quiet_facts.why.changes == {}
    assert quiet_facts.personal is False


def test_a_run_without_rows_tells_what_is_missing(loan_run: Path, tmp_path: Path) -> None:
    shutil.copytree(loan_run, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "rows")
    facts = gather(automl.load(tmp_path / "run"))
    assert facts.why is facts.performance is facts.audit is facts.slices is None
    assert any("keeps no rows to explain" in note for note in facts.notes)
    assert any("audit" in note for note in facts.notes)
    assert facts.price is not None


def test_an_unfinished_run_is_refused(loan_run: Path, tmp_path: Path) -> None:
    import json

    shutil.copytree(loan_run, tmp_path / "run")
    manifest = tmp_path / "run" / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**content, "finished": None}), encoding="utf-8")
    with pytest.raises(RunFolderError, match="never finished"):
        gather(automl.load(tmp_path / "run"))


def test_it_says_beforehand_about_how_long_it_takes(loan_result: Result) -> None:
    assert 2 < expected_seconds(loan_result) < 60


def test_pareto_has_disparity_on_sealed_rows(loan_result: Result) -> None:
    frame = loan_result.pareto
    assert frame.columns.tolist() == [
        "name",
        "family",
        "score",
        "predict_seconds",
        "size",
        "disparity",
    ]
    assert frame["score"].is_monotonic_decreasing
    assert frame.set_index("family").loc["baseline", "disparity"] == 0
    audit = loan_result.audit()
    told = audit.disparities[
        (audit.disparities["metric"] == "equalized_odds")
        & (audit.disparities["kind"] == "difference")
        & audit.disparities["attribute"].isin(audit.table.sensitive)
    ]
    own = frame.set_index("name").loc["ensemble", "disparity"]
    assert own == pytest.approx(told["value"].max())


def test_without_sensitive_columns_pareto_has_no_disparity() -> None:
    from automl.demo import loans

    result = automl.search(
        loans(300), target="approved", n_trials=1, families=["linear"], progress=False
    )
    assert "disparity" not in result.pareto.columns


def test_unbeaten_candidates_are_those_no_other_dominates() -> None:
    board = pd.DataFrame(
        [
            ("a", 0.9, 3.0, 0.3),
            ("b", 0.9, 3.0, 0.3),  # equal to a
            ("c", 0.8, 1.0, 0.3),
            ("d", 0.7, 2.0, 0.3),  # beaten by c
            ("e", 0.6, 4.0, 0.1),  # least disparity
            ("f", 0.5, 0.5, np.nan),  # fastest
        ],
        columns=["name", "score", "predict_seconds", "disparity"],
    )
    assert unbeaten(board, greater_is_better=True)["name"].tolist() == ["a", "c", "e", "f"]
    lower = board.assign(score=-board["score"])
    assert unbeaten(lower, greater_is_better=False)["name"].tolist() == ["a", "c", "e", "f"]


def test_largest_difference_is_that_of_the_rates() -> None:
    true = ["y"] * 80 + ["n"] * 80
    group = (["a"] * 40 + ["b"] * 40) * 2
    predicted = (
        ["y"] * 40 + ["y"] * 30 + ["n"] * 10  # true positive rates 1 and 0.75
        + ["n"] * 40 + ["y"] * 4 + ["n"] * 36  # false positive rates 0 and 0.1
    )  # fmt: skip
    table = CountTable.from_rows(true, predicted, sensitive={"g": group}, positive="y")
    assert largest_difference(table) == pytest.approx(0.25)


def test_largest_difference_of_values_is_in_standard_deviations() -> None:
    true = np.tile([1.0, 2.0, 3.0, 4.0], 20)
    group = np.repeat(["a", "b"], 40)
    predicted = true + np.where(group == "b", 0.5, 0.0)
    table = CountTable.from_rows(true, predicted, sensitive={"g": group}, task="regression")
    spread = float(np.std(true))
    assert largest_difference(table, spread) == pytest.approx(0.5 / spread)


@pytest.mark.parametrize(
    ("task", "y", "predicted", "expected"),
    [
        ("binary", [1, 0], [0.8, 0.8], [-np.log(0.8), -np.log(0.2)]),
        ("multiclass", [2, 0], [[0.1, 0.2, 0.7], [0.0, 0.5, 0.5]], [-np.log(0.7), -np.log(1e-6)]),
        ("regression", [3.0, 1.0], [1.0, 1.5], [2.0, 0.5]),
    ],
)
def test_row_losses(task: str, y: list[float], predicted: list[float], expected: object) -> None:
    given = Predictions(task, (), np.array(y), np.array(predicted), None, 0.5, "")  # type: ignore[arg-type]
    assert row_losses(given) == pytest.approx(expected)


def test_rounded_numbers_are_shared_by_rows() -> None:
    values = np.random.default_rng(0).lognormal(10, 1, 2_000)
    times = pd.Series(pd.date_range("2020-01-01", periods=2_000, freq="7h"))
    frame = pd.DataFrame({"x": values, "t": times, "s": ["a", "b"] * 1_000, "f": [0, 1] * 1_000})
    coarse = rounded(frame)
    assert coarse["x"].nunique() < 400
    assert np.abs(coarse["x"] - values).max() < 0.1 * np.subtract(
        *np.quantile(values, [0.95, 0.05])
    )
    assert coarse["t"].dt.day.eq(1).all()
    assert coarse[["s", "f"]].equals(frame[["s", "f"]].astype(coarse[["s", "f"]].dtypes))
