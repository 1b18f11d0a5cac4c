"""What an audit returns: frozen values, and the faces that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fairness.row_findings import RowFindings
from fairness.settings import Settings
from fairness.table import CountTable
from fairness.templates import TemplateReport

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """For whom a model fails: counts by group, with intervals and verdicts.

    Everything but `row_findings` is computed from `table` and `settings` alone. Frames may be
    empty where a question does not apply. They are the audit's own, which its JSON, pictures and
    page read: change a copy, as `to_frame` gives one.

    Parameters
    ----------
    table : CountTable
        The additive counts that everything else is computed from.
    settings : Settings
        Tolerances, confidence, reference groups, templates, seed.
    target : str
        What is predicted.
    rows_used : str
        Which rows these are, in words.
    overall : DataFrame
        Every metric over all rows; columns as `by_group`.
    by_group : DataFrame
        attribute, group, n, metric, value (plug-in estimate; NaN where the denominator is 0), low,
        high (by itself at the confidence), state ("estimable", "weak": interval wider than the
        tolerance, "not estimable": fewer than 30 rows in the denominator, "undefined": none),
        denominator (rows), method of the interval, shrunk, shrunk_low, shrunk_high (empirical
        Bayes; crossed groups only).
    disparities : DataFrame
        attribute, metric, kind ("difference" or "ratio"), group, reference, value, low, high
        (simultaneous over all pairs), verdict ("beyond", "within", "not enough data"), all_groups
        (the same among all groups, however small), tolerance, p_value (of a disparity not beyond
        the tolerance), p_adjusted (Holm among the declared, Benjamini-Hochberg among the
        exploratory), family, detectable (smallest true gap found with 80 % power), needs,
        needs_rows (which group would have to grow by how many rows), also_needs (groups that
        have to grow with it), left_out, comparisons.
    representation : DataFrame
        Rows, share and base rate of each group.
    calibration : DataFrame
        Outcome rate by score band in each group.
    calibration_tests : DataFrame
        Test of calibration within each group; only where scores are probabilities.
    equal_score : DataFrame
        Difference in outcome rate between groups at equal score, pooled over score bands.
    sweep : DataFrame
        Rates by threshold in each group.
    abroca : DataFrame
        Area between the ROC curves of each pair of groups.
    inequality : DataFrame
        Theil index and generalised entropy of benefits, within and between groups.
    conditional : DataFrame
        Disparities within strata of the control features, with the composition split off.
    missing_bounds : DataFrame
        What the rows whose attribute is missing could change.
    tipping : DataFrame
        What share of wrong labels would remove a gap.
    impossibility : DataFrame
        False positive rates that equal predictive values would force, given the base rates.
    curves : DataFrame
        Rates along continuous attributes, without cutting them into groups.
    trends : DataFrame
        How rates go along with continuous attributes, as one number each.
    templates : tuple of TemplateReport
        What regulation templates say.
    row_findings : RowFindings
        What needed the rows: missingness, proxies, consistency.
    notes : tuple of str
        What the reader has to know about the data as given.

    Examples
    --------
    >>> import fairness
    >>> audit = fairness.audit(
    ...     [0, 1] * 100, [0, 1, 1, 1] * 50, sensitive=["a", "a", "b", "b"] * 50
    ... )
    >>> frame = audit.by_group.set_index(["group", "metric"])
    >>> float(frame.loc[("b", "fpr"), "value"])
    1.0
    >>> audit.attributes, audit.described(target="hired").target
    (('sensitive',), 'hired')
    """

    table: CountTable
    settings: Settings
    target: str
    rows_used: str
    overall: pd.DataFrame
    by_group: pd.DataFrame
    disparities: pd.DataFrame
    representation: pd.DataFrame
    calibration: pd.DataFrame
    calibration_tests: pd.DataFrame
    equal_score: pd.DataFrame
    sweep: pd.DataFrame
    abroca: pd.DataFrame
    inequality: pd.DataFrame
    conditional: pd.DataFrame
    missing_bounds: pd.DataFrame
    tipping: pd.DataFrame
    impossibility: pd.DataFrame
    curves: pd.DataFrame
    trends: pd.DataFrame
    templates: tuple[TemplateReport, ...]
    row_findings: RowFindings
    notes: tuple[str, ...] = ()

    # -- reading -----------------------------------------------------------------------------

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes and the crossed ones, in order."""
        return tuple(dict.fromkeys(self.by_group["attribute"]))

    def described(self, *, target: str | None = None, rows_used: str | None = None) -> Audit:
        """Return the audit with other words for what is predicted and which rows were used.

        Parameters
        ----------
        target : str, optional
            Name of what is predicted.
        rows_used : str, optional
            Which rows these are.

        Returns
        -------
        Audit
            A copy; no number changes.
        """
        return replace(self, target=target or self.target, rows_used=rows_used or self.rows_used)

    def to_frame(self) -> pd.DataFrame:
        """Return `by_group`: one row for each metric in each group.

        Returns
        -------
        DataFrame
            A copy.

        Examples
        --------
        >>> import fairness
        >>> audit = fairness.audit([0, 1] * 40, [0, 1] * 40, sensitive=["a", "b"] * 40)
        >>> audit.to_frame().columns[:5].tolist()
        ['attribute', 'group', 'n', 'metric', 'value']
        """
        return self.by_group.copy()

    # -- keeping -----------------------------------------------------------------------------

    def to_json(self) -> str:
        """Return the audit as JSON that any reader can recompute.

        It holds the count table, the settings and what needed rows, and beside them the results,
        for readers without Candor.

        Returns
        -------
        str
            Schema "candor.audit/1"; see docs/audit_file.md.

        Examples
        --------
        >>> import fairness
        >>> audit = fairness.audit([0, 1] * 40, [0, 1] * 40, sensitive=["a", "b"] * 40)
        >>> again = fairness.Audit.from_json(audit.to_json())
        >>> again.by_group.equals(audit.by_group)
        True
        """
        from fairness.serial import audit_to_json

        return audit_to_json(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Audit:
        """Recompute an audit from its JSON.

        Parameters
        ----------
        text : str or bytes
            What `to_json` returned.

        Returns
        -------
        Audit
            Equal to the digit.

        Raises
        ------
        CountTableError
            If the text is no audit, the counts do not add up, the stored results do not follow
            from them, something was changed, or the text is of a newer schema.

        Examples
        --------
        >>> import fairness
        >>> fairness.Audit.from_json("{}")
        Traceback (most recent call last):
            ...
        fairness.errors.CountTableError: this is no audit
          schema None
        """
        from fairness.serial import audit_from_json

        return audit_from_json(text)

    # -- showing -----------------------------------------------------------------------------

    def plot(
        self, kind: str = "groups", *, attribute: str | None = None, metric: str | None = None
    ) -> alt.LayerChart:
        """Draw one picture of the audit.

        Parameters
        ----------
        kind : {"groups", "disparities", "sweep", "calibration", "curve", "shrunk"}
            groups: a metric in each group with its interval; disparities: all with the tolerance;
            sweep: a rate by threshold in each group; calibration: outcome rate by score in each
            group; curve: a rate along a continuous attribute; shrunk: raw and shrunk estimates of
            crossed groups.
        attribute : str, optional
            Default: the first that has such a picture.
        metric : str, optional
            Default: the first that has such a picture.

        Returns
        -------
        altair.LayerChart
            The picture; it holds its data.

        Raises
        ------
        ArgumentError
            If there is nothing of that kind to draw, or a name is unknown.

        Examples
        --------
        >>> import fairness
        >>> audit = fairness.audit([0, 1] * 40, [0, 1] * 40, sensitive=["a", "b"] * 40)
        >>> type(audit.plot("disparities")).__name__
        'LayerChart'
        """
        from fairness.showing.pictures import draw

        return draw(self, kind, attribute, metric)

    def report(self, path: str | Path) -> Path:
        """Write the audit as one HTML file that needs no network.

        Parameters
        ----------
        path : str or Path
            The file; replaced if it exists.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ReportError
            If the file cannot be written.

        Examples
        --------
        >>> import fairness, tempfile
        >>> audit = fairness.audit([0, 1] * 40, [0, 1] * 40, sensitive=["a", "b"] * 40)
        >>> audit.report(tempfile.mkdtemp() + "/audit.html").name
        'audit.html'
        """
        from candor.report import write_html
        from fairness.showing.sections import page

        return write_html(page(self), path)

    def __str__(self) -> str:
        from fairness.showing.summary import lines

        return "\n".join(lines(self))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from candor.report import fragment
        from fairness.showing.sections import brief_page

        return fragment(brief_page(self))
