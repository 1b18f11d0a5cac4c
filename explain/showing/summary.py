"""What an explanation says, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explain.showing.importance import direction
from explain.showing.rows import what_is_predicted
from explain.showing.words import amount, carried, listed, number, plural, records, short
from explain.units import LOG_PROBABILITY, SCORE, UNITS

if TYPE_CHECKING:
    from explain.explanation import Explanation

TOP = 10
ROUNDING = 1e-6
"""Share of the largest prediction up to which a gap is one of float32, as many trees hold."""

FEW = 0.1
"""Share of the attribution below which the top columns do not carry it."""

BAR = 24
"""Characters of the longest bar."""


def main_sentence(explanation: Explanation) -> str:
    """Say which columns carry most of the attribution."""
    frame = explanation.importance()
    if not (frame["value"] > 0).any():
        seen = (
            f" in {explanation.evaluations:,} predictions" if explanation.label != "exact" else ""
        )
        return f"The model does not react to any column{seen}: every value is 0."
    top = frame[frame["value"] > 0].head(4)
    total = float(top["share"].sum())
    share = carried(total)
    if total < FEW:
        return (
            f"No few columns carry the attribution: the first {len(top)} of {len(frame):,} "
            f"make up {share} of it."
        )
    verb = "carries" if len(top) == 1 else "carry"
    return f"{listed(top['column'].tolist())} {verb} {share} of the attribution."


def trust_sentence(explanation: Explanation) -> str:
    """Say how exact the values are."""
    if explanation.label == "exact":
        return (
            f"These values are exact for the {plural(explanation.n_background, 'background row')}."
        )
    if explanation.label == "approximate":
        return (
            "These values are approximate: they follow the trees' own branches, not a background."
        )
    return f"{_estimated(explanation)}{_exact_elsewhere(explanation)}"


def _estimated(explanation: Explanation) -> str:
    """Say how far estimates may be off."""
    reacting = explanation.values != 0
    if not reacting.any():
        return "These values are estimates; all of them and their standard errors came out as 0."
    typical = float(np.median(explanation.standard_errors[reacting]))
    return (
        "These values are estimates; their standard errors show how far they may be off "
        f"({amount(typical, explanation.scale).lstrip('+')} for a typical one)."
    )


def _exact_elsewhere(explanation: Explanation) -> str:
    """Say on which scale they would be exact."""
    if not explanation.exact_on:
        return ""
    scale = explanation.exact_on[0]
    return f' On the {scale} scale they are exact: scale="{scale}".'


def check_sentence(explanation: Explanation) -> str:
    """Say what the check against the model's predictions found."""
    checked = explanation.verification
    of = "this row" if checked.n_rows == 1 else f"all {checked.n_rows:,} rows"
    found = f"Base and values add up to the model's own predictions of {of}"
    largest = float(np.abs(explanation.predictions).max(initial=0.0))
    if checked.gap <= ROUNDING * largest:
        found += ", with no gap beyond rounding"
    else:
        found += f": the largest gap is {number(checked.gap)}"
    again = f"; {checked.note}" if checked.note else ""
    return f"{found}{again}."


def story(explanation: Explanation) -> list[str]:
    """Return the explanation in lines; see `Explanation.lines`."""
    lines = [
        f"{explanation.model} · {explanation.rows_used} · {_what(explanation)}",
        "",
        main_sentence(explanation),
        trust_sentence(explanation),
        check_sentence(explanation),
        "",
        *bars(explanation),
    ]
    return lines


_SEVERAL = {
    UNITS["probability"]: "probabilities",
    LOG_PROBABILITY: "log-probabilities",
    SCORE: "scores (decision function)",
}
"""What units are called where several classes have them."""


def _what(explanation: Explanation) -> str:
    """Name what is explained; of several classes all together."""
    if explanation.task == "multiclass":
        kind = _SEVERAL.get(explanation.unit, explanation.unit)
        return f"{kind} of {plural(len(explanation.classes), 'class')}"
    return what_is_predicted(explanation)


def _share(share: float) -> str:
    """Write a share in six characters, small ones with enough digits."""
    return "<0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def bars(explanation: Explanation, top: int = TOP) -> list[str]:
    """Return the importance of the top columns as bars of text."""
    frame = explanation.importance()
    shown = frame[frame["value"] > 0].head(top)
    if shown.empty:
        return []
    width = max(len(short(name)) for name in shown["column"])
    largest = shown["value"].max()
    over = ""
    if explanation.values.ndim == 3:
        over = f" over rows and all {plural(len(explanation.classes), 'class')}"
    head = (
        f"{'':<{width}}  {'share of the attribution':<{BAR + 8}}  mean |value|{over}, "
        "95 % interval"
    )
    lines = [head]
    for row in records(shown):
        bar = "█" * max(1, round(BAR * row.value / largest))
        said = direction(explanation, row.column) if explanation.values.ndim == 2 else ""
        lines.append(
            f"{short(row.column):<{width}}  {bar:<{BAR}}  {_share(row.share):>6}  "
            f"{number(row.value)} [{number(row.low)}, {number(row.high)}]"
            f"{'  ' + said if said else ''}"
        )
    rest = int((frame["value"] > 0).sum()) - len(shown)
    if rest > 0:
        share = frame["share"].iloc[len(shown) :].sum()
        lines.append(f"{plural(rest, 'other column')}: {_share(share).strip()} together")
    unused = int((frame["value"] == 0).sum())
    if unused:
        lines.append(f"{plural(unused, 'column')} without any influence")
    return lines
