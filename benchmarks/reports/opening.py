"""A report in a headless browser: what it asks for, says and draws."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = (1280, 390)
WAITED_MS = 120_000

FIRST_PAINT = """() => performance.getEntriesByName("first-contentful-paint")
    .map((each) => Math.round(each.startTime))[0] ?? null"""

CHARTS = """() => {
    const shown = [...document.querySelectorAll(".chart")].filter((one) => one.checkVisibility());
    return [shown.filter((one) => one.querySelector("svg")).length, shown.length];
}"""

GRAVE = """async () => (await axe.run()).violations
    .filter((each) => ["serious", "critical"].includes(each.impact)).map((each) => each.id)"""


def opened(file: Path) -> dict[str, Any]:
    """Open a page offline at two widths and as paper, or say why not.

    Returns
    -------
    dict
        requests (beside the file itself), console_errors, first_paint_ms (the slowest), charts
        ("drawn/expected" by width, and of print), axe (ids of serious and critical violations, or
        why it was not asked).
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return {"browser": "skipped: no Chromium on the path"}
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return {"browser": "skipped: playwright is not installed"}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=browser, args=["--no-sandbox"] if root else []
        )
        found = [_visited(started, file, width) for width in WIDTHS]
        started.close()
    return together(found)


def _visited(browser: Any, file: Path, width: int) -> dict[str, Any]:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("html.settled", timeout=WAITED_MS)
    found = {
        "width": width,
        "paint": page.evaluate(FIRST_PAINT),
        "charts": page.evaluate(CHARTS),
        "axe": _grave(page),
    }
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_selector("html.settled", timeout=WAITED_MS)
    found["print"] = page.evaluate(CHARTS)
    context.close()
    return found | {"asked": [one for one in asked if one != file.as_uri()], "said": said}


def _grave(page: Any) -> list[str] | str:
    path = Path(os.environ.get("CANDOR_AXE", ""))
    if not path.is_file():
        return "skipped: CANDOR_AXE names no axe.min.js"
    page.evaluate(path.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(GRAVE)
    return found


def together(visits: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all visits of a page found."""
    charts = {str(one["width"]): "/".join(map(str, one["charts"])) for one in visits}
    charts["print"] = "/".join(map(str, visits[0]["print"]))
    grave = [one["axe"] for one in visits]
    skipped = next((one for one in grave if isinstance(one, str)), None)
    paints = [one["paint"] for one in visits if one["paint"] is not None]
    return {
        "requests": sum(len(one["asked"]) for one in visits),
        "console_errors": sum(len(one["said"]) for one in visits),
        "first_paint_ms": max(paints, default=None),
        "charts": charts,
        "axe": skipped or sorted({name for one in grave for name in one}),
    }
