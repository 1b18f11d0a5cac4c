"""What can go wrong with a page."""

from candor.errors import CandorError


class PageError(CandorError, ValueError):
    """A page holds something that cannot be shown.

    Examples
    --------
    >>> issubclass(PageError, (CandorError, ValueError))
    True
    """


class ReportError(CandorError, OSError):
    """A page cannot be written to where it should go.

    Examples
    --------
    >>> issubclass(ReportError, (CandorError, OSError))
    True
    """
