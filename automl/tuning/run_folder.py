"""The run folder: a lock, a manifest, a journal, and one folder per finished candidate.

Layout (format 1)::

    plan.json            folds and limits of every fit
    manifest.json        format, versions, fingerprint of the table, arguments, the finished record
    schema.json          columns and target, as learned
    journal.log          Optuna's journal
    run.lock             held while a process searches
    worker.log           what libraries printed
    encoders/DIGEST/     fitted encoders, shared by candidates
    trials/NAME/         candidate.json, oof.npy and one folder per fold with the fitted model
    winner/NAME/         a member refitted on all rows

Everything is written beside its place and moved there in one step, so a process that is killed
leaves either the old state or the new one. Nothing here is a pickle.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import RunFolderAccessError, RunFolderError
from automl.tuning.candidates import Candidate, FoldRecord
from automl.tuning.plan import Plan

FORMAT = 1
"""Version of the layout. Raise it when an older Candor could misread a newer folder, and keep
reading every older number."""

_BALLAST = 1 << 20
_PARTIAL = ".partial"


class RunFolder:
    """Reads and writes one run folder.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lock: _Lock | None = None

    @property
    def encoders(self) -> Path:
        """Folder of saved encoders."""
        return self.path / "encoders"

    @property
    def journal(self) -> Path:
        """Optuna's journal."""
        return self.path / "journal.log"

    @property
    def worker_log(self) -> Path:
        """What workers print."""
        return self.path / "worker.log"

    def open_for_search(self) -> None:
        """Create the folder where it is absent and lock it.

        Raises
        ------
        RunFolderAccessError
            The folder cannot be written, or another process is searching in it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = _Lock(self.path / "run.lock")
            for folder in (self.encoders, self.path / "trials", self.path / "winner"):
                folder.mkdir(exist_ok=True)
            for leftover in (*self.path.glob(f"trials/*{_PARTIAL}"), *self.encoders.glob(".*")):
                shutil.rmtree(leftover)
            (self.path / "ballast").write_bytes(bytes(_BALLAST))
        except BlockingIOError as error:
            raise RunFolderAccessError(
                f"the run folder {self.path} is in use by another process",
                hint="another run_dir, or wait for that search to end",
            ) from error
        except OSError as error:
            raise RunFolderAccessError(
                f"the run folder {self.path} cannot be written",
                got=f"{type(error).__name__}: {error.strerror or error}",
                hint="a folder that you may write to",
            ) from error

    def close(self) -> None:
        """Unlock the folder."""
        (self.path / "ballast").unlink(missing_ok=True)
        for leftover in self.path.glob(f"trials/*{_PARTIAL}"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def drop_ballast(self) -> None:
        """Free the reserve that lets the last small files be written on a full disk."""
        (self.path / "ballast").unlink(missing_ok=True)

    def model_folder(self, candidate: Candidate, fold: int) -> Path:
        """Return where a fold's model is written while its candidate is unfinished."""
        return self.path / "trials" / f"{candidate.name}{_PARTIAL}" / f"fold-{fold}"

    def fold_folders(self, name: str) -> list[Path]:
        """Return the model folders of a finished candidate, in the order of the folds."""
        folders = (self.path / "trials" / name).glob("fold-*")
        return sorted(folders, key=lambda folder: int(folder.name.removeprefix("fold-")))

    def refit_folder(self, name: str) -> Path:
        """Return the model folder of a member that was refitted on all rows."""
        return self.path / "winner" / name

    def save_candidate(self, candidate: Candidate, oof: NDArray[np.float64] | None) -> None:
        """Write a finished candidate; its folder appears as a whole.

        One without out-of-fold predictions (pruned, failed, skipped) keeps its record only.
        """
        final = self.path / "trials" / candidate.name
        partial = final.with_name(f"{final.name}{_PARTIAL}")
        if oof is None:
            shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, exist_ok=True)
        if oof is not None:
            np.save(partial / "oof.npy", oof, allow_pickle=False)
        record = candidate_record(candidate)
        place = f"trials/{candidate.name}"
        written = self.digests([f"{place}{_PARTIAL}"])
        record["files"] = {name.replace(_PARTIAL, "", 1): sha for name, sha in written.items()}
        write_json(partial / "candidate.json", record)
        shutil.rmtree(final, ignore_errors=True)  # the baseline of an earlier call
        partial.rename(final)

    def load_candidates(self) -> list[Candidate]:
        """Read the finished candidates, oldest first.

        Raises
        ------
        RunFolderError
            A record is damaged.
        """
        found = []
        for file in (self.path / "trials").glob("*/candidate.json"):
            if file.parent.name.endswith(_PARTIAL):
                continue
            try:
                found.append(candidate_from(read_json(file)))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise _damaged(file, error) from error
        return sorted(found, key=lambda candidate: candidate.number)

    def load_oof(self, candidate: Candidate) -> NDArray[np.float64] | None:
        """Read a candidate's out-of-fold predictions; None where it has none.

        Raises
        ------
        RunFolderError
            They are damaged.
        """
        file = self.path / "trials" / candidate.name / "oof.npy"
        if not file.exists():
            return None
        try:
            values: NDArray[np.float64] = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(file, error) from error
        return values

    def save_plan(self, plan: Plan) -> None:
        """Keep the plan, so that a later call goes on with the same folds."""
        values = asdict(plan)
        values["fit_seconds"] = _plain(plan.fit_seconds)
        write_json(self.path / "plan.json", values)

    def load_plan(self) -> Plan | None:
        """Read the plan; None where there is none yet."""
        file = self.path / "plan.json"
        if not file.exists():
            return None
        values = read_json(file)
        try:
            values["fit_seconds"] = values["fit_seconds"] or math.inf
            return Plan(**values)
        except (KeyError, TypeError) as error:
            raise _damaged(file, error) from error

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace the manifest."""
        write_json(self.path / "manifest.json", {"format": FORMAT, **manifest})

    def holds_run(self) -> bool:
        """Say whether a search ever got as far as writing its manifest here."""
        return (self.path / "manifest.json").exists()

    def read_manifest(self) -> dict[str, Any] | None:
        """Read the manifest; None where the folder holds no run.

        Raises
        ------
        RunFolderError
            The manifest is damaged, or of a newer format.
        """
        file = self.path / "manifest.json"
        if not file.exists():
            return None
        manifest = read_json(file)
        version = manifest.get("format")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise RunFolderError(f"{file} is no manifest of a run", got=f"format {version!r}")
        if version > FORMAT:
            raise RunFolderError(
                f"the run folder {self.path} is of a newer format",
                got=f"format {version}; this Candor reads up to {FORMAT}",
                hint="a newer candor-automl",
            )
        return manifest

    def digests(self, places: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of every file in the named subfolders, by relative path."""
        found = {}
        for place in places:
            for file in sorted((self.path / place).rglob("*")):
                if file.is_file():
                    found[file.relative_to(self.path).as_posix()] = digest_file(file)
        return found

    def check_digests(self, recorded: object, within: Iterable[str]) -> None:
        """Compare files with recorded digests.

        Parameters
        ----------
        recorded : mapping of str to str
            SHA-256 by relative path, as the manifest or a candidate's record holds it.
        within : iterable of str
            Subfolders whose files must be as recorded.

        Raises
        ------
        RunFolderError
            A file is missing or has changed.
        """
        if not isinstance(recorded, Mapping):
            raise RunFolderError("the run folder is damaged: it holds no digests of its files")
        places = tuple(within)
        actual = self.digests(places)
        expected = {
            str(name): digest
            for name, digest in recorded.items()
            if any(str(name).startswith(f"{place}/") for place in places)
        }
        for name in {**expected, **actual}:
            if actual.get(name) != expected.get(name):
                state = "has changed" if name in actual else "is missing"
                raise RunFolderError(
                    f"the run folder is damaged: {self.path / name} {state}",
                    hint="a backup of the folder, or the search again in another run_dir",
                )


