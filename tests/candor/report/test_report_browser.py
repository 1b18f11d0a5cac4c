"""A real browser opens the page offline: it draws every chart, asks for nothing, runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from candor.report import Chart, Page, Section, Table

OpenPage = Callable[..., Any]


@pytest.fixture(scope="module", params=[(390, "light"), (1280, "dark")], ids=str)
def visit(request: pytest.FixtureRequest, open_page: OpenPage, hostile_page: Page) -> Any:
    """Return the hostile page, drawn, on a phone and on a wide screen."""
    width, scheme = request.param
    size = {"width": width, "height": 800}
    opened = open_page(hostile_page, viewport=size, color_scheme=scheme)
    opened.settle()
    return opened


def test_nothing_is_asked_of_anybody(visit: Any) -> None:
    assert [url for url in visit.asked if not url.startswith("file:")] == []
    assert len(visit.asked) == 1


def test_nothing_is_complained_about(visit: Any) -> None:
    assert visit.said == []


def test_hostile_strings_run_nothing(visit: Any) -> None:
    bar = visit.page.locator(".chart svg .mark-rect path").first
    bar.hover()
    visit.page.wait_for_selector("#vg-tooltip-element.visible")
    assert visit.page.evaluate("window.__hacked") is None
    assert visit.page.evaluate("document.images.length") == 0


def test_every_chart_is_drawn_with_all_its_marks(visit: Any, hostile: tuple[str, ...]) -> None:
    bars = visit.page.evaluate(
        "[...document.querySelectorAll('figure')].map("
        "(figure) => figure.querySelectorAll('svg .mark-rect path').length)"
    )
    assert bars == [len(hostile)] * len(hostile)


def test_the_page_is_no_wider_than_the_screen(visit: Any) -> None:
    wide, screen = visit.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide == screen


def test_plots_keep_to_their_figure(visit: Any) -> None:
    assert visit.page.evaluate(
        "[...document.querySelectorAll('.chart')].every("
        "(chart) => chart.scrollWidth <= chart.clientWidth)"
    )


def test_text_has_enough_contrast(visit: Any) -> None:
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
def plain(open_page: OpenPage, plain_page: Page) -> Any:
    return open_page(plain_page).page


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


def test_a_table_is_filtered_by_keyboard(plain: Any) -> None:
    field = plain.get_by_role("searchbox", name="Filter rows: Long")
    assert plain.get_by_role("searchbox").count() == 1
    assert plain.get_by_role("table", name="Long", exact=True).count() == 1
    field.press_sequentially("W3")
    assert column(plain, "s2-b1", 1) == ["w3"] * 7
    assert plain.get_by_role("status").text_content() == "7 of 50 rows match"
    assert not plain.locator(".more").is_visible()
    field.press_sequentially(" 1")
    assert column(plain, "s2-b1", 0) == ["10", "17", "31"]
    plain.locator("#s2-b1 thead button").first.press("Enter")
    plain.locator("#s2-b1 thead button").first.press("Enter")
    assert column(plain, "s2-b1", 0) == ["31", "17", "10"]
    field.press("Escape")
    assert len(column(plain, "s2-b1", 0)) == 20
    assert plain.get_by_role("status").text_content() == ""
    field.fill("no such row")
    assert column(plain, "s2-b1", 0) == []
    assert plain.get_by_role("status").text_content() == "0 of 50 rows match"


def test_what_matches_is_folded_too(open_page: OpenPage) -> None:
    table = Table(pd.DataFrame({"n": range(60), "kind": ["even", "odd"] * 30}), "Numbers", fold=5)
    page = open_page(Page("t", (), (Section("s", "", (table,)),))).page
    page.get_by_role("searchbox").fill("odd")
    assert column(page, "s1-b1", 0) == ["1", "3", "5", "7", "9"]
    page.get_by_role("button", name="Show all 30 matching rows").click()
    assert column(page, "s1-b1", 0) == [str(n) for n in range(1, 60, 2)]


def test_the_first_stop_leads_past_the_contents(plain: Any) -> None:
    plain.keyboard.press("Tab")
    assert plain.evaluate("document.activeElement.textContent") == "Skip to the answers"
    plain.keyboard.press("Enter")
    assert plain.evaluate("document.activeElement.id") == "answers"


def test_without_scripts_words_stand_for_charts(open_page: OpenPage, hostile_page: Page) -> None:
    opened = open_page(hostile_page, java_script_enabled=False)
    assert opened.page.locator(".instead").first.is_visible()
    assert opened.page.locator("#s1-b2 tbody tr").last.is_visible()


def test_paper_shows_what_is_folded_and_keeps_charts_whole(plain: Any) -> None:
    plain.wait_for_selector("html.settled")
    assert plain.pdf().startswith(b"%PDF")
    plain.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert plain.locator("details[open]").count() == plain.locator("details").count() == 1
    plain.evaluate("dispatchEvent(new Event('afterprint'))")
    assert plain.locator("details[open]").count() == 0
    plain.emulate_media(media="print")
    assert plain.locator(".chart svg").is_visible()
    assert not plain.locator("nav").is_visible()


@pytest.fixture(scope="module")
def long_page() -> Page:
    """Return a page of many charts below each other, and of tables too wide for paper."""
    values = [{"x": at, "y": at % 3} for at in range(30)]
    axes = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "nominal"}}
    bars = {"data": {"values": values}, "mark": "bar", "encoding": axes, "height": 300}
    plots = tuple(Chart(bars, f"Chart {at}", "bars") for at in range(12))
    facts = pd.DataFrame({f"a column called {at}": [at + 0.123456] * 3 for at in range(15)})
    words = pd.DataFrame(
        {f"words {at}": ["unbreakable" * 20, "several words here"] for at in "ab"}
    )
    tables = (Table(facts, "Numbers"), Table(words, "Words"))
    return Page("Long", (), (Section("All", "Of it.", (*plots, *tables)),))


def test_charts_far_below_are_drawn_when_nothing_else_is_to_do(
    open_page: OpenPage, long_page: Page
) -> None:
    visit = open_page(long_page)
    visit.settle()
    assert visit.page.locator(".drawn svg").count() == 12
    assert visit.page.evaluate("scrollY") == 0


def test_all_charts_are_drawn_before_paper_is(open_page: OpenPage, long_page: Page) -> None:
    visit = open_page(long_page, java_script_enabled=True)
    drawn = visit.page.evaluate(
        """async () => {
            dispatchEvent(new Event("beforeprint"));
            await null;
            await new Promise((next) => { setTimeout(next, 0); });
            return [...document.querySelectorAll(".drawn svg")].map((each) => each.clientWidth);
        }"""
    )
    assert drawn == [690] * 12
    visit.page.evaluate("dispatchEvent(new Event('afterprint'))")
    visit.settle()
    width = visit.page.locator(".chart").first.evaluate("(chart) => chart.clientWidth")
    after = visit.page.locator(".drawn svg").first.evaluate("(svg) => svg.clientWidth")
    assert after == pytest.approx(width, abs=2)


@pytest.mark.parametrize("width", [600, 720])
def test_nothing_is_wider_than_paper(open_page: OpenPage, long_page: Page, width: int) -> None:
    visit = open_page(long_page, viewport={"width": 1280, "height": 800})
    visit.settle()
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": width, "height": 900})
    beyond = visit.page.evaluate(
        "[...document.querySelectorAll('svg, table, td, th, h1, p')]"
        ".filter((each) => each.checkVisibility())"
        ".filter((each) => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert beyond == []


def test_what_scrolls_sideways_is_reached_by_keyboard(
    open_page: OpenPage, long_page: Page
) -> None:
    visit = open_page(long_page, viewport={"width": 390, "height": 800})
    visit.page.wait_for_selector(".scroll[tabindex='0']")
    assert visit.page.locator(".scroll[tabindex='0']").count() == 2


def test_paper_shows_folded_tables_whole_unless_they_are_long(open_page: OpenPage) -> None:
    tables = tuple(Table(pd.DataFrame({"n": range(n)}), f"{n} rows", fold=5) for n in (40, 70))
    page = open_page(Page("Tables", (), (Section("All", "Of it.", tables),))).page
    shown = """[...document.querySelectorAll("table")].map(
        (table) => [...table.tBodies[0].rows].filter((row) => row.checkVisibility()).length)"""
    assert page.evaluate(shown) == [5, 5]
    page.emulate_media(media="print")
    assert page.evaluate(shown) == [40, 5]
    assert [one.is_visible() for one in page.locator(".more").all()] == [False, True]
    page.emulate_media(media="screen")
    page.get_by_role("searchbox").first.fill("39")
    page.emulate_media(media="print")
    assert page.evaluate(shown) == [1, 5], "paper keeps to what was looked for"


def test_a_long_text_wraps_before_its_table_is_scrolled(open_page: OpenPage) -> None:
    frame = pd.DataFrame({"name": ["a"], "interval": ["0.000 to 0.127"], "text": ["word " * 60]})
    page = open_page(
        Page("Table", (), (Section("All", "Of it.", (Table(frame, "One"),)),)),
        viewport={"width": 1000, "height": 700},
    ).page
    cells = page.locator("tbody td")
    assert page.locator(".scroll").evaluate("(one) => one.scrollWidth <= one.clientWidth")
    lines = [one.bounding_box()["height"] for one in page.locator("tbody tr").all()]
    assert lines[0] > 60
    brief = cells.nth(0).evaluate(
        """(cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getClientRects().length;
        }"""
    )
    assert brief == 1, "an interval stays on one line"


def test_on_a_phone_a_long_title_of_an_axis_takes_several_lines(open_page: OpenPage) -> None:
    title = "a title of many words that no phone is wide enough to show at once"
    axes = {"x": {"field": "x", "type": "quantitative", "title": title}}
    plot = {"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": axes}
    made = Page("Plot", (), (Section("All", "Of it.", (Chart(plot, "Chart", "bar"),)),))
    visit = open_page(made, viewport={"width": 390, "height": 700})
    visit.settle()
    chart = visit.page.locator(".chart svg")
    words = chart.evaluate(
        """(svg) => [...svg.querySelectorAll(".role-axis-title tspan")]
            .map((one) => one.textContent)"""
    )
    assert len(words) > 1
    assert " ".join(words) == title
    inside = chart.evaluate(
        """(svg) => [...svg.querySelectorAll(".role-axis-title tspan")].every((one) => {
            const box = one.getBoundingClientRect(), all = svg.getBoundingClientRect();
            return box.left >= all.left && box.right <= all.right;
        })"""
    )
    assert inside
