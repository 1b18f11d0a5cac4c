"""Imitations of a model: a small tree, or a short list of rules, with their fidelity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from candor.report import Answer, Page, Section, Table, Text
from explain.drawing import as_block, interval_bars
from explain.drawing.data import distinct
from explain.errors import ArgumentError
from explain.faces import Face
from explain.overview.asking import Asked, ask, output_names
from explain.profiles import Rule, SurrogateTree, surrogate_tree
from explain.protocol import Floats, Scale
from explain.rows import read_rows
from explain.settings import check_count
from explain.showing.words import level, plural, short
from explain.units import in_unit


@dataclass(frozen=True, eq=False, repr=False)
class Surrogate(Face):
    """A small model that imitates a large one.

    Parameters
    ----------
    tree : SurrogateTree
        The tree; of a list of rules, the one that the rules were taken from.
    rules : tuple of Rule
        Of "tree", its leaves. Of "rules", an ordered list: the first that holds decides.
    default : ndarray of float64, shape (n_outputs,)
        What is predicted where no rule holds; NaN for a tree.
    fidelity : float
        R² to the model's predictions on held-out rows; agreement of labels in `agreement`.
    low, high : float
        Its 95 % interval.
    agreement : float
        Share of held-out rows with the model's likelier class, or NaN for values.
    kind : {"tree", "rules"}
    scale : {"margin", "probability", "response"}
    unit : str
        Its unit in words.
    outputs : tuple of str
        What the outputs are called.
    held_out : int
        Rows on which fidelity was measured.
    model : str
        What is imitated.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import surrogate
    >>> X = pd.DataFrame({"age": np.random.default_rng(0).integers(18, 80, 400)})
    >>> found = surrogate(lambda rows: (rows["age"] < 30) * 1.0, X, max_leaves=2)
    >>> found.lines()[1:]
    ['if age ≥ 30: 0 (228 rows)', 'if age < 30: 1 (52 rows)']
    >>> found.predict(pd.DataFrame({"age": [20, 70]})).tolist()
    [[1.0], [0.0]]
    >>> found.to_frame()["rule"].tolist()
    ['age ≥ 30', 'age < 30']
    >>> found.to_json()[:32]
    '{"schema": "candor.surrogate/1",'
    >>> chart = found.plot("bars")
    >>> found.page().title
    'Function in short'
    >>> found.report(tempfile.mkdtemp() + "/surrogate.html").name
    'surrogate.html'
    """

    schema: ClassVar[str] = "candor.surrogate/1"

    tree: SurrogateTree
    rules: tuple[Rule, ...]
    default: Floats
    fidelity: float
    low: float
    high: float
    agreement: float
    kind: Literal["tree", "rules"]
    scale: Scale
    unit: str
    outputs: tuple[str, ...]
    held_out: int
    model: str

    def predict(self, X: Any) -> Floats:
        """Return what the imitation predicts.

        Parameters
        ----------
        X : table
            Raw rows with the columns that the rules ask about.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_outputs)
            On `scale`.

        Raises
        ------
        ArgumentError
            X has no rows, or lacks a column.
        """
        rows = read_rows(X, None)
        if self.kind == "tree":
            return self.tree.predict(rows)
        return apply(self.rules, self.default, rows)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a rule.

        Returns
        -------
        DataFrame
            Columns: rule, n_rows, share, and one an output, called after it with "predicted "
            before its name.
        """
        frame = pd.DataFrame(
            {
                "rule": [condition_text(rule) for rule in self.rules],
                "n_rows": [rule.n_rows for rule in self.rules],
                "share": [rule.share for rule in self.rules],
            }
        )
        for place, name in enumerate(self._fields()):
            frame[name] = [float(rule.value[place]) for rule in self.rules]
        return frame

    def _fields(self) -> list[str]:
        """Name the columns of the outputs so that no class is taken for another column."""
        return [
            name if name == "prediction" else f"predicted {name}"
            for name in distinct(list(self.outputs))
        ]

    def lines(self) -> list[str]:
        """Return the imitation in words.

        Returns
        -------
        list of str
            Fidelity first, then a line a rule.
        """
        what = plural(len(self.rules), "rule" if self.kind == "rules" else "leaf")
        what = what.replace("leafs", "leaves")
        lines = [f"{self.model}, imitated by {what}: {self._measured()}"]
        for place, rule in enumerate(self.rules):
            lead = "if" if self.kind == "tree" or place == 0 else "else if"
            when = f"{lead} {condition_text(rule)}" if rule.conditions else "always"
            lines.append(f"{when}: {self._told(rule.value)} ({plural(rule.n_rows, 'row')})")
        if self.kind == "rules":
            lines.append(f"{'else' if self.rules else 'always'}: {self._told(self.default)}")
        return lines

    def _measured(self) -> str:
        """Say how well the imitation does."""
        rows = plural(self.held_out, "held-out row")
        if not np.isfinite(self.fidelity):
            return f"the model predicts one value for all {rows}"
        found = f"R² {self.fidelity:.2f}"
        if np.isfinite(self.low):
            found += f" [{self.low:.2f}, {self.high:.2f}]"
        if np.isfinite(self.agreement):
            found += f", same label for {100 * self.agreement:.0f} %"
        return f"{found} of {rows}"

    def _told(self, value: Floats) -> str:
        if len(value) == 1:
            return level(float(value[0]), self.scale)
        best = int(np.argmax(value))
        return f"{short(self.outputs[best])} ({level(float(value[best]), self.scale)})"

    def page(self) -> Page:
        """Return the imitation as a page.

        Returns
        -------
        candor.report.Page
            The rules in words, in a picture and a table.
        """
        head, *rest = self.lines()
        blocks = (
            Text("In words:", tuple(rest)),
            as_block(self._bars(), "Predictions of the rules", "; ".join(rest[:5])),
            Table(self.to_frame(), "Rules", formats={"share": ".1%"}),
        )
        section = Section("Imitation", head, blocks, METHOD)
        return Page(f"{short(self.model)} in short", (Answer(head, "Imitation"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "kind": self.kind,
            "scale": self.scale,
            "unit": self.unit,
            "fidelity": self.fidelity,
            "low": self.low,
            "high": self.high,
            "agreement": self.agreement,
            "held_out": self.held_out,
            "rules": self.to_frame(),
            "default": self.default,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self) -> Any:
        frame = self.to_frame()
        fields = self._fields()
        place = int(np.argmax([np.ptp(frame[name]) if len(frame) else 0.0 for name in fields]))
        frame = frame.assign(value=frame[fields[place]])
        unit = in_unit(short(self.outputs[place]), self.unit)
        return interval_bars(
            frame, label="rule", value="value", low="value", high="value", unit=unit
        )


METHOD = (
    "Fitted to the model's predictions on 70 % of the rows, not to the outcomes, and measured on "
    "the others (Craven and Shavlik 1996). Fidelity says how much of the model the imitation "
    "tells, not how good either is."
)


def surrogate(
    model: Any,
    X: Any,
    *,
    kind: Literal["tree", "rules"] = "tree",
    max_leaves: int = 8,
    scale: Literal["auto", "margin", "probability", "response"] = "auto",
    max_rows: int = 5000,
    seed: int = 0,
) -> Surrogate:
    r"""Imitate a model by a small tree or a short list of rules.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table of shape (n_rows, n_columns)
        Raw rows; targets are not needed.
    kind : {"tree", "rules"}, default "tree"
        A tree, or an ordered list of rules of which the first that holds decides.
    max_leaves : int, default 8
        Leaves of the tree, or rules with the default.
    scale : {"auto", "margin", "probability", "response"}, default "auto"
        What is imitated; "auto": probabilities where there are some, else values.
    max_rows : int, default 5000
        Rows that are used at most.
    seed : int, default 0
        Of sample and split.

    Returns
    -------
    Surrogate
        With its fidelity on rows that it was not fitted on.

    Raises
    ------
    ArgumentError
        There are fewer than 10 rows, or a setting is out of range.
    ArgumentTypeError
        X is no table, or the model is none.
    PredictionError
        The model fails.

    Notes
    -----
    A tree g of squared error is fitted to the predictions f of 70 % of the rows; on the others

    .. math:: \text{fidelity} = 1 - \frac{\sum_i (f(x_i) - g(x_i))^2}{\sum_i (f(x_i) - \bar f)^2}

    with a 95 % interval over rows. It says how much of the model the imitation tells, not how good
    either is. "rules" are the same tree's leaves as a list, the shortest first and the largest
    as the default, so both predict alike.

    References
    ----------
    Craven and Shavlik, "Extracting tree-structured representations of trained networks", 1996.
    Rivest, "Learning decision lists", 1987.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import surrogate
    >>> X = pd.DataFrame({"age": np.random.default_rng(0).integers(18, 80, 400)})
    >>> found = surrogate(lambda rows: (rows["age"] < 30) * 1.0, X, kind="rules", max_leaves=2)
    >>> found.lines()[1:]
    ['if age < 30: 1 (52 rows)', 'else: 0']
    """
    if kind not in ("tree", "rules"):
        raise ArgumentError(f"there is no kind {kind!r}", hint='"tree" or "rules"')
    chances = getattr(model, "classes_", None) is not None and hasattr(model, "predict_proba")
    scale_ = "probability" if scale == "auto" and chances else scale
    asked = ask(model, X, scale_, seed=seed, max_rows=max_rows)
    check_count(max_leaves, "max_leaves", least=2)
    predict, outputs = _asked_of(asked)
    tree = surrogate_tree(
        predict, asked.frame, max_leaves=max_leaves, max_rows=max_rows, seed=seed
    )
    unit = asked.opened.unit(asked.scale)
    common = (asked.scale, unit, outputs, tree.held_out, asked.opened.name)
    if kind == "tree":
        nothing = np.full(len(outputs), np.nan)
        return Surrogate(
            tree, tree.rules, nothing, tree.fidelity, tree.low, tree.high, tree.agreement,
            "tree", *common,
        )  # fmt: skip
    rules, default = as_list(tree)
    # The leaves are disjoint, so in any order they predict as the tree does.
    return Surrogate(
        tree, rules, default, tree.fidelity, tree.low, tree.high, tree.agreement, "rules", *common
    )


def _asked_of(asked: Asked) -> tuple[Callable[[pd.DataFrame], Floats], tuple[str, ...]]:
    """Return what is imitated, and what its outputs are called: of two classes both chances."""
    opened, predict = asked.opened, asked.predict
    if opened.task != "binary" or asked.scale != "probability":
        return predict, tuple(output_names(opened))

    def both(rows: pd.DataFrame) -> Floats:
        second = predict(rows)
        return np.column_stack([1 - second, second])

    return both, tuple(str(one) for one in opened.classes)


def as_list(tree: SurrogateTree) -> tuple[tuple[Rule, ...], Floats]:
    """Order a tree's leaves as a list of rules, the largest leaf as the default.

    Rules with fewest conditions come first.
    """
    largest = max(tree.rules, key=lambda rule: rule.n_rows)
    rest = [rule for rule in tree.rules if rule is not largest]
    rest.sort(key=lambda rule: (len(rule.conditions), -rule.n_rows))
    return tuple(rest), np.asarray(largest.value, dtype=np.float64)


def apply(rules: tuple[Rule, ...], default: Floats, X: pd.DataFrame) -> Floats:
    """Let the first rule that holds decide."""
    found = np.tile(np.asarray(default, dtype=np.float64), (len(X), 1))
    open_ = np.ones(len(X), dtype=bool)
    for rule in rules:
        holds = open_.copy()
        for condition in rule.conditions:
            holds &= condition.holds(X)
        found[holds] = rule.value
        open_ &= ~holds
    return found


def condition_text(rule: Rule) -> str:
    """Write a rule's conditions."""
    return " and ".join(short(str(one), 60) for one in rule.conditions) or "always"
