"""The tools of the documentation, which are no package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.append(str(DOCS))


@pytest.fixture(scope="session")
def docs() -> Path:
    """Return the folder of the documentation."""
    return DOCS
