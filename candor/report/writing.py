"""Files that are replaced at once or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from candor.report.errors import ReportError


def write_whole(path: Path, content: bytes, usual: str) -> Path:
    """Write a file; one that was there stays as it was if that fails.

    Parameters
    ----------
    path : Path
        The file; its folder has to be there.
    content : bytes
        All of it.
    usual : str
        A name for the hint when `path` is a folder.
    """
    check_place(path, usual)
    beside = path.with_name(f".candor-{secrets.token_hex(6)}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        raise ReportError(f"{path} cannot be written", got=str(error)) from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def check_place(path: Path, usual: str) -> None:
    """Refuse a path where no file can be: a folder, or one in a folder that is not there."""
    if path.is_dir():
        raise ReportError(f"{path} is a folder", hint=str(path / usual))
    if not path.parent.is_dir():
        raise ReportError(f"there is no folder {path.parent}", hint=f"mkdir {path.parent}")
