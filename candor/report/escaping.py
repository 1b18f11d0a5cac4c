"""Text as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re

_ALWAYS = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;"})
"""HTML, and the braces by which site generators call their templates."""
_FIRST = re.compile(r"^([#+\-=:]|\d+(?=[.)](?:\s|$)))")
"""What makes a heading, a list or a rule of a line that begins with it."""
_JOINER = "\N{WORD JOINER}"
_LINKED = {
    re.compile("://"): f":{_JOINER}//",
    re.compile("@"): f"{_JOINER}@{_JOINER}",
    re.compile(r"(www)\.", re.IGNORECASE): rf"\1{_JOINER}.",
}
"""What readers of Markdown make links of without being asked, and how that is parted unseen."""


def escaped(text: str) -> str:
    """Return text as one line of Markdown in which nothing is markup, a link or HTML."""
    line = " ".join(text.split())
    line = _ALWAYS.sub(r"\\\1", line.translate(_ENTITIES))
    for linked, parted in _LINKED.items():
        line = linked.sub(parted, line)
    return _FIRST.sub(_defused, line)


def _defused(found: re.Match[str]) -> str:
    """Escape the beginning of a line; of "12." it is the full stop that has to be."""
    first = found[1]
    return f"{first}\\" if first[0].isdigit() else f"\\{first}"
