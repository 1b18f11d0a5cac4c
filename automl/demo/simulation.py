"""Simulated loan applications whose decisions follow a known rule with a known bias.

Every row is drawn as follows; all draws but those named are independent of each other.

1. Sex is female or male with equal chance; the age group is drawn.
2. Income is log-normal around a median that depends on the age group, years of employment are
   longer in older groups; amount, term, debt ratio, prior defaults, purpose, region, date of
   application and note are drawn without regard to sex and age.
3. The account is "family" with chance 0.7 for women and 0.3 for men, "classic" otherwise: a proxy
   of sex with correlation 0.4 that has no effect of its own.
4. The decision is "yes" with probability 1 / (1 + exp(-logit)), where the logit is the intercept
   plus coefficients times the terms of `LoanTruth.terms`, and for women plus the planted gap. Two
   applications that differ in nothing but sex thus differ by the gap.

The decision is computed from the values as they stand in the table, after rounding, so that its
probability can be computed from the table without error. Sex is the only direct bias; age groups
differ because income and employment do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.errors import ArgumentError

Floats = NDArray[np.float64]

AGE_GROUPS = ("18-29", "30-44", "45-59", "60+")
AGE_SHARES = (0.25, 0.35, 0.25, 0.15)
INCOME_MEDIANS = (32_000, 45_000, 50_000, 38_000)
MEAN_YEARS = (1.5, 5.0, 8.0, 8.0)
REGIONS = ("North", "North-East", "East", "South-East", "South", "South-West", "West", "Centre")
PURPOSES = ("car", "home", "debt", "medical", "travel", "education", "business")
TERMS = (12, 24, 36, 48, 60)
OPENINGS = ("for", "this is about", "we need it for", "the money goes into", "I want to pay for")
REASONS = (
    "a new roof",
    "repairs of the old car",
    "a move to another town",
    "work after a water leak",
    "two credit cards",
    "a course for nurses",
    "tools for the workshop",
    "a long planned trip",
)
MONTHS = ("January", "March", "May", "July", "September", "November")
ENDINGS = ("", ", thank you", ", papers follow", ", see my letter", ", please call me")
FIRST_DAY = np.datetime64("2023-01-01")
N_DAYS = 731
POLICY_DAY = "2024-01-01"
TYPICAL_INCOME = 40_000
MISSING_INCOME = 0.04
UNKNOWN_EMPLOYMENT = 0.05
URGENT = 0.2
FAMILY_ACCOUNT = {"female": 0.7, "male": 0.3}

COEFFICIENTS: Mapping[str, float] = MappingProxyType(
    {
        "log_income": 1.0,
        "burden": -2.0,
        "debt_over_40": -0.5,
        "employment_years": 0.12,
        "employment_unknown": -0.3,
        "prior_defaults": -0.9,
        "education": 0.3,
        "business": -0.5,
        "urgent": -0.7,
        "new_policy": -0.4,
    }
)


@dataclass(frozen=True)
class LoanTruth:
    """How the decisions of `loans` came about.

    Parameters
    ----------
    intercept : float
        Logit of an application whose terms are all 0.
    coefficients : mapping of str to float
        Change of the logit for a unit of each term.
    gap : float
        Planted bias: change of the logit for `gap_group`, all else equal.
    gap_column, gap_group, gap_reference : str
        Whom the bias is against.
    proxy_column, proxy_value : str
        A column that goes along with `gap_column` and has no effect of its own.
    proxy_correlation : float
        Correlation of "is `proxy_value`" with "is `gap_group`".
    idle : tuple of str
        Columns with no effect on the decision when all others are held.

    Examples
    --------
    >>> truth = loans_truth()
    >>> frame = loans(1000)
    >>> women = frame["sex"] == "female"
    >>> bool((truth.probability(frame) < truth.fair_probability(frame))[women].all())
    True
    >>> float(truth.terms(frame)["employment_years"].max())
    10.0
    """

    intercept: float = 1.6
    coefficients: Mapping[str, float] = field(default_factory=lambda: COEFFICIENTS)
    gap: float = -0.6
    gap_column: str = "sex"
    gap_group: str = "female"
    gap_reference: str = "male"
    proxy_column: str = "account"
    proxy_value: str = "family"
    proxy_correlation: float = 0.4
    idle: tuple[str, ...] = ("loan_id", "age_group", "region", "account", "term_months")

    def terms(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Compute the terms of the logit from rows of `loans`.

        Parameters
        ----------
        frame : DataFrame
            Rows with the columns of `loans`; the decision is not read.

        Returns
        -------
        DataFrame of float
            One column for each coefficient. Where the income is missing it counts as 40,000;
            unknown employment counts as no years and sets `employment_unknown`.
        """
        income = _numbers(frame["income"]).fillna(TYPICAL_INCOME)
        return pd.DataFrame(
            {
                "log_income": np.log(income / TYPICAL_INCOME),
                "burden": frame["amount"] / income,
                "debt_over_40": (_numbers(frame["debt_ratio"]) - 40).clip(lower=0) / 10,
                "employment_years": _years(frame["employment"]),
                "employment_unknown": frame["employment"] == "n/a",
                "prior_defaults": frame["prior_defaults"],
                "education": frame["purpose"] == "education",
                "business": frame["purpose"] == "business",
                "urgent": frame["note"].str.startswith("urgent"),
                "new_policy": frame["applied_on"] >= POLICY_DAY,
            },
            index=frame.index,
        ).astype(np.float64)

    def fair_probability(self, frame: pd.DataFrame) -> Floats:
        """Return the probability of "yes" as it would be without the planted gap.

        Parameters
        ----------
        frame : DataFrame
            Rows with the columns of `loans`.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            Probabilities.
        """
        return _logistic(self._merit(frame))

    def probability(self, frame: pd.DataFrame) -> Floats:
        """Return the probability of "yes" with which the decisions were drawn.

        Parameters
        ----------
        frame : DataFrame
            Rows with the columns of `loans`.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            Probabilities.
        """
        affected = (frame[self.gap_column] == self.gap_group).to_numpy(np.float64)
        return _logistic(self._merit(frame) + self.gap * affected)

    def rate_gap(self, frame: pd.DataFrame) -> float:
        """Return what the planted bias does to the rate of "yes".

        Parameters
        ----------
        frame : DataFrame
            Rows with the columns of `loans`; whom the bias hits is not read.

        Returns
        -------
        float
            Mean probability of "yes" with the bias minus that without it, over the same
            applications. Since nothing else in `loans` depends on `gap_column`, it is also the
            difference in rates between its two groups, but for chance.

        Examples
        --------
        >>> round(loans_truth().rate_gap(loans(4000)), 2)
        -0.11
        """
        merit = self._merit(frame)
        return float((_logistic(merit + self.gap) - _logistic(merit)).mean())

    def _merit(self, frame: pd.DataFrame) -> Floats:
        weights = pd.Series(dict(self.coefficients))
        merit: Floats = self.intercept + self.terms(frame)[weights.index].to_numpy() @ weights
        return np.asarray(merit, np.float64)


