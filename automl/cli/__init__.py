"""The command `automl`.

Progress and notes go to the standard error, results to the standard output. The exit status is 0
after success, 1 when a run failed, 2 after a wrong call, 130 after Ctrl-C without any result and
141 when the reader of the output has gone.
"""

from automl.cli.process import console, main

__all__ = ["console", "main"]
