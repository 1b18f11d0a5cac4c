"""Template files are read strictly: what is wrong, what was got, what to do."""

from __future__ import annotations

import contextlib
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.errors import FairnessError, TemplateError
from fairness.templates import load_template, parse_template, template_names

GOOD = """
format = 1
title = "Ours"
source = "House rules, 3"
limits = ["It does not say why."]
unknown = ["?"]

[attributes]
"age" = ["age", "age group"]

[[table]]
kind = "impact_ratio"
caption = "Hired"
attributes = ["age"]
rate = "selection_rate"
baseline = "highest"
flag_below = 0.9
flag_name = "nine tenths"
"""


def without(line: str) -> str:
    assert line in GOOD
    return GOOD.replace(line, "")


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_the_names_are_those_of_the_files() -> None:
    folder = Path(__import__("fairness.templates", fromlist=["x"]).__file__).parent
    assert template_names() == tuple(sorted(file.stem for file in folder.glob("*.toml")))
    assert {"eeoc_four_fifths", "eu_ai_act", "nyc_local_law_144"} <= set(template_names())


@pytest.mark.parametrize("name", template_names())
def test_every_template_that_comes_along_is_whole(name: str) -> None:
    template = load_template(name)
    assert template.name == name
    assert all((template.title, template.source, template.limits))
    assert "not legal advice" in template.status
    # It says everything of itself: reading its text anew gives the same.
    assert parse_template(template.text, name) == template


@pytest.mark.parametrize("name", template_names())
def test_no_template_speaks_like_a_certificate(name: str) -> None:
    words = r"\b(pass(es|ed)?|fail(s|ed|ure)?|complian(t|ce)|complies|fair|unfair|certif\w*)\b"
    assert not re.findall(words, load_template(name).text, re.IGNORECASE)


def test_what_is_read() -> None:
    template = parse_template(GOOD, "ours")
    assert template.tables[0].flag_below == Fraction(9, 10)
    assert template.tables[0].minimum_share == 0
    assert template.tables[0].significance is None
    assert template.attributes[0].columns == ("age", "age group")
    assert template.status == "our reading, not legal advice"


def test_a_decimal_is_the_fraction_that_it_is_written_as() -> None:
    eight = parse_template(changed("flag_below = 0.9", "flag_below = 0.8"), "ours").tables[0]
    fifths = parse_template(changed("flag_below = 0.9", 'flag_below = "4/5"'), "ours").tables[0]
    assert eight.flag_below == fifths.flag_below == Fraction(4, 5)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "house rules.toml"
    file.write_bytes(GOOD.replace("\n", "\r\n").encode())
    for given_path in (file, str(file)):
        assert load_template(given_path).name == "house rules"
        assert load_template(given_path).text == GOOD


