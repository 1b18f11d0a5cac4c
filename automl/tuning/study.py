"""The Optuna study: presets first, then TPE; kept in the run folder's journal."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.errors import RunFolderError
from automl.models.base import Facts
from automl.tuning.candidates import Candidate
from automl.tuning.portfolio import Portfolio

if TYPE_CHECKING:
    import optuna

_log = logging.getLogger(__name__)
_STUDY = "candor"


class Study:
    """Proposes candidates and hears how they did.

    A trial's proposals depend only on the seed, its number and the finished trials before it,
    so a resumed study goes on as if it had never stopped.

    Parameters
    ----------
    journal : Path
        The journal file.
    portfolio : Portfolio
        Families and presets.
    facts : Facts
        What families may know of the problem.
    seed : int
        Seed of the run.
    taken : iterable of str, default ()
        Names of candidates that are in the run folder, whatever became of the journal.
    """

    def __init__(
        self,
        journal: Path,
        portfolio: Portfolio,
        facts: Facts,
        seed: int,
        taken: Iterable[str] = (),
    ):
        self._portfolio = portfolio
        self._facts = facts
        self._seed = seed
        self._study = _open(journal)
        self._trials: dict[int, optuna.trial.Trial] = {}
        self._counts: dict[str, int] = {}
        self._tried: set[int] = set()
        for name in taken:
            self._take_name(name)
        self._recover()

    @property
    def presets_left(self) -> list[int]:
        """Numbers of the presets not tried yet, best first."""
        return [n for n in range(len(self._portfolio.presets)) if n not in self._tried]

    def preset_family(self, number: int) -> str:
        """Return the family of a preset."""
        return self._portfolio.presets[number][0]

    def propose_preset(self, number: int) -> Candidate:
        """Start a trial with a preset."""
        family, preset = self._portfolio.presets[number]
        self._tried.add(number)
        params = dict(preset.params)
        fixed = {"family": family} | {f"{family}.{key}": value for key, value in params.items()}
        trial = self._ask(fixed)
        trial.set_user_attr("preset", number)
        self._suggest(trial)
        return self._candidate(trial, family, params, "portfolio")

    def propose(self, family: str) -> Candidate:
        """Start a trial of a family with parameters that TPE suggests."""
        trial = self._ask({"family": family})
        params = self._suggest(trial)
        return self._candidate(trial, family, params, "search")

    def tell(self, candidate: Candidate, gain: float | None) -> None:
        """Close a candidate's trial; `gain` is its score so far, higher is better."""
        from optuna.trial import TrialState

        trial = self._trials.pop(candidate.number)
        trial.set_user_attr("status", candidate.status)
        if candidate.status == "complete" and gain is not None:
            self._study.tell(trial, gain)
        elif candidate.status == "pruned":
            if gain is not None:
                trial.report(gain, step=len(candidate.folds))  # TPE learns from it as well
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, state=TrialState.FAIL)

    def _ask(self, fixed: dict[str, Any]) -> optuna.trial.Trial:
        import optuna

        with _quiet_optuna():
            self._study.enqueue_trial(fixed)
            self._study.sampler = optuna.samplers.TPESampler(
                seed=(self._seed * 100_003 + len(self._study.trials)) % (1 << 32),
                multivariate=True,
                group=True,
                constant_liar=True,
            )
            return self._study.ask()

    def _suggest(self, trial: optuna.trial.Trial) -> dict[str, Any]:
        names = list(self._portfolio.families)
        with _quiet_optuna():
            family = str(trial.suggest_categorical("family", names))
            return self._portfolio.families[family].space(trial, self._facts)

    def _candidate(
        self, trial: optuna.trial.Trial, family: str, params: dict[str, Any], origin: str
    ) -> Candidate:
        self._trials[trial.number] = trial
        self._counts[family] = self._counts.get(family, 0) + 1
        name = f"{family}-{self._counts[family]}"
        trial.set_user_attr("name", name)
        return Candidate(trial.number, name, family, params, origin)

    def _take_name(self, name: str) -> None:
        """Keep a name from being given again: later ones of its family get higher numbers."""
        family, _, count = name.rpartition("-")
        if count.isdigit():
            self._counts[family] = max(self._counts.get(family, 0), int(count))

    def _recover(self) -> None:
        """Take up a journal: count the names in use, close what an ended process left running."""
        from optuna.trial import TrialState

        for trial in self._study.get_trials(deepcopy=False):
            self._take_name(trial.user_attrs.get("name", ""))
            if trial.state == TrialState.RUNNING:
                self._study.tell(trial.number, state=TrialState.FAIL)
            elif trial.state == TrialState.WAITING:  # enqueued, then the process ended
                with _quiet_optuna():
                    self._study.tell(self._study.ask(), state=TrialState.FAIL)
            elif "preset" in trial.user_attrs:
                self._tried.add(int(trial.user_attrs["preset"]))


def _open(journal: Path) -> optuna.study.Study:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    # The run folder's own lock keeps other processes out, so a lock file found here is a dead one.
    for leftover in (Path(f"{journal}.lock"),):
        leftover.unlink(missing_ok=True)
    _cut_torn_line(journal)
    lock = JournalFileOpenLock(str(journal)) if os.name == "nt" else None
    try:
        with _quiet_optuna():
            storage = JournalStorage(JournalFileBackend(str(journal), lock_obj=lock))
            return optuna.create_study(
                storage=storage, study_name=_STUDY, direction="maximize", load_if_exists=True
            )
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"the run folder is damaged: {journal} cannot be read",
            got=f"{type(error).__name__}: {error}",
            hint="another run_dir",
        ) from error


def _cut_torn_line(journal: Path) -> None:
    """Drop the half line that a killed process or a full disk left at the journal's end."""
    if not journal.exists():
        return
    content = journal.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with journal.open("r+b") as file:
            file.truncate(whole)


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Keep Optuna's notes on experimental arguments and fixed values from the terminal."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", message="Fixed parameter")
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
