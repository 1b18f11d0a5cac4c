"""A finished search of the demo table, once for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

import automl
from automl.demo import loans
from automl.reporting.facts import Facts
from automl.reporting.gathering import gather
from automl.reporting.page import page
from automl.result import Result
from candor.report import Page


@pytest.fixture(scope="package")
def loan_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run folder of a small search with sensitive columns."""
    folder = tmp_path_factory.mktemp("loans") / "run"
    automl.search(
        loans(900),
        target="approved",
        n_trials=2,
        families=["linear", "lightgbm"],
        sensitive=["sex", "age_group"],
        run_dir=folder,
        progress=False,
        n_jobs=1,
    )
    return folder


@pytest.fixture(scope="package")
def loan_result(loan_run: Path) -> Result:
    return automl.load(loan_run)


@pytest.fixture(scope="package")
def told() -> list[str]:
    """Return the names of the steps that gathering the facts told of."""
    return []


@pytest.fixture(scope="package")
def loan_facts(loan_result: Result, told: list[str]) -> Facts:
    return gather(loan_result, told=lambda step, seconds: told.append(step))


@pytest.fixture(scope="package")
def quiet_facts(loan_result: Result) -> Facts:
    """Return the facts of a page without people's rows."""
    return gather(loan_result, rows=False)


@pytest.fixture(scope="package")
def loan_page(loan_facts: Facts) -> Page:
    return page(loan_facts)


@pytest.fixture(scope="package")
def quiet_page(quiet_facts: Facts) -> Page:
    return page(quiet_facts)
