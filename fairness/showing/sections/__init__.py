"""The page of an audit: one function for each part, in the order of a reader's questions."""

from fairness.showing.sections.page import page, sections

__all__ = ["page", "sections"]
