"""Slices: planted parts are found as they are, their numbers are those of the second half."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from explain.cohorts import Slices, slices
from explain.cohorts.finding import positions

N = 3000


def table(seed: int = 0, n: int = N) -> pd.DataFrame:
    """Return independent columns of every kind."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": rng.lognormal(10, 1, n),
            "job": rng.choice(["clerk", "nurse", "smith", "cook"], n),
            "member": rng.random(n) < 0.4,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )
    X.loc[rng.random(n) < 0.15, "income"] = np.nan
    return X


def noise(seed: int = 0, n: int = N) -> np.ndarray:
    return np.random.default_rng([seed, 1]).exponential(size=n)


PLANTED = {
    "age < 30": lambda X: X["age"] < 30,
    "income is missing": lambda X: X["income"].isna(),
    'job is "nurse"': lambda X: X["job"] == "nurse",
    "member is True": lambda X: X["member"],
    "since ≥ 2022-01-01": lambda X: X["since"] >= "2022-01-01",
    "30 ≤ age < 50": lambda X: X["age"].between(30, 49),
    'age ≥ 60 and job is "cook"': lambda X: (X["age"] >= 60) & (X["job"] == "cook"),
    "income is missing and member is True": lambda X: X["income"].isna() & X["member"],
}


@pytest.mark.parametrize("condition", PLANTED)
def test_a_planted_slice_is_found_as_it_is(condition: str) -> None:
    X = table()
    inside = PLANTED[condition](X).to_numpy()
    found = slices(X, noise() + 1.5 * inside)
    sure = found.table[found.table["confirmed"]]
    assert len(sure) == 1
    mask = found.mask(0, X)
    assert (mask & inside).sum() / (mask | inside).sum() > 0.93
    if "since" not in condition:
        assert sure["slice"].tolist() == [condition]
    assert sure["n"].iloc[0] == mask.sum()


def test_three_columns_where_asked_for() -> None:
    X = table(n=8000)
    inside = (X["age"] >= 50) & (X["job"] == "cook") & X["member"]
    loss = noise(n=8000) + 2.0 * inside
    found = slices(X, loss, max_columns=3)
    assert found.table["columns"].tolist()[0] == ["age", "job", "member"]
    assert set(map(len, slices(X, loss).table["columns"])) <= {1, 2}
    assert set(map(len, slices(X, loss, max_columns=1).table["columns"])) <= {1}


def test_numbers_are_those_of_the_second_half() -> None:
    X, loss = table(), noise()
    loss = loss + 1.0 * (X["age"] < 30) + 0.8 * (X["job"] == "nurse")
    found = slices(X, loss, confidence=0.9)
    _, second = positions(N, N, 0)
    assert found.n_found + found.n_confirming == N
    assert len(second) == found.n_confirming
    assert found.table["confirmed"].sum() >= 2
    for k, row in found.table.iterrows():
        inside = found.mask(k, X)[second]
        own, rest = loss.to_numpy()[second][inside], loss.to_numpy()[second][~inside]
        welch = stats.ttest_ind(own, rest, equal_var=False)
        error = np.sqrt(own.var(ddof=1) / len(own) + rest.var(ddof=1) / len(rest))
        skew = (
            stats.moment(own, 3) / len(own) ** 2 - stats.moment(rest, 3) / len(rest) ** 2
        ) / error**3
        reach = stats.t.ppf(1 - 0.05 / found.tested, welch.df)
        for end, wanted in ((row["low"], reach), (row["high"], -reach)):
            at = (row["difference"] - end) / error
            hall = at + skew * at**2 / 3 + skew**2 * at**3 / 27 + skew / 6
            assert hall == pytest.approx(wanted)
        assert row["n_tested"] == len(own)
        assert row["loss"] == pytest.approx(own.mean())
        assert row["rest"] == pytest.approx(rest.mean())
        assert row["effect"] == pytest.approx((own.mean() - rest.mean()) / loss[second].std())
        assert row["loss_share"] == pytest.approx(own.sum() / loss[second].sum())
        assert row["share"] == pytest.approx(row["n"] / N)
    assert found.mean_loss == pytest.approx(loss.mean())


