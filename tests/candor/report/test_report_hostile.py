"""Whatever the strings of a page are, they are shown as text, and nothing else is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from candor.report import (
    Answer,
    Block,
    Chart,
    Choice,
    Option,
    Page,
    Section,
    Table,
    Text,
    fragment,
    to_html,
    to_json,
    to_markdown,
)
from candor.report.html import showable

Read = Callable[[str], Any]

TAGS = set(
    "html head meta title style body script a main header h1 h2 ul ol li p nav div section span "
    "details summary table caption thead tbody tr th td figure figcaption label select option "
    "input output bdi footer".split()
)
ATTRIBUTES = set(
    "class id href lang dir role scope tabindex type colspan for value min max step selected "
    "autocomplete".split()
)
PIECES = (
    "</script>", "<script>", "<!--", "-->", "]]>", "<img src=x onerror=hack()>", "&lt;", "&", "'",
    '"', "{{ 7 * 7 }}", "{% raw %}", "${7*7}", "`", "*", "_", "](javascript:hack())", "![",
    "https://x.test", "www.x.test", "a@x.test", "|", "\\", "#", "\n\n", "\n", "1. ", "- ", "> ",
    "\u202e", "\u2066", "\x00", "\x1b", "👩🏽\u200d🚀", "עברית", "__proto__", "constructor",
    "x" * 200,
)  # fmt: skip
STRINGS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=4).map("".join)


def chart(text: str, other: str) -> Chart:
    """Return two bars whose data, titles and names of fields hold the strings."""
    rows = [{"value": 1.5, "name": text, "__proto__": other, text: other}, {"value": 2.5}]
    rows[1] |= {key: other for key in rows[0] if key not in rows[1]}
    spec = {
        "title": text,
        "description": other,
        "usermeta": {"embedOptions": {"actions": True}},
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "title": text},
            "y": {"field": "name", "type": "nominal", "title": other},
            "tooltip": {"field": "__proto__", "title": text},
        },
    }
    return Chart(spec, text, other)


def frame(text: str, other: str) -> pd.DataFrame:
    return pd.DataFrame({text or "a": [text, other], (other, text): [0.5, float("nan")]})


LEAVES: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, STRINGS, st.tuples(STRINGS), st.sampled_from(["plain", "warning", "note"])),
    st.builds(lambda a, b: Table(frame(a, b), a, (b,), fold=0), STRINGS, STRINGS),
    st.builds(chart, STRINGS, STRINGS),
)


def choices(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    options = st.lists(st.builds(Option, STRINGS, st.tuples(blocks)), min_size=1, max_size=3).map(
        tuple
    )
    return st.builds(Choice, STRINGS, options, st.sampled_from(["list", "slider"]))


BLOCKS = st.recursive(LEAVES, choices, max_leaves=4)
SECTIONS = st.builds(Section, STRINGS, STRINGS, st.tuples(BLOCKS, BLOCKS), STRINGS)
PAGES = st.builds(
    Page,
    STRINGS,
    st.tuples(STRINGS, st.builds(Answer, STRINGS)),
    st.lists(SECTIONS, max_size=2).map(tuple),
    st.tuples(BLOCKS),
)
FEW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def everything(root: Any) -> Iterator[Any]:
    for child in root.children:
        if not isinstance(child, str):
            yield child
            yield from everything(child)


def strings(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield what blocks have to show, apart from the cells of tables."""
    for block in blocks:
        if isinstance(block, Choice):
            for option in block.options:
                yield option.name
                yield from strings(option.blocks)
        elif isinstance(block, Text):
            yield from block.items
        else:
            yield block.caption


def squeezed(text: str) -> str:
    return " ".join(showable(text).split())


@FEW
@given(page=PAGES)
def test_html_holds_nothing_but_our_elements_and_all_texts(page: Page, read: Read) -> None:
    root = read(to_html(page))
    for each in everything(root):
        assert each.tag in TAGS
        if each.tag not in ("meta", "script"):
            assert {
                name for name in each.attributes if not name.startswith(("aria-", "data-"))
            } <= ATTRIBUTES
    titles = [root.all("h1")[0].text(), *(head.text() for head in root.all("h2"))]
    assert titles == [showable(page.title), *(showable(part.title) for part in page.sections)]
    ids = [each.attributes["id"] for each in everything(root) if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    written = squeezed(root.all("body")[0].text())
    for part in (page, *page.sections):
        for text in strings(part.blocks):
            assert squeezed(re.sub(r"(?<=\d) %", "\u202f%", text)) in written


@FEW
@given(page=PAGES)
def test_scripts_are_ours_and_all_else_is_data(page: Page, read: Read) -> None:
    scripts = read(to_html(page)).all("script")
    running = [each.text() for each in scripts if "type" not in each.attributes]
    empty = [
        each.text()
        for each in read(to_html(Page("", (), (), (chart("a", "b"),)))).all("script")
        if "type" not in each.attributes
    ]
    assert running in (empty, empty[:4])
    for each in scripts:
        if "type" in each.attributes:
            assert each.attributes["type"] == "application/json"
            assert not set("<>&") & set(each.text())


@FEW
@given(page=PAGES)
def test_a_notebook_gets_no_scripts_links_or_names(page: Page, read: Read) -> None:
    for each in everything(read(fragment(page))):
        assert each.tag in TAGS | {"strong", "br"} - {"script", "style", "a", "input"}
        assert each.attributes.keys() <= {"style", "dir", "scope", "open"}


@FEW
@given(page=PAGES)
def test_markdown_and_json_can_be_written(page: Page) -> None:
    to_markdown(page).encode("utf-8")
    to_json(page).encode("utf-8")


@settings(FEW, max_examples=5, derandomize=True, phases=[Phase.generate])
@given(page=PAGES)
def test_a_browser_draws_everything_and_runs_nothing(
    page: Page, open_page: Callable[..., Any]
) -> None:
    visit = open_page(page, viewport={"width": 390, "height": 800})
    visit.page.set_default_timeout(5_000)
    visit.settle()
    for control in visit.page.locator(".pick > select, .pick > input").all():
        if control.is_visible():  # it may stand in an option that is not picked any more
            control.press("End")
    visit.settle()
    shown = visit.page.locator(".chart:visible")
    assert shown.count() == visit.page.locator(".chart.drawn:visible").count()
    assert visit.page.locator(".failed").count() == 0
    assert visit.said == []
    assert len(visit.asked) == 1
    assert visit.page.evaluate("document.images.length") == 0
    assert visit.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    visit.context.close()


@pytest.mark.parametrize("text", PIECES)
def test_every_piece_alone_as_title(text: str, read: Read) -> None:
    assert read(to_html(Page(text, ()))).all("h1")[0].text() == showable(text)
