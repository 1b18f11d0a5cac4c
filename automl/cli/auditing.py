"""The command `automl audit`: of a run's winner, or of a file of predictions."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import automl
from automl.cli.notes import notes_shown
from automl.cli.output import write_text
from automl.errors import ArgumentError

if TYPE_CHECKING:
    from fairness import Audit

_SHARED = ("reference", "control", "tolerance", "confidence", "template", "seed")
_HEAD = 200
"""Characters of a file that tell what it is."""
_OF_FILE = ("target", "prediction", "score", "threshold", "positive", "weight", "task")


def audit(args: argparse.Namespace) -> None:
    """Audit, and show the verdicts."""
    options = {name: value for name, value in vars(args).items() if name in _SHARED}
    source = Path(args.source)
    check_places(args)
    if source.suffix == ".json" and _is_audit(source):
        found = _recomputed(args, source)
    elif source.is_dir():
        found = _audit_run(args, source, options)
    else:
        found = audit_file(args, source, options)
    _write(found, args)


def check_places(args: argparse.Namespace) -> None:
    """Refuse a place that nothing can be written to before anything is computed."""
    for flag, ending in (("report", "html"), ("out", "json")):
        path = Path(getattr(args, flag, "") or ".")
        if hasattr(args, flag) and path.is_dir():
            example = path / f"{args.command}.{ending}"
            raise ArgumentError(
                f"--{flag} is a file", got=f"{path} is a folder", hint=f"--{flag} {example}"
            )
        if not path.parent.is_dir():
            raise ArgumentError(
                f"{path} cannot be written",
                got=f"there is no folder {path.parent}",
                hint=f"mkdir {path.parent}",
            )


def _is_audit(file: Path) -> bool:
    """Say whether a file is what --out wrote."""
    try:
        head = file.read_text(encoding="utf-8")[:_HEAD]
    except (OSError, UnicodeDecodeError):
        return False  # reading it as a table will say what is wrong
    return '"candor.audit/' in head


def _recomputed(args: argparse.Namespace, file: Path) -> Audit:
    """Compute an audit again from its counts."""
    from fairness import Audit

    wrong = [name for name in (*_OF_FILE, *_SHARED, "rows", "sensitive") if hasattr(args, name)]
    if wrong:
        raise ArgumentError(
            f"--{wrong[0]} cannot be used with an audit that --out wrote",
            got=f"{file} holds its counts and settings",
            hint=f"automl audit {file} --report FILE",
        )
    found = Audit.from_json(file.read_text(encoding="utf-8"))
    _say(args, f"computed again from the counts in {file}: the stored results follow from them")
    return found


def _audit_run(args: argparse.Namespace, run: Path, options: dict[str, Any]) -> Audit:
    wrong = [name for name in _OF_FILE if hasattr(args, name)]
    if wrong:
        raise ArgumentError(
            f"--{wrong[0]} belongs to a file of predictions",
            got=f"{run} is a run, which knows its own",
            hint=f"automl audit {run} --sensitive COLUMN",
        )
    result = automl.load(run)
    _say(args, "auditing: counts take seconds, proxies of the sensitive columns a little longer")
    with notes_shown(not args.quiet and not args.debug):
        return result.audit(
            getattr(args, "rows", None), getattr(args, "sensitive", None), **options
        )


def audit_file(args: argparse.Namespace, file: Path, options: dict[str, Any]) -> Audit:
    """Audit a file that holds outcomes, predictions and sensitive columns."""
    from automl.auditing import FileColumns, audit_of_file

    if hasattr(args, "rows"):
        raise ArgumentError("--rows belongs to a run", got=f"{file} holds the rows itself")
    if not hasattr(args, "target"):
        raise ArgumentError(
            "which column holds the true outcomes?",
            got=f"{file} is a file of predictions",
            hint=f"automl audit {file} --target COLUMN --prediction COLUMN --sensitive A,B",
        )
    columns = FileColumns(
        target=args.target,
        prediction=getattr(args, "prediction", None),
        score=getattr(args, "score", None),
        sensitive=tuple(getattr(args, "sensitive", ())),
        control=tuple(options.pop("control", ())),
        weight=getattr(args, "weight", None),
        positive=getattr(args, "positive", None),
        threshold=getattr(args, "threshold", None),
        task=getattr(args, "task", "auto"),
    )
    return audit_of_file(file, columns, options, lambda text: _say(args, text))


def _write(found: Audit, args: argparse.Namespace) -> None:
    report, out = getattr(args, "report", None), getattr(args, "out", None)
    if out is not None:
        try:
            Path(out).write_text(found.to_json(), encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"{out} cannot be written", got=str(error)) from error
    if report is not None:
        found.report(report)
    if args.json:
        text = found.to_json()
        sys.stdout.write(json.dumps(json.loads(text), ensure_ascii=False) + "\n")
    else:
        write_text(str(found).splitlines())
    for path, what in ((report, "report"), (out, "counts and results")):
        if path is not None:
            _say(args, f"{what} in {path}")


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.quiet:
        sys.stderr.write(text + "\n")
