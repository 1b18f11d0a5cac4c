"""Notebooks as pages: their text, their code, and the outputs that they hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from myst_parser.parsers.sphinx_ import MystParser

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

FENCE = "`" * 12


def notebook_to_markdown(text: str) -> str:
    """Write a notebook as Markdown."""
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code":
            parts.append(f"{FENCE}python\n{source}\n{FENCE}")
            parts += [output_to_markdown(output) for output in cell["outputs"]]
    return "\n\n".join(parts) + "\n"


def output_to_markdown(output: dict[str, Any]) -> str:
    """Write one output, as HTML where it has that."""
    data = output.get("data", {"text/plain": output.get("text", [])})
    if "text/html" in data:
        shown = "".join(data["text/html"])
        return f'{FENCE}{{raw}} html\n<div class="cell-output">{shown}</div>\n{FENCE}'
    return f"{FENCE}text\n{''.join(data['text/plain'])}\n{FENCE}"


class NotebookParser(MystParser):
    """Reads notebooks as Markdown."""

    supported = ("ipynb",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse a notebook."""
        super().parse(notebook_to_markdown(inputstring), document)


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the file format known."""
    app.add_source_suffix(".ipynb", "ipynb")
    app.add_source_parser(NotebookParser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
