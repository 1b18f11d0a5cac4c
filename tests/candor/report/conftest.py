"""Pages that try to break out, a reader of their markup, and a browser that opens them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from candor.report import Chart, Choice, Option, Page, Section, Table, Text, write_html

HOSTILE = (
    "</script><script>window.__hacked = 1</script>",
    '"><img src=x onerror="window.__hacked = 2">',
    "{{ 7 * 7 }}{% raw %}",
    "' onmouseover='window.__hacked = 3",
    "<!--<script>",
    "]]>&amp;&#x3c;b&#x3e;",
    "javascript:window.__hacked=4",
    "מין · جنس · 性别 · 👩🏽\u200d🚀",
    "a.b[0]['c'] \\ \u2028 line",
)
VOID = {"meta", "br", "img", "link", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text() for one in self.children)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and attributes.items() <= child.attributes.items():
                    found.append(child)
                found += child.all(tag, **attributes)
        return found


class Reader(HTMLParser):
    """Build a tree, and fail on an element that is closed twice or never."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self.here = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.here.tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def parse(html: str) -> Element:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.tag}> is never closed"
    return reader.root


@pytest.fixture(scope="session")
def read() -> Callable[[str], Element]:
    """Return what reads markup into a tree."""
    return parse


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    return HOSTILE


def bars(names: tuple[str, ...]) -> dict[str, object]:
    """Return a bar chart whose data, field names and titles are all as given."""
    values = [{"row": name, "value": at + 0.5, "tip": name} for at, name in enumerate(names)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": names[0],
        "description": names[1],
        "usermeta": {"embedOptions": {"ast": False, "actions": True}},
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "title": names[2]},
            "y": {"field": "row", "type": "nominal", "title": names[3]},
            "tooltip": {"field": "tip", "type": "nominal", "title": names[4]},
        },
    }


@pytest.fixture(scope="session")
def hostile_page(hostile: tuple[str, ...]) -> Page:
    """Return a page with every hostile string in every place that takes a string."""
    frame = pd.DataFrame(
        {name: [name, *hostile] for name in hostile} | {"n": range(len(hostile) + 1)}
    )
    sections = tuple(
        Section(
            title=text,
            conclusion=text,
            blocks=(
                Text(text, (text, text), "warning"),
                Table(frame, text, (text,), fold=4),
                Chart(bars(hostile), text, text),
            ),
            method=f"{text}\n\n{text}",
        )
        for text in hostile
    )
    return Page(hostile[0], hostile, sections)


@pytest.fixture(scope="session")
def choices_page(hostile: tuple[str, ...]) -> Page:
    """Return a page with every hostile string in every place of a choice, one in the other."""

    def option(name: str, inner: tuple[Choice, ...] = ()) -> Option:
        table = Table(pd.DataFrame({name: [name]}), name, (name,))
        return Option(name, (Chart(bars(hostile), name, name), Text(name), table, *inner))

    small = Choice(hostile[1], (option(hostile[2]), option(hostile[3])))
    listed = Choice(hostile[0], tuple(option(text, (small,)) for text in hostile), start=1)
    slider = Choice(hostile[4], tuple(map(option, hostile)), "slider", len(hostile) - 1)
    single = Choice(hostile[5], (option(hostile[6]),))
    above = (Chart(bars(hostile), hostile[7], hostile[8]),)
    return Page(hostile[0], (), (Section("Pick", "", (listed, slider, single)),), above)


@pytest.fixture(scope="session")
def plain_page() -> Page:
    frame = pd.DataFrame({"group": ["b", "a", None], "rate": [0.25, 0.5, float("nan")]})
    long = pd.DataFrame({"number": range(50), "word": [f"w{i % 7}" for i in range(50)]})
    return Page(
        "Who is approved?",
        ("Two groups differ.", "Data are old."),
        (
            Section(
                "Groups",
                "Two groups differ.",
                (
                    Chart(bars(("one", "two", "three", "four", "five")), "Bars", "Five bars"),
                    Table(frame, "Rates", ("All rows.",), {"rate": ".1%"}),
                ),
                "Counted.\n\nSource: none.",
            ),
            Section("Groups", "The same title again.", (Table(long, "Long"), Text("A note."))),
        ),
    )


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SETTLED = "html.settled"
"""The page when all that it shows is drawn."""


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

    def settle(self) -> None:
        """Wait until all that is shown is drawn."""
        self.page.wait_for_selector(SETTLED)


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


@pytest.fixture(scope="module")
def open_page(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Visit]]:
    """Return what opens a page, offline, in a window of its own."""
    folder = tmp_path_factory.mktemp("pages")
    visits: list[Visit] = []

    def opened(page: Page, **options: Any) -> Visit:
        file = write_html(page, folder / f"page-{len(visits)}.html")
        visits.append(Visit(browser, file, **options))
        return visits[-1]

    yield opened
    for each in visits:
        each.context.close()
