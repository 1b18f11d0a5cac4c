"""Counterfactuals in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from explain.showing.words import level, listed, number, plural, records, short, value_text

if TYPE_CHECKING:
    from explain.recourse.result import Counterfactuals

WARNING = (
    "This describes the model, not the world: it says what the model would say of another row, "
    "not what making a change would bring about."
)


def sentences(result: Counterfactuals) -> Iterator[str]:
    """Yield what was found, or what stands in the way."""
    if result.found:
        yield f"The model says {_said(result)}. It would say {goal_text(result)} if:"
        for option in range(len(result.rows)):
            yield f"{option + 1}. {option_text(result, option)}"
    else:
        yield (
            f"The model says {_said(result)}. No change within the limits was found with which "
            f"it says {goal_text(result)} ({plural(result.tried, 'row')} tried"
            f"{', all combinations of values that occur among them' if result.every else ''})."
        )
        yield from _misses(result)
        yield _limits(result)
    if result.left_out:
        yield (
            f"{plural(result.left_out, 'column')} with which the model's scores go least "
            "were not tried."
        )
    yield WARNING


def headline(result: Counterfactuals) -> str:
    """Say in one sentence what was found."""
    if not result.found:
        return f"Nothing within the limits makes the model say {goal_text(result)}."
    first = changes_text(result.changes[result.changes["option"] == 1])
    return f"The model would say {goal_text(result)} if {first}."


def goal_text(result: Counterfactuals) -> str:
    """Say what is wanted."""
    if result.scale != "response":
        return short(result.wanted)
    low, high = result.wanted
    if not np.isfinite(high):
        return f"{number(low)} or more"
    if not np.isfinite(low):
        return f"{number(high)} or less"
    return f"{number(low)} to {number(high)}"


def _said(result: Counterfactuals) -> str:
    if result.scale == "response":
        return number(float(f"{result.prediction:.6g}"))
    if np.isnan(result.prediction):
        return short(result.said)
    return f"{short(result.said)} ({score_text(result, result.prediction)})"


def score_text(result: Counterfactuals, score: float, of: bool = True) -> str:
    """Write a score on the result's scale."""
    if result.scale == "response":
        return f"prediction {number(float(f'{score:.6g}'))}"
    name = "probability" if result.scale == "probability" else "score"
    about = f" of {short(result.wanted)}" if of else ""
    return f"{name}{about} {level(score, result.scale)}"


def option_text(result: Counterfactuals, option: int) -> str:
    """Write an option with its cost and score."""
    rows = result.changes[result.changes["option"] == option + 1]
    cost = f"cost {_cost(float(result.costs[option]))}"
    score = result.predictions[option]
    told = cost if np.isnan(score) else f"{cost}, {score_text(result, score, of=False)}"
    return f"{changes_text(rows)} ({told})"


def _cost(cost: float) -> str:
    """Write a cost with two digits, also where it is small."""
    return f"{cost:.2f}" if cost >= 0.1 else f"{cost:.2g}"


def changes_text(changes: pd.DataFrame) -> str:
    """Write changes one after another."""
    parts = [
        f"{short(one.column)} {from_to(one.before, one.after)}"
        for one in records(changes.rename(columns={"from": "before", "to": "after"}))
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def from_to(before: Any, after: Any) -> str:
    """Write a change; with all digits where few would hide it."""
    one, other = value_text(before), value_text(after)
    if one == other:
        one, other = short(repr(before)), short(repr(after))
    return f"{one} → {other}"


def _misses(result: Counterfactuals) -> Iterator[str]:
    """Yield how near the search came."""
    miss = result.nearest
    if miss is None:
        yield "No column may change to another value."
        return
    text = f"Nearest: {changes_text(miss.changes)}"
    if np.isnan(miss.score):
        yield f"{text}; the model gives no scores that say how near."
        return
    needed = ""
    if result.scale == "response":
        needed = f"; {number(miss.needed)} is needed"
    elif not np.isnan(miss.needed):
        needed = f"; about {level(miss.needed, result.scale)} is needed"
    yield f"{text}: {score_text(result, miss.score)}{needed}."


def _limits(result: Counterfactuals) -> str:
    """Say which limits bind."""
    if not result.binding:
        text = "Lifting limits does not help: without any of them, none was found either."
        if not result.fixed:
            return text
        return f"{text} Free text and columns of one value stay: {listed(result.fixed)}."
    texts = [str(one) for one in result.binding]
    if result.together:
        return f"Only without several limits at once was one found: {listed(texts, 10)}."
    if len(texts) == 1:
        return f"One limit binds; without it there is an option: {texts[0]}."
    return f"Limits that bind, each of which leaves an option when lifted: {listed(texts, 10)}."
