"""From a fitted model and rows to an `OpenModel`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from explain.errors import (
    ArgumentError,
    ArgumentTypeError,
    ExplainError,
    UnreadableModelError,
)
from explain.opening.boosters import as_estimator
from explain.opening.failures import not_fitted, said, told
from explain.opening.model import OpenModel
from explain.opening.outputs import name_of, task_of
from explain.opening.structures import (
    Reading,
    agrees,
    black_box_of,
    on_scale,
    structure_of,
)
from explain.protocol import Encoding, Floats, Node, Parts
from explain.rows import read_rows

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 200
"""Rows on which a structure is compared with the model's own predictions."""


class Function:
    """A plain function of rows as a regressor."""

    one_output = "the model itself, or one column: lambda rows: model.predict_proba(rows)[:, 1]"
    """What to give in place of a function with several outputs."""

    def __init__(self, function: Callable[[Any], Any]):
        self.function = function

    def predict(self, rows: Any) -> Any:
        """Call the function."""
        return self.function(rows)


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns that a model reads, and how it takes rows.

    Parameters
    ----------
    names : tuple of str
        As texts, in the model's order.
    own : list
        As the model knows them.
    as_frame : bool
        Whether the model takes frames.
    """

    names: tuple[str, ...]
    own: list[Any]
    as_frame: bool

    def rows(self, frame: pd.DataFrame) -> Any:
        """Return rows as the model takes them."""
        return frame.set_axis(self.own, axis=1) if self.as_frame else frame.to_numpy()


def open_model(model: Any, X: Any, *, parts: bool = True) -> OpenModel:
    """Open a fitted model.

    Parameters
    ----------
    model : estimator
        Fitted; or a function of rows.
    X : table
        Rows as the model takes them: what its columns are called, and what it is checked on.
    parts : bool, default True
        Whether to read what its output is made of; without, each scale is a black box. Reading
        takes seconds where there are many trees.

    Returns
    -------
    OpenModel

    Raises
    ------
    ArgumentError
        The model is not fitted, knows one class only, predicts several targets, or X lacks
        columns.
    ArgumentTypeError
        The model is no model, or X is no table.
    PredictionError
        The model fails on the first rows of X.
    """
    model = _as_model(model)
    name = name_of(model)
    columns = _columns(model, X)

    def reader(rows: Any, what: str) -> pd.DataFrame:
        return read_rows(rows, columns.names, what)

    frame = reader(X, "X").iloc[:SAMPLE]
    task, classes = task_of(model)
    width = len(classes) if task == "multiclass" else 1
    encoding = Encoding(columns.rows, tuple((one,) for one in columns.names))
    reading = Reading(model, task, width, encoding, frame, columns.rows(frame))
    read = structure_of if parts else black_box_of
    structure = told(lambda _: read(reading), name)(frame)
    deployed = {
        scale: (lambda rows, predict=predict: predict(columns.rows(rows)))
        for scale, predict in structure.outputs.items()
    }
    opened = OpenModel(
        name,
        columns.names,
        task,
        classes,
        "response" if task == "regression" else "margin",
        deployed,
        structure.nodes,
        reader,
        _labels(model, columns),
        structure.notes,
    )
    return _with_own_parts(opened, model, frame) if parts else opened


def _as_model(model: Any) -> Any:
    if isinstance(model, type):
        raise ArgumentTypeError(
            "the model is a class", got=model.__name__, hint=f"{model.__name__}().fit(X, y)"
        )
    model = as_estimator(model)
    _check_kind(model)
    if not any(callable(getattr(model, one, None)) for one in ("predict", "predict_proba")):
        if callable(model):
            return Function(model)
        raise ArgumentTypeError(
            "the model cannot predict",
            got=f"{type(model).__name__}, which has no predict",
            hint="a fitted estimator, or a function of rows",
        )
    _check_fitted(model)
    return model


def _check_kind(model: Any) -> None:
    """Refuse what has a ``predict`` whose numbers are no quantity, or is no model itself."""
    name, kind = type(model).__name__, getattr(model, "_estimator_type", None)
    if callable(getattr(model, "explain", None)) and hasattr(model, "leaderboard"):
        raise ArgumentTypeError(
            "a search's result is no model", got=name, hint="result.model, or result.explain()"
        )
    if hasattr(model, "__sklearn_tags__"):
        from sklearn.utils import get_tags

        kind = get_tags(model).estimator_type
    if kind == "clusterer":
        raise ArgumentTypeError(
            "numbers of clusters are no quantity that could be split over columns",
            got=name,
            hint="a function of rows, such as lambda rows: -model.transform(rows)[:, 0]",
        )
    if kind == "outlier_detector":
        raise ArgumentTypeError(
            "an outlier detector predicts 1 and -1, and no quantity",
            got=name,
            hint="its score as a function of rows: explain(model.score_samples, X)",
        )


def _check_fitted(model: Any) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not hasattr(model, "fit"):
        return
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise not_fitted(type(model).__name__) from error
    except (AttributeError, TypeError):
        return  # no estimator of scikit-learn's kind: it will say itself


def _columns(model: Any, X: Any) -> Columns:
    """Find out which columns a model reads and how it takes them."""
    given = read_rows(X, None)
    own = _as_given(model, _own_names(model), given)
    if own is not None:
        return Columns(tuple(str(one) for one in own), own, as_frame=True)
    names = list(given.columns)
    wanted = getattr(model, "n_features_in_", None)
    if wanted is not None and int(wanted) != len(names):
        raise ArgumentError(
            "X has another number of columns than the model reads",
            got=f"{len(names):,} columns, the model reads {int(wanted):,}",
        )
    is_frame = hasattr(X, "columns")
    takes_frames = is_frame and wanted is None
    return Columns(tuple(names), list(X.columns) if is_frame else names, takes_frames)


def _own_names(model: Any) -> list[Any] | None:
    """Return the columns a model was fitted on; None where it does not know them by name."""
    library = type(model).__module__.split(".")[0]
    if library == "lightgbm" and not _lightgbm_has_names(model):
        return None
    try:
        names = model.feature_names_in_
    except AttributeError:
        return None
    return None if names is None else list(names)


def _as_given(model: Any, own: list[Any] | None, given: pd.DataFrame) -> list[Any] | None:
    """Undo what LightGBM does to names: it keeps blanks as underscores."""
    if own is None or type(model).__module__.split(".")[0] != "lightgbm":
        return own
    blank = {name.replace(" ", "_"): name for name in given.columns if " " in name}
    known = set(given.columns)
    return [name if name in known else blank.get(name, name) for name in own]


def _lightgbm_has_names(model: Any) -> bool:
    """Tell names of a frame from those that LightGBM makes up for an array."""
    names = list(model.feature_name_)
    return names != [f"Column_{place}" for place in range(len(names))]


def _labels(model: Any, columns: Columns) -> Callable[[pd.DataFrame], Any] | None:
    if not callable(getattr(model, "predict", None)):
        return None
    return lambda rows: model.predict(columns.rows(rows))


def _with_own_parts(opened: OpenModel, model: Any, frame: pd.DataFrame) -> OpenModel:
    """Take the parts that a model gives of itself, where they give its predictions."""
    if not callable(getattr(model, "explain_parts", None)):
        return opened
    parts = _own_parts(opened, model)
    nodes, precise, notes = dict(opened.nodes), dict(opened.precise), dict(opened.notes)
    for scale in opened.deployed:
        node = on_scale(parts, scale)
        if node is None:
            continue
        other = None
        if parts.precise is not None:
            other = on_scale(replace(parts, node=parts.precise), scale)
        wanted = opened.predict(frame, scale)
        fitting = [
            one
            for one in (node, other)
            if one is not None and _own_agrees(one, opened.name, frame, wanted)
        ]
        if fitting:
            nodes[scale] = fitting[0]
            notes.pop(scale, None)
            if other is not None:
                precise[scale] = other
        else:
            notes[scale] = (
                f"explain_parts() of {opened.name} does not give its {scale}, so it is not used"
            )
    return replace(opened, nodes=nodes, precise=precise, notes=notes)


def _own_agrees(node: Node, name: str, frame: pd.DataFrame, wanted: Floats) -> bool:
    """Tell whether a model's own node gives its predictions."""
    try:
        return agrees(node, frame, wanted)
    except (ExplainError, MemoryError):
        raise
    except Exception as error:  # whatever a model of the caller's own raises
        raise UnreadableModelError(
            f"what explain_parts() of {name} gives cannot be evaluated",
            got=said(error),
        ) from error


def _own_parts(opened: OpenModel, model: Any) -> Parts:
    """Ask a model for its parts."""
    try:
        parts = model.explain_parts()
    except (ExplainError, MemoryError):
        raise
    except Exception as error:  # whatever a model of the caller's own raises
        raise UnreadableModelError(
            f"explain_parts() of {opened.name} failed", got=said(error)
        ) from error
    if not isinstance(parts, Parts):
        raise ArgumentTypeError(
            "explain_parts() must return explain.protocol.Parts", got=type(parts).__name__
        )
    return parts