class _Lock:
    """A lock that the system releases with its process, also after kill -9."""

    def __init__(self, path: Path):
        self._file = path.open("a+")
        try:
            self._acquire()
        except OSError as error:
            self._file.close()
            raise BlockingIOError(str(error)) from error

    def _acquire(self) -> None:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        self._file.close()


def candidate_record(candidate: Candidate) -> dict[str, Any]:
    """Return a finished candidate as plain JSON values."""
    return {
        "number": candidate.number,
        "name": candidate.name,
        "family": candidate.family,
        "params": {key: _plain(value) for key, value in candidate.params.items()},
        "origin": candidate.origin,
        "max_rows": candidate.max_rows,
        "status": candidate.status,
        "note": candidate.note,
        "traceback": candidate.traceback,
        "score": _plain(candidate.score),
        "low": _plain(candidate.low),
        "high": _plain(candidate.high),
        "folds": {str(fold): asdict(record) for fold, record in candidate.folds.items()},
    }


def candidate_from(record: Mapping[str, Any]) -> Candidate:
    """Rebuild a finished candidate from its record."""
    values = {key: value for key, value in record.items() if key not in ("folds", "files")}
    for key in ("score", "low", "high"):
        values[key] = float("nan") if values[key] is None else float(values[key])
    folds = {int(fold): FoldRecord(**about) for fold, about in record["folds"].items()}
    return Candidate(**values, folds=folds)


def digest_file(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(file: Path, value: Any) -> None:
    """Write JSON beside its place and move it there in one step."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            json.dump(value, stream, indent=1, allow_nan=False)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_json(file: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    RunFolderError
        The file is missing or no JSON object.
    """
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(file, error) from error
    if not isinstance(value, dict):
        raise RunFolderError(f"the run folder is damaged: {file} is no JSON object")
    return value


def _damaged(file: Path, error: Exception) -> RunFolderError:
    return RunFolderError(
        f"the run folder is damaged: {file} cannot be read",
        got=f"{type(error).__name__}: {error}",
        hint="a backup of the folder, or the search again in another run_dir",
    )


def _plain(value: Any) -> Any:
    """Return a JSON value: numpy scalars become Python's, NaN becomes None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value
