"""A page as one HTML file that works offline and asks nobody for anything."""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from candor.report.values import Page
from candor.report.view import page_view
from candor.report.writing import write_whole
from candor.version import __version__

if TYPE_CHECKING:
    from jinja2 import Template

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Characters that HTML or UTF-8 cannot hold."""


def to_html(page: Page) -> str:
    """Return a page as one HTML file.

    Nothing in the page is read as markup, the file needs no network, and its content security
    policy forbids any: only the scripts that Candor wrote into it run.

    Parameters
    ----------
    page : Page
        What to show.

    Returns
    -------
    str
        A whole document, to be encoded as UTF-8. It is about 0.9 MB larger when there is a chart,
        because the drawing library travels with it.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.

    Examples
    --------
    >>> html = to_html(Page("Who is approved?", ("1 < 2 groups differ.",)))
    >>> "<h1" in html, "1 &lt; 2 groups differ." in html
    (True, True)
    """
    view = page_view(page)
    first = package_text("first.js")
    scripts = [package_text(name) for name in ("tables.js", "choices.js", "page.js")]
    if view.has_charts:
        scripts += [drawing_library(), package_text("charts.js")]
    body = template("page.html.jinja").render(page=view, version=__version__)
    return template("document.html.jinja").render(
        page=view,
        body=showable(body),
        title=showable(page.title),
        style=package_text("page.css"),
        first=first,
        scripts=scripts,
        policy=_policy([first, *scripts]),
    )


def write_html(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write a page to a file; one that was there is replaced at once or not at all.

    Parameters
    ----------
    page : Page
        What to show.
    path : str or path
        The file; its folder has to be there.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PageError
        If a format or a chart of the page cannot be used.
    ReportError
        If the path is a folder or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_html(Page("Empty", ()), Path(folder, "report.html")).name
    'report.html'
    """
    return write_whole(Path(path), to_html(page).encode("utf-8"), "report.html")


def showable(text: str) -> str:
    """Replace characters that no page can hold."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def package_text(name: str) -> str:
    """Return a file of `templates/`, with line ends as a browser hashes them."""
    raw = files("candor.report").joinpath("templates", name).read_text(encoding="utf-8")
    return raw.replace("\r\n", "\n")


@cache
def template(name: str) -> Template:
    """Return a template; every text that it shows is escaped."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FunctionLoader(package_text),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(name)


@cache
def drawing_library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that cannot end its own element."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    bundle = bundle.replace("\r\n", "\n")
    return re.sub(r"<(?=/script|!--)", r"\\x3c", bundle, flags=re.IGNORECASE)


def _policy(scripts: list[str]) -> str:
    """Return a content security policy: no network, and no script but the given ones."""
    hashes = " ".join(
        f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
