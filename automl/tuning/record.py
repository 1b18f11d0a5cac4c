"""What remains of a finished run: frozen values that a Result reads and a manifest holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, get_args

from automl.ensemble import Calibration, Link
from automl.errors import RunFolderError
from automl.table.checks import Check

_SAFE_PLACE = re.compile(r"(trials|winner)/[\w.-]+(/fold-\d+)?")
_SAFE_DIGEST = re.compile(r"[0-9a-f]{8,128}")


@dataclass(frozen=True)
class Member:
    """A candidate in the winner.

    Parameters
    ----------
    name, family : str
        Which candidate.
    weight : float
        Its share in the average; the weights of all members sum to 1.
    models : tuple of str
        Its model folders, relative to the run folder: one a fold, or a single refit.
    encoders : tuple of str
        Digest of each model's encoder; empty for the baseline.
    refitted : bool
        Whether it was fitted once more on all rows.
    """

    name: str
    family: str
    weight: float
    models: tuple[str, ...]
    encoders: tuple[str, ...]
    refitted: bool


@dataclass(frozen=True)
class Recipe:
    """How predictions are made from members.

    Parameters
    ----------
    members : tuple of Member
        Heaviest first.
    link : {"margin", "probability"}
        What is averaged.
    calibration : dict or None
        State of the calibration; None: none helped.
    threshold : float
        Probability from which on a binary prediction is the positive class.
    """

    members: tuple[Member, ...]
    link: Link = "margin"
    calibration: Mapping[str, Any] | None = None
    threshold: float = 0.5

    def places(self) -> tuple[str, ...]:
        """Return the subfolders of the run folder that the winner is made of."""
        models = [place for member in self.members for place in member.models]
        encoders = [f"encoders/{one}" for member in self.members for one in member.encoders]
        return tuple(dict.fromkeys([*models, *encoders]))


@dataclass(frozen=True)
class RunRecord:
    """A finished run in plain values.

    Parameters
    ----------
    name : str
        The table's name.
    metric : str
        Name of the metric; that of a function ends with "()".
    greater_is_better : bool
        Direction of the metric.
    recipe : Recipe
        The winner.
    score, low, high : float
        The winner's score with its interval, on rows that chose neither its weights nor its fits.
    score_seconds : float
        Seconds per predicted row of the winner, measured on one thread.
    size : int
        Bytes of the winner on disk.
    n_rows, n_sealed : int
        Rows searched on, and rows sealed for an audit.
    sealed : tuple of int
        Positions of the sealed rows in the data as given.
    scheme : str
        The split in words.
    scored_on : str
        Which rows the score comes from, in words.
    stopped : str
        Why the search ended.
    timing : tuple of (str, float)
        Phases with their seconds.
    checks : tuple of Check
        What was found in the table and during the run.
    versions : dict
        Versions of Python and of the libraries.
    seed : int
        Seed of the run.
    """

    name: str
    metric: str
    greater_is_better: bool
    recipe: Recipe
    score: float
    low: float
    high: float
    score_seconds: float
    size: int
    n_rows: int
    n_sealed: int
    sealed: tuple[int, ...]
    scheme: str
    scored_on: str
    stopped: str
    timing: tuple[tuple[str, float], ...]
    checks: tuple[Check, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    def with_timing(self, timing: tuple[tuple[str, float], ...]) -> RunRecord:
        """Return the record with other phases."""
        return replace(self, timing=timing)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; a score that is not a number becomes None."""
        values = asdict(self)
        for key in ("score", "low", "high", "score_seconds"):
            values[key] = None if values[key] != values[key] else values[key]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunRecord:
        """Rebuild a record.

        Raises
        ------
        RunFolderError
            The values are not those of a record.
        """
        try:
            known = {one.name for one in fields(cls)}
            values = {key: value for key, value in values.items() if key in known}
            recipe = _recipe(values.pop("recipe"))
            checks = tuple(
                Check(**{**check, "columns": tuple(check["columns"])})
                for check in values.pop("checks")
            )
            for key in ("score", "low", "high", "score_seconds"):
                values[key] = float("nan") if values[key] is None else float(values[key])
            values["timing"] = tuple((name, float(spent)) for name, spent in values["timing"])
            values["sealed"] = tuple(int(row) for row in values["sealed"])
            return cls(recipe=recipe, checks=checks, **values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunFolderError(
                "the run folder is damaged: its manifest holds no usable record", got=repr(error)
            ) from error


def _recipe(values: Mapping[str, Any]) -> Recipe:
    """Rebuild a recipe and refuse one that could not predict.

    Raises
    ------
    ValueError
        A value is impossible, or a place lies outside the run folder.
    """
    members = tuple(_member(member) for member in values["members"])
    if not members or sum(member.weight for member in members) <= 0:
        raise ValueError("a winner needs members with weights")
    link, threshold = values["link"], float(values["threshold"])
    if link not in get_args(Link) or not 0 <= threshold <= 1:
        raise ValueError(f"link {link!r} or threshold {threshold} is impossible")
    calibration = values["calibration"]
    if calibration is not None:
        Calibration.from_dict(calibration)
    return Recipe(members, link, calibration, threshold)


def _member(values: Mapping[str, Any]) -> Member:
    models, encoders = tuple(values["models"]), tuple(values["encoders"])
    safe = all(_SAFE_PLACE.fullmatch(place) and ".." not in place for place in models)
    if not safe or not all(_SAFE_DIGEST.fullmatch(digest) for digest in encoders):
        raise ValueError(f"a member names a place outside its folder: {models}")
    if not models or (encoders and len(encoders) != len(models)):
        raise ValueError("a member needs an encoder for each of its models")
    weight = float(values["weight"])
    if not 0 <= weight < float("inf"):
        raise ValueError(f"a weight of {weight} is impossible")
    name, family = str(values["name"]), str(values["family"])
    return Member(name, family, weight, models, encoders, bool(values["refitted"]))
