"""Runs jobs one after the other, each in a fresh process, and keeps a line for each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.job import Job
from benchmarks.memory import PeakMemory
from benchmarks.profiles import Profile

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finished:
    """How a process ended.

    Parameters
    ----------
    code : int or None
        Exit status; None where it was ended for taking too long.
    seconds : float
        From start to end.
    peak_bytes : int
        Peak memory of the process with everything that it started.
    errors : str
        The end of what it wrote to standard error.
    """

    code: int | None
    seconds: float
    peak_bytes: int
    errors: str


def plan(
    profile: Profile, systems: Sequence[str], datasets: Sequence[str], budgets: Sequence[float]
) -> list[Job]:
    """Return the jobs of a profile; datasets and budgets said on the command line come first."""
    return [
        Job(system, dataset, seed, budget)
        for budget in budgets or profile.budgets
        for seed in profile.seeds
        for dataset in datasets
        for system in systems
    ]


def run(jobs: Iterable[Job], data: Path, out: Path, report: Callable[[str], None]) -> None:
    """Run all jobs that have no finished line yet, and append a line for each."""
    out.parent.mkdir(parents=True, exist_ok=True)
    done = {Job(**line["job"]).key for line in read_lines(out) if line["status"] == "ok"}
    todo = [job for job in jobs if job.key not in done]
    report(f"{len(todo)} jobs to run, {len(done)} lines finished in {out}")
    for number, job in enumerate(todo, start=1):
        line = run_one(job, data)
        append_line(out, line)
        report(f"{number}/{len(todo)}  {describe_line(line)}")


def run_one(job: Job, data: Path) -> dict[str, Any]:
    """Run one job in a fresh process and return its line."""
    with tempfile.TemporaryDirectory() as folder:
        job_file, out_file = Path(folder) / "job.json", Path(folder) / "out.json"
        order = {"job": job.to_dict(), "data": str(data.resolve()), "started": time.time()}
        job_file.write_text(json.dumps(order), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.job", str(job_file), str(out_file)]
        ended = run_process(command, limit=600 + 3 * job.budget)
        line: dict[str, Any] = {
            "job": job.to_dict(),
            "status": "ok",
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "wall_seconds": round(ended.seconds, 3),
            "peak_mb": round(ended.peak_bytes / 2**20),
        }
        if ended.code == 0 and out_file.exists():
            measured: dict[str, Any] = json.loads(out_file.read_text(encoding="utf-8"))
            return line | measured
        status = "too long" if ended.code is None else "failed"
        return line | {"status": status, "errors": ended.errors}


def run_process(command: list[str], limit: float) -> Finished:
    """Run a command in a session of its own, watch its memory, and end it after `limit` s."""
    start = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        code: int | None
        with PeakMemory(process.pid) as memory:
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = None
        seconds = time.monotonic() - start
        _end(process)
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")[-2_000:]
    return Finished(code, seconds, memory.bytes, text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what is left of its session."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    elif process.poll() is None:
        process.kill()
    process.wait()


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Read finished lines; one that was cut off by a killed run is passed over."""
    if not file.exists():
        return []
    lines = []
    for text in file.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def append_line(file: Path, line: dict[str, Any]) -> None:
    """Append a line; one that was cut off before it stays alone on its own."""
    cut_off = file.exists() and not file.read_bytes().endswith(b"\n") and file.stat().st_size > 0
    with file.open("a", encoding="utf-8") as handle:
        handle.write(("\n" if cut_off else "") + json.dumps(line) + "\n")


def describe_line(line: dict[str, Any]) -> str:
    """Return a line in words."""
    job = line["job"]
    head = f"{job['dataset']:20} {job['system']:16} {job['budget']:g} s"
    if line["status"] != "ok":
        last = (line["errors"].strip().splitlines() or [""])[-1]
        return f"{head}  {line['status']}: {last}"
    return (
        f"{head}  {line['metric']} {line['score']:.6g}  fit {line['fit_seconds']:.1f} s  "
        f"{line['peak_mb']} MB  {line['rows_per_second']:,} rows/s  {line['note']}"
    )
