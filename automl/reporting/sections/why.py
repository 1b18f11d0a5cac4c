"""Why the winner decides as it does: importance, effects, pairs, single rows, quality, price."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.reporting.facts import Facts, Why
from automl.reporting.levers import no_levers
from automl.reporting.sections import titles
from automl.reporting.sections.aggregated import aggregated_effects
from automl.reporting.sections.drivers import sentences
from automl.reporting.sections.rows import row_picker
from automl.reporting.words import percent, score_format, sentence
from candor.report import Block, Choice, Option, Section, Table, Text
from explain.drawing import as_block, interval_bars
from explain.showing import pictures
from explain.showing.sections import IMPORTANCE_METHOD, METHOD, drivers
from explain.showing.summary import check_sentence, trust_sentence
from explain.showing.words import listed, number, plural, records, short

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
        *(
            row_picker(why, (*facts.sensitive, *no_levers(facts.checks)))
            if facts.personal
            else _no_rows()
        ),
        *_quality(why.quality),
        *price_blocks(facts.price),
        *_left_out(facts),
    ]
    return Section(titles.WHY, sentences(why), tuple(blocks), _method(facts, why))


def _trust(why: Why) -> Block:
    """Say on which rows all of this stands, and how far to trust it."""
    found = why.explanation
    return Text(
        sentence(f"Rows explained: {found.rows_used}"),
        (
            trust_sentence(found),
            check_sentence(found),
            f"Numbers are in units of {found.unit}.",
        ),
        "note",
    )


def _shortened(block: Block) -> Block:
    """Return a table with names that fit into it, and numbers of equal length."""
    if not isinstance(block, Table):
        return block
    frame = block.frame.assign(column=block.frame["column"].map(short))
    ends = dict.fromkeys(("value", "low", "high"), score_format(frame["value"]))
    heads = {"value": "mean size", "low": "from", "high": "to"}
    formats = {heads.get(name, name): form for name, form in {**block.formats, **ends}.items()}
    return replace(block, frame=frame.rename(columns=heads), formats=formats)


def _strips(why: Why) -> list[Block]:
    """Draw the contributions of single rows."""
    found = why.explanation
    names = found.importance()["column"].tolist()[:8]
    caption = f"Each point is a row: its contribution, {found.unit}; {found.rows_used}"
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
    """Show which pairs of columns act together, in percent: most are small."""
    if found is None or found.table.empty:
        return []
    frame = found.table.sort_values("value", ascending=False, kind="stable").head(PAIRS)
    top, rows = next(records(frame)), plural(int(frame["n_rows"].iloc[0]), "row")
    said = (
        f"{short(top.a)} with {short(top.b)}: {_share(top.value)} "
        f"[{_share(top.low)}, {_share(top.high)}]"
    )
    caption = (
        f"Share of what two columns do together that neither does alone; most {said}, on {rows}"
    )
    drawn = frame.assign(
        pair=[f"{short(row.a, 24)} × {short(row.b, 24)}" for row in records(frame)],
        **{name: 100 * frame[name] for name in ("value", "low", "high")},
    )
    chart = interval_bars(drawn, label="pair", value="value", low="low", high="high", unit="H², %")
    names = {
        "a": "column",
        "b": "with",
        "value": "share (H²)",
        "low": "from",
        "high": "to",
        "n_rows": "rows",
    }
    frame = frame.assign(a=frame["a"].map(short), b=frame["b"].map(short))
    table = Table(
        frame[list(names)].rename(columns=names),
        "Pairs of the strongest columns",
        formats=dict.fromkeys(("share (H²)", "from", "to"), ".2%"),
        fold=6,
    )
    alt = f"Bars by pair, in percent of H²; the largest: {said}"
    return [as_block(chart, caption, alt), table]


def _share(value: float) -> str:
    return percent(value, 2)


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
            "better": found.table["better"],
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
    form = score_format(price.table["score"])
    numbers = set(frame.columns) - {"name", "family", "interpretable"}
    formats = dict.fromkeys(sorted(numbers), form)
    return [*blocks, Table(frame, "The best model of each family", formats=formats, fold=8)]


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
    route = sentence(f"Route: {why.explanation.route}")
    return "\n\n".join(dict.fromkeys([IMPORTANCE_METHOD, METHOD, route, *told]))
