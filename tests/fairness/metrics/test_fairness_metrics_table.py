"""The metrics of the product's own count table, against counts built apart from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from grouped_rows import labels, numbers

from fairness.metrics import estimates
from fairness.table import CountTable
from fairness.table.values import GroupCounts


def rows(seed: int, *, weighted: bool) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    n = 400
    return {
        "rng": rng,
        "group": rng.choice(["a", "b", "c"], n),
        "weight": rng.exponential(1, n) + 0.1 if weighted else None,
    }


def agree(table: CountTable, expected: GroupCounts) -> None:
    counts = table.groups(["group"])
    assert counts.groups == expected.groups
    found, wanted = estimates(counts), estimates(expected)
    assert list(found) == list(wanted)
    for name, one in found.items():
        for column in ("value", "error", "denominator", "effective"):
            if name == "auc" and column != "denominator":
                continue
            np.testing.assert_allclose(
                getattr(one, column), getattr(wanted[name], column), rtol=1e-9, err_msg=name
            )
    if "auc" in found:
        gap = np.abs(found["auc"].value - wanted["auc"].value)
        assert (gap <= found["auc"].bin_error + 1e-12).all()
        np.testing.assert_allclose(found["auc"].error, wanted["auc"].error, rtol=0.01)


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_table(weighted: bool) -> None:
    given = rows(1, weighted=weighted)
    group, weight = given["group"], given["weight"]
    score = given["rng"].uniform(0.01, 0.99, len(group))
    y, said = (given["rng"].random(len(group)) < score).astype(int), (score > 0.4).astype(int)
    table = CountTable.from_rows(y, said, y_score=score, sensitive={"group": group}, weight=weight)
    agree(table, labels(y, said, group, score=score, weight=weight))


@pytest.mark.parametrize("weighted", [False, True])
def test_multiclass_table(weighted: bool) -> None:
    given = rows(2, weighted=weighted)
    group, weight = given["group"], given["weight"]
    score = given["rng"].dirichlet(np.ones(3), len(group))
    said = score.argmax(axis=1)
    y = np.where(given["rng"].random(len(group)) < 0.5, said, 2)
    names = np.array(["x", "y", "z"])
    table = CountTable.from_rows(
        names[y], names[said], y_score=score, sensitive={"group": group}, weight=weight
    )
    agree(table, labels(y, said, group, score=score, weight=weight, classes=("x", "y", "z")))


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_regression_table(threshold: float | None) -> None:
    given = rows(3, weighted=True)
    group, weight = given["group"], given["weight"]
    y = given["rng"].normal(0, 1, len(group))
    said = y + given["rng"].normal(0, 1, len(group))
    table = CountTable.from_rows(
        y, said, sensitive={"group": group}, weight=weight, threshold=threshold
    )
    agree(table, numbers(y, said, group, weight=weight, threshold=threshold))
