"""Two explanations side by side."""

from explain.comparing.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
