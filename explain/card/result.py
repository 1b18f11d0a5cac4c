"""The quality card as a frozen result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.errors import ArgumentError
from explain.faces import Face
from explain.protocol import Scale
from explain.showing.words import number, plural, records, short

SHARES = ("deletion", "insertion", "stability", "surrogate_fidelity", "randomisation")
"""Measures that are at most 1 and can stand in one picture."""


@dataclass(frozen=True, eq=False, repr=False)
class QualityCard(Face):
    """How far an explanation can be relied on.

    Parameters
    ----------
    table : DataFrame
        measure, value, low, high (95 % interval over rows; NaN where there is none), better
        ("higher" or "lower"), definition, note (on what it was measured, or why it was not).
    scale : {"margin", "probability", "response"}
        Of the explanation.
    model : str
        What was explained.
    n_rows : int
        Explained rows.
    seed : int
        Of all draws.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import explain, quality
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=list("abc"))
    >>> model = LinearRegression().fit(X, 3 * X["a"] + X["b"])
    >>> card = quality(explain(model, X), model, X)
    >>> card.score("sparsity"), card.score("sampling_error")
    (2.0, 0.0)
    >>> card.table["measure"].tolist()[:4]
    ['deletion', 'insertion', 'stability', 'disagreement']

    Its faces:

    >>> card.lines()[5].partition(": ")[2][:10]
    '2 [2, 2], '
    >>> card.to_frame().shape, card.to_json()[:29]
    ((10, 7), '{"schema": "candor.quality/1"')
    >>> card.page().title, type(card.plot()).__name__
    ('How good the explanation of LinearRegression is', 'LayerChart')
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     card.report(pathlib.Path(folder) / "card.html").exists()
    True
    """

    schema: ClassVar[str] = "candor.quality/1"

    table: pd.DataFrame
    scale: Scale
    model: str
    n_rows: int
    seed: int

    def score(self, measure: str) -> float:
        """Return one number, such as an objective of a search.

        Parameters
        ----------
        measure : str
            Its name in `table`; whether higher is better stands there, too.

        Returns
        -------
        float
            NaN where it could not be measured.

        Raises
        ------
        ArgumentError
            There is no such measure.
        """
        values = dict(zip(self.table["measure"], self.table["value"], strict=True))
        if measure not in values:
            near = get_close_matches(str(measure), list(values), n=1)
            hint = repr(near[0]) if near else None
            if measure == "randomisation":
                hint = "quality(…, y=y, randomisation=True)"
            raise ArgumentError(
                f"there is no measure {measure!r}", got=f"measures: {', '.join(values)}", hint=hint
            )
        return float(values[measure])

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a measure.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return the card in words.

        Returns
        -------
        list of str
            What was judged, and a line a measure.
        """
        return [self._head(), *(_line(row) for row in records(self.table))]

    def _conclusion(self) -> str:
        """Say the numbers that matter: how faithful, how steady, how far off."""
        values = dict(zip(self.table["measure"], self.table["value"], strict=True))
        said = [
            text.format(_number(values[name]))
            for name, text in _MATTER.items()
            if np.isfinite(values.get(name, np.nan))
        ]
        return f"{'; '.join(said)}." if said else self._head()

    def _head(self) -> str:
        return (
            f"{short(self.model)}: quality of its explanation on the {self.scale} scale, "
            f"{plural(self.n_rows, 'row')}"
        )

    def page(self) -> Page:
        """Return the card as a page.

        Returns
        -------
        candor.report.Page
            A picture of the shares, and a table with all definitions.
        """
        said = self.lines()
        shown = self._shares()
        alt = "; ".join(f"{row.measure} {number(row.value)}" for row in records(shown))
        table = Table(self.table, "Measures, with 95 % intervals over rows", formats=_FORMATS)
        blocks = (as_block(self._bars(), "Measures that are at most 1", alt), table)
        section = Section("Quality", self._conclusion(), blocks, METHOD)
        title = f"How good the explanation of {short(self.model)} is"
        return Page(title, (Answer(said[0]), Answer(self._conclusion(), "Quality")), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "scale": self.scale,
            "n_rows": self.n_rows,
            "seed": self.seed,
            "measures": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _shares(self) -> pd.DataFrame:
        return self.table[self.table["measure"].isin(SHARES) & self.table["value"].notna()]

    def _bars(self) -> Any:
        return interval_bars(
            self._shares(), label="measure", value="value", low="low", high="high", unit="value"
        )


_FORMATS = {"value": ".3g", "low": ".3g", "high": ".3g"}

METHOD = (
    "Deletion and insertion: at most 100 rows, 20 background rows, 8 numbers of columns, against "
    "the mean of three random orders. The change is that of the model's own prediction on the "
    "explanation's scale, in absolute terms, so that opposite changes do not cancel. Mixtures of "
    "a row and a background row need not occur in reality.\n\n"
    "Intervals take rows as a sample: delta method for ratios, bootstrap for rank correlations "
    "and sparsity, order statistics for the median.\n\n"
    "Samek, Binder, Montavon, Lapuschkin and Müller (2017), Evaluating the visualization of what "
    "a deep neural network has learned; Petsiuk, Das and Saenko (2018), RISE; Adebayo and others "
    "(2018), Sanity checks for saliency maps."
)


def _line(row: Any) -> str:
    name = f"{row.measure.replace('_', ' ')} ({_MEANT[row.measure]})"
    if not np.isfinite(row.value):
        return f"{name}: not measured, since {row.note}"
    ends = f" [{number(row.low)}, {number(row.high)}]" if np.isfinite(row.low) else ""
    return f"{name}: {number(row.value)}{ends}, the {row.better} the better"


def _number(value: float) -> str:
    """Write a number with three digits."""
    return number(float(f"{value:.3g}"))


_MEANT = {
    "deletion": "gain over random order, share of the change",
    "insertion": "gain over random order, share of the distance",
    "stability": "rank correlation between halves of the background",
    "disagreement": "between these halves, share of the mean |value|",
    "sparsity": "columns with 90 % of all values",
    "row_sparsity": "columns with 90 % of a row's values",
    "sampling_error": "share of the mean |value|",
    "background_error": "share of the mean |value|",
    "additivity_gap": "in units of the scale",
    "surrogate_fidelity": "R² of a tree with 8 leaves",
    "randomisation": "rank correlation with permuted labels",
}
"""Each measure's unit, in a few words."""

_MATTER = {
    "deletion": "Taking the strongest columns away first, not at random, gains {} of the change",
    "stability": "rank correlation of the columns between two halves of the background: {}",
    "sampling_error": "error through sampling: {} of the mean |value|",
    "background_error": "error through the background being a sample: {} of it",
}
"""The numbers of the conclusion."""
