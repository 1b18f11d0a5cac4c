"""Errors of `automl`: each is an `AutoMLError` and the builtin that a caller would catch."""

from candor.errors import CandorError


class AutoMLError(CandorError):
    """Root of everything that `automl` raises on purpose.

    Examples
    --------
    >>> issubclass(ArgumentError, (AutoMLError, ValueError))
    True
    """


class ArgumentError(AutoMLError, ValueError):
    """An argument has a value that is not allowed.

    Examples
    --------
    >>> raise ArgumentError("time_budget must be positive", got="got -1")
    Traceback (most recent call last):
        ...
    automl.errors.ArgumentError: time_budget must be positive
      got -1
    """


class ArgumentTypeError(AutoMLError, TypeError):
    """An argument has a type that is not allowed.

    Examples
    --------
    >>> issubclass(ArgumentTypeError, TypeError)
    True
    """


class DataError(AutoMLError, ValueError):
    """The table cannot be used as it is.

    Examples
    --------
    >>> issubclass(DataError, ValueError)
    True
    """


class ColumnNotFoundError(DataError, KeyError):
    """A named column is not in the table.

    Examples
    --------
    >>> issubclass(ColumnNotFoundError, (KeyError, ValueError))
    True
    """


class TableFileNotFoundError(AutoMLError, FileNotFoundError):
    """A path names no file.

    Examples
    --------
    >>> issubclass(TableFileNotFoundError, FileNotFoundError)
    True
    """


class RunFolderError(AutoMLError, ValueError):
    """A run folder belongs to another table, call or format, or is damaged.

    Examples
    --------
    >>> issubclass(RunFolderError, ValueError)
    True
    """


class RunFolderAccessError(AutoMLError, OSError):
    """A run folder cannot be written, or another process is using it.

    Examples
    --------
    >>> issubclass(RunFolderAccessError, OSError)
    True
    """


class SearchFailedError(AutoMLError, RuntimeError):
    """The search could not produce any model.

    Examples
    --------
    >>> issubclass(SearchFailedError, RuntimeError)
    True
    """
