"""The two calls: an audit of rows, and an audit of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fairness.result import Audit
    from fairness.table import CountTable


def audit(
    y_true: Any,
    y_pred: Any = None,
    *,
    y_score: Any = None,
    sensitive: Any,
    features: Any = None,
    positive: Any = None,
    threshold: float | None = None,
    reference: str | Mapping[str, str] | None = None,
    weight: Any = None,
    control: Any = None,
    tolerance: float | Mapping[str, float] = 0.1,
    confidence: float = 0.95,
    template: str | Path | Sequence[str | Path] | None = None,
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto",
    seed: int = 0,
) -> Audit:
    """Audit a model's predictions: say for whom it fails, and how sure that is.

    Parameters
    ----------
    y_true : array_like, shape (n_rows,)
        True outcomes: labels, or numbers for a regression.
    y_pred : array_like, shape (n_rows,), optional
        Predicted labels, or numbers. Default: from `y_score` and `threshold`; without both of
        them only the data are audited.
    y_score : array_like, shape (n_rows,) or (n_rows, n_classes), optional
        Probability of the positive label, or of each class in sorted order. Numbers outside
        [0, 1] are an ordered score: threshold, AUC and outcome rate by score work, log loss,
        Brier score and calibration error do not.
    sensitive : Series, frame, mapping of str to array_like, or array_like
        Attributes to group by, one or several; they are also crossed. Missing is a group of its
        own. Numbers with more than 10 different values are cut at their quintiles.
    features : frame, optional
        Other columns of the rows, for what needs them: missingness by group, proxies of the
        attributes, consistency.
    positive : label, optional
        The positive label of a binary outcome. Needed where labels are not 0 and 1, -1 and 1, or
        booleans. With more than two labels: this one against the rest.
    threshold : float, optional
        Scores from here on are predicted positive. Default: 0.5 for probabilities, none for other
        scores. For a regression: predictions from here on count as selected.
    reference : str or mapping of str to str, optional
        The group to compare with, by attribute where there are several. Default: the worst pair.
    weight : array_like, shape (n_rows,), optional
        Row weights, read as sampling weights.
    control : as `sensitive`, optional
        Features that legitimately matter: groups are also compared within their strata.
    tolerance : float or mapping of str to float, default 0.1
        Largest difference that is tolerated: in rates, or in standard deviations of the target
        for a regression; or by metric or notion, which declares those. Ratios are held against
        1/1.25 = 0.8.
    confidence : float, default 0.95
        Of all intervals.
    template : str, path or sequence of them, optional
        Regulation templates: "eeoc_four_fifths", "nyc_local_law_144", "eu_ai_act", or a file.
    task : {"auto", "binary", "multiclass", "regression"}, default "auto"
        What is predicted.
    seed : int, default 0
        Seed of everything random.

    Returns
    -------
    Audit
        Frozen results with frames, JSON, pictures and a page.

    Raises
    ------
    ArgumentError
        If rows or options cannot be used as they are.
    ArgumentTypeError
        If an argument has a wrong type.
    TemplateError
        If a template is unknown or does not fit.

    See Also
    --------
    audit_table : The same from counts.

    Notes
    -----
    A verdict needs the whole simultaneous interval on one side of the tolerance. Intervals of a
    disparity hold for all pairs of groups at once (max-T; Hothorn, Bretz and Westfall 2008);
    verdicts of the declared family are corrected by Holm (1979), the exploratory ones by Benjamini
    and Hochberg (1995). Groups with fewer than 30 rows in a denominator are shown, but no verdict
    stands on them.

    Examples
    --------
    >>> import numpy as np, fairness
    >>> rng = np.random.default_rng(0)
    >>> sex = rng.choice(["female", "male"], 2000)
    >>> outcome = rng.random(2000) < 0.4
    >>> predicted = rng.random(2000) < np.where(sex == "male", 0.6, 0.3)
    >>> found = fairness.audit(outcome, predicted, sensitive={"sex": sex})
    >>> row = found.disparities.set_index(["metric", "kind"]).loc[
    ...     ("demographic_parity", "difference")
    ... ]
    >>> row["group"], row["reference"], row["verdict"]
    ('male', 'female', 'beyond')
    """
    from fairness.alignment import check_alignment
    from fairness.assembly import assemble
    from fairness.row_findings import find_in_rows
    from fairness.settings import check_settings
    from fairness.table import CountTable

    check_alignment(
        {
            "y_true": y_true,
            "y_pred": y_pred,
            "y_score": y_score,
            "sensitive": sensitive,
            "features": features,
            "weight": weight,
            "control": control,
        }
    )
    table = CountTable.from_rows(
        y_true,
        y_pred,
        y_score=y_score,
        sensitive=sensitive,
        control=control,
        weight=weight,
        positive=positive,
        threshold=threshold,
        task=task,
    )
    settings = check_settings(
        table,
        reference=reference,
        tolerance=tolerance,
        confidence=confidence,
        template=template,
        seed=seed,
    )
    found = find_in_rows(
        table,
        y_true,
        y_pred,
        y_score=y_score,
        sensitive=sensitive,
        features=features,
        weight=weight,
        positive=positive,
        threshold=threshold,
        confidence=settings.confidence,
        seed=seed,
    )
    return assemble(table, settings, found, target=_name(y_true), rows_used=_used(table.n, weight))


def audit_table(
    table: CountTable,
    *,
    reference: str | Mapping[str, str] | None = None,
    tolerance: float | Mapping[str, float] = 0.1,
    confidence: float = 0.95,
    template: str | Path | Sequence[str | Path] | None = None,
    seed: int = 0,
) -> Audit:
    """Audit counts: of one site, of merged sites, or as a database has aggregated them.

    Parameters
    ----------
    table : CountTable
        The counts.
    reference : str or mapping of str to str, optional
        The group to compare with, by attribute where there are several. Default: the worst pair.
    tolerance : float or mapping of str to float, default 0.1
        Largest difference that is tolerated, as in `audit`.
    confidence : float, default 0.95
        Of all intervals.
    template : str, path or sequence of them, optional
        Regulation templates.
    seed : int, default 0
        Seed of everything random.

    Returns
    -------
    Audit
        As from `audit`, but for what needs rows: missingness, proxies, consistency and curves.

    Raises
    ------
    ArgumentError
        If an option does not fit the table.
    ArgumentTypeError
        If `table` is no CountTable.
    TemplateError
        If a template is unknown or does not fit.

    Examples
    --------
    >>> import pandas as pd, fairness
    >>> cells = pd.DataFrame(
    ...     {
    ...         "site": ["north"] * 4 + ["south"] * 4,
    ...         "y_true": [0, 0, 1, 1] * 2,
    ...         "y_pred": [0, 1, 0, 1] * 2,
    ...         "count": [50, 10, 20, 40, 40, 20, 20, 40],
    ...     }
    ... )
    >>> found = fairness.audit_table(fairness.CountTable.from_cells(cells))
    >>> int(found.by_group["n"].max())
    120
    """
    from fairness.assembly import assemble
    from fairness.errors import ArgumentTypeError
    from fairness.row_findings import RowFindings
    from fairness.settings import check_settings
    from fairness.table import CountTable

    if not isinstance(table, CountTable):
        raise ArgumentTypeError(
            "audit_table takes a CountTable",
            got=f"got {type(table).__name__}",
            hint="fairness.CountTable.from_cells(frame)",
        )
    settings = check_settings(
        table,
        reference=reference,
        tolerance=tolerance,
        confidence=confidence,
        template=template,
        seed=seed,
    )
    return assemble(table, settings, RowFindings())


def _used(n: int, weight: Any) -> str | None:
    """Say which rows were counted where some weigh nothing; None where all were."""
    given = n if weight is None else len(weight)
    if given == n:
        return None
    return f"{n:,} of {given:,} rows as given: the others have weight 0"


def _name(values: Any) -> str:
    """Return the name of a column, where it has one."""
    from fairness.table.names import readable

    name = getattr(values, "name", None)
    return "outcome" if name in (None, "") else readable(str(name))
