"""The quality card: how far an explanation can be relied on, in numbers."""

from explain.card.judging import quality
from explain.card.result import QualityCard

__all__ = ["QualityCard", "quality"]
