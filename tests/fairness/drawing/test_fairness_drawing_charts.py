"""Charts follow Vega-Lite's schema, draw every mark, and survive any name."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import pytest
import vl_convert

from candor.report.specs import spec_json
from fairness import drawing
from fairness.drawing import palette

NAMES = (
    "a.b[0]",
    "c['d']",
    '"e"',
    "</script><script>x()</script>",
    "f\\g\nh",
    "مجموعة 👩🏽\u200d🚀",
)
"""Groups with names that mean something to a browser or to Vega."""

ATTRIBUTE = "race.x['y'] </script>"
METRIC = "fpr"
XS = (0.1, 0.5, 0.9)


def by_group() -> pd.DataFrame:
    states = ["estimable", "weak", "not estimable", "undefined", "estimable", "weak"]
    value = [0.2, 0.4, 0.1, math.nan, 0.3, 0.5]
    frame = pd.DataFrame({"group": NAMES, "state": states, "value": value, "n": 50})
    ends = {"low": frame["value"] - 0.1, "high": frame["value"] + 0.1}
    frame = frame.assign(
        attribute=ATTRIBUTE, metric=METRIC, denominator=40, method="exact", **ends
    )
    shrunk = {f"shrunk{end}": frame[of] * 0.9 for end, of in
              (("", "value"), ("_low", "low"), ("_high", "high"))}  # fmt: skip
    whole = frame.iloc[[0]].assign(attribute="(all)", group="(all)", value=0.33)
    return pd.concat([frame.assign(**shrunk), whole], ignore_index=True)


def disparities() -> pd.DataFrame:
    verdicts = ["beyond", "within", "not enough data"] * 2
    rows = pd.DataFrame({"group": NAMES, "reference": NAMES[::-1], "verdict": verdicts})
    return pd.concat(
        [
            rows.assign(kind="difference", value=0.2, low=-0.05, high=0.3, tolerance=0.1),
            rows.assign(kind="ratio", value=0.7, low=0.6, high=math.inf, tolerance=0.8),
        ]
    ).assign(attribute=ATTRIBUTE, metric=METRIC, family="declared")


def lines() -> pd.DataFrame:
    rows = [
        {"attribute": ATTRIBUTE, "metric": METRIC, "group": name, "n": 9, "value": x,
         "low": x - 0.1, "high": x + 0.1, "threshold": x, "score": x, "position": x}
        for name in NAMES
        for x in XS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def curve() -> pd.DataFrame:
    return lines().iloc[: len(XS)].drop(columns="group")


CHARTS: dict[str, tuple[Callable[[], alt.LayerChart], dict[str, int]]] = {
    "groups": (
        lambda: drawing.groups_chart(by_group(), METRIC, ATTRIBUTE),
        {"symbol": 5, "rule": 1 + 5, "text": 1},
    ),
    "differences": (
        lambda: drawing.disparities_chart(disparities()),
        {"rect": 6, "symbol": 6, "rule": 1 + 6},
    ),
    "ratios": (
        lambda: drawing.disparities_chart(disparities(), kind="ratio"),
        {"rect": 6, "symbol": 6 + 6, "rule": 1 + 6},
    ),
    "sweep": (lambda: drawing.sweep_chart(lines(), ATTRIBUTE, METRIC), {"area": 6, "line": 6}),
    "calibration": (
        lambda: drawing.calibration_chart(lines(), ATTRIBUTE),
        {"line": 1 + 6, "rule": 18, "symbol": 18},
    ),
    "curve": (
        lambda: drawing.curve_chart(curve(), ATTRIBUTE, METRIC),
        {"area": 1, "line": 1, "symbol": 3},
    ),
    "shrunk": (
        lambda: drawing.shrunk_chart(by_group(), ATTRIBUTE, METRIC),
        {"symbol": 10, "rule": 10},
    ),
}
"""Each chart with how many marks of each kind it has to draw."""

every_chart = pytest.mark.parametrize("name", CHARTS)


@every_chart
def test_every_mark_is_drawn(name: str) -> None:
    make, expected = CHARTS[name]
    assert drawn_marks(vl_convert.vegalite_to_svg(make().to_dict())) == expected


def drawn_marks(svg: str) -> dict[str, int]:
    """Count the marks of the plot itself; axes and legends have a role of their own."""
    counts: dict[str, int] = {}
    for group in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"):
        kind = re.fullmatch(r"mark-(\w+) role-mark( \S+)?", group.get("class", ""))
        if kind:
            shown = [mark for mark in group if mark.get("d") != "" and not is_invisible(mark)]
            counts[kind[1]] = counts.get(kind[1], 0) + len(shown)
    return counts


def is_invisible(mark: ElementTree.Element) -> bool:
    return mark.get("opacity") == "0" or mark.get("visibility") == "hidden"


@every_chart
def test_it_follows_the_schema_and_says_itself_in_words(name: str) -> None:
    spec = CHARTS[name][0]().to_dict(validate=True)
    assert any(part in spec["description"] for part in NAMES) or name == "curve"
    alt.Chart.from_dict(spec)


@every_chart
def test_no_name_from_the_data_is_a_field(name: str) -> None:
    spec = CHARTS[name][0]().to_dict()
    fields = set(found(spec["layer"], "field"))
    assert fields
    assert all(re.fullmatch("[a-z]+", field) for field in fields)


def found(part: Any, key: str) -> list[Any]:
    if not isinstance(part, dict | list):
        return []
    inside = part.values() if isinstance(part, dict) else part
    here = [part[key]] if isinstance(part, dict) and key in part else []
    return here + [each for inner in inside for each in found(inner, key)]


@every_chart
def test_it_is_deterministic_and_fit_for_a_page(name: str) -> None:
    make = CHARTS[name][0]
    written = spec_json(make().to_dict())
    assert spec_json(make().to_dict()) == written
    assert "</script" not in written
    assert "NaN" not in written
    assert json.loads(written)["width"] == "container"


def far_from_zero() -> pd.DataFrame:
    rows = lines()[::3].assign(state="weak", denominator=9)
    ends = {f"{name}{end}": value for name in ("", "shrunk_")
            for end, value in (("low", 0.65), ("high", 0.8))}  # fmt: skip
    return rows.assign(value=0.7, shrunk=0.7, **ends)


@pytest.mark.parametrize(
    "make",
    [
        *(make for make, _ in CHARTS.values()),
        lambda: drawing.groups_chart(far_from_zero(), METRIC, ATTRIBUTE),
        lambda: drawing.shrunk_chart(far_from_zero(), ATTRIBUTE, METRIC),
    ],
)
def test_axes_end_where_they_were_meant_to(make: Callable[[], alt.LayerChart]) -> None:
    """Another layer's wish for a zero must not stretch them."""
    spec = make().to_dict()
    scales = [scale for scale in found(spec["layer"], "scale") if scale and "nice" in scale]
    compiled = [
        scale for scale in vl_convert.vegalite_to_vega(spec)["scales"] if scale["type"] == "linear"
    ]
    assert ends(compiled) == ends(scales)
    assert not any(scale["zero"] or scale["nice"] for scale in compiled)


