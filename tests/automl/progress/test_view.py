"""What a search shows, on a terminal, in a pipe and in a notebook."""

from __future__ import annotations

import io
import itertools
import os
import re
import sys
import types
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import ArgumentError
from automl.progress import make_view
from automl.progress.bar import bar_line, draw, fraction_done
from automl.progress.notebook import Notebook
from automl.progress.terminal import Terminal, takes_colour, writable
from automl.progress.view import View
from automl.progress.words import check_items, finished_lines, number, plan_lines, table_lines
from automl.table.checks import Check
from automl.tuning.events import (
    CandidateFinished,
    Event,
    Finished,
    Finishing,
    Planned,
    Progress,
    TableRead,
)

NAN = float("nan")

TABLE = TableRead(
    name="adult.parquet",
    n_rows=48_842,
    n_columns=14,
    target="income",
    task="binary",
    metric="roc_auc",
    target_note='">50K" 23.9 %',
    roles={"numeric": 6, "boolean": 0, "categorical": 8},
    checks=(
        Check("duplicate-columns", "info", ("a", "b"), "a and b carry the same information"),
        Check("weight", "warning", ("fnlwgt",), "fnlwgt looks like a weight", 'weight="fnlwgt"'),
    ),
    n_jobs=2,
    seed=0,
    elapsed=0.4,
)
PLAN = Planned("5 folds, stratified", 9_768, 52.0, 8.0, None, 0)
PROGRESS = Progress(
    elapsed=12.0,
    remaining=48.0,
    n_trials=None,
    candidate="extra_trees-4, fold 2 of 5",
    best_name="lightgbm-3",
    best_score=0.92831,
    metric="roc_auc",
    done=11,
    pruned=2,
    failed=0,
)
DONE = CandidateFinished("lightgbm-3", "lightgbm", "complete", 0.92831, 0.926, 0.931, 4.21, "")
FAILED = CandidateFinished("mlp-1", "mlp", "failed", NAN, NAN, NAN, 0.1, "out of memory")
PRUNED = replace(DONE, name="knn-1", family="knn", status="pruned", note="did not lead")
FINISHED = Finished(
    members=(("lightgbm-3", 0.6), ("linear-1", 0.4)),
    metric="roc_auc",
    score=0.93121,
    low=0.9289,
    high=0.9335,
    scored_on="out-of-fold on 39,074 rows",
    run_dir="runs/adult",
    size=18_400_000,
    seconds=59.2,
    stopped="time",
)
SEARCH: tuple[Event, ...] = (
    TABLE,
    PLAN,
    PROGRESS,
    DONE,
    PRUNED,
    FAILED,
    Finishing("ensemble"),
    FINISHED,
)


class FakeTerminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def steps(event: Finished) -> Sequence[str]:
    return [f"automl predict {event.run_dir} new.csv"]


def show(stream: io.StringIO, events: Sequence[Event] = SEARCH) -> str:
    clock = itertools.count(0.0, 1.0)
    view = View(Terminal(stream), steps, clock=lambda: next(clock))
    for event in events:
        view(event)
    return stream.getvalue()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return FakeTerminal()


def test_piped_output_is_plain_lines_in_order() -> None:
    assert show(io.StringIO()).splitlines() == [
        "Candor 0.1 · adult.parquet · 48,842 rows × 14 columns · 2 cores · seed 0",
        "",
        'Table    income is binary (">50K" 23.9 %) · metric ROC AUC · 6 numeric, 8 categorical',
        'Checks   ! fnlwgt looks like a weight (weight="fnlwgt")',
        "         · a and b carry the same information",
        "Plan     5 folds, stratified · 9,768 rows sealed for the audit · "
        "about 52 s search, 8 s ensemble, refit and saving",
        "",
        "         lightgbm-3               0.9283 [0.9260, 0.9310] 4.2 s",
        "         mlp-1                    failed out of memory",
        "Winner   2 members: lightgbm-3 0.60 · linear-1 0.40",
        "Score    ROC AUC 0.9312 [0.9289, 0.9335] out-of-fold on 39,074 rows",
        "Tried    1 complete · 1 pruned · 1 failed",
        "Failed   mlp-1: out of memory",
        "Saved    runs/adult (18 MB), 59 s",
        "Next     automl predict runs/adult new.csv",
        "",
    ]


