"""The faces that every result of `explain` has: a frame, JSON, pictures, a page."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from candor.version import __version__
from explain.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from candor.report import Page


class Face(ABC):
    """A frozen result that shows itself; what it shows, it only reads."""

    schema: ClassVar[str]
    """Name and version of the JSON, such as "candor.explanation/1"."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the result as one tidy frame."""

    @abstractmethod
    def page(self) -> Page:
        """Return the result as a page of sections, tables and charts."""

    @abstractmethod
    def lines(self) -> list[str]:
        """Return what the result says, in plain sentences."""

    @abstractmethod
    def _content(self) -> Mapping[str, Any]:
        """Return the result's values for JSON: numbers, texts, arrays, lists, mappings."""

    @abstractmethod
    def _pictures(self) -> Mapping[str, Callable[..., Any]]:
        """Return functions that draw, by kind, the first being the default."""

    def to_json(self) -> str:
        """Return the result as JSON with a schema name, its version and Candor's version.

        Returns
        -------
        str
            Numbers that are not finite are null.
        """
        head = {"schema": self.schema, "candor": __version__}
        content = {**head, **{key: plain(value) for key, value in self._content().items()}}
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    def plot(self, kind: str | None = None, **options: Any) -> alt.TopLevelMixin:
        """Draw one picture.

        Parameters
        ----------
        kind : str, optional
            Which; by default the result's main picture.
        **options
            What that picture takes, such as ``row=17``.

        Returns
        -------
        altair chart
            It holds its data.

        Raises
        ------
        ArgumentError
            There is no picture of that kind.
        ArgumentTypeError
            It does not take such an option.
        """
        pictures = self._pictures()
        kind = next(iter(pictures)) if kind is None else kind
        if not isinstance(kind, str) or kind not in pictures:
            raise ArgumentError(
                f"there is no picture {kind!r}",
                got=f"pictures: {', '.join(pictures)}",
                hint=_meant(kind, list(pictures)),
            )
        try:
            signature(pictures[kind]).bind(**options)
        except TypeError as error:
            raise ArgumentTypeError(
                f"the picture {kind!r} does not take these options",
                got=str(error),
                hint=", ".join(_options(pictures[kind])) or "none",
            ) from error
        drawn: alt.TopLevelMixin = pictures[kind](**options)
        return drawn

    def report(self, path: str | Path) -> Path:
        """Write the result as one HTML file that needs no network.

        Parameters
        ----------
        path : str or Path
            The file; replaced if it exists.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ArgumentTypeError
            The path is no path.
        candor.report.ReportError
            The file cannot be written.
        """
        if not isinstance(path, str | Path):
            raise ArgumentTypeError("the path must be a text or a Path", got=repr(path))
        from candor.report import write_html

        return write_html(self.page(), path)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from candor.report import fragment

        return fragment(self.page())


ALSO_CALLED = {
    "bar": "importance",
    "beeswarm": "summary",
    "scatter": "dependence",
    "force": "waterfall",
}
"""Our names of pictures that shap calls otherwise."""


def _meant(kind: Any, known: list[str]) -> str | None:
    """Say which of our pictures one of shap's names stands for."""
    meant = ALSO_CALLED.get(kind) if isinstance(kind, str) else None
    return f'plot("{meant}")' if meant in known else None


_MISSING = ("NAType", "NaTType")
"""How pandas' missing values call themselves; pandas itself is not imported for them."""


def _options(picture: Callable[..., Any]) -> list[str]:
    """Return what a picture takes, with the defaults."""
    return [
        str(one) for one in signature(picture).parameters.values() if one.kind is one.KEYWORD_ONLY
    ]


def plain(value: Any) -> Any:
    """Turn arrays, frames and numpy numbers into what JSON holds; not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if type(value).__name__ == "DataFrame":
        return {str(name): plain(value[name].tolist()) for name in value.columns}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return None if type(value).__name__ in _MISSING else str(value)
