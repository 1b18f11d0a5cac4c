"""Imports run one way, importing is light, and importing changes nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "candor": set(),
    "explain": {"candor"},
    "fairness": {"candor", "explain"},
    "automl": {"candor", "explain", "fairness"},
}
"""Which other packages of Candor each package may import."""

FLOORS = {
    "automl": (
        {"errors"},
        {"table"},
        {"features"},
        {"models"},
        {"metrics", "ensemble"},
        {"tuning"},
        {"opening"},
        {"winner"},
        {"auditing", "explaining"},
        {"reporting"},
        {"progress"},
        {"result", "show"},
        {"assembly"},
        {"entry"},
        {"sklearn", "demo"},
        {"cli", "__init__", "__main__"},
    ),
    "explain": (
        {"errors"},
        {"trees", "games", "profiles", "rows", "players", "settings", "progress"},
        {"protocol", "units"},
        {"parts"},
        {"opening"},
        {"faces"},
        {"explanation", "showing", "drawing"},
        {"routes"},
        {"attribution"},
        {"overview", "gaps", "comparing", "grouping", "recourse", "cohorts", "card", "glassbox"},
        {"__init__"},
    ),
    "fairness": (
        {"errors"},
        {"table"},
        {"metrics"},
        {"inference"},
        {"rows", "sensitivity", "templates"},
        {"drawing"},
        {"settings", "row_findings", "alignment"},
        {"frames"},
        {"result", "assembly", "serial", "showing"},
        {"entry"},
        {"__init__"},
    ),
}
"""Rooms of each package, bottom to top: a room imports from its own floor and those below."""

HEAVY = ("lightgbm", "optuna", "pandas", "pyarrow", "shap", "sklearn", "xgboost")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Return the dotted names that a file imports, relative ones made absolute."""
    here = file.relative_to(ROOT).with_suffix("").parts
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = here[: -node.level] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def room(name: str, package: str) -> str:
    """Return the room of a dotted name inside a package."""
    parts = name.split(".")
    known = set().union(*FLOORS[package])
    return parts[1] if len(parts) > 1 and parts[1] in known else "__init__"


def floor(room: str, package: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS[package]) if room in rooms)


def packages() -> list[str]:
    return sorted(name for name in MAY_IMPORT if (ROOT / name / "__init__.py").exists())


@pytest.mark.parametrize("package", packages())
def test_packages_import_one_way(package: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(package)
        for name in imported(file)
        if (top := name.split(".")[0]) in MAY_IMPORT and top not in MAY_IMPORT[package] | {package}
    ]
    assert wrong == []


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_a_floor(package: str) -> None:
    rooms = {file.relative_to(ROOT / package).parts[0] for file in modules(package)}
    assert {name.removesuffix(".py") for name in rooms} <= set().union(*FLOORS[package])


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_import_downwards(package: str) -> None:
    wrong = []
    for file in modules(package):
        here = file.relative_to(ROOT / package).parts[0].removesuffix(".py")
        wrong += [
            f"{file.relative_to(ROOT)} imports {name}"
            for name in imported(file)
            if name.split(".")[0] == package
            and floor(room(name, package), package) > floor(here, package)
        ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import automl.cli", {"automl.cli"}),
        ("from automl import cli, demo", {"automl.cli", "automl.demo"}),
        ("def f():\n    from ..tuning import events", {"automl.tuning.events"}),
        ("from . import base", {"automl.table.base"}),
    ],
)
def test_imports_are_seen_in_every_form(
    text: str, expected: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "automl" / "table" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert imported(file) == expected


PROBE = """
import json, logging, os, sys, warnings
import numpy, scipy.sparse

def state():
    return [
        repr(warnings.filters),
        repr(logging.root.handlers),
        logging.root.level,
        sorted(os.environ.items()),
        repr(sys.excepthook),
        [type(handler).__name__ for handler in logging.getLogger("automl").handlers],
    ]

before = state()
import automl, explain, fairness
after = state()
after[-1] = [name for name in after[-1] if name != "NullHandler"]
print(json.dumps({"same": before == after, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def after_import() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_import_changes_no_global_state(after_import: dict[str, object]) -> None:
    assert after_import["same"] is True


@pytest.mark.parametrize("name", HEAVY)
def test_import_loads_no_heavy_module(name: str, after_import: dict[str, object]) -> None:
    assert name not in after_import["modules"]
