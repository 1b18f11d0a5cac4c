"""A small tree in raw columns, its rules and its text."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.profiles.columns import Floats, Ints, checked_frame
from explain.profiles.conditions import Condition


@dataclass(frozen=True, eq=False)
class Node:
    """A question about a row, or an answer.

    Parameters
    ----------
    condition : Condition or None
        Rows that pass go to `yes`, the others to `no`; None at a leaf.
    yes, no : int
        Positions of the children; -1 at a leaf.
    value : ndarray of float64, shape (n_outputs,)
        Mean prediction of the model for the fitting rows that come here.
    n_rows : int
        Number of those rows.

    Examples
    --------
    >>> leaf = Node(None, -1, -1, np.array([0.5]), 12)
    >>> leaf.condition is None
    True
    """

    condition: Condition | None
    yes: int
    no: int
    value: Floats
    n_rows: int


@dataclass(frozen=True, eq=False)
class Rule:
    """The way to a leaf.

    Parameters
    ----------
    conditions : tuple of Condition
        What rows that come here have in common; empty where the tree is a single leaf.
    value : ndarray of float64, shape (n_outputs,)
        Mean prediction of the model there.
    n_rows : int
        Fitting rows that come here.
    share : float
        Their share.

    Examples
    --------
    >>> adult = Condition("age", "from", "number", threshold=18.0)
    >>> print(Rule((adult,), np.array([0.7]), 12, 0.6))
    age ≥ 18
    """

    conditions: tuple[Condition, ...]
    value: Floats
    n_rows: int
    share: float

    def __str__(self) -> str:
        return " and ".join(str(c) for c in self.conditions) or "all rows"


@dataclass(frozen=True, eq=False)
class SurrogateTree:
    """A small tree fitted to a model's predictions.

    Parameters
    ----------
    nodes : tuple of Node
        The tree; the first node is the root.
    rules : tuple of Rule
        One per leaf; the largest leaf first.
    fidelity : float
        R² between tree and model on held-out rows; NaN where the model is constant there.
    low, high : float
        Its interval.
    agreement : float
        With several outputs: share of held-out rows on which both name the same largest output;
        NaN with one output.
    agreement_low, agreement_high : float
        Its interval (Wilson).
    fitted_on, held_out : int
        Numbers of rows.
    confidence : float
        Confidence of the intervals.

    Examples
    --------
    >>> from explain.profiles import surrogate_tree
    >>> X = pd.DataFrame({"town": ["a", "b"] * 20})
    >>> tree = surrogate_tree(lambda rows: (rows["town"] == "a") * 1.0, X)
    >>> sorted(tree.to_frame()["value"].tolist())
    [0.0, 1.0]
    >>> tree.predict(X.head(2)).tolist()
    [[1.0], [0.0]]
    """

    nodes: tuple[Node, ...]
    rules: tuple[Rule, ...]
    fidelity: float
    low: float
    high: float
    agreement: float
    agreement_low: float
    agreement_high: float
    fitted_on: int
    held_out: int
    confidence: float

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the tree's predictions.

        Parameters
        ----------
        X : DataFrame
            Raw rows.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_outputs)
        """
        return walk(self.nodes, checked_frame(X))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per rule.

        Returns
        -------
        DataFrame
            Columns: rule, n_rows, share, and value, or value_0, value_1, … with several outputs.
        """
        table = pd.DataFrame(
            {
                "rule": [str(rule) for rule in self.rules],
                "n_rows": [rule.n_rows for rule in self.rules],
                "share": [rule.share for rule in self.rules],
            }
        )
        values = np.array([rule.value for rule in self.rules])
        single = values.shape[1] == 1
        for output in range(values.shape[1]):
            table["value" if single else f"value_{output}"] = values[:, output]
        return table

    def __str__(self) -> str:
        return "\n".join(_lines(self.nodes, 0, ""))


def walk(nodes: tuple[Node, ...], frame: pd.DataFrame) -> Floats:
    """Return the value of each row's leaf."""
    values = np.empty((len(frame), len(nodes[0].value)))
    waiting: list[tuple[int, Ints]] = [(0, np.arange(len(frame)))]
    while waiting:
        number, rows = waiting.pop()
        node = nodes[number]
        if node.condition is None or not len(rows):
            values[rows] = node.value
            continue
        passed = node.condition.holds(frame.take(rows))
        waiting += [(node.yes, rows[passed]), (node.no, rows[~passed])]
    return values


def rules_of(nodes: tuple[Node, ...], number: int, way: tuple[Condition, ...]) -> Iterator[Rule]:
    """Yield the rule of each leaf below a node, given the way that leads to the node."""
    node = nodes[number]
    if node.condition is None:
        yield Rule(_merged(way), node.value, node.n_rows, node.n_rows / nodes[0].n_rows)
        return
    yield from rules_of(nodes, node.yes, (*way, node.condition))
    yield from rules_of(nodes, node.no, (*way, node.condition.negated()))


def _merged(way: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Drop what a later condition on the same column says more narrowly."""
    kept: dict[tuple[Hashable, str, tuple[Any, ...]], Condition] = {}
    for condition in way:
        if condition.test == "is" and condition.levels:
            kept = {k: c for k, c in kept.items() if c.column != condition.column}
        key = (condition.column, condition.test, condition.levels)
        earlier = kept.pop(key, None)
        missing = condition.missing and (earlier is None or earlier.missing)
        tighter = _tighter(condition, earlier)
        kept[key] = Condition(
            tighter.column,
            tighter.test,
            tighter.axis,
            tighter.threshold,
            tighter.levels,
            missing,
            tighter.says_missing,
        )
    return tuple(kept.values())


def _tighter(condition: Condition, earlier: Condition | None) -> Condition:
    if earlier is None or condition.axis == "category":
        return condition
    pick = min if condition.test == "below" else max
    return pick(earlier, condition, key=lambda one: one.threshold)


def _lines(nodes: tuple[Node, ...], number: int, indent: str) -> Iterator[str]:
    node = nodes[number]
    if node.condition is None:
        if number == 0:
            yield f"all rows: {_value_text(node)}"
        return
    for condition, child in (
        (node.condition, node.yes),
        (node.condition.negated(), node.no),
    ):
        leaf = nodes[child].condition is None
        yield f"{indent}{condition}" + (f": {_value_text(nodes[child])}" if leaf else "")
        yield from _lines(nodes, child, indent + "  ")


def _value_text(node: Node) -> str:
    values = ", ".join(f"{value:.4g}" for value in node.value)
    return f"{values} ({node.n_rows} rows)"
