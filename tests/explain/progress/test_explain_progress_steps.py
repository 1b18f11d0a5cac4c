"""Signs of life: on the log, seldom, and without any say in the results."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain import effects, explain, permutation_importance
from explain.progress import steps

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 12)))
X.columns = [f"c{place}" for place in range(12)]


def test_a_message_comes_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    times = iter([0.0, 0.0, 2.0, 6.0, 8.0, 12.0, 13.0])
    with caplog.at_level(logging.INFO, "explain"):
        found = list(steps("abcdef", "rows explained", 6, clock=lambda: next(times)))
    assert found == list("abcdef")
    assert [record.getMessage() for record in caplog.records] == [
        "rows explained: 2 of 6, about 12 s left",
        "rows explained: 4 of 6, about 6 s left",
    ]


def test_quick_calls_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "explain"):
        explain(lambda rows: rows["c0"] * rows["c1"], X, max_rows=2)
    assert not caplog.records


def test_long_calls_give_signs_of_life(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def model(rows: Any) -> Any:
        return rows["c0"] * rows["c1"]

    quiet = explain(model, X, max_rows=3)
    monkeypatch.setattr("explain.progress.SECONDS", 0.0)
    with caplog.at_level(logging.INFO, "explain"):
        told = explain(model, X, max_rows=3)
        effects(model, X, ["c0", "c1"])
        permutation_importance(model, X, model(X))
    said = caplog.text
    assert "rows explained: 2 of 3, about 0 s left" in said
    assert "effects of columns: 1 of 2" in said
    assert "exchanges of columns: 59 of 60" in said
    np.testing.assert_array_equal(told.values, quiet.values)
