"""What a report needs of a finished search, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from automl.errors import RunFolderError
from automl.table import typed_frame
from automl.tuning.kept_rows import KeptRows, load_kept_rows
from automl.tuning.run_folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

    from automl.winner import Winner
    from explain import Explanation
    from explain.opening import OpenModel
    from fairness import Audit


class Source(Protocol):
    """The part of `automl.Result` that a report reads."""

    @property
    def model(self) -> Winner:
        """The winner."""

    @property
    def leaderboard(self) -> pd.DataFrame:
        """Every candidate and the ensemble."""

    @property
    def trials(self) -> pd.DataFrame:
        """Everything that was tried."""

    @property
    def checks(self) -> pd.DataFrame:
        """What was found in the table."""

    @property
    def schema(self) -> pd.DataFrame:
        """Every column with its role."""

    @property
    def timing(self) -> pd.DataFrame:
        """Where the time went."""

    @property
    def pareto(self) -> pd.DataFrame:
        """What no other candidate beats."""

    @property
    def members(self) -> pd.DataFrame:
        """The winner's members."""

    @property
    def metric(self) -> str:
        """Name of the metric."""

    @property
    def task(self) -> str:
        """What is predicted."""

    @property
    def run_dir(self) -> Path:
        """The run folder."""

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Columns to audit by."""

    @property
    def scored_on(self) -> str:
        """Which rows the scores come from."""

    def explain(
        self,
        rows: Any = None,
        *,
        groups: Mapping[str, Iterable[str]] | None = None,
        max_rows: int | None = None,
        seed: int = 0,
    ) -> Explanation:
        """Explain the winner."""

    def audit(
        self,
        rows: Any = None,
        sensitive: Any = None,
        *,
        template: Any = None,
        seed: int = 0,
    ) -> Audit:
        """Audit the winner."""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished search, opened.

    Parameters
    ----------
    result : Source
        The search.
    manifest : mapping of str to Any
        Its manifest.
    kept : KeptRows or None
        Rows that its folder keeps.
    data : DataFrame or None
        The same rows with numbers and times that are spelled as text read.
    """

    result: Source
    manifest: Mapping[str, Any]
    kept: KeptRows | None
    data: pd.DataFrame | None

    @property
    def record(self) -> Mapping[str, Any]:
        """The finished record."""
        found: Mapping[str, Any] = self.manifest["finished"]
        return found

    @property
    def predict_seconds(self) -> float:
        """Seconds that the winner takes for a row, as the search measured them."""
        return max(1e-6, float(self.record.get("score_seconds") or 0.0))

    @cached_property
    def opened(self) -> OpenModel | None:
        """The winner as explanations see it; None where the folder keeps no rows."""
        from explain.opening import open_model

        return None if self.data is None else open_model(self.result.model, self.data)


def open_run(result: Source) -> Run:
    """Open what a report needs.

    Raises
    ------
    RunFolderError
        The search never finished, or its folder is damaged.
    """
    manifest = RunFolder(result.run_dir).read_manifest()
    if not manifest or not manifest.get("finished"):
        raise RunFolderError(
            "this search never finished, so there is nothing to report yet",
            got=f"{result.run_dir} holds no winner and no rows to judge it on",
            hint="automl.search again with the same arguments and run_dir, which goes on with it",
        )
    kept = load_kept_rows(result.run_dir)
    data = None if kept is None else typed_frame(result.model.schema, kept.frame)
    return Run(result, manifest, kept, data)
