"""The picture in the README is drawn from what a terminal showed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    path = ROOT / "docs" / "make_terminal_picture.py"
    spec = importlib.util.spec_from_file_location("make_terminal_picture", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_middle_of_the_bar_and_every_line_that_stays(draw: ModuleType) -> None:
    written = "Table\n\ra short one\r           \rPlan\n\rbar 1\rbar 2 \rbar 3\r     \rWinner\n"
    assert draw.lines_of(written) == ["Table", "Plan", "bar 2", "", "Winner"]


def test_text_and_colours_are_drawn(draw: ModuleType) -> None:
    svg = draw.picture(["automl", "demo"], ["\x1b[1mScore\x1b[0m 0.9 <1 & more"])
    assert texts(svg) == ["$ automl demo", "Score 0.9 <1 & more"]
    assert 'font-weight="bold"' in svg


def test_a_command_sees_a_terminal(draw: ModuleType) -> None:
    code = "import shutil, sys; print(sys.stdout.isatty(), shutil.get_terminal_size().columns)"
    assert draw.capture([sys.executable, "-c", code]) == "True 120\n"


def test_a_command_that_fails_is_no_picture(draw: ModuleType) -> None:
    with pytest.raises(SystemExit, match="the command failed:\nno"):
        draw.capture([sys.executable, "-c", "import sys; sys.exit('no')"])


def test_the_picture_in_the_readme_shows_a_whole_search() -> None:
    lines = texts((ROOT / "docs" / "images" / "search.svg").read_text(encoding="utf-8"))
    assert lines[0].startswith("$ automl search ")
    for label in ("Table", "Plan", "Winner", "Score", "Saved", "Next"):
        assert [line for line in lines if line.startswith(label)]
