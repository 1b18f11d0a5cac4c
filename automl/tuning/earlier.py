"""A run folder that is used again: whether it may be, and whether anything is left to do."""

from __future__ import annotations

import math
from typing import Any

from automl.errors import RunFolderError
from automl.tuning.run_folder import RunFolder
from automl.tuning.settings import Settings


def read_earlier(folder: RunFolder, settings: Settings, fingerprint: str) -> dict[str, Any] | None:
    """Return the manifest of an earlier call on this folder; None where there was none.

    Raises
    ------
    RunFolderError
        The earlier call was on another table, or had other arguments.
    """
    manifest = folder.read_manifest()
    if manifest is None:
        return None
    if manifest.get("fingerprint") != fingerprint:
        raise RunFolderError(
            f"the run folder {folder.path} belongs to another table or target",
            got=f"it was made from {manifest.get('name')!r}",
            hint="another run_dir",
        )
    wanted, found = settings.identity(), manifest.get("arguments")
    if not isinstance(found, dict):
        raise RunFolderError(f"the run folder {folder.path} is damaged: it names no arguments")
    changed = [key for key in wanted if wanted[key] != found.get(key)]
    if changed:
        key = changed[0]
        raise RunFolderError(
            f"the run folder {folder.path} belongs to a call with other arguments",
            got=f"{key} was {found.get(key)!r} there and is {wanted[key]!r} now",
            hint="another run_dir, or the same arguments",
        )
    return manifest


def nothing_to_add(manifest: dict[str, Any], settings: Settings) -> bool:
    """Say whether a finished run had at least the limits of this call."""
    limits = manifest.get("limits")
    if not isinstance(limits, dict):
        return False
    budget = None if math.isinf(settings.time_budget) else settings.time_budget
    return (
        bool(manifest.get("finished"))
        and _at_least(limits.get("time_budget"), budget)
        and _at_least(limits.get("n_trials"), settings.n_trials)
    )


def _at_least(before: float | None, now: float | None) -> bool:
    return before is None or (now is not None and now <= before)
