"""``python -m benchmarks.explanations PART OUT.json [DATA]``: one part, in this process."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.explanations.parts import PARTS
from benchmarks.job import CORES
from benchmarks.machine import use_cores


def main(arguments: list[str]) -> None:
    """Measure one part and write what was found."""
    part, out, *data = arguments
    if part not in PARTS:
        raise SystemExit(f"unknown: {part}; there are {', '.join(PARTS)}")
    use_cores(CORES)
    module = import_module(f"benchmarks.explanations.{part}")
    found = module.measure(Path(data[0])) if part == "winner" else module.measure()
    Path(out).write_text(json.dumps(found, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
