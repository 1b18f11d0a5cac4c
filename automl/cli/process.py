"""From arguments to an exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

from automl.cli.faults import Interrupted, as_json, as_text, exit_status
from automl.cli.options import build_parser

BROKEN_PIPE = 141
"""Exit status of a program that SIGPIPE ended, as shells report it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name. Default: those of this process.

    Returns
    -------
    int
        The exit status.
    """
    args = build_parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if args.debug:
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
        logging.getLogger("automl").setLevel(logging.DEBUG)
    try:
        from automl.cli import commands  # here, for --help needs none of what this imports

        with warnings.catch_warnings():
            if not args.debug:
                warnings.simplefilter("ignore")
            commands.run(args)
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes the standard output once more at exit: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _fail(Interrupted("interrupted before there was any result"), args)
    except Exception as error:  # the outermost frame: whatever it is, say it and set the status
        return _fail(error, args)
    return 0


def console() -> NoReturn:
    """Run the command line as the process's whole work, and end the process.

    The process ends without the interpreter's shutdown: by then threads of native libraries may
    be gone that their destructors wait for, which now and then turned a finished command into
    an abort. Nothing is lost: results are on disk and both streams are flushed.
    """
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a reader that has gone, a closed stream
            stream.flush()
    os._exit(status)


def _fail(error: Exception, args: argparse.Namespace) -> int:
    """Say what went wrong and return the exit status."""
    if args.debug:
        traceback.print_exc()
    if args.json:
        sys.stdout.write(as_json(error) + "\n")
    sys.stderr.write(as_text(error) + "\n")
    return exit_status(error)
