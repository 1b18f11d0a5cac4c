"""The reader picks one of several alternatives; without scripts and in words all are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from candor.report import (
    Chart,
    Choice,
    Option,
    Page,
    PageError,
    Section,
    Table,
    Text,
    fragment,
    to_html,
)

OpenPage = Callable[..., Any]
Read = Callable[[str], Any]


def texts(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name, (Text(f"About {name}."),)) for name in names)


def with_blocks(*blocks: Choice) -> Page:
    return Page("t", (), (Section("s", "", blocks),))


@pytest.fixture(scope="module")
def picking() -> Page:
    """Return a page with a list of rows and a slider of thresholds."""
    return with_blocks(
        Choice("Row", texts("Row 1", "Row 2", "Row 3"), start=1),
        Choice("Threshold", texts("0.2", "0.5", "0.8"), "slider", 1),
        Choice("Alone", texts("the only one")),
    )


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice("Row", ()), "starts with an option that is not there\n  start=0, 0 options"),
        (Choice("Row", texts("a"), start=1), "start=1, 1 options"),
        (Choice("Row", texts("a"), start=-1), "start=-1, 1 options"),
        (Choice("Row", texts("a"), "wheel"), "cannot be made by 'wheel'"),  # type: ignore[arg-type]
    ],
)
def test_a_choice_of_nothing_is_refused(choice: Choice, message: str) -> None:
    with pytest.raises(PageError, match=message):
        to_html(with_blocks(choice))


def test_controls_are_labelled(picking: Page, read: Read) -> None:
    root = read(to_html(picking))
    targets = [label.attributes["for"] for label in root.all("label")]
    (listed,), (slider,) = root.all("select"), root.all("input")
    assert targets == [listed.attributes["id"], slider.attributes["id"]]
    assert [each.text() for each in listed.all("option")] == ["Row 1", "Row 2", "Row 3"]
    assert [each.text() for each in listed.all("option") if "selected" in each.attributes] == [
        "Row 2"
    ]
    assert slider.attributes["type"] == "range"
    assert slider.attributes["aria-valuetext"] == "0.5"
    assert root.all("output")[0].text() == "0.5"


def test_every_option_is_named_by_itself(picking: Page, read: Read) -> None:
    root = read(to_html(picking))
    for group in root.all("div", role="group"):
        (name,) = root.all("p", id=group.attributes["aria-labelledby"])
        assert group.attributes["data-name"] in name.text()


def shown(page: Any) -> list[str]:
    found: list[str] = page.locator(".option .text").all_inner_texts()
    visible: list[bool] = [one.is_visible() for one in page.locator(".option .text").all()]
    return [text for text, there in zip(found, visible, strict=True) if there]


def test_a_list_is_picked_from_by_keyboard(open_page: OpenPage, picking: Page) -> None:
    page = open_page(picking).page
    assert shown(page) == ["About Row 2.", "About 0.5.", "About the only one."]
    page.get_by_role("combobox", name="Row").focus()
    page.keyboard.type("Row 3")
    assert shown(page) == ["About Row 3.", "About 0.5.", "About the only one."]


def test_a_slider_is_moved_by_keyboard(open_page: OpenPage, picking: Page) -> None:
    page = open_page(picking).page
    slider = page.get_by_role("slider", name="Threshold")
    slider.press("ArrowRight")
    assert shown(page)[1] == "About 0.8."
    assert slider.get_attribute("aria-valuetext") == "About 0.8."
    assert page.locator("output").text_content() == "0.8"
    slider.press("Home")
    assert shown(page)[1] == "About 0.2."


def test_a_slider_says_what_its_stop_does_before_it_is_moved(open_page: OpenPage) -> None:
    said = "From 0.5 on, 531 of 800 rows are called yes. Of these 403 are right."
    choice = Choice("Threshold", (Option("0.5", (Text(said),)), Option("1", ())), "slider")
    slider = open_page(with_blocks(choice)).page.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == said.split(". ")[0] + "."
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "1."


def test_without_scripts_all_options_are_shown_by_name(open_page: OpenPage, picking: Page) -> None:
    page = open_page(picking, java_script_enabled=False).page
    assert len(shown(page)) == 7
    assert all(name.is_visible() for name in page.locator(".option-name").all())
    assert not page.get_by_label("Row", exact=True).first.is_visible()


def test_paper_shows_what_is_picked_by_name(open_page: OpenPage, picking: Page) -> None:
    page = open_page(picking).page
    page.emulate_media(media="print")
    names = [one.inner_text() for one in page.locator(".option-name").all() if one.is_visible()]
    assert names == [
        "Row: Row 2 (2 of 3)",
        "Threshold: 0.5 (2 of 3)",
        "Alone: the only one (1 of 1)",
    ]
    assert not page.get_by_role("slider").is_visible()


def test_charts_are_drawn_when_their_option_is_picked(
    open_page: OpenPage, choices_page: Page, hostile: tuple[str, ...]
) -> None:
    visit = open_page(choices_page, viewport={"width": 390, "height": 800})
    visit.settle()
    page = visit.page
    assert (
        page.locator(".chart.drawn").count() == 5
    )  # above, picked, picked inside, slider, single
    for at in range(len(hostile)):
        page.locator("#s1-b1-pick").select_option(str(at))
        page.locator(f"#s1-b1-o{at + 1}-b4-pick").select_option("1")
        page.locator("#s1-b2-pick").press("ArrowLeft")
        visit.settle()
    assert page.locator(".chart:not(.drawn)").count() == 0
    marks = page.evaluate(
        "[...document.querySelectorAll('.chart')].map("
        "(each) => each.querySelectorAll('svg .mark-rect path').length)"
    )
    assert set(marks) == {len(hostile)}
    assert visit.said == []
    assert len(visit.asked) == 1
    assert page.evaluate("window.__hacked") is None
    wide, screen = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide == screen


def test_charts_that_differ_in_data_alone_share_their_specification(read: Read) -> None:
    def chart(value: float) -> Chart:
        values = [{"x": value, "y": at} for at in range(3)]
        return Chart({"mark": "bar", "data": {"values": values}}, "c", "a")

    options = tuple(Option(str(at), (chart(at % 2),)) for at in range(4))
    root = read(to_html(with_blocks(Choice("Pick", options))))
    kept = [each.attributes["id"] for each in root.all("script", type="application/json")]
    assert kept == ["v1", "d2", "d3"]
    places = root.all("div", role="img")
    assert [each.attributes["data-spec"] for each in places] == ["v1"] * 4
    assert [each.attributes["data-uses"] for each in places] == ["d2", "d3", "d2", "d3"]


def test_a_notebook_opens_the_first_and_folds_the_others(picking: Page, read: Read) -> None:
    details = read(fragment(picking)).all("details")
    assert ["open" in each.attributes for each in details] == [
        False, True, False, False, True, False, True,
    ]  # fmt: skip
    assert details[0].all("summary")[0].text() == "Row: Row 1"


def test_hostile_names_stay_text(choices_page: Page, hostile: tuple[str, ...], read: Read) -> None:
    root = read(to_html(choices_page))
    assert root.all("label")[0].text() == hostile[0]
    listed = root.all("select")[0].all("option")
    assert [each.text() for each in listed] == list(hostile)
    assert [each.text() for each in root.all("output")] == [hostile[-1]]
    assert not root.all("img")


def test_blocks_of_options_have_names_of_their_own(read: Read) -> None:
    table = Table(pd.DataFrame({"a": range(30)}), "Long")
    html = to_html(with_blocks(Choice("Pick", (Option("x", (table,)), Option("y", (table,))))))
    places = [each.attributes["id"] for each in read(html).all("table")]
    assert places == ["s1-b1-o1-b1", "s1-b1-o2-b1"]
