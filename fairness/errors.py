"""Errors of `fairness`: each is a `FairnessError` and the builtin that a caller would catch."""

from candor.errors import CandorError


class FairnessError(CandorError):
    """Root of everything that `fairness` raises on purpose.

    Examples
    --------
    >>> issubclass(ArgumentError, (FairnessError, ValueError))
    True
    """


class ArgumentError(FairnessError, ValueError):
    """An argument, or the rows it holds, cannot be used as they are.

    Examples
    --------
    >>> raise ArgumentError("y_true and y_pred differ in length", got="5 and 4 rows")
    Traceback (most recent call last):
        ...
    fairness.errors.ArgumentError: y_true and y_pred differ in length
      5 and 4 rows
    """


class ArgumentTypeError(FairnessError, TypeError):
    """An argument has a type that is not allowed.

    Examples
    --------
    >>> issubclass(ArgumentTypeError, TypeError)
    True
    """


class ColumnNotFoundError(ArgumentError, KeyError):
    """A named column is not in the frame or file.

    Examples
    --------
    >>> issubclass(ColumnNotFoundError, (KeyError, ValueError))
    True
    """

    __str__ = CandorError.__str__


class CountTableError(FairnessError, ValueError):
    """Counts contradict each other, or two tables do not fit together.

    Examples
    --------
    >>> issubclass(CountTableError, ValueError)
    True
    """


class TemplateError(FairnessError, ValueError):
    """A template file is not as it has to be, or does not fit the audit.

    Examples
    --------
    >>> issubclass(TemplateError, ValueError)
    True
    """
