"""Glass boxes: what it would cost to take a model that can be read."""

from explain.glassbox.pricing import price_of_interpretability
from explain.glassbox.result import Price

__all__ = ["Price", "price_of_interpretability"]
