"""The page: its parts in order, hostile names as text, and nothing of single rows without rows."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automl
from automl.demo import loans
from automl.errors import ArgumentError, ArgumentTypeError
from automl.reporting.facts import Facts
from automl.reporting.page import page
from automl.reporting.sections import titles, tradeoffs
from automl.reporting.writing import ENDINGS, checked_place
from automl.result import Result
from candor.report import Block, Chart, Choice, Page, Table, Text, to_html, to_json

ORDER = (
    titles.DATA,
    titles.SEARCH,
    titles.PERFORMANCE,
    titles.WHY,
    titles.WHOM,
    titles.TRADE_OFFS,
    titles.REPRODUCE,
    titles.LIMITS,
)


def every_block(found: Page) -> list[Block]:
    """Return all blocks, those inside choices too."""

    def inside(block: Block) -> list[Block]:
        if not isinstance(block, Choice):
            return [block]
        return [block, *(one for o in block.options for part in o.blocks for one in inside(part))]

    top = [*found.blocks, *(block for part in found.sections for block in part.blocks)]
    return [one for block in top for one in inside(block)]


def test_parts_stand_in_the_order_of_questions(loan_page: Page) -> None:
    found = loan_page
    names = [part.title for part in found.sections]
    assert [name for name in names if name in ORDER] == list(ORDER)
    assert len(names) == len(set(names))


def test_every_answer_opens_a_part_that_is_there(loan_page: Page) -> None:
    found = loan_page
    there = {part.title for part in found.sections}
    assert [one.section for one in found.lead] == [  # type: ignore[union-attr]
        titles.PERFORMANCE,
        titles.WHY,
        titles.WHOM,
        titles.DATA,
    ]
    assert all(one.section in there for one in found.lead)  # type: ignore[union-attr]


def test_each_part_begins_with_a_conclusion(loan_page: Page) -> None:
    for part in loan_page.sections:
        assert part.conclusion.rstrip()[-1] in ".!?", part.title


def test_every_picture_is_told_in_words(loan_page: Page) -> None:
    charts = [one for one in every_block(loan_page) if isinstance(one, Chart)]
    assert len(charts) > 30
    assert all(one.caption.strip() and one.alt.strip() for one in charts)


def test_the_page_does_not_claim_too_much(loan_page: Page) -> None:
    text = to_json(loan_page).lower()
    for word in ("bias-free", "trustworthy", "is fair", "unbiased"):
        assert word not in text


def test_how_to_reproduce_names_call_digest_and_versions(
    loan_facts: Facts, loan_page: Page
) -> None:
    part = next(one for one in loan_page.sections if one.title == titles.REPRODUCE)
    told = [item for one in part.blocks if isinstance(one, Text) for item in one.items]
    assert any(one.startswith('automl.search(frame, target="approved"') for one in told)
    assert any(loan_facts.fingerprint in one for one in told)
    frames = [one.frame for one in part.blocks if isinstance(one, Table)]
    assert "lightgbm" in set(frames[1]["name"])
    assert set(frames[0]["what for"]) == set(loan_facts.rows)


def test_a_file_is_called_on_the_command_line_too(loan_facts: Facts) -> None:
    from automl.reporting.sections.reproduce import python_call, shell_call

    facts = replace(loan_facts, source="my loans.csv", arguments={"target": "a b", "seed": 0})
    assert python_call(facts).startswith('automl.search("my loans.csv", target="a b")')
    assert shell_call(facts) == "automl search 'my loans.csv' --target 'a b' --report report.html"
    assert shell_call(loan_facts) == ""


def test_the_call_holds_its_limit_of_time_or_trials(loan_facts: Facts) -> None:
    from automl.reporting.sections.reproduce import python_call, shell_call

    assert ", n_trials=2)" in python_call(loan_facts)
    given = {**loan_facts.arguments, "n_trials": None, "time_budget": 20.0}
    facts = replace(loan_facts, source="loans.csv", arguments=given)
    assert ", time_budget=20)" in python_call(facts)
    assert " --time 20 " in shell_call(facts)


def test_trade_offs_name_the_candidates_that_none_beats() -> None:
    from automl.reporting.drawing.trade import KINDS, trade_chart

    frame = pd.DataFrame(
        {
            "x": [0.4, 30.0, 90.0],
            "y": [0.7, 0.8, 0.75],
            "name": ["quick", "good", "beaten one"],
            "kind": [KINDS[0], KINDS[0], KINDS[1]],
            "said": ["a", "b", "c"],
        }
    )
    for log in (True, False):
        spec = trade_chart(frame, x="time", y="score", log=log).to_dict()
        (names,) = [one for one in spec["layer"] if one["mark"]["type"] == "text"]
        rows = spec["datasets"][names["data"]["name"]]
        assert {row["name"] for row in rows} == {"quick", "good"}
        low, high = names["encoding"]["x"]["scale"]["domain"]
        assert low < 0.4
        assert high > 90.0


def test_trade_offs_show_disparity_beside_speed(loan_page: Page) -> None:
    part = next(one for one in loan_page.sections if one.title == titles.TRADE_OFFS)
    assert [type(one) for one in part.blocks] == [Chart, Chart, Table]
    table = part.blocks[-1]
    assert isinstance(table, Table)
    assert "disparity, percentage points" in table.frame.columns


def test_limits_say_whether_rows_were_sealed(loan_facts: Facts) -> None:
    def said(facts: Facts) -> str:
        part = page(facts).sections[-1]
        return " ".join(item for one in part.blocks if isinstance(one, Text) for item in one.items)

    assert "sealed rows does not have that fault" in said(loan_facts)
    rows = {key: value for key, value in loan_facts.rows.items() if key != "sealed"}
    assert "No rows were sealed" in said(replace(loan_facts, rows=rows))


# -- without people's rows ---------------------------------------------------------------------


def numbers_of_single_rows(result: Result) -> set[str]:
    """Return how numbers are written that exactly one kept row has, of columns with many."""
    from automl.tuning.kept_rows import load_kept_rows

    kept = load_kept_rows(result.run_dir)
    assert kept is not None
    found = set()
    for name in kept.frame.columns:
        texts = kept.frame[name].dropna().astype(str)
        once = texts.value_counts()
        found |= {text for text in once.index[once == 1] if len(text) >= 6}
    return found


def test_without_rows_the_file_holds_no_value_of_a_single_row(
    loan_result: Result, loan_page: Page, quiet_page: Page
) -> None:
    values = numbers_of_single_rows(loan_result)
    assert len(values) > 100
    shown = to_json(loan_page)
    assert any(value in shown for value in values), "with rows some are shown"
    quiet = to_json(quiet_page) + to_html(quiet_page)
    assert [value for value in values if value in quiet] == []


def test_without_rows_there_is_no_picker_and_no_cloud_of_rows(
    quiet_facts: Facts, quiet_page: Page
) -> None:
    blocks = every_block(quiet_page)
    assert [one.label for one in blocks if isinstance(one, Choice) and one.label == "Row"] == []
    n = len(quiet_facts.performance.predictions.y)  # type: ignore[union-attr]
    for chart in (one for one in blocks if isinstance(one, Chart)):
        for data in _data(dict(chart.spec)):
            assert len(data) < n, chart.caption


def _data(spec: Any) -> list[list[Any]]:
    """Return the data inside a specification."""
    if isinstance(spec, dict):
        own = [spec["values"]] if isinstance(spec.get("values"), list) else []
        return own + [one for part in spec.values() for one in _data(part)]
    if isinstance(spec, list):
        return [one for part in spec for one in _data(part)]
    return []


COUNTS = ("n", "rows", "tp", "fp", "tn", "fn", "denominator", "rows counted")


def test_without_rows_no_count_lies_under_ten(quiet_page: Page) -> None:
    seen = 0
    for block in every_block(quiet_page):
        if isinstance(block, Table):
            for name in COUNTS:
                if name in block.frame.columns:
                    counts = pd.to_numeric(block.frame[name], errors="coerce").dropna()
                    seen += len(counts)
                    assert not ((counts > 0) & (counts < 10)).any(), (block.caption, name)
    assert seen > 50


def test_a_page_says_what_it_holds_of_people(loan_page: Page, quiet_page: Page) -> None:
    assert "values of single rows: example rows" in to_html(loan_page)
    assert "aggregates only: no value of a single row" in to_html(quiet_page)


def test_small_groups_and_what_would_tell_of_them_are_left_out() -> None:
    import fairness
    from automl.reporting.sections.aggregated import aggregated_audit

    rng = np.random.default_rng(0)
    group = ["large"] * 200 + ["middle"] * 60 + ["tiny"] * 4
    audit = fairness.audit(
        rng.integers(0, 2, 264), rng.integers(0, 2, 264), sensitive={"g": group}
    )
    shown = aggregated_audit(audit)
    # With the size of tiny alone hidden, all rows less the others would tell it.
    assert set(shown.by_group["group"]) == {"large"}
    assert "tiny" not in shown.disparities.to_csv()


# -- hostile texts -----------------------------------------------------------------------------

HOSTILE = (
    "</script><script>window.stolen=1</script>",
    "{{ 7 * 7 }}",
    "\"quoted\" 'twice'",
    "🎈 \u202eright to left",
    "x" * 200,
)


@pytest.fixture(scope="module")
def hostile_facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    from automl.reporting.gathering import gather

    frame = loans(500)
    names = dict(zip(("income", "purpose", "sex", "note", "amount"), HOSTILE, strict=True))
    frame["purpose"] = frame["purpose"].map(lambda one: f"{HOSTILE[0]}{one}")
    frame["sex"] = frame["sex"].map(lambda one: f"{HOSTILE[1]}{one}")
    frame = frame.rename(columns={**names, "approved": "<b>target</b>"})
    result = automl.search(
        frame,
        target="<b>target</b>",
        n_trials=1,
        families=["linear"],
        sensitive=[names["sex"]],
        progress=False,
        n_jobs=1,
    )
    return gather(result)


def test_hostile_texts_are_shown_as_text(hostile_facts: Facts) -> None:
    html = to_html(page(hostile_facts))
    assert "<script>window.stolen" not in html
    assert "<b>target</b>" not in html
    assert "&lt;b&gt;target&lt;/b&gt;" in html
    cells = re.findall(r"<t[dh][^>]*>(x+…?)</t[dh]>", html)
    assert cells
    assert max(map(len, cells)) <= 60


# -- where it goes -----------------------------------------------------------------------------


def test_a_report_is_written_by_its_ending(loan_page: Page, tmp_path: Path) -> None:
    from automl.reporting.writing import write_page

    found = loan_page
    assert write_page(found, tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!")
    assert (
        write_page(found, tmp_path / "a.md")
        .read_text(encoding="utf-8")
        .startswith("# When is approved")
    )
    content = json.loads(write_page(found, tmp_path / "a.json").read_text(encoding="utf-8"))
    assert content["schema"] == "candor.page/1"


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        (".", ArgumentError, "is a folder"),
        ("nowhere/report.html", ArgumentError, "there is no folder"),
        ("report.pdf", ArgumentError, "cannot be written as .pdf"),
        ("report", ArgumentError, "without an ending"),
        ("", ArgumentError, "written to a file"),
        ("a\0b.html", ArgumentError, "written to a file"),
        (3, ArgumentTypeError, "written to a file"),
        (None, ArgumentTypeError, "written to a file"),
    ],
)
def test_a_wrong_place_is_told(
    path: Any, error: type[Exception], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        checked_place(path, ENDINGS, "report.html")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_place_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ArgumentError, match="cannot be written"):
        checked_place(tmp_path / "report.html", ENDINGS, "report.html")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")
@pytest.mark.parametrize("ending", [".html", ".md", ".json"])
def test_a_folder_that_takes_no_files_is_told_by_the_asked_path(
    ending: str, loan_page: Page
) -> None:
    from automl.reporting.writing import write_page

    place = Path(f"/proc/report{ending}")
    for step in (
        lambda: checked_place(place, ENDINGS, "report.html"),
        lambda: write_page(loan_page, place),
    ):
        with pytest.raises(ArgumentError) as caught:
            step()
        said = f"{caught.value.what} {caught.value.got} {caught.value.hint}"
        assert f"/proc/report{ending} cannot be written" in said
        assert ".candor" not in said


def test_candidates_without_a_disparity_are_not_drawn(loan_facts: Facts) -> None:
    pareto = loan_facts.pareto.assign(disparity=float("nan"))
    part = tradeoffs.section(replace(loan_facts, pareto=pareto))
    charts = [one.caption for one in part.blocks if isinstance(one, Chart)]
    assert not [one for one in charts if "difference between groups" in one]
    said = " ".join(one.text for one in part.blocks if isinstance(one, Text))
    assert "is not drawn: no candidate has one" in said
    table = next(one for one in part.blocks if isinstance(one, Table))
    assert not [name for name in table.frame.columns if "disparity" in str(name)]


def test_a_wrong_place_is_told_before_anything_is_computed(
    loan_result: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def computed(*given: object, **options: object) -> None:
        raise AssertionError("something was computed")

    monkeypatch.setattr("automl.reporting.gathering.gather", computed)
    with pytest.raises(ArgumentError, match="is a folder"):
        loan_result.report(tmp_path)
    with pytest.raises(ArgumentError, match="is a folder"):
        loan_result.card(tmp_path)
