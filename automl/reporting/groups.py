"""Which sensitive columns make groups that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fairness import CountTable
from fairness.errors import FairnessError

if TYPE_CHECKING:
    import pandas as pd


def refusals(groups: pd.DataFrame) -> Mapping[str, FairnessError]:
    """Return the columns that no audit takes, such as one of 10,000 levels, with the reason.

    Parameters
    ----------
    groups : DataFrame
        Sensitive columns, as an audit is given them.
    """
    nothing = np.zeros(len(groups))
    found = {}
    for name in groups.columns:
        try:
            CountTable.from_rows(nothing, nothing, sensitive=groups[[name]], task="regression")
        except FairnessError as error:
            found[str(name)] = error
    return found
