"""Reading template files, strictly: a key that is not known is an error, never passed over."""

from __future__ import annotations

import difflib
import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from fairness.errors import TemplateError
from fairness.templates.checking import Fields, shorten
from fairness.templates.values import AttributeKind, EvidenceItem, RatioTable, Template

FORMAT = 1
"""Version of the file format: raised when a file of today would be read differently."""

LARGEST = 100_000
"""Characters of a file; one that is longer is not a template."""

LONGEST_LINE = 5_000
"""Characters of a line: the parser's time grows with the square of a dotted key's length."""

WHERE = (
    "data.representation",
    "data.base_rates",
    "missingness",
    "proxies",
    "by_group",
    "intersections",
    "disparities",
    "calibration",
    "sensitivity",
    "settings",
    "not covered",
)
"""Parts of an audit that evidence can be found in."""


def template_names() -> tuple[str, ...]:
    """Return the names of the templates that come with the package.

    Returns
    -------
    tuple of str
        Sorted; each can be given to `load_template`.

    Examples
    --------
    >>> template_names()
    ('eeoc_four_fifths', 'eu_ai_act', 'nyc_local_law_144')
    """
    found = files("fairness.templates").iterdir()
    return tuple(sorted(file.name[:-5] for file in found if file.name.endswith(".toml")))


def load_template(name_or_path: str | Path) -> Template:
    """Read a template: one that comes with the package, or a file of your own.

    Parameters
    ----------
    name_or_path : str or Path
        A name of `template_names`, or the path of a ``.toml`` file.

    Returns
    -------
    Template
        What the file asks for.

    Raises
    ------
    TemplateError
        There is no such template, or the file is not as it has to be.

    Examples
    --------
    >>> load_template("nyc_local_law_144").source
    '6 RCNY 5-300 to 5-304; NYC Administrative Code 20-870 to 20-874'
    >>> load_template("eeoc")
    Traceback (most recent call last):
        ...
    fairness.errors.TemplateError: there is no template "eeoc"
      there are eeoc_four_fifths, eu_ai_act, nyc_local_law_144; a path ends in .toml
      try  template="eeoc_four_fifths"
    """
    if isinstance(name_or_path, str) and not name_or_path.lower().endswith(".toml"):
        return _packaged(name_or_path)
    if isinstance(name_or_path, str | Path):
        path = Path(name_or_path)
        return parse_template(_text_of(path), path.stem)
    raise TemplateError(
        "a template is named, or is the path of a file",
        got=f"got {type(name_or_path).__name__}",
        hint=f'template="{template_names()[0]}"',
    )


def parse_template(text: str, name: str) -> Template:
    """Read the text of a template file.

    Parameters
    ----------
    text : str
        TOML, as the docstring of `fairness.templates` describes it.
    name : str
        Short name of the template.

    Returns
    -------
    Template
        What the text asks for.

    Raises
    ------
    TemplateError
        The text is not TOML, or a key is missing, unknown, or has a value that it cannot have.

    Examples
    --------
    >>> parse_template("format = 2", "mine")
    Traceback (most recent call last):
        ...
    fairness.errors.TemplateError: template mine: format has to be 1
      got 2
      try  format = 1
    """
    where = f"template {shorten(name)}"
    whole = Fields(_parsed(text, where), where)
    version = whole.take("format")
    if version != FORMAT or isinstance(version, bool):
        raise whole.wrong("format", f"has to be {FORMAT}", version, f"format = {FORMAT}")
    kinds = _kinds(whole)
    template = Template(
        name=name,
        title=whole.text("title"),
        source=whole.text("source"),
        status=whole.text("status", "our reading, not legal advice"),
        tables=tuple(_table(part, kinds) for part in whole.parts("table")),
        evidence=tuple(_evidence(part) for part in whole.parts("evidence")),
        attributes=kinds,
        unknown=whole.texts("unknown"),
        blanks=whole.texts("blanks"),
        limits=whole.texts("limits"),
        text=text,
    )
    whole.done()
    if not template.tables and not template.evidence:
        raise TemplateError(
            f"{where} asks for nothing",
            got="neither [[table]] nor [[evidence]] is there",
            hint="one of them, such as those of a template that comes with the package",
        )
    return template