def test_intervals_lean_to_the_side_of_the_long_tail() -> None:
    """Few rows with a long tail of high losses say little of how high their mean can be."""
    row = slices(table(), noise() ** 2 + 4.0 * (table()["age"] < 22)).table.iloc[0]
    assert row["high"] - row["difference"] > row["difference"] - row["low"]


def test_nearly_the_same_rows_are_told_once() -> None:
    X = table(n=6000)
    X["near"] = X["job"].where(np.arange(len(X)) % 12 > 0, "other")
    found = slices(X, noise(n=6000) + 1.0 * (X["job"] == "nurse"))
    assert found.table.loc[found.table["confirmed"], "slice"].tolist() == ['job is "nurse"']


def test_a_single_huge_loss_makes_no_slice() -> None:
    X, loss = table(), noise()
    loss[np.flatnonzero(X["job"] == "cook")[:3]] = 1e6
    assert not slices(X, loss).table["confirmed"].any()


def test_a_share_of_the_loss_needs_losses_above_zero() -> None:
    X, loss = table(), noise() + 1.5 * (table()["age"] < 30)
    shifted = slices(X, loss - 10)
    assert shifted.table["loss_share"].isna().all()
    kept = ["slice", "n", "p", "confirmed"]
    pd.testing.assert_frame_equal(shifted.table[kept], slices(X, loss).table[kept])


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_units_of_the_loss_do_not_matter(scale: float) -> None:
    X, loss = table(), noise() + 1.5 * (table()["age"] < 30)
    one, other = slices(X, loss), slices(X, scale * loss + 7 * scale)
    kept = ["slice", "n", "effect", "p", "confirmed"]
    pd.testing.assert_frame_equal(one.table[kept], other.table[kept])


def test_a_slice_inside_another_is_told_only_where_it_is_worse() -> None:
    X = table()
    wide = (X["job"] == "nurse").to_numpy()
    alike = slices(X, noise() + 1.5 * wide)
    assert alike.table.loc[alike.table["confirmed"], "slice"].tolist() == ['job is "nurse"']
    worse = slices(X, noise() + 1.5 * wide + 2.0 * (wide & X["member"]))
    told = set(worse.table.loc[worse.table["confirmed"], "slice"])
    assert 'job is "nurse" and member is True' in told
    assert told <= {'job is "nurse" and member is True', 'job is "nurse"'}


def test_a_column_that_is_there_twice_is_told_once() -> None:
    X = table()
    X["job again"] = X["job"]
    found = slices(X, noise() + 1.5 * (X["job"] == "nurse"))
    assert found.table.loc[found.table["confirmed"], "slice"].tolist() == ['job is "nurse"']


def test_two_separate_slices_are_both_found() -> None:
    X = table()
    found = slices(X, noise() + 1.5 * (X["job"] == "nurse") + 1.5 * (X["age"] >= 70))
    told = found.table.loc[found.table["confirmed"], "columns"].tolist()
    assert {name for names in told for name in names} == {"job", "age"}


def test_errors_as_zero_and_one() -> None:
    X = table()
    wrong = np.random.default_rng(0).random(N) < np.where(X["member"], 0.4, 0.1)
    found = slices(X, wrong)
    row = found.table.iloc[0]
    assert row["slice"] == "member is True"
    assert row["low"] > 0
    assert row["low"] < row["difference"] < row["high"]
    assert slices(X, wrong.astype(int)).to_json() == found.to_json()


def test_a_rare_but_hopeless_part_has_an_honest_interval() -> None:
    """All rows inside are errors: their variance is 0, but nothing is known for certain."""
    X = pd.DataFrame({"rare": ["yes"] * 40 + ["no"] * 960})
    wrong = np.r_[np.ones(40), np.random.default_rng(0).random(960) < 0.1]
    found = slices(X, wrong)
    row = found.table.iloc[0]
    assert (row["slice"], row["loss"]) == ('rare is "yes"', 1.0)
    assert row["high"] - row["low"] > 0.1


