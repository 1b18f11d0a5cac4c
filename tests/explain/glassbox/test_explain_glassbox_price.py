"""The price of interpretability: read off a leaderboard, with its sign, interval and words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from candor.statistics import newcombe, wilson
from explain import ExplainError
from explain.glassbox import Price, price_of_interpretability

COLUMNS = ["name", "family", "status", "score", "low", "high"]


def auc() -> pd.DataFrame:
    """Return a leaderboard of ROC AUC, as a search gives it."""
    return pd.DataFrame(
        [
            ("lightgbm-4", "lightgbm", "complete", 0.931, 0.928, 0.933),
            ("ensemble", "ensemble", "complete", 0.930, 0.927, 0.932),
            ("ebm-1", "ebm", "complete", 0.925, 0.922, 0.928),
            ("lightgbm-1", "lightgbm", "complete", 0.920, 0.918, 0.922),
            ("linear-2", "linear", "complete", 0.905, 0.901, 0.909),
            ("linear-1", "linear", "complete", 0.901, 0.897, 0.905),
            ("baseline", "baseline", "complete", 0.5, 0.5, 0.5),
            ("mlp-1", "mlp", "pruned", np.nan, np.nan, np.nan),
            ("linear-3", "linear", "failed", np.nan, np.nan, np.nan),
        ],
        columns=COLUMNS,
    )


def rmse() -> pd.DataFrame:
    board = auc()
    board[["score", "low", "high"]] = 1 - board[["score", "high", "low"]].to_numpy()
    return board


def test_the_best_interpretable_model_against_the_best_other() -> None:
    price = price_of_interpretability(auc(), metric="ROC AUC")
    assert (price.best_interpretable, price.best_other) == ("ebm-1", "lightgbm-4")
    assert price.greater_is_better
    assert price.value == pytest.approx(0.006)
    assert price.low == pytest.approx(0.006 - np.hypot(0.003, 0.003))
    assert price.high == pytest.approx(0.006 + np.hypot(0.002, 0.003))
    assert price.lines() == [
        "the best interpretable model, ebm-1, scores 0.925; the best other, lightgbm-4, 0.931: "
        "interpretability would cost 0.006 ROC AUC (0.001757 to 0.009606)",
        "The interval takes the two scores as independent; they are of the same rows, so it is "
        "wider than it need be.",
    ]


def test_lower_scores_can_be_better() -> None:
    higher = price_of_interpretability(auc())
    lower = price_of_interpretability(rmse())
    assert not lower.greater_is_better
    assert (lower.value, lower.low, lower.high) == pytest.approx(
        (higher.value, higher.low, higher.high)
    )
    assert lower.table["name"].tolist() == higher.table["name"].tolist()


def test_the_interval_of_two_shares_is_newcombes() -> None:
    """With Wilson's limits the method is the known one for proportions."""
    shares, n, z = [0.9, 0.8], [200, 300], stats.norm.ppf(0.975)
    limits = [
        tuple(map(float, wilson(share, size, z))) for share, size in zip(shares, n, strict=True)
    ]
    board = pd.DataFrame(
        [("a", "forest", shares[0], *limits[0]), ("b", "linear", shares[1], *limits[1])],
        columns=["name", "family", "score", "low", "high"],
    )
    price = price_of_interpretability(board)
    low, high = newcombe(shares[0], n[0], shares[1], n[1], z)
    assert (price.low, price.high) == pytest.approx((float(low), float(high)))


def test_each_family_has_its_best_model_and_price() -> None:
    table = price_of_interpretability(auc()).table
    assert table["name"].tolist() == ["lightgbm-4", "ensemble", "ebm-1", "linear-2", "baseline"]
    assert table["interpretable"].tolist() == [False, False, True, True, False]
    assert table["price"].tolist() == pytest.approx([0, 0.001, 0.006, 0.026, 0.431])
    assert (table["price_low"] <= table["price"]).all()
    assert (table["price"] <= table["price_high"]).all()


def test_paired_losses_make_the_interval_narrower() -> None:
    rng = np.random.default_rng(0)
    common = rng.exponential(size=500)
    losses = {
        "lightgbm-4": common + 0.1 * rng.random(500),
        "ebm-1": common + 0.1 * rng.random(500) + 0.02,
        "baseline": common + 1,
    }
    price = price_of_interpretability(auc(), paired=losses, confidence=0.9)
    gap = losses["ebm-1"] - losses["lightgbm-4"]
    ends = stats.ttest_1samp(gap, 0).confidence_interval(0.9)
    assert price.value == pytest.approx(gap.mean())
    assert (price.low, price.high) == pytest.approx((ends.low, ends.high))
    assert price.n_paired == 500
    assert not price.conservative
    assert "of mean loss" in price.lines()[0]
    assert price.lines()[1] == "The interval is that of paired losses on 500 rows."


def test_a_price_that_may_be_nothing() -> None:
    board = auc()
    board.loc[2, ["low", "high"]] = 0.91, 0.94
    assert price_of_interpretability(board).lines()[0].endswith(", which may be nothing")


