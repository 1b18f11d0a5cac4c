"""The code of the guides runs, and prints what the guides say it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_guides import blocks_of, corrected, run_guide, same_output, steps_of

from automl.models import known_families, unregister_family

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.fixture(autouse=True)
def forget_families() -> Iterator[None]:
    """Forget what a guide that failed has registered."""
    before = set(known_families())
    yield
    for name in set(known_families()) - before:
        unregister_family(name)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_shows_what_its_code_prints(guide: Path, tmp_path: Path) -> None:
    wrong = run_guide(guide, tmp_path)
    told = [
        f"line {one.shown.line} shows\n{one.shown.text}printed\n{one.printed}" for one in wrong
    ]
    assert not wrong, "\n".join([*told, f"python docs/run_guides.py --write {guide}"])
    if guide.stem == "read_the_report":
        check_parts(guide, tmp_path / "report.html")


def check_parts(guide: Path, page: Path) -> None:
    """Compare the parts that the guide goes through with those of the report that it wrote."""
    text = guide.read_text(encoding="utf-8").partition("## The parts")[2].partition("\n## ")[0]
    told = [a or b for a, b in re.findall(r"^### (.+)$|\*\*(.+?)\*\*", text, re.MULTILINE)]
    html = page.read_text(encoding="utf-8").partition("</main>")[0]  # after it are scripts
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", html)
    assert told == [title.strip() for title in titles]


def guide_of(folder: Path, text: str) -> Path:
    path = folder / "guide.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_wrong_output_is_found_and_corrected(tmp_path: Path) -> None:
    text = "```python\nx = 3\n```\n\nAnd then\n\n```python\nx + 1\n```\n\n```text\n7\n```\n\nEnd\n"
    guide = guide_of(tmp_path, text)
    wrong = run_guide(guide, tmp_path)
    assert [(one.shown.line, one.printed) for one in wrong] == [(12, "4\n")]
    guide.write_text(corrected(text, wrong), encoding="utf-8")
    assert "```text\n4\n```\n\nEnd\n" in guide.read_text(encoding="utf-8")
    assert run_guide(guide, tmp_path) == []


def test_code_that_fails_names_its_block(tmp_path: Path) -> None:
    guide = guide_of(tmp_path, "```python\nx = 3\n```\n\n```python\ny = 1\nx / 0\n```\n")
    with pytest.raises(ZeroDivisionError) as caught:
        run_guide(guide, tmp_path)
    assert caught.value.__notes__ == ["in guide.md, the block in line 6"]
    assert caught.traceback[-1].lineno == 6  # counted from 0


def test_a_command_that_fails_is_an_error(tmp_path: Path) -> None:
    guide = guide_of(tmp_path, "```sh\nautoml leaderboard nowhere\n```\n")
    with pytest.raises(RuntimeError, match=r"exit status [12]: automl leaderboard nowhere"):
        run_guide(guide, tmp_path)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("```sh\nrm -r .\n```\n", "can only run automl"),
        ("```\nx\n```\n", "a block of no language"),
        ("```r\nx\n```\n", "line 2: a block of r"),
    ],
)
def test_blocks_that_cannot_run_are_errors(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        run_guide(guide_of(tmp_path, text), tmp_path)


def test_an_output_stands_right_after_its_code() -> None:
    text = "```python\n1\n```\n\n```text\n1\n```\n\n```python\n2\n```\n\nword\n\n```text\n2\n```\n"
    assert [shown and shown.text for _, shown in steps_of(text)] == ["1\n", None]
    assert [block.line for block in blocks_of(text)] == [2, 6, 10, 16]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("score 0.80 [0.70, 0.90]", "score 0.81   [0.71, 0.89]"),
        ("1,200 rows", "1,250 rows"),
        ("gap −0.10", "gap -0.11"),
        ("gap 4.44e-16", "gap 8.9e-16"),
        ("first\n...\nlast", "first\nanything 17\n(at all)\nlast"),
        ("age ████ 18 %", "age █████ 17.5 %"),
        ("linear-1 (?)", "linear-1 (?)"),
    ],
)
def test_outputs_that_are_the_same(shown: str, printed: str) -> None:
    assert same_output(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("score 0.80", "score 0.70"),
        ("beyond", "within"),
        ("1,200 rows", "1,400 rows"),
        ("linear-1", "linear-2"),
        ("one", "one more"),
        ("a 1", "a"),
        ("first\n...\nlast", "first\nanything"),
        ("gap −0.10", "gap 0.10"),
    ],
)
def test_outputs_that_differ(shown: str, printed: str) -> None:
    assert not same_output(shown, printed)
