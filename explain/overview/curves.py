"""Effects of columns as a result: curves, sentences, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from candor.report import Answer, Block, Page, Section, Text
from explain.drawing import as_block, effect_curve
from explain.errors import ArgumentError
from explain.faces import Face
from explain.profiles import (
    Effect,
    Regions,
)
from explain.protocol import Scale
from explain.showing.words import MARKED, amount, level, listed, plural, short, whole
from explain.units import in_unit

if TYPE_CHECKING:
    import altair as alt

Kind = Literal["pdp", "ice", "ale"]
NAMES = {
    "pdp": "partial dependence",
    "ice": "individual conditional expectation",
    "ale": "accumulated local effect",
}


@dataclass(frozen=True, eq=False, repr=False)
class Effects(Face):
    """How predictions go along columns.

    Parameters
    ----------
    effects : tuple of Effect
        One for each column, in the order asked for, or the strongest first.
    regions : tuple of Regions
        Where single curves disagree: the rows in two parts within which they agree more.
    kind : {"pdp", "ice", "ale"}
        Which effect.
    scale : {"margin", "probability", "response"}
        Scale of the effects.
    unit : str
        Its unit in words.
    outputs : tuple of str
        What the outputs are called.
    model : str
        Whose effects these are.
    n_rows : int
        Rows that they are taken from.
    rounding : float
        What rounding alone may bend a curve by: 1e-9 of the largest prediction.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import effects
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> found = effects(LinearRegression().fit(X, 2 * X["a"] - X["b"]), X)
    >>> found.columns
    ['a', 'b']
    >>> found["a"].heterogeneity.round(6).tolist()
    [0.0]
    >>> found.sentences()
    ['a: rises from −0.5 at 0 to 5.5 at 3', 'b: falls from 3 at 0 to 2 at 1']
    >>> found.lines()[0]
    'LinearRegression · partial dependence on 4 rows'
    >>> found.to_frame()[["column", "label", "value"]].tail(2).round(6).to_numpy().tolist()
    [['b', '0', 3.0], ['b', '1', 2.0]]
    >>> found.to_json()[:30]
    '{"schema": "candor.effects/1",'
    >>> chart = found.plot("curve", column="b")
    >>> found.page().title
    'How LinearRegression reacts'
    >>> found.report(tempfile.mkdtemp() + "/effects.html").name
    'effects.html'
    """

    schema: ClassVar[str] = "candor.effects/1"

    effects: tuple[Effect, ...]
    regions: tuple[Regions, ...]
    kind: Kind
    scale: Scale
    unit: str
    outputs: tuple[str, ...]
    model: str
    n_rows: int
    rounding: float = 0.0

    def __getitem__(self, column: str) -> Effect:
        """Return the effect of one column."""
        for effect in self.effects:
            if effect.column == column:
                return effect
        raise ArgumentError(f"there is no effect of {column!r}", got=listed(self.columns))

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(effect.column) for effect in self.effects]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per column, point and output.

        Returns
        -------
        DataFrame
            Columns: column, kind, position, label, share (of rows), output, value, low, high
            (95 % by default), spread.
        """
        frame = pd.concat([one.to_frame() for one in self.effects], ignore_index=True)
        frame["output"] = [self.outputs[place] for place in frame["output"]]
        return frame

    def sentences(self) -> list[str]:
        """Return one sentence for each column.

        Returns
        -------
        list of str
            How the prediction goes from the lowest to the highest value, or between levels.
        """
        return [_sentence(one, self.scale, self.outputs, self.rounding) for one in self.effects]

    def lines(self) -> list[str]:
        """Return what the effects say.

        Returns
        -------
        list of str
            A heading and a line a column; where rows disagree, what they disagree by.
        """
        head = f"{self.model} · {NAMES[self.kind]} on {plural(self.n_rows, 'row')}"
        return [
            head,
            *self.sentences(),
            *(_region_sentence(one) for one in self.regions),
        ]

    def page(self) -> Page:
        """Return the effects as a page.

        Returns
        -------
        candor.report.Page
            A picture and a sentence for each column.
        """
        blocks: list[Block] = []
        for effect, said in zip(self.effects, self.sentences(), strict=True):
            chart = self._curve(column=str(effect.column))
            blocks.append(as_block(chart, said, said))
        blocks += [Text(_region_sentence(one)) for one in self.regions]
        section = Section(
            "Effects", f"{plural(len(self.effects), 'column')}.", tuple(blocks), METHOD
        )
        return Page(
            f"How {short(self.model)} reacts", (Answer(self.lines()[0], "Effects"),), (section,)
        )

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "kind": self.kind,
            "scale": self.scale,
            "unit": self.unit,
            "n_rows": self.n_rows,
            "effects": self.to_frame(),
            "heterogeneity": {str(one.column): one.heterogeneity for one in self.effects},
            "regions": [one.to_frame() for one in self.regions],
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"curve": self._curve}

    def _curve(self, *, column: str | None = None, output: str | None = None) -> alt.LayerChart:
        """Draw one column's effect; of several outputs the one that moves most."""
        effect = self.effects[0] if column is None else self[column]
        place = self._place(effect, output)
        frame = effect.to_frame()
        frame = frame[frame["output"] == place]
        single = None
        if effect.individual is not None:
            shown = effect.individual[:50, :, place]
            single = pd.DataFrame(
                {
                    "position": np.tile(effect.positions, len(shown)),
                    "value": shown.ravel(),
                    "row": np.repeat(np.arange(len(shown)), shown.shape[1]),
                }
            )
        unit = in_unit(self.outputs[place], self.unit)
        return effect_curve(
            frame, axis=effect.axis, column=str(effect.column), unit=unit, single=single
        )

    def _place(self, effect: Effect, output: str | None) -> int:
        if output is None:
            return int(np.argmax(np.ptp(effect.values, axis=0)))
        if output not in self.outputs:
            raise ArgumentError(f"there is no output {output!r}", got=listed(self.outputs))
        return self.outputs.index(output)


