"""The examples in docstrings run and show what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXTRAS = {"catboost", "interpret"}
"""Packages that some modules need and that may be absent."""


def modules_with_examples() -> list[str]:
    files = [
        file
        for package in ("automl", "candor", "explain", "fairness")
        for file in (ROOT / package).rglob("*.py")
    ]
    names = (
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in sorted(files)
        if ">>> " in file.read_text(encoding="utf-8")
    )
    return list(names)


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        pytest.skip(f"{error.name} is not installed")
    failed, tried = doctest.testmod(
        module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert tried > 0
    assert failed == 0
