"""Counterfactuals in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from explain.recourse.told import digits_apart, interval_text, told
from explain.showing.words import listed, plural, records, short, value_text

if TYPE_CHECKING:
    from explain.recourse.result import Counterfactuals

WARNING = (
    "This describes the model, not the world: it says what the model would say of another row, "
    "not what making a change would bring about."
)


COSTS = (
    "Cost: of a number or time, the share of the data between its old and its new value; 1 for "
    "each level, and for each missing value that is filled in; added up. Options come in order of "
    "cost, and each changes other columns."
)

SHOWN = 8
"""Changes of an option that are written out."""


def sentences(result: Counterfactuals) -> Iterator[str]:
    """Yield what was found, or what stands in the way."""
    if result.found:
        yield f"The model says {_said(result)}. It would say {goal_text(result)} if:"
        for option in range(len(result.rows)):
            yield f"{option + 1}. {option_text(result, option)}"
        yield COSTS
    elif len(result.fixed) == result.row.shape[1]:
        yield (
            f"The model says {_said(result)}. Nothing can change, so nothing was tried: free text "
            f"and columns of one value stay ({listed(result.fixed)})."
        )
    elif not result.free:
        yield f"The model says {_said(result)}. Nothing may change within the limits."
        yield _limits(result)
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
    return interval_text(*result.wanted)


def _said(result: Counterfactuals) -> str:
    if result.scale == "response":
        return told(result.prediction, "response", _digits(result))
    if np.isnan(result.prediction):
        return short(result.said)
    return f"{short(result.said)} ({score_text(result, result.prediction)})"


def score_text(result: Counterfactuals, score: float, of: bool = True) -> str:
    """Write a score on the result's scale, with digits that tell it from the row's own."""
    text = told(score, result.scale, _digits(result))
    if result.scale == "response":
        return f"prediction {text}"
    name = "probability" if result.scale == "probability" else "score"
    about = f" of {short(result.wanted)}" if of else ""
    return f"{name}{about} {text}"


def _digits(result: Counterfactuals) -> int:
    """Return the digits that tell the row from the options, and the miss from what is needed."""
    miss = result.nearest
    digits = digits_apart(result.prediction, result.predictions.tolist(), result.scale)
    if miss is None:
        return digits
    of_miss = digits_apart(miss.score, (miss.needed, result.prediction), result.scale)
    return max(digits, of_miss)


def option_text(result: Counterfactuals, option: int) -> str:
    """Write an option with its cost and score."""
    rows = result.changes[result.changes["option"] == option + 1]
    cost = f"cost {_cost(float(result.costs[option]))}"
    score = result.predictions[option]
    text = cost if np.isnan(score) else f"{cost}, {score_text(result, score, of=False)}"
    return f"{changes_text(rows)} ({text})"


def _cost(cost: float) -> str:
    """Write a cost with two digits, also where it is small."""
    return f"{cost:.2f}" if cost >= 0.1 else f"{cost:.2g}"


def changes_text(changes: pd.DataFrame) -> str:
    """Write changes one after another."""
    parts = [
        f"{short(one.column)} {from_to(one.before, one.after)}"
        for one in records(changes.head(SHOWN).rename(columns={"from": "before", "to": "after"}))
    ]
    if len(changes) > SHOWN:
        return f"{', '.join(parts)} and {len(changes) - SHOWN:,} changes more"
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
        yield "No change that the limits allow comes nearer to that."
        return
    text = f"Nearest: {changes_text(miss.changes)}"
    if np.isnan(miss.score):
        yield f"{text}; the model gives no scores that say how near."
        return
    needed = ""
    if result.scale == "response":
        needed = f"; {_end(result, miss.needed)} is needed"
    elif not np.isnan(miss.needed):
        needed = f"; about {told(miss.needed, result.scale, _digits(result))} is needed"
    yield f"{text}: {score_text(result, miss.score)}{needed}."


def _end(result: Counterfactuals, needed: float) -> str:
    """Write the end of the interval wanted that is nearest."""
    text = told(needed, "response", _digits(result))
    return f"{text} or {'more' if needed == result.wanted[0] else 'less'}"


def _limits(result: Counterfactuals) -> str:
    """Say which limits bind."""
    if not result.binding:
        text = "Lifting limits does not help: without any of them, none was found either."
        if not result.fixed:
            return text
        return f"{text} Free text and columns of one value stay: {listed(result.fixed)}."
    texts = _listed([str(one) for one in result.binding])
    others = (
        f"{plural(result.unlifted, 'other limit')} {'was' if result.unlifted == 1 else 'were'}"
    )
    if result.together:
        text = f"Only without several limits at once was one found: {texts}."
        return f"{text} Not all of them were lifted alone." if result.unlifted else text
    if len(result.binding) == 1:
        text = f"One limit binds; without it there is an option: {texts}."
    else:
        text = f"Limits that bind, each of which leaves an option when lifted: {texts}."
    return f"{text} {others} not lifted alone." if result.unlifted else text


def _listed(texts: list[str]) -> str:
    """List the texts of limits, which are longer than names, and count the others."""
    if len(texts) > SHOWN:
        return f"{'; '.join(texts[:SHOWN])}; and {len(texts) - SHOWN:,} more"
    return "; ".join(texts)
