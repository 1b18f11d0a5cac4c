"""Errors as the command line says them: what is wrong, what was got, what to do."""

from __future__ import annotations

import ast
import json
import re
import shlex

from automl.errors import AutoMLError, RunFolderAccessError, SearchFailedError
from candor.errors import CandorError
from explain.errors import ArgumentError, ArgumentTypeError
from fairness.errors import FairnessError

WRONG_CALLS = (AutoMLError, FairnessError, ArgumentError, ArgumentTypeError)
"""Errors of which most say that the call or its rows cannot be used as they are."""

FLAGS = {
    "target": "--target",
    "time_budget": "--time",
    "n_trials": "--trials",
    "task": "--task",
    "metric": "--metric",
    "positive": "--positive",
    "sensitive": "--sensitive",
    "ignore": "--ignore",
    "roles": "--role",
    "weight": "--weight",
    "group": "--group",
    "time": "--time-column",
    "families": "--families",
    "refit": "--refit",
    "audit_size": "--audit-size",
    "seed": "--seed",
    "n_jobs": "--jobs",
    "memory_limit": "--memory-limit",
    "run_dir": "--out",
}
"""The flag for each argument of `automl.search` that the command line has."""

AUDIT_FLAGS = {
    "y_true": "--target",
    "y_pred": "--prediction",
    "y_score": "--score",
    "prediction": "--prediction",
    "score": "--score",
    "threshold": "--threshold",
    "control": "--control",
    "reference": "--reference",
    "tolerance": "--tolerance",
    "confidence": "--confidence",
    "template": "--template",
}
"""The flag for each further argument of `fairness.audit`."""

_ALL_FLAGS = FLAGS | AUDIT_FLAGS

_PYTHON = {
    "result.predict(rows)": "automl predict RUN FILE",
    "result.checks": "what --json shows",
    "result.trials": "what automl leaderboard shows",
    "convert it first, such as with pandas.to_numeric": "a column of numbers",
    "fairness.CountTable.from_json(...) for the counts alone": "automl audit on the rows again",
    "y_score with a column for each class, or positive=": "--prediction, or --positive",
    "positive= for": "--positive LABEL for",
    "y_score=": "--score COLUMN",
    "y_pred=": "--prediction COLUMN",
    "; y_true has ": "; the target has ",
    "y_true holds": "the target holds",
    "label of y_true": "label of the target",
    "frame.attrs.clear()": "a file that was written anew",
}
"""What stands on the command line for an expression in Python."""

_LITERAL = r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[\w.+-]+"
_ARGUMENT = re.compile(rf"\b({'|'.join(_ALL_FLAGS)})=({_LITERAL})")
_BARE_NAME = re.compile(rf"\b({'|'.join(name for name in _ALL_FLAGS if '_' in name)})\b")


class Interrupted(CandorError):
    """Ctrl-C came before there was any result."""


def flags(text: str) -> str:
    """Turn arguments in Python into flags.

    Examples
    --------
    >>> flags('target="the income"'), flags("time_budget has to be positive")
    ("--target 'the income'", '--time has to be positive')
    >>> flags('roles={"zip": "categorical"}'), flags('ignore=["id", "row"]')
    ('--role zip=categorical', '--ignore id,row')
    """
    for expression, command in _PYTHON.items():
        text = text.replace(expression, command)
    return _BARE_NAME.sub(lambda m: _ALL_FLAGS[m[1]], _ARGUMENT.sub(_flag, text))


def _flag(match: re.Match[str]) -> str:
    """Write one argument as a flag; what is no literal stays as it is."""
    name, source = match.groups()
    try:
        value = ast.literal_eval(source)
    except (ValueError, SyntaxError):
        return match[0]
    if isinstance(value, dict):
        return " ".join(f"{_ALL_FLAGS[name]} {shlex.quote(f'{k}={v}')}" for k, v in value.items())
    if isinstance(value, list | tuple | set):
        return f"{_ALL_FLAGS[name]} {shlex.quote(','.join(str(one) for one in value))}"
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return f"{_ALL_FLAGS[name]} {shlex.quote(str(value))}"


def _parts(error: Exception) -> tuple[str, str | None, str | None]:
    """Return what is wrong, what was got and what to do."""
    if isinstance(error, CandorError):
        got, hint = (flags(text) if text else None for text in (error.got, error.hint))
        return flags(error.what) or type(error).__name__, got, hint
    if isinstance(error, OSError):
        return str(error), None, None
    reason = f"{type(error).__name__}: {error}"
    return "this is a fault in Candor", reason, "the same command with --debug for a traceback"


def as_text(error: Exception) -> str:
    """Write an error for people."""
    what, got, hint = _parts(error)
    lines = [
        f"error: {what}",
        *([f"  {got}"] if got else []),
        *([f"  try  {hint}"] if hint else []),
    ]
    return "\n".join(lines)


def as_json(error: Exception) -> str:
    """Write an error for programs."""
    what, got, hint = _parts(error)
    return json.dumps(
        {"error": {"type": type(error).__name__, "what": what, "got": got, "hint": hint}},
        ensure_ascii=False,
    )


def exit_status(error: Exception) -> int:
    """Return 2 for a wrong call, 130 for Ctrl-C and 1 for everything else."""
    if isinstance(error, Interrupted):
        return 130
    failed = isinstance(error, SearchFailedError | RunFolderAccessError)
    return 2 if isinstance(error, WRONG_CALLS) and not failed else 1