def test_an_interpretable_model_that_is_the_best() -> None:
    price = price_of_interpretability(auc().iloc[2:])
    assert price.value == pytest.approx(-0.005)
    assert price.lines()[0].endswith(
        "interpretability costs nothing here, the difference is −0.005 score "
        "(−0.008606 to −0.001394)"
    )


@pytest.mark.parametrize(
    ("families", "board", "text"),
    [
        ("gam", auc(), r'no interpretable family \(gam\) was tried, .* families=\["gam", …\]'),
        (
            ["linear"],
            auc().query("family != 'linear' or status == 'failed'"),
            r"no interpretable model was finished \(linear-3 failed\), so the price .* not known",
        ),
        ("linear", auc().query("family == 'linear'"), "every finished model is interpretable"),
    ],
)
def test_nothing_to_compare_is_said(
    families: object, board: pd.DataFrame, text: str, tmp_path: Path
) -> None:
    price = price_of_interpretability(board, interpretable=families)  # type: ignore[arg-type]
    assert np.isnan([price.value, price.low, price.high]).all()
    (line,) = price.lines()
    assert pd.Series([line]).str.contains(text).all()
    assert json.loads(price.to_json())["value"] is None
    assert price.report(tmp_path / "price.html").exists()


def test_a_leaderboard_without_intervals_or_status() -> None:
    price = price_of_interpretability(auc()[["name", "family", "score"]])
    assert price.value == pytest.approx(0.006)
    assert np.isnan(price.low)
    assert price.lines()[0].endswith("would cost 0.006 score")
    assert price.lines()[1] == "There is no interval, since the leaderboard has none."


@pytest.mark.parametrize("rows", [[0], [4]])
def test_a_single_model(rows: list[int]) -> None:
    price = price_of_interpretability(auc().iloc[rows])
    assert np.isnan(price.value)
    assert len(price.table) == 1


def test_a_direction_may_be_given() -> None:
    mixed = auc().iloc[[2, 0, 4, 1]]
    with pytest.raises(ExplainError, match="not sorted by score"):
        price_of_interpretability(mixed)
    price = price_of_interpretability(mixed, greater_is_better=True)
    assert price.value == pytest.approx(0.006)
    assert price_of_interpretability(mixed, greater_is_better=False).best_other == "ensemble"


def test_equal_scores_need_no_direction() -> None:
    board = auc().iloc[[0, 2]].assign(score=0.9, low=0.8, high=0.95)
    assert price_of_interpretability(board).value == 0


def test_other_tables_and_their_faces(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    hostile = auc().replace({"ebm-1": "</script>" + "x" * 100})
    price = price_of_interpretability(polars.from_pandas(hostile))
    assert json.loads(price.to_json())["schema"] == Price.schema == "candor.price/1"
    html = price.report(tmp_path / "price.html").read_text(encoding="utf-8")
    assert "</script>xx" not in html
    drawn = json.dumps(price.plot().to_dict())
    assert "linear-2 (linear)" in drawn
    assert "baseline" not in drawn
    assert price.to_frame() is not price.table


def paired(**losses: object) -> dict[str, object]:
    return {"paired": {"lightgbm-4": [1.0, 2.0, 3.0], "ebm-1": [1.0, 2.5, 3.0]} | losses}


@pytest.mark.parametrize(
    ("board", "arguments", "text"),
    [
        (42, {}, "the leaderboard is no table\n  int"),
        (auc().drop(columns="score"), {}, "lacks columns\n  no score among name, family"),
        (auc().iloc[:0], {}, "the leaderboard has no rows"),
        (auc().assign(score="high"), {}, "the leaderboard's score holds no numbers"),
        (auc().iloc[[0, 0]], {}, "two rows of the leaderboard have one name\n  'lightgbm-4'"),
        (auc().iloc[7:], {}, "no model of the leaderboard has a score\n  1 pruned, 1 failed"),
        (auc(), {"interpretable": ()}, "no family is named as interpretable"),
        (auc(), {"interpretable": 3}, "interpretable must name families\n  3"),
        (auc(), {"interpretable": [3]}, r"interpretable must name families\n  \[3\]"),
        (auc(), {"greater_is_better": "yes"}, "greater_is_better must be True, False or None"),
        (auc(), {"confidence": 0}, "confidence must lie between 0 and 1"),
        (auc(), {"metric": None}, "metric must be a name"),
        (auc(), {"paired": [1, 2]}, "paired must give each model's losses by its name\n  list"),
        (auc(), {"paired": {"ebm-1": [1.0, 2.0]}}, "lack a model .*\n  no lightgbm-4 among ebm-1"),
        (auc(), paired(**{"ebm-1": [1.0, 2.0]}), "different lengths\n  2 and 3 rows"),
        (auc(), paired(**{"ebm-1": [1.0, np.nan, 2.0]}), "one finite number a row.*\n.* 1 not"),
        (auc(), paired(**{"ebm-1": ["a", "b", "c"]}), "losses of 'ebm-1' are no numbers"),
        (auc(), paired(**{"ebm-1": [1.0]}), "for 2 rows or more"),
    ],
)
def test_bad_input_is_told(board: object, arguments: dict[str, object], text: str) -> None:
    with pytest.raises(ExplainError, match=text):
        price_of_interpretability(board, **arguments)  # type: ignore[arg-type]
