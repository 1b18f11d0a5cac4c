"""Pages of sections, tables and charts, written as one offline HTML file, Markdown or JSON."""

from candor.report.errors import PageError, ReportError
from candor.report.html import to_html, write_html
from candor.report.markdown import to_markdown, write_markdown
from candor.report.notebook import fragment
from candor.report.page_json import to_json, write_json
from candor.report.values import (
    Answer,
    Block,
    Chart,
    Choice,
    Option,
    Page,
    Section,
    Table,
    Text,
)

__all__ = [
    "Answer",
    "Block",
    "Chart",
    "Choice",
    "Option",
    "Page",
    "PageError",
    "ReportError",
    "Section",
    "Table",
    "Text",
    "fragment",
    "to_html",
    "to_json",
    "to_markdown",
    "write_html",
    "write_json",
    "write_markdown",
]
