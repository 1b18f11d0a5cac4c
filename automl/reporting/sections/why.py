"""Why the winner decides as it does: importance, effects, pairs, single rows, quality, price."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.reporting.facts import Facts, Why
from automl.reporting.sections import titles
from automl.reporting.sections.aggregated import aggregated_effects
from automl.reporting.sections.rows import row_picker
from automl.reporting.words import sentence
from candor.report import Block, Choice, Option, Section, Table, Text
from explain.drawing import as_block
from explain.showing import pictures
from explain.showing.sections import IMPORTANCE_METHOD, METHOD, drivers
from explain.showing.summary import check_sentence, main_sentence, trust_sentence
from explain.showing.words import UNITS, listed, number, plural, records, short

if TYPE_CHECKING:
    from explain import Effects, Interactions, Price, QualityCard

PAIRS = 10
"""Pairs of columns that are listed."""

SHARES = ("deletion", "insertion", "stability", "surrogate_fidelity")
"""Measures that stand in one picture."""

MISSING = "Why the winner decides as it does was not computed."


def section(facts: Facts) -> Section:
    """Return why the winner decides as it does."""
    if facts.why is None:
        parts = price_blocks(facts.price)
        return Section(titles.WHY, MISSING, (*_left_out(facts), *parts))
    why = facts.why
    blocks: list[Block] = [
        _trust(why),
        *map(_shortened, drivers(why.explanation).blocks),
        *(_strips(why) if facts.personal else []),
        *_effects(facts, why),
        *_interactions(why.interactions),
        *(row_picker(why, facts.sensitive) if facts.personal else _no_rows()),
        *_quality(why.quality),
        *price_blocks(facts.price),
        *_left_out(facts),
    ]
    return Section(titles.WHY, main_sentence(why.explanation), tuple(blocks), _method(facts, why))


def _trust(why: Why) -> Block:
    """Say on which rows all of this stands, and how far to trust it."""
    found = why.explanation
    return Text(
        sentence(f"Rows explained: {found.rows_used}"),
        (
            trust_sentence(found),
            check_sentence(found),
            f"Numbers are in {UNITS[found.scale]}. How: {found.route}.",
        ),
        "note",
    )


def _shortened(block: Block) -> Block:
    """Return a table with names that fit into it."""
    if not isinstance(block, Table):
        return block
    return replace(block, frame=block.frame.assign(column=block.frame["column"].map(short)))


def _strips(why: Why) -> list[Block]:
    """Draw the contributions of single rows."""
    found = why.explanation
    names = found.importance()["column"].tolist()[:8]
    caption = f"Each point is a row: its contribution in {UNITS[found.scale]}; {found.rows_used}"
    return [
        as_block(pictures.summary_chart(found), caption, f"Strips of points for {listed(names)}")
    ]


def _effects(facts: Facts, why: Why) -> list[Block]:
    """Let the reader pick a column and see how the prediction goes along it."""
    if why.effects is None:
        return []
    effects: Effects = why.effects
    if not facts.personal:
        effects = aggregated_effects(effects, len(why.explanation.data))
    if not effects.effects:
        return []
    part = effects.page().sections[0]
    pairs = zip(effects.columns, part.blocks, strict=False)
    options = tuple(Option(short(name), (block,)) for name, block in pairs)
    rest = part.blocks[len(options) :]
    said = Text(
        "How the mean prediction goes when a column is set to a value for all rows "
        f"({plural(effects.n_rows, 'row')}, other columns as they are):",
        tuple(effects.sentences()),
    )
    return [said, Choice("Column", options), *rest]


def _interactions(found: Interactions | None) -> list[Block]:
    """Show which pairs of columns act together."""
    if found is None or found.table.empty:
        return []
    chart = found.plot("bars", top=PAIRS)
    top = next(records(found.table))
    ends = f"[{number(top.low)}, {number(top.high)}]"
    said = f"{short(top.a)} × {short(top.b)} {number(top.value)} {ends}"
    caption = (
        "Share of what two columns do together that neither does alone (H²); the largest is "
        f"{said}, on {plural(int(top.n_rows), 'row')}"
    )
    names = {
        "a": "column",
        "b": "with",
        "value": "H²",
        "low": "from",
        "high": "to",
        "n_rows": "rows",
    }
    frame = found.table.head(PAIRS)
    frame = frame.assign(a=frame["a"].map(short), b=frame["b"].map(short))
    frame = frame[list(names)].rename(columns=names)
    table = Table(frame, "Pairs of the strongest columns", fold=6)
    alt = f"Bars of H² by pair; the largest: {said}"
    return [as_block(chart, caption, alt), table]


def _no_rows() -> list[Block]:
    return [
        Text(
            "This page was written without people's rows: there are no single rows, examples or "
            "points of rows in it.",
            tone="note",
        )
    ]


def _quality(found: QualityCard | None) -> list[Block]:
    """Show how far the explanation can be relied on."""
    if found is None:
        return []
    shares = found.table[found.table["measure"].isin(SHARES) & found.table["value"].notna()]
    words = [f"{_measure(row.measure)} {number(row.value)}" for row in records(shares)]
    frame = pd.DataFrame(
        {
            "measure": [_measure(one) for one in found.table["measure"]],
            "value": found.table["value"],
            "from": found.table["low"],
            "to": found.table["high"],
            "the better": found.table["better"],
            "measured on": found.table["note"],
        }
    )
    caption = "How far to rely on these explanations: measures that are 1 at best"
    blocks: list[Block] = []
    if not shares.empty:
        blocks.append(as_block(found.plot("bars"), caption, f"Bars: {'; '.join(words)}"))
    notes = ("What each measure is stands under how this was computed.",)
    table = Table(
        frame, f"Quality of the explanation, {plural(found.n_rows, 'row')}", notes, fold=12
    )
    return [*blocks, table]


def _measure(name: object) -> str:
    return str(name).replace("_", " ")


def _definitions(found: QualityCard) -> str:
    """Say what each measure is, each in a paragraph."""
    told = [f"{_measure(row.measure)}: {row.definition}" for row in records(found.table)]
    return "\n\n".join([*told, found.page().sections[0].method])


def price_blocks(price: Price | None) -> list[Block]:
    """Show what the best interpretable family would cost."""
    if price is None:
        return []
    head, *rest = price.lines()
    blocks: list[Block] = [Text("The price of interpretability:", (sentence(head), *rest))]
    if price.best_other:
        caption = f"What each family's best model costs in {short(price.metric)}"
        blocks.append(as_block(price.plot("bars"), caption, head))
    names = {
        "name": "name",
        "family": "family",
        "score": short(price.metric),
        "low": "from",
        "high": "to",
        "interpretable": "interpretable",
        "price": "price",
        "price_low": "price from",
        "price_high": "price to",
    }
    frame = price.table[list(names)].rename(columns=names)
    return [*blocks, Table(frame, "The best model of each family", fold=8)]


def _left_out(facts: Facts) -> list[Block]:
    if not facts.notes:
        return []
    return [Text("What could not be computed:", facts.notes, "note")]


def _method(facts: Facts, why: Why) -> str:
    """Put the methods of all parts together, each once."""
    parts: list[Any] = [why.effects, why.interactions, facts.price]
    parts += list(why.changes.values())[:1] if facts.personal else []
    told = [one.page().sections[0].method for one in parts if one is not None]
    if why.quality is not None:
        told.append(_definitions(why.quality))
    return "\n\n".join(dict.fromkeys([IMPORTANCE_METHOD, METHOD, *told]))
