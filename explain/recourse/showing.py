"""Counterfactuals as a page, a picture and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from candor.report import Answer, Block, Page, Section, Table, Text
from explain.drawing import as_block
from explain.recourse.drawing import shifts
from explain.recourse.words import changes_text, goal_text, headline, sentences
from explain.showing.words import short, value_text

if TYPE_CHECKING:
    from explain.recourse.result import Counterfactuals, Miss

METHOD = (
    "Candidates are single changes over all plausible values, combinations of them, and rows of "
    "the data of which the model says what is wanted, carried over as far as the limits allow "
    "(Keane and Smyth 2020). What is not needed is then taken back, numbers are brought as near "
    "to the row's own as they go, and options are chosen that are cheap and differ in the columns "
    "that they change (Mothilal, Sharma and Tan 2020). Each option has been shown to the model, "
    "which says of it what is wanted.\n\n"
    "Cost: a number or time costs |F(new) − F(old)|, F being the share of the data below and half "
    "of the share that is equal, linear between values that occur (Ustun, Spangher and Liu 2019); "
    "a level costs 1, and so does a value where there was none. New values occur in the data "
    "(numbers of many decimals are rounded), are not rare there, and nothing becomes missing. "
    "A new level goes only with levels of other columns that the data have together with it. "
    "No single change of an option can be taken back. It is the cheapest of what was tried, not "
    "of all there is."
)


def page_of(result: Counterfactuals) -> Page:
    """Lay a result out."""
    head, *rest = sentences(result)
    *said, warning = rest
    blocks: tuple[Block, ...] = (Text(head, tuple(said)),)
    changes = _changes(result)
    if len(changes):
        caption = "Changes, in shares of the data below each value"
        blocks += (as_block(picture_of(result), caption, alt_text(result)),)
        blocks += (Table(_table(result), "Changes"),)
    blocks += (Text(warning, tone="note"),)
    section = Section("Counterfactuals", headline(result), blocks, METHOD)
    lead = Answer(headline(result), "Counterfactuals")
    return Page(
        f"What would make {short(result.model)} say {goal_text(result)}?", (lead,), (section,)
    )


def picture_of(result: Counterfactuals) -> Any:
    """Draw the changes, or those of the nearest miss."""
    return shifts(_changes(result))


def alt_text(result: Counterfactuals) -> str:
    """Say what the picture shows."""
    changes = _changes(result)
    options = changes["option"].unique()
    if not result.found:
        return f"The nearest miss: {changes_text(changes)}"
    return "; ".join(
        f"option {option}: {changes_text(changes[changes['option'] == option])}"
        for option in options
    )


def _changes(result: Counterfactuals) -> pd.DataFrame:
    if result.found or result.nearest is None:
        return result.changes
    return result.nearest.changes


def _table(result: Counterfactuals) -> pd.DataFrame:
    changes = _changes(result)
    return pd.DataFrame(
        {
            "option": [str(one) if one else "nearest miss" for one in changes["option"]],
            "column": [short(one) for one in changes["column"]],
            "from": [value_text(one) for one in changes["from"]],
            "to": [value_text(one) for one in changes["to"]],
            "cost": changes["cost"].to_numpy(),
        }
    )


def content_of(result: Counterfactuals) -> Mapping[str, Any]:
    """Return what the JSON holds."""
    return {
        "model": result.model,
        "found": result.found,
        "said": result.said,
        "wanted": list(result.wanted) if result.scale == "response" else result.wanted,
        "scale": result.scale,
        "prediction": result.prediction,
        "row": _record(result.row)[0],
        "options": [
            {"row": row, "cost": cost, "prediction": score}
            for row, cost, score in zip(
                _record(result.rows), result.costs.tolist(), result.predictions.tolist(),
                strict=True,
            )
        ],
        "changes": _record(result.changes),
        "binding": [
            {"kind": one.kind, "column": one.column, "text": one.text} for one in result.binding
        ],
        "together": result.together,
        "unlifted": result.unlifted,
        "nearest": _miss(result.nearest),
        "fixed": list(result.fixed),
        "free": result.free,
        "left_out": result.left_out,
        "every": result.every,
        "tried": result.tried,
    }  # fmt: skip


def _miss(miss: Miss | None) -> Mapping[str, Any] | None:
    if miss is None:
        return None
    return {"changes": _record(miss.changes), "score": miss.score, "needed": miss.needed}


def _is_missing(value: Any) -> bool:
    return value is None or (np.ndim(value) == 0 and bool(pd.isna(value)))


def _record(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as mappings; what is missing becomes None."""
    return [
        {str(name): None if _is_missing(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
