"""The table of families."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from automl.errors import ArgumentError
from automl.models import get_family, known_families, registry

BUILT_IN = (
    "baseline linear knn random_forest extra_trees hist_gradient_boosting lightgbm xgboost mlp"
).split()


def test_the_built_in_families_are_known() -> None:
    assert list(known_families()[: len(BUILT_IN)]) == BUILT_IN


def test_a_near_miss_is_named() -> None:
    with pytest.raises(ArgumentError, match="unknown family 'lightgmb'") as caught:
        get_family("lightgmb")
    assert "known: baseline, linear" in str(caught.value)
    assert "try  'lightgbm'" in str(caught.value)


@pytest.mark.parametrize("name", ["catboost", "ebm"])
def test_an_optional_family_says_what_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = registry._FAMILIES[name].library
    monkeypatch.setattr(
        registry, "find_spec", lambda wanted: None if wanted == library else find_spec(wanted)
    )
    assert name not in known_families()
    with pytest.raises(ArgumentError, match=f"the family '{name}' is not installed") as caught:
        get_family(name)
    assert f'pip install "candor-automl[{name}]"' in str(caught.value)


def test_importing_the_registry_imports_no_library() -> None:
    code = (
        "import sys, automl.models.registry, automl.models.registered\n"
        "heavy = {'lightgbm', 'xgboost', 'optuna', 'catboost', 'skops'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
