"""The data: columns as they were read, what was found in them, the target, sensitive groups."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reporting.drawing import bars as drawing
from automl.reporting.facts import Facts, Predictions
from automl.reporting.sections import titles
from automl.reporting.sections.aggregated import aggregated_audit
from automl.reporting.sections.personal import parts_of_whole, told_checks, told_schema
from automl.reporting.sections.reproduce import is_file
from automl.reporting.tally import unit_weights
from automl.reporting.words import FEWEST, percent, sentence
from candor.report import Block, Section, Table, Text
from explain.drawing import as_block
from explain.showing.words import listed, number, plural, records, short

SHOWN = 200
"""Columns of the table at most; the rest are counted by role."""

DRAWN = 15
"""Bars of a picture at most."""

UNUSED = ("ignored", "constant", "identifier", "dropped")
GRAVITY = {"error": "an error", "warning": "a warning", "info": "worth knowing"}

CODE = re.compile(r"(?:^|(?<=; ))[a-z-]+(?=:)")
"""What a repair is called."""

METHOD = (
    "Columns are read by their content, not only by their type: numbers and dates that are spelt "
    'as text become what they are, and marks such as "?" or "n/a" count as missing. The role '
    "of a column decides how each family sees it; roles={…} overrules it. Shares of missing "
    "values and numbers of levels are of the whole table; the target and the groups are of the "
    "rows named at each."
)


def section(facts: Facts) -> Section:
    """Return what the table holds."""
    blocks: list[Block] = [
        *_checks(facts),
        *_target(facts),
        *_groups(facts),
        *_missing(facts),
        *_columns(facts),
    ]
    return Section(titles.DATA, conclusion(facts), tuple(blocks), METHOD)


def conclusion(facts: Facts) -> str:
    """Say what the table is, and how many of its columns are used."""
    columns = _features(facts)
    used = columns[~columns["role"].isin(UNUSED)]
    roles = used["role"].value_counts()
    kinds = listed([f"{count:,} {_role(name)}" for name, count in roles.items()], 6)
    text = f"{table_in_words(facts)}: {plural(len(used), 'column')} used"
    if kinds:
        text += f" ({kinds})"
    left = len(columns) - len(used)
    if left:
        text += f", {left:,} not used"
    missing = used[used["missing"] > 0]
    if missing.empty:
        return f"{text}; {_none_missing(used)}."
    most = next(records(missing.nlargest(1, "missing")))
    return (
        f"{text}; {plural(len(missing), 'column')} with missing values, most in "
        f"{short(most.column)} ({percent(most.missing)})."
    )


def table_in_words(facts: Facts) -> str:
    """Name the file, with its rows where they are known; a frame has rows alone."""
    rows = plural(facts.n_rows, "row") if facts.n_rows else ""
    name = short(facts.source, 80) if is_file(facts) or not rows else ""
    return ", ".join(filter(None, (name, rows)))


def _features(facts: Facts) -> pd.DataFrame:
    schema = told_schema(facts)
    return schema[schema["role"] != "target"]


def _role(role: object) -> str:
    """Write a role as people do."""
    return str(role).replace("_", " ")


def _checks(facts: Facts) -> list[Block]:
    """Tell the checks, the gravest first."""
    checks = told_checks(facts)
    if checks.empty:
        return [Text("The checks of the table found nothing to tell.")]
    blocks: list[Block] = []
    for severity, tone in (("error", "warning"), ("warning", "warning"), ("info", "note")):
        part = checks[checks["severity"] == severity]
        if part.empty:
            continue
        items = tuple(said(row.message, row.hint) for row in records(part))
        heads = {
            "error": "What is wrong",
            "warning": "What to be careful with",
            "info": "Worth knowing",
        }
        blocks.append(
            Text(f"{heads[severity]}:", items, "warning" if tone == "warning" else "note")
        )
    return blocks


def said(message: object, hint: object) -> str:
    """Write a check as it is told, with what can be done about it."""
    text = short(message, 300).rstrip(".")
    return f"{text} ({short(hint, 200)})." if hint else f"{text}."


def _target(facts: Facts) -> list[Block]:
    """Draw how the target is spread, from the rows that were judged."""
    if facts.performance is None:
        row = facts.schema[facts.schema["role"] == "target"]
        reason = sentence(str(row["reason"].iloc[0])) if len(row) else ""
        return [Text(f"The target is {short(facts.target)}. {reason}".strip())]
    given = facts.performance.predictions
    if given.task == "regression":
        return _values(facts.target, given, facts.personal)
    return _classes(facts.target, given, facts.personal)


def _classes(target: str, given: Predictions, personal: bool) -> list[Block]:
    counts = np.bincount(given.y, minlength=len(given.classes))
    weighted = np.bincount(
        given.y, weights=unit_weights(given.weight, len(given.y)), minlength=len(given.classes)
    )
    frame = pd.DataFrame(
        {
            "class": [str(one) for one in given.classes],
            "n": counts,
            "share": weighted / max(float(weighted.sum()), 1e-300),
        }
    ).sort_values("n", ascending=False, kind="stable")
    shown = parts_of_whole(frame, "n", personal).head(DRAWN if len(frame) > 30 else 30)
    if shown.empty:
        return [Text(f"How often each class of {short(target)} occurs would tell of few rows.")]
    texts = [f"“{short(row[0])}” {percent(row[2])} ({row[1]:,} rows)" for row in shown.to_numpy()]
    rest = len(frame) - len(shown)
    more = f"; {plural(rest, 'more class')} not shown" if rest else ""
    caption = f"{short(target)}: {listed(texts, 3)}{more} ({given.rows_used})"
    chart = drawing.bars(
        list(shown["class"]), list(shown["share"]), texts, unit="share of the rows", form="%"
    )
    return [as_block(chart, caption, f"Bars: {'; '.join(texts[:10])}")]


def _values(target: str, given: Predictions, personal: bool) -> list[Block]:
    y = np.asarray(given.y, dtype=np.float64)
    counts, edges = np.histogram(y, bins=round_edges(float(y.min()), float(y.max()), len(y)))
    if not personal:
        counts = np.where(counts >= FEWEST, counts, 0)
    low, middle, high = (float(one) for one in np.quantile(y, [0.05, 0.5, 0.95]))
    spread = (
        f"half lie below {number(middle)}, nine tenths between {number(low)} and {number(high)}"
    )
    chart = drawing.histogram(list(edges), [int(one) for one in counts], short(target))
    caption = f"{short(target)}: {spread} ({given.rows_used})"
    return [as_block(chart, caption, f"Histogram of {short(target)}: {spread}.")]


def round_edges(low: float, high: float, n_rows: int) -> NDArray[np.float64]:
    """Return edges at round numbers, so that none is the value of a row."""
    wanted = min(40, max(5, math.isqrt(n_rows)))
    if not high > low:
        half = max(0.5, abs(low) * 1e-6)
        low, high = low - half, high + half
    rough = (high - low) / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    edges: NDArray[np.float64] = np.arange(first, last + 1, dtype=np.float64) * step
    return edges


def _groups(facts: Facts) -> list[Block]:
    """Count the people of each sensitive group among the audited rows."""
    if facts.audit is None:
        return [
            Text(
                "No sensitive column was named, so nothing is said about groups of people; "
                'sensitive=["…"] names them.'
            )
        ]
    audit = facts.audit if facts.personal else aggregated_audit(facts.audit)
    counted = audit.by_group.drop_duplicates(["attribute", "group"])
    counted = counted[counted["attribute"].isin(facts.audit.table.sensitive)]
    frame = counted[["attribute", "group", "n"]].sort_values(
        ["attribute", "n"], ascending=[True, False], kind="stable"
    )
    frame = frame.assign(share=frame["n"] / audit.table.n)
    frame = frame.assign(group=[short(one) for one in frame["group"]])
    rest = max(0, len(frame) - SHOWN)
    notes = [str(facts.audit.rows_used)]
    if rest:
        notes.append(f"{plural(rest, 'more group')}.")
    return [
        Table(
            frame.head(SHOWN).rename(columns={"attribute": "column", "n": "rows"}),
            "Sensitive groups",
            tuple(notes),
            {"share": ".1%"},
            fold=12,
        )
    ]


def _missing(facts: Facts) -> list[Block]:
    """Draw the columns with the most missing values."""
    columns = _features(facts)
    missing = columns[columns["missing"] > 0].sort_values(
        "missing", ascending=False, kind="stable"
    )
    if missing.empty:
        return [Text(sentence(f"{_none_missing(columns)} in any column"))]
    top = missing.head(DRAWN)
    texts = [f"{short(row.column)}: {percent(row.missing)}" for row in records(top)]
    rest = len(missing) - len(top)
    more = f", and {plural(rest, 'more column')} with less" if rest else ""
    chart = drawing.bars(
        list(top["column"]), list(top["missing"]), texts, unit="share missing", form="%"
    )
    return [
        as_block(
            chart,
            f"Missing values: {listed(texts, 3)}{more}",
            f"Bars: {'; '.join(texts)}{more}",
        )
    ]


def _none_missing(columns: pd.DataFrame) -> str:
    """Say that nothing is missing, or so little that it is not told."""
    some = bool(columns["missing"].isna().any())
    return f"fewer than {FEWEST} values are missing" if some else "no value is missing"


def _columns(facts: Facts) -> list[Block]:
    """Return the schema: the target, then columns that are used, then the rest."""
    schema = told_schema(facts)
    rank = schema["role"].map(lambda role: 0 if role == "target" else 2 if role in UNUSED else 1)
    order = rank.sort_values(kind="stable").index
    shown = schema.loc[order].head(SHOWN)
    frame = pd.DataFrame(
        {
            "column": [short(one) for one in shown["column"]],
            "role": [_role(one) for one in shown["role"]],
            "why": [_reason(row.reason, row.repaired) for row in records(shown)],
            "missing": shown["missing"],
            "levels": shown["n_unique"],
        }
    )
    notes = []
    if facts.personal:
        frame["examples"] = [_examples(one) for one in shown["examples"]]
        notes.append("Examples, and the ends of ranges, are values of single rows.")
    else:  # a reason names the smallest and the largest value
        frame = frame.drop(columns="why")
    rest = schema.loc[order].iloc[SHOWN:]
    if len(rest):
        counts = rest["role"].value_counts()
        kinds = listed([f"{count:,} {_role(name)}" for name, count in counts.items()], 8)
        notes.append(f"{plural(len(rest), 'more column')}: {kinds}.")
    caption = f"Columns as they were read ({len(schema):,})"
    return [Table(frame, caption, tuple(notes), {"missing": ".1%"}, fold=15)]


def _reason(reason: object, repaired: object) -> str:
    """Say why a column has its role, and what was repaired in it."""
    reason, repaired = str(reason or ""), str(repaired or "")
    repaired = CODE.sub(lambda found: found[0].replace("-", " "), repaired)
    if repaired.endswith(reason.partition(":")[0]):  # an identifier says why twice
        repaired = ""
    return short("; ".join(filter(None, (reason, repaired))), 110)


def _examples(given: Any) -> str:
    """Shorten each example, and all of them together."""
    if isinstance(given, list | tuple):
        given = ", ".join(short(one, 24) for one in given[:3])
    return short(given, 60)
