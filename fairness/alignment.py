"""Rows are paired by position: what that could get wrong is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairness.errors import ArgumentError


def check_alignment(arguments: Mapping[str, Any]) -> None:
    """Refuse pandas columns that hold the same index in another order.

    Rows are paired by position, as scikit-learn pairs them. Two columns with the same labels in
    different orders are nearly surely meant to be paired by label: pairing them by position would
    give numbers of rows that do not belong together.

    Parameters
    ----------
    arguments : mapping of str to object
        Columns and frames by the name of their argument; what is not of pandas has no index.

    Raises
    ------
    ArgumentError
        Two of them differ in the order of the same labels.
    """
    import pandas as pd

    first: tuple[str, pd.Index[Any]] | None = None
    for name, value in arguments.items():
        if not isinstance(value, pd.Series | pd.DataFrame):
            continue
        if first is None:
            first = (name, value.index)
            continue
        known = first[1]
        if len(known) != len(value.index) or known.equals(value.index):
            continue
        if known.is_unique and not known.symmetric_difference(value.index).size:
            raise ArgumentError(
                f"{first[0]} and {name} hold the same index in different orders",
                got="rows are paired by position",
                hint=f"{name}.loc[{first[0]}.index]",
            )
