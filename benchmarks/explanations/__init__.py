"""What is claimed of explanations, measured: exactness, closed forms, coverage, speed.

Each part runs in a fresh process: ``python -m benchmarks.explanations PART OUT.json [DATA]``.
"""

from benchmarks.explanations.parts import PARTS, in_words, measure

__all__ = ["PARTS", "in_words", "measure"]