def screen(text: str) -> list[str]:
    """Replay what a terminal shows in the end: colours off, each line as last written over."""
    lines = []
    for line in re.sub(r"\x1b\[\d+m", "", text).split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def test_the_bar_leaves_nothing_behind(terminal: FakeTerminal) -> None:
    lines = screen(show(terminal))
    assert not [line for line in lines if "━" in line or "left" in line]
    assert [line for line in lines if line.startswith("Winner")]
    assert "lightgbm-3               0.9283" not in "\n".join(lines)


def test_the_bar_shows_the_state_and_then_the_finish(terminal: FakeTerminal) -> None:
    drawn = [part for part in show(terminal).split("\r") if "━" in part]
    assert drawn[0].rstrip() == (
        " 12 s ━━━━━╸──────────────────────  48 s left   best 0.9283 lightgbm-3   "
        "now extra_trees-4, fold 2 of 5   11 done · 2 pruned · 0 failed"
    )
    assert "now building the ensemble" in drawn[1]


def test_the_bar_is_drawn_five_times_a_second_at_most(terminal: FakeTerminal) -> None:
    times = iter([0.0, 0.0, 0.1, 0.15, 0.3, 0.3, 0.4])
    view = View(Terminal(terminal), steps, clock=lambda: next(times))
    for _ in range(5):
        view(PROGRESS)
    assert terminal.getvalue().count("\r") == 2


def test_a_shorter_bar_covers_a_longer_one(terminal: FakeTerminal) -> None:
    text = show(terminal, [PROGRESS, replace(PROGRESS, candidate="")])
    assert screen(text) == [bar_line(replace(PROGRESS, candidate=""), 139).rstrip()]


def test_colour_on_a_terminal_only(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "name", "posix")
    assert "\x1b[1mWinner\x1b[0m" in show(terminal)
    assert "\x1b[33m!\x1b[0m" in terminal.getvalue()
    assert "\x1b" not in show(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in show(FakeTerminal())
    assert takes_colour(terminal, {"NO_COLOR": ""})


def test_a_dumb_terminal_gets_plain_lines(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not re.search(r"[\r\x1b]", show(terminal))


def test_a_stream_that_goes_away_ends_the_view_not_the_search() -> None:
    class Gone(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            raise BrokenPipeError

    gone = Gone()
    show(gone)
    assert gone.writes == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "latin-1"])
def test_every_line_can_be_written_in_the_encoding(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    view = View(Terminal(stream), steps)
    for event in (replace(TABLE, target="Einkommen €"), *SEARCH):
        view(event)
    stream.seek(0)
    assert "Winner   2 members" in stream.read()


def test_names_cannot_steer_the_terminal() -> None:
    assert writable("a\x1b[2Jb\nc\r", "utf-8") == "a [2Jb c "


@given(
    width=st.integers(1, 250),
    remaining=st.none() | st.floats(0, 1e5),
    n_trials=st.none() | st.integers(1, 10_000),
    candidate=st.sampled_from(["", "lightgbm-1, fold 1 of 5", "x" * 300]),
    elapsed=st.floats(0, 1e5),
)
def test_the_bar_fits_any_width(
    width: int, remaining: float | None, n_trials: int | None, candidate: str, elapsed: float
) -> None:
    event = replace(
        PROGRESS, elapsed=elapsed, remaining=remaining, n_trials=n_trials, candidate=candidate
    )
    assert len(bar_line(event, width)) <= width
    assert 0 <= fraction_done(event) <= 1


@given(st.floats(0, 1), st.integers(1, 80))
def test_the_bar_is_as_full_as_the_budget_is_spent(fraction: float, width: int) -> None:
    bar = draw(fraction, width)
    assert len(bar) == width
    assert abs(bar.count("━") + bar.count("╸") / 2 - fraction * width) <= 0.25 + 1e-9


def test_trials_count_as_progress_where_there_is_no_clock() -> None:
    event = replace(PROGRESS, remaining=None, n_trials=26)
    assert fraction_done(event) == 0.5
    assert "13 of 26 trials" in bar_line(event, 140)


@given(elapsed=st.floats(0, 60), width=st.integers(40, 200), name=st.text("abc_", max_size=20))
def test_the_bar_never_goes_backwards(elapsed: float, width: int, name: str) -> None:
    """Other names and counts beside it leave its length as it is."""

    def filled(at: float, beside: str) -> int:
        event = replace(PROGRESS, elapsed=at, remaining=60 - at, candidate=beside)
        return bar_line(event, width).count("━")

    later = min(60.0, elapsed + 1)
    assert filled(elapsed, name) <= filled(later, "hist_gradient_boosting-10, fold 2 of 5")


def test_narrow_bars_keep_time_and_best_longest() -> None:
    assert "now" not in bar_line(PROGRESS, 100)
    assert "best 0.9283 lightgbm-3" in bar_line(PROGRESS, 60)
    assert "48 s left" in bar_line(PROGRESS, 30)


def test_the_gravest_checks_come_first_and_the_rest_are_counted() -> None:
    infos = tuple(Check("x", "info", (), f"info {i}") for i in range(9))
    items = check_items((*infos, Check("y", "error", (), "broken")), str)
    assert items[0] == "✗ broken"
    assert items[-1] == "· 2 more in result.checks"
    assert len(items) == 9


def test_hints_are_translated() -> None:
    assert check_items(TABLE.checks, lambda hint: "--weight fnlwgt")[0].endswith(
        "(--weight fnlwgt)"
    )


def test_long_checks_wrap_under_their_text() -> None:
    event = replace(TABLE, checks=(Check("x", "warning", (), "word " * 30),))
    lines = [line for line in table_lines(event, 60, str) if "word" in line]
    assert lines[0].startswith("Checks   ! word")
    assert all(line.startswith(" " * 11 + "word") and len(line) <= 60 for line in lines[1:])


def test_the_plan_names_trials_and_what_was_taken_over() -> None:
    event = Planned("3 folds", 0, None, None, 20, 1)
    assert plan_lines(event, 100)[0] == (
        "Plan     3 folds · up to 20 trials · 1 candidate taken over from before"
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"stopped": "interrupted"}, "Stopped  interrupted: this is the best so far"),
        ({"stopped": "disk full"}, "Stopped  the disk is full: this is the best so far"),
        ({"members": (("baseline", 1.0),)}, "Winner   baseline"),
        ({"low": NAN, "high": NAN}, "Score    ROC AUC 0.9312 out-of-fold on 39,074 rows"),
    ],
)
def test_the_end_in_words(change: dict[str, object], line: str) -> None:
    assert line in finished_lines(replace(FINISHED, **change), (), (), 100)


