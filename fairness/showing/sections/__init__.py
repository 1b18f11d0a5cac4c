"""The page of an audit: one function for each part, in the order of a reader's questions."""

from fairness.showing.sections.page import brief_page, page, sections

__all__ = ["brief_page", "page", "sections"]
