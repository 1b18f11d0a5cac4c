"""What the comparison of outcomes at equal score says, in words."""

from __future__ import annotations

from collections.abc import Iterator

from fairness.frames.rows import top_row
from fairness.result import Audit
from fairness.showing.words import with_interval


def equal_score_sentences(audit: Audit) -> Iterator[str]:
    """Say how outcome rates differ at equal score: of each attribute the two largest groups.

    The other pairs are counted by verdict.
    """
    frame = audit.equal_score
    for attribute, rows in frame.groupby("attribute", sort=False) if len(frame) else ():
        estimated = rows[rows["value"].notna()]
        if estimated.empty:
            continue
        main = top_row(estimated, "rows")
        size = with_interval(main["value"], main["low"], main["high"])
        counted = estimated["verdict"].value_counts()
        verdicts = ("beyond", "within", "not enough data")
        counts = "; ".join(f"{counted[name]} {name}" for name in verdicts if name in counted)
        tail = f" (of {len(estimated)} pairs: {counts})" if len(estimated) > 1 else ""
        yield (
            f"{attribute}: at equal score, outcome rate of {main['group']} minus that of "
            f"{main['reference']} {size}: {main['verdict']}{tail}"
        )
