"""Which rows are told one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from explain import Explanation

BETWEEN = (1.0, 0.9, 0.5, 0.1, 0.0)
"""Where the rows lie among all predictions."""


def chosen_rows(explanation: Explanation) -> tuple[int, ...]:
    """Choose rows along the predictions, and those nearest to the other decision.

    Of two classes also the row nearest to even odds; of more the least certain one.
    """
    predictions = explanation.predictions
    if predictions.ndim == 2:
        score = np.sort(predictions, axis=1)
        score = score[:, -1] - score[:, -2]
    else:
        score = predictions
    order = np.argsort(score, kind="stable")
    chosen = [order[round(share * (len(order) - 1))] for share in BETWEEN]
    if explanation.task == "binary":
        even = 0.0 if explanation.scale == "margin" else 0.5
        chosen.insert(2, np.argmin(np.abs(score - even)))
    return tuple(dict.fromkeys(int(one) for one in chosen))
