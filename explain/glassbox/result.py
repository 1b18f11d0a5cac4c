"""The price of interpretability as a frozen result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from candor.report import Answer, Block, Page, Section, Table, Text
from explain.drawing import as_block, interval_bars
from explain.faces import Face
from explain.showing.words import listed, number, records, short


@dataclass(frozen=True, eq=False, repr=False)
class Price(Face):
    """What the best interpretable model costs in accuracy.

    Parameters
    ----------
    table : DataFrame
        The best model of each family, the best first: name, family, score, low, high,
        interpretable, price (how much better the best model that is not interpretable is),
        price_low, price_high.
    value, low, high : float
        Price of the best interpretable model and its interval, in units of the score, or of the
        paired losses; below 0 where that model is the best of all; NaN where there is none.
    best_interpretable, best_other : str
        The two models; empty where there is none.
    families : tuple of str
        What counts as interpretable.
    tried : tuple of str
        Interpretable models on the leaderboard, with what became of them.
    metric : str
        What the score is called.
    greater_is_better : bool
        Whether a higher score is better.
    n_paired : int
        Rows of paired losses; 0: the interval comes from those of the two scores, as if these
        were independent, and is conservative.

    Examples
    --------
    >>> import pandas as pd
    >>> from explain.glassbox import price_of_interpretability
    >>> board = pd.DataFrame(
    ...     [
    ...         ("blend", "ensemble", 0.931, 0.929, 0.933),
    ...         ("linear-1", "linear", 0.9, 0.897, 0.903),
    ...     ],
    ...     columns=["name", "family", "score", "low", "high"],
    ... )
    >>> price = price_of_interpretability(board, metric="ROC AUC")
    >>> scores, _, price_told = price.lines()[0].partition(": ")
    >>> scores
    'the best interpretable model, linear-1, scores 0.9; the best other, blend, 0.931'
    >>> price_told
    'interpretability would cost 0.031 ROC AUC (0.02739 to 0.03461)'
    >>> price.conservative
    True

    Its faces:

    >>> price.to_frame()["price"].round(3).tolist(), price.to_json()[:27]
    ([0.0, 0.031], '{"schema": "candor.price/1"')
    >>> price.page().title, type(price.plot()).__name__
    ('The price of interpretability', 'LayerChart')
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     price.report(pathlib.Path(folder) / "price.html").exists()
    True
    """

    schema: ClassVar[str] = "candor.price/1"

    table: pd.DataFrame
    value: float
    low: float
    high: float
    best_interpretable: str
    best_other: str
    families: tuple[str, ...]
    tried: tuple[str, ...]
    metric: str
    greater_is_better: bool
    n_paired: int

    @property
    def conservative(self) -> bool:
        """Whether the interval takes scores of the same rows as independent."""
        return self.n_paired == 0

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a family.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return the price in words.

        Returns
        -------
        list of str
            The price, and where its interval comes from; or why there is none.
        """
        if not self.best_interpretable:
            return [self._untried()]
        if not self.best_other:
            return [
                f"every finished model is interpretable ({listed(self.families)}), so there is "
                "nothing to compare with; a search with other families would tell the price"
            ]
        return [f"{self._scores()}: {self._told()}", self._source()]

    def _untried(self) -> str:
        names = listed(self.families)
        why = (
            f"no interpretable model was finished ({listed(self.tried)})"
            if self.tried
            else f"no interpretable family ({names}) was tried"
        )
        return (
            f"{why}, so the price of interpretability is not known; a search with families="
            f'["{self.families[0]}", …] would tell'
        )

    def _scores(self) -> str:
        scores = dict(zip(self.table["name"], self.table["score"], strict=True))
        one, other = self.best_interpretable, self.best_other
        return (
            f"the best interpretable model, {short(one)}, scores {number(scores[one])}; the best "
            f"other, {short(other)}, {number(scores[other])}"
        )

    def _told(self) -> str:
        unit = short(self.metric) if self.conservative else "of mean loss"
        ends = f" ({number(self.low)} to {number(self.high)})" if np.isfinite(self.low) else ""
        amount = f"{number(self.value)} {unit}{ends}"
        if self.value <= 0:
            return f"interpretability costs nothing here, the difference is {amount}"
        doubt = ", which may be nothing" if self.low <= 0 else ""
        return f"interpretability would cost {amount}{doubt}"

    def _source(self) -> str:
        if not self.conservative:
            return f"The interval is that of paired losses on {self.n_paired:,} rows."
        if not np.isfinite(self.low):
            return "There is no interval, since the leaderboard has none."
        return (
            "The interval takes the two scores as independent; they are of the same rows, so it "
            "is wider than it need be."
        )

    def page(self) -> Page:
        """Return the price as a page.

        Returns
        -------
        candor.report.Page
            The price in words, in a picture and a table.
        """
        head, *rest = self.lines()
        blocks: list[Block] = [Text(one, tone="note") for one in rest]
        if self.best_other:
            caption = f"What each family's best model costs in {short(self.metric)}"
            blocks.append(as_block(self._bars(), caption, head))
        blocks.append(Table(self.table, "The best model of each family"))
        section = Section("Price", head, tuple(blocks), METHOD)
        return Page("The price of interpretability", (Answer(head, "Price"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "best_interpretable": self.best_interpretable,
            "best_other": self.best_other,
            "families": list(self.families),
            "tried": list(self.tried),
            "metric": self.metric,
            "greater_is_better": self.greater_is_better,
            "n_paired": self.n_paired,
            "conservative": self.conservative,
            "table": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self) -> Any:
        # Beside a trivial guess all other bars would be too short to tell apart.
        drawn = self.table[self.table["family"] != "baseline"]
        names = [f"{short(row.name, 24)} ({short(row.family, 24)})" for row in records(drawn)]
        return interval_bars(
            drawn.assign(label=names),
            label="label",
            value="price",
            low="price_low",
            high="price_high",
            unit=f"worse than the best other model by ({short(self.metric)})",
        )


METHOD = (
    "The price is the score of the best model that is not interpretable less that of the best "
    "interpretable one, or the reverse where lower scores are better. Its interval is put "
    "together from those of both scores (Zou and Donner 2008) as if the scores were independent, "
    "or is the t interval of the mean of paired differences of losses.\n\n"
    "Both models are the best of several, chosen by these very scores. Where many more of the "
    "others were tried, the price is somewhat overstated."
)
