"""Where there is no option: which limits stand in the way, and how near the search came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.errors import ArgumentError
from explain.recourse import counterfactuals


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, 500),
            "debt": rng.integers(0, 50, 500),
            "job": rng.choice(["clerk", "nurse"], 500),
        }
    )


def model(scored: Any, columns: Any) -> Any:
    """Say yes from an age of 60, as a threshold on a smooth score."""
    return scored(columns, lambda rows: 1 / (1 + np.exp(-(rows["age"].to_numpy() - 59.5) / 20)))


def asked(scored: Any, table: pd.DataFrame, age: int = 30, **limits: Any) -> Any:
    row = pd.DataFrame({"age": [age], "debt": [10], "job": ["clerk"]})
    return counterfactuals(model(scored, table.columns), row, data=table, **limits)


def kinds(options: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.column) for one in options.binding]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"immutable": ("debt", "age")}, [("immutable", "age")]),
        ({"decreasing": ("age",), "increasing": ("debt",)}, [("decreasing", "age")]),
        ({"ranges": {"age": (20, 50), "debt": (0, 20)}}, [("range", "age")]),
    ],
)
def test_the_limit_that_binds_is_named(
    limits: dict[str, Any], expected: Any, scored: Any, table: pd.DataFrame
) -> None:
    options = asked(scored, table, **limits)
    assert not options.found
    assert len(options.rows) == 0
    assert list(options.rows.columns) == list(table.columns)
    assert kinds(options) == expected
    assert not options.together
    line = next(line for line in options.lines() if "limit binds" in line)
    assert str(options.binding[0]) in line


def test_limits_that_bind_only_together_are_told(scored: Any, table: pd.DataFrame) -> None:
    options = asked(scored, table, decreasing=("age",), ranges={"age": (20, 50)})
    assert kinds(options) == [("decreasing", "age"), ("range", "age")]
    assert options.together
    assert any("several limits at once" in line for line in options.lines())


def test_a_limit_that_is_kept_anyway_is_not_named(scored: Any, table: pd.DataFrame) -> None:
    both = scored(table.columns, lambda rows: 0.9 * ((rows["age"] >= 60) & (rows["debt"] >= 40)))
    row = pd.DataFrame({"age": [30], "debt": [10], "job": ["clerk"]})
    options = counterfactuals(
        both, row, data=table,
        immutable=("debt", "job"), increasing=("age",), ranges={"age": (20, 50)},
    )  # fmt: skip
    assert options.together
    assert kinds(options) == [("immutable", "debt"), ("range", "age")]


def test_the_number_of_changes_binds(scored: Any, table: pd.DataFrame) -> None:
    both = scored(
        table.columns,
        lambda rows: 0.1 + 0.4 * (rows["age"] > 50) + 0.4 * (rows["job"] == "nurse"),
        cut=0.8,
    )
    row = pd.DataFrame({"age": [30], "debt": [10], "job": ["clerk"]})
    options = counterfactuals(both, row, data=table, most_changes=1)
    assert kinds(options) == [("most_changes", "")]
    assert counterfactuals(both, row, data=table, most_changes=2).found


def test_the_percentiles_bind(scored: Any, table: pd.DataFrame) -> None:
    rare = table.assign(debt=np.where(np.arange(500) < 2, 90, table["debt"]))
    hungry = scored(table.columns, lambda rows: rows["debt"].to_numpy() / 100, cut=0.8)
    row = rare.iloc[[10]]
    options = counterfactuals(hungry, row, data=rare)
    assert kinds(options) == [("percentiles", "")]
    assert not options.together
    wider = counterfactuals(hungry, row, data=rare, ranges={"debt": (None, None)})
    assert wider.rows["debt"].tolist() == [90]


def test_the_nearest_miss_is_as_near_as_the_limits_allow(scored: Any, table: pd.DataFrame) -> None:
    options = asked(scored, table, ranges={"age": (20, 50)})
    assert options.nearest.changes[["column", "from", "to"]].to_numpy().tolist() == [
        ["age", 30, 50]
    ]
    assert options.nearest.score == pytest.approx(1 / (1 + np.exp(9.5 / 20)))
    assert options.nearest.needed == pytest.approx(1 / (1 + np.exp(-0.5 / 20)))
    line = options.lines()[1]
    assert line == "Nearest: age 30 → 50: probability of yes 38.3 %; about 50.6 % is needed."


def test_where_no_limit_matters_it_says_so(scored: Any, table: pd.DataFrame) -> None:
    never = scored(table.columns, lambda rows: rows["age"].to_numpy() / 1000)
    options = counterfactuals(never, table.iloc[[0]], data=table, immutable=("debt",))
    assert options.binding == ()
    assert any(line.startswith("Lifting limits does not help") for line in options.lines())
    assert np.isnan(options.nearest.needed)


def test_nothing_that_may_change_is_no_error(scored: Any, table: pd.DataFrame) -> None:
    options = asked(scored, table, immutable=("age", "debt", "job"))
    assert options.nearest is None
    assert kinds(options) == [("immutable", "age")]
    assert options.free == 0
    head, limit, warning = options.lines()
    assert head.endswith("yes 18.6 %). Nothing may change within the limits.")
    assert limit == "One limit binds; without it there is an option: age is immutable."
    assert "not the world" in warning
    assert options.page().sections


def test_free_text_stays_and_is_named(scored: Any) -> None:
    X = pd.DataFrame({"text": [f"a message of number {k} here" for k in range(60)]})
    spam = scored(X.columns, lambda rows: rows["text"].str.contains("7").to_numpy() * 1.0)
    options = counterfactuals(spam, X.iloc[[0]], data=X)
    assert options.fixed == ("text",)
    head, warning = options.lines()
    assert "Nothing can change" in head
    assert "stay (text)" in head
    assert "not the world" in warning


def test_a_model_of_values_tells_what_is_needed(table: pd.DataFrame) -> None:
    def price(rows: pd.DataFrame) -> Any:
        return rows["age"].to_numpy() * 10.0

    row = table.iloc[[0]].assign(age=30)
    options = counterfactuals(price, row, data=table, wanted=(700, None), increasing=("debt",))
    assert options.found
    short = counterfactuals(price, row, data=table, wanted=(9000, None))
    assert not short.found
    assert short.nearest.needed == 9000
    assert short.lines()[1].endswith("; 9000 or more is needed.")


def test_a_constant_model_is_refused(scored: Any, table: pd.DataFrame) -> None:
    constant = scored(table.columns, lambda rows: np.full(len(rows), 0.2))
    with pytest.raises(ArgumentError, match="says the same of every row"):
        counterfactuals(constant, table.iloc[[0]], data=table)
