"""What a report takes to build, and whether it opens as it should.

The runs are searched once: ``python -m benchmarks.reports.finding TABLE DATA RUN`` in a process of
its own. The command `automl report` then builds each page in a fresh process.
"""

from benchmarks.reports.measuring import in_words, measure
from benchmarks.reports.tables import TABLES

__all__ = ["TABLES", "in_words", "measure"]
