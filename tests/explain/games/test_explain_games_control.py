"""Control variates: what is known is not sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games import (
    ControlVariate,
    FunctionGame,
    LinkControl,
    MarginalGame,
    Outputs,
    enumerate_values,
    link_secant,
    sample_values,
)
from explain.games.designs import exact_design

Floats = NDArray[np.float64]
METHODS = ["leverage", "kernel", "permutation"]
D = 10
PLAYERS = tuple((j,) for j in range(D))


def sigmoid(margin: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-margin)))


class ClosedForm:
    """Two members of linear terms and products of three, and a third without channels.

    Linear terms and products of two would be no test: every method finds the values of such a
    game exactly, because coalitions and permutations come in antithetic pairs.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.slopes = rng.normal(size=(2, D)) / 2
        self.triples = ((0, 1, 2), (3, 4, 5), (6, 7, 8)), ((1, 2, 9), (4, 6, 7), (0, 5, 8))
        self.row = rng.normal(size=(1, D))
        self.background = rng.normal(size=(6, D))
        self.weights = rng.uniform(0.5, 2, size=6)

    def margins(self, rows: Floats) -> Floats:
        given = rows @ self.slopes.T
        for member, triples in enumerate(self.triples):
            for triple in triples:
                given[:, member] += rows[:, triple].prod(axis=1)
        return np.asarray(given)

    def predict(self, rows: Floats) -> Outputs:
        margins = self.margins(rows)
        rest = 0.05 * np.sin(rows.sum(axis=1))
        return Outputs(sigmoid(margins) @ [0.6, 0.4] + rest, margins)

    def attributions(self) -> Floats:
        """Return closed-form values against each reference: shape (m, 2, D)."""
        row, reference = np.broadcast_arrays(self.row, self.background)
        values = (row - reference)[:, None, :] * self.slopes
        for member, triples in enumerate(self.triples):
            for triple in triples:
                for i in triple:
                    j, k = (other for other in triple if other != i)
                    both = row[:, j] * row[:, k] + reference[:, j] * reference[:, k]
                    one = row[:, j] * reference[:, k] + reference[:, j] * row[:, k]
                    values[:, member, i] += (row - reference)[:, i] * (both / 3 + one / 6)
        return np.asarray(values)

    def game(self) -> MarginalGame:
        return MarginalGame(self.predict, self.row, self.background, PLAYERS, self.weights)

    def control(self) -> LinkControl:
        return LinkControl.rescaled(
            self.margins(self.row)[0],
            self.margins(self.background),
            self.attributions(),
            link="logistic",
            member_weights=np.array([0.6, 0.4]),
        )


def squared_error(game: Any, control: Any, method: Any, n: int, truth: Floats) -> float:
    found = [
        sample_values(game, 0, n_coalitions=n, seed=seed, control=control, method=method).values
        for seed in range(12)
    ]
    return float(np.mean([(values - truth) ** 2 for values in found]))


@pytest.mark.parametrize("method", METHODS)
def test_rescaled_margins_cut_the_squared_error_of_closed_forms(method: Any) -> None:
    ensemble = ClosedForm(0)
    game = ensemble.game()
    truth = enumerate_values(game, 0).values
    alone = squared_error(game, None, method, 80, truth)
    helped = squared_error(game, ensemble.control(), method, 80, truth)
    assert helped < alone / 2


@pytest.mark.parametrize("method", METHODS)
def test_with_a_control_values_close_and_errors_cover(method: Any) -> None:
    ensemble = ClosedForm(1)
    game, control = ensemble.game(), ensemble.control()
    truth = enumerate_values(game, 0).values
    covered = []
    for seed in range(60):
        found = sample_values(game, 0, n_coalitions=100, seed=seed, control=control, method=method)
        np.testing.assert_allclose(
            found.base + found.values.sum(axis=0), found.output, rtol=0, atol=1e-9
        )
        covered.append(np.abs(found.values - truth) <= 1.96 * found.errors)
    assert 0.90 <= np.mean(covered) <= 0.98


