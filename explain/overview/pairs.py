"""Interactions of pairs of columns as a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pandas as pd

from candor.report import Answer, Page, Section, Table
from explain.drawing import as_block, interval_bars
from explain.faces import Face
from explain.protocol import Scale
from explain.settings import check_count
from explain.showing.words import number, plural, records, short
from explain.units import in_unit


@dataclass(frozen=True, eq=False, repr=False)
class Interactions(Face):
    """How much pairs of columns act together beyond what each does alone.

    Parameters
    ----------
    table : DataFrame
        The strongest first. Of "h": a, b, value (H²), low, high, strength, share (of the
        predictions' variance, by which they are sorted), n_rows. Of
        "shapley": a, b, value (mean absolute interaction), low, high, mean (with its sign),
        label, n_rows.
    kind : {"h", "shapley"}
        Which measure.
    scale : {"margin", "probability", "response"}
        Of the predictions.
    unit : str
        Its unit in words.
    model : str
        Whose interactions these are.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from explain import interactions
    >>> X = pd.DataFrame({"a": [-1.0, 1.0, -1.0, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]})
    >>> found = interactions(lambda rows: rows["a"] * rows["b"], X, columns=["a", "b"])
    >>> found.lines()
    ["Function · H²: share of a pair's joint effect that is interaction",
     "a × b: 1 [1, 1], 100 % of the predictions' variance, on 4 rows"]
    >>> found.to_frame()[["a", "b", "value"]].to_numpy().tolist()
    [['a', 'b', 1.0]]
    >>> found.to_json()[:35]
    '{"schema": "candor.interactions/1",'
    >>> chart = found.plot("bars")
    >>> found.page().title
    'What acts together in Function'
    >>> found.report(tempfile.mkdtemp() + "/interactions.html").name
    'interactions.html'
    """

    schema: ClassVar[str] = "candor.interactions/1"

    table: pd.DataFrame
    kind: Literal["h", "shapley"]
    scale: Scale
    unit: str
    model: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a pair.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return what the interactions say.

        Returns
        -------
        list of str
            A heading and a line a pair.
        """
        head = {
            "h": f"{self.model} · H²: share of a pair's joint effect that is interaction",
            "shapley": f"{self.model} · mean absolute Shapley interaction, in {self.unit}",
        }[self.kind]
        return [head, *(_pair_line(row, self.kind) for row in records(self.table.head(10)))]

    def page(self) -> Page:
        """Return the interactions as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table.
        """
        said = "; ".join(self.lines()[1:4])
        blocks = (
            as_block(self._bars(), self.lines()[0], said or "no pairs"),
            Table(self.table, "All pairs"),
        )
        section = Section("Interactions", said or "No pair was looked at.", blocks, METHOD)
        title = f"What acts together in {short(self.model)}"
        return Page(title, (Answer(self.lines()[0], "Interactions"),), (section,))

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "kind": self.kind,
            "scale": self.scale,
            "unit": self.unit,
            "pairs": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"bars": self._bars}

    def _bars(self, *, top: int = 15) -> Any:
        check_count(top, "top")
        frame = self.table.head(top)
        frame = frame.assign(
            label=[
                f"{short(row.a, 14)} × {short(row.b, 14)}"
                + (f" ({_percent(row.share)})" if self.kind == "h" else "")
                for row in records(frame)
            ]
        )
        unit = "H² (in brackets: share of the predictions' variance)"
        unit = unit if self.kind == "h" else in_unit("mean absolute interaction", self.unit)
        return interval_bars(
            frame, label="label", value="value", low="low", high="high", unit=unit
        )


METHOD = (
    "H² of a pair: the variance of its joint partial dependence that the sum of the two single "
    "ones leaves over, over the variance of the joint one (Friedman and Popescu 2008).\n\n"
    "Shapley interaction of columns i and j in a row: the mean, over the coalitions of the other "
    "columns in the Shapley order, of v(S,i,j) - v(S,i) - v(S,j) + v(S) (Grabisch and Roubens "
    "1999). It is the contribution of i with j set to the row's value, less that with j left "
    "to the background."
)


def _pair_line(row: Any, kind: str) -> str:
    if row.value == 0 or (kind == "h" and row.share < 1e-12):
        return f"{short(row.a)} × {short(row.b)}: no interaction on {plural(row.n_rows, 'row')}"
    strength = ""
    if kind == "h":
        strength = f", {_percent(row.share)} of the predictions' variance,"
    return (
        f"{short(row.a)} × {short(row.b)}: {number(row.value)} "
        f"[{number(row.low)}, {number(row.high)}]{strength} on {plural(row.n_rows, 'row')}"
    )


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.3g} %"
