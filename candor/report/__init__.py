"""Pages made of sections, tables and charts, written as one HTML file that works offline."""

from candor.report.errors import PageError, ReportError
from candor.report.html import to_html, write_html
from candor.report.notebook import fragment
from candor.report.values import Answer, Block, Chart, Page, Section, Table, Text

__all__ = [
    "Answer",
    "Block",
    "Chart",
    "Page",
    "PageError",
    "ReportError",
    "Section",
    "Table",
    "Text",
    "fragment",
    "to_html",
    "write_html",
]
