"""The marginal game: hybrid rows of any frame, batches, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.games import MarginalGame, Outputs, effective_players, enumerate_values, marginal
from explain.games.designs import all_coalitions
from explain.games.hybrids import against, distinct_pairs, folded

ANYTHING = np.array([1, True, "1", None], dtype=object)
PLAYERS = ((0,), (1, 2), (3,), (4,), (5,))


def mixed_frame(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 4, n)),
            "town": pd.Series(rng.choice(["Bonn", "Kiel", None], n), dtype="str"),
            "kind": pd.Categorical(rng.choice(["a", "b"], n), categories=["z", "b", "a"]),
            "day": pd.Timestamp("2024-02-28") + pd.to_timedelta(rng.integers(0, 3, n), unit="D"),
            "any": pd.Series(rng.choice(ANYTHING, n), dtype=object),
            "count": pd.array(rng.integers(0, 3, n), dtype="Int64"),
        }
    )


def reading(frame: pd.DataFrame) -> np.ndarray:
    """Give every frame a number that depends on each value, its type and its dtype."""
    assert list(frame.columns) == ["number", "town", "kind", "day", "any", "count"]
    assert list(frame["kind"].cat.categories) == ["z", "b", "a"]
    assert frame["count"].dtype == "Int64"
    assert frame["day"].dtype.kind == "M"
    length = frame["town"].str.len().fillna(7.5).to_numpy(dtype=float)
    number = frame["number"].fillna(-1).to_numpy()
    kind = frame["kind"].cat.codes.to_numpy()
    day = frame["day"].dt.day.to_numpy()
    anything = np.array([len(repr(value)) for value in frame["any"]])
    count = frame["count"].to_numpy(dtype=float)
    return number * length + kind * day + anything * count + length * anything * kind


def brute(game: MarginalGame, row: int, coalition: np.ndarray) -> float:
    """Return v(S) by building each hybrid row by hand."""
    total = 0.0
    for reference in range(len(game.background)):
        hybrid = game.background.iloc[[reference]].reset_index(drop=True)
        own = game.rows.iloc[[row]].reset_index(drop=True)
        for player in np.flatnonzero(coalition):
            for column in game.players[player]:
                name = hybrid.columns[column]
                hybrid[name] = own[name]
        total += game.shares[reference] * game.predict(hybrid)[0]
    return total


def test_hybrid_rows_of_a_mixed_frame_keep_types_categories_and_missing_values() -> None:
    weights = np.random.default_rng(0).uniform(1, 2, 7)
    game = MarginalGame(reading, mixed_frame(3, 1), mixed_frame(7, 2), PLAYERS, weights)
    coalitions = all_coalitions(5)
    for row in range(3):
        wanted = [brute(game, row, coalition) for coalition in coalitions]
        np.testing.assert_allclose(game.values(row, coalitions)[:, 0], wanted)


def test_a_matrix_with_missing_values_gives_what_the_frame_gives() -> None:
    rng = np.random.default_rng(3)
    values = np.where(rng.random((9, 4)) < 0.3, np.nan, rng.integers(0, 3, (9, 4)))
    players = ((0,), (1, 3), (2,))

    def model(rows: Any) -> np.ndarray:
        filled = np.nan_to_num(np.asarray(rows, dtype=float), nan=5.5)
        return filled[:, 0] * filled[:, 1] + filled[:, 2] ** 2 * filled[:, 3]

    plain = MarginalGame(model, values[:2], values[2:], players)
    framed = MarginalGame(model, pd.DataFrame(values[:2]), pd.DataFrame(values[2:]), players)
    coalitions = all_coalitions(3)
    np.testing.assert_allclose(plain.values(1, coalitions), framed.values(1, coalitions))
    np.testing.assert_allclose(
        plain.values(1, coalitions[[0, -1]])[:, 0],
        [model(values[2:]).mean(), model(values[1:2])[0]],
    )


@pytest.mark.parametrize(("most_rows", "most_cells"), [(1, 10**6), (7, 10**6), (200, 30)])
def test_batches_are_bounded_and_change_nothing(
    monkeypatch: pytest.MonkeyPatch, most_rows: int, most_cells: int
) -> None:
    sizes: list[int] = []

    def counting(frame: pd.DataFrame) -> np.ndarray:
        sizes.append(len(frame))
        return reading(frame)

    rows, background, coalitions = mixed_frame(1, 4), mixed_frame(11, 5), all_coalitions(5)
    whole = MarginalGame(reading, rows, background, PLAYERS).evaluate(0, coalitions, np.eye(32))
    monkeypatch.setattr(marginal, "MOST_ROWS", most_rows)
    monkeypatch.setattr(marginal, "MOST_CELLS", most_cells)
    small = MarginalGame(counting, rows, background, PLAYERS).evaluate(0, coalitions, np.eye(32))
    assert max(sizes) <= min(most_rows, max(1, most_cells // 6))
    np.testing.assert_allclose(small.worth, whole.worth)
    assert whole.by_reference is not None
    assert small.by_reference is not None
    np.testing.assert_allclose(small.by_reference, whole.by_reference)
    np.testing.assert_allclose(whole.by_reference.mean(axis=0), whole.worth)


def test_each_distinct_hybrid_row_is_predicted_once() -> None:
    seen: list[np.ndarray] = []

    def model(rows: np.ndarray) -> np.ndarray:
        seen.append(rows.copy())
        return rows.sum(axis=1)

    # the references differ from the row in the first column, in the second, in none, and so again
    background = np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1], [0, 1, 1]])
    game = MarginalGame(model, np.ones((1, 3)), background, ((0,), (1,), (2,)))
    found = game.evaluate(0, all_coalitions(3))
    rows = np.concatenate(seen)
    assert found.n_rows == len(rows) == 3
    assert len(np.unique(rows, axis=0)) == 3
    assert effective_players(game, 0).tolist() == [0, 1]


def test_columns_of_no_player_are_held_at_the_row() -> None:
    background = np.array([[0.0, 5.0], [2.0, 9.0]])
    game = MarginalGame(
        lambda rows: rows[:, 0] * rows[:, 1], np.array([[3.0, 10.0]]), background, ((0,),)
    )
    found = enumerate_values(game, 0)
    np.testing.assert_allclose([found.base[0], found.output[0]], [10.0, 30.0])


def test_missing_values_and_types_of_objects_tell_players_apart() -> None:
    row = pd.DataFrame({"any": pd.Series([1], dtype=object), "number": [np.nan]})
    background = pd.DataFrame(
        {"any": pd.Series([True, 1.0], dtype=object), "number": [np.nan] * 2}
    )
    game = MarginalGame(lambda rows: np.zeros(len(rows)), row, background, ((0,), (1,)))
    # 1, 1.0 and True are equal in Python but not to every model; missing equals missing
    assert effective_players(game, 0).tolist() == [0]


def test_values_that_cannot_be_hashed_are_players_all_the_same() -> None:
    row = pd.DataFrame({"tags": pd.Series([["a", "b"]], dtype=object)})
    background = pd.DataFrame({"tags": pd.Series([[], ["a"]], dtype=object)})
    game = MarginalGame(lambda rows: rows["tags"].map(len).to_numpy(), row, background, ((0,),))
    np.testing.assert_allclose(enumerate_values(game, 0).values, [[1.5]])


def test_integers_and_floats_of_one_column_join_and_categories_unite() -> None:
    row = pd.DataFrame({"n": [2], "c": pd.Categorical(["new"])})
    background = pd.DataFrame({"n": [0.5, np.nan], "c": pd.Categorical(["old", "older"])})

    def model(rows: pd.DataFrame) -> np.ndarray:
        return rows["n"].fillna(0).to_numpy() + rows["c"].astype(str).str.len().to_numpy()

    found = enumerate_values(MarginalGame(model, row, background, ((0,), (1,))), 0)
    np.testing.assert_allclose(found.values[:, 0], [1.75, -1.0])


def test_a_type_guessed_from_few_rows_becomes_the_backgrounds() -> None:
    row = pd.DataFrame({"town": pd.Series([None], dtype=object), "day": [np.nan], "c": [None]})
    row["kind"] = pd.Series(["x"], dtype=object)
    background = pd.DataFrame(
        {
            "town": pd.Series(["Kiel"], dtype="str"),
            "day": pd.to_datetime(["2024-01-01"]),
            "c": pd.Categorical(["a"]),
            "kind": pd.Series(["y"], dtype="str"),
        }
    )

    def model(rows: pd.DataFrame) -> np.ndarray:
        assert rows.dtypes.equals(background.dtypes)
        return rows.isna().to_numpy() @ [1.0, 2, 4, 0] + 8 * (rows["kind"] == "x").to_numpy()

    found = enumerate_values(MarginalGame(model, row, background, ((0,), (1,), (2,), (3,))), 0)
    np.testing.assert_allclose(found.values[:, 0], [1, 2, 4, 8])


@given(
    arrays(np.int64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(0, 2))
)
def test_distinct_pairs_are_exactly_the_distinct_hybrid_rows(pool: np.ndarray) -> None:
    n_players = pool.shape[1]
    coalitions = all_coalitions(n_players)
    different = against(0, pool, 1)
    pairs, inverse = distinct_pairs(coalitions, different)
    hybrids = np.where(coalitions[:, None, :], pool[0], pool[1:]).reshape(-1, n_players)
    assert len(pairs) == len(np.unique(hybrids, axis=0))
    np.testing.assert_array_equal(hybrids[pairs][inverse], hybrids)


def test_keys_of_many_levels_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 1000, 1000) for _ in range(30)]
    twice = [np.concatenate([column, column]) for column in columns]
    keys = folded(twice, 2000)
    assert len(np.unique(keys)) == 1000
    np.testing.assert_array_equal(keys[:1000], keys[1000:])
    pool = np.stack(columns, axis=1)
    coalitions = rng.random((40, 30)) < 0.5
    pairs, inverse = distinct_pairs(coalitions, against(0, pool, 1))
    hybrids = np.where(coalitions[:, None, :], pool[0], pool[1:]).reshape(-1, 30)
    np.testing.assert_array_equal(hybrids[pairs][inverse], hybrids)


def small(predict: Any, **changes: Any) -> MarginalGame:
    settings: dict[str, Any] = {
        "rows": np.ones((2, 2)),
        "background": np.zeros((3, 2)),
        "players": ((0,), (1,)),
    }
    return MarginalGame(predict, **(settings | changes))


def failing(rows: np.ndarray) -> np.ndarray:
    raise KeyError("no such town")


def test_a_model_that_raises_is_named_with_its_row_and_cause() -> None:
    with pytest.raises(PredictionError, match="raised KeyError on 4 hybrid rows of row 1") as info:
        enumerate_values(small(failing), 1)
    assert isinstance(info.value.__cause__, KeyError)
    assert "no such town" in str(info.value)


@pytest.mark.parametrize(
    ("predict", "text"),
    [
        (lambda rows: np.where(rows[:, 0] > 0, np.nan, 1.0), "hold NaN or infinity\n  2 of 4"),
        (lambda rows: np.full((len(rows), 2), np.inf), "hold NaN or infinity\n  4 of 4"),
        (lambda rows: np.zeros(len(rows) + 1), r"wrong shape\n  shape \(5,\)"),
        (lambda rows: np.zeros((len(rows), 2, 2)), r"wrong shape\n  shape \(4, 2, 2\)"),
        (lambda rows: np.zeros((len(rows), 0)), r"wrong shape\n  shape \(4, 0\)"),
        (lambda rows: 0.5, r"wrong shape\n  shape \(\)"),
        (lambda rows: np.array([">50K"] * len(rows)), "predictions are not numbers"),
        (lambda rows: Outputs(rows[:, 0], rows[:, 0] * np.nan), "channels hold NaN"),
    ],
)
def test_outputs_that_cannot_be_explained(predict: Any, text: str) -> None:
    with pytest.raises(PredictionError, match=text):
        enumerate_values(small(predict), 0)


def test_outputs_that_change_their_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginal, "MOST_ROWS", 1)
    calls: list[int] = []

    def moody(rows: np.ndarray) -> np.ndarray:
        calls.append(len(rows))
        return np.zeros((len(rows), 1 + len(calls) % 2))

    with pytest.raises(PredictionError, match="change their shape"):
        enumerate_values(small(moody), 0)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"background": np.zeros((0, 2))}, "the background has no rows"),
        ({"background": np.zeros((3, 4))}, "different columns\n  2 and 4 columns"),
        ({"players": ((0,), (2,))}, "does not have|do not have\n  position 2 of 2"),
        ({"players": ((0, 1), (1,))}, "belongs to two players\n  position 1"),
        ({"weights": [1.0, 1.0]}, "one positive number for each background row"),
        ({"weights": [1.0, 0.0, 1.0]}, "leave out background rows of weight 0"),
        ({"weights": [1.0, np.nan, 1.0]}, "one positive number"),
    ],
)
def test_games_that_cannot_be(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        small(lambda rows: rows[:, 0], **changes)


def test_frames_that_do_not_fit() -> None:
    frame = pd.DataFrame({"a": [1.0], "b": ["x"]})
    with pytest.raises(ArgumentError, match=r"different columns\n  \[a, b\]"):
        MarginalGame(len, frame, frame[["b", "a"]], ((0,),))
    with pytest.raises(ArgumentError, match="column 'a' has another type"):
        MarginalGame(len, frame, frame.assign(a="1"), ((0,),))
    with pytest.raises(ArgumentError, match="column 'a' has another type"):
        MarginalGame(len, frame, frame.assign(a=True), ((0,),))
    with pytest.raises(ArgumentError, match="column 'b' has another type"):
        MarginalGame(len, frame, frame.assign(b=pd.Timestamp("2024-01-01")), ((0,),))
    with pytest.raises(ArgumentTypeError, match="two pandas frames or two float matrices"):
        MarginalGame(len, frame, frame.to_numpy(), ((0,),))
    with pytest.raises(ArgumentTypeError, match="must be a matrix of numbers"):
        MarginalGame(len, frame.to_numpy(), frame.to_numpy(), ((0,),))


def test_rows_and_coalitions_out_of_range() -> None:
    game = small(lambda rows: rows[:, 0])
    with pytest.raises(ArgumentError, match="there is no row 2"):
        enumerate_values(game, 2)
    with pytest.raises(ArgumentError, match="one column for each player"):
        game.values(0, np.zeros((2, 3), dtype=bool))
    with pytest.raises(ArgumentError, match="no coalitions to evaluate"):
        game.values(0, np.zeros((0, 2), dtype=bool))
