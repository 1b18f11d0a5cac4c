"""The search: what was tried, what came of it, and where the time went."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from automl.reporting.drawing import bars as drawing
from automl.reporting.facts import Facts
from automl.reporting.sections import titles
from automl.reporting.words import interval, metric_label, score, score_format, seconds
from candor.report import Block, Section, Table, Text
from candor.report.cells import VALUE
from explain.drawing import as_block
from explain.showing.words import listed, plural, records, short

DRAWN = 12
"""Candidates of the leaderboard that are drawn."""

SHOWN = 200
"""Candidates of a table at most; the rest are counted."""

BASELINE = "baseline"

METHOD = (
    "Every candidate is scored on rows that it was not fitted on, with all learning of encoders "
    "and statistics inside the fold. A pruned candidate is stopped after a fold or more, where it "
    "neither led nor improved the ensemble; it has no score on all rows. The ensemble is chosen "
    "greedily by its own out-of-fold score; an interval does not count that the best of many was "
    "chosen.\n\n"
    "Importance of hyperparameters: functional analysis of variance of a forest fitted to the "
    "ranks of the scores (Hutter, Hoos and Leyton-Brown 2014), of families with ten or more "
    "finished candidates. It tells of the values that were tried, no more."
)


def section(facts: Facts) -> Section:
    """Return what was tried."""
    blocks: list[Block] = [
        *_leaderboard(facts),
        *_progress(facts),
        *_families(facts),
        *_timing(facts),
        *_parameters(facts),
        *_unfinished(facts),
    ]
    return Section(titles.SEARCH, conclusion(facts), tuple(blocks), METHOD)


def conclusion(facts: Facts) -> str:
    """Say how many candidates there were, and which was best."""
    trials = facts.trials
    if trials.empty:
        return "Nothing was tried."
    counts = trials["status"].value_counts()
    said = [
        f"{counts[name]:,} {words}"
        for name, words in (
            ("complete", "finished"),
            ("pruned", "stopped early"),
            ("failed", "failed"),
            ("skipped", "skipped"),
        )
        if name in counts
    ]
    real = [one for one in dict.fromkeys(trials["family"]) if one != BASELINE]
    families = f" of {len(real)} families" if len(real) > 1 else ""
    text = f"{plural(len(trials), 'candidate')}{families}: {', '.join(said)}."
    single = finished(facts.leaderboard)
    single = single[~single["family"].isin(["ensemble", BASELINE])]
    if single.empty:
        return f"{text} None but the trivial guess came to an end."
    best = next(records(single.head(1)))
    return (
        f"{text} The best single one is {best.name}, {metric_label(facts.metric)} "
        f"{score(best.score)}; {winner(facts)}."
    )


def winner(facts: Facts) -> str:
    """Say what the winner is made of."""
    members = facts.members
    parts = [f"{short(row.name)} ({row.weight:.2f})" for row in records(members)]
    if len(parts) == 1:
        return f"the winner is {short(members['name'].iloc[0])} alone"
    return f"the winner is a weighted mean of {len(parts)} models: {listed(parts, 6)}"


def finished(board: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a leaderboard that have a score."""
    return board[(board["status"] == "complete") & board["score"].notna()]


