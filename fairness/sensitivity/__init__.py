"""How far a finding hangs on what counts alone cannot show: composition, gaps, labels."""

from fairness.sensitivity.conditional import conditional, strata_frame
from fairness.sensitivity.conflict import impossibility
from fairness.sensitivity.missing import missing_bounds
from fairness.sensitivity.tipping import TIPPING_METRICS, tipping_curve, tipping_points

__all__ = [
    "TIPPING_METRICS",
    "conditional",
    "impossibility",
    "missing_bounds",
    "strata_frame",
    "tipping_curve",
    "tipping_points",
]