def loans_truth() -> LoanTruth:
    """Return the rule and the bias behind `loans`.

    Returns
    -------
    LoanTruth
        The same for every seed and size.

    Examples
    --------
    >>> loans_truth().gap
    -0.6
    """
    return LoanTruth()


def loans(n: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Simulate loan applications with their decisions.

    Incomes are strings with a currency sign, some missing; employment, debt ratios and dates are
    strings, too; there are an identifier, a short free text and columns without any effect.

    Parameters
    ----------
    n : int, default 4000
        Number of applications.
    seed : int, default 0
        Seed of all draws.

    Returns
    -------
    DataFrame, shape (n, 15)
        The target is `approved` ("yes" or "no"); `sex` and `age_group` are sensitive.

    Raises
    ------
    ArgumentError
        `n` is less than 1.

    Examples
    --------
    >>> frame = loans(100, seed=1)
    >>> frame.shape
    (100, 15)
    >>> sorted(frame["approved"].unique())
    ['no', 'yes']
    """
    if n < 1:
        raise ArgumentError("n has to be at least 1", got=f"got {n}")
    rng = np.random.default_rng(seed)
    frame = pd.concat([_people(n, rng), _applications(n, rng)], axis=1)
    frame.insert(0, "loan_id", [f"LN-{number:06d}" for number in rng.permutation(n)])
    approved = rng.random(n) < loans_truth().probability(frame)
    return frame.assign(approved=np.where(approved, "yes", "no"))


def _people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who applies."""
    sex = np.where(rng.random(n) < 0.5, "female", "male")
    age = rng.choice(len(AGE_GROUPS), n, p=AGE_SHARES)
    family = rng.random(n) < np.where(sex == "female", *FAMILY_ACCOUNT.values())
    income = np.asarray(INCOME_MEDIANS)[age] * rng.lognormal(0.0, 0.45, n)
    incomes = [f"${round(value, -2):,.0f}" for value in income]
    years = rng.poisson(np.asarray(MEAN_YEARS)[age])
    return pd.DataFrame(
        {
            "sex": sex,
            "age_group": np.asarray(AGE_GROUPS)[age],
            "region": rng.choice(REGIONS, n),
            "account": np.where(family, "family", "classic"),
            "income": pd.Series(incomes).mask(rng.random(n) < MISSING_INCOME),
            "employment": np.where(
                rng.random(n) < UNKNOWN_EMPLOYMENT, "n/a", [_employment(year) for year in years]
            ),
        }
    )


def _applications(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw what is applied for."""
    days = FIRST_DAY + rng.integers(N_DAYS, size=n)
    return pd.DataFrame(
        {
            "applied_on": days.astype(str),
            "purpose": rng.choice(PURPOSES, n),
            "amount": (rng.lognormal(9.2, 0.6, n).round(-2) + 500).astype(np.int64),
            "term_months": rng.choice(TERMS, n),
            "debt_ratio": [f"{share:.0f} %" for share in 100 * rng.beta(2.2, 4.0, n)],
            "prior_defaults": rng.poisson(0.3, n),
            "note": _notes(n, rng),
        }
    )


def _notes(n: int, rng: np.random.Generator) -> list[str]:
    """Write a note for each application; some begin with "urgent"."""
    urgent = np.where(rng.random(n) < URGENT, "urgent: ", "")
    choices = (rng.choice(words, n) for words in (OPENINGS, REASONS, MONTHS, ENDINGS))
    return [
        f"{mark}{opening} {reason} before {month}{ending}"
        for mark, opening, reason, month, ending in zip(urgent, *choices, strict=True)
    ]


def _employment(years: int) -> str:
    """Write years of employment as a form does."""
    if years < 1:
        return "< 1 year"
    return "10+ years" if years >= 10 else f"{years} year{'s' if years > 1 else ''}"


def _years(employment: pd.Series[str]) -> pd.Series[float]:
    """Read years of employment from what a form says."""
    return _numbers(employment.replace({"< 1 year": "0", "n/a": "0"}))


def _numbers(texts: pd.Series[str]) -> pd.Series[float]:
    """Read the numbers in strings such as "$1,200" and "31 %"."""
    return texts.str.replace(r"[^\d.]", "", regex=True).astype(np.float64)


def _logistic(logit: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-logit))
