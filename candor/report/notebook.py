"""A page as a piece of HTML for a notebook: no scripts, styles written on the elements."""

from __future__ import annotations

from candor.report.html import showable, template
from candor.report.values import Page
from candor.report.view import page_view


def fragment(page: Page) -> str:
    """Return a page as HTML to stand inside another document.

    Parameters
    ----------
    page : Page
        What to show; a chart is told by its caption and its description.

    Returns
    -------
    str
        One element, without scripts, style sheets, links or names that could clash.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.

    Examples
    --------
    >>> "<script" in fragment(Page("<script>", ()))
    False
    """
    return showable(template("fragment.html.jinja").render(page=page_view(page)))
