"""A real browser opens the page offline: it draws every chart, asks for nothing, runs nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from candor.report import Page, write_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
DRAWN = "document.querySelectorAll('.chart').length === document.querySelectorAll('.drawn').length"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on the path")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=sandbox)
        yield started
        started.close()


class Visit:
    """A page that is open, with everything that it asked for and complained about."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(file.as_uri())

    def hear(self, message: Any) -> None:
        """Keep errors; Vega-Lite's warnings are about this chart's way of giving its height."""
        if message.type == "error":
            self.said.append(message.text)


@pytest.fixture(scope="module")
def hostile_file(hostile_page: Page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_html(hostile_page, tmp_path_factory.mktemp("page") / "hostile.html")


@pytest.fixture(scope="module")
def plain_file(plain_page: Page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_html(plain_page, tmp_path_factory.mktemp("page") / "plain.html")


@pytest.fixture(scope="module", params=[(390, "light"), (1280, "dark")], ids=str)
def visit(request: pytest.FixtureRequest, browser: Any, hostile_file: Path) -> Iterator[Visit]:
    width, scheme = request.param
    size = {"width": width, "height": 800}
    opened = Visit(browser, hostile_file, viewport=size, color_scheme=scheme)
    opened.page.wait_for_function(DRAWN)
    yield opened
    opened.context.close()


def test_nothing_is_asked_of_anybody(visit: Visit) -> None:
    assert [url for url in visit.asked if not url.startswith("file:")] == []
    assert len(visit.asked) == 1


def test_nothing_is_complained_about(visit: Visit) -> None:
    assert visit.said == []


def test_hostile_strings_run_nothing(visit: Visit) -> None:
    bar = visit.page.locator(".chart svg .mark-rect path").first
    bar.scroll_into_view_if_needed()
    bar.hover()
    visit.page.wait_for_selector("#vg-tooltip-element.visible")
    assert visit.page.evaluate("window.__hacked") is None
    assert visit.page.evaluate("document.images.length") == 0


def test_every_chart_is_drawn_with_all_its_marks(visit: Visit, hostile: tuple[str, ...]) -> None:
    bars = visit.page.evaluate(
        "[...document.querySelectorAll('figure')].map("
        "(figure) => figure.querySelectorAll('svg .mark-rect path').length)"
    )
    assert bars == [len(hostile)] * len(hostile)


def test_the_page_is_no_wider_than_the_screen(visit: Visit) -> None:
    wide, screen = visit.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide == screen


def test_plots_keep_to_their_figure(visit: Visit) -> None:
    assert visit.page.evaluate(
        "[...document.querySelectorAll('.chart')].every("
        "(chart) => chart.scrollWidth <= chart.clientWidth)"
    )


def test_text_has_enough_contrast(visit: Visit) -> None:
    pairs = visit.page.evaluate(
        """() => [...document.querySelectorAll('h1, p, td, th, a, summary, button, svg text')]
            .filter((each) => each.checkVisibility())
            .map((each) => [getComputedStyle(each), each.closest('svg') !== null])
            .map(([style, drawn]) => [drawn ? style.fill : style.color,
                                      getComputedStyle(document.body).backgroundColor])"""
    )
    assert len(pairs) > 100
    assert min(contrast(*pair) for pair in {tuple(pair) for pair in pairs}) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2, success criterion 1.4.3, of two colours "rgb(r, g, b)"."""
    bright, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture
def plain(browser: Any, plain_file: Path) -> Iterator[Any]:
    opened = Visit(browser, plain_file)
    yield opened.page
    opened.context.close()


def column(page: Any, place: str, at: int) -> list[str]:
    found: list[str] = page.evaluate(
        "([place, at]) => [...document.querySelectorAll(`#${place} tbody tr`)]"
        ".filter((row) => row.checkVisibility()).map((row) => row.cells[at].textContent)",
        [place, at],
    )
    return found


def test_a_long_table_unfolds(plain: Any) -> None:
    assert len(column(plain, "s2-b1", 0)) == 20
    plain.get_by_role("button", name="Show all 50 rows").click()
    assert len(column(plain, "s2-b1", 0)) == 50
    plain.get_by_role("button", name="Show the first 20 rows").click()
    assert len(column(plain, "s2-b1", 0)) == 20


def test_a_table_is_sorted_by_keyboard(plain: Any) -> None:
    head = plain.locator("#s2-b1 thead th").first
    head.get_by_role("button").focus()
    plain.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    plain.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert column(plain, "s2-b1", 0)[:2] == ["49", "48"]
    assert len(column(plain, "s2-b1", 0)) == 20
    plain.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert column(plain, "s2-b1", 0)[:2] == ["0", "1"]


def test_missing_values_stay_last(plain: Any) -> None:
    button = plain.locator("#s1-b2 thead th").nth(1).get_by_role("button")
    button.click()
    assert column(plain, "s1-b2", 0) == ["b", "a", "–"]
    button.click()
    assert column(plain, "s1-b2", 0) == ["a", "b", "–"]


def test_the_first_stop_leads_past_the_contents(plain: Any) -> None:
    plain.keyboard.press("Tab")
    assert plain.evaluate("document.activeElement.textContent") == "Skip to the answers"
    plain.keyboard.press("Enter")
    assert plain.evaluate("document.activeElement.id") == "answers"


def test_without_scripts_words_stand_for_charts(browser: Any, hostile_file: Path) -> None:
    opened = Visit(browser, hostile_file, java_script_enabled=False)
    assert opened.page.locator(".instead").first.is_visible()
    assert opened.page.locator("#s1-b2 tbody tr").last.is_visible()
    opened.context.close()


def test_paper_shows_what_is_folded_and_keeps_charts_whole(plain: Any) -> None:
    plain.wait_for_function(DRAWN)
    assert plain.pdf().startswith(b"%PDF")
    plain.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert plain.locator("details[open]").count() == plain.locator("details").count() == 1
    plain.evaluate("dispatchEvent(new Event('afterprint'))")
    assert plain.locator("details[open]").count() == 0
    plain.emulate_media(media="print")
    assert plain.locator(".chart svg").is_visible()
    assert not plain.locator("nav").is_visible()
