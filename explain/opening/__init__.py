"""Opening models: from any fitted estimator to one frozen face with named scales."""

from explain.opening.model import OpenModel
from explain.opening.opening import open_model

__all__ = ["OpenModel", "open_model"]
