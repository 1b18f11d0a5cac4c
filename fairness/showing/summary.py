"""An audit as lines of text, the most important first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from fairness.result import Audit
from fairness.showing.asides import (
    family_sentences,
    missing_sentences,
    proxy_sentences,
    template_sentences,
    within_strata_sentences,
)
from fairness.showing.columns import WIDTH
from fairness.showing.limits import WHAT_IT_DOES_NOT_ESTABLISH, base_rate_sentence
from fairness.showing.rates import WEAK_SIGN, rate_lines
from fairness.showing.scores import equal_score_sentences
from fairness.showing.settled import crossed_lines, verdict_lines

INDENT = 10


def lines(audit: Audit) -> list[str]:
    """Return the audit as lines of text."""
    found = [f"Audit of {audit.target} · {audit.rows_used}", ""]
    for attribute in audit.table.sensitive:
        part = rate_lines(audit, attribute) + verdict_lines(audit, attribute)
        found += [attribute, *(f"  {line}".rstrip() for line in part), ""]
    found += crossed_lines(audit)
    weak = any(f" {WEAK_SIGN}" in line for line in found)
    found += _labelled("At score", equal_score_sentences(audit))
    found += _labelled("Within", within_strata_sentences(audit))
    found += _labelled("Base", base_rate_sentence(audit))
    found += _labelled("Missing", missing_sentences(audit))
    found += _labelled("Proxies", proxy_sentences(audit))
    found += _labelled("Template", template_sentences(audit))
    found += _labelled("Family", family_sentences(audit))
    found += _labelled("Notes", (*audit.notes, *[_WEAK] * weak))
    found += _labelled("Unsaid", WHAT_IT_DOES_NOT_ESTABLISH)
    return found


_WEAK = f"{WEAK_SIGN} marks weak values: their interval is wider than the tolerance"


def _labelled(name: str, texts: Iterable[str]) -> list[str]:
    """Set texts beside a label, wrapped."""
    wrapped: list[str] = []
    for text in texts:
        wrapped += textwrap.wrap(
            text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False
        )
    pad = " " * INDENT
    return [
        (name.ljust(INDENT) if place == 0 else pad) + line for place, line in enumerate(wrapped)
    ]
