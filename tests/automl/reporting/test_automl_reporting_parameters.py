"""How much each hyperparameter mattered: found where it did, not told where nothing can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl.reporting.parameters import COLUMNS, parameter_importance


def trials(n: int, *, family: str = "lightgbm", status: str = "complete") -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for number in range(n):
        rate = float(10 ** rng.uniform(-3, 0))
        leaves, link = int(rng.integers(2, 64)), str(rng.choice(["a", "b"]))
        params = {"rate": rate, "leaves": leaves, "link": link, "fixed": 4, "crosses": True}
        score = -abs(np.log10(rate) + 1.5) + 0.001 * leaves
        rows.append({"family": family, "status": status, "score": score, "params": params})
        rows[-1]["number"] = number
    return pd.DataFrame(rows)


def test_the_parameter_that_moves_the_score_is_found() -> None:
    found = parameter_importance(trials(40))
    assert found["parameter"].iloc[0] == "rate"
    assert found["importance"].iloc[0] > 0.6
    assert set(found["parameter"]) == {"rate", "leaves", "link"}
    assert found["importance"].sum() == pytest.approx(1)
    assert set(found["trials"]) == {40}


def test_the_same_trials_give_the_same_importance() -> None:
    pd.testing.assert_frame_equal(
        parameter_importance(trials(15)), parameter_importance(trials(15))
    )


def test_each_family_stands_alone() -> None:
    both = pd.concat([trials(12), trials(9, family="mlp"), trials(20, family="xgboost")])
    found = parameter_importance(both)
    assert list(dict.fromkeys(found["family"])) == ["lightgbm", "xgboost"]
    assert found.groupby("family")["importance"].sum().tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(
    "given",
    [
        trials(9),
        trials(0),
        trials(30, status="pruned"),
        trials(30).assign(score=np.nan),
        trials(30).assign(score=0.5),
        trials(30).assign(params=[{}] * 30),
        trials(30).assign(params=[{"depth": 3}] * 30),
        trials(30).assign(params=[{"layers": [1, place]} for place in range(30)]),
    ],
    ids=["few", "none", "pruned", "unscored", "equal", "bare", "constant", "lists"],
)
def test_what_cannot_be_estimated_is_not(given: pd.DataFrame) -> None:
    found = parameter_importance(given)
    assert found.empty
    assert list(found.columns) == list(COLUMNS)


def test_a_parameter_that_only_some_have_is_left_out() -> None:
    given = trials(20)
    given["params"] = [
        one if place % 2 else {**one, "only": place} for place, one in enumerate(given["params"])
    ]
    assert "only" not in set(parameter_importance(given)["parameter"])
