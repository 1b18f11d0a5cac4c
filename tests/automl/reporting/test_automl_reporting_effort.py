"""How much is computed: less for slow winners and wide tables, and what is left out is said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automl
from automl.demo import loans
from automl.errors import DataError
from automl.reporting.effort import NOTHING, effort_of
from automl.reporting.facts import Facts
from automl.reporting.gathering import gather
from automl.reporting.groups import refusals
from automl.reporting.leading import leading_columns, others_together
from automl.reporting.page import page
from automl.reporting.source import Run, open_run
from automl.reporting.steps import Steps
from automl.result import Result
from candor.report import to_html
from explain.opening import open_model


@pytest.fixture(scope="module")
def strange_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run of a winner without closed form on many columns, one of many levels."""
    rng = np.random.default_rng(0)
    n = 700
    noise = pd.DataFrame(rng.normal(size=(n, 40)), columns=[f"noise {j}" for j in range(40)])
    branch = [f"branch {place:05d}" for place in rng.permutation(n)]
    folder = tmp_path_factory.mktemp("strange") / "run"
    automl.search(
        loans(n).assign(branch=branch).join(noise),
        target="approved",
        n_trials=1,
        families=["mlp"],
        sensitive=["sex", "branch"],
        roles={"branch": "categorical"},
        audit_size=200,
        run_dir=folder,
        progress=False,
        n_jobs=1,
    )
    return folder


def slowed(run: Run, seconds: float) -> Run:
    """Return the run with another time for a prediction."""
    record = {**run.record, "score_seconds": seconds}
    return replace(run, manifest={**run.manifest, "finished": record})


@pytest.fixture(scope="module")
def strange_facts(strange_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Return the facts of that run, had its winner been slow."""
    folder = Path(shutil.copytree(strange_run, tmp_path_factory.mktemp("slow") / "run"))
    file = folder / "manifest.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["finished"]["score_seconds"] = 0.002
    file.write_text(json.dumps(content), encoding="utf-8")
    return gather(automl.load(folder))


def test_slower_winners_are_asked_less(strange_run: Path) -> None:
    run = open_run(automl.load(strange_run))
    plans = [effort_of(slowed(run, seconds)) for seconds in (1e-5, 1e-4, 1e-3, 1e-2)]
    for quick, slow in pairwise(plans):
        assert slow.effects <= quick.effects
        assert slow.interactions <= quick.interactions
        assert slow.quality <= quick.quality
        assert slow.changed <= quick.changed
        assert (slow.explained or 50) <= (quick.explained or 50)
    assert plans[0].apart == 0
    assert plans[-1].apart == 30
    assert plans[-1].explained == 12
    assert plans[-1].effects == plans[-1].quality == 0
    assert max(plan.seconds for plan in plans[:3]) < 75


def test_closed_forms_need_no_columns_together(loan_result: Result) -> None:
    run = open_run(loan_result)
    plan = effort_of(slowed(run, 0.01))
    assert plan.apart == plan.ranked == 0
    assert plan.explained == 2_000


def test_without_rows_nothing_is_planned(loan_result: Result) -> None:
    run = replace(open_run(loan_result), kept=None, data=None)
    assert effort_of(run) == NOTHING


class Slope:
    """Predicts from two of its columns."""

    n_features_in_ = 6

    def fit(self, X: Any, y: Any) -> Slope:
        return self

    def predict(self, X: Any) -> Any:
        values = np.asarray(X, dtype=np.float64)
        return 3 * values[:, 4] - values[:, 1]


def test_leading_columns_are_those_that_move_the_prediction() -> None:
    data = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 6)), columns=list("abcdef"))
    opened = open_model(lambda rows: Slope().predict(rows), data)
    assert leading_columns(opened, data, 2, 10, 0) == ("e", "b")
    assert leading_columns(opened, data, 6, 10, 0)[:2] == ("e", "b")


def test_the_others_have_a_name_of_their_own() -> None:
    names = ["a", "b", "2 other columns", "d"]
    assert others_together(names, ["a", "2 other columns"]) == {
        "2 other columns together": ["b", "d"]
    }


@pytest.mark.slow
def test_weak_columns_of_a_wide_table_are_told_together(strange_facts: Facts) -> None:
    why = strange_facts.why
    assert why is not None
    (name,) = (one for one, own in why.explanation.groups.items() if own != (one,))
    assert name.endswith(" other columns")
    assert len(why.explanation.columns) == 31
    assert any(note.startswith(f"Explained as one, {name}") for note in strange_facts.notes)
    changed = {column for one in why.changes.values() for column in one.changes["column"]}
    assert changed <= set(why.explanation.columns)
    assert name in to_html(page(strange_facts))


@pytest.mark.slow
def test_a_sensitive_column_of_many_levels_is_left_out_alone(strange_facts: Facts) -> None:
    audit = strange_facts.audit
    assert audit is not None
    assert audit.table.sensitive == ("sex",)
    assert "disparity" in strange_facts.pareto.columns
    (note,) = (one for one in strange_facts.notes if "audit by branch" in one)
    assert "different values" in note


def test_columns_that_make_no_groups_are_named_with_the_reason() -> None:
    frame = pd.DataFrame(
        {
            "sex": ["f", "m"] * 200,
            "age": np.arange(400.0),
            "shop": [f"s{i}" for i in range(400)],
            "day": pd.date_range("2020-01-01", periods=400),
        }
    )
    found = refusals(frame)
    assert set(found) == {"shop", "day"}
    assert "400 different values" in found["shop"].what
    assert "dates or times" in found["day"].what


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (True, "Left out, audit: too many values (such as 'Ada Lovelace')."),
        (False, "Left out, audit: too many values."),
    ],
)
def test_notes_quote_no_values_where_rows_are_not_shown(values: bool, note: str) -> None:
    def refuse() -> int:
        raise DataError("too many values", got="such as 'Ada Lovelace'")

    heard: list[str] = []
    steps = Steps(lambda name, seconds: heard.append(name), values=values)
    assert steps.take("audit", refuse) is None
    assert steps.take("price", lambda: 3) == 3
    assert steps.notes == [note]
    assert heard == ["audit", "price"]
