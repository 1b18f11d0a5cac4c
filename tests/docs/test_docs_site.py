"""The site holds every page, its links lead somewhere, and its reference is complete."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCE = {
    "automl": "automl",
    "explain": "explain",
    "fairness": "fairness",
    "candor.report": "report",
}
BUILDERS = ("furo", "myst_parser", "numpydoc", "sphinx")


def pages(docs: Path) -> list[Path]:
    """Return the pages that are written by hand."""
    return [*docs.glob("*.md"), *docs.glob("guides/*.md"), *docs.glob("reference/*.md")]


def test_every_page_is_in_the_table_of_contents(docs: Path) -> None:
    index = (docs / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    listed = [name for tree in trees for name in re.findall(r"^(?!:)(\S+)$", tree, re.MULTILINE)]
    found = {path.relative_to(docs).with_suffix("").as_posix() for path in pages(docs)}
    found |= {path.name for path in docs.glob("*.ipynb")}
    assert sorted(listed) == sorted(found - {"index", "README"})


def test_links_lead_somewhere(docs: Path) -> None:
    dead = [
        f"{path.name}: {target}"
        for path in pages(docs)
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert dead == []


def test_every_picture_is_shown(docs: Path) -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in [*pages(docs), docs.parent / "README.md"]
    ]
    shown = {name for text in texts for name in re.findall(r"images/([\w.-]+)", text)}
    assert {path.name for path in (docs / "images").iterdir()} <= shown


def test_pictures_are_small(docs: Path) -> None:
    assert all(path.stat().st_size < 300_000 for path in (docs / "images").iterdir())


@pytest.mark.parametrize("package", REFERENCE)
def test_the_reference_holds_every_public_name(docs: Path, package: str) -> None:
    text = (docs / "reference" / f"{REFERENCE[package]}.md").read_text(encoding="utf-8")
    public = [
        f"{package}.{name}"
        for name in importlib.import_module(package).__all__
        if not name.startswith("__")
    ]
    missing = [
        name for name in public if not re.search(rf"^ +{name}$|`{name}`", text, re.MULTILINE)
    ]
    assert missing == []
    listed = re.findall(r"^   ((?:automl|explain|fairness|candor)\.[\w.]+)$", text, re.MULTILINE)
    for name in listed:
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name


@pytest.mark.slow
def test_the_site_builds_without_a_warning(docs: Path, tmp_path: Path) -> None:
    absent = [name for name in BUILDERS if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f'{", ".join(absent)} not installed: pip install -e ".[docs]"')
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-d", str(tmp_path / "trees")]
    done = subprocess.run(
        [*command, str(docs), str(tmp_path / "html")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "html" / "first_search.html").read_text(encoding="utf-8")
    assert html.count('class="cell-output"') == 4
    attributes = re.findall(r'(?:src|href)="(https?://[^"]+)"', html)
    assert {url for url in attributes if url.endswith((".js", ".css"))} == set()
