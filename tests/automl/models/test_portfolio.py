"""Which configurations are tried, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from model_rows import TASKS, facts

from automl.models import Facts, Preset, Task, get_family, known_families
from automl.models.portfolio import Entry, select
from automl.table.columns import Layout


def portfolio(about: Facts) -> list[tuple[str, Preset]]:
    entries = [
        (name, preset)
        for name in known_families()
        if get_family(name).check(about) is None
        for preset in get_family(name).presets(about)
    ]
    return sorted(entries, key=lambda entry: entry[1].priority)


@pytest.mark.parametrize("task", TASKS)
def test_an_ordinary_table_gets_a_varied_portfolio(task: Task) -> None:
    entries = portfolio(facts(task, n_rows=5_000))
    assert 20 <= len(entries) <= 40
    first = entries[0]
    assert (first[0], first[1].params["max_rounds"]) == ("lightgbm", 150)
    assert {"linear", "extra_trees", "xgboost"} <= {name for name, _ in entries[:8]}
    priorities = [preset.priority for _, preset in entries]
    assert len(set(priorities)) == len(priorities)
    assert all(preset.note for _, preset in entries)


@pytest.mark.parametrize("task", TASKS)
def test_a_large_table_gets_few(task: Task) -> None:
    large = portfolio(facts(task, n_rows=400_000))
    assert 8 <= len(large) <= 16
    assert "mlp" not in {name for name, _ in large}


@pytest.mark.parametrize("task", TASKS)
def test_a_tiny_table_gets_simple_models_early(task: Task) -> None:
    early = portfolio(facts(task, n_rows=200))[:5]
    assert {"linear", "extra_trees"} <= {name for name, _ in early}
    small = [p for name, p in early if name == "lightgbm" and p.params["num_leaves"] == 5]
    assert len(small) == 1


def test_a_table_of_text_gets_a_linear_model_early() -> None:
    about = replace(facts("binary", n_rows=5_000), layout=Layout(texts=("text",)))
    assert [name for name, _ in portfolio(about)[:2]] == ["lightgbm", "linear"]


def test_places_by_the_kind_of_table() -> None:
    entries = (
        Entry(5, {"a": 1}, "one"),
        Entry(3, {"a": 2}, "two", tiny=9, large=None),
        Entry(4, {"a": 3}, "three", tiny=None, text=1),
    )

    def notes(about: Facts) -> list[str]:
        return [preset.note for preset in select(entries, about)]

    text = replace(facts("binary", 5_000), layout=Layout(texts=("t",)))
    assert notes(facts("binary", 5_000)) == ["two", "three", "one"]
    assert notes(facts("binary", 100)) == ["one", "two"]
    assert notes(facts("binary", 200_000)) == ["three", "one"]
    assert notes(text) == ["three", "two", "one"]
    assert notes(replace(text, n_rows=100)) == ["one", "two"]