def ends(scales: list[dict[str, Any]]) -> set[tuple[float, ...]]:
    return {tuple(map(float, scale["domain"])) for scale in scales}


def test_names_are_shown_as_they_are() -> None:
    svg = vl_convert.vegalite_to_svg(CHARTS["groups"][0]().to_dict())
    shown = "".join(ElementTree.fromstring(svg).itertext())
    assert all(" ".join(name.split()) in shown for name in NAMES)


def test_no_row_limit_and_no_change_of_altair() -> None:
    before = (alt.data_transformers.active, dict(alt.data_transformers.options))
    points = pd.DataFrame({"threshold": [at / 6000 for at in range(6001)]})
    points = points.assign(attribute="a", group="g", metric="fpr", value=0.5, low=0.4, high=0.6)
    spec = drawing.sweep_chart(points, "a", "fpr").to_dict()
    assert max(map(len, spec["datasets"].values())) == 6001
    assert (alt.data_transformers.active, dict(alt.data_transformers.options)) == before


def test_nothing_but_undefined_groups_still_makes_a_chart() -> None:
    frame = by_group().iloc[[3]]
    svg = vl_convert.vegalite_to_svg(drawing.groups_chart(frame, METRIC, ATTRIBUTE).to_dict())
    assert "undefined" in svg


def test_a_note_is_shown_above_the_plot() -> None:
    frame = pd.concat([by_group().iloc[[0]]] * 41, ignore_index=True)
    frame["group"] = [f"g{at}" for at in range(41)]
    svg = vl_convert.vegalite_to_svg(drawing.groups_chart(frame, METRIC, ATTRIBUTE).to_dict())
    assert "The 40 largest of 41 groups" in svg


def test_colours_stand_out_on_light_and_on_dark_paper() -> None:
    """WCAG 2.2, 1.4.11: at least 3 to 1 for what has to be seen to understand a picture."""
    for colour in (*palette.SERIES, *(look[0] for look in palette.VERDICTS.values())):
        assert contrast(colour, "#fdfdfb") >= 3
        assert contrast(colour, "#15171a") >= 3


def contrast(one: str, other: str) -> float:
    bright, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_two_series_look_alike_without_colour() -> None:
    assert len(set(palette.SHAPES)) == len(palette.SERIES) == len(set(palette.SERIES))
    for looks in (palette.STATES, palette.VERDICTS, palette.ESTIMATES):
        assert len({shape for _, shape in looks.values()}) == len(looks)
    assert len(set(palette.DASHES)) == len(palette.SERIES)


def test_a_block_holds_the_specification() -> None:
    chart = CHARTS["curve"][0]()
    block = drawing.as_block(chart, "Caption", "Words")
    assert (block.spec, block.caption, block.alt) == (chart.to_dict(), "Caption", "Words")


def test_drawing_loads_altair_only_when_it_draws() -> None:
    import subprocess
    import sys
    from pathlib import Path

    probe = "import sys, fairness.drawing; sys.exit('altair' in sys.modules)"
    root = Path(drawing.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", probe], cwd=root, check=False).returncode == 0
