"""Markdown shows every text as it is; pictures stand beside it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.report import (
    Chart,
    Choice,
    Option,
    Page,
    PageError,
    ReportError,
    Section,
    Table,
    Text,
    to_markdown,
    write_markdown,
)
from candor.report.escaping import escaped

JOINER = "\u2060"


def read_back(line: str) -> str:
    """Return what a reader of Markdown shows for a line without markup."""
    return html.unescape(re.sub(r"\\([!-/:-@[-`{-~])", r"\1", line)).replace(JOINER, "")


@given(st.text())
def test_text_survives(text: str) -> None:
    assert read_back(escaped(text)) == " ".join(text.split()).replace(JOINER, "")


@given(st.text(alphabet="\\`*_[]<>|~${}&#+-=:.)1a @w/\n", max_size=30))
def test_nothing_is_markup(text: str) -> None:
    line = escaped(text)
    bare = re.sub(r"\\.|&(amp|lt|gt|#123|#125);", "", line)
    assert not set("\\`*_[]<>|~${}&\n") & set(bare)
    assert not re.match(r"[#+\-=:]|\d+[.)](\s|$)", line)
    assert not re.search(r"://|www\.|[^\u2060]@|@[^\u2060]", line)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a | b", r"a \| b"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("# no heading", r"\# no heading"),
        ("12. no item", r"12\. no item"),
        ("- no item", r"\- no item"),
        ("{{ 1 }}", "&#123;&#123; 1 &#125;&#125;"),
        ("[a](b)", r"\[a\](b)"),
        ("https://www.x.test", f"https:{JOINER}//www{JOINER}.x.test"),
        ("a@x.test", f"a{JOINER}@{JOINER}x.test"),
        ("12.", r"12\."),
        ("0.93 of 1.5", "0.93 of 1.5"),
    ],
)
def test_escapes(text: str, written: str) -> None:
    assert escaped(text) == written


def bar(x: float) -> Chart:
    spec = {"data": {"values": [{"x": x}]}, "mark": "bar", "encoding": {"x": {"field": "x"}}}
    return Chart(spec, "A bar", "It ends | at 1")


@pytest.fixture
def page() -> Page:
    table = Table(pd.DataFrame({"a|b": ["x\ny", "z"] * 15, "n": range(30)}), "T", ("N.",), fold=3)
    choice = Choice("Row", (Option("1", (bar(2),)), Option("2", (Text("Two."),))))
    text = Text("Beware.", ("one", "two"), "warning")
    sections = (Section("Part", "So it is.", (table, choice, text), "First.\n\nSecond."),)
    return Page("Who?", ("They.",), sections, (bar(1),))


def test_a_whole_page(page: Page) -> None:
    text = to_markdown(page)
    assert text.startswith("# Who?\n\n- They.\n\n**A bar**\n\nIt ends \\| at 1\n\n## Part\n\n")
    assert "\n| a\\|b | n |\n| :--- | ---: |\n| x y | 0 |\n| z | 1 |\n| x y | 2 |\n" in text
    assert "The first 3 of 30 rows.\n\nN.\n" in text
    assert "\n### Row: 1\n" in text
    assert "\n### Row: 2\n\nTwo.\n" in text
    assert "\n> **Careful:** Beware.\n> \n> - one\n> - two\n" in text
    assert "\n**How this was computed**\n\nFirst.\n\nSecond.\n" in text
    assert "![" not in text


def test_pictures_stand_beside_it(page: Page, tmp_path: Path) -> None:
    path = write_markdown(page, tmp_path / "a report.md")
    names = re.findall(r"!\[It ends \\\| at 1\]\((.*)\)", path.read_text(encoding="utf-8"))
    assert names == ["a%20report_files/s0-b1.svg", "a%20report_files/s1-b2-o1-b1.svg"]
    for name in names:
        drawn = (tmp_path / name.replace("%20", " ")).read_text(encoding="utf-8")
        assert drawn.startswith("<svg")
        assert 'width="6' in drawn


def test_pictures_of_an_earlier_page_are_removed(page: Page, tmp_path: Path) -> None:
    path = write_markdown(page, tmp_path / "report.md")
    folder = tmp_path / "report_files"
    (folder / "mine.svg").write_text("kept")
    write_markdown(Page("Less", (), (), (bar(1),)), path)
    assert sorted(each.name for each in folder.iterdir()) == ["mine.svg", "s0-b1.svg"]


def test_a_page_without_charts_leaves_no_folder(tmp_path: Path) -> None:
    write_markdown(Page("Few", ()), tmp_path / "report.md")
    assert [each.name for each in tmp_path.iterdir()] == ["report.md"]


def test_hostile_charts_are_drawn_as_text(hostile_page: Page, tmp_path: Path) -> None:
    path = write_markdown(hostile_page, tmp_path / "report.md")
    pictures = list((tmp_path / "report_files").iterdir())
    assert len(pictures) == len(hostile_page.sections)
    for each in pictures:
        assert not re.search(r"<(script|img|image|a|foreignObject)\b", each.read_text("utf-8"))
    assert "<" not in path.read_text("utf-8")


def test_a_file_in_the_way_of_the_pictures_is_named(page: Page, tmp_path: Path) -> None:
    (tmp_path / "report_files").write_text("in the way")
    with pytest.raises(ReportError, match="report_files cannot be written"):
        write_markdown(page, tmp_path / "report.md")


def test_a_folder_is_no_file(page: Page, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"is a folder\n  try  .*report\.md"):
        write_markdown(page, tmp_path)


def test_a_chart_that_asks_outside_is_refused(tmp_path: Path) -> None:
    chart = Chart({"data": {"url": "https://x.test"}, "mark": "bar"}, "c", "a")
    with pytest.raises(PageError, match="asks for data outside"):
        write_markdown(Page("t", (), (), (chart,)), tmp_path / "report.md")
    assert list(tmp_path.iterdir()) == []


def test_of_a_slider_only_the_stop_that_it_starts_at_is_shown(tmp_path: Path) -> None:
    stops = tuple(Option(name, (bar(at), Text(f"About {name}."))) for at, name in enumerate("abc"))
    page = Page("Title", (), (Section("All", "", (Choice("Threshold", stops, "slider", 1),)),))
    text = write_markdown(page, tmp_path / "page.md").read_text(encoding="utf-8")
    assert "### Threshold: b (2 of 3)" in text
    assert "About b." in text
    assert "About a." not in text
    assert [one.name for one in (tmp_path / "page_files").iterdir()] == ["s1-b1-o2-b1.svg"]
