"""Disparities with intervals beside what is tolerated: a forest plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from fairness.drawing import plotting, reading
from fairness.drawing.palette import VERDICTS
from fairness.drawing.words import metric_label, number

if TYPE_CHECKING:
    import altair as alt

Kind = Literal["difference", "ratio"]


@dataclass(frozen=True)
class DisparityRow:
    """One disparity; `label` says what is compared and, on a second line, whom."""

    label: str
    attribute: str
    metric: str
    pair: str
    value: float
    low: float
    high: float
    tolerated: tuple[float, float]
    verdict: str


@dataclass(frozen=True)
class DisparitiesInfo:
    """What the chart shows; `ends` are those of its axis, `parity` the value of no disparity."""

    kind: Kind
    rows: tuple[DisparityRow, ...]
    ends: tuple[float, float]
    parity: float
    note: str


def disparities_info(disparities: pd.DataFrame, *, kind: Kind = "difference") -> DisparitiesInfo:
    """Read the disparities of one kind; parameters as of `disparities_chart`."""
    frame = reading.chosen(disparities, kind=kind)
    frame, note = _foremost(frame)
    rows = _rows(frame, kind)
    parity = 0.0 if kind == "difference" else 1.0
    return DisparitiesInfo(kind, rows, _ends(rows, kind, parity), parity, note)


def _foremost(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Keep what matters most where there are too many: declared first, then by verdict."""
    if len(frame) <= reading.MOST_ROWS:
        return frame, ""
    verdicts = list(VERDICTS)
    rank = pd.DataFrame(
        {
            "family": (frame["family"] != "declared").to_numpy(),
            "verdict": [verdicts.index(str(verdict)) for verdict in frame["verdict"]],
        }
    ).sort_values(["family", "verdict"], kind="stable")
    kept = sorted(rank.index[: reading.MOST_ROWS])
    note = (
        f"{len(kept)} of {len(frame):,} comparisons, declared ones and those beyond the "
        "tolerance first; the table has all."
    )
    return frame.iloc[kept], note


def _rows(frame: pd.DataFrame, kind: Kind) -> tuple[DisparityRow, ...]:
    names = reading.texts(frame, ("attribute", "metric", "group", "reference", "verdict"))
    numbers = reading.floats(frame, ("value", "low", "high", "tolerance"))
    labels = reading.distinct(
        _row_label(attribute, metric, _pair(group, reference) or verdict)
        for attribute, metric, group, reference, verdict in names
    )
    return tuple(
        DisparityRow(
            label, attribute, metric, _pair(group, reference), value, low, high,
            _tolerated(tolerance, kind), verdict,
        )
        for label, (attribute, metric, group, reference, verdict), (value, low, high, tolerance)
        in zip(labels, names, numbers, strict=True)
    )  # fmt: skip


def _row_label(attribute: str, metric: str, below: str) -> str:
    return f"{reading.one_line(attribute)} · {reading.one_line(metric_label(metric))}\n{below}"


def _pair(group: str, reference: str) -> str:
    group, reference = reading.one_line(group), reading.one_line(reference)
    return f"{group} vs {reference}" if group and reference else ""


def _tolerated(tolerance: float, kind: Kind) -> tuple[float, float]:
    """Return what lies within a tolerance: ± a difference, or a ratio and its inverse."""
    if kind == "difference":
        return -tolerance, tolerance
    return tolerance, 1 / tolerance if tolerance > 0 else math.inf


def _ends(rows: tuple[DisparityRow, ...], kind: Kind, parity: float) -> tuple[float, float]:
    """Return the ends of the axis; an interval of a ratio may go on without an end."""
    values = [row.value for row in rows if math.isfinite(row.value)]
    edges = [edge for row in rows for edge in row.tolerated if math.isfinite(edge)]
    if kind == "difference" and all(row.low >= 0 for row in rows if not math.isnan(row.low)):
        edges = [max(edge, 0.0) for edge in edges]
    reach = 2 * max([*values, *edges, parity]) if kind == "ratio" else math.inf
    ends = [min(end, reach) for row in rows for end in (row.low, row.high)]
    limits = (0.0, math.inf) if kind == "ratio" else (-math.inf, math.inf)
    return reading.domain([*values, *edges, *ends, parity], limits)


def disparities_chart(disparities: pd.DataFrame, *, kind: Kind = "difference") -> alt.LayerChart:
    """Draw disparities with intervals, what is tolerated shaded behind them.

    Parameters
    ----------
    disparities : DataFrame
        One row for each disparity: attribute, metric, kind, group, reference, value, low, high,
        tolerance, verdict, family.
    kind : {"difference", "ratio"}, default "difference"
        Which of them to draw.

    Returns
    -------
    altair.LayerChart
        One row for each disparity, in the order of the frame. Colour and shape say the verdict.
        An interval that leaves the plot ends in an arrow. Of more
        than 40 disparities 40 are drawn, declared ones and those beyond the tolerance first.

    Raises
    ------
    ArgumentError
        If the frame has no disparities of that kind.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "metric": ["fpr"],
    ...         "kind": "difference",
    ...         "group": "m",
    ...         "reference": "f",
    ...         "value": 0.21,
    ...         "low": 0.18,
    ...         "high": 0.25,
    ...         "tolerance": 0.1,
    ...         "verdict": "beyond",
    ...         "family": "declared",
    ...     }
    ... )
    >>> chart = disparities_chart(frame)
    >>> len(chart.layer)
    4
    """
    return draw_disparities(disparities_info(disparities, kind=kind))


