"""A page is one file: well formed, reachable, closed to the network, and nothing in it runs."""

from __future__ import annotations

import hashlib
import re
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import candor.report.html as module
from candor.report import (
    Answer,
    Chart,
    Page,
    PageError,
    ReportError,
    Section,
    Table,
    Text,
    to_html,
    write_html,
)

Read = Callable[[str], Any]


@pytest.fixture(scope="module")
def plain_html(plain_page: Page) -> str:
    return to_html(plain_page)


@pytest.fixture(scope="module")
def hostile_html(hostile_page: Page) -> str:
    return to_html(hostile_page)


def test_landmarks_and_language(plain_html: str, read: Read) -> None:
    root = read(plain_html)
    assert root.all("html")[0].attributes["lang"] == "en"
    assert len(root.all("main")) == len(root.all("footer")) == 1
    assert [nav.attributes["aria-label"] for nav in root.all("nav")] == ["Contents"]
    skip = root.all("a")[0]
    assert skip.attributes == {"class": "skip", "href": "#answers"}
    assert root.all("header", id="answers")


def test_headings_go_down_without_gaps(plain_html: str) -> None:
    tags = re.findall(r"<(h[1-6])[ >]", plain_html.partition("<main")[2].partition("</main")[0])
    assert tags == ["h1", "h2", "h2"]


def test_every_link_has_a_target_and_every_name_is_unique(hostile_html: str, read: Read) -> None:
    root = read(hostile_html)
    names = [each.attributes["id"] for each in everything(root) if "id" in each.attributes]
    assert len(names) == len(set(names))
    links = [str(link.attributes["href"]) for link in root.all("a")]
    assert {link.removeprefix("#") for link in links} <= set(names)
    assert all(link.startswith("#") for link in links)


def everything(root):  # type: ignore[no-untyped-def]
    for child in root.children:
        if not isinstance(child, str):
            yield child
            yield from everything(child)


def test_an_answer_leads_to_the_section_that_it_names(read: Read) -> None:
    lead = (Answer("Two differ by 5 % of all.", "Groups"), Answer("Careful."))
    root = read(to_html(Page("Who?", lead, (Section("Data", "x"), Section("Groups", "y")))))
    links = root.all("ul", **{"class": "lead"})[0].all("a")
    assert [link.attributes["href"] for link in links] == ["#s2-groups"]


def test_a_number_and_its_percent_sign_stay_together() -> None:
    html = to_html(Page("Who?", ("It is 5 % of all.",)))
    assert "It is 5\N{NARROW NO-BREAK SPACE}% of all." in html


def test_an_answer_that_opens_nothing_is_refused() -> None:
    with pytest.raises(PageError, match="a section that is not there: 'Grops'"):
        to_html(Page("Who?", (Answer("Two differ.", "Grops"),), (Section("Groups", "y"),)))


def test_an_answer_that_is_a_conclusion_leads_to_its_section(plain_html: str, read: Read) -> None:
    lead = read(plain_html).all("ul", **{"class": "lead"})[0]
    assert [len(item.all("a")) for item in lead.all("li")] == [1, 0]
    assert lead.all("a")[0].attributes["href"] == "#s1-groups"


def test_a_section_is_conclusion_then_blocks_then_method(plain_html: str, read: Read) -> None:
    section = read(plain_html).all("section")[0]
    order = [
        child.attributes.get("class") or child.tag
        for child in section.children
        if not isinstance(child, str)
    ]
    assert order == ["h2", "conclusion", "figure", "table", "method"]
    details = section.all("details")[0]
    assert details.all("summary")[0].text() == "How this was computed"
    assert [part.text() for part in details.all("p")] == ["Counted.", "Source: none."]


def test_blocks_of_the_page_stand_between_answers_and_sections(read: Read) -> None:
    page = Page("t", ("So.",), (Section("s", "c"),), (Text("In short."),))
    (main,) = read(to_html(page)).all("main")
    parts = [child for child in main.children if not isinstance(child, str)]
    assert [part.attributes["class"] for part in parts[1:]] == ["overview", "sections"]
    assert parts[1].text().strip() == "In short."


def test_tables_have_captions_scopes_and_written_numbers(plain_html: str, read: Read) -> None:
    table = read(plain_html).all("table")[0]
    assert table.all("caption")[0].text() == "Rates"
    assert all("scope" in head.attributes for head in table.all("th"))
    cells = [cell.text() for row in table.all("tbody")[0].all("tr") for cell in row.all("td")]
    assert cells == ["25.0\u202f%", "50.0\u202f%", "–"]
    keys = [cell.attributes.get("data-key") for cell in table.all("td")]
    assert keys == ["0.25", "0.5", None]


def test_rows_beyond_the_fold_are_all_there(plain_html: str, read: Read) -> None:
    short, long = read(plain_html).all("table")
    assert "data-fold" not in short.attributes
    assert long.attributes["data-fold"] == "20"
    assert len(long.all("tbody")[0].all("tr")) == 50