def _packaged(name: str) -> Template:
    """Read a template that comes with the package."""
    known = template_names()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.3)
        raise TemplateError(
            f'there is no template "{shorten(name)}"',
            got=f"there are {', '.join(known)}; a path ends in .toml",
            hint=f'template="{(near or known)[0]}"',
        )
    text = (files("fairness.templates") / f"{name}.toml").read_text(encoding="utf-8")
    return parse_template(text, name)


def _text_of(path: Path) -> str:
    """Read a file of the user's."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read(LARGEST + 1).replace("\r\n", "\n")
    except FileNotFoundError:
        raise TemplateError(
            "there is no such template file",
            got=str(path),
            hint=f"the path of a file, or one of {', '.join(template_names())}",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"the template file {path} cannot be read", got=str(error), hint="a file in UTF-8"
        ) from error


def _parsed(text: str, where: str) -> dict[str, Any]:
    """Return the keys and values of TOML; decimals as `Decimal`, so that 0.8 is 4/5."""
    longest = max(map(len, text.splitlines()), default=0)
    if len(text) > LARGEST or longest > LONGEST_LINE:
        raise TemplateError(
            f"{where} is too long",
            got=f"more than {LARGEST:,} characters, or {LONGEST_LINE:,} in a line",
            hint="a template names tables and evidence; data do not belong in it",
        )
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise TemplateError(
            f"{where} is not TOML",
            got=shorten(str(error)),
            hint="the line that is named, compared with a template that comes with the package",
        ) from error


def _kinds(whole: Fields) -> tuple[AttributeKind, ...]:
    """Read the kinds of attributes."""
    part = whole.part("attributes")
    if part is None:
        return ()
    kinds = tuple(AttributeKind(name, part.texts(name, at_least=1)) for name in list(part.values))
    part.done()
    return kinds


def _table(part: Fields, kinds: tuple[AttributeKind, ...]) -> RatioTable:
    """Read one table."""
    part.choice("kind", ("impact_ratio",))
    attributes = part.texts("attributes", at_least=1)
    known = [kind.name for kind in kinds]
    for name in attributes:
        if name not in known:
            raise part.wrong(
                "attributes",
                "has to name kinds of [attributes]",
                name,
                ", ".join(known) or f'[attributes] with "{shorten(name)}" = [...]',
            )
    if len(set(attributes)) < len(attributes):
        raise part.wrong("attributes", "names a kind twice", list(attributes), "each once")
    rounds = part.part("round")
    flag_below = part.fraction("flag_below")
    if rounds is not None and flag_below is not None:
        raise part.wrong(
            "round",
            "cannot stand beside flag_below",
            "both",
            "leave round out: a rounded ratio hides on which side of the threshold it lies",
        )
    table = RatioTable(
        attributes=attributes,
        rate=part.choice("rate", ("selection_rate", "scoring_rate")),
        baseline=part.choice("baseline", ("highest",)),
        caption=part.text("caption"),
        flag_below=flag_below,
        flag_name=part.text("flag_name", str(flag_below or "")),
        minimum_share=part.fraction("minimum_share", zero=True) or RatioTable.minimum_share,
        significance=part.choice("significance", ("fisher", "z"), optional=True),
        alpha=float(part.fraction("alpha") or RatioTable.alpha),
        show_unknown=part.flag("show_unknown", True),
        round_rate=rounds.count("rate") if rounds else None,
        round_ratio=rounds.count("ratio") if rounds else None,
        notes=part.texts("notes"),
    )
    if rounds:
        rounds.done()
    part.done()
    return table


def _evidence(part: Fields) -> EvidenceItem:
    """Read one item of evidence."""
    item = EvidenceItem(
        article=part.text("article"),
        requirement=part.text("requirement"),
        where=part.choice("where", WHERE),
    )
    part.done()
    return item
