"""Every chart of an audit in a real browser, on a phone and on a wide screen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from candor.report import Page, Section, write_html
from fairness import drawing

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SETTLED = "html.settled"
OVERALL = (0.35, 0.4, 0.45)
NAMES = ("A group with quite a long name", "b", "c", "d", "e")


def frame() -> pd.DataFrame:
    """Return one frame that has the columns of all."""
    verdicts = ["beyond", "within", "not enough data", "beyond", "within"]
    states = ["estimable", "weak", "not estimable", "weak", "estimable"]
    rows = [
        {"attribute": "race", "metric": "fpr", "kind": "difference", "family": "declared",
         "group": name, "reference": NAMES[at - 1], "verdict": verdicts[at], "state": states[at],
         "n": 900, "denominator": 400, "tolerance": 0.1, "threshold": x, "score": x,
         "position": x, "value": x * 0.8, "low": x * 0.7, "high": x * 0.9, "shrunk": x * 0.75,
         "shrunk_low": x * 0.7, "shrunk_high": x * 0.8}
        for at, name in enumerate(NAMES)
        for x in (0.2, 0.5, 0.8)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def overall(value: float) -> pd.DataFrame:
    return pd.DataFrame({"attribute": ["(all)"], "metric": ["fpr"], "value": [value]})


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = frame()
    one_each = rows[rows["threshold"] == 0.5]
    one_line = rows[rows["group"] == "b"]
    charts = (
        *(drawing.groups_chart(one_each, "fpr", "race", overall=overall(at)) for at in OVERALL),
        drawing.disparities_chart(one_each),
        drawing.sweep_chart(rows, "race", "fpr"),
        drawing.calibration_chart(rows, "race"),
        drawing.curve_chart(one_line, "race", "fpr"),
        drawing.shrunk_chart(one_each, "race", "fpr"),
    )
    blocks = tuple(drawing.as_block(chart, "Caption", "Words") for chart in charts)
    page = Page("Charts", (), (Section("All", "All of them.", blocks),))
    return write_html(page, tmp_path_factory.mktemp("page") / "charts.html")


@pytest.mark.parametrize("width", [390, 1280])
def test_charts_are_drawn_whole(page_file: Path, width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on the path")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    said: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=sandbox)
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(page_file.as_uri())
        page.wait_for_selector(SETTLED)
        legends, outside = page.evaluate(OUTSIDE)
        page.set_viewport_size({"width": width, "height": 600})
        page.wait_for_timeout(60)
        still_outside = page.evaluate(OUTSIDE)[1]
        browser.close()
    assert said == []
    assert legends == 7
    assert outside == still_outside == []


OUTSIDE: Any = """() => {
    const outside = [];
    for (const svg of document.querySelectorAll('.chart svg')) {
        const frame = svg.getBoundingClientRect();
        for (const part of svg.querySelectorAll('text, .role-legend-symbol path')) {
            const box = part.getBoundingClientRect();
            const apart = box.left < frame.left - 1 || box.right > frame.right + 1
                || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            if (apart && box.width) outside.push(part.textContent || 'symbol');
        }
    }
    return [document.querySelectorAll('.role-legend').length, outside];
}"""
"""Counts legends, and names texts and symbols that are cut off by the edge of their picture."""
