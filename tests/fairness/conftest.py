"""Real tables that several tests of the auditor read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def compas_rows(real_data: Path) -> pd.DataFrame:
    """Return ProPublica's two-year table."""
    return pd.read_parquet(real_data / "compas_two_years.parquet")
