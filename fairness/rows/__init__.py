"""What needs rows, not only counts: missing values, proxies, consistency, curves."""

from fairness.rows.consistency import Consistency, consistency
from fairness.rows.curve import CURVE_METRICS, curve_frame, fine_table, trend
from fairness.rows.missingness import missingness
from fairness.rows.proxies import Proxies, proxies
from fairness.rows.representation import representation

__all__ = [
    "CURVE_METRICS",
    "Consistency",
    "Proxies",
    "consistency",
    "curve_frame",
    "fine_table",
    "missingness",
    "proxies",
    "representation",
    "trend",
]