def test_a_control_costs_no_evaluations() -> None:
    ensemble = ClosedForm(2)
    game = ensemble.game()
    rows: list[int] = []

    def counting(at: Floats) -> Outputs:
        rows.append(len(at))
        return ensemble.predict(at)

    counted = MarginalGame(counting, game.rows, game.background, PLAYERS, game.weights)
    found = sample_values(counted, 0, n_coalitions=60, seed=0, control=ensemble.control())
    assert sum(rows) == found.n_evaluations
    assert found.n_evaluations == sample_values(game, 0, n_coalitions=60, seed=0).n_evaluations


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_to_sample_where_the_control_is_the_game(method: Any) -> None:
    ensemble = ClosedForm(3)

    def predict(rows: Floats) -> Outputs:
        margins = ensemble.margins(rows)
        return Outputs(margins @ [0.5, 0.25], margins)

    game = MarginalGame(predict, ensemble.row, ensemble.background, PLAYERS, ensemble.weights)
    control = LinkControl.rescaled(
        ensemble.margins(ensemble.row)[0],
        ensemble.margins(ensemble.background),
        ensemble.attributions(),
        link="identity",
        member_weights=np.array([0.5, 0.25]),
    )
    found = sample_values(game, 0, n_coalitions=60, seed=0, control=control, method=method)
    truth = enumerate_values(game, 0)
    np.testing.assert_allclose(found.values, truth.values, atol=1e-12)
    np.testing.assert_allclose(found.background_errors, truth.background_errors, atol=1e-12)
    assert found.errors.max() < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_a_control_of_another_game(method: Any) -> None:
    ensemble = ClosedForm(4)

    def margin(rows: Floats) -> Floats:
        return ensemble.margins(rows)[:, 0] / 8

    row, background = ensemble.row, ensemble.background
    game = MarginalGame(lambda at: np.tanh(margin(at)), row, background, PLAYERS)
    surrogate = MarginalGame(margin, row, background, PLAYERS)
    exact = ensemble.attributions()[:, 0].mean(axis=0)[:, None] / 8
    control = ControlVariate(exact, lambda s: surrogate.evaluate(0, s).worth)
    truth = enumerate_values(game, 0).values
    alone = squared_error(game, None, method, 60, truth)
    assert squared_error(game, control, method, 60, truth) < alone / 2


@pytest.mark.parametrize("method", METHODS)
def test_multiclass_members_are_rescaled_along_the_softmax(method: Any) -> None:
    ensemble = ClosedForm(5)
    row, background = ensemble.row, ensemble.background

    def predict(rows: Floats) -> Outputs:
        margins = ensemble.margins(rows)
        powers = np.exp(margins)
        return Outputs(powers / powers.sum(axis=1, keepdims=True), margins)

    control = LinkControl.rescaled(
        ensemble.margins(row)[0],
        ensemble.margins(background),
        ensemble.attributions(),
        link="softmax",
        member_weights=np.ones(1),
    )
    game = MarginalGame(predict, row, background, PLAYERS)
    truth = enumerate_values(game, 0).values
    # with the straight way's mean derivative the control nearly closes by itself
    total = predict(row).target[0] - predict(background).target.mean(axis=0)
    np.testing.assert_allclose(control.values.mean(axis=0).sum(axis=0), total, atol=0.01)
    alone = squared_error(game, None, method, 80, truth)
    assert squared_error(game, control, method, 80, truth) < alone / 1.5


def test_trees_of_an_ensemble_with_a_logistic_regression() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(6)
    x = rng.normal(size=(600, D))
    y = (x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * x[:, 3] ** 2 + rng.normal(size=600) > 0.5).astype(int)
    settings: dict[str, Any] = {"n_estimators": 30, "n_jobs": 1, "verbose": -1}
    trees = [
        lightgbm.LGBMClassifier(num_leaves=15, random_state=1, **settings).fit(x, y),
        lightgbm.LGBMClassifier(num_leaves=7, random_state=2, **settings).fit(x, y),
    ]
    other = linear_model.LogisticRegression().fit(x, y)

    def margins(rows: Floats) -> Floats:
        return np.stack(
            [np.asarray(tree.booster_.predict(rows, raw_score=True)) for tree in trees], 1
        )

    def predict(rows: Floats) -> Outputs:
        given = margins(rows)
        return Outputs(
            sigmoid(given) @ [0.45, 0.35] + 0.2 * other.predict_proba(rows)[:, 1], given
        )

    row, background = x[:1], x[100:110]
    # stands in for exact interventional values of the trees against each reference
    design = exact_design(D)
    each = MarginalGame(margins, row, background, PLAYERS).evaluate(
        0, design.coalitions, design.operator
    )
    assert each.by_reference is not None
    control = LinkControl.rescaled(
        margins(row)[0],
        margins(background),
        each.by_reference.transpose(0, 2, 1),
        link="logistic",
        member_weights=np.array([0.45, 0.35]),
    )
    game = MarginalGame(predict, row, background, PLAYERS)
    truth = enumerate_values(game, 0).values
    for method in METHODS:
        alone = squared_error(game, None, method, 80, truth)
        assert squared_error(game, control, method, 80, truth) < alone / 2


