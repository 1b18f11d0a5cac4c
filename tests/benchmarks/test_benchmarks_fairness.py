"""The benchmark of the count table, at sizes that take no time."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks import fairness
from benchmarks.__main__ import main
from benchmarks.runner import read_lines

TINY = fairness.Sizes(
    engine=2_000, beside=1_000, parquet=(1_000, 3_000), replicates=5, peer_replicates=2, repeats=1
)


def tiny(part: str, folder: Path, **changes: object) -> dict[str, object]:
    return fairness.orders([part], TINY, folder)[0] | changes


@pytest.mark.parametrize("auc", [False, True])
def test_the_engine_covers_all_sets_of_attributes(auc: bool, tmp_path: Path) -> None:
    found = fairness.measure_engine(tiny("engine", tmp_path, auc=auc))
    assert found["sets"] == 7
    assert 80 < found["groups"] <= 5 + 2 + 4 + 10 + 20 + 8 + 40
    assert len(found["metrics_resampled"]) >= 14 + auc
    assert ("auc" in found["metrics_resampled"]) == auc
    assert found["total_seconds"] == pytest.approx(sum(found["seconds"].values()), abs=0.01)


def test_fairlearn_computes_the_same_values(tmp_path: Path) -> None:
    found = fairness.measure_beside(tiny("fairlearn", tmp_path))
    assert found["groups"] == 10
    assert found["largest_difference"] < 1e-12
    per_replicate = found["fairlearn_replicates_seconds"] - found["fairlearn_plain_seconds"]
    expected = found["fairlearn_plain_seconds"] + max(per_replicate, 0) * 5 / 2
    assert found["fairlearn_extrapolated_seconds"] == pytest.approx(expected)


def test_files_are_written_in_batches_and_counted_whole(tmp_path: Path) -> None:
    order = tiny("parquet", tmp_path)
    fairness.write_rows(Path(str(order["file"])), 1_000, batch=300)
    file = pq.ParquetFile(str(order["file"]))
    assert file.metadata.num_rows == 1_000
    assert file.metadata.num_row_groups == 4
    assert fairness.measure_parquet(order)["cells"] > 10


def test_each_part_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    said: list[str] = []
    out = tmp_path / "results" / "fairness.jsonl"
    fairness.measure(out, said.append, ["parquet"], TINY)
    lines = read_lines(out)
    assert [line["rows"] for line in lines] == [1_000, 3_000]
    assert all(line["peak_mb"] > 20 for line in lines) or not Path("/proc").is_dir()
    assert said[-1].startswith("seconds for each further million rows: ")


def test_a_process_that_breaks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "write_rows", lambda file, n: file.write_text("no table"))
    said: list[str] = []
    fairness.measure(tmp_path / "out.jsonl", said.append, ["parquet"], TINY)
    assert all("errors" in line for line in read_lines(tmp_path / "out.jsonl"))
    assert len(said) == 2
    assert "failed: " in said[0]


def test_the_slope_is_between_neighbours() -> None:
    lines = [
        {"rows": 1_000_000, "seconds": 1.0, "peak_mb": 300},
        {"rows": 3_000_000, "seconds": 2.0, "peak_mb": 310},
        {"rows": 4_000_000, "seconds": 3.0, "peak_mb": 305},
    ]
    assert fairness.slope(lines) == (
        "seconds for each further million rows: 0.50, 1.00; peak memory from 300 to 310 MB"
    )


def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fairness, "measure", lambda out, report, parts: report(" ".join(parts)))
    out = str(tmp_path / "out.jsonl")
    assert main(["fairness", "--out", out]) == 0
    assert capsys.readouterr().out == "engine fairlearn parquet\n"
    with pytest.raises(SystemExit):
        main(["fairness", "--out", out, "--parts", "engine,speed"])
    assert "unknown: speed; there are engine, fairlearn, parquet" in capsys.readouterr().err
