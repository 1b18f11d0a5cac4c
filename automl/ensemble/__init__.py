"""The ensemble: which candidates, with what weights, and what is done to their average."""

from automl.ensemble.blend import Link, blend, from_margin, to_margin
from automl.ensemble.calibration import Calibration, calibrate
from automl.ensemble.honest import honest_predictions
from automl.ensemble.selection import Selection, select
from automl.ensemble.threshold import Threshold, tune_threshold

__all__ = [
    "Calibration",
    "Link",
    "Selection",
    "Threshold",
    "blend",
    "calibrate",
    "from_margin",
    "honest_predictions",
    "select",
    "to_margin",
    "tune_threshold",
]
