"""What is computed is documented: its formula or rule, and where it comes from."""

from __future__ import annotations

import inspect

import pytest

import explain

MEASURES = [
    name
    for name in explain.__all__
    if inspect.isfunction(getattr(explain, name)) and name != "counterfactuals"
]


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_has_a_definition_and_a_source(name: str) -> None:
    text = inspect.getdoc(getattr(explain, name)) or ""
    for section in ("Parameters", "Returns", "Raises", "Notes", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text, section
    assert "from explain import" in text.split("\nExamples\n")[1]
