"""From a chart to a block of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.report import Chart

if TYPE_CHECKING:
    import altair as alt


def as_block(chart: alt.TopLevelMixin, caption: str, alt_text: str) -> Chart:
    """Return a chart as a block that fills the width of its page.

    Parameters
    ----------
    chart : altair chart
        With its data inside.
    caption : str
        What it shows.
    alt_text : str
        The same for those who cannot see it.
    """
    spec = chart.to_dict()
    if "width" in spec:
        spec["width"] = "container"
    return Chart(spec, caption, alt_text)
