"""Closed forms that the public calls have to meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import explain

FRIEDMAN_H2 = 0.15957
ISHIGAMI = (0.4357, 0.4424, 0.1218)


class Function:
    """A known function as a fitted regressor."""

    def __init__(self, function: Any, names: list[str]):
        self.function = function
        self.feature_names_in_ = np.array(names, dtype=object)

    def predict(self, rows: pd.DataFrame) -> Any:
        """Evaluate the function on raw rows."""
        return self.function(rows.to_numpy(dtype=np.float64))


def measure(seed: int = 0) -> dict[str, Any]:
    """Return each oracle's value beside what was found."""
    return {
        "friedman_h2": friedman(seed),
        "ishigami_shapley_effects": ishigami(seed),
        "fever_cough": fever(),
        "moebius": moebius(seed),
        "linear_permutation": permutation(seed),
    }


def friedman(seed: int, draws: int = 5, rows: int = 2_000) -> dict[str, Any]:
    """H² of Friedman's first function: one pair interacts, the others do not.

    The statistic of one draw scatters by some 0.01 around the population's; its mean is judged.
    """
    names = [f"x{j}" for j in range(10)]
    pairs = [("x0", "x1"), ("x2", "x3"), ("x5", "x6")]

    def function(x: Any) -> Any:
        smooth = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
        return smooth + 10 * x[:, 3] + 5 * x[:, 4]

    tables = []
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw])
        X = pd.DataFrame(rng.random((rows, len(names))), columns=names)
        asked = pairs if draw == 0 else pairs[:1]
        found = explain.interactions(Function(function, names), X, pairs=asked, max_rows=rows)
        tables.append(found.to_frame())
    strongest = pd.concat([table.nlargest(1, "strength") for table in tables])
    return {
        "truth": FRIEDMAN_H2,
        "mean": float(strongest["value"].mean()),
        "draws": strongest[["value", "low", "high"]].to_numpy().tolist(),
        "other_pairs": sorted(tables[0]["value"].tolist())[:-1],
    }


def ishigami(seed: int) -> dict[str, Any]:
    """Shapley effects: shares of the variance, by variances of coalitions' mean predictions."""
    rng = np.random.default_rng(seed)
    names = ["x1", "x2", "x3"]
    X = pd.DataFrame(rng.uniform(-np.pi, np.pi, (2_000, 3)), columns=names)

    def function(x: Any) -> Any:
        return np.sin(x[:, 0]) * (1 + 0.1 * x[:, 2] ** 4) + 7 * np.sin(x[:, 1]) ** 2

    found = explain.explain(
        Function(function, names), X.iloc[:1_000], background=X.iloc[1_000:], max_rows=300
    )
    # The covariance of a column's values with the prediction is its share of the variance.
    total = found.values.sum(axis=1)
    shares = [float(np.cov(found.values[:, j], total)[0, 1] / total.var(ddof=1)) for j in range(3)]
    return {"truth": ISHIGAMI, "found": shares, "label": found.label}


def fever() -> dict[str, Any]:
    """Give two symptoms their due (Lundberg's figure 1)."""
    names = ["fever", "cough"]
    X = pd.DataFrame([[0, 0], [0, 1], [1, 0], [1, 1]], columns=names, dtype=np.float64)

    def both(x: Any) -> Any:
        return 80.0 * x[:, 0] * x[:, 1]

    def more(x: Any) -> Any:
        return both(x) + 10 * x[:, 1]

    found = [
        explain.explain(Function(one, names), X.iloc[3:], background=X) for one in (both, more)
    ]
    return {
        "truth": [[20, 30, 30], [25, 30, 35]],
        "found": [[float(one.base_values), *one.values[0].tolist()] for one in found],
    }


def moebius(seed: int, d: int = 16, terms: int = 30) -> dict[str, Any]:
    """Explain a sum of unanimity games: each term is shared equally by its players."""
    rng = np.random.default_rng(seed)
    masks = rng.random((terms, d)) < 0.2
    masks[~masks.any(axis=1), 0] = True
    weights = rng.normal(size=terms)

    def function(x: Any) -> Any:
        return sum(w * x[:, mask].prod(axis=1) for w, mask in zip(weights, masks, strict=True))

    names = [f"x{j}" for j in range(d)]
    row = pd.DataFrame(np.ones((1, d)), columns=names)
    background = pd.DataFrame(np.zeros((2, d)), columns=names)
    found = explain.explain(Function(function, names), row, background=background)
    truth = (weights[:, None] * masks / masks.sum(axis=1, keepdims=True)).sum(axis=0)
    error = found.values[0] - truth
    return {
        "label": found.label,
        "largest_error": float(np.abs(error).max()),
        "largest_error_in_standard_errors": float(
            np.max(np.abs(error) / np.maximum(found.standard_errors[0], 1e-12))
        ),
        "mean_absolute_value": float(np.abs(truth).mean()),
    }


def permutation(seed: int) -> dict[str, Any]:
    """Twice the squared weight times the variance, for squared error and independent columns."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(5_000, 2)), columns=["a", "b"])
    y = X["a"] + 2 * X["b"]
    model = Function(lambda x: x[:, 0] + 2 * x[:, 1], ["a", "b"])
    found = explain.permutation_importance(model, X, y, max_rows=5_000, n_repeats=10)
    return {"truth": {"a": 2.0, "b": 8.0}, "found": found.to_frame().to_dict("list")}
