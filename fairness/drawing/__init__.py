"""Charts of an audit: from its frames to Altair charts, each with the same said in words.

Every chart is made in two steps: an `…_info` function reads the frame into plain values, which
tests can look at, and a `draw_…` function draws them.
"""

from fairness.drawing.blocks import as_block
from fairness.drawing.calibration import calibration_alt, calibration_chart
from fairness.drawing.curves import curve_alt, curve_chart
from fairness.drawing.disparities import disparities_alt, disparities_chart
from fairness.drawing.groups import groups_alt, groups_chart
from fairness.drawing.shrinkage import shrunk_alt, shrunk_chart
from fairness.drawing.sweeps import sweep_alt, sweep_chart

__all__ = [
    "as_block",
    "calibration_alt",
    "calibration_chart",
    "curve_alt",
    "curve_chart",
    "disparities_alt",
    "disparities_chart",
    "groups_alt",
    "groups_chart",
    "shrunk_alt",
    "shrunk_chart",
    "sweep_alt",
    "sweep_chart",
]
