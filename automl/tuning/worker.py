"""A worker process: a fresh interpreter that fits what its parent sends and ends with it.

The parent writes requests to the worker's standard input and reads answers from its standard
output, each a length and a pickle. That pipe is private to the two processes, so nobody else's
pickle is ever read. Whatever libraries print goes to standard error, the run's worker log.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from automl.models.base import Family
    from automl.tuning.fitting import Fitter
    from automl.tuning.tasks import Answer, FitTask

_HEADER = struct.Struct("<Q")


@dataclass(frozen=True)
class Setup:
    """The first request: where the rows are, and what the worker may use.

    Parameters
    ----------
    scratch : str
        Folder with the rows.
    encoders : str
        Folder for saved encoders.
    memory : int
        Bytes that the worker may allocate.
    families : bytes
        Families registered by the user, carried by value with cloudpickle; empty for none.
    """

    scratch: str
    encoders: str
    memory: int
    families: bytes


def send(stream: BinaryIO, value: object) -> None:
    """Write one value with its length."""
    content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one value; `EOFError` when the other side is gone."""
    (size,) = _HEADER.unpack(_read_exactly(stream, _HEADER.size))
    return pickle.loads(_read_exactly(stream, size))


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size:
        part = stream.read(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    faulthandler.enable()  # a crash leaves its trace in the worker log
    _end_with_parent()
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    answers = _private_stdout()
    requests: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    _warm_up()
    fitter: Fitter | None = None
    while True:
        request = requests.get()
        if isinstance(request, Setup):
            fitter = _set_up(request)
        else:
            assert fitter is not None, "the first request is the setup"
            send(answers, _answer(fitter, request))


def _answer(fitter: Fitter, task: FitTask) -> Answer:
    from automl.tuning.tasks import Failed

    try:
        return fitter.run(task)
    except BaseException as error:  # whatever a fit raises is the answer, never the worker's end
        reason = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        return Failed(reason[:300], traceback.format_exc())


def _set_up(setup: Setup) -> Fitter:
    from automl.tuning.fitting import Fitter
    from automl.tuning.resources import limit_memory
    from automl.tuning.scratch import read_scratch

    data = read_scratch(Path(setup.scratch))
    limit_memory(setup.memory)
    families: dict[str, Family] = {}
    if setup.families:
        import cloudpickle

        families = cloudpickle.loads(setup.families)
    return Fitter(data, Path(setup.encoders), families)


def _warm_up() -> None:
    """Import what nearly every first fit needs while the parent still reads the table."""
    import automl.features
    import automl.models
    import automl.tuning.fitting  # noqa: F401
    from automl.models import get_family

    get_family("lightgbm")
    import lightgbm  # noqa: F401


def _listen(stream: BinaryIO, requests: queue.Queue[Any]) -> None:
    """Pass requests on, and end the process as soon as the parent is gone, even during a fit."""
    while True:
        try:
            requests.put(receive(stream))
        except (EOFError, OSError):
            os._exit(0)


def _private_stdout() -> BinaryIO:
    """Keep the real standard output for answers and let prints go to standard error."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "wb")


def _end_with_parent() -> None:
    """Ask Linux to kill this process with its parent, also where a fit holds the interpreter."""
    if not sys.platform.startswith("linux"):
        return
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


if __name__ == "__main__":
    main()
