"""Pipelines: transformers are an encoding, the last step is what is read."""

from __future__ import annotations

from typing import Any

from explain.opening.provenance import through_steps
from explain.opening.structures import Reading, Structure, structure_of
from explain.protocol import Encoding


def read_pipeline(reading: Reading) -> Structure | None:
    """Read the last step of a pipeline on what the steps before it make."""
    model = reading.model
    if type(model).__name__ != "Pipeline" or type(model).__module__.split(".")[0] != "sklearn":
        return None
    steps = [step for _, step in model.steps]
    _, sources = through_steps(steps[:-1], reading.matrix, reading.encoding.sources)
    outer = reading.encoding

    def transform(frame: Any) -> Any:
        rows = outer.transform(frame)
        for step in steps[:-1]:
            if step != "passthrough" and step is not None:
                rows = step.transform(rows)
        return rows

    return structure_of(reading.inside(steps[-1], Encoding(transform, sources)))
