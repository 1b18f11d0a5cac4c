"""The constant prediction, fitted in the calling process so that there is always a model."""

from __future__ import annotations

import json
import math
import time

import numpy as np

from automl.features.base import Encoded
from automl.models import Facts, FitLimits, FittedModel, Rows, get_family
from automl.tuning.candidates import Candidate, FoldRecord
from automl.tuning.run_folder import RunFolder
from automl.tuning.scratch import SearchData

NUMBER = -1
"""The baseline is no trial of the study."""


def fit_baseline(data: SearchData, folder: RunFolder) -> Candidate:
    """Fit the baseline on every fold, and once on all rows for the run folder."""
    started = time.monotonic()
    facts = Facts(data.task, data.n_rows, data.n_classes, data.columns.layout)
    candidate = Candidate(NUMBER, "baseline", "baseline", {}, "portfolio")
    for fold, (train, valid) in enumerate(data.folds):
        model = _fit(data, np.asarray(train), facts)
        candidate.predictions[fold] = model.predict(_no_features(len(valid)))
        candidate.folds[fold] = FoldRecord("", None, None, {}, len(train), 0.0, 0.0, 0, "")
    _same_everywhere(candidate)
    target = folder.refit_folder("baseline")
    target.mkdir(parents=True, exist_ok=True)
    _fit(data, np.arange(data.n_rows), facts).save(target)
    about = {"encoder": "", "family": "baseline", "own": False, "rounds": None}
    (target / "about.json").write_text(json.dumps(about), encoding="utf-8")
    size = sum(file.stat().st_size for file in target.iterdir())
    spent = (time.monotonic() - started) / len(data.folds)
    candidate.folds = {
        fold: FoldRecord("", None, None, {}, one.n_rows, spent, 0.0, size, "")
        for fold, one in candidate.folds.items()
    }
    return candidate


def _same_everywhere(candidate: Candidate) -> None:
    """Predict the folds' mean in every fold.

    Constants that differ between folds would order the rows, and a metric of the order would
    find the constant prediction better or worse than chance.
    """
    constants = [
        prediction[:1] for prediction in candidate.predictions.values() if len(prediction)
    ]
    mean = np.mean(constants, axis=0)
    for fold, prediction in candidate.predictions.items():
        candidate.predictions[fold] = np.repeat(mean, len(prediction), axis=0)


def _fit(data: SearchData, rows: np.ndarray, facts: Facts) -> FittedModel:
    weight = None if data.weight is None else np.asarray(data.weight[rows])
    train = Rows(_no_features(len(rows)), np.asarray(data.y[rows]), weight)
    limits = FitLimits(deadline=math.inf, n_threads=1, seed=data.seed)
    return get_family("baseline").fit({}, train, None, facts, limits)


def _no_features(n_rows: int) -> Encoded:
    return Encoded(np.zeros((n_rows, 0)), (), (), (), ())