def test_many_failures_are_counted() -> None:
    failures = [replace(FAILED, name=f"mlp-{i}") for i in range(5)]
    lines = finished_lines(FINISHED, failures, (), 100)
    assert "Failed   mlp-0: out of memory" in lines
    assert "         2 more in result.trials" in lines


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value_to_four_digits(value: float) -> None:
    written = float(number(value).replace(",", ""))
    assert written == pytest.approx(value, rel=5.1e-3 if abs(value) < 0.01 else 6e-4)


@pytest.mark.parametrize("value", ["yes", None, 1, 0, "True"])
def test_an_unknown_progress_is_an_error(value: object) -> None:
    with pytest.raises(ArgumentError, match='progress has to be "auto", True or False\n  got'):
        make_view(value)  # type: ignore[arg-type]


def test_auto_is_silent_in_a_pipe_and_true_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert make_view("auto") is None
    view = make_view(True)
    assert view is not None
    view(FINISHED)
    assert "Next     result.leaderboard" in stream.getvalue()


def test_auto_is_live_on_a_terminal(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    view = make_view("auto")
    assert view is not None
    view(PROGRESS)
    assert terminal.getvalue().startswith("\r 12 s ━")


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for IPython, and collect the pages shown."""
    pages: list[str] = []

    class Handle:
        def update(self, page: str) -> None:
            pages.append(page)

    def display(page: str, display_id: bool) -> Handle:
        assert display_id
        pages.append(page)
        return Handle()

    kernel = type("ZMQInteractiveShell", (), {})()
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: kernel  # type: ignore[attr-defined]
    shown = types.ModuleType("IPython.display")
    shown.HTML, shown.display = str, display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    return pages


def test_a_notebook_shows_one_output_that_is_updated(notebook: list[str]) -> None:
    view = make_view("auto")
    assert view is not None
    for event in SEARCH:
        view(event)
    assert "48 s left" in notebook[2]
    assert "left" not in notebook[-1]
    assert "Winner   2 members" in notebook[-1]


def test_a_notebook_escapes_names(notebook: list[str]) -> None:
    Notebook().lines(["<script>"])
    assert "<script>" not in notebook[0]
    assert "&lt;script&gt;" in notebook[0]
