"""What this process may use: cores by affinity and quota, memory by cgroup."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_MEBIBYTE = 1 << 20


def usable_cores() -> int:
    """Return the cores that affinity and a cgroup quota allow, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, math.ceil(min(cores, _cgroup_quota())))


def usable_memory() -> int:
    """Return the bytes that the machine has free for us, cgroup limits included."""
    available = _meminfo("MemAvailable")
    limits = [limit - used for limit, used in _cgroup_memory()]
    room = min([available, *limits]) if available else min(limits, default=4 << 30)
    return max(256 * _MEBIBYTE, room)


def resident_memory(pid: int) -> int:
    """Return the bytes of memory that a process holds, or 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit_memory(n_bytes: int) -> None:
    """Let this process allocate at most so many bytes; a fit beyond it gets a `MemoryError`.

    The limit is on private writable memory (`RLIMIT_DATA`), for an address-space limit would
    count what OpenMP and memory maps merely reserve. Systems without it are watched from outside.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    if hasattr(resource, "RLIMIT_DATA"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = n_bytes if hard == resource.RLIM_INFINITY else min(n_bytes, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _cgroup_folders() -> list[Path]:
    """Return this process's cgroup and those above it, where they are mounted."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    folders = [_CGROUP]
    for line in lines:
        relative = line.split(":", 2)[-1].strip("/")
        folder = _CGROUP / relative
        while relative and folder != _CGROUP:
            folders.append(folder)
            folder = folder.parent
    return [folder for folder in folders if folder.is_dir()]


def _cgroup_quota() -> float:
    """Return the cores that the tightest cgroup quota allows; infinite without one."""
    quota = math.inf
    for folder in _cgroup_folders():
        words = _read(folder / "cpu.max").split()
        if len(words) == 2 and words[0].isdigit():
            quota = min(quota, int(words[0]) / int(words[1]))
        old, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        if old.isdigit() and period.isdigit():
            quota = min(quota, int(old) / int(period))
    return quota if quota > 0 else math.inf


def _cgroup_memory() -> list[tuple[int, int]]:
    """Return (limit, used) of every cgroup above this process that has a memory limit."""
    found = []
    names = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    for folder in _cgroup_folders():
        for limit_name, used_name in names:
            limit, used = _read(folder / limit_name), _read(folder / used_name)
            if limit.isdigit() and used.isdigit() and int(limit) < 1 << 60:
                found.append((int(limit), int(used)))
    return found


def _meminfo(key: str) -> int:
    for line in _read(Path("/proc/meminfo")).splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
