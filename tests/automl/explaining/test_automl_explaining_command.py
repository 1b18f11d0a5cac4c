"""`automl explain`: the story, one row, files, and what bad calls are told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.cli import main
from automl.cli.explaining import _as_flags
from automl.demo import loans

BAD = '</script><img src=x onerror="alert(1)">'


def saved(folder: Path, frame: pd.DataFrame, target: str, task: str) -> Path:
    kind = automl.AutoMLRegressor if task == "regression" else automl.AutoMLClassifier
    model = kind(n_trials=1, families=["linear"], in_process=True, n_jobs=1)
    model.fit(frame.drop(columns=target), frame[target])
    model.result_.save(folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command") / "loans"
    automl.search(
        loans(500, seed=3),
        target="approved",
        n_trials=1,
        families=["linear"],
        sensitive=["sex"],
        n_jobs=1,
        run_dir=folder,
        progress=False,
    )
    return folder


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(100, 2)), columns=[BAD, "b"])
    frame["level"] = rng.choice([BAD, "other"], 100)
    frame["cost"] = 1000 * frame[BAD] + 300 * (frame["level"] == BAD) + 5000
    return saved(tmp_path_factory.mktemp("command") / "values", frame, "cost", "regression")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(150, 2)), columns=["a", "b"])
    frame["kind"] = np.select([frame["a"] > 0.5, frame["a"] > -0.5], ["high", "mid"], "low")
    return saved(tmp_path_factory.mktemp("command") / "kinds", frame, "kind", "multiclass")


def told(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    status = main(["explain", *map(str, argv)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_story_of_a_run(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, run)
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == (
        "winner for approved · 100 sealed rows, which no fit and no choice has seen · "
        "log-odds of yes"
    )
    assert "of the attribution." in out
    assert "These values are exact for the 100 background rows." in out
    assert "add up to the model's own predictions of all 100 rows" in out
    assert any("█" in line and "%" in line for line in lines)
    head = next(line for line in lines if line.startswith("Effects"))
    assert head == (
        "Effects (mean prediction over 100 rows when the column is set to a value, in log-odds)"
    )
    assert "male raises it, female lowers it" in out
    assert "its words are not told apart" in out
    assert "share of the attribution" in out
    assert "Three rows: the highest, a middling and the lowest prediction" in lines
    assert sum("on average" in line for line in lines) == 3
    assert err.startswith("explaining: ")
    assert max(map(len, lines)) < 200


def test_the_rows_of_the_story_are_the_highest_and_the_lowest(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = automl.load(run)
    margin = result.model.margin(result.kept_rows())
    _, out, _ = told(capsys, run, "--quiet")
    heads = [line for line in out.splitlines() if "on average" in line]
    assert f"for row {int(np.argmax(margin))}," in heads[0]
    assert f"for row {int(np.argmin(margin))}," in heads[2]


def test_quiet_says_nothing_beside_the_story(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = told(capsys, run, "--quiet")
    assert (status, err) == (0, "")
    assert out.startswith("winner for approved")


def test_values_are_told_in_units_of_the_prediction(
    values: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = told(capsys, values)
    assert status == 0
    assert "100 rows of the search; the winner was fitted on them · prediction\n" in out
    effects = out.partition("Effects")[2].partition("Three rows")[0]
    assert "rises from " in effects
    assert "/script><img" in effects


def test_one_row_of_values(values: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, values, "--row", 17)
    assert status == 0
    result = automl.load(values)
    kept = result.kept_rows()
    prediction = result.model.predict(kept.iloc[[17]])[0]
    head, first, *_ = out.splitlines()
    assert head.startswith("prediction: ")
    assert head.endswith(" for row 17.")
    assert f"{prediction:.0f} for row 17" in head
    assert first.startswith("  ")
    assert " raises it by " in first or " lowers it by " in first
    assert "These values are exact for the 100 background rows." in out


def test_one_row_of_a_file(
    values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.csv"
    rows = pd.DataFrame({BAD: [0.1, 3.0], "b": [0.0, 0.0], "level": ["other", BAD]})
    rows.to_csv(path, index=False)
    out_file = tmp_path / "values.json"
    status, out, err = told(capsys, values, "--rows", path, "--row", 1, "--out", out_file)
    assert status == 0
    assert out.splitlines()[0].endswith(" for row 1.")
    assert f"values in {out_file}" in err
    written = json.loads(out_file.read_text(encoding="utf-8"))
    assert written["rows_used"] == f"row 1 of 2 in {path}"
    assert written["data"][BAD] == [3.0]
    total = written["base_values"] + sum(written["values"][0])
    assert total == pytest.approx(automl.load(values).model.predict(rows)[1])


def test_rows_of_a_file(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new.parquet"
    loans(30, seed=8).to_parquet(path)
    status, out, _ = told(capsys, run, "--rows", path)
    assert status == 0
    assert out.startswith("winner for approved · 30 rows of new.parquet as given")


def test_several_classes(kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, kinds)
    assert status == 0
    assert out.splitlines()[0].endswith(" · log-probabilities of 3 classes")
    heads = [line for line in out.splitlines() if "on average" in line]
    assert all("log-probability (up to a constant) of " in head for head in heads)


@pytest.mark.parametrize("row", [0, 99])
def test_one_row_of_a_class_with_what_would_change_it(
    run: Path, capsys: pytest.CaptureFixture[str], row: int
) -> None:
    status, out, _ = told(capsys, run, "--row", row)
    assert status == 0
    head = out.splitlines()[0]
    assert f" for row {row}, a probability of " in head
    changes = out.split("background rows.")[1]
    assert changes.strip().startswith("The model says ")
    assert "sex " not in changes.replace("sex stays", "")


def test_the_page_of_one_row_calls_it_as_the_terminal_does(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "one.html"
    status, out, _ = told(capsys, run, "--row", 17, "--report", page)
    assert status == 0
    html = page.read_text(encoding="utf-8")
    assert "for row 17" in out
    assert "for row 17" in html
    assert "row 0" not in html
    assert "middling" not in html
    assert "How each column acts" not in html
    assert "all 1 row" not in html
    assert out.splitlines()[-1].strip()
    assert "The model says " in html


def test_columns_that_stay_as_they_are(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features = [c.name for c in automl.load(run).model.schema.columns if c.is_feature]
    _, free, _ = told(capsys, run, "--row", 0)
    fixed = next(
        name for name in features if name != "sex" and f" {name} " in free.split("says")[1]
    )
    status, out, _ = told(capsys, run, "--row", 0, "--immutable", fixed)
    assert status == 0
    assert f" {fixed} from " not in out
    assert f"{fixed} = " not in out.partition("The model says ")[2]


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--row", "0", "--immutable", "incme"], "there is no column 'incme' to keep"),
        (["--immutable", "income"], "--immutable goes with one row"),
    ],
)
def test_columns_that_cannot_stay(
    run: Path, argv: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = told(capsys, run, *argv)
    assert (status, out) == (2, "")
    assert text in err
    assert "explaining: " not in err


def test_one_row_of_a_file_is_no_three(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.csv"
    loans(1, seed=8).to_csv(path, index=False)
    status, out, _ = told(capsys, run, "--rows", path)
    assert status == 0
    assert " 1 row of one.csv as given" in out
    assert "Three rows" not in out
    assert "model's own predictions of this row" in out
    assert "mean prediction over 100 rows" in out


def test_probabilities_of_one_row(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, run, "--row", 2, "--scale", "probability")
    assert status == 0
    assert out.startswith("probability of yes: ")
    assert " points" in out


def test_json_is_the_explanation_and_a_report_a_page(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out_file, page = tmp_path / "e.json", tmp_path / "e.html"
    status, out, err = told(capsys, run, "--json", "--out", out_file, "--report", page)
    assert status == 0
    printed = json.loads(out)
    assert printed == json.loads(out_file.read_text(encoding="utf-8"))
    assert printed["schema"] == "candor.explanation/1"
    base, values = np.array(printed["base_values"]), np.array(printed["values"])
    np.testing.assert_allclose(base + values.sum(axis=1), printed["predictions"], atol=1e-9)
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert f"report in {page}" in err


def test_hostile_names_are_text(
    values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "hostile.html"
    status, out, _ = told(capsys, values, "--report", page)
    assert status == 0
    assert "</script><img" in out
    assert "<img src=x" not in page.read_text(encoding="utf-8")


def without(frame: pd.DataFrame, column: str, path: Path) -> Path:
    frame.drop(columns=column).to_csv(path, index=False)
    return path


def test_a_row_that_is_not_there(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for row in (100, -1):
        status, out, err = told(capsys, run, f"--row={row}")
        assert (status, out) == (2, "")
        assert f"error: there is no row {row}" in err
        assert "100 rows, counted from 0" in err
        assert "--row 0 to --row 99" in err


def test_a_file_that_lacks_a_column(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = without(loans(10), "income", tmp_path / "short.csv")
    status, out, err = told(capsys, run, "--rows", path)
    assert (status, out) == (2, "")
    assert 'lacks the column "income"' in err


def test_hints_are_flags_and_files_have_their_names(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, err = told(capsys, run, "--scale", "response")
    assert "error: the winner has no scale 'response'" in err
    assert err.endswith("try  --scale margin\n")
    path = without(loans(10), "income", tmp_path / "lacking.csv")
    _, _, err = told(capsys, run, "--rows", path, "--row", 1)
    assert f"error: {path} lacks " in err


def test_a_scale_to_ask_for_is_a_flag() -> None:
    line = 'On the probability scale they are exact: scale="probability". Of scale="x".'
    assert _as_flags(line) == (
        'On the probability scale they are exact: --scale probability. Of scale="x".'
    )


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--rows", "nowhere.csv"], "there is no file nowhere.csv"),
        (["--scale", "response"], "has no scale 'response'"),
        (["--out", "nowhere/x.json"], "there is no folder nowhere"),
        (["--report", "."], "try  --report explain.html"),
    ],
)
def test_bad_calls(
    run: Path, argv: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = told(capsys, run, *argv)
    assert (status, out) == (2, "")
    assert text in err


@pytest.mark.parametrize("argv", [["--row", "x"], ["--scale", "odds"], ["--nothing"]])
def test_calls_that_are_not_understood(
    run: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["explain", str(run), *argv])
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert argv[0] in err
    assert "try  automl" in err


def test_a_run_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = told(capsys, tmp_path / "none")
    assert status == 2
    assert "there is no run folder" in err


def test_errors_as_json(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, run, "--row=500", "--json")
    assert status == 2
    said = json.loads(out or err.splitlines()[-1])
    assert said["error"]["what"] == "there is no row 500"


def test_a_run_without_rows(
    values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(values, folder)
    shutil.rmtree(folder / "rows")
    status, _, err = told(capsys, folder)
    assert status == 2
    assert "this run keeps no rows to explain" in err
    status, _, err = told(capsys, folder, "--row", 3)
    assert status == 2
    assert "this run keeps no rows" in err
    assert "--rows FILE" in err
