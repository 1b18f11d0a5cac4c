"""How Sphinx builds the site: sphinx-build -W docs docs/build/html."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from candor.version import __version__  # noqa: E402 (found by the path above)

project = "Candor"
author = "the Candor authors"
project_copyright = f"{author}, Apache License 2.0"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "site_mathml",
    "site_notebook",
]
exclude_patterns = ["build", "README.md", "*.py"]
templates_path = ["templates"]

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

default_role = "py:obj"  # `automl.search` in a docstring is a link
autosummary_generate = True
autodoc_typehints = "none"  # types stand in the Parameters sections
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the template of classes lists them

html_theme = "furo"
html_title = "Candor"
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5fae", "color-brand-content": "#1f5fae"},
    "dark_css_variables": {"color-brand-primary": "#8ab8f5", "color-brand-content": "#8ab8f5"},
}

OURS = ("automl", "candor", "explain", "fairness")


def skip_foreign(app: Sphinx, what: str, name: str, member: object, skip: bool, _: object) -> bool:
    """Leave out what a class inherits from other libraries, such as scikit-learn's routing."""
    function = getattr(member, "fget", member)
    module = getattr(function, "__module__", None) or OURS[0]
    return skip or module.partition(".")[0] not in OURS


def keep_underscores(
    app: Sphinx, what: str, name: str, member: object, options: object, lines: list[str]
) -> None:
    """Keep shapes such as (n_features_in_,) from being read as links."""
    lines[:] = [re.sub(r"(\w)_,\)", r"\1\_,)", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Connect what the configuration brings itself."""
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("autodoc-process-docstring", keep_underscores, priority=900)  # after numpydoc