def leaderboard_table(facts: Facts, rows: int, caption: str) -> Table:
    """Return the best rows of the leaderboard, in words that people read."""
    board = finished(facts.leaderboard)
    unscored = len(facts.leaderboard) - len(board)
    shown = board.head(rows)
    label = metric_label(facts.metric)
    frame = pd.DataFrame(
        {
            "name": [short(one) for one in shown["name"]],
            "family": shown["family"],
            label: shown["score"],
            "from": shown["low"],
            "to": shown["high"],
            "fit, s": shown["fit_seconds"],
            "predict a row, µs": shown["predict_seconds"] * 1e6,
            "size, MB": shown["size"] / 1e6,
        }
    )
    formats = dict.fromkeys((label, "from", "to"), score_format(shown["score"]))
    formats |= {"fit, s": ",.1f", "predict a row, µs": VALUE, "size, MB": ",.2f"}
    notes = [f"95 % intervals; {facts.score['scored_on']}"]
    if len(board) > 1 and board["family"].iloc[0] != "ensemble":
        notes.append(
            "The ensemble's score counts the choice among candidates, too, so it may lie behind "
            "that of its best member."
        )
    more = len(board) - len(shown)
    if more > 0 and rows >= DRAWN:
        notes.append(f"{more:,} more finished.")
    if unscored and rows >= DRAWN:
        notes.append(f"{plural(unscored, 'candidate')} without a score are listed below.")
    return Table(frame, caption, tuple(notes), formats, fold=8)


def top_table(facts: Facts, rows: int) -> Table:
    """Return the best rows of the leaderboard, with names and scores alone."""
    table = leaderboard_table(facts, rows, f"The best {rows} of the leaderboard")
    frame = table.frame[["name", metric_label(facts.metric), "from", "to"]]
    found = facts.performance
    notes = table.notes[:1]
    if found is not None and found.predictions.sealed:
        notes = (*notes, "These scores chose the winner; the answer above stands on sealed rows.")
    return replace(table, frame=frame, notes=notes)


def points(facts: Facts, most: int) -> pd.DataFrame:
    """Return what a picture of the leaderboard is drawn from."""
    board = finished(facts.leaderboard).head(most)
    label = metric_label(facts.metric)
    return pd.DataFrame(
        {
            "label": board["name"],
            "value": board["score"],
            "low": board["low"],
            "high": board["high"],
            "kind": ["winner" if one == "ensemble" else "candidate" for one in board["family"]],
            "said": [
                f"{short(row.name)}: {label} {score(row.score)}{interval(row.low, row.high)}"
                for row in records(board)
            ],
        }
    )


def _leaderboard(facts: Facts) -> list[Block]:
    board = finished(facts.leaderboard)
    shown = board[board["family"] != BASELINE].head(DRAWN)
    table = leaderboard_table(facts, SHOWN, "Leaderboard, best first")
    if shown.empty:
        return [table]
    label = metric_label(facts.metric)
    better = "higher" if facts.score["greater_is_better"] else "lower"
    drawn = points(facts, len(board))
    drawn = drawn[drawn["label"].isin(shown["name"])]
    alt = "; ".join(drawn["said"].head(5))
    caption = (
        f"{label} of the best {len(drawn)} with 95 % intervals, {better} is better; "
        f"{facts.score['scored_on']}"
    )
    return [as_block(drawing.scored_points(drawn, unit=label), caption, alt), table]


def _progress(facts: Facts) -> list[Block]:
    """Draw the best score so far over time."""
    every = facts.trials.assign(seconds=facts.trials["seconds"].fillna(0.0).cumsum())
    done = every[(every["status"] == "complete") & every["score"].notna()]
    done = done[done["family"] != BASELINE]
    if len(done) < 2:
        return []
    greater = bool(facts.score["greater_is_better"])
    best = done["score"].cummax() if greater else done["score"].cummin()
    frame = pd.DataFrame(
        {
            "seconds": done["seconds"],
            "score": done["score"],
            "best": best,
            "said": [
                f"{short(row.name)}: {score(row.score)} after {seconds(row.seconds)}"
                for row in records(done)
            ],
        }
    )
    place = int((best == best.iloc[-1]).to_numpy().argmax())
    after = seconds(float(done["seconds"].iloc[place]))
    total = seconds(float(every["seconds"].iloc[-1]))
    said = f"the best single candidate came after {after} of {total} of fitting"
    label = metric_label(facts.metric)
    return [
        as_block(
            drawing.progress(frame, unit=label),
            f"Best {label} so far; each point is a finished candidate: {said}. Candidates that "
            "were stopped early took time, but have no point.",
            f"Steps of the best {label} so far; {said}.",
        )
    ]


