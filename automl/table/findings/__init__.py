"""Data checks: each module looks for one kind of trouble, and `find_all` runs them."""

from automl.table.findings.all import find_all

__all__ = ["find_all"]
