"""Importance of columns: how much worse a model does without what they tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.faces import Face
from explain.overview.asking import ask, check_names
from explain.players import Players
from explain.profiles import permuted
from explain.profiles.effect import t_quantile
from explain.showing.words import number, plural, records, short

HELD_OUT = 0.3


@dataclass(frozen=True, eq=False, repr=False)
class ColumnImportance(Face):
    """How much the loss rises, or the score falls, without what columns tell.

    Parameters
    ----------
    table : DataFrame
        column, value, low, high (95 % by default), and for exchanges rank, rank_low, rank_high;
        the most important first.
    method : {"permutation", "drop-column"}
        Columns exchanged between rows, or the model refitted without them.
    score : str
        The loss or score.
    base : float
        It, of the model as it is.
    n_rows : int
        Rows that it was measured on.
    model : str
        Whose columns these are.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import permutation_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
    >>> found = permutation_importance(lambda rows: 2 * rows["a"], X, 2 * X["a"])
    >>> found.lines()[0]
    'Function · permutation importance in squared error on 400 rows; 0 as it is'
    >>> found.to_frame()["column"].tolist()
    ['a', 'b']
    >>> found.to_json()[:40]
    '{"schema": "candor.column_importance/1",'
    >>> chart = found.plot("bars", top=1)
    >>> found.page().title
    'What Function cannot do without'
    >>> found.report(tempfile.mkdtemp() + "/importance.html").name
    'importance.html'
    """

    schema: ClassVar[str] = "candor.column_importance/1"

    table: pd.DataFrame
    method: str
    score: str
    base: float
    n_rows: int
    model: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a column or group.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return what the importance says.

        Returns
        -------
        list of str
            A heading and a line for each of the top columns.
        """
        head = (
            f"{self.model} · {self.method} importance in {self.score} on "
            f"{plural(self.n_rows, 'row')}; {number(self._base())} as it is"
        )
        return [
            head,
            *(_line(row) for row in records(self.table.head(10))),
        ]

    def _base(self) -> float:
        """Return the loss as it is; 0 where it is the rounding of what it rises by."""
        largest = float(self.table["value"].abs().max())
        return 0.0 if abs(self.base) <= 1e-12 * largest else self.base

    def page(self) -> Page:
        """Return the importance as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table.
        """
        lines = self.lines()
        alt = "; ".join(lines[1:5])
        blocks = (as_block(self._bars(), lines[0], alt), Table(self.table, "All columns"))
        section = Section("Importance", alt, blocks, METHOD)
        title = f"What {short(self.model)} cannot do without"
        return Page(title, (Answer(lines[0], "Importance"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "method": self.method,
            "score": self.score,
            "base": self.base,
            "n_rows": self.n_rows,
            "columns": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        frame = self.table.head(top)
        unit = f"change of {self.score}"
        return interval_bars(
            frame, label="column", value="value", low="low", high="high", unit=unit
        )


def _line(row: Any) -> str:
    if row.value == row.low == row.high == 0:
        return f"{short(row.column)}: no effect"
    return f"{short(row.column)}: {number(row.value)} [{number(row.low)}, {number(row.high)}]"


METHOD = (
    "Permutation: the mean rise of the loss when a column is exchanged between rows (Breiman "
    "2001; Fisher, Rudin and Dominici 2019). Drop-column: the rise of the held-out loss when the "
    "model is fitted again without the column (Lei et al. 2018). Correlated columns stand in for "
    "each other: give them as a group."
)


def permutation_importance(
    model: Any,
    X: Any,
    y: Any,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    score: str | Callable[[Any, Any], float] = "auto",
    n_repeats: int = 5,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ColumnImportance:
    """Measure how much worse a model does when columns are exchanged between rows.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table
        Raw rows, best such on which the model was not fitted.
    y : array-like of shape (n_rows,)
        Their targets.
    groups : mapping of str to columns, optional
        Columns that are exchanged together; others stand alone.
    score : {"auto", "log_loss", "squared_error"} or callable, default "auto"
        "auto": log loss of classes, squared error of values. A callable
        ``(y, prediction) -> float``, higher is better.
    n_repeats : int, default 5
        Exchanges a column.
    max_rows : int, default 1000
        Rows that are used at most, drawn at random.
    confidence : float, default 0.95
        Of the intervals.
    seed : int, default 0
        Of all draws.

    Returns
    -------
    ColumnImportance
        With intervals over rows and exchanges, and ranks that cannot be ruled out.

    Raises
    ------
    ArgumentError
        y does not fit, a column is unknown or in two groups, the model has no probabilities for
        a log loss, or a setting is out of range.
    PredictionError
        The model fails.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import permutation_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
    >>> found = permutation_importance(
    ...     lambda rows: rows["a"] + 2 * rows["b"], X, X["a"] + 2 * X["b"]
    ... )
    >>> found.to_frame()["column"].tolist()
    ['b', 'a']
    """
    classifies = getattr(model, "classes_", None) is not None
    asked = ask(
        model,
        X,
        "probability" if classifies else "response",
        seed=seed,
        confidence=confidence,
        n_repeats=n_repeats,
        max_rows=max_rows,
    )
    players = Players.of(asked.opened.columns, groups)
    loss = ("log_loss" if classifies else "squared_error") if score == "auto" else score
    if isinstance(loss, str) and loss not in ("log_loss", "squared_error"):
        raise ArgumentError(
            f"there is no score {loss!r}", hint='"log_loss", "squared_error" or a callable'
        )
    predict = asked.predict
    classes = asked.opened.classes or None
    if asked.opened.task == "binary" and loss == "log_loss":
        single = asked.predict

        def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
            p = single(rows)
            return np.column_stack([1 - p, p])

    found = permuted(
        predict,
        asked.frame,
        y,
        loss,  # type: ignore[arg-type]
        groups={
            name: columns
            for name, columns in zip(players.names, players.columns, strict=True)
            if columns != (name,)
        },
        classes=classes if loss == "log_loss" else None,
        n_repeats=n_repeats,
        max_rows=max_rows,
        confidence=confidence,
        seed=seed,
    )
    return ColumnImportance(
        _without_rounding(found.to_frame(), y, found.base),
        "permutation",
        found.score.replace("_", " "),
        found.base,
        found.n_rows,
        asked.opened.name,
    )


def _without_rounding(table: pd.DataFrame, y: Any, base: float) -> pd.DataFrame:
    """Set to 0 what is no more than the rounding of a loss as large as these."""
    target = pd.Series(np.asarray(y))
    size = 1.0
    if pd.api.types.is_numeric_dtype(target) and not pd.api.types.is_bool_dtype(target):
        size = float(np.square(target.astype(np.float64)).mean())
    least = 1e-12 * max(abs(base), float(table["value"].abs().max()), 1e-4 * min(size, 1e12))
    none = table[["value", "low", "high"]].abs().max(axis=1) <= least
    return table.assign(**{name: table[name].mask(none, 0.0) for name in ("value", "low", "high")})


def drop_column_importance(
    model: Any,
    X: Any,
    y: Any,
    columns: Sequence[str] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> ColumnImportance:
    """Measure how much worse a model does when it is fitted again without columns.

    Parameters
    ----------
    model : estimator
        Its class and parameters are fitted anew, once with all columns and once without each.
    X : table
        Raw rows, on which 70 % are fitted and 30 % measured.
    y : array-like of shape (n_rows,)
        Their targets.
    columns : sequence of str, optional
        Which columns. Default: all.
    confidence : float, default 0.95
        Of the intervals.
    seed : int, default 0
        Of the split.

    Returns
    -------
    ColumnImportance
        Mean rise of the held-out loss (log loss, squared error), with t intervals over rows.

    Raises
    ------
    ArgumentError
        A column is unknown, y does not fit, or a setting is out of range.
    ArgumentTypeError
        The model cannot be fitted again, as a search's winner.
    PredictionError
        A fit fails.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import drop_column_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 2)), columns=["a", "b"])
    >>> y = X["a"] + 2 * X["b"]
    >>> found = drop_column_importance(LinearRegression().fit(X, y), X, y)
    >>> found.to_frame()["column"].tolist()
    ['b', 'a']
    """
    from sklearn.base import clone

    if (
        not hasattr(model, "get_params")
        or not hasattr(model, "fit")
        or hasattr(model, "explain_parts")
    ):
        raise ArgumentTypeError(
            "the model cannot be fitted again",
            got=type(model).__name__,
            hint="permutation_importance, which needs no fit",
        )
    scale = "probability" if hasattr(model, "classes_") else "auto"
    asked = ask(model, X, scale, seed=seed, confidence=confidence)
    frame = asked.frame
    target = np.asarray(y)
    if target.shape != (len(frame),):
        raise ArgumentError(
            "y must have one target for each row",
            got=f"shape {target.shape} for {len(frame):,} rows",
        )
    names = list(frame.columns) if columns is None else check_names(columns, frame)
    if frame.shape[1] < 2:
        raise ArgumentError("without its only column there is nothing to fit", got="1 column")
    held, fitted = _split(len(frame), seed)

    def losses(kept: list[str]) -> NDArray[np.float64]:
        fresh = clone(model)
        try:
            fresh.fit(frame[kept].iloc[fitted], target[fitted])
            return _losses(fresh, frame[kept].iloc[held], target[held])
        except Exception as error:  # whatever an estimator of the caller's own raises
            raise PredictionError(
                f"{type(model).__name__} could not be fitted on {len(kept)} columns",
                got=f"{type(error).__name__}: {error}",
            ) from error

    whole = losses(list(frame.columns))
    found = []
    for name in names:
        rise = losses([one for one in frame.columns if one != name]) - whole
        error = rise.std(ddof=1) / np.sqrt(len(rise))
        reach = t_quantile(confidence, len(rise) - 1) * error
        found.append((name, rise.mean(), rise.mean() - reach, rise.mean() + reach))
    table = pd.DataFrame(found, columns=["column", "value", "low", "high"])
    table = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    loss = "log loss" if asked.opened.task != "regression" else "squared error"
    return ColumnImportance(
        table, "drop-column", loss, float(whole.mean()), len(held), asked.opened.name
    )


def _split(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.random.default_rng([seed, 0xD0]).permutation(n)
    cut = max(2, round(n * HELD_OUT))
    if n - cut < 2:
        raise ArgumentError("there are too few rows to fit and to measure", got=f"{n} rows")
    return np.sort(order[:cut]), np.sort(order[cut:])


def _losses(model: Any, rows: pd.DataFrame, y: NDArray[Any]) -> NDArray[np.float64]:
    """Return each row's loss."""
    if not hasattr(model, "predict_proba"):
        return (np.asarray(model.predict(rows), dtype=np.float64) - y.astype(np.float64)) ** 2
    places = pd.Index(model.classes_).get_indexer(pd.Index(y))
    chances = np.asarray(model.predict_proba(rows), dtype=np.float64)
    own = np.where(places >= 0, chances[np.arange(len(y)), places], 0.0)
    return np.asarray(-np.log(np.clip(own, 1e-15, 1.0)))