def disparities_alt(disparities: pd.DataFrame, *, kind: Kind = "difference") -> str:
    """Say what `disparities_chart` shows.

    Parameters
    ----------
    disparities : DataFrame
        As for `disparities_chart`.
    kind : {"difference", "ratio"}, default "difference"
        Which of them to tell.

    Returns
    -------
    str
        A sentence for each verdict, with the numbers.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "metric": ["fpr"],
    ...         "kind": "difference",
    ...         "group": "m",
    ...         "reference": "f",
    ...         "value": 0.21,
    ...         "low": 0.18,
    ...         "high": 0.25,
    ...         "tolerance": 0.1,
    ...         "verdict": "beyond",
    ...         "family": "declared",
    ...     }
    ... )
    >>> disparities_alt(frame)
    'Differences. Beyond the tolerance: sex, False positive rate, m vs f 0.210 (0.180 to 0.250).'
    """
    return told_disparities(disparities_info(disparities, kind=kind))


_SAID = {
    "beyond": "Beyond the tolerance",
    "within": "Within the tolerance",
    "not enough data": "Not enough data",
}


def told_disparities(info: DisparitiesInfo) -> str:
    """Say verdict by verdict what a forest plot shows."""
    sentences = [f"{info.kind.capitalize()}s."]
    for verdict, said in _SAID.items():
        rows = [row for row in info.rows if row.verdict == verdict]
        if rows:
            sentences.append(f"{said}: {'; '.join(map(_told, rows))}.")
    return " ".join(filter(None, [*sentences, info.note]))


def _told(row: DisparityRow) -> str:
    value = "" if math.isnan(row.value) else f" {_text(row)}"
    pair = f", {row.pair}" if row.pair else ""
    return f"{row.attribute}, {metric_label(row.metric)}{pair}{value}"


def _text(row: DisparityRow) -> str:
    return f"{number(row.value)} ({number(row.low)} to {number(row.high)})"


def draw_disparities(info: DisparitiesInfo) -> alt.LayerChart:
    """Draw what was read."""
    import altair as alt

    labels = [row.label for row in info.rows]
    present = {row.verdict for row in info.rows if not math.isnan(row.value)}
    colour = plotting.colours("verdict", VERDICTS, present)
    title = "Difference" if info.kind == "difference" else "Ratio"
    base = alt.Chart(plotting.inline([_record(row, info.ends) for row in info.rows])).encode(
        y=plotting.row_axis(labels, padding=0),
        tooltip=plotting.tooltips(
            name="compared",
            pair="groups",
            text=info.kind,
            tolerance="tolerated",
            verdict="verdict",
        ),
    )
    band = base.mark_bar(color="#808080", opacity=0.16).encode(
        x=plotting.value_axis("from", title, info.ends), x2="to:Q"
    )
    interval = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="value:Q", color=colour, shape=plotting.shapes("verdict", VERDICTS, present)
    )
    parity = alt.Chart(plotting.inline([{"value": info.parity}]))
    line = parity.mark_rule(color="#808080").encode(x="value:Q")
    layers = [band, line, interval, point, *_arrows(info, base, colour)]
    return plotting.finished(
        layers, told_disparities(info), info.note, plotting.ROW_HEIGHT * len(info.rows)
    )


def _arrows(info: DisparitiesInfo, base: alt.Chart, colour: alt.Color) -> list[alt.Chart]:
    """Draw an arrow where an interval goes on beyond the plot."""
    if all(row.high <= info.ends[1] for row in info.rows if not math.isnan(row.high)):
        return []
    arrow = base.mark_point(shape="triangle-right", filled=True, size=60, opacity=1)
    return [arrow.encode(x="beyond:Q", color=colour)]


def _record(row: DisparityRow, ends: tuple[float, float]) -> plotting.Record:
    low, high = row.tolerated
    return {
        "row": row.label,
        "name": f"{row.attribute} · {metric_label(row.metric)}",
        "pair": row.pair or "–",
        "value": row.value,
        "low": reading.clamp(row.low, ends),
        "high": reading.clamp(row.high, ends),
        "beyond": ends[1] if row.high > ends[1] else math.nan,
        "from": reading.clamp(low, ends),
        "to": reading.clamp(high, ends),
        "tolerance": f"{number(low)} to {number(high)}",
        "text": "–" if math.isnan(row.value) else _text(row),
        "verdict": row.verdict,
    }
