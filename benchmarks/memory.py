"""Peak memory of a process with everything that it starts."""

from __future__ import annotations

import threading
from pathlib import Path

PROC = Path("/proc")
INTERVAL = 0.1


def tree_of(root: int) -> list[int]:
    """Return the ids of a process and of all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            parent = _parent(folder)
            if parent is not None:
                children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def memory_of(pid: int) -> int:
    """Return the bytes that a process holds, shared pages in shares; 0 once it is gone."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
        for line in lines:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except PermissionError:
        return _resident(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0


def _resident(pid: int) -> int:
    try:
        status = (PROC / str(pid) / "status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


def _parent(folder: Path) -> int | None:
    try:
        text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    # The name in brackets may hold blanks and brackets.
    return int(text.rsplit(")", 1)[1].split()[1])


class PeakMemory:
    """Watches a process tree from a thread; a context manager.

    Parameters
    ----------
    pid : int
        The root of the tree.
    """

    def __init__(self, pid: int):
        self.pid = pid
        self.bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        if PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL):
            held = sum(memory_of(pid) for pid in tree_of(self.pid))
            self.bytes = max(self.bytes, held)
