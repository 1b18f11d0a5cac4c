"""A page inside a notebook: the same content, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from candor.report import Page, fragment

Read = Callable[[str], Any]


def test_it_is_one_element_without_scripts_or_names(hostile_page: Page, read: Read) -> None:
    html = fragment(hostile_page)
    root = read(html)
    assert [child.tag for child in root.children if not isinstance(child, str)] == ["div"]
    assert not re.search(r"<(script|style|link|img|a|svg|h[1-6])\b", html)
    assert not re.search(r"<[^>]*\s(id|class|href|src|on\w+)=", html)


def test_it_tells_everything(plain_page: Page, read: Read) -> None:
    text = read(fragment(plain_page)).text()
    for part in ("Who is approved?", "Data are old.", "Five bars", "25.0\u202f%", "All rows.",
                 "How this was computed", "Source: none.", "30 more rows", "A note."):  # fmt: skip
        assert part in text


def test_rows_beyond_the_fold_are_folded_not_dropped(plain_page: Page, read: Read) -> None:
    first, rest = read(fragment(plain_page)).all("table")[1:]
    assert len(first.all("tbody")[0].all("tr")) == 20
    assert len(rest.all("tbody")[0].all("tr")) == 30


def test_hostile_strings_are_text(
    hostile_page: Page, hostile: tuple[str, ...], read: Read
) -> None:
    text = read(fragment(hostile_page)).text()
    assert all(text.count(each) >= 10 for each in hostile)
