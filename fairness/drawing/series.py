"""Lines of several groups over one number: what sweeps and calibration have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from fairness.drawing import plotting, reading
from fairness.drawing.palette import DASHES, SERIES, SHAPES
from fairness.drawing.words import number

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Point:
    """One point of a line with its interval; `n` is 0 where the frame does not tell it."""

    x: float
    value: float
    low: float
    high: float
    n: int = 0


@dataclass(frozen=True)
class Line:
    """One group, its points in ascending order of x."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class LinesInfo:
    """What a chart of lines shows; `horizontal` and `vertical` are the ends of its axes."""

    attribute: str
    label: str
    x_label: str
    lines: tuple[Line, ...]
    horizontal: tuple[float, float]
    vertical: tuple[float, float]
    share: bool
    note: str


def read_lines(frame: pd.DataFrame, x: str) -> tuple[tuple[Line, ...], str]:
    """Return a line for each group: of more than eight the eight with the most rows.

    Without a column n the first eight are kept.
    """
    names = frame["group"].astype(str)
    sizes = frame["n"].groupby(names).sum() if "n" in frame else names.groupby(names).size() * 0
    order = list(dict.fromkeys(names))
    kept = set(sorted(order, key=lambda name: -float(sizes[name]))[: reading.MOST_SERIES])
    which = "largest" if "n" in frame else "first"
    note = (
        f"The {which} {reading.MOST_SERIES} of {len(order):,} groups; the table has all."
        if len(order) > reading.MOST_SERIES
        else ""
    )
    shown = reading.distinct(reading.one_line(name) for name in order)
    lines = tuple(
        Line(label, _points(frame[names == name], x))
        for name, label in zip(order, shown, strict=True)
        if name in kept
    )
    return lines, note


def _points(frame: pd.DataFrame, x: str) -> tuple[Point, ...]:
    n = frame["n"].astype(int).tolist() if "n" in frame else [0] * len(frame)
    rows = reading.floats(frame, (x, "value", "low", "high"))
    points = (
        Point(at, value, low, high, counted)
        for (at, value, low, high), counted in zip(rows, n, strict=True)
    )
    return tuple(sorted((one for one in points if math.isfinite(one.x)), key=lambda one: one.x))


def spans(
    lines: tuple[Line, ...], limits: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of both axes."""
    points = [point for line in lines for point in line.points]
    across = reading.domain(point.x for point in points)
    up = reading.domain((end for one in points for end in (one.value, one.low, one.high)), limits)
    return across, up


def ends_told(line: Line, share: bool) -> str:
    """Say where a line begins and ends."""
    known = [point for point in line.points if not math.isnan(point.value)]
    if not known:
        return f"{line.name} undefined"
    first, last = known[0], known[-1]
    values = [reading.value_text(point.value, share) for point in (first, last)]
    if first is last:
        return f"{line.name} {values[0]}"
    return f"{line.name} from {values[0]} to {values[1]}"


def records(info: LinesInfo) -> list[plotting.Record]:
    """Return every point of every line as what a chart embeds."""
    return [
        {
            "series": line.name,
            "faint": f"{hue}22",
            "soft": f"{hue}99",
            "x": point.x,
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "at": number(point.x),
            "n": f"{point.n:,}",
            "text": reading.estimate_text(point.value, point.low, point.high, info.share),
        }
        for line, hue in zip(info.lines, SERIES, strict=False)
        for point in line.points
    ]


def base_chart(info: LinesInfo, *, counted: bool) -> alt.Chart:
    """Return the axes and hover texts of lines; their points are still to be marked."""
    import altair as alt

    titles = {"series": "group", "at": info.x_label, "text": "value"}
    titles |= {"n": "rows"} if counted else {}
    vertical = alt.Axis(title=info.label, labelExpr=plotting.tick_text(info.share), tickCount=5)
    return alt.Chart(plotting.inline(records(info))).encode(
        x=plotting.value_axis("x", info.x_label, info.horizontal),
        y=alt.Y("value:Q", axis=vertical, scale=plotting.scale_of(info.vertical)),
        tooltip=plotting.tooltips(**titles),
    )


def colour(info: LinesInfo, legend: alt.Legend) -> alt.Color:
    """Return each line's colour, shown in the legend."""
    import altair as alt

    return alt.Color("series:N", scale=_scale(info, SERIES), legend=legend)


def behind(strength: Literal["faint", "soft"]) -> dict[str, alt.Color | alt.Detail]:
    """Return each line's colour for what lies behind it, without a part in the legend.

    The colour itself, see-through, is in the data: the opacity of a mark, or a second scale,
    would get into the legend.
    """
    import altair as alt

    return {"color": alt.Color(f"{strength}:N", scale=None), "detail": alt.Detail("series:N")}


def dash(info: LinesInfo, legend: alt.Legend) -> alt.StrokeDash:
    """Return each line's dash."""
    import altair as alt

    return alt.StrokeDash("series:N", scale=_scale(info, DASHES), legend=legend)


def shape(info: LinesInfo, legend: alt.Legend) -> alt.Shape:
    """Return each line's shape of points."""
    import altair as alt

    return alt.Shape("series:N", scale=_scale(info, SHAPES), legend=legend)


def _scale(info: LinesInfo, looks: Sequence[Any]) -> alt.Scale:
    import altair as alt

    names = [line.name for line in info.lines]
    return alt.Scale(domain=names, range=list(looks[: len(names)]))