def test_the_same_seed_gives_the_same_slices() -> None:
    X, loss = table(), noise() + 0.8 * (table()["age"] < 30)
    assert slices(X, loss, seed=3).to_json() == slices(X, loss, seed=3).to_json()
    assert slices(X, loss, seed=3).to_json() != slices(X, loss, seed=4).to_json()


def test_the_order_of_columns_does_not_matter() -> None:
    X = table()
    loss = noise() + 1.5 * ((X["age"] >= 60) & (X["job"] == "cook"))
    one, other = slices(X, loss), slices(X[X.columns[::-1]], loss)
    assert (one.mask(0, X) == other.mask(0, X)).all()


def test_only_named_columns_are_used() -> None:
    X = table()
    loss = noise() + 1.5 * (X["age"] < 30) + 1.5 * (X["job"] == "nurse")
    found = slices(X, loss, columns=["job", "member"])
    assert {name for names in found.table["columns"] for name in names} == {"job"}


def test_texts_and_identifiers_are_left_out_with_a_note() -> None:
    X = table()
    X["text"] = [f"a note about customer {k}, who called" for k in range(N)]
    found = slices(X, noise() + 1.5 * (X["age"] < 30))
    assert found.notes == (
        "Left out, since no value has enough rows, as in texts and identifiers: text.",
    )
    assert found.lines()[-1] == found.notes[0]
    assert found.table["slice"].iloc[0] == "age < 30"


def test_a_category_with_ten_thousand_levels() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    city = np.where(rng.random(n) < 0.1, "metropolis", rng.integers(0, 10_000, n).astype(str))
    found = slices(pd.DataFrame({"city": city}), noise(n=n) + (city == "metropolis"))
    assert found.table["slice"].tolist() == ['city is "metropolis"']
    assert found.notes == ("Only frequent levels, 50 at most, were looked at in city.",)


def test_many_columns_are_combined_in_part_and_that_is_said() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(1000, 300)), columns=[f"c{j}" for j in range(300)])
    found = slices(X, noise(n=1000) + 2.0 * (X["c7"] > 0.5))
    assert found.table["columns"].iloc[0] == ["c7"]
    combined, left_out = found.notes
    assert combined == "Of 300 columns the 60 that stand out most alone were combined."
    # What only the first half found worse is no find.
    assert left_out == "Left out, since not worse on the rows that test: 2 slices."
    assert (found.table["difference"] > 0).all()


def test_columns_that_say_nothing_give_no_slices() -> None:
    X = pd.DataFrame({"same": ["a"] * 500, "none": [None] * 500, "one": np.ones(500)})
    found = slices(X, noise(n=500))
    assert len(found.table) == 0
    assert found.lines() == [
        f"mean loss {found.mean_loss:.4g} on 500 rows; no part of them stands out"
    ]
    assert json.loads(found.to_json())["slices"]["slice"] == []
    assert found.page().sections[0].conclusion == found.lines()[0]


def test_infinite_numbers_are_cells_like_others() -> None:
    X = pd.DataFrame({"x": np.r_[np.full(300, np.inf), np.arange(700.0), np.full(200, -np.inf)]})
    found = slices(X, noise(n=1200) + 2.0 * (X["x"] == np.inf))
    mask = found.mask(0, X)
    assert mask[:300].all()
    assert mask.sum() < 400


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "array", "object", "categories"])
def test_tables_of_every_kind(kind: str) -> None:
    X = table()[["age", "member"]].astype({"member": int})
    loss = noise() + 1.5 * (X["age"] < 30)
    given: object = X
    if kind == "polars":
        given = pytest.importorskip("polars").from_pandas(X)
    elif kind == "pyarrow":
        given = pytest.importorskip("pyarrow").Table.from_pandas(X)
    elif kind == "array":
        given = X.to_numpy()
    elif kind == "object":
        given = X.astype(object)
    else:
        given = X.assign(member=X["member"].astype("category"))
    found = slices(given, list(loss))
    name = "x0" if kind == "array" else "age"
    assert found.table["slice"].iloc[0] == f"{name} < 30"
    assert found.mask(0, given).sum() == (X["age"] < 30).sum()


