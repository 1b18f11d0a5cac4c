"""One thread for each model: small fits are slowest where threads wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

import lightgbm  # noqa: F401  what is loaded later keeps its threads
import pytest
import sklearn.ensemble  # noqa: F401
import xgboost  # noqa: F401
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield
