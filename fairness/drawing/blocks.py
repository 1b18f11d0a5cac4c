"""From a chart to a block of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.report.values import Chart

if TYPE_CHECKING:
    import altair as alt


def as_block(chart: alt.Chart | alt.LayerChart, caption: str, alt: str) -> Chart:
    """Return a chart as a block of a page.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
        The chart, its data inside it.
    caption : str
        What it shows, with its main point.
    alt : str
        The same for those who cannot see it, such as the functions ``…_alt`` return.

    Returns
    -------
    candor.report.Chart
        The block.

    Examples
    --------
    >>> import altair
    >>> bars = altair.Chart(altair.Data(values=[{"x": 1}])).mark_bar().encode(x="x:Q")
    >>> as_block(bars, "One bar", "A bar that ends at 1").spec["mark"]
    {'type': 'bar'}
    """
    return Chart(chart.to_dict(), caption, alt)
