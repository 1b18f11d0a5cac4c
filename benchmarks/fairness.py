"""What an audit's counting costs: the engine, beside fairlearn, and from Parquet in batches.

Every measurement runs in a fresh process, on rows that are drawn anew from a seed:
``python -m benchmarks.fairness ORDER.json OUT.json`` reads an order and writes what was measured.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.job import CORES
from benchmarks.machine import describe, use_cores
from benchmarks.memory import memory_of
from benchmarks.runner import append_line, run_process

if TYPE_CHECKING:
    import pandas as pd

    from fairness.table.values import GroupCounts

PARTS = ("engine", "fairlearn", "parquet")
GROUPS = {"race": 5, "sex": 2, "age": 4}
"""Attributes with their number of groups; the 7 sets of them have 89 groups."""

COMPARED = ("selection_rate", "tpr", "fpr", "fnr", "accuracy", "ppv")
"""Metrics that fairlearn and scikit-learn have too."""

MOST_SECONDS = 3_600.0


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Parameters
    ----------
    engine : int
        Rows of the engine's measurement.
    beside : int
        Rows of the comparison with fairlearn.
    parquet : tuple of int
        Rows of each file.
    replicates : int
        Bootstrap replicates.
    peer_replicates : int
        Replicates that fairlearn is given; its time for `replicates` is extrapolated.
    repeats : int
        Times that quick parts are measured; the median counts.
    """

    engine: int = 1_000_000
    beside: int = 500_000
    parquet: tuple[int, ...] = (1_000_000, 2_500_000, 5_000_000, 10_000_000)
    replicates: int = 1_000
    peer_replicates: int = 10
    repeats: int = 3


def measure(
    out: Path,
    report: Callable[[str], None],
    parts: Sequence[str] = PARTS,
    sizes: Sizes | None = None,
) -> None:
    """Measure the parts one after the other and append a line for each."""
    sizes = sizes or Sizes()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        lines: list[dict[str, Any]] = []
        for order in orders(parts, sizes, Path(folder)):
            line = _measure_one(order, Path(folder))
            append_line(out, line)
            report(in_words(line))
            lines.append(line)
    steps = [line for line in lines if line["part"] == "parquet" and "errors" not in line]
    if len(steps) > 1:
        report(slope(steps))


def orders(parts: Sequence[str], sizes: Sizes, folder: Path) -> list[dict[str, Any]]:
    """Return what each process is told."""
    common = {**asdict(sizes), "file": str(folder / "rows.parquet")}
    found: list[dict[str, Any]] = []
    if "engine" in parts:
        found += [
            common | {"part": "engine", "rows": sizes.engine, "auc": x} for x in (False, True)
        ]
    if "fairlearn" in parts:
        found.append(common | {"part": "fairlearn", "rows": sizes.beside})
    if "parquet" in parts:
        found += [common | {"part": "parquet", "rows": rows} for rows in sizes.parquet]
    return found


