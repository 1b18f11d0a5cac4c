"""The gap in mean prediction between groups, split over columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from candor.report import Answer, Block, Page, Section, Table
from explain.drawing import as_block, waterfall
from explain.errors import ArgumentError, ArgumentTypeError
from explain.explanation import Explanation
from explain.faces import Face
from explain.gaps.association import THRESHOLD, association
from explain.gaps.attributes import read_attributes
from explain.profiles.effect import t_quantile
from explain.protocol import Floats, Scale
from explain.settings import check_share
from explain.showing.words import amount, level, listed, plural, records, short
from explain.units import in_unit

SMALLEST = 30
"""Rows of a group from which on its gap is told."""


@dataclass(frozen=True, eq=False, repr=False)
class Disparity(Face):
    """Gaps in mean prediction between groups, split over columns.

    Parameters
    ----------
    table : DataFrame
        attribute, group, reference, output, column, value (the column's part of the gap), low,
        high, share (of the gap), association (of the column with the attribute), proxy, state
        ("estimable" or "not estimable"); parts are NaN where not estimable.
    gaps : DataFrame
        attribute, group, reference, output, n, n_reference, value (difference of the mean
        predictions), low, high, closure (gap less the sum of its parts), state.
    scale : {"margin", "probability", "response"}
        Of the predictions.
    unit : str
        Its unit in words.
    confidence : float
        Of the intervals.
    model : str
        Whose predictions these are.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import disparity, explain
    >>> X = pd.DataFrame({"a": [0.0] * 40 + [1.0] * 40, "b": [0.0, 1.0] * 40})
    >>> explanation = explain(LinearRegression().fit(X, 3 * X["a"] + X["b"]), X)
    >>> found = disparity(explanation, {"sex": ["m"] * 40 + ["f"] * 40}, reference="m")
    >>> found.lines()[0].split("; ")
    ['sex: the mean prediction of f and m differs by +3 [+2.77, +3.23], higher for f',
     'the largest parts: a +3 (proxy)']
    >>> found.to_frame()[["column", "share"]].round(6).to_numpy().tolist()
    [['a', 1.0], ['b', 0.0]]
    >>> found.to_json()[:32]
    '{"schema": "candor.disparity/1",'
    >>> chart = found.plot("waterfall", group="f")
    >>> found.page().title
    'Where the gaps of LinearRegression come from'
    >>> found.report(tempfile.mkdtemp() + "/gaps.html").name
    'gaps.html'
    """

    schema: ClassVar[str] = "candor.disparity/1"

    table: pd.DataFrame
    gaps: pd.DataFrame
    scale: Scale
    unit: str
    confidence: float
    model: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per attribute, group, output and column.

        Returns
        -------
        DataFrame
            A copy of `table`.
        """
        return self.table.copy()

    def lines(self) -> list[str]:
        """Return each gap in words, with the columns that make most of it.

        Returns
        -------
        list of str
            One line a gap.
        """
        return [
            _gap_sentence(row, self.table, self.scale, self.unit) for row in records(self.gaps)
        ]

    def page(self) -> Page:
        """Return the gaps as a page.

        Returns
        -------
        candor.report.Page
            A picture and a table for each gap.
        """
        blocks: list[Block] = []
        for row, said in zip(records(self.gaps), self.lines(), strict=True):
            if row.state == "estimable":
                chart = self._waterfall(
                    attribute=row.attribute, group=row.group, output=row.output
                )
                blocks.append(as_block(chart, said, said))
        blocks.append(Table(self.table, "Parts of the gaps", formats={"share": ".1%"}))
        said = self.lines()[0] if len(self.gaps) else "There is one group only."
        section = Section("Gaps by column", said, tuple(blocks), METHOD)
        return Page(
            f"Where the gaps of {short(self.model)} come from",
            (Answer(said, "Gaps by column"),),
            (section,),
        )

    def _content(self) -> Mapping[str, Any]:
        return {
            "model": self.model,
            "scale": self.scale,
            "unit": self.unit,
            "confidence": self.confidence,
            "gaps": self.gaps,
            "parts": self.table,
        }

    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        return {"waterfall": self._waterfall}

    def _waterfall(
        self, *, attribute: str | None = None, group: str | None = None, output: Any = None
    ) -> Any:
        """Draw the way from the reference's mean to the group's."""
        chosen = self.gaps[self.gaps["state"] == "estimable"]
        for name, wanted in (("attribute", attribute), ("group", group), ("output", output)):
            if wanted is not None:
                chosen = chosen[chosen[name] == wanted]
        if chosen.empty:
            raise ArgumentError("there is no such gap to draw", got=f"{attribute!r}, {group!r}")
        row = chosen.iloc[0]
        parts = _parts_of(self.table, row)
        parts = parts.reindex(parts["value"].abs().sort_values(ascending=False).index)
        top = parts.head(8)
        frame = pd.DataFrame({"label": top["column"], "value": top["value"]})
        if len(parts) > len(top):
            name = plural(len(parts) - len(top), "other column")
            rest = pd.DataFrame(
                {"label": [name], "value": [parts["value"].iloc[len(top) :].sum()]}
            )
            frame = pd.concat([frame, rest], ignore_index=True)
        return waterfall(
            frame,
            base=float(row["reference_mean"]),
            unit=in_unit("mean prediction", self.unit),
            base_label=_labelled(row, "reference", self.scale),
            end_label=_labelled(row, "group", self.scale),
        )


def _labelled(row: Any, side: str, scale: Scale) -> str:
    return f"{short(row[side], 24)}: {level(float(row[f'{side}_mean']), scale)}"


METHOD = (
    "The gap is the difference of two groups' mean predictions; a column's part is the difference "
    "of the groups' mean contributions. Because contributions add up to predictions, the parts "
    "add up to the gap. Intervals are Welch's, over the rows as a sample, with the values' own "
    "errors. A column's part says that the model uses it differently for the groups, as their "
    "values differ; it is no proof of cause.\n\n"
    f"A column is called a proxy where its correlation ratio or bias-corrected Cramér's V with "
    f"the attribute is at least {THRESHOLD}."
)


def disparity(
    explanation: Explanation,
    sensitive: Any,
    *,
    reference: str | Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Disparity:
    r"""Split the gap in mean prediction between groups over columns.

    Parameters
    ----------
    explanation : Explanation
        Of n rows.
    sensitive : Series, frame, mapping, array or name
        One value for each explained row, or for each row of X as it was given; or the name of a
        column that was explained. Numbers of more than ten values are cut into quarters.
    reference : str or mapping of str to str, optional
        The group that the others are compared with, by attribute where there are several.
        Default: the largest.
    confidence : float, default 0.95
        Of the intervals.

    Returns
    -------
    Disparity
        Groups of fewer than 30 rows are "not estimable".

    Raises
    ------
    ArgumentError
        The attribute does not fit the rows or has one group only, there is no such reference
        group, or the confidence is not between 0 and 1.
    ArgumentTypeError
        What is given is no explanation.

    Notes
    -----
    :math:`\bar f_A - \bar f_B = \sum_j (\bar\phi_{j|A} - \bar\phi_{j|B})`.

    References
    ----------
    Begley, Schwedes, Frye and Feige (2020), "Explainability for fair machine learning".

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import disparity, explain
    >>> X = pd.DataFrame({"a": [0.0] * 40 + [1.0] * 40, "b": [0.0, 1.0] * 40})
    >>> explanation = explain(LinearRegression().fit(X, 3 * X["a"] + X["b"]), X)
    >>> found = disparity(explanation, ["m"] * 40 + ["f"] * 40, reference="m")
    >>> found.gaps["value"].round(6).tolist()
    [3.0]
    >>> found.to_frame()[["column", "value"]].round(6).to_numpy().tolist()
    [['a', 3.0], ['b', 0.0]]
    """
    check_share(confidence)
    if not isinstance(explanation, Explanation):
        raise ArgumentTypeError(
            "gaps are split by an explanation",
            got=type(explanation).__name__,
            hint="explain.explain(model, X)",
        )
    attributes = read_attributes(explanation, sensitive)
    if isinstance(reference, Mapping):
        _check_references(reference, attributes)
    gaps: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for name, labels in attributes.items():
        related = {
            column: association(explanation.data[columns[0]], labels)
            for column, columns in explanation.groups.items()
            if len(columns) == 1
        }
        base = _reference(name, labels, reference)
        for group in sorted(set(labels) - {base}):
            for place, output in _outputs(explanation):
                gap, own = _gap(explanation, labels, group, base, place, confidence)
                head = {"attribute": name, "group": group, "reference": base, "output": output}
                gaps.append(head | gap)
                parts += [
                    head
                    | one
                    | {
                        "association": related.get(one["column"], np.nan),
                        # An attribute is no proxy of itself.
                        "proxy": related.get(one["column"], 0.0) >= THRESHOLD
                        and not _is_itself(explanation, one["column"], name),
                        "state": gap["state"],
                    }
                    for one in own
                ]
    if not gaps:
        raise ArgumentError("there is one group only", got=listed(list(attributes)))
    return Disparity(
        pd.DataFrame(parts),
        pd.DataFrame(gaps),
        explanation.scale,
        explanation.unit,
        confidence,
        explanation.model,
    )


def _is_itself(explanation: Explanation, column: str, attribute: str) -> bool:
    """Say whether a column is the attribute, by its name."""
    return explanation.groups[column] == (attribute,)


def _check_references(asked: Mapping[str, str], attributes: Mapping[str, Any]) -> None:
    unknown = [str(name) for name in asked if name not in attributes]
    if unknown:
        raise ArgumentError(
            f"there is no attribute {unknown[0]!r} to take a reference of",
            got=listed(list(attributes)),
        )


def _reference(name: str, labels: pd.Series[Any], asked: str | Mapping[str, str] | None) -> str:
    if isinstance(asked, Mapping):
        asked = asked.get(name)
    if asked is None:
        return str(labels.value_counts().index[0])
    if str(asked) not in set(labels):
        raise ArgumentError(
            f"there is no group {asked!r} in {name!r}", got=listed(sorted(set(labels)))
        )
    return str(asked)


def _outputs(explanation: Explanation) -> list[tuple[int | None, Any]]:
    if explanation.values.ndim == 2:
        return [(None, explanation.classes[-1] if explanation.classes else "prediction")]
    return list(enumerate(explanation.classes))


def _gap(
    explanation: Explanation,
    labels: pd.Series[Any],
    group: str,
    base: str,
    place: int | None,
    confidence: float,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return one gap, and its parts by column."""
    values, errors, predictions = (
        array if place is None else array[..., place]
        for array in (explanation.values, explanation.standard_errors, explanation.predictions)
    )
    a, b = (labels == group).to_numpy(), (labels == base).to_numpy()
    enough = min(a.sum(), b.sum()) >= SMALLEST
    head = {
        "n": int(a.sum()),
        "n_reference": int(b.sum()),
        "group_mean": float(predictions[a].mean()),
        "reference_mean": float(predictions[b].mean()),
        "state": "estimable" if enough else "not estimable",
    }
    if not enough:
        nothing = dict.fromkeys(("value", "low", "high"), np.nan)
        parts = [{"column": one, **nothing, "share": np.nan} for one in explanation.columns]
        return head | nothing | {"closure": np.nan}, parts
    value, reach = _welch(predictions[a, None], predictions[b, None], None, None, confidence)
    own, own_reach = _welch(values[a], values[b], errors[a], errors[b], confidence)
    gap = float(value[0])
    found = head | {
        "value": gap,
        "low": gap - float(reach[0]),
        "high": gap + float(reach[0]),
        "closure": gap - float(own.sum()),
    }
    parts = [
        {
            "column": column,
            "value": float(own[j]),
            "low": float(own[j] - own_reach[j]),
            "high": float(own[j] + own_reach[j]),
            "share": float(own[j] / gap) if gap != 0 else np.nan,
        }
        for j, column in enumerate(explanation.columns)
    ]
    return found, parts


def _welch(
    a: Floats, b: Floats, error_a: Floats | None, error_b: Floats | None, confidence: float
) -> tuple[Floats, Floats]:
    """Return the differences of two groups' means by column, and half the intervals' widths."""
    variance_a, variance_b = a.var(axis=0, ddof=1) / len(a), b.var(axis=0, ddof=1) / len(b)
    if error_a is not None and error_b is not None:
        variance_a = variance_a + (error_a**2).sum(axis=0) / len(a) ** 2
        variance_b = variance_b + (error_b**2).sum(axis=0) / len(b) ** 2
    total = variance_a + variance_b
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = total**2 / (variance_a**2 / (len(a) - 1) + variance_b**2 / (len(b) - 1))
    degrees = np.where(np.isfinite(degrees), degrees, len(a) + len(b) - 2)
    quantile = np.array([t_quantile(confidence, float(one)) for one in degrees])
    return a.mean(axis=0) - b.mean(axis=0), quantile * np.sqrt(total)


def _parts_of(table: pd.DataFrame, gap: Any) -> pd.DataFrame:
    same = np.ones(len(table), dtype=bool)
    for name in ("attribute", "group", "reference", "output"):
        wanted = gap[name] if isinstance(gap, pd.Series) else getattr(gap, name)
        same &= (table[name] == wanted).to_numpy()
    return table[same]


def _gap_sentence(row: Any, table: pd.DataFrame, scale: Scale, unit: str) -> str:
    """Say one gap and what makes most of it."""
    names = f"{short(row.group)} and {short(row.reference)}"
    if row.state != "estimable":
        return (
            f"{short(row.attribute)}: not estimable between {names}, with {row.n:,} and "
            f"{row.n_reference:,} rows ({SMALLEST} are needed)"
        )
    parts = _parts_of(table, row)
    size = parts["value"].abs()
    # What rounding leaves is no part of a gap.
    told_ = parts.reindex(size[size > 1e-9 * size.max()].sort_values(ascending=False).index)
    told = ", ".join(
        f"{short(one.column)} {amount(one.value, scale)}{_effect_on(one.value, row.value, parts)}"
        f"{' (proxy)' if one.proxy else ''}"
        for one in records(told_.head(3))
    )
    tail = f"; the largest parts: {told}" if told else ""
    of = "" if scale == "response" else f" for {short(row.output)}"
    named = f" in {unit}" if scale == "margin" else ""
    ends = f"[{amount(row.low, scale)}, {amount(row.high, scale)}]{named}"
    head = f"{short(row.attribute)}: the mean prediction{of} of {names}"
    largest = max(abs(row.group_mean), abs(row.reference_mean), float(size.max()))
    if abs(row.value) <= 1e-9 * largest:
        return f"{head} has no gap{tail}"
    return (
        f"{head} differs by {amount(row.value, scale)} {ends}, "
        f"{'higher' if row.value > 0 else 'lower'} for {short(row.group)}{tail}"
    )


def _effect_on(value: float, gap: float, parts: pd.DataFrame) -> str:
    """Say whether a part widens or narrows the gap, where parts have opposite signs."""
    size = parts["value"].abs().max()
    signs = set(np.sign(parts["value"][parts["value"].abs() > 1e-9 * size]))
    if len(signs) < 2 or gap == 0:
        return ""
    return " widens it" if value * gap > 0 else " narrows it"