@pytest.mark.parametrize("row", [0.0, 1e-7, -3.0, 30.0, 800.0])
def test_secants_of_the_logistic_link(row: float) -> None:
    references = np.array([0.0, 1e-6, -1e-3, 2.0, -30.0, -800.0, row])
    found = link_secant(np.array([row]), references[:, None], "logistic")
    assert found.shape == (7, 1, 1)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found <= 0.25 + 1e-12).all()
    far = np.abs(row - references) > 0.5
    half = np.tanh(np.array([row]) / 2) - np.tanh(references / 2)
    wanted = (half / 2)[far] / (row - references)[far]
    np.testing.assert_allclose(found[far, 0, 0], wanted, rtol=1e-9, atol=1e-16)
    chance = 0.5 * (1 + np.tanh(row / 2))
    assert found[-1, 0, 0] == pytest.approx(chance * (1 - chance), rel=1e-9, abs=1e-13)


def test_secants_of_the_softmax_close_and_agree_with_the_logistic() -> None:
    rng = np.random.default_rng(7)
    row, references = rng.normal(size=3), rng.normal(size=(4, 3))
    secant = link_secant(row, references, "softmax")

    def softmax(margins: Floats) -> Floats:
        powers = np.exp(margins)
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

    change = np.einsum("rc,rck->rk", row - references, secant)
    np.testing.assert_allclose(change, softmax(row) - softmax(references), atol=1e-6)
    two = link_secant(np.array([0.0, 1.3]), np.array([[0.0, -0.4]]), "softmax")
    one = link_secant(np.array([1.3]), np.array([[-0.4]]), "logistic")
    assert two[0, 1, 1] == pytest.approx(one[0, 0, 0], rel=1e-6)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.ones((20, 1)), "do not sum to its worth"),
        (np.ones((19, 1)), r"the control does not fit the game\n  shape \(19, 1\)"),
        (np.ones((20, 2)), r"shape \(20, 2\)"),
    ],
)
def test_controls_that_are_not_of_the_game(values: Floats, text: str) -> None:
    game = FunctionGame(20, lambda s: s.sum(axis=1) ** 2)
    control = ControlVariate(values, lambda s: (2.0 * s.sum(axis=1))[:, None])
    with pytest.raises(ArgumentError, match=text):
        sample_values(game, 0, n_coalitions=100, seed=0, control=control)


def test_a_control_may_not_pay_the_games_dummies() -> None:
    background = np.zeros((2, 20))
    row = np.ones((1, 20))
    row[0, 5] = 0
    players = tuple((j,) for j in range(20))
    game = MarginalGame(lambda at: at.sum(axis=1) ** 2, row, background, players)
    control = ControlVariate(np.ones((20, 1)), lambda s: s.sum(axis=1, keepdims=True) * 1.0)
    with pytest.raises(ArgumentError, match=r"a player who changes nothing.*\n  1 for player 5"):
        sample_values(game, 0, n_coalitions=100, seed=0, control=control)


def test_a_control_that_lacks_what_it_needs() -> None:
    ensemble = ClosedForm(8)
    control = ensemble.control()
    plain = MarginalGame(lambda at: at.sum(axis=1), ensemble.row, ensemble.background, PLAYERS)
    with pytest.raises(ArgumentError, match="needs predict to return Outputs"):
        sample_values(plain, 0, n_coalitions=60, seed=0, control=control)
    with pytest.raises(ArgumentError, match="a game without a background"):
        sample_values(
            FunctionGame(D, lambda s: s[:, 0] * 1.0), 0, n_coalitions=60, seed=0, control=control
        )
    short = LinkControl(control.coefficients[:3], control.values[:3])
    narrow = LinkControl(control.coefficients[:, :1], control.values)
    wrong = LinkControl(control.coefficients, 2 * control.values)
    for broken, text in (
        (short, "coefficients for each background row"),
        (narrow, "does not fit the channels and outputs"),
        (wrong, "do not sum to its worth"),
    ):
        with pytest.raises(ArgumentError, match=text):
            sample_values(ensemble.game(), 0, n_coalitions=60, seed=0, control=broken)


def test_channels_that_do_not_fit_together() -> None:
    ensemble = ClosedForm(9)
    row, background = ensemble.margins(ensemble.row)[0], ensemble.margins(ensemble.background)
    with pytest.raises(ArgumentError, match="do not fit together"):
        LinkControl.rescaled(
            row,
            background,
            ensemble.attributions()[:, :1],
            link="logistic",
            member_weights=np.ones(2),
        )
    with pytest.raises(ArgumentError, match="takes one channel for each member"):
        LinkControl.rescaled(
            row, background, ensemble.attributions(), link="logistic", member_weights=np.ones(1)
        )
