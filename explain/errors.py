"""Errors of `explain`: each is an `ExplainError` and the builtin that a caller would catch."""

from candor.errors import CandorError


class ExplainError(CandorError):
    """Root of everything that `explain` raises on purpose.

    Examples
    --------
    >>> issubclass(ArgumentError, (ExplainError, ValueError))
    True
    """


class ArgumentError(ExplainError, ValueError):
    """An argument, or the rows it holds, cannot be used as they are.

    Examples
    --------
    >>> raise ArgumentError("the background has no rows", got="0 rows", hint="at least 2 rows")
    Traceback (most recent call last):
        ...
    explain.errors.ArgumentError: the background has no rows
      0 rows
      try  at least 2 rows
    """


class ArgumentTypeError(ExplainError, TypeError):
    """An argument has a type that is not allowed.

    Examples
    --------
    >>> issubclass(ArgumentTypeError, TypeError)
    True
    """


class UnreadableModelError(ExplainError, ValueError):
    """A model's structure cannot be read, or what was read does not give its predictions.

    Examples
    --------
    >>> issubclass(UnreadableModelError, ValueError)
    True
    """


class PredictionError(ExplainError, RuntimeError):
    """The model itself failed on rows, or gave predictions that cannot be explained.

    Examples
    --------
    >>> issubclass(PredictionError, RuntimeError)
    True
    """


class VerificationError(ExplainError, RuntimeError):
    """No route's values add up to the model's own predictions.

    Examples
    --------
    >>> issubclass(VerificationError, RuntimeError)
    True
    """
