"""What it takes to explain a search's winner on adult, and to find counterfactuals for it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import automl
import explain
from automl.table import read_frame
from benchmarks.explanations.clock import timed
from benchmarks.protocol import read_datasets

REJECTED_ROWS = 100


def measure(data: Path, seconds: float = 60.0) -> dict[str, Any]:
    """Search on adult, then explain: globally, three rows, the effects of ten columns."""
    about = read_datasets(data)["adult"]
    file = data / about.file
    result = automl.search(file, target=about.target, time_budget=seconds, progress=False)
    frame, _ = read_frame(file)
    return _explained(result) | {"counterfactuals": _recourse(result, frame)}


def _explained(result: Any) -> dict[str, Any]:
    steps: dict[str, float] = {}
    steps["explain"], found = timed(result.explain)
    steps["global"], importance = timed(found.importance)
    steps["three_rows"], _ = timed(lambda: [found.row_lines(row) for row in (0, 1, 2)])
    top = importance["column"].tolist()[:10]
    steps["effects"], _ = timed(
        lambda: explain.effects(result.model, found.data, columns=top, max_rows=1_000)
    )
    wanted = sum(steps.values())
    steps["permutation"], _ = timed(
        lambda: explain.permutation_importance(result.model, found.data, found.y, max_rows=1_000)
    )
    return {
        "members": [f"{one.name} {one.weight:.2f}" for one in result.model.recipe.members],
        "seconds": {name: round(value, 2) for name, value in steps.items()},
        "total_seconds": round(wanted, 2),
        "rows": len(found.values),
        "references": found.n_background,
        "label": found.label,
        "top": top,
    }


def _recourse(result: Any, frame: Any) -> dict[str, Any]:
    """Ask how rejected people could be accepted, without changing who they are."""
    said = result.model.predict(frame)
    classes = result.model.classes_
    rejected = frame[said == classes[0]].sample(REJECTED_ROWS, random_state=0)
    fixed = ("sex", "race", "native-country")

    def options(place: int) -> Any:
        row = rejected.iloc[[place]]
        return explain.counterfactuals(
            result.model, row, data=frame, immutable=fixed, increasing=("age",)
        )

    each = [timed(partial(options, place)) for place in range(len(rejected))]
    return _summary(result, classes[1], each)


def _summary(result: Any, wanted: Any, each: list[tuple[float, Any]]) -> dict[str, Any]:
    found = [options.rows for _, options in each if options.found]
    valid = [bool((result.model.predict(rows) == wanted).all()) for rows in found]
    seconds = sorted(taken for taken, _ in each)
    return {
        "rows": len(each),
        "found_share": len(found) / len(each),
        "valid_share": sum(valid) / max(1, len(valid)),
        "median_seconds": round(seconds[len(seconds) // 2], 3),
        "slowest_seconds": round(seconds[-1], 3),
    }