@pytest.mark.parametrize(
    ("frame", "heads"),
    [
        (pd.DataFrame({"a": [1], "b": ["x"]}), ["a", "b"]),
        (pd.DataFrame({"a": [1]}, index=pd.Index(["x"])), ["row", "a"]),
        (pd.DataFrame({"a": [1]}, index=pd.Index([7], name="k")), ["k", "a"]),
        (pd.DataFrame({"a": [1, 2]}, index=[5, 9]), ["a"]),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ["a", "a"]),
        (pd.DataFrame({("a", "b"): [1], ("a", ""): [2]}), ["a · b", "a"]),
        (pd.DataFrame({"a": []}), ["a"]),
        (pd.DataFrame(), []),
    ],
)
def test_heads_of_any_frame(frame: pd.DataFrame, heads: list[str], read: Read) -> None:
    root = read(to_html(Page("t", (), (Section("s", "", (Table(frame, "c"),)),))))
    assert [head.text() for head in root.all("thead")[0].all("th")] == heads
    assert ("No rows" in root.text()) is frame.empty


def test_charts_say_the_same_in_words(plain_html: str, read: Read) -> None:
    figure = read(plain_html).all("figure")[0]
    assert figure.all("figcaption")[0].text() == "Bars"
    (chart,) = figure.all("div", role="img")
    assert chart.attributes["aria-label"] == "Five bars"
    assert chart.text() == "Five bars"


def test_hostile_strings_are_text(hostile_html: str, hostile: tuple[str, ...], read: Read) -> None:
    root = read(hostile_html)
    assert root.all("h1")[0].text() == hostile[0]
    assert [head.text() for head in root.all("h2")] == list(hostile)
    for tag in ("caption", "figcaption"):
        assert [each.text() for each in root.all(tag)] == list(hostile)
    assert [each.attributes["aria-label"] for each in root.all("div", role="img")] == list(hostile)
    assert [each.text() for each in root.all("table")[0].all("th", scope="row")][1:] == list(
        hostile
    )
    assert not root.all("img")
    allowed = {"class", "id", "href", "lang", "dir", "role", "scope", "tabindex", "type"}
    for each in everything(root.all("body")[0]):
        assert {
            name for name in each.attributes if not name.startswith(("aria-", "data-"))
        } <= allowed


def test_only_our_scripts_run(hostile_html: str, read: Read) -> None:
    root = read(hostile_html)
    (policy,) = [
        str(meta.attributes["content"])
        for meta in root.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    running = [each.text() for each in root.all("script") if "type" not in each.attributes]
    hashes = [b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in running]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert re.findall("'sha256-([^']+)'", policy) == hashes
    assert len(running) == 6
    assert not any(
        f"unsafe-{way}" in policy.partition("style-src")[0] for way in ("eval", "inline")
    )


def test_the_library_comes_only_with_a_chart_and_cannot_end_its_element() -> None:
    text = to_html(Page("t", (), (Section("s", "c", (Text("x"),)),)))
    assert len(text) < 30_000
    library = module.drawing_library()
    assert not re.search("</script|<!--", library, re.IGNORECASE)
    assert "vegaEmbed" in library


def test_a_library_that_could_end_its_element_is_disarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    import vl_convert

    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda _: "'</SCRIPT>', '<!--', 'a<b'")
    assert module.drawing_library.__wrapped__() == r"'\x3c/SCRIPT>', '\x3c!--', 'a<b'"


def test_characters_that_no_page_holds_are_replaced() -> None:
    html = to_html(Page("a\ud800b\x00c", ("\x1b[31m",)))
    assert "a\ufffdb\ufffdc" in html
    html.encode("utf-8")


def test_the_same_page_gives_the_same_file(hostile_page: Page, hostile_html: str) -> None:
    assert to_html(hostile_page) == hostile_html


def test_write_replaces_a_file_at_once(plain_page: Page, plain_html: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    assert write_html(plain_page, str(path)) == path
    assert path.read_bytes() == plain_html.encode("utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(
    plain_page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    with pytest.raises(ReportError, match="cannot be written\n  no space left on device"):
        write_html(plain_page, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_that_cannot_be_shown_writes_nothing(tmp_path: Path) -> None:
    chart = Chart({"data": {"url": "x"}}, "c", "a")
    with pytest.raises(ValueError, match="asks for data outside the page"):
        write_html(Page("t", (), (Section("s", "", (chart,)),)), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(plain_page: Page, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"is a folder\n  try  .*report\.html"):
        write_html(plain_page, tmp_path)


def test_a_missing_folder_is_named(plain_page: Page, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"there is no folder .*nowhere"):
        write_html(plain_page, tmp_path / "nowhere" / "report.html")


def test_drawing_is_loaded_only_when_there_is_a_chart() -> None:
    import subprocess

    probe = (
        "import sys, candor.report as r; r.to_html(r.Page('t', ())); "
        "sys.exit(bool({'altair', 'vl_convert'} & sys.modules.keys()))"
    )
    root = Path(module.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", probe], cwd=root, check=False).returncode == 0
