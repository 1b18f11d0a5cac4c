"""Where a report goes: checked before anything is computed, written by the file's ending."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    from candor.report import Page

ENDINGS = (".html", ".htm", ".md", ".json")
"""What a report may be written as."""


def checked_place(path: Any, endings: tuple[str, ...], usual: str) -> Path:
    """Return the path of a file that can be written.

    Raises
    ------
    ArgumentError
        It is a folder, lies in none, ends otherwise, or cannot be written.
    ArgumentTypeError
        It is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise ArgumentTypeError("a report is written to a file", got=repr(path), hint=usual)
    text = os.fspath(path)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ArgumentError("a report is written to a file", got=repr(path), hint=usual)
    place = Path(text)
    if place.is_dir():
        raise ArgumentError(
            f"{place} is a folder, not a file", got="a folder", hint=str(place / usual)
        )
    if place.suffix.lower() not in endings:
        raise ArgumentError(
            f"a report cannot be written as {place.suffix or 'a file without an ending'}",
            got=f"known endings: {', '.join(endings)}",
            hint=str(place.with_suffix(endings[0])) if place.name else usual,
        )
    if not place.parent.is_dir():
        raise ArgumentError(
            f"{place} cannot be written",
            got=f"there is no folder {place.parent}",
            hint=f"mkdir {place.parent}",
        )
    if not os.access(place.parent, os.W_OK) or (place.exists() and not os.access(place, os.W_OK)):
        raise ArgumentError(
            f"{place} cannot be written", got="no permission to write there", hint=usual
        )
    _check_folder(place)
    return place


def write_page(page: Page, place: Path) -> Path:
    """Write a page as its file's ending says.

    Raises
    ------
    ArgumentError
        The file cannot be written, or not to its end.
    """
    from candor.report import ReportError, write_html, write_json, write_markdown

    writers: Mapping[str, Callable[[Page, Path], Path]] = {
        ".md": write_markdown,
        ".json": write_json,
    }
    try:
        return writers.get(place.suffix.lower(), write_html)(page, place)
    except ReportError as error:
        raise _unwritable(place, error.__cause__ or error) from error


def _check_folder(place: Path) -> None:
    """Refuse a folder where no file can be made, whatever its permissions say (such as /proc)."""
    try:
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise _unwritable(place, error) from error


def _unwritable(place: Path, error: BaseException) -> ArgumentError:
    """Return the error of a file that cannot be written, named as it was asked for."""
    # The system's message would name the hidden file that is written first.
    reason = error.strerror if isinstance(error, OSError) else None
    return ArgumentError(
        f"{place} cannot be written",
        got=(reason or "the system refuses it").lower(),
        hint="name a file in another folder",
    )
