"""Run a notebook's cells and store what they show.

Usage: python docs/run_notebook.py NOTEBOOK.ipynb

Cells run in order in one process and a fresh folder. A value shows itself by `_repr_html_` where
it has that, as in Jupyter, and by its text. That is all that is needed here, so no kernel is.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from run_guides import display_options, last_value, main_module, working_in

Notebook = dict[str, Any]


def executed(notebook: Notebook, name: str, folder: Path) -> Notebook:
    """Return a notebook with the outputs of all its cells."""
    cells, count = [], 0
    with working_in(folder), main_module() as names, pd.option_context(*display_options()):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                count += 1
                outputs = cell_outputs("".join(cell["source"]), names, name, count)
                cell = {**cell, "execution_count": count, "outputs": outputs}
            cells.append(cell)
    return {**notebook, "cells": cells}


def cell_outputs(
    source: str, names: dict[str, Any], name: str, count: int
) -> list[dict[str, Any]]:
    """Run a cell; return what it prints and what its last line is worth."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        value = last_value(source, names, name)
    outputs: list[dict[str, Any]] = []
    if out.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines(out.getvalue())})
    if value is not None:
        shown = {
            "data": shown_as(value),
            "execution_count": count,
            "metadata": {},
            "output_type": "execute_result",
        }
        outputs.append(shown)
    return outputs


def shown_as(value: Any) -> dict[str, list[str]]:
    """Return a value as text, and as HTML where it has that."""
    text = {"text/plain": lines(repr(value))}
    if not hasattr(value, "_repr_html_"):
        return text
    return {"text/html": lines(value._repr_html_()), **text}


def lines(text: str) -> list[str]:
    """Split a text as notebooks store it."""
    return text.splitlines(keepends=True)


def read(path: Path) -> Notebook:
    """Read a notebook."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def write(notebook: Notebook, path: Path) -> None:
    """Write a notebook as Jupyter does."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Run one notebook and store it."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    path = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        write(executed(read(path), path.name, Path(folder)), path)


if __name__ == "__main__":
    main()
