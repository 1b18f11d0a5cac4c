"""Fit one candidate on one fold: encode, fit, predict the held-out rows, save."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Rows
from automl.tuning.scratch import SearchData
from automl.tuning.tasks import REFIT, FitTask, Fitted

if TYPE_CHECKING:
    from automl.features import Encoder

_CACHE_BYTES = 400 << 20
_MIN_CACHED = 2
_FIT_SHARE = 0.85


@dataclass(frozen=True)
class _View:
    """A fold as one family wants to see it."""

    encoder: Encoder
    train: Rows
    valid: Rows | None
    seconds: float

    @property
    def n_bytes(self) -> int:
        parts = [self.train.X, *([self.valid.X] if self.valid else [])]
        return sum(_encoded_bytes(part) for part in parts)


class Fitter:
    """Fits tasks on one search's rows and keeps the encoded folds that it used last.

    Candidates that want the same encoding of the same fold share it, so a text is vectorised
    once a fold and not once a candidate.

    Parameters
    ----------
    data : SearchData
        The rows.
    encoders : Path
        Folder of saved encoders, one subfolder a digest.
    families : dict of str to Family
        Families registered by the user, which a fresh process does not know.
    """

    def __init__(self, data: SearchData, encoders: Path, families: dict[str, Family]):
        self._data = data
        self._encoders = encoders
        self._families = families
        self._views: OrderedDict[tuple[Any, ...], _View] = OrderedDict()

    def run(self, task: FitTask) -> Fitted:
        """Fit a task; whatever the family raises goes through."""
        started = time.monotonic()
        family = self._family(task.family)
        facts = self._facts(task)
        encoding = family.encoding(task.params, facts)
        view = self._view(encoding, task.fold, task.max_rows)
        encoded = time.monotonic()
        # The rest of the time is for predicting the held-out rows and for saving.
        deadline = started + _FIT_SHARE * task.seconds
        limits = FitLimits(deadline, task.n_threads, task.seed, task.rounds)
        model = family.fit(task.params, view.train, view.valid, facts, limits)
        fitted = time.monotonic()
        prediction = None
        predict_seconds = 0.0
        if view.valid is not None:
            prediction = model.predict(view.valid.X, task.n_threads)
            n_valid = max(1, len(view.valid.y))
            predict_seconds = (time.monotonic() - fitted) / n_valid
        digest, size = self._save(task, model, view.encoder)
        return Fitted(
            prediction,
            digest,
            model.rounds,
            model.rounds_run,
            dict(model.changed),
            len(view.train.y),
            view.seconds,
            fitted - encoded,
            predict_seconds,
            size,
            model.note,
        )

    def _family(self, name: str) -> Family:
        if name in self._families:
            return self._families[name]
        from automl.models import get_family

        return get_family(name)

    def _facts(self, task: FitTask) -> Facts:
        n_train = self._data.n_rows if task.fold == REFIT else len(self._data.folds[task.fold][0])
        return Facts(
            task=self._data.task,
            n_rows=min(n_train, task.max_rows or n_train),
            n_classes=self._data.n_classes,
            layout=self._data.columns.layout,
            weighted=self._data.weight is not None,
            fit_seconds=task.fit_seconds,
            round_seconds=task.round_seconds,
        )

    def _view(self, encoding: Encoding, fold: int, max_rows: int | None) -> _View:
        key = (encoding, fold, max_rows)
        if key in self._views:
            self._views.move_to_end(key)
            view = self._views[key]
            return _View(view.encoder, view.train, view.valid, 0.0)
        view = self._encode(encoding, fold, max_rows)
        self._views[key] = view
        self._forget()
        return view

    def _forget(self) -> None:
        """Drop the encoded folds used longest ago until the rest fits."""
        total = sum(view.n_bytes for view in self._views.values())
        while total > _CACHE_BYTES and len(self._views) > _MIN_CACHED:
            _, dropped = self._views.popitem(last=False)
            total -= dropped.n_bytes

    def _encode(self, encoding: Encoding, fold: int, max_rows: int | None) -> _View:
        from automl.features import Encoder

        started = time.monotonic()
        data = self._data
        if fold == REFIT:
            train, valid = np.arange(data.n_rows), None
        else:
            train, valid = data.folds[fold]
        if max_rows is not None and len(train) > max_rows:
            train = sample_rows(data, train, max_rows, data.seed + fold)
        encoder = Encoder(
            encoding, task=data.task, n_classes=data.n_classes, seed=data.seed * 1000 + fold + 1
        )
        weight = None if data.weight is None else np.asarray(data.weight[train])
        y = np.asarray(data.y[train])
        rows = Rows(encoder.fit_transform(data.columns.take(train), y, weight), y, weight)
        held_out = None
        if valid is not None:
            held_out = Rows(
                encoder.transform(data.columns.take(valid)),
                np.asarray(data.y[valid]),
                None if data.weight is None else np.asarray(data.weight[valid]),
            )
        return _View(encoder, rows, held_out, time.monotonic() - started)

    def _save(self, task: FitTask, model: FittedModel, encoder: Encoder) -> tuple[str, int]:
        digest = encoder.digest()
        save_once(self._encoders / digest, encoder)
        folder = Path(task.folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        model.save(folder)
        about = {
            "encoder": digest,
            "family": task.family,
            "own": task.family in self._families,
            "rounds": model.rounds,
        }
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
        return digest, sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def sample_rows(
    data: SearchData, rows: NDArray[np.int64], n_wanted: int, seed: int
) -> NDArray[np.int64]:
    """Draw rows without replacement; every class keeps at least some of its rows."""
    rng = np.random.default_rng([seed % (1 << 32), n_wanted])
    rows = np.asarray(rows)
    chosen = rng.choice(len(rows), n_wanted, replace=False)
    if data.task != "regression":
        y = np.asarray(data.y[rows])
        kept = set(chosen.tolist())
        rare = [
            position
            for label in np.unique(y)
            for position in np.flatnonzero(y == label)[:20].tolist()
            if position not in kept
        ]
        chosen = np.concatenate([chosen, np.array(rare, dtype=np.int64)])
    return np.sort(rows[chosen])


def save_once(folder: Path, encoder: Encoder) -> None:
    """Save an encoder unless an equal one stands there already; the folder appears as a whole."""
    if folder.exists():
        return
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    encoder.save(partial)
    try:
        partial.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(partial)  # another worker was first with the same encoder


def _encoded_bytes(encoded: Encoded) -> int:
    values = encoded.values
    if isinstance(values, np.ndarray):
        return int(values.nbytes)
    return int(values.data.nbytes + values.indices.nbytes + values.indptr.nbytes)
