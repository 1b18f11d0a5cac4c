"""Data checks: small findings with a code and a severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Check:
    """A finding about the table.

    Parameters
    ----------
    code : str
        Stable kebab-case name, such as ``"target-leakage"``.
    severity : {"error", "warning", "info"}
        Errors stop the search, warnings and infos do not.
    columns : tuple of str
        The columns concerned; empty when it is about rows or the target.
    message : str
        One plain sentence with numbers.
    hint : str
        What to do, such as ``'ignore=["id"]'``; empty if nothing needs doing.
    """

    code: str
    severity: Severity
    columns: tuple[str, ...]
    message: str
    hint: str = ""
