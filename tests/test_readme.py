"""The README's commands are those that the checks run, and what it names exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from automl.cli.options import COMMANDS, build_parser
from automl.models import known_families
from automl.table.tasks import MAX_CLASSES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_there_is_one_test_command() -> None:
    lines = [line for line in README.splitlines() if line.endswith("&& pytest")]
    assert lines == ['. .venv/bin/activate && pip install -e ".[dev]" && pytest']


@pytest.mark.skipif(os.name == "nt", reason="a bash script")
def test_the_check_runs_the_test_command_of_the_readme(tmp_path: Path) -> None:
    """Run .ci/run on a tree of its own whose test command leaves a mark."""
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "run"
    script.write_text((ROOT / ".ci" / "run").read_text())
    script.chmod(0o755)
    pytest_stub = tmp_path / "pytest"
    pytest_stub.write_text("#!/bin/sh\ntest -x .venv/bin/python && echo 7 passed\n")
    pytest_stub.chmod(0o755)
    (tmp_path / "chromium").symlink_to(pytest_stub)  # found, so that none is installed
    (tmp_path / "README.md").write_text("text\n```sh\n. .venv/bin/activate && pytest\n```\n")
    done = subprocess.run(
        [str(script)],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "7 passed"
    assert not (tmp_path / ".venv").exists()


def test_commands_in_the_readme_are_understood() -> None:
    commands = re.findall(r"^automl .*$", README, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        build_parser().parse_args(shlex.split(command.partition(" >")[0])[1:])


def test_extras_in_the_readme_exist() -> None:
    named = set(re.findall(r"\"\.\[(\w+)\]\"", README))
    assert named == set(PROJECT["project"]["optional-dependencies"])


def test_all_is_every_extra_for_use() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert extras["all"] == [
        f"candor-automl[{','.join(sorted({*extras} - {'all', 'dev', 'docs'}))}]"
    ]


def test_every_package_is_in_the_wheel() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert all((ROOT / name / "py.typed").exists() for name in packages)


def test_links_in_the_readme_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_families_in_the_readme_are_those_that_exist() -> None:
    section = README.partition("## What is searched")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", section))
    assert set(known_families()) <= named


def test_limits_in_the_readme_are_those_of_the_code() -> None:
    assert f"up to {MAX_CLASSES} classes" in README


def test_every_command_is_documented() -> None:
    assert all(f"automl {name}" in README for name in COMMANDS)
