"""Shared by all tests: where real tables lie, and one hypothesis profile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

BESIDE = Path(__file__).parents[1] / ".." / "shared" / "data"
REAL_DATA = Path(os.environ.get("CANDOR_DATA", BESIDE))

settings.register_profile("candor", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("candor")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of public tables, or skip where there is none."""
    if not REAL_DATA.is_dir():
        pytest.skip("no folder of public tables: CANDOR_DATA may name one")
    return REAL_DATA
