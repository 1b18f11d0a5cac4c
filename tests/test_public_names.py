"""Every public name says completely what it is, and shows it with an example that runs.

The examples themselves are run by test_doctests.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

numpydoc_validate = pytest.importorskip("numpydoc.validate")

PACKAGES = ("automl", "automl.demo", "candor", "candor.report", "explain", "fairness")

REQUIRED = {
    "GL08": "has no docstring",
    "GL07": "sections in the wrong order",
    "SS03": "summary does not end with a period",
    "PR01": "parameters not described",
    "PR02": "unknown parameters described",
    "PR03": "parameters in the wrong order",
    "PR04": "parameter without a type",
    "PR07": "parameter without a description",
    "RT01": "no Returns section",
    "RT03": "return value without a description",
    "YD01": "no Yields section",
}
"""What numpydoc checks of each docstring."""


def public_names() -> list[str]:
    """Return the dotted names of everything that the packages export."""
    return [
        f"{package}.{name}"
        for package in PACKAGES
        for name in importlib.import_module(package).__all__
        if callable(getattr(importlib.import_module(package), name))
    ]


def public_members(name: str) -> Iterator[str]:
    """Yield the public methods and properties that our own code gives a class."""
    value = resolve(name)
    if not inspect.isclass(value):
        return
    for member in dir(value):
        owner = next((base for base in value.__mro__ if member in vars(base)), None)
        if (
            owner is None
            or member.startswith("_")
            or owner.__module__.split(".")[0] not in PACKAGES
        ):
            continue
        found = vars(owner)[member]
        if callable(found) or isinstance(found, property | classmethod | staticmethod):
            yield f"{name}.{member}"


def is_ours(value: Any) -> bool:
    """Return whether a class or function is defined in one of our packages."""
    return value.__module__.split(".")[0] in PACKAGES


def resolve(name: str) -> Any:
    package, *attributes = name.split(".")
    value: Any = importlib.import_module(package)
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


NAMES = public_names()
MEMBERS = [member for name in NAMES for member in public_members(name)]


def inherits_its_constructor(value: Any) -> bool:
    """Return whether a class takes the parameters that its base class documents."""
    return inspect.isclass(value) and "__init__" not in vars(value)


@pytest.mark.parametrize("name", NAMES + MEMBERS)
def test_docstrings_are_complete(name: str) -> None:
    value = resolve(name)
    required = set(REQUIRED)
    if inherits_its_constructor(value) and issubclass(value, Exception):
        required.remove("PR01")
    faults = numpydoc_validate.validate(name)["errors"]
    assert [f"{code}: {text}" for code, text in faults if code in required] == []


@pytest.mark.parametrize("name", NAMES)
def test_names_have_an_example(name: str) -> None:
    doc = inspect.getdoc(resolve(name)) or ""
    assert ">>> " in doc
    assert "+SKIP" not in doc


@pytest.mark.parametrize("name", MEMBERS)
def test_members_appear_in_an_example(name: str) -> None:
    owner, _, member = name.rpartition(".")
    examples = "\n".join(
        line
        for text in (inspect.getdoc(resolve(name)), inspect.getdoc(resolve(owner)))
        for line in (text or "").splitlines()
        if line.startswith((">>>", "..."))
    )
    assert re.search(rf"\.{member}\b", examples), f"no example uses .{member}"


def raised(function: Callable[..., Any]) -> set[str]:
    """Return the names of the exceptions that a function's own body raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc)
    names = (call.func if isinstance(call, ast.Call) else call for call in calls)
    return {ast.unparse(name).rpartition(".")[2] for name in names}


def own_function(name: str) -> Callable[..., Any] | None:
    """Return the function behind a name; None for a class, whose methods are tested one by one."""
    value = resolve(name)
    function = value.fget if isinstance(value, property) else inspect.unwrap(value)
    return function if inspect.isroutine(function) else None


@pytest.mark.parametrize("name", [name for name in NAMES + MEMBERS if own_function(name)])
def test_what_is_raised_is_documented(name: str) -> None:
    function = own_function(name)
    assert function is not None
    doc = inspect.getdoc(function) or ""
    section = doc.partition("Raises\n------")[2]
    assert [error for error in raised(function) if error not in section] == []


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_where_doctest_finds_them(name: str) -> None:
    assert is_ours(resolve(name))
