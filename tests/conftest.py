"""Shared by all tests: where real tables lie, and one hypothesis profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

REAL_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"

settings.register_profile("candor", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("candor")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of public tables, or skip where there is none."""
    if not REAL_DATA.is_dir():
        pytest.skip("the folder of public tables is not beside this checkout")
    return REAL_DATA
