"""What each command does, through the public face of `automl`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import automl
from automl.cli.auditing import audit
from automl.cli.explaining import explain
from automl.cli.faults import FLAGS, flags
from automl.cli.notes import notes_shown
from automl.cli.options import DEMO_SECONDS
from automl.cli.output import leaderboard_lines, plain, write_json, write_text
from automl.cli.reporting import add_report, checked_report, report
from automl.errors import ArgumentError
from automl.progress.terminal import Terminal
from automl.progress.view import View
from automl.progress.words import metric_label, number
from automl.tuning.events import Finished

if TYPE_CHECKING:
    import pandas as pd

    from automl.result import Result

WRITABLE = (".csv", ".csv.gz", ".parquet")
"""Formats of predictions."""

_KNOWN_FORMATS = f"known formats: {', '.join(WRITABLE)}"

TOP = 10
"""Candidates that are shown after a search."""


def run(args: argparse.Namespace) -> None:
    """Run the command that was asked for."""
    COMMANDS[args.command](args)


def search(args: argparse.Namespace) -> None:
    """Search, and show the leaderboard; with --report also explain, audit and write the page."""
    place = checked_report(args)
    result = _search(args, args.file, Path(args.file).name.split(".")[0] or "run")
    if args.json:
        write_json(summary(result))
    else:
        write_text(best_lines(result))
    if place is not None:
        add_report(result, place, args)


def demo(args: argparse.Namespace) -> None:
    """Search on a built-in table, and compare with the truth where it is known."""
    from automl.demo import demo_table

    table = demo_table(args.data)
    args.target = table.target
    args.sensitive = list(table.sensitive)
    if not hasattr(args, "n_trials") and not hasattr(args, "time_budget"):
        args.time_budget = DEMO_SECONDS
    result = _search(args, table.frame, f"demo-{args.data}")
    truth = compare_with_truth(result) if args.data == "loans" else None
    if args.json:
        write_json({**summary(result), "truth": truth})
        return
    write_text(best_lines(result))
    if truth:
        write_text(["", truth_line(truth), *bias_lines(truth)])
    if not args.quiet:
        write_text(["", "Your own table:  automl search FILE --target COLUMN"])


def predict(args: argparse.Namespace) -> None:
    """Predict rows, and write a prediction and the probabilities of each class for each."""
    out = getattr(args, "out", None)
    if out is not None and not out.endswith(WRITABLE):
        raise ArgumentError(f"predictions cannot be written to {out}", got=_KNOWN_FORMATS)
    result = automl.load(args.run)
    with notes_shown(_wants_notes(args)):
        table = predictions(result, args.file)
    if out is not None:
        _write_table(table, Path(out))
        if args.json:
            write_json({"out": out, "rows": len(table)})
        elif not args.quiet:
            sys.stderr.write(f"{len(table):,} predictions in {out}\n")
    elif args.json:
        write_json(table)
    else:
        table.to_csv(sys.stdout, index=False, lineterminator="\n")


def score(args: argparse.Namespace) -> None:
    """Score the winner on rows with known targets."""
    result = automl.load(args.run)
    with notes_shown(_wants_notes(args)):
        value = float(result.score(args.file))
    if args.json:
        write_json({"metric": result.metric, "score": value})
    else:
        write_text([f"{metric_label(result.metric)} {number(value)}"])


def leaderboard(args: argparse.Namespace) -> None:
    """Show all candidates of a run."""
    result = automl.load(args.run)
    if args.json:
        write_json(result.leaderboard)
    else:
        write_text(leaderboard_lines(result.leaderboard, result.trials))


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "demo": demo,
    "search": search,
    "predict": predict,
    "score": score,
    "leaderboard": leaderboard,
    "audit": audit,
    "explain": explain,
    "report": report,
}


def _wants_notes(args: argparse.Namespace) -> bool:
    return not args.quiet and not args.debug  # --debug shows them among the logs


def _search(args: argparse.Namespace, data: Any, name: str) -> Result:
    """Search with the options that were given, showing progress on the standard error."""
    options = {key: value for key, value in vars(args).items() if key in FLAGS}
    if "roles" in options:
        options["roles"] = dict(options["roles"])
    options.setdefault("run_dir", str(new_folder(Path("runs"), name)))
    steps = partial(next_steps, audited=bool(options.get("sensitive")))
    view = View(Terminal(sys.stderr), steps, translate=flags)
    callbacks = () if args.quiet else (view,)
    return automl.search(data, progress=False, callbacks=callbacks, **options)


def next_steps(event: Finished, *, audited: bool = False) -> Sequence[str]:
    """Offer what can be done with a run; an audit where it has sensitive columns."""
    run = shlex.quote(event.run_dir)
    last = "audit" if audited else "leaderboard"
    return [f"automl predict {run} FILE", f"automl score {run} FILE", f"automl {last} {run}"]


def new_folder(parent: Path, name: str) -> Path:
    """Return the first of `name`, `name-2`, `name-3`, … that does not exist.

    A search without a named folder is a new one, whatever ran before.
    """
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


def best_lines(result: Result) -> list[str]:
    """Lay out the best complete candidates, and count the others."""
    board = result.leaderboard
    best = board[board["status"] == "complete"].head(TOP)
    lines = leaderboard_lines(best, result.trials)
    if len(board) > len(best):
        run = shlex.quote(str(result.run_dir))
        lines.append(f"   {len(board) - len(best)} more: automl leaderboard {run}")
    return lines


def summary(result: Result) -> dict[str, Any]:
    """Return what a program wants to know of a search."""
    board = result.leaderboard
    winner = board[board["family"] == "ensemble"].iloc[0]
    return {
        "run_dir": str(result.run_dir),
        "metric": result.metric,
        **{key: plain(winner[key]) for key in ("score", "low", "high")},
        "members": result.members,
        "stopped": result.stopped,
        "leaderboard": board,
        "checks": result.checks,
        "timing": result.timing,
    }


def predictions(result: Result, rows: Any) -> pd.DataFrame:
    """Return a table of predictions, with a probability for each class of a classification."""
    import pandas as pd

    if result.task == "regression":
        return pd.DataFrame({"prediction": result.predict(rows)})
    probabilities = result.predict_proba(rows)
    table = pd.DataFrame({"prediction": result.model.labels(probabilities)})
    table[[f"probability_{label}" for label in result.model.classes_]] = probabilities
    return table


def compare_with_truth(result: Result) -> dict[str, float]:
    """Score the winner and the true rule on fresh loans."""
    from sklearn.metrics import roc_auc_score

    from automl.demo import loans, loans_truth

    fresh = loans(seed=1)
    approved = fresh["approved"] == "yes"
    yes = list(result.model.classes_).index("yes")
    gaps = planted_gaps(result)
    return {
        **gaps,
        "rows": len(fresh),
        "roc_auc": roc_auc_score(approved, result.predict_proba(fresh)[:, yes]),
        "best_roc_auc": roc_auc_score(approved, loans_truth().probability(fresh)),
    }


def planted_gaps(result: Result) -> dict[str, float]:
    """Return the planted bias, and what the audit of the sealed rows finds of it."""
    from automl.demo import loans, loans_truth

    truth = loans_truth()
    audit = result.audit(sensitive=truth.gap_column, reference=truth.gap_reference)
    rows = audit.disparities.to_dict("records")
    found = {row["metric"]: row for row in rows if row["kind"] == "difference"}
    gaps = {"planted_gap": truth.rate_gap(loans(20_000, seed=2))}
    for name, metric in (("decisions", "base_rate"), ("model", "mean_score")):
        gaps |= {f"{name}_{key}": float(found[metric][key]) for key in ("value", "low", "high")}
    return {**gaps, "audited_rows": audit.table.n}


def bias_lines(truth: dict[str, float]) -> list[str]:
    """Say what of the planted bias the audit finds."""
    found, learned = (
        f"{truth[f'{name}_value']:+.3f} "
        f"[{truth[f'{name}_low']:+.3f}, {truth[f'{name}_high']:+.3f}]"
        for name in ("decisions", "model")
    )
    return [
        f"Planted bias: {truth['planted_gap']:+.3f} in women's rate of yes. The audit of "
        f"{truth['audited_rows']:,} sealed rows finds {found} in the decisions;",
        f"the model has learned {learned} of it in its scores.",
    ]


def truth_line(truth: dict[str, float]) -> str:
    """Say how close the winner comes to the rule that made the loans."""
    return (
        f"{truth['rows']:,} fresh loans: ROC AUC {number(truth['roc_auc'])}; "
        f"the rule that made them reaches {number(truth['best_roc_auc'])}"
    )


def _write_table(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False, lineterminator="\n")
