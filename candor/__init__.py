"""The ground that Candor's packages share: errors, frames, statistics."""

from candor.errors import CandorError

__all__ = ["CandorError"]
