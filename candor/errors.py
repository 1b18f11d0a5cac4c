"""The root of every error that Candor raises."""


class CandorError(Exception):
    """Say what is wrong, what was got and what to do.

    Every package derives its own errors from this one, and each of those also derives from the
    builtin that a caller would catch (`ValueError`, `FileNotFoundError`, …).

    Parameters
    ----------
    what : str
        What is wrong, in one line.
    got : str, optional
        What was found instead.
    hint : str, optional
        What to do about it.

    Examples
    --------
    >>> print(CandorError("no column 'x'", got="it has 'X'", hint="target='X'"))
    no column 'x'
      it has 'X'
      try  target='X'
    """

    def __init__(self, what: str = "", got: str | None = None, hint: str | None = None):
        super().__init__(what)
        self.what = what
        self.got = got
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.got:
            lines.append(f"  {self.got}")
        if self.hint:
            lines.append(f"  try  {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.what, self.got, self.hint)
