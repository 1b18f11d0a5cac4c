"""How winners open themselves: mixed members, links, calibration, classes that a fold lacked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from explained_homes import TASKS, homes, member, strange
from hypothesis import given, settings
from hypothesis import strategies as st

import automl
from automl.tuning.record import Recipe
from automl.winner import Part
from explain import explain
from explain.parts import evaluate, is_exact
from explain.players import Players

ROWS = strange()
MEMBERS = ("linear", "lightgbm", "mlp", "baseline")


def mixed(
    task: str,
    families: tuple[str, ...] = MEMBERS,
    shares: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1),
    link: str = "margin",
    calibration: dict[str, Any] | None = None,
) -> Any:
    """Put members of several searches of the same table together."""
    winners = [member(family, task) for family in families]
    parts = tuple(
        Part(share * part.weight, part.encoder, part.model)
        for share, winner in zip(shares, winners, strict=False)
        for part in winner.parts
    )
    encoders = {digest: one for winner in winners for digest, one in winner.encoders.items()}
    recipe = Recipe(winners[0].recipe.members, link, calibration)
    return type(winners[0])(winners[0].schema, parts, encoders, recipe)


def calibrated(scale: float, shift: float = 0.0) -> dict[str, Any]:
    return {"scale": scale, "shift": shift, "loss_before": None, "loss_after": None}


def margins(winner: Any, rows: pd.DataFrame) -> np.ndarray:
    return winner.margin(rows).reshape(len(rows), -1)


def likely(winner: Any, rows: pd.DataFrame) -> np.ndarray:
    """Return the rows on which no member's probability is clipped."""
    if not hasattr(winner, "classes_"):
        return np.ones(len(rows), dtype=bool)
    found = np.ones(len(rows), dtype=bool)
    for family in MEMBERS:
        for task in ("binary", "multiclass"):
            found &= member(family, task).predict_proba(rows).min(axis=1) > 1e-5
    return found


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("link", ["margin", "probability"])
def test_mixed_members_give_the_margin(task, link):
    winner = mixed(task, link=link)
    parts = winner.explain_parts()
    found = evaluate(parts.precise or parts.node, ROWS)
    np.testing.assert_allclose(found, margins(winner, ROWS), rtol=0, atol=1e-8)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("link", ["margin", "probability"])
@pytest.mark.parametrize("scale", [0.3, 1.7])
def test_calibrated_members_give_the_margin(task, link, scale):
    shift = -0.8 if task == "binary" else 0.0
    winner = mixed(task, link=link, calibration=calibrated(scale, shift))
    rows = homes(60, seed=4)
    parts = winner.explain_parts()
    found = evaluate(parts.precise or parts.node, rows)
    np.testing.assert_allclose(found, margins(winner, rows), rtol=0, atol=1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_what_has_a_closed_form_is_exact_where_nothing_is_clipped(task):
    winner = mixed(task, ("linear", "lightgbm"), (0.5, 0.5), calibration=calibrated(1.3))
    parts = winner.explain_parts()
    players = Players.of(tuple(winner.feature_names_in_))
    assert is_exact(parts.node, players)
    rows = homes(60, seed=4)
    inside = likely(winner, rows)
    assert inside.sum() > 10
    found = evaluate(parts.node, rows)
    np.testing.assert_allclose(found[inside], margins(winner, rows)[inside], rtol=0, atol=1e-8)


def test_averaged_margins_are_explained_by_the_members_average():
    winner = mixed("regression", ("linear", "lightgbm"), (0.25, 0.75))
    rows, background = homes(5, seed=5), homes(20, seed=3)
    whole, linear, trees = (
        explain(one, rows, background=background)
        for one in (winner, member("linear", "regression"), member("lightgbm", "regression"))
    )
    assert whole.label == "exact"
    expected = 0.25 * linear.values + 0.75 * trees.values
    np.testing.assert_allclose(whole.values, expected, atol=1e-8)


def test_shares_of_nothing_are_left_out():
    winner = mixed("binary", ("linear", "mlp"), (1.0, 0.0))
    players = Players.of(tuple(winner.feature_names_in_))
    assert is_exact(winner.explain_parts().node, players)


@settings(max_examples=15)
@given(st.floats(0.05, 1), st.floats(0.05, 1), st.sampled_from(TASKS))
def test_any_shares_give_the_margin(one, other, task):
    winner = mixed(task, ("linear", "lightgbm"), (one, other))
    parts = winner.explain_parts()
    found = evaluate(parts.precise or parts.node, ROWS)
    np.testing.assert_allclose(found, margins(winner, ROWS), rtol=0, atol=1e-8)


SLOWER = [pytest.param(name, marks=pytest.mark.slow) for name in ("hist_gradient_boosting", "knn")]
LACKING = ["linear", "lightgbm", *SLOWER]


@pytest.fixture(scope="module", params=LACKING)
def lacking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a winner of fold models, of which one has not seen every class."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.normal(size=150), "b": rng.normal(size=150)})
    rows["kind"] = np.select([rows["a"] > 0.4, rows["a"] > -0.4], ["high", "mid"], "low")
    rows["clinic"] = np.repeat(list("vwxyz"), 30)
    rows.loc[rows["clinic"] == "z", "kind"] = "rare"
    rows.loc[rows["clinic"] == "z", "b"] += 3
    result = automl.search(
        rows,
        target="kind",
        group="clinic",
        n_trials=1,
        families=[request.param],
        refit=False,
        n_jobs=1,
        run_dir=tmp_path_factory.mktemp("lacking") / "run",
        progress=False,
    )
    name = f"{request.param}-1"
    if name not in result.leaderboard.query("status == 'complete'")["name"].tolist():
        pytest.skip(f"{request.param} does not beat shares of classes on these rows")
    return rows, result.candidate(name)


def test_classes_that_a_fold_lacked_keep_their_small_share(lacking: Any) -> None:
    rows, winner = lacking
    present = [len(part.model.target.present) for part in winner.parts]
    assert min(present) == 3
    assert max(present) == 4
    parts = winner.explain_parts()
    found = evaluate(parts.precise or parts.node, rows)
    np.testing.assert_allclose(found, margins(winner, rows), rtol=0, atol=1e-6)
    explained = explain(winner, rows[:4], background=rows[::10])
    np.testing.assert_allclose(
        explained.base_values + explained.values.sum(axis=1),
        winner.margin(rows[:4]),
        rtol=0,
        atol=1e-4,
    )
