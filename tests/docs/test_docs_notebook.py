"""The example notebook runs, and holds what it shows."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from run_guides import same_output
from run_notebook import executed, read, write

LARGEST = 150_000
"""Bytes of a notebook that is pleasant to open and to keep."""


@pytest.fixture(scope="module")
def path(docs: Path) -> Path:
    return docs / "first_search.ipynb"


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell: dict[str, Any]) -> dict[str, str]:
    """Return what a cell shows, by format, as text."""
    (output,) = cell["outputs"]
    return {kind: "".join(text) for kind, text in output["data"].items()}


def test_it_prints_again_what_it_holds(path: Path, tmp_path: Path) -> None:
    stored = read(path)
    again = executed(stored, path.name, tmp_path)
    told = f"python docs/run_notebook.py {path}"
    for cell, new in zip(code_cells(stored), code_cells(again), strict=True):
        if cell["source"][0].startswith("result ="):
            continue  # how long a fit took is another number each time
        assert same_output(shown(cell)["text/plain"], shown(new)["text/plain"]), told


def test_every_result_shows_itself(path: Path) -> None:
    texts = [
        unescape(re.sub(r"<[^>]+>", "", shown(cell)["text/html"]))
        for cell in code_cells(read(path))
    ]
    _, result, explanation, audit = texts
    assert "Leaderboard" in result
    assert "carry" in explanation
    assert "demographic parity" in audit.lower()


def test_it_is_small_and_holds_no_scripts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert "<script" not in text
    assert not re.search(r"/(home|tmp|root|work)/", text)


def test_cells_are_counted_and_have_names(path: Path) -> None:
    notebook = read(path)
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_what_is_printed_and_what_is_worth_something(tmp_path: Path) -> None:
    source = ["import os\n", "print(len(os.listdir()))\n", "'é'"]
    notebook = {"cells": [{"cell_type": "code", "source": source}, {"cell_type": "markdown"}]}
    (tmp_path / "empty").mkdir()
    done = executed(notebook, "notebook", tmp_path / "empty")
    printed, value = done["cells"][0]["outputs"]
    assert printed["text"] == ["0\n"]
    assert value["data"] == {"text/plain": ["'é'"]}
    write(done, tmp_path / "notebook.ipynb")
    assert read(tmp_path / "notebook.ipynb") == done