def _families(facts: Facts) -> list[Block]:
    """Compare families: how often tried, what came of it."""
    rows = []
    for family, part in facts.trials.groupby("family", sort=False):
        scored = part[(part["status"] == "complete") & part["score"].notna()]["score"]
        best: Any = float("nan")
        if not scored.empty:
            best = scored.max() if facts.score["greater_is_better"] else scored.min()
        rows.append(
            {
                "family": family,
                "tried": len(part),
                "finished": int((part["status"] == "complete").sum()),
                "stopped early": int((part["status"] == "pruned").sum()),
                "failed": int((part["status"] == "failed").sum()),
                f"best {metric_label(facts.metric)}": best,
                "seconds": float(part["seconds"].fillna(0.0).sum()),
            }
        )
    if not rows:
        return []
    frame = pd.DataFrame(rows)
    label = frame.columns[5]
    frame = frame.sort_values(
        label, ascending=not facts.score["greater_is_better"], na_position="last", kind="stable"
    )
    formats = {label: score_format(frame[label]), "seconds": ",.1f"}
    notes = (str(facts.score["scored_on"]),)
    return [Table(frame, "Families, the best first", notes, formats)]


def _timing(facts: Facts) -> list[Block]:
    timing = facts.timing[facts.timing["seconds"].notna()]
    total = float(timing["seconds"].sum())
    if not total > 0:
        return []
    place = int(timing["seconds"].to_numpy().argmax())
    most = seconds(float(timing["seconds"].iloc[place]))
    said = f"{seconds(total)} in all, of which {timing['phase'].iloc[place]} took {most}"
    texts = [f"{row.phase}: {seconds(row.seconds)}" for row in records(timing)]
    chart = drawing.bars(list(timing["phase"]), list(timing["seconds"]), texts, unit="seconds")
    return [as_block(chart, f"Where the time went: {said}", f"Bars: {'; '.join(texts)}")]


def _parameters(facts: Facts) -> list[Block]:
    """Show how much each hyperparameter mattered."""
    if facts.parameters.empty:
        return [
            Text(
                "How much each hyperparameter mattered is not estimable: no family has ten or "
                "more finished candidates."
            )
        ]
    blocks: list[Block] = []
    for family, part in facts.parameters.groupby("family", sort=False):
        top = part.nlargest(10, "importance")
        texts = [f"{short(row.parameter)}: {100 * row.importance:.0f} %" for row in records(top)]
        caption = (
            f"{family}: share of the variation of scores that each hyperparameter explains; "
            f"{texts[0]} is the largest"
        )
        chart = drawing.bars(
            list(top["parameter"]), list(top["importance"]), texts, unit="share", form="%"
        )
        blocks.append(as_block(chart, caption, f"Bars: {'; '.join(texts)}"))
    return blocks


def _unfinished(facts: Facts) -> list[Block]:
    """List what failed, was stopped early or skipped, with the reason."""
    rank = {"failed": 0, "skipped": 1, "pruned": 2}
    rest = facts.trials[facts.trials["status"].isin(list(rank))]
    if rest.empty:
        return [Text("Every candidate came to an end.")]
    rest = rest.sort_values("status", key=lambda one: one.map(rank), kind="stable")
    words = {"failed": "failed", "skipped": "skipped", "pruned": "stopped early"}
    frame = pd.DataFrame(
        {
            "name": [short(one) for one in rest["name"]],
            "family": rest["family"],
            "what": rest["status"].map(words),
            "reason": [short(one, 160) for one in rest["note"]],
            "folds": rest["folds"],
            "seconds": rest["seconds"],
        }
    )
    notes = [f"{len(frame) - SHOWN:,} more."] if len(frame) > SHOWN else []
    return [
        Table(
            frame.head(SHOWN),
            "Candidates without a score, failures first",
            tuple(notes),
            {"seconds": ",.1f"},
            fold=5,
        )
    ]