METHOD = (
    "Partial dependence at a value: the mean prediction over the rows with the column set to it "
    "(Friedman 2001). Individual curves are those of single rows (Goldstein et al. 2015). "
    "Accumulated local effects add up mean differences between neighbouring values of rows that "
    "lie there, so that correlated columns are not taken apart (Apley and Zhu 2020). Bands are "
    "95 % intervals over rows."
)


def _sentence(effect: Effect, scale: Scale, outputs: tuple[str, ...], rounding: float) -> str:
    """Say how one effect goes; a curve that only rounding bends has no effect."""
    place = int(np.argmax(np.ptp(effect.values, axis=0)))
    values = effect.values[:, place]
    name = short(effect.column)
    of = f" (class {short(outputs[place])})" if len(outputs) > 1 else ""
    if effect.note:
        return f"{name}: {effect.note}"
    if np.ptp(values) <= rounding:
        return f"{name}{of}: no effect"
    # Centred curves are differences from a mean, no predictions.
    write = amount if effect.centred else level
    top, bottom = int(np.argmax(values)), int(np.argmin(values))
    high, low = write(values[top], scale), write(values[bottom], scale)
    if effect.axis == "category":
        return (
            f"{name}{of}: from {low} at {_place_text(effect, bottom)} to {high} at "
            f"{_place_text(effect, top)}"
        )
    known = np.flatnonzero(np.isfinite(effect.positions))
    steps = np.diff(values[known])
    size = float(np.abs(steps).sum())
    drift = float(steps.sum()) / size if size > 0 else 0.0
    start, end = (_place_text(effect, known[place_]) for place_ in (0, -1))
    if abs(drift) > 0.8:
        word = "rises" if drift > 0 else "falls"
        first, last = (write(values[known[place_]], scale) for place_ in (0, -1))
        return f"{name}{of}: {word} from {first} at {start} to {last} at {end}"
    return (
        f"{name}{of}: between {low} at {_place_text(effect, bottom)} and {high} at "
        f"{_place_text(effect, top)}, not in one direction"
    )


def _place_text(effect: Effect, place: int) -> str:
    """Write where on its axis a point lies; large numbers as anywhere else."""
    at = float(effect.positions[place])
    if effect.axis == "number" and abs(at) >= MARKED and at == round(at):
        return whole(round(at))
    text = short(effect.labels[place])
    return text.replace("-", "−", 1) if effect.axis == "number" and at < 0 else text


def _region_sentence(found: Regions) -> str:
    """Say by what rows disagree on a column."""
    return (
        f"{short(found.effect.column)} acts differently where {found.inside.condition} "
        f"({plural(found.inside.n_rows, 'row')}) and elsewhere: telling them apart takes "
        f"{100 * found.reduction:.0f} % off the disagreement of single curves"
    )
