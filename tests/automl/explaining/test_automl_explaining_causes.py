"""On the simulated loans the planted causes come out on top, with their true signs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import automl
import explain
from automl.demo import loans, loans_truth

TRUTH = loans_truth()
FRAME = loans(3000, seed=1)
CAUSES = {
    "income", "amount", "debt_ratio", "employment", "prior_defaults", "purpose", "note",
    "applied_on", "sex",
}  # fmt: skip


@pytest.fixture(
    scope="module", params=["linear", pytest.param("lightgbm", marks=pytest.mark.slow)]
)
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    return automl.search(
        FRAME,
        target="approved",
        n_trials=1,
        families=[request.param],
        sensitive=["sex"],
        n_jobs=1,
        run_dir=tmp_path_factory.mktemp("causes") / "run",
        progress=False,
    )


@pytest.fixture(scope="module")
def found(result: automl.Result) -> explain.Explanation:
    return result.explain()


def applications(result: automl.Result, found: explain.Explanation) -> pd.DataFrame:
    """Return the explained rows as they stand in the table."""
    return FRAME.iloc[result.sealed_rows].iloc[found.rows].reset_index(drop=True)


def own(found: explain.Explanation, column: str) -> np.ndarray:
    return found.values[:, found.columns.index(column)]


def test_all_causes_stand_before_all_idle_columns(found: explain.Explanation) -> None:
    order = found.importance()["column"].tolist()
    idle = set(TRUTH.idle) & set(order)
    assert idle == set(TRUTH.idle) - {"loan_id"}
    assert set(order) == CAUSES | idle
    # The smallest causes may be lost in so few rows, the large ones not.
    assert set(order[:6]) <= CAUSES
    shares = found.importance().set_index("column")["share"]
    assert shares[sorted(idle)].sum() < 0.12


def test_contributions_have_the_signs_of_the_true_terms(
    result: automl.Result, found: explain.Explanation
) -> None:
    terms = TRUTH.terms(applications(result, found))
    for column, term in (
        ("income", "log_income"),
        ("employment", "employment_years"),
        ("prior_defaults", "prior_defaults"),
        ("debt_ratio", "debt_over_40"),
    ):
        expected = np.sign(TRUTH.coefficients[term])
        rank = spearmanr(terms[term], own(found, column)).statistic
        assert rank * expected > 0.6, column
    for column, term in (("note", "urgent"), ("applied_on", "new_policy")):
        on = terms[term].to_numpy() == 1
        assert own(found, column)[on].mean() < own(found, column)[~on].mean() - 0.1, column


def test_the_size_of_the_planted_bias_is_seen(found: explain.Explanation) -> None:
    women = (found.data["sex"] == "female").to_numpy()
    gap = own(found, "sex")[women].mean() - own(found, "sex")[~women].mean()
    assert -1.0 < gap < -0.3
    split = explain.disparity(found, "sex", reference="male")
    parts = split.table.set_index("column")["value"]
    assert parts.abs().idxmax() == "sex"
    assert parts["sex"] == pytest.approx(gap)
    assert split.table.set_index("column").loc["account", "proxy"]


def test_contributions_follow_the_true_probability(
    result: automl.Result, found: explain.Explanation
) -> None:
    true = TRUTH.probability(applications(result, found))
    assert spearmanr(true, found.predictions).statistic > 0.75


def test_exchange_and_effects_agree(result: automl.Result) -> None:
    rows = FRAME.iloc[result.sealed_rows]
    exchanged = explain.permutation_importance(
        result.model, rows, rows["approved"], max_rows=300, n_repeats=3
    )
    assert set(exchanged.to_frame()["column"][:4]) <= CAUSES
    effects = explain.effects(
        result.model, rows, ["prior_defaults", "sex"], max_rows=200, scale="margin"
    )
    falls, sexes = effects["prior_defaults"], effects["sex"]
    # Regularised models tell less than the true 0.9 a default and 0.6 for women.
    assert 0.15 < falls.values[0, 0] - falls.values[1, 0] < 1.4
    level = dict(zip(sexes.labels, sexes.values[:, 0], strict=True))
    assert -1.0 < level["female"] - level["male"] < -0.15
