"""Run the code of the guides and compare what it shows with what they say it shows.

Usage: python docs/run_guides.py [--write] GUIDE.md ...

Every ``python`` and ``sh`` block runs, in order, in a fresh folder. A ``text`` block right after
one is what it prints. Words have to be the same; numbers may differ by a tenth or by 0.02, since
libraries and machines differ; ``...`` stands for anything. With --write, blocks that are no
longer true are written anew, and pictures that a guide saved and shows go to docs/images.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

LANGUAGES = ("python", "sh", "text")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMAGE = re.compile(r"!\[[^\]]*\]\((?:\.\./)?images/([\w.-]+)\)")
NUMBER = r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"
PART = re.compile(rf"(\.\.\.)|({NUMBER})|(█+)|(\s+)")
TOLERANCE = 0.1
SLACK = 0.02
"""Of numbers near 0."""
WIDTH = 110


@dataclass(frozen=True)
class Block:
    """A fenced block of a guide.

    Parameters
    ----------
    language : str
        What stands behind the fence.
    text : str
        What stands inside.
    start, end : int
        Where the inside begins and ends in the file.
    line : int
        Line of the file in which the inside begins.
    """

    language: str
    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Difference:
    """An output that is not what the guide shows.

    Parameters
    ----------
    shown : Block
        What the guide shows.
    printed : str
        What the code printed.
    """

    shown: Block
    printed: str


def blocks_of(text: str) -> list[Block]:
    """Return the fenced blocks of a guide."""
    return [
        Block(
            found[1],
            found[2],
            found.start(2),
            found.end(2),
            text.count("\n", 0, found.start(2)) + 1,
        )
        for found in BLOCK.finditer(text)
    ]


def steps_of(text: str) -> Iterator[tuple[Block, Block | None]]:
    """Yield each block that runs, with the block that shows its output, if any."""
    blocks = blocks_of(text)
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language not in LANGUAGES:
            raise ValueError(f"line {block.line}: a block of {block.language or 'no language'}")
        if block.language == "text":
            continue
        is_output = (
            following is not None
            and following.language == "text"
            and not text[block.end : following.start].replace("```text", "").strip("`\n")
        )
        yield block, following if is_output else None


def run_guide(path: Path, folder: Path) -> list[Difference]:
    """Run a guide in a folder and return where it does not show what is printed."""
    differences = []
    text = path.read_text(encoding="utf-8")
    with working_in(folder), main_module() as names, pd.option_context(*display_options()):
        for block, shown in steps_of(text):
            try:
                printed = run_block(block, names, path)
            except Exception as error:
                error.add_note(f"in {path.name}, the block in line {block.line}")
                raise
            if shown is not None and not same_output(shown.text, printed):
                differences.append(Difference(shown, printed))
    return differences


def run_block(block: Block, names: dict[str, Any], path: Path) -> str:
    """Run one block; return what it prints, and what its last line is worth."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        if block.language == "sh":
            run_commands(block.text)
        else:
            run_python(block, names, path)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").split("\n")) + "\n"


def run_python(block: Block, names: dict[str, Any], path: Path) -> None:
    """Execute code as a notebook does: a last expression is shown."""
    value = last_value("\n" * (block.line - 1) + block.text, names, str(path))
    if value is not None:
        print(value if isinstance(value, str) else repr(value))


def last_value(source: str, names: dict[str, Any], name: str) -> Any:
    """Execute code; return what its last line is worth if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


def run_commands(text: str) -> None:
    """Run lines of the command `automl`."""
    from automl.cli import main

    for line in text.replace("\\\n", " ").strip().splitlines():
        name, *arguments = shlex.split(line)
        if name != "automl":
            raise ValueError(f"a guide can only run automl: {line}")
        status = main(arguments)
        if status != 0:
            raise RuntimeError(f"exit status {status}: {line}")


def same_output(shown: str, printed: str) -> bool:
    """Compare outputs: words exactly, numbers to a tenth, blanks and bars not at all."""
    pattern, numbers = [], []
    place = 0
    for part in PART.finditer(shown.strip()):
        pattern.append(re.escape(shown.strip()[place : part.start()]))
        place = part.end()
        anything, number, bar, blank = part.groups()
        if anything:
            pattern.append("(?:.|\n)*?")
        elif number:
            pattern.append(f"({NUMBER})")
            numbers.append(number)
        elif bar:
            pattern.append("█+")
        elif blank:
            pattern.append(r"\s+")
    pattern.append(re.escape(shown.strip()[place:]))
    found = re.fullmatch("".join(pattern), printed.strip())
    return found is not None and all(map(near, numbers, found.groups()))


def near(shown: str, printed: str) -> bool:
    """Return whether two numbers as written differ by a tenth at most."""
    first, second = (float(text.replace(",", "").replace("−", "-")) for text in (shown, printed))
    return abs(first - second) <= max(SLACK, TOLERANCE * max(abs(first), abs(second)))


def corrected(text: str, differences: list[Difference]) -> str:
    """Return a guide with the outputs that were printed."""
    for one in sorted(differences, key=lambda one: -one.shown.start):
        text = text[: one.shown.start] + one.printed + text[one.shown.end :]
    return text


def keep_pictures(text: str, folder: Path, images: Path) -> None:
    """Copy the pictures that a guide saved and shows."""
    for name in IMAGE.findall(text):
        if (folder / name).exists():
            shutil.copyfile(folder / name, images / name)


def display_options() -> list[Any]:
    """Return how pandas writes frames in the guides."""
    return ["display.width", WIDTH, "display.max_columns", 12, "display.max_rows", 12]


@contextlib.contextmanager
def main_module() -> Iterator[dict[str, Any]]:
    """Put an empty main module in place for a while, where classes of a guide are looked up."""
    before, module = sys.modules["__main__"], ModuleType("__main__")
    sys.modules["__main__"] = module
    try:
        yield vars(module)
    finally:
        sys.modules["__main__"] = before


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Make a folder the working directory for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main() -> None:
    """Run guides and say, or write, what is no longer true."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write outputs and pictures anew")
    parser.add_argument("guides", nargs="+", type=Path, metavar="GUIDE.md")
    given = parser.parse_args()
    wrong = 0
    for path in given.guides:
        with tempfile.TemporaryDirectory() as folder:
            differences = run_guide(path.resolve(), Path(folder))
            text = path.read_text(encoding="utf-8")
            if given.write:
                path.write_text(corrected(text, differences), encoding="utf-8")
                keep_pictures(text, Path(folder), Path(__file__).parent / "images")
        for one in differences:
            print(f"{path}, line {one.shown.line}: it prints\n{one.printed}")
        wrong += len(differences)
    if wrong and not given.write:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
