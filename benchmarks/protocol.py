"""The protocol: which rows train, which rows test, and how predictions are scored.

A folder of data holds `datasets.csv` and one parquet file a dataset. Rows without a target are
removed, columns that leak are taken off, and 25 % of the rows are the test set, by the dataset's
own split with seed 0. Scores: ROC AUC of the positive label, negative log loss over all classes of
the full data (clipped at 1e-15), or RMSE.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Task = Literal["binary", "multiclass", "regression"]

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
TEST_SHARE = 0.25
SMALLEST = 1e-15
HIGHER_IS_BETTER = {"roc_auc": True, "neg_log_loss": True, "rmse": False}


@dataclass(frozen=True)
class Dataset:
    """One line of `datasets.csv`.

    Parameters
    ----------
    name, file : str
        Name, and file in the data folder.
    task : str
        "binary", "multiclass" or "regression".
    target, positive : str
        Target column, and the positive label as text (empty unless binary).
    metric : str
        "roc_auc", "neg_log_loss" or "rmse".
    split : str
        "stratified", "random", "time" or "group".
    seed : int
        Seed of the split.
    group, time : str
        Columns of the split; empty where there is none.
    drop : tuple of str
        Columns that leak or identify.
    """

    name: str
    file: str
    task: Task
    target: str
    positive: str
    metric: str
    split: str
    seed: int
    group: str
    time: str
    drop: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A dataset, read and split.

    Parameters
    ----------
    dataset : Dataset
        What was read.
    train, test : DataFrame
        Feature rows with the target, and with the group column where there is one.
    labels : tuple
        All classes of the full data, in the order of their text; empty for regression.
    """

    dataset: Dataset
    train: pd.DataFrame
    test: pd.DataFrame
    labels: tuple[Any, ...]

    @property
    def test_rows(self) -> pd.DataFrame:
        """The test rows without their target."""
        return self.test.drop(columns=self.dataset.target)

    @property
    def test_target(self) -> pd.Series[Any]:
        """The targets of the test rows."""
        return self.test[self.dataset.target]


def read_datasets(folder: Path) -> dict[str, Dataset]:
    """Read `datasets.csv`, by name."""
    with (folder / "datasets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["name"]: Dataset(
            name=row["name"],
            file=row["file"],
            task=_task(row["task"]),
            target=row["target"],
            positive=row["positive_label"],
            metric=row["metric"],
            split=row["split"],
            seed=int(row["split_seed"] or 0),
            group=row["group_col"],
            time=row["time_col"],
            drop=tuple(name for name in row["drop"].split(";") if name),
        )
        for row in rows
    }


def _task(text: str) -> Task:
    for task in TASKS:
        if text == task:
            return task
    raise ValueError(f"unknown task {text!r}; there are {', '.join(TASKS)}")


def load(dataset: Dataset, folder: Path) -> Problem:
    """Read a dataset and split it by the protocol."""
    frame = pd.read_parquet(folder / dataset.file)
    frame = frame[frame[dataset.target].notna()].reset_index(drop=True)
    train, test = split_rows(dataset, frame)
    # The group column is no feature, but a system has to know it to split by it in its turn.
    taken_off = [name for name in dataset.drop if name != dataset.group]
    labels: tuple[Any, ...] = ()
    if dataset.task != "regression":
        labels = tuple(sorted(frame[dataset.target].unique(), key=str))
    kept = frame.drop(columns=taken_off)
    return Problem(
        dataset,
        kept.iloc[train].reset_index(drop=True),
        kept.iloc[test].reset_index(drop=True),
        labels,
    )


def split_rows(
    dataset: Dataset, frame: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of the training and of the test rows."""
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    rows = np.arange(len(frame))
    y = frame[dataset.target]
    if dataset.split == "time":
        order = np.argsort(frame[dataset.time].to_numpy(), kind="stable")
        n_test = int(np.ceil(TEST_SHARE * len(frame)))
        return np.sort(order[:-n_test]), np.sort(order[-n_test:])
    if dataset.split == "group":
        splitter = GroupShuffleSplit(1, test_size=TEST_SHARE, random_state=dataset.seed)
        train, test = next(splitter.split(rows, groups=frame[dataset.group]))
        return train, test
    train, test = train_test_split(
        rows,
        test_size=TEST_SHARE,
        random_state=dataset.seed,
        stratify=y.astype(str) if dataset.split == "stratified" else None,
    )
    return train, test


def score(problem: Problem, prediction: NDArray[Any], classes: Sequence[Any]) -> float:
    """Score predictions of the test rows.

    Parameters
    ----------
    problem : Problem
        What was predicted.
    prediction : ndarray
        Probabilities, shape (n_rows, n_classes) in the order of `classes`, or values.
    classes : sequence
        Labels of the columns; not used for regression.

    Returns
    -------
    float
        The score in the units of the dataset's metric.
    """
    from sklearn.metrics import roc_auc_score

    y = problem.test_target
    if problem.dataset.task == "regression":
        values = y.to_numpy(dtype=np.float64)
        return float(np.sqrt(np.mean((np.asarray(prediction, dtype=np.float64) - values) ** 2)))
    columns = [_same_label(label, problem.labels) for label in classes]
    actual = pd.Index([str(label) for label in problem.labels]).get_indexer(
        pd.Index(y.astype(str))
    )
    full = np.zeros((len(y), len(problem.labels)))
    full[:, columns] = prediction
    if problem.dataset.task == "binary":
        positive = _same_label(problem.dataset.positive, problem.labels)
        return float(roc_auc_score(actual == positive, full[:, positive]))
    own = np.clip(full[np.arange(len(y)), actual], SMALLEST, 1 - SMALLEST)
    return float(np.log(own).mean())


def _same_label(label: Any, labels: Sequence[Any]) -> int:
    """Find a label by its text, or by its number where a system has changed the type."""
    texts = [str(one) for one in labels]
    if str(label) in texts:
        return texts.index(str(label))
    return [float(text) for text in texts].index(float(label))
