"""Tables to try: simulated loans with a known truth, and scikit-learn's own datasets."""

from automl.demo.simulation import LoanTruth, loans, loans_truth
from automl.demo.tables import NAMES, DemoTable, demo_table

__all__ = ["NAMES", "DemoTable", "LoanTruth", "demo_table", "loans", "loans_truth"]
