"""Counts of one attribute's groups within strata, laid out as group × stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fairness.errors import ArgumentError
from fairness.sensitivity.sums import ratio_sums
from fairness.table.names import crossed
from fairness.table.values import TIMES, Counts, Floats, GroupCounts

if TYPE_CHECKING:
    from fairness.table import CountTable


@dataclass(frozen=True)
class Strata:
    """A metric by group and stratum; every array has the shape (n_groups, n_strata).

    Parameters
    ----------
    attribute, control : str
        Names; several controls are joined by " × ".
    groups, strata : tuple of str
        Names of the groups and of the strata.
    rate : ndarray of float64
        The metric; 0 where `below` is.
    below : ndarray of float64
        Sum of weights in the metric's denominator.
    effective : ndarray of float64
        Kish's effective number of rows in it.
    variance : ndarray of float64
        Of the rate, by linearisation.
    rows : ndarray of int64
        Rows in the denominator.
    hits : ndarray of float64 or None
        Effective rows in the numerator, for a share of rows; None for anything else.
    equal : bool
        Whether the weights within each cell are equal, so that effective rows are rows.
    proportion : bool
        Whether the metric is a share of rows.
    """

    attribute: str
    control: str
    groups: tuple[str, ...]
    strata: tuple[str, ...]
    rate: Floats
    below: Floats
    effective: Floats
    variance: Floats
    rows: Counts
    hits: Floats | None
    equal: bool
    proportion: bool


def crossed_counts(table: CountTable, attribute: str, controls: Sequence[str]) -> GroupCounts:
    """Return the counts of an attribute's groups within the strata of the controls.

    Raises
    ------
    ArgumentError
        There is no control, or the attribute is among them.
    """
    if not controls or attribute in controls:
        raise ArgumentError(
            "controls must name at least one column besides the attribute",
            got=f"got {', '.join(controls) or 'none'} for {attribute}",
        )
    return table.groups((attribute, *controls))


def lay_out(table: CountTable, attribute: str, controls: Sequence[str], metric: str) -> Strata:
    """Lay a metric out as group × stratum."""
    within = crossed_counts(table, attribute, controls)
    sums = ratio_sums(within, metric)
    groups, group_of = np.unique(within.codes[:, 0], return_inverse=True)
    strata, stratum_of = np.unique(within.codes[:, 1:], axis=0, return_inverse=True)
    where = group_of.ravel(), stratum_of.ravel()

    def spread(values: Floats | Counts) -> Floats:
        laid: Floats = np.zeros((len(groups), len(strata)))
        laid[where] = np.nan_to_num(values)
        return laid

    names = {one.name: one.groups for one in table.attributes}
    found = sums.estimates
    rows = spread(found.denominator).astype(np.int64)
    effective, equal = _effective(spread(found.effective), rows)
    rate = spread(found.value)
    proportion = found.metric.kind == "proportion"
    return Strata(
        attribute,
        TIMES.join(controls),
        tuple(names[attribute][code] for code in groups),
        tuple(stratum_name(table, controls, codes) for codes in strata),
        rate,
        spread(sums.below),
        effective,
        spread(found.error**2),
        rows,
        rate * effective if proportion else None,
        equal,
        proportion,
    )


def _effective(kish: Floats, rows: Counts) -> tuple[Floats, bool]:
    """Return effective rows, whole where weights are equal, and whether they are everywhere."""
    same = np.abs(kish - rows) <= 1e-9 * rows
    return np.where(same, rows, kish), bool(same.all())


def stratum_name(table: CountTable, controls: Sequence[str], codes: Counts) -> str:
    """Return the name of a stratum from the codes of the controls' groups."""
    names = {one.name: one.groups for one in table.attributes}
    parts = [names[control][code] for control, code in zip(controls, codes, strict=True)]
    return crossed(parts)
