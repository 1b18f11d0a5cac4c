"""Find the best model for a table: search, ensemble, predict."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from automl.entry import load, search
from automl.errors import (
    ArgumentError,
    ArgumentTypeError,
    AutoMLError,
    ColumnNotFoundError,
    DataError,
    RunFolderAccessError,
    RunFolderError,
    SearchFailedError,
    TableFileNotFoundError,
)
from candor.lazy import lazy_names
from candor.version import __version__

if TYPE_CHECKING:
    from automl.models import register_family, unregister_family
    from automl.result import Result
    from automl.sklearn import AutoMLClassifier, AutoMLRegressor


__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "AutoMLClassifier",
    "AutoMLError",
    "AutoMLRegressor",
    "ColumnNotFoundError",
    "DataError",
    "Result",
    "RunFolderAccessError",
    "RunFolderError",
    "SearchFailedError",
    "TableFileNotFoundError",
    "__version__",
    "load",
    "register_family",
    "search",
    "unregister_family",
]

# A library is silent until its user sets logging up.
logging.getLogger(__name__).addHandler(logging.NullHandler())

# Names that need scikit-learn or pandas are imported when they are first used, so that
# `import automl` and `automl --help` are quick.
_LAZY = {
    "AutoMLClassifier": "automl.sklearn",
    "AutoMLRegressor": "automl.sklearn",
    "Result": "automl.result",
    "register_family": "automl.models",
    "unregister_family": "automl.models",
}

__getattr__, __dir__ = lazy_names(__name__, globals(), _LAZY)
