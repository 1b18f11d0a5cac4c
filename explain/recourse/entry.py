"""The public call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explain.recourse.asking import Question, ask
from explain.recourse.batch import Batch, joined, judged
from explain.recourse.binding import binding, nearest_miss
from explain.recourse.checking import limits_of
from explain.recourse.columns import read
from explain.recourse.diversity import apart_from, diverse
from explain.recourse.judging import Judge
from explain.recourse.pairs import pairs_of
from explain.recourse.result import Counterfactuals
from explain.recourse.search import Search, search
from explain.recourse.space import Space, build
from explain.recourse.sparing import spared
from explain.recourse.tables import as_given
from explain.recourse.telling import tell
from explain.settings import check_count

POOL, APART = 20, 10
"""Candidates that are made smaller: the cheapest, and those that change other columns."""

CHANGES, LEAST = 300, 3
"""Changes of the cheapest candidates together, and how many candidates there are all the same."""

LARGER, OF_A_SET = 400, 40
"""Candidates that are shown to the model as they are, where none made smaller is sound; and how
many of them change the same columns."""

MORE = 2
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
    the next value that occurs and is nearer to the row's own, without losing that or making
    levels meet that do not occur together; but for models that answer a row differently from call
    to call, and for tables of more than 1,000 columns, of which less is tried.

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
        from the 1st to the 99th percentile of the data, and to no value that is rare there. A
        row's own value may always stay.
    most_changes : int, optional
        Columns that may change; by default all.
    n : int, default 3
        Options at most; none changes all the columns that a cheaper one changes.
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
    A change of column j from x to x' costs ``d_j = |F_j(x') - F_j(x)|`` if it holds numbers or
    times, F_j being the share of the data below a value and half of the share that equals it,
    linear between values that occur (Ustun, Spangher and Liu 2019); ``d_j = 1`` if it holds
    levels, or where a missing value is filled in (Gower 1971). A row costs the sum over its
    changes, ``cost = sum_j d_j``. That is the distance that a counterfactual keeps small while the
    model's answer changes (Wachter, Mittelstadt and Russell 2018). Of valid rows, options are
    chosen greedily by the least ``cost * (1 + J)``, J being the greatest share of changed columns
    in common with an option before (after Mothilal, Sharma and Tan 2020), and sorted by cost.
    Few changes, and values that the data make plausible, are what Dandl et al. (2020) ask for
    besides.

    A new value occurs in the data; of a column of many decimals it is a round number near to some
    that do. A value that fewer than 1 row in 1,000 has is not offered, nor a number with so few
    rows within a hundredth of the range from the 1st to the 99th percentile; a range of the
    caller's lifts this for its column. Nothing becomes missing.

    A new level goes with the row's other levels, old and new: each pair with it occurs in the
    data, from 1,000 rows on at least 3 times. A pair with a level that stays does not count where
    the row's own pair does not occur. This holds of columns of at most 50 levels (of very many
    such columns, those with the fewest), and with 50 rows of data or more. Numbers are judged one
    by one.

    Where there are at most 4,000 combinations of the values that occur, all are judged; else the
    search is greedy, and what it finds is the cheapest of what it tried.
    What is found describes the model: nothing is said of what changes bring about in the world.

    References
    ----------
    Wachter, Mittelstadt and Russell (2018). Counterfactual explanations without opening the black
    box. Harvard Journal of Law & Technology 31(2).
    Mothilal, Sharma and Tan (2020). Explaining machine learning classifiers through diverse
    counterfactual explanations. FAT*.
    Dandl, Molnar, Binder and Bischl (2020). Multi-objective counterfactual explanations. PPSN.
    Ustun, Spangher and Liu (2019). Actionable recourse in linear classification. FAT*.
    Gower (1971). A general coefficient of similarity and some of its properties. Biometrics 27.

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
    check_count(n, "n")
    question = ask(model, row, data, wanted, seed)
    columns = [read(question.table, name) for name in question.table.columns]
    limits = limits_of(columns, immutable, increasing, decreasing, ranges, most_changes)
    space = build(question.table.iloc[[0]], columns, limits, pairs_of(columns))
    options, judge, found = _answered(space, question, n)
    if len(options):
        return tell(question, space, options, found, judge)
    bound = binding(space, columns, limits, judge)
    miss = nearest_miss(space, judge, found.seen)
    return tell(question, space, options, found, judge, bound, miss)


def _answered(space: Space, question: Question, n: int) -> tuple[Batch, Judge, Search]:
    """Search; again with every label asked for, where that could make a difference."""
    quick = Judge(question.goal)
    found, valid, options = _tried(space, question, quick, n)
    sound = _met(space, question, options)
    if (len(sound) and len(sound) == len(options)) or not quick.trusting:
        return _or_larger(space, question, sound, valid, n), quick, found
    sure = Judge(question.goal, trusting=False, rows=quick.rows)
    again, valid, options = _tried(space, question, sure, n)
    options = _met(space, question, options)
    if not len(options) and not len(sound):
        options = _or_larger(space, question, options, valid, n)
    if len(options):
        return options, sure, again
    quick.rows = sure.rows
    return sound, quick, again


def _tried(space: Space, question: Question, judge: Judge, n: int) -> tuple[Search, Batch, Batch]:
    """Return what was searched, what of it is valid, and options made of that."""
    found = search(space, judge, n)
    valid = found.valid
    if question.goal.has_two_ends:
        valid = joined([valid, _just_inside(space, question, judge, n)])
    return found, valid, diverse(_options(space, judge, valid, n), n)


def _met(space: Space, question: Question, options: Batch) -> Batch:
    """Return the options that the model decides as wanted in the types of the row."""
    if not len(options):
        return options
    rows = as_given(space.frame(options.codes), question.row)
    return options.take(question.goal.met(rows))


def _or_larger(space: Space, question: Question, options: Batch, valid: Batch, n: int) -> Batch:
    """Return options, or else candidates before they were made smaller.

    What is made as small as it goes lies where the model's answer changes. Where that answer
    differs a little from one call to the next, a larger change may be sound that a small one is
    not.
    """
    if len(options) or not len(valid):
        return options
    return diverse(_met(space, question, valid.best(OF_A_SET, LARGER)), n)


def _just_inside(space: Space, question: Question, judge: Judge, n: int) -> Batch:
    """Return what reaches an interval and is then brought back to its nearer end.

    An interval that is narrow lies between the values of a sweep, or of the data.
    """
    reaching = Judge(question.goal.one_sided(float(question.said)), rows=judge.rows)
    beyond = _pool(space, search(space, reaching, n).valid)
    back = spared(space, reaching, beyond) if len(beyond) else beyond
    judge.rows = reaching.rows
    inside = judged(space, judge, back.codes)
    return inside.take(inside.valid)


def _pool(space: Space, valid: Batch) -> Batch:
    """Return the cheapest candidates, of which not too many changes have to be taken back."""
    cheapest = valid.best(2, POOL)
    few = int((np.cumsum(cheapest.n_changed) <= space.fewer(CHANGES)).sum())
    return cheapest.take(slice(0, max(LEAST, few)))


def _options(space: Space, judge: Judge, valid: Batch, n: int) -> Batch:
    """Make candidates smaller; where too few are left, look for some that change other columns."""
    found = spared(space, judge, _pool(space, valid))
    for _ in range(space.fewer(MORE)):
        if not len(found) or len(diverse(found, n)) >= n:
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
