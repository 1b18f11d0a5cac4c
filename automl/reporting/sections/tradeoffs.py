"""Trade-offs: which candidates no other beats in score, speed and, with groups, disparity."""

from __future__ import annotations

import pandas as pd

from automl.reporting.drawing import trade
from automl.reporting.facts import Facts
from automl.reporting.pareto import SMALLEST
from automl.reporting.sections import titles
from automl.reporting.sections.search import finished
from automl.reporting.words import metric_label, score, score_format, seconds
from candor.report import Block, Section, Table, Text
from explain.drawing import as_block
from explain.showing.words import listed, plural, records, short

METHOD = (
    "A candidate is kept when no other is at least as good in everything and better in something. "
    "Score: as on the leaderboard. Speed: seconds for a row on one thread; a candidate's fold "
    "models alone, the ensemble whole, with reading and encoding.\n\n"
    "Disparity, with sensitive columns: the largest difference between two groups of one column, "
    "on the sealed rows, of true or false positive rates (equalized odds; of several classes each "
    "against the rest), or of mean errors in standard deviations of the target. Only groups with "
    "30 rows or more in a denominator are compared. It is a plug-in value without an interval, "
    "and the largest of several differences is above 0 by chance alone: the audit tells what is "
    "sure. Classes are predicted at the threshold in use for the winner, at 0.5 for the others."
)


def section(facts: Facts) -> Section:
    """Return the candidates that no other beats."""
    frame = facts.pareto
    if frame.empty:
        return Section(titles.TRADE_OFFS, "No candidate has both a score and a speed.")
    blocks: list[Block] = [_speed(facts)]
    if "disparity" in frame.columns:
        blocks.append(_disparity(facts))
    elif facts.sensitive:
        blocks.append(
            Text(
                "Disparity is not compared: it takes sealed rows that the run folder keeps, and "
                "this run keeps none.",
                tone="note",
            )
        )
    blocks.append(_table(facts))
    return Section(titles.TRADE_OFFS, conclusion(facts), tuple(blocks), METHOD)


def conclusion(facts: Facts) -> str:
    """Say what the fastest costs in score, and the least uneven one."""
    frame = facts.pareto
    label = metric_label(facts.metric)
    real = frame[frame["family"] != "baseline"]
    if len(real) < 2:
        return f"{short(frame['name'].iloc[0])} is both the best and as fast as any."
    best = next(records(real.head(1)))
    quick = next(records(real.nsmallest(1, "predict_seconds")))
    times = best.predict_seconds / max(quick.predict_seconds, 1e-12)
    text = (
        f"The best, {short(best.name)}, has {label} {score(best.score)} at "
        f"{seconds(best.predict_seconds)} a row"
    )
    if quick.name == best.name:
        text += " and is the fastest of these"
    else:
        text += f"; {short(quick.name)} is {_times(times)} as fast with {score(quick.score)}"
    if "disparity" in real.columns and real["disparity"].notna().any():
        least = next(records(real.nsmallest(1, "disparity")))
        text += (
            f"; the smallest of their largest differences between groups, "
            f"{disparity(facts, least.disparity)}, is that of {short(least.name)} with "
            f"{score(least.score)}"
        )
    return f"{text}."


def _times(factor: float) -> str:
    """Write how many times as fast something is."""
    return f"{factor:.1f} times" if factor < 10 else f"{factor:,.0f} times"


def in_unit(facts: Facts) -> tuple[float, str]:
    """Return the factor and the unit in which disparity is told."""
    if facts.task == "regression":
        return 1.0, "standard deviations of the target"
    return 100.0, "percentage points"


def disparity(facts: Facts, value: float) -> str:
    """Write a disparity with its unit."""
    factor, unit = in_unit(facts)
    return f"{factor * value:.{1 if factor > 1 else 2}f} {unit}"


def _points(facts: Facts, column: str) -> pd.DataFrame:
    """Return every finished candidate with one of its costs, those that are kept marked."""
    board = facts.pareto if column == "disparity" else finished(facts.leaderboard)
    board = board[(board["family"] != "baseline") & board[column].notna()]
    kept = set(facts.pareto["name"])
    speed = column == "predict_seconds"
    return pd.DataFrame(
        {
            "x": board[column] * (1e6 if speed else in_unit(facts)[0]),
            "y": board["score"],
            "name": [short(one, 24) for one in board["name"]],
            "kind": [trade.KINDS[0 if one in kept else 1] for one in board["name"]],
            "said": [
                f"{short(name)}: {score(value)}, "
                f"{seconds(float(cost)) if speed else disparity(facts, float(cost))}"
                for name, value, cost in zip(
                    board["name"], board["score"], board[column], strict=True
                )
            ],
        }
    )


def _speed(facts: Facts) -> Block:
    shown = _points(facts, "predict_seconds")
    label = metric_label(facts.metric)
    kept = shown[shown["kind"] == trade.KINDS[0]]
    caption = (
        f"{label} and time for a predicted row of {plural(len(shown), 'candidate')}; "
        f"{facts.score['scored_on']}"
    )
    chart = trade.trade_chart(shown, x="microseconds for a row", y=label, log=True)
    return as_block(chart, caption, f"Points: {listed(list(kept['said']), 6)}")


def _disparity(facts: Facts) -> Block:
    shown = _points(facts, "disparity")
    label = metric_label(facts.metric)
    audited = facts.rows.get("audit", "the sealed rows")
    if shown.empty:
        return Text(
            "The largest difference between groups is not drawn: no candidate has one, because "
            f"fewer than two groups have {SMALLEST} rows or more in a denominator, on {audited}.",
            tone="note",
        )
    caption = f"{label} and the largest difference between groups, on {audited}"
    unit = f"largest difference, {in_unit(facts)[1]}"
    chart = trade.trade_chart(shown, x=unit, y=label, log=False)
    return as_block(chart, caption, f"Points: {listed(list(shown['said']), 6)}")


def _table(facts: Facts) -> Table:
    frame, label = facts.pareto, metric_label(facts.metric)
    shown = pd.DataFrame(
        {
            "name": [short(one) for one in frame["name"]],
            "family": frame["family"],
            label: frame["score"],
            "predict a row, µs": frame["predict_seconds"] * 1e6,
            "size, MB": frame["size"] / 1e6,
        }
    )
    formats = {
        label: score_format(frame["score"]),
        "predict a row, µs": ",.2f",
        "size, MB": ",.2f",
    }
    if "disparity" in frame.columns and frame["disparity"].notna().any():
        factor, unit = in_unit(facts)
        shown[f"disparity, {unit}"] = factor * frame["disparity"].to_numpy()
        formats[f"disparity, {unit}"] = ".1f" if factor > 1 else ".2f"
    return Table(
        shown,
        "Candidates that no other beats in everything, best score first",
        (str(facts.score["scored_on"]),),
        formats,
        fold=12,
    )
