"""The public call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explain.recourse.asking import Question, ask
from explain.recourse.batch import Batch, joined, judged
from explain.recourse.binding import binding, nearest_miss
from explain.recourse.checking import at_least_one, limits_of
from explain.recourse.columns import read
from explain.recourse.diversity import apart_from, diverse
from explain.recourse.judging import Judge
from explain.recourse.result import Counterfactuals
from explain.recourse.search import Search, search
from explain.recourse.space import Space, build
from explain.recourse.sparing import spared
from explain.recourse.tables import as_given
from explain.recourse.telling import tell

POOL, APART = 20, 10
"""Candidates that are made smaller: the cheapest, and those that change other columns."""

CHANGES, LEAST = 300, 3
"""Changes of the cheapest candidates together, and how many candidates there are all the same."""

MORE = 3
"""Times that options are looked for which change other columns."""


def counterfactuals(
    model: Any,
    row: Any,
    *,
    data: Any,
    wanted: Any = None,
    immutable: Sequence[str] = (),
    increasing: Sequence[str] = (),
    decreasing: Sequence[str] = (),
    ranges: Mapping[str, tuple[Any, Any]] | None = None,
    most_changes: int | None = None,
    n: int = 3,
    seed: int = 0,
) -> Counterfactuals:
    """Find small changes of a row with which the model says something else.

    Every row that is returned has been shown to the model, whose own ``predict`` says of it what
    is wanted. No single change of it can be taken back, and none of its numbers can be moved to
    the next value that occurs and is nearer to the row's own, without losing that.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes, and classifiers that give labels only.
    row : table of one row, Series, mapping or array
        The row in question, with the model's raw columns; others are ignored.
    data : table
        Rows such as those that the model was fitted on. Values, levels, ranges and costs are
        theirs; of more than 10,000 rows a sample is used.
    wanted : label, or (low, high) for a model of values
        What the model should say. By default the other of two classes, or the likeliest other of
        more. For values an interval, both ends within; None is an open end.
    immutable : sequence of str
        Columns that stay. Free text (more than 20 different texts, most of them different from
        each other or of more than four words) always stays.
    increasing, decreasing : sequence of str
        Columns that may only rise, or fall: numbers, times, booleans and ordered categories.
    ranges : mapping of str to (low, high), optional
        Where numbers and times may go, within the data's range; None is an open end. By default
        from the 1st to the 99th percentile of the data. A row's own value may always stay.
    most_changes : int, optional
        Columns that may change; by default all.
    n : int, default 3
        Options at most; no two of them change the same columns.
    seed : int, default 0
        Of the sample of `data`.

    Returns
    -------
    Counterfactuals
        Options, the cheapest first. Where there is none, `found` is False, and it says which
        limits bind and what came nearest.

    Raises
    ------
    ArgumentError
        The row, a column, a limit or what is wanted makes no sense, or the model says the same
        of all rows of the data.
    ArgumentTypeError
        The model is no model, or an argument has another type.
    PredictionError
        The model fails.

    Notes
    -----
    The cost of a number or time is ``|F(new) - F(old)|``, F being the share of the data below a
    value and half of the share that equals it, linear between values that occur (Ustun, Spangher
    and Liu 2019, "Actionable recourse in linear classification"); that of a level, or of a value
    where there was none, is 1 (Gower 1971). A row's cost is the sum.

    Where there are at most 4,000 combinations of the values that occur, all are judged; else the
    search is greedy, and what it finds is the cheapest of what it tried. Nothing becomes missing.
    What is found describes the model: nothing is said of what changes bring about in the world.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from explain import counterfactuals
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 500), "debt": rng.integers(0, 50, 500)})
    >>> y = np.where(X["age"] - X["debt"] > 20, "good", "bad")
    >>> model = LogisticRegression().fit(X, y)
    >>> row = {"age": 30, "debt": 20}
    >>> options = counterfactuals(model, row, data=X, increasing=("age",), n=1)
    >>> model.predict(options.rows).tolist()
    ['good']
    """
    n = at_least_one(n, "n")
    question = ask(model, row, data, wanted, seed)
    columns = [read(question.table, name) for name in question.table.columns]
    limits = limits_of(columns, immutable, increasing, decreasing, ranges, most_changes)
    space = build(question.table.iloc[[0]], columns, limits)
    options, judge, found = _answered(space, question, n)
    if len(options):
        return tell(question, space, options, found, judge)
    bound = binding(space, columns, limits, judge)
    miss = nearest_miss(space, judge, found.seen)
    return tell(question, space, options, found, judge, bound, miss)


def _answered(space: Space, question: Question, n: int) -> tuple[Batch, Judge, Search]:
    """Search; again with every label asked for, where that could make a difference."""
    quick = Judge(question.goal)
    options, found, sound = _tried(space, question, quick, n)
    if (len(options) and sound) or not quick.trusting:
        return options, quick, found
    sure = Judge(question.goal, trusting=False, rows=quick.rows)
    options, found, _ = _tried(space, question, sure, n)
    if len(options):
        return options, sure, found
    quick.rows = sure.rows
    return options, quick, found


def _tried(space: Space, question: Question, judge: Judge, n: int) -> tuple[Batch, Search, bool]:
    """Return options that the model decides as wanted, and whether that held of all."""
    found = search(space, judge, n)
    valid = found.valid
    if question.goal.has_two_ends:
        valid = joined([valid, _just_inside(space, question, judge, n)])
    options = diverse(_options(space, judge, valid, n), n)
    if not len(options):
        return options, found, True
    met = question.goal.met(as_given(space.frame(options.codes), question.row))
    return options.take(met), found, bool(met.all())


def _just_inside(space: Space, question: Question, judge: Judge, n: int) -> Batch:
    """Return what reaches an interval and is then brought back to its nearer end.

    An interval that is narrow lies between the values of a sweep, or of the data.
    """
    reaching = Judge(question.goal.one_sided(float(question.said)), rows=judge.rows)
    beyond = _pool(search(space, reaching, n).valid)
    back = spared(space, reaching, beyond) if len(beyond) else beyond
    judge.rows = reaching.rows
    inside = judged(space, judge, back.codes)
    return inside.take(inside.valid)


def _pool(valid: Batch) -> Batch:
    """Return the cheapest candidates, of which not too many changes have to be taken back."""
    cheapest = valid.best(2, POOL)
    few = int((np.cumsum(cheapest.n_changed) <= CHANGES).sum())
    return cheapest.take(slice(0, max(LEAST, few)))


def _options(space: Space, judge: Judge, valid: Batch, n: int) -> Batch:
    """Make candidates smaller; where too few are left, look for some that change other columns."""
    found = spared(space, judge, _pool(valid))
    for _ in range(MORE):
        if not len(found) or len(found.best(1, n)) >= n:
            break
        apart = apart_from(found, valid).best(1, APART)
        if not len(apart):
            cheapest = space.without(found.best(1, 1).changed[0])
            elsewhere = search(cheapest, judge, n).valid
            valid = joined([valid, elsewhere])
            apart = elsewhere.best(1, APART)
        if not len(apart):
            break
        found = joined([found, spared(space, judge, apart)])
    return found
