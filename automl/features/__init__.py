"""What each family needs to see, learned inside the fold."""

from automl.features.base import SOURCE_SEPARATOR, Encoded, Encoding
from automl.features.encoder import Encoder

__all__ = ["SOURCE_SEPARATOR", "Encoded", "Encoder", "Encoding"]