def test_slices_select_rows_of_other_tables() -> None:
    X = table()
    found = slices(X, noise() + 1.5 * (X["age"] < 30))
    fresh = table(seed=9, n=50)
    assert (found.mask(0, fresh) == (fresh["age"] < 30)).all()
    assert (found.mask(0, fresh[["age"]].iloc[:1]) == (fresh["age"].iloc[:1] < 30)).all()


def test_a_hostile_name_stays_text(tmp_path: Path) -> None:
    name = "</script><b>" + "x" * 200
    X = table().rename(columns={"age": name})
    found = slices(X, noise() + 1.5 * (X[name] < 30))
    assert found.table["columns"].iloc[0] == [name]
    assert len(found.table["slice"].iloc[0]) < 60
    html = found.report(tmp_path / "slices.html").read_text(encoding="utf-8")
    assert "</script><b>" not in html
    assert found.mask(0, X).sum() == (X[name] < 30).sum()


def test_the_json_has_a_schema_and_every_number() -> None:
    X = table()
    found = slices(X, noise() + 1.5 * (X["age"] < 30))
    read = json.loads(found.to_json())
    assert read["schema"] == Slices.schema == "candor.slices/1"
    assert read["slices"]["slice"] == found.table["slice"].tolist()
    assert read["n_rows"] == N


def bad(**changes: object) -> dict[str, object]:
    return {"X": table(n=300), "loss": noise(n=300)} | changes


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (bad(loss=noise(n=299)), r"one number for each row of X\n  shape \(299,\) for 300 rows"),
        (bad(loss=3.0), r"one number for each row of X\n  shape \(\) for 300 rows"),
        (bad(loss=np.r_[np.nan, noise(n=299)]), "missing or infinite on some rows\n  1 of 300"),
        (bad(loss=[None] + [1.0] * 299), "missing or infinite on some rows\n  1 of 300"),
        (bad(loss=np.r_[np.inf, noise(n=299)]), "missing or infinite on some rows"),
        (bad(loss=["wrong"] * 300), "does not hold numbers\n  <U5, such as 'wrong'"),
        (bad(loss=np.full(300, 1j)), "does not hold real numbers"),
        (bad(loss=np.ones(300)), "the same on every row, so no part"),
        (bad(loss=noise(n=300) * 1e150), "too large to be squared"),
        (bad(X=table(n=300).iloc[:0], loss=[]), "X has no rows"),
        (bad(X=table(n=300)["age"]), "X is no table"),
        (bad(X=table(n=60), loss=noise(n=60)), "too few rows to find a slice .*\n  60 rows, at"),
        (bad(columns=["agee"]), "there is no column 'agee'\n  5 columns\n  try  'age'"),
        (bad(columns=[]), "no column is named"),
        (bad(confidence=1.0), "confidence must lie between 0 and 1"),
        (bad(confidence="high"), "confidence must lie between 0 and 1"),
        (bad(max_columns=4), "max_columns must be 1, 2 or 3\n  max_columns=4"),
        (bad(max_columns="two"), "max_columns must be 1, 2 or 3"),
        (bad(n=0), "n must be a whole number of at least 1"),
        (bad(min_rows=200), "too few rows .*\n.*at least 400 with min_rows=200\n  try .* smaller"),
        (bad(min_rows=0.1), "min_rows must be a whole number of at least 2"),
        (bad(seed=-1), "the seed must be a whole number"),
    ],
)
def test_bad_input_is_told(arguments: dict[str, object], text: str) -> None:
    from explain import ExplainError

    with pytest.raises(ExplainError, match=text):
        slices(**arguments)  # type: ignore[arg-type]


def test_asking_for_a_slice_that_is_not_there() -> None:
    from explain import ArgumentError

    X = table()
    found = slices(X, noise() + 1.5 * (X["age"] < 30))
    with pytest.raises(ArgumentError, match="there is no slice 7"):
        found.mask(7, X)
    with pytest.raises(ArgumentError, match="there is no column 'age'"):
        found.mask(0, X.drop(columns="age"))
    with pytest.raises(ArgumentError, match="there is no picture 'pie'"):
        found.plot("pie")
