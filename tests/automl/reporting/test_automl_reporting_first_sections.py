"""Answers, data, search and performance: what they say, draw and leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl.reporting import Facts, Predictions
from automl.reporting.performance import judge
from automl.reporting.sections import answers, data, performance, search, titles, worst
from automl.reporting.sections.personal import told, without_small_pairs
from candor.report import Answer, Block, Chart, Choice, Page, Section, Table, Text, to_html

HOSTILE = "</script><b>{{ 7*7 }}</b> \"quoted\" 'כן' 🎈 " + "x" * 200


def board(scores: list[float]) -> pd.DataFrame:
    names = ["ensemble", *(f"linear-{place}" for place in range(1, len(scores)))]
    values = np.array(scores)
    return pd.DataFrame(
        {
            "name": names,
            "family": ["ensemble", *["linear"] * (len(scores) - 1)],
            "status": "complete",
            "score": values,
            "low": values - 0.01,
            "high": values + 0.01,
            "fit_seconds": 1.5,
            "predict_seconds": 2e-6,
            "size": 40_000,
        }
    )


def trials(statuses: list[str], note: str = "") -> pd.DataFrame:
    done = [one == "complete" for one in statuses]
    return pd.DataFrame(
        {
            "number": range(len(statuses)),
            "name": [f"linear-{place}" for place in range(1, len(statuses) + 1)],
            "family": "linear",
            "origin": "search",
            "status": statuses,
            "score": [0.7 + place / 100 if ok else np.nan for place, ok in enumerate(done)],
            "folds": 5,
            "rounds": 10,
            "seconds": 1.25,
            "note": note,
            "traceback": "",
            "params": [{} for _ in statuses],
        }
    )


def schema(names: list[str], levels: int = 3) -> pd.DataFrame:
    rows = [
        {
            "column": name,
            "role": "categorical" if place % 2 else "numeric",
            "reason": f"{levels:,} levels",
            "missing": 0.25 if place == 0 else 0.0,
            "n_unique": levels,
            "examples": "SECRET-1, SECRET-2",
            "repaired": "",
        }
        for place, name in enumerate(names)
    ]
    rows.append({**rows[0], "column": "outcome", "role": "target", "reason": "binary: x"})
    return pd.DataFrame(rows)


def checks(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["severity", "message", "hint"])
    return frame.assign(code="code", columns=[("age",)] * len(frame))


def rows_of(task: str, n: int = 400, classes: tuple[Any, ...] = ("no", "yes")) -> Predictions:
    rng = np.random.default_rng(3)
    used = f"{n} rows of a test; these rows also chose the ensemble"
    if task == "regression":
        predicted = rng.normal(10, 4, n)
        return Predictions(
            "regression", (), predicted + rng.normal(size=n), predicted, None, 0, used
        )
    if task == "binary":
        p = rng.random(n)
        y = (rng.random(n) < p).astype(np.int64)
        return Predictions("binary", classes, y, p, None, 0.5, used)
    p = rng.dirichlet(np.full(len(classes), 0.2), n)
    y = np.array([rng.choice(len(classes), p=row) for row in p])
    return Predictions("multiclass", classes, y, p, None, 0.5, used)


METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def facts(task: Any = "binary", predictions: Predictions | None = None, **changes: Any) -> Facts:
    given = rows_of(task, classes=("a", "b", "c") if task == "multiclass" else ("no", "yes"))
    judged = judge(given if predictions is None else predictions)
    basic: dict[str, Any] = {
        "target": "outcome",
        "metric": METRIC[task],
        "task": task,
        "source": "people.csv",
        "n_rows": 400,
        "score": {
            "value": 0.8,
            "low": 0.75,
            "high": 0.85,
            "scored_on": "out-of-fold on 400 rows",
            "baseline": 0.5,
            "greater_is_better": task == "binary",
        },
        "leaderboard": board([0.8, 0.79, 0.78]),
        "trials": trials(["complete", "complete", "pruned"], "did not lead"),
        "checks": checks(("info", "age has marks", "")),
        "schema": schema(["age", "town"]),
        "timing": pd.DataFrame({"phase": ["read", "search"], "seconds": [0.5, 9.0]}),
        "pareto": pd.DataFrame(),
        "members": pd.DataFrame({"name": ["linear-1"], "family": ["linear"], "weight": [1.0]}),
        "parameters": pd.DataFrame(),
        "sensitive": (),
        "arguments": {},
        "versions": {},
        "rows": {},
        "fingerprint": "0",
        "seed": 0,
        "performance": judged,
        "why": None,
        "audit": None,
        "slices": None,
        "price": None,
        "notes": (),
        "personal": True,
    }
    return Facts(**{**basic, **changes})


def every_section(given: Facts) -> tuple[Section, ...]:
    return tuple(part.section(given) for part in (answers, data, search, performance))


def leaves(blocks: tuple[Block, ...]) -> Iterator[Any]:
    for block in blocks:
        if isinstance(block, Choice):
            for option in block.options:
                yield from leaves(option.blocks)
        else:
            yield block


def blocks_of(section: Section, kind: type) -> list[Any]:
    return [block for block in leaves(section.blocks) if isinstance(block, kind)]


def data_of(chart: Chart) -> list[dict[str, Any]]:
    """Return the largest table that a chart is drawn from."""
    return max(chart.spec["datasets"].values(), key=len)


def html(given: Facts) -> str:
    lead = tuple(Answer(one.text) for one in answers.answers(given))
    return to_html(Page(answers.title(given), lead, every_section(given)))


def words(given: Facts) -> str:
    """Return every text, caption and cell."""
    said = [answers.title(given), *(one.text for one in answers.answers(given))]
    for section in every_section(given):
        said += [section.title, section.conclusion, section.method]
        for block in leaves(section.blocks):
            if isinstance(block, Text):
                said += [block.text, *block.items]
            elif isinstance(block, Table):
                said += [block.caption, *block.notes, block.frame.to_string(max_colwidth=400)]
            else:
                said += [block.caption, block.alt, str(block.spec)]
    return "\n".join(said)


# What is said


def test_the_first_screen_answers_four_questions() -> None:
    given = facts(checks=checks(("warning", "id looks like a weight", 'weight="id"')))
    good, why, whom, careful = answers.answers(given)
    assert good.text.startswith("76.0 % of the labels are right; always saying “yes” would be")
    assert "it gives the first the higher score in 84 of 100 cases." in good.text
    assert good.text.endswith(
        "ROC AUC is 0.8000 (95 % interval 0.7500 to 0.8500); a guess that looks at no column "
        "scores 0.5000, and higher is better. Scored out-of-fold on 400 rows, each row by models "
        "that were not fitted on it."
    )
    assert why.text == "Why it decides so was not computed."
    assert whom.text.startswith("No sensitive column was named")
    assert careful.text.startswith('Be careful: id looks like a weight (weight="id"). The rows')
    assert answers.title(given) == "When is outcome “yes”? people.csv, 400 rows"


@pytest.mark.parametrize(
    ("task", "asked"),
    [("multiclass", "Which outcome is it?"), ("regression", "How high is outcome?")],
)
def test_each_task_is_asked_as_a_person_would(task: str, asked: str) -> None:
    assert answers.question(facts(task)) == asked


def test_a_frame_without_a_name_is_told_by_its_rows() -> None:
    given = facts(source="pandas frame")
    assert answers.title(given) == "When is outcome “yes”? 400 rows"
    assert data.section(given).conclusion.startswith("400 rows: ")
    assert "pandas frame" not in words(given)


def sealed(**changes: Any) -> Facts:
    rows = replace(rows_of("binary"), sealed=True, rows_used="400 sealed rows")
    return facts(predictions=rows, **changes)


def test_sealed_rows_are_the_score_that_is_told() -> None:
    given = sealed()
    area = given.performance.scores["value"][0]  # type: ignore[union-attr]
    text = answers.how_good(given)
    assert f"ROC AUC is {area:.4f} (95 % interval" in text
    assert text.endswith("Measured on 400 sealed rows.")
    assert "0.8000" not in text, "the score that chose the winner is another one"
    (table,) = blocks_of(answers.section(given), Table)
    assert table.notes[-1].startswith("These scores chose the winner")


def test_a_sample_of_the_rows_is_told_apart_from_the_score_of_all() -> None:
    rows = replace(rows_of("binary"), rows_used="400 rows, a sample of 9,000; they chose")
    score = {**facts().score, "scored_on": "out-of-fold on 9,000 rows; members then refitted"}
    text = answers.how_good(facts(predictions=rows, score=score))
    assert "Measured on 400 rows, a sample of 9,000. ROC AUC is 0.8000" in text
    assert "Scored out-of-fold on 9,000 rows, each row" in text


def test_the_gravest_thing_is_told_first() -> None:
    assert answers.careful(sealed()).text == (
        "The checks of the data found nothing grave (1 remark)."
    )
    failing = sealed(trials=trials(["complete", "failed"]))
    assert answers.careful(failing).text == "Be careful: 1 candidate failed to be fitted."
    two = checks(("error", "first", ""), ("warning", "second", ""))
    assert answers.careful(sealed(checks=two)).text == (
        "Be careful: first. 1 more warning in the data."
    )
    both = answers.careful(facts(checks=two))
    assert both.text.endswith(answers.CHOSE)
    assert both.section == titles.DATA


def test_probabilities_that_are_off_are_told_at_once() -> None:
    rng = np.random.default_rng(5)
    y = (rng.random(2000) < 0.2).astype(np.int64)
    shifted = np.clip(0.5 + 0.1 * rng.normal(size=2000), 0.01, 0.99)
    rows = Predictions("binary", ("no", "yes"), y, shifted, None, 0.5, "2,000 rows", sealed=True)
    told = answers.careful(facts(predictions=rows))
    assert re.fullmatch(
        r"Be careful: Its probabilities are typically 3\d\.\d percentage points off\.", told.text
    )
    assert told.section == titles.PERFORMANCE


def test_what_is_nearly_sure_is_not_told_as_sure() -> None:
    y = np.repeat([0, 1], 5000)
    p = np.concatenate([np.linspace(0.0, 0.501, 5000), np.linspace(0.5, 1.0, 5000)])
    rows = Predictions("binary", ("no", "yes"), y, p, None, 0.5, "10,000 rows", sealed=True)
    assert "in more than 999 of 1,000 cases" in answers.how_good(facts(predictions=rows))


def test_the_worst_verdict_is_told_in_words() -> None:
    import fairness

    rng = np.random.default_rng(0)
    sex = np.repeat(["f", "m"], 500)
    y = rng.integers(0, 2, 1000)
    said = np.where(sex == "m", 1, rng.integers(0, 2, 1000))
    audit = fairness.audit(y, said, sensitive={"sex": sex})
    text = worst.worst_verdict(audit, "yes")
    assert text.startswith("By sex: the true positive rate is 100.0 % for m")
    assert "beyond the tolerance of 10" in text
    same = fairness.audit(y, y, sensitive={"sex": sex})
    assert "none lies beyond its tolerance" in worst.worst_verdict(same)


def test_every_column_that_lies_beyond_is_named_and_ratios_are_counted() -> None:
    import fairness

    rng = np.random.default_rng(0)
    sex, race = rng.choice(["f", "m"], 4000), rng.choice(["x", "y", "z"], 4000)
    y = rng.integers(0, 2, 4000)
    odds = 0.3 + 0.2 * (sex == "m") + 0.4 * (race == "x")
    audit = fairness.audit(y, rng.random(4000) < odds, sensitive={"sex": sex, "race": race})
    text = worst.worst_verdict(audit)
    assert text.index("By race: ") < text.index("By sex: ")
    frame = audit.disparities[audit.disparities["family"] == "declared"]
    for kind in ("difference", "ratio"):
        of_kind = frame[frame["kind"] == kind]
        beyond = of_kind[of_kind["verdict"] == "beyond"]
        assert f"{len(beyond)} of {len(of_kind)} {kind}s (" in text
        by = beyond["attribute"].value_counts()
        assert all(f"{by[name]} by {name}" in text for name in by.index)


def test_ratios_are_told_where_no_difference_lies_beyond() -> None:
    import fairness

    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 20_000)
    said = rng.random(20_000) < np.where(sex == "m", 0.06, 0.02)
    audit = fairness.audit(rng.integers(0, 2, 20_000), said, sensitive={"sex": sex})
    text = worst.worst_verdict(audit)
    assert "none lies beyond its tolerance" in text
    assert re.search(r"Of the ratios, beyond their tolerances: [1-5] of 5 ratios", text)


def test_who_is_selected_is_told_by_the_label() -> None:
    import fairness
    from fairness.showing.verdicts import comparisons, sentence

    sex = np.repeat(["f", "m"], 500)
    said = np.concatenate([np.repeat([0, 1], 250), np.ones(500, dtype=int)])
    audit = fairness.audit(said, said, sensitive={"sex": sex})
    (one,) = comparisons(audit, attribute="sex", metrics=("demographic_parity",))
    assert sentence(one).startswith("the selection rate is 100.0 % for m and 50.0 % for f.")
    assert sentence(one, "yes").startswith("the model says “yes” to 100.0 % of m and 50.0 % of f.")


def test_every_number_of_performance_stands_beside_its_rows() -> None:
    for task in ("binary", "multiclass", "regression"):
        given = facts(task)
        section = performance.section(given)
        used = given.performance.predictions.rows_used  # type: ignore[union-attr]
        assert used in section.conclusion
        tables = blocks_of(section, Table)
        assert tables
        assert all(used in table.notes for table in tables)


def test_without_kept_rows_it_says_what_is_missing() -> None:
    given = facts(performance=None)
    section = performance.section(given)
    assert section.conclusion.startswith("ROC AUC 0.8000")
    assert section.blocks[0] == Text(performance.MISSING, tone="warning")
    assert "result.score(rows)" in words(given)
    assert blocks_of(data.section(given), Text)[-2].text.startswith("The target is outcome.")


def test_a_metric_that_is_not_judged_leaves_the_others() -> None:
    text = performance.section(facts(metric="my_metric()")).conclusion
    assert text.startswith("ROC AUC 0.")


def test_one_member_is_named_as_such() -> None:
    assert answers.section(facts()).conclusion == "The winner is linear-1 alone."
    several = pd.DataFrame({"name": ["a", "b"], "family": ["x", "y"], "weight": [0.7, 0.3]})
    said = answers.section(facts(members=several)).conclusion
    assert said == "The winner is a weighted mean of 2 models: a (0.70) and b (0.30)."


def test_failures_come_first_with_their_reasons() -> None:
    given = facts(trials=trials(["pruned", "failed", "complete"], "out of memory"))
    table = blocks_of(search.section(given), Table)[-1]
    assert table.frame["what"].tolist() == ["failed", "stopped early"]
    assert table.frame["reason"].tolist() == ["out of memory"] * 2


def test_a_search_that_only_failed_says_so() -> None:
    lone = board([0.5]).assign(family="baseline", name="baseline")
    given = facts(trials=trials(["failed", "failed"], "boom"), leaderboard=lone)
    section = search.section(given)
    assert section.conclusion == (
        "2 candidates: 2 failed. None but the trivial guess came to an end."
    )
    assert html(given).count("boom") == 2


def test_the_best_so_far_never_gets_worse() -> None:
    given = facts(trials=trials(["complete"] * 6))
    given.trials["score"] = [0.7, 0.6, 0.8, 0.75, 0.8, 0.9]
    chart = blocks_of(search.section(given), Chart)[1]
    values = data_of(chart)
    assert [row["best"] for row in values] == [0.7, 0.7, 0.8, 0.8, 0.8, 0.9]
    assert [row["seconds"] for row in values] == [1.25, 2.5, 3.75, 5.0, 6.25, 7.5]


def test_hyperparameters_are_shown_where_they_are_known() -> None:
    assert "not estimable" in words(facts())
    known = pd.DataFrame(
        {
            "family": ["mlp", "mlp"],
            "parameter": ["width", "depth"],
            "importance": [0.75, 0.25],
            "trials": 12,
        }
    )
    assert "mlp: share of the variation" in words(facts(parameters=known))
    assert "width: 75 %" in words(facts(parameters=known))


# Thresholds


def test_the_slider_begins_at_the_threshold_in_use() -> None:
    given = facts(predictions=replace(rows_of("binary"), threshold=0.37))
    (choice,) = [one for one in performance.section(given).blocks if isinstance(one, Choice)]
    assert choice.kind == "slider"
    assert 15 <= len(choice.options) <= 20
    assert choice.options[choice.start].name == "0.37"
    names = [float(option.name) for option in choice.options]
    assert names == sorted(names)


def test_the_matrix_of_a_stop_counts_its_rows() -> None:
    rows = rows_of("binary")
    (choice,) = [
        one
        for one in performance.section(facts(predictions=rows)).blocks
        if isinstance(one, Choice)
    ]
    stop = choice.options[choice.start]
    text, table = stop.blocks
    called = rows.predicted >= 0.5
    hit = rows.y == 1
    assert isinstance(table, Table)
    assert table.frame["called yes"].tolist() == [(called & hit).sum(), (called & ~hit).sum()]
    assert table.frame["in all"].tolist() == [hit.sum(), (~hit).sum()]
    assert isinstance(text, Text)
    assert f"{called.sum()} of 400 rows are called yes" in text.text


@pytest.mark.parametrize("personal", [True, False])
@pytest.mark.parametrize("n", [1, 12, 60])
def test_rows_of_one_class_or_few_rows_make_a_page(n: int, personal: bool) -> None:
    same = Predictions(
        "binary", ("no", "yes"), np.zeros(n, np.int64), np.linspace(0, 1, n), None, 0.5, "rows"
    )
    section = performance.section(facts(predictions=same, personal=personal))
    assert "Only one class occurs among these rows" in section.conclusion
    assert not any("ROC" in chart.caption for chart in blocks_of(section, Chart))
    few = performance.section(facts(predictions=rows_of("binary", n), personal=personal))
    assert "rows of a test" in few.conclusion
    values = performance.section(
        facts("regression", predictions=rows_of("regression", n), personal=personal)
    )
    assert values.conclusion.startswith("RMSE")


# Large and hostile


def test_hostile_names_are_text() -> None:
    given = facts(
        target=HOSTILE,
        source=HOSTILE,
        predictions=rows_of("binary", classes=(HOSTILE, HOSTILE + "2")),
        schema=schema([HOSTILE, "b"]),
        checks=checks(("warning", HOSTILE, HOSTILE)),
        trials=trials(["complete", "failed"], HOSTILE),
    )
    page = html(given)
    assert "<b>{{" not in page
    assert "&lt;/script&gt;" in page
    assert "49&lt;/b&gt;" not in page
    assert "{{ 7*7 }}" in page
    assert "x" * 60 not in answers.title(given)


def test_hostile_classes_are_text_in_every_chart() -> None:
    classes = tuple(f"{HOSTILE}{place}" for place in range(4))
    given = facts("multiclass", predictions=rows_of("multiclass", classes=classes))
    labels = {
        row["true"]
        for chart in blocks_of(performance.section(given), Chart)[:1]
        for row in data_of(chart)
    }
    assert len(labels) == 4
    assert "<b>{{" not in html(given)


def test_two_thousand_columns_are_shown_in_part_and_counted() -> None:
    given = facts(schema=schema([f"column {place}" for place in range(2000)]))
    table = blocks_of(data.section(given), Table)[-1]
    assert len(table.frame) == data.SHOWN
    assert table.frame["role"].iloc[0] == "target"
    assert table.notes[-1] == "1,801 more columns: 901 categorical and 900 numeric."
    assert "2,000 columns used (1,000 numeric and 1,000 categorical)" in (
        data.section(given).conclusion
    )


def test_a_category_with_ten_thousand_levels_is_counted() -> None:
    assert "10,000 levels" in words(facts(schema=schema(["town", "b"], 10_000)))


def test_many_classes_are_listed_by_pairs() -> None:
    classes = tuple(f"c{place}" for place in range(40))
    given = facts("multiclass", predictions=rows_of("multiclass", 3000, classes))
    section = performance.section(given)
    assert "40 classes are too many for a matrix" in words(given)
    captions = [chart.caption for chart in blocks_of(section, Chart)]
    assert not any("matrix" in caption for caption in captions)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("personal", [True, False])
def test_every_chart_can_be_drawn(task: str, personal: bool) -> None:
    vl_convert = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    drawn = 0
    for section in every_section(facts(task, personal=personal)):
        for chart in blocks_of(section, Chart):
            spec = {**chart.spec, "width": 400}
            assert vl_convert.vegalite_to_svg(spec).startswith("<svg")
            assert chart.alt
            assert chart.caption
            drawn += 1
    assert drawn >= 6


# People's rows


def test_a_page_without_rows_shows_no_single_row() -> None:
    given = facts("regression", personal=False)
    values = {round(float(one), 6) for one in given.performance.predictions.y}  # type: ignore[union-attr]
    shown = words(given)
    assert "SECRET" not in shown
    assert "SECRET" in words(facts("regression"))
    charts = [block for part in every_section(given) for block in blocks_of(part, Chart)]
    numbers = {round(one, 6) for chart in charts for one in floats(chart.spec)}
    assert not values & numbers


def floats(part: Any) -> Iterator[float]:
    """Yield every number of a specification."""
    if isinstance(part, dict):
        for inner in part.values():
            yield from floats(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from floats(inner)
    elif isinstance(part, float):
        yield part


def nearly_sure(wrong: int, n: int = 400) -> Predictions:
    """Return predictions of which a few are wrong, all in one cell."""
    y = np.repeat([0, 1], n // 2)
    p = np.where(y == 1, 0.9, 0.1) + np.random.default_rng(1).uniform(-0.05, 0.05, n)
    p[:wrong] = 0.8
    return Predictions("binary", ("no", "yes"), y, p, None, 0.5, f"{n} rows", sealed=True)


@pytest.mark.parametrize(("wrong", "told"), [(7, False), (30, True)])
def test_without_rows_no_score_tells_how_few_labels_are_wrong(wrong: int, told: bool) -> None:
    given = facts(predictions=nearly_sure(wrong), personal=False)
    scores = blocks_of(performance.section(given), Table)[0]
    assert ("Accuracy" in set(scores.frame["metric"])) is told
    assert ("of the labels are right" in answers.how_good(given)) is told
    roc = next(one for one in blocks_of(performance.section(given), Chart) if "ROC" in one.caption)
    assert ("The threshold in use finds" in roc.alt) is told
    share = re.compile(rf"(?<![\d.]){100 * wrong / 200:.1f} %")
    assert bool(share.search(words(given))) is told
    assert share.search(words(facts(predictions=nearly_sure(wrong))))


def test_without_rows_a_rare_class_does_not_follow_from_the_others() -> None:
    y = np.array([0] * 300 + [1] * 95 + [2] * 5)
    p = np.random.default_rng(2).dirichlet(np.ones(3), 400)
    rows = Predictions("multiclass", ("large", "middle", "rare"), y, p, None, 0.5, "400 rows")
    given = facts("multiclass", predictions=rows, personal=False)
    chart = blocks_of(data.section(given), Chart)[0]
    assert {row["label"] for row in data_of(chart)} == {"large"}
    table = next(
        one for one in blocks_of(performance.section(given), Table) if "class" in one.frame
    )
    assert set(table.frame["class"]) == {"large"}


def test_without_rows_few_missing_values_are_not_counted() -> None:
    few = schema(["age", "town"]).assign(missing=[3 / 400, 0.0, 0.0])
    copies = checks(("warning", "3 rows (0.8 %) are exact copies of others", ""))
    shown, quiet = (
        words(facts(schema=few, checks=copies, personal=personal)) for personal in (True, False)
    )
    assert "age: 0.8 %" in shown
    assert "age: 0.8 %" not in quiet
    assert "(0.8 %)" not in quiet
    assert "fewer than 10 values are missing" in quiet
    assert "fewer than 10 rows are exact copies" in quiet


def test_a_page_without_rows_has_no_small_cells() -> None:
    given = facts(personal=False)
    section = performance.section(given)
    (choice,) = [one for one in section.blocks if isinstance(one, Choice)]
    for option in choice.options:
        for table in (one for one in option.blocks if isinstance(one, Table)):
            cells = table.frame.iloc[:, 1:].to_numpy(dtype=float)
            assert ((cells >= 10) | (cells == 0)).all()
    rare = facts(predictions=rows_of("binary", 12), personal=False)
    assert "fewer than ten rows in some cell" in words(rare)


def test_no_small_cell_follows_from_the_others() -> None:
    cells = pd.DataFrame(
        {
            "true": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
            "predicted": ["a", "b", "c"] * 3,
            "n": [90.0, 4.0, 12.0, 3.0, 80.0, 5.0, 0.0, 20.0, 70.0],
        }
    )
    kept = without_small_pairs(cells, personal=False)
    left = [f"{row.true}{row.predicted}" for row in kept.itertuples()]
    assert left == ["aa", "bb", "ca", "cb", "cc"]
    assert without_small_pairs(cells, personal=True) is cells


def test_shares_that_tell_of_few_rows_are_not_told() -> None:
    share, rows = pd.Series([0.5, 0.02, 0.98, 0.0, 1.0]), pd.Series([100, 100, 100, 50, 50])
    assert told(share, rows, personal=False).tolist() == [True, False, False, True, True]
    assert told(share, rows, personal=True).all()


def test_small_classes_are_left_out_without_rows() -> None:
    classes = tuple(f"c{place}" for place in range(60))
    rows = rows_of("multiclass", 900, classes)
    small = [f"c{place}" for place in range(60) if (rows.y == place).sum() < 10]
    assert small
    given = facts("multiclass", predictions=rows, personal=False)
    (table,) = [
        one for one in blocks_of(performance.section(given), Table) if "By class" in one.caption
    ]
    assert not set(small) & set(table.frame["class"])
    open_page = facts("multiclass", predictions=rows)
    (whole,) = [
        one
        for one in blocks_of(performance.section(open_page), Table)
        if "By class" in one.caption
    ]
    assert set(small) <= set(whole.frame["class"])


def test_twenty_six_classes_have_a_whole_matrix() -> None:
    rows = rows_of("multiclass", 3000, tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    given = facts("multiclass", predictions=rows)
    chart = blocks_of(performance.section(given), Chart)[0]
    cells = data_of(chart)
    assert len(cells) == 26 * 26
    assert {cell["true"] for cell in cells} == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
