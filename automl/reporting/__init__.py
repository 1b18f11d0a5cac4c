"""The report: a finished run, its explanation and its audit as one page."""

from automl.reporting.facts import Facts, Performance, Predictions, Why

__all__ = ["Facts", "Performance", "Predictions", "Why"]