def _measure_one(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run one order in a process of its own and return its line."""
    line = {"part": order["part"], "rows": order["rows"], "machine": describe()}
    told, out = folder / "order.json", folder / "out.json"
    told.write_text(json.dumps(order), encoding="utf-8")
    out.unlink(missing_ok=True)
    if order["part"] == "parquet":
        # Written here, so that the measured process never holds a row that it does not read.
        write_rows(Path(order["file"]), order["rows"])
    command = [sys.executable, "-m", "benchmarks.fairness", str(told), str(out)]
    ended = run_process(command, limit=MOST_SECONDS)
    if ended.code != 0 or not out.exists():
        return line | {"errors": ended.errors or "took too long"}
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    sampled = round(ended.peak_bytes / 2**20)
    return line | found | {"peak_mb": max(sampled, found["highest_mb"])}


def draw_rows(n: int, seed: int = 0) -> pd.DataFrame:
    """Return rows with three attributes of text, an outcome, a score and a prediction."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    shift = np.zeros(n)
    for name, size in GROUPS.items():
        share = 1 / np.arange(1, size + 1)
        codes = rng.choice(size, n, p=share / share.sum()).astype(np.int8)
        shift += 0.2 * codes / size
        labels = pd.Index([f"{name} {i}" for i in range(size)])
        columns[name] = labels.take(codes)
    score = 1 / (1 + np.exp(-(rng.normal(size=n) + shift - 0.5)))
    columns["outcome"] = (rng.random(n) < score).astype(np.int8)
    columns["score"] = score
    columns["predicted"] = (score > 0.5).astype(np.int8)
    return pd.DataFrame(columns)


def write_rows(file: Path, n: int, batch: int = 250_000) -> None:
    """Write rows to Parquet without ever holding more than a batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for number, start in enumerate(range(0, n, batch)):
        rows = pa.Table.from_pandas(draw_rows(min(batch, n - start), number), preserve_index=False)
        writer = writer or pq.ParquetWriter(file, rows.schema)
        writer.write_table(rows)
    if writer is not None:
        writer.close()


# What the processes do


def measure_engine(order: dict[str, Any]) -> dict[str, Any]:
    """Count, estimate and resample all sets of attributes."""
    from fairness.metrics import bootstrap, estimates
    from fairness.table import CountTable

    rows = draw_rows(order["rows"])
    score = rows["score"] if order["auc"] else None
    held = memory_of(os.getpid())
    clock = _Clock()
    table = CountTable.from_rows(
        rows["outcome"],
        rows["predicted"],
        y_score=score,
        sensitive=rows[list(GROUPS)],
        positive=1,
    )
    clock.lap("table")
    sets = [table.groups(names) for names in _sets()]
    clock.lap("groups")
    found = [estimates(counts) for counts in sets]
    clock.lap("estimates")
    resampled: tuple[str, ...] = ()
    for counts in sets:
        resampled = _resample(bootstrap, counts, order)
    clock.lap("bootstrap")
    return {
        "auc": order["auc"],
        "sets": len(sets),
        "groups": sum(len(counts.groups) for counts in sets),
        "metrics": len(found[0]),
        "metrics_resampled": list(resampled),
        "replicates": order["replicates"],
        "data_mb": round(held / 2**20),
        "seconds": clock.seconds,
        "total_seconds": round(sum(clock.seconds.values()), 3),
    }


def _resample(
    bootstrap: Callable[..., Any], counts: GroupCounts, order: dict[str, Any]
) -> tuple[str, ...]:
    """Resample every metric that is made of cells, and the AUC where it is asked for."""
    n, names = order["replicates"], []
    names += bootstrap(counts, n_replicates=n, seed=0).metrics
    if order["auc"]:
        names += bootstrap(counts, ["auc"], n_replicates=n, seed=0).metrics
    return tuple(names)


def measure_beside(order: dict[str, Any]) -> dict[str, Any]:
    """Compute the same six metrics with fairlearn and with counts, plain and resampled."""
    from fairness.metrics import bootstrap

    rows = draw_rows(order["rows"])
    ours = [_timed(lambda: _count(rows)) for _ in range(order["repeats"])]
    theirs = [_timed(lambda: _frame(rows)) for _ in range(order["repeats"])]
    (counts, values), frame = ours[0][1], theirs[0][1]
    n, fewer = order["replicates"], order["peer_replicates"]
    resampled = [
        _timed(lambda: bootstrap(_count(rows)[0], COMPARED, n_replicates=n, seed=0))[0]
        for _ in range(order["repeats"])
    ]
    peer_resampled = _timed(lambda: _frame(rows, fewer))[0]
    plain, peer_plain = _median(ours), _median(theirs)
    # The point values are computed beside the replicates, whose number alone grows.
    extrapolated = peer_plain + max(peer_resampled - peer_plain, 0.0) * n / fewer
    names = [" × ".join(group) for group in frame.by_group.index]
    theirs_by_name = frame.by_group[list(COMPARED)].set_axis(names).loc[list(counts.groups)]
    return {
        "metrics": list(COMPARED),
        "groups": len(counts.groups),
        "largest_difference": float(np.abs(theirs_by_name.to_numpy(dtype=float) - values).max()),
        "plain_seconds": plain,
        "fairlearn_plain_seconds": peer_plain,
        "plain_ratio": peer_plain / plain,
        "replicates": n,
        "bootstrap_seconds": statistics.median(resampled),
        "fairlearn_replicates": fewer,
        "fairlearn_replicates_seconds": peer_resampled,
        "fairlearn_extrapolated_seconds": extrapolated,
        "bootstrap_ratio": extrapolated / statistics.median(resampled),
    }


def _count(rows: pd.DataFrame) -> tuple[GroupCounts, Any]:
    """Return counts of race × sex and the point values, shape (n_groups, n_metrics)."""
    from fairness.metrics import estimate
    from fairness.table import CountTable

    table = CountTable.from_rows(
        rows["outcome"], rows["predicted"], sensitive=rows[["race", "sex"]], positive=1
    )
    counts = table.groups(("race", "sex"))
    return counts, np.column_stack([estimate(name, counts).value for name in COMPARED])


def _frame(rows: pd.DataFrame, n_boot: int | None = None) -> Any:
    """Return fairlearn's frame of the same metrics."""
    from fairlearn.metrics import (
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import accuracy_score, precision_score

    functions = (
        selection_rate, true_positive_rate, false_positive_rate, false_negative_rate,
        accuracy_score, precision_score,
    )  # fmt: skip
    resampling = {"n_boot": n_boot, "ci_quantiles": [0.025, 0.975], "random_state": 0}
    return MetricFrame(
        metrics=dict(zip(COMPARED, functions, strict=True)),
        y_true=rows["outcome"],
        y_pred=rows["predicted"],
        sensitive_features=rows[["race", "sex"]],
        **(resampling if n_boot else {}),
    )


def measure_parquet(order: dict[str, Any]) -> dict[str, Any]:
    """Count a file in batches."""
    from fairness.table import CountTable

    start = time.perf_counter()
    table = CountTable.from_parquet(
        order["file"],
        target="outcome",
        prediction="predicted",
        score="score",
        sensitive=list(GROUPS),
        positive=1,
    )
    seconds = time.perf_counter() - start
    assert table.n == order["rows"]
    return {
        "seconds": round(seconds, 3),
        "cells": len(table.counts),
        "file_mb": round(Path(order["file"]).stat().st_size / 2**20),
    }


MEASURES = {
    "engine": measure_engine,
    "fairlearn": measure_beside,
    "parquet": measure_parquet,
}


# Words and clocks


def in_words(line: dict[str, Any]) -> str:
    """Return one line for the terminal."""
    head = f"{line['part']:10} {line['rows']:>12,} rows"
    if "errors" in line:
        return f"{head}  failed: {(line['errors'].strip().splitlines() or [''])[-1]}"
    if line["part"] == "engine":
        steps = ", ".join(f"{name} {value:.2f}" for name, value in line["seconds"].items())
        return (
            f"{head}  {line['total_seconds']:.2f} s ({steps}): {line['sets']} sets, "
            f"{line['groups']} groups, {len(line['metrics_resampled'])} metrics × "
            f"{line['replicates']:,} replicates{', AUC among them' if line['auc'] else ''}; "
            f"peak {line['peak_mb']:,} MB, rows among them {line['data_mb']:,}"
        )
    if line["part"] == "fairlearn":
        return (
            f"{head}  plain {line['plain_seconds']:.3f} s against "
            f"{line['fairlearn_plain_seconds']:.2f} s ({line['plain_ratio']:,.0f}×), "
            f"{line['replicates']:,} replicates {line['bootstrap_seconds']:.3f} s against "
            f"{line['fairlearn_extrapolated_seconds']:,.0f} s, extrapolated from "
            f"{line['fairlearn_replicates']} ({line['bootstrap_ratio']:,.0f}×); largest "
            f"difference of a value {line['largest_difference']:.1g}"
        )
    return f"{head}  {line['seconds']:.2f} s, peak {line['peak_mb']:,} MB"


def slope(lines: Sequence[dict[str, Any]]) -> str:
    """Say how seconds and memory grow with rows."""
    steps = [
        f"{1e6 * (b['seconds'] - a['seconds']) / (b['rows'] - a['rows']):.2f}"
        for a, b in pairwise(lines)
    ]
    peaks = [line["peak_mb"] for line in lines]
    return (
        f"seconds for each further million rows: {', '.join(steps)}; "
        f"peak memory from {min(peaks):,} to {max(peaks):,} MB"
    )


class _Clock:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 4)
        self._last = now


def _sets() -> list[tuple[str, ...]]:
    """Return all sets of attributes."""
    names = tuple(GROUPS)
    return [found for size in range(1, len(names) + 1) for found in combinations(names, size)]


def _highest_mb() -> int:
    """Return the most memory that this process was ever resident with; 0 where none tells.

    What is looked at ten times a second can miss the peak of a step that takes a tenth of one.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def _median(runs: Sequence[tuple[float, Any]]) -> float:
    return statistics.median(seconds for seconds, _ in runs)


def main(arguments: Sequence[str]) -> None:
    """Do what one order says."""
    order = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    use_cores(CORES)
    found = MEASURES[order["part"]](order) | {"highest_mb": _highest_mb()}
    Path(arguments[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