@pytest.mark.parametrize(
    ("name", "near"),
    [("eeoc", "eeoc_four_fifths"), ("LL144", "nyc_local_law_144"), ("eu-ai-act", "eu_ai_act")],
)
def test_an_unknown_name_says_what_there_is(name: str, near: str) -> None:
    with pytest.raises(TemplateError, match=f'no template "{name}"') as error:
        load_template(name)
    assert all(known in str(error.value) for known in template_names())
    assert error.value.hint == f'template="{near}"'
    assert isinstance(error.value, FairnessError)
    assert isinstance(error.value, ValueError)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such template file"):
        load_template(tmp_path / "absent.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(TemplateError, match="cannot be read"):
        load_template(tmp_path / "folder.toml")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(TemplateError, match="cannot be read"):
        load_template(tmp_path / "latin.toml")
    with pytest.raises(TemplateError, match=r"named, or is the path"):
        load_template(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (changed("title", "titel"), "title has to be a text", 'title = "…"'),
        (GOOD.replace("[[table]]", "notse = 3\n[[table]]"), "at least one", '["…", "…"]'),
        (changed("flag_name", "flag_nam"), 'table 1: there is no key "flag_nam"', "flag_name"),
        (GOOD + "minimum_shar = 0.02", 'no key "minimum_shar"', "minimum_share"),
        (changed("limits", "limit"), 'no key "limit"', "limits"),
        (without("format = 1\n"), "format has to be 1", "format = 1"),
        (changed("format = 1", "format = 2"), "format has to be 1", "format = 1"),
        (changed("format = 1", "format = true"), "format has to be 1", "format = 1"),
        (changed('"impact_ratio"', '"impactratio"'), "kind has to be one of", "impact_ratio"),
        (changed('"selection_rate"', '"selecting"'), "rate has to be one of", "selection_rate"),
        (changed('"selection_rate"', "7"), "rate has to be one of", "rate ="),
        (without('rate = "selection_rate"\n'), "rate has to be one of", "selection_rate"),
        (changed('"highest"', '"white men"'), "baseline has to be one of", "highest"),
        (changed('attributes = ["age"]', 'attributes = ["sex"]'), "name kinds of", "age"),
        (changed('attributes = ["age"]', 'attributes = ["age", "age"]'), "a kind twice", "once"),
        (changed('attributes = ["age"]', "attributes = []"), "list of texts", "["),
        (changed('attributes = ["age"]', 'attributes = "age"'), "list of texts", "["),
        (changed('["age", "age group"]', "[3]"), "age has to be a list of texts", "["),
        (changed("0.9", "1.5"), "number between 0 and 1", "flag_below = 0.05"),
        (changed("0.9", "0"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "1"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "-0.9"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "nan"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "inf"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "true"), "number between 0 and 1", "flag_below"),
        (changed("0.9", '"4/0"'), "number between 0 and 1", "flag_below"),
        (changed("0.9", '"5/4"'), "number between 0 and 1", "flag_below"),
        (changed("0.9", "1e-999999999"), "number between 0 and 1", "flag_below"),
        (changed("0.9", "1e999999999"), "number between 0 and 1", "flag_below"),
        (changed("0.9", '"1/' + "9" * 4_000 + '"'), "number between 0 and 1", "flag_below"),
        (GOOD + "show_unknown = 1", "true or false", "show_unknown = true"),
        (GOOD + 'significance = "t"', "significance has to be one of", "fisher"),
        (GOOD + "round = { ratio = 2 }", "cannot stand beside flag_below", "leave round out"),
        (GOOD.replace("flag_below = 0.9", "round = 2"), "round has to be a table", "[round]"),
        (
            GOOD.replace("flag_below = 0.9", "round = { ratio = 99 }"),
            "whole number from 0 to 12",
            "ratio = 2",
        ),
        (
            GOOD.replace("flag_below = 0.9", "round = { rato = 2 }"),
            'round: there is no key "rato"',
            "ratio",
        ),
        (changed("[[table]]", "[table]"), "list of tables", "[[table]]"),
        ('format = 1\ntitle = "a"\nsource = "b"', "asks for nothing", "one of them"),
        (changed('"Ours"', "3"), "title has to be a text", "title"),
        (changed('"Ours"', '" "'), "title has to be a text", "title"),
        (changed('"Ours"', f'"{"a" * 2_001}"'), "at most 2,000 characters", "title"),
        (GOOD + '[[evidence]]\narticle = "1"\nrequirement = "r"\nwhere = "by_groups"',
         "evidence 1: where has to be one of", "by_group"),
        (GOOD + '[[evidence]]\nrequirement = "r"\nwhere = "by_group"',
         "article has to be a text", "article"),
        ("title = ", "is not TOML", "line"),
        (GOOD + GOOD, "is not TOML", "line"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, what: str, hint: str) -> None:
    with pytest.raises(TemplateError) as error:
        parse_template(text, "ours")
    assert what in error.value.what
    assert "template ours" in error.value.what
    assert hint in str(error.value.hint)
    assert error.value.got
    assert len(str(error.value)) < 1_500


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "format = " + "[\n" * 40_000 + "]\n" * 40_000,
        "a = " + "[" * 4_000,
        "format = " + "[" * 2_000 + "]" * 2_000,
        "format = 1\ntitle." + ".".join(["a"] * 50_000) + " = 1",
        "format = 1\ntitle." + ".".join(["a"] * 2_000) + " = 1",
        "format = 0x" + "f" * 4_900,
        "format = " + "9" * 4_900,
        "format = [0x" + "f" * 4_900 + "]",
        "format = 1e99999999999999999999",
        'x = "' + "a" * 300_000 + '"',
        "format = 1\n" + "[[table]]\n" * 9_000,
        "\x00",
    ],
    ids=range(13),
)
def test_hostile_files_are_refused(text: str) -> None:
    with pytest.raises(TemplateError) as error:
        parse_template(text, "ours")
    assert len(str(error.value)) < 1_500


def test_files_without_end_are_not_read_to_it(tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text(GOOD + "# a\n" * 100_000)
    with pytest.raises(TemplateError, match="too long"):
        load_template(file)


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_template(text, "ours")


@given(
    line=st.integers(0, GOOD.count("\n") - 1),
    value=st.sampled_from(["3", "-1.5", '"x"', "[]", "[[]]", "{}", "true", "1979-05-27", '[""]']),
)
def test_any_value_in_any_place_is_read_or_refused(line: int, value: str) -> None:
    lines = GOOD.split("\n")
    if " = " in lines[line]:
        lines[line] = lines[line].split(" = ")[0] + " = " + value
    # Any other exception would go through.
    with contextlib.suppress(TemplateError):
        parse_template("\n".join(lines), "ours")
