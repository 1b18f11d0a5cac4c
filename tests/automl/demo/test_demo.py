"""The simulated loans follow the truth that is stated about them."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from automl.demo import NAMES, demo_table, loans, loans_truth
from automl.errors import ArgumentError

TRUTH = loans_truth()


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return loans(100_000, seed=7)


def fit_logit(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return maximum likelihood coefficients (intercept last) and their standard errors."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky").fit(design, y)
    p = model.predict_proba(design)[:, 1]
    full = np.column_stack([design, np.ones(len(design))])
    errors = np.sqrt(np.diag(np.linalg.inv(full.T @ (full * (p * (1 - p))[:, None]))))
    return np.append(model.coef_[0], model.intercept_), errors


def test_an_oracle_recovers_the_coefficients_and_the_gap(many: pd.DataFrame) -> None:
    design = TRUTH.terms(many).assign(gap=(many["sex"] == "female").astype(float))
    found, errors = fit_logit(design.to_numpy(), (many["approved"] == "yes").to_numpy())
    planted = [*(TRUTH.coefficients[name] for name in design.columns[:-1]), TRUTH.gap]
    z = (found - [*planted, TRUTH.intercept]) / errors
    assert np.abs(z).max() < 4
    assert errors[-2] < 0.05  # the gap of -0.6 is told apart from none


def test_idle_columns_have_no_effect_given_the_truth(many: pd.DataFrame) -> None:
    many = many.head(30_000)
    logit = np.log(1 / TRUTH.probability(many) - 1)
    levels = [pd.get_dummies(many[name], dtype=float).iloc[:, 1:] for name in TRUTH.idle[1:]]
    design = pd.concat([pd.Series(logit, name="logit"), *levels], axis=1)
    found, errors = fit_logit(design.to_numpy(), (many["approved"] == "yes").to_numpy())
    assert found[0] == pytest.approx(-1, abs=4 * errors[0])
    assert np.abs(found[1:-1] / errors[1:-1]).max() < 4.5


def test_probabilities_are_calibrated_within_each_group(many: pd.DataFrame) -> None:
    p = TRUTH.probability(many)
    for rows in many.groupby(["sex", "age_group"]).indices.values():
        expected, spread = p[rows].sum(), np.sqrt((p[rows] * (1 - p[rows])).sum())
        assert abs((many["approved"].iloc[rows] == "yes").sum() - expected) < 4.5 * spread


def test_the_gap_lowers_women_alone_by_a_constant_logit(many: pd.DataFrame) -> None:
    p, fair = TRUTH.probability(many), TRUTH.fair_probability(many)
    shift = np.log(p / (1 - p)) - np.log(fair / (1 - fair))
    expected = np.where(many["sex"] == "female", TRUTH.gap, 0.0)
    np.testing.assert_allclose(shift, expected, atol=1e-9)


def test_the_proxy_goes_along_with_sex_as_stated(many: pd.DataFrame) -> None:
    found = np.corrcoef(many["account"] == TRUTH.proxy_value, many["sex"] == TRUTH.gap_group)[0, 1]
    assert found == pytest.approx(TRUTH.proxy_correlation, abs=4 / np.sqrt(len(many)))


def test_sex_says_nothing_about_merit(many: pd.DataFrame) -> None:
    women = many["sex"] == "female"
    merit = TRUTH.fair_probability(many)
    assert stats.ks_2samp(merit[women], merit[~women]).pvalue > 1e-3


def test_the_table_can_be_learned_and_is_not_trivial(many: pd.DataFrame) -> None:
    assert 0.75 < roc_auc_score(many["approved"] == "yes", TRUTH.probability(many)) < 0.85
    assert 0.4 < (many["approved"] == "yes").mean() < 0.6


def test_the_same_seed_gives_the_same_loans() -> None:
    pd.testing.assert_frame_equal(loans(200, seed=3), loans(200, seed=3))
    assert not loans(200, seed=3).equals(loans(200, seed=4))


def test_the_mess_is_there(many: pd.DataFrame) -> None:
    assert many["income"].isna().mean() == pytest.approx(0.04, abs=0.005)
    assert many["income"].dropna().str.fullmatch(r"\$\d{1,3}(,\d{3})*").all()
    assert many["debt_ratio"].str.fullmatch(r"\d+ %").all()
    assert {"n/a", "< 1 year", "1 year", "10+ years"} < set(many["employment"])
    assert many["loan_id"].is_unique


def test_the_truth_reads_rows_in_any_order_and_without_decisions(many: pd.DataFrame) -> None:
    rows = many.drop(columns="approved").sample(50, random_state=0)
    np.testing.assert_array_equal(
        TRUTH.probability(rows), TRUTH.probability(many)[rows.index.to_numpy()]
    )


@pytest.mark.parametrize("n", [0, -1])
def test_no_loans_is_an_error(n: int) -> None:
    with pytest.raises(ArgumentError, match="n has to be at least 1\n  got"):
        loans(n)


@pytest.mark.parametrize("name", NAMES)
def test_every_demonstration_table_is_usable(name: str) -> None:
    table = demo_table(name)
    assert table.name == name
    assert table.frame[table.target].notna().all()
    assert table.frame[table.target].nunique() > 1
    assert table.frame.columns.is_unique
    assert all(isinstance(column, str) for column in table.frame.columns)


def test_classes_have_names() -> None:
    assert set(demo_table("breast_cancer").frame["diagnosis"]) == {"malignant", "benign"}


def test_an_unknown_table_is_named_with_the_known() -> None:
    with pytest.raises(
        ArgumentError, match="no demonstration table 'adult'\n  there are loans, b"
    ):
        demo_table("adult")


def test_the_docstring_names_all_tables() -> None:
    assert all(f'"{name}"' in inspect.getdoc(demo_table) for name in NAMES)
